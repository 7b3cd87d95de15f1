"""What the answerer knows of words, from the parts that know it."""

from bot.places import all_names, place_names
from bot.ports import Retriever
from bot.scoring import Lexicon
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary


def lexicon_of(retriever: Retriever, gazetteer: Gazetteer, glossary: Glossary) -> Lexicon:
    """The fit of abstention uses the same."""
    return Lexicon(
        idf=retriever.idf,
        likeness=retriever.likeness,
        places=lambda text: place_names(text, gazetteer),
        named=lambda text: all_names(text, gazetteer),
        synonyms=glossary.expand,
    )
