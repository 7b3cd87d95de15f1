"""The tasks of the recipe: which texts of the corpus are drawn for which objective, and how much each weighs."""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from indexer.training.corpus import Corpus, Paragraph
from indexer.training.objectives import Article, Pairs, Read, Retrieval, Similarity, Task
from indexer.training.recipe import Recipe
from indexer.training.variants import Paraphraser, Translator, in_kana
from indexer.training.vocabulary import Ids, Vocabulary
from knowledge.features import features
from knowledge.text import sentences


def tasks(corpus: Corpus, vocabulary: Vocabulary, recipe: Recipe) -> list[Task]:
    """One task a kind of data."""
    rng = random.Random(recipe.seed)  # noqa: S311  # not for secrets

    @cache
    def read(text: str) -> Ids:
        return vocabulary.ids(features(text))

    dress = _wardrobe(corpus, rng)
    articles = [
        [(read(row.text), [[read(text) for text in dress(question)] for question in row.questions]) for row in article]
        for article in corpus.articles
    ]
    alike = [(read(left), read(right), label) for left, right, label in corpus.similarities]
    found = [
        Task(recipe.questions, Retrieval(articles, recipe.paragraphs, recipe.variants, rng), recipe.dropout),
        Task(recipe.halves, Retrieval(_halves(corpus, read), recipe.paragraphs, 0.0, rng), recipe.dropout),
        Task(recipe.answers, Retrieval(_sentences(corpus, read), 3 * recipe.paragraphs, 0.0, rng), recipe.dropout),
        Task(recipe.similarity, Similarity(alike, 256, rng)),
        Task(recipe.facts, Pairs(lambda: _both(corpus.facts, rng, read), 128)),
        Task(
            recipe.regional,
            Retrieval(_regional(corpus, read), recipe.regional_passages, recipe.variants, rng),
            recipe.dropout,
        ),
        Task(recipe.synonyms, Pairs(lambda: _two(corpus.synonyms, rng, read), recipe.pairs), recipe.dropout),
        Task(recipe.glosses, Pairs(lambda: _gloss(corpus, rng, read), recipe.pairs), recipe.dropout),
    ]
    return [task for task in found if task.weight]


def _wardrobe(corpus: Corpus, rng: random.Random) -> Callable[[str], list[str]]:
    """A question → itself and its variants."""
    translate, paraphrase = Translator(corpus.dictionary, rng), Paraphraser(corpus, rng)
    return lambda question: [question, translate(question), paraphrase(question), in_kana(question)]


def _regional(corpus: Corpus, read: Read) -> list[Article]:
    """Each passage stands alone; its Japanese questions come in kana too."""
    return [
        [(read(passage), [[read(text) for text in dict.fromkeys([asked, in_kana(asked)])] for asked in questions])]
        for passage, questions in corpus.regional
    ]


def _halves(corpus: Corpus, read: Read) -> list[Article]:
    """Every second sentence of a paragraph asks for the others: what stands together belongs together."""
    return [
        [
            (read("".join(lines[::2])), [[read("".join(lines[1::2]))]])
            for lines in (sentences(row.text) for row in article)
            if len(lines) > 1
        ]
        for article in corpus.articles
    ]


def _sentences(corpus: Corpus, read: Read) -> list[Article]:
    """Questions find the sentence of their answer among all sentences of the article."""
    return [
        [(read(line), [[read(question)] for question in asked]) for row in article for line, asked in by_sentence(row)]
        for article in corpus.articles
    ]


def by_sentence(row: Paragraph) -> Iterator[tuple[str, list[str]]]:
    """Each sentence of a paragraph with the questions whose answer starts in it."""
    start = 0
    for line in sentences(row.text):
        end = row.text.index(line, start) + len(line)
        asked = [question for question, at in zip(row.questions, row.answers, strict=True) if start <= at < end]
        yield line, asked
        start = end


def _both(pairs: Sequence[tuple[str, str]], rng: random.Random, read: Read) -> tuple[Ids, Ids]:
    left, right = rng.choice(pairs)
    return read(left), read(right)


def _two(groups: Sequence[Sequence[str]], rng: random.Random, read: Read) -> tuple[Ids, Ids]:
    left, right = rng.sample(rng.choice(groups), 2)
    return read(left), read(right)


def _gloss(corpus: Corpus, rng: random.Random, read: Read) -> tuple[Ids, Ids]:
    entry = rng.choice(corpus.dictionary)
    return read(entry.word), read(rng.choice((*entry.glosses, entry.reading)))
