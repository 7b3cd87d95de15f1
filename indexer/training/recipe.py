"""The recipe of the embedded model: its settings, and raw texts → a trained table."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from indexer.training.objectives import Article, Pairs, Retrieval, Similarity, Task
from indexer.training.sources import Corpus
from indexer.training.starting_vectors import WordVectors, english_vectors
from indexer.training.variants import Paraphraser, Translator, in_kana
from indexer.training.vocabulary import Ids, Vocabulary, build_vocabulary, start
from knowledge.features import features
from knowledge.text import sentences


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was settled by measuring; the model card has the figures."""

    dimension: int = 128
    least: int = 6  # texts that a feature must stand in
    residual: float = 0.5  # length of the random part beside a word's starting vector
    passes: int = 3  # over the articles
    paragraphs: int = 160  # in a step, whole articles
    pairs: int = 512  # in a step, of each kind
    rate: float = 3e-3
    weight_rate: float = 2e-2
    dropout: float = 0.3
    short_dropout: float = 0.3
    similarity_dropout: float = 0.0
    synonyms: float = 0.3
    glosses: float = 0.3
    similarity: float = 0.1
    halves: float = 0.0
    facts: float = 0.0
    regional: float = 0.0
    variants: float = 0.5  # of the questions come in other clothes too
    english: int = 1
    kana: int = 1
    paraphrase: int = 1
    seed: int = 1


def build(
    corpus: Corpus,
    vectors: WordVectors,
    recipe: Recipe,
    seconds: float = float("inf"),
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Vocabulary, npt.NDArray[np.float32]]:
    """The vocabulary and its trained rows (rows, dim). `progress(stage, done, total)` is called as the work goes on."""
    import torch

    from indexer.training.train import FeatureTable, train

    torch.manual_seed(recipe.seed)
    vocabulary = make_vocabulary(corpus, recipe)
    rows = starting_rows(corpus, vocabulary, vectors, recipe)
    table = FeatureTable(rows, vocabulary.idf)
    steps = recipe.passes * sum(map(len, corpus.articles)) // recipe.paragraphs
    train(
        table,
        tasks(corpus, vocabulary, recipe),
        steps,
        rate=recipe.rate,
        weight_rate=recipe.weight_rate,
        seconds=seconds,
        after_step=lambda step, loss: progress(f"training, loss {loss:.2f}", step + 1, steps) if progress else None,
    )
    return vocabulary, table.folded()


def starting_rows(
    corpus: Corpus, vocabulary: Vocabulary, vectors: WordVectors, recipe: Recipe
) -> npt.NDArray[np.float32]:
    """(rows, dim) unit rows, before any training."""
    english = english_vectors(corpus.entries, vectors, features)
    rng = np.random.default_rng(recipe.seed)
    return start(vocabulary, lambda word: english.get(word, vectors.get(word)), recipe.dimension, recipe.residual, rng)


def make_vocabulary(corpus: Corpus, recipe: Recipe) -> Vocabulary:
    paragraphs = [paragraph.text for article in corpus.articles for paragraph in article]
    paragraphs += [passage for _, passage in corpus.regional]
    return build_vocabulary(paragraphs, _other_texts(corpus), features, recipe.least)


def _other_texts(corpus: Corpus) -> Iterator[str]:
    yield from (question for article in corpus.articles for paragraph in article for question in paragraph.questions)
    yield from (sentence for left, right, _ in corpus.similarities for sentence in (left, right))
    yield from (text for pair in corpus.facts for text in pair)
    yield from (form for group in corpus.synonyms for form in group)
    yield from (text for entry in corpus.entries for text in (entry.word, *entry.glosses))
    yield from (question for question, _ in corpus.regional)


def tasks(corpus: Corpus, vocabulary: Vocabulary, recipe: Recipe) -> list[Task]:
    """One task a kind of data."""
    rng = random.Random(recipe.seed)  # noqa: S311  # not for secrets

    @cache
    def read(text: str) -> Ids:
        return vocabulary.ids(features(text))

    dress = _wardrobe(corpus, recipe, rng)
    articles = [
        [(read(row.text), [[read(text) for text in dress(question)] for question in row.questions]) for row in article]
        for article in corpus.articles
    ]
    alike = [(read(left), read(right), label) for left, right, label in corpus.similarities]
    found = [
        Task(
            1.0,
            Retrieval(articles, recipe.paragraphs, recipe.variants, rng),
            recipe.dropout,
        ),
        Task(recipe.halves, Retrieval(_halves(corpus, read), recipe.paragraphs, 0.0, rng), recipe.dropout),
        Task(recipe.similarity, Similarity(alike, 256, rng), recipe.similarity_dropout),
        Task(recipe.facts, Pairs(lambda: _both(corpus.facts, rng, read), 128)),
        Task(recipe.regional, Pairs(lambda: _both(corpus.regional, rng, read), 128), recipe.dropout),
        Task(recipe.synonyms, Pairs(lambda: _two(corpus.synonyms, rng, read), recipe.pairs), recipe.short_dropout),
        Task(recipe.glosses, Pairs(lambda: _gloss(corpus, rng, read), recipe.pairs), recipe.short_dropout),
    ]
    return [task for task in found if task.weight]


def _wardrobe(corpus: Corpus, recipe: Recipe, rng: random.Random) -> Callable[[str], list[str]]:
    """A question → itself and its variants."""
    translate, paraphrase = Translator(corpus.entries, rng), Paraphraser(corpus, rng)
    changes = [translate] * recipe.english + [paraphrase] * recipe.paraphrase + [in_kana] * recipe.kana
    return lambda question: [question, *(change(question) for change in changes)]


def _halves(corpus: Corpus, read: Callable[[str], Ids]) -> list[Article]:
    """Every second sentence of a paragraph asks for the others: what stands together belongs together."""
    return [
        [
            (read("".join(lines[::2])), [[read("".join(lines[1::2]))]])
            for lines in (sentences(row.text) for row in article)
            if len(lines) > 1
        ]
        for article in corpus.articles
    ]


def _both(pairs: Sequence[tuple[str, str]], rng: random.Random, read: Callable[[str], Ids]) -> tuple[Ids, Ids]:
    left, right = rng.choice(pairs)
    return read(left), read(right)


def _two(groups: Sequence[Sequence[str]], rng: random.Random, read: Callable[[str], Ids]) -> tuple[Ids, Ids]:
    left, right = rng.sample(rng.choice(groups), 2)
    return read(left), read(right)


def _gloss(corpus: Corpus, rng: random.Random, read: Callable[[str], Ids]) -> tuple[Ids, Ids]:
    entry = rng.choice(corpus.entries)
    return read(entry.word), read(rng.choice(entry.glosses or (entry.word,)))
