"""How the terms of the glossary and the names of places sound, so that a question in kana finds them as a whole:
くるーずせん is クルーズ船, not a line (線); おたるこう is 小樽港.
"""

import re

from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary, Kind
from knowledge.lexical import hiragana
from knowledge.text import morphemes

_SHORTEST = 5  # kana: みさき, つしま stand inside other words
_WHOLE = 0.7  # a shorter kana variant is another word for the term, not its sound
_WRITTEN = re.compile("[ァ-ヺ一-鿿々]")
_KANA = re.compile("[ぁ-んー]+")


def sounds(glossary: Glossary | None, gazetteer: Gazetteer | None) -> dict[str, str]:
    """hiragana → word, as the dictionary reads it and as the glossary says that it is read."""
    found = gazetteer.sounds() if gazetteer is not None else {}
    entries = glossary.entries if glossary is not None else ()
    terms = dict.fromkeys(entry.term for entry in entries if _WRITTEN.search(entry.term))
    read = {term: "".join(hiragana(m.reading_form()) for m in morphemes(term)) for term in terms}
    found |= {sound: term for term, sound in read.items()}
    whole = (e for e in entries if e.kind is Kind.KANA and len(e.variant) > _WHOLE * len(read.get(e.term, "")))
    found |= {hiragana(entry.variant): entry.term for entry in whole}
    return {sound: word for sound, word in found.items() if len(sound) >= _SHORTEST and _KANA.fullmatch(sound)}
