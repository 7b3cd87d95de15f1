"""The recipe of the embedded model: its settings, and raw texts → a trained table."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from indexer.training.objectives import Objective, Pairs, Retrieval, Similarity
from indexer.training.sources import Corpus
from indexer.training.starting_vectors import WordVectors
from indexer.training.vocabulary import Ids, Vocabulary, build_vocabulary, start
from knowledge.features import features


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
    dropout: float = 0.0
    synonyms: float = 0.3
    glosses: float = 0.3
    similarity: float = 0.1
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
    rows = start(vocabulary, vectors, recipe.dimension, recipe.residual, np.random.default_rng(recipe.seed))
    table = FeatureTable(rows, vocabulary.idf)
    steps = recipe.passes * sum(map(len, corpus.articles)) // recipe.paragraphs
    train(
        table,
        objectives(corpus, vocabulary, recipe),
        steps,
        rate=recipe.rate,
        weight_rate=recipe.weight_rate,
        dropout=recipe.dropout,
        seconds=seconds,
        after_step=lambda step, loss: progress(f"training, loss {loss:.2f}", step + 1, steps) if progress else None,
    )
    return vocabulary, table.folded()


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


def objectives(corpus: Corpus, vocabulary: Vocabulary, recipe: Recipe) -> list[tuple[float, Objective]]:
    """(weight, objective) of each kind of data."""
    rng = random.Random(recipe.seed)  # noqa: S311  # not for secrets

    @cache
    def read(text: str) -> Ids:
        return vocabulary.ids(features(text))

    articles = [
        [(read(paragraph.text), [read(question) for question in paragraph.questions]) for paragraph in article]
        for article in corpus.articles
    ]
    alike = [(read(left), read(right), label) for left, right, label in corpus.similarities]
    return [
        (1.0, Retrieval(articles, recipe.paragraphs, rng)),
        (recipe.similarity, Similarity(alike, 256, rng)),
        (recipe.synonyms, Pairs(lambda: _two(corpus.synonyms, rng, read), recipe.pairs)),
        (recipe.glosses, Pairs(lambda: _gloss(corpus, rng, read), recipe.pairs)),
    ]


def _two(groups: Sequence[Sequence[str]], rng: random.Random, read: Callable[[str], Ids]) -> tuple[Ids, Ids]:
    left, right = rng.sample(rng.choice(groups), 2)
    return read(left), read(right)


def _gloss(corpus: Corpus, rng: random.Random, read: Callable[[str], Ids]) -> tuple[Ids, Ids]:
    entry = rng.choice(corpus.entries)
    return read(entry.word), read(rng.choice(entry.glosses or (entry.word,)))
