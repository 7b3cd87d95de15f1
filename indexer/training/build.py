"""The recipe, carried out: raw texts → the vocabulary and its trained vectors."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from indexer.training.corpus import Corpus
from indexer.training.recipe import Recipe
from indexer.training.starting_vectors import WordVectors, english_vectors
from indexer.training.vocabulary import Vocabulary, build_vocabulary, start
from knowledge.features import features


def build(
    corpus: Corpus,
    vectors: WordVectors,
    recipe: Recipe,
    seconds: float = float("inf"),
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Vocabulary, npt.NDArray[np.float32]]:
    """The vocabulary and its trained rows (rows, dim). `progress(stage, done, total)` is called as the work goes on."""
    import torch

    from indexer.training.tasks import tasks
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
    english = english_vectors(corpus.dictionary, vectors, features)
    rng = np.random.default_rng(recipe.seed)
    return start(vocabulary, lambda word: english.get(word, vectors.get(word)), recipe.dimension, recipe.residual, rng)


def make_vocabulary(corpus: Corpus, recipe: Recipe) -> Vocabulary:
    paragraphs = [paragraph.text for article in corpus.articles for paragraph in article]
    paragraphs += [passage for passage, _ in corpus.regional]
    return build_vocabulary(paragraphs, _other_texts(corpus, recipe.least), features, recipe.least)


def _other_texts(corpus: Corpus, least: int) -> Iterator[str]:
    """What is no paragraph. Names come as often as a feature must, so that each gets a vector."""
    yield from (question for article in corpus.articles for paragraph in article for question in paragraph.questions)
    yield from (sentence for left, right, _ in corpus.similarities for sentence in (left, right))
    yield from (text for pair in corpus.facts for text in pair)
    yield from (form for group in corpus.synonyms for form in group)
    yield from (text for entry in corpus.entries for text in (entry.word, *entry.glosses))
    yield from (question for _, questions in corpus.regional for question in questions)
    yield from (text for entry in corpus.names for text in (entry.word, *entry.glosses) for _ in range(least))
