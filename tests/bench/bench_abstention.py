"""Fit the weights of bot/abstention.py and report what they are worth: answers, silence, coverage at few errors.

`pytest -m bench -s tests/bench/bench_abstention.py`. Fitted on tests/eval/calibration (over the bundled digests) and,
where it is at hand, on the development set (over the original documents); tests/eval itself stays unseen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.abstention import WEIGHTS
from bot.evaluation import load_set
from bot.evidence import find_evidence
from bot.judging import has_answers
from bot.lexicon import lexicon_of
from bot.question import analyse
from bot.quoting import quote
from bot.scoring import Lexicon
from indexer.build import build_index
from knowledge.directory import Directory
from knowledge.embedding import load_embedder
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary
from knowledge.retriever import HybridRetriever
from knowledge.store import open_current
from tests.bench.tables import ROOT, SHARED, show

pytestmark = pytest.mark.bench
_OWN = ROOT / "tests" / "eval"
_TODAY = date(2026, 11, 21)
_THRESHOLDS = (0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True)
class Case:
    """A question with the features of its evidence. `right`: the evidence holds the expected answer."""

    features: list[float] | None
    answerable: bool
    right: bool


def test_fit_and_report(tmp_path: Path) -> None:
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn fits the weights")
    fitted_on = _cases(tmp_path / "own", None, _OWN / "calibration")
    if (SHARED / "seeds").exists():
        fitted_on += _cases(tmp_path / "dev", [SHARED / "seeds"], SHARED / "eval" / "dev")
    unseen = _cases(tmp_path / "unseen", None, _OWN)
    known = [case for case in fitted_on if case.features]
    x, y = np.array([case.features for case in known]), np.array([case.right for case in known])
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    model = linear_model.LogisticRegression(C=0.5, max_iter=2000).fit((x - mean) / scale, y)
    weights = model.coef_[0] / scale
    bias = float(model.intercept_[0] - weights @ mean)
    fitted = [*zip(WEIGHTS, map(_two, weights), strict=True), ("bias", _two(bias))]
    show("weights (bot/abstention.py)", ["feature", "weight"], fitted)
    for name, cases in (("fitted on", fitted_on), ("tests/eval, unseen", unseen)):
        rows = [_row(cases, weights, bias, threshold) for threshold in _THRESHOLDS]
        show(
            name,
            ["answers at", "right", "wrong", "silent where nothing is said"],
            [*rows, _covered(cases, weights, bias)],
        )


def _cases(store: Path, paths: Sequence[Path] | None, folder: Path) -> list[Case]:
    directory, glossary, embedder = Directory.load(), Glossary.load(), load_embedder()
    gazetteer = Gazetteer(directory)
    build_index(paths, store, embedder, directory)
    retriever = HybridRetriever(
        generation=open_current(store, embedder), embedder=embedder, glossary=glossary, gazetteer=gazetteer
    )
    return list(_played(folder, retriever, lexicon_of(retriever, gazetteer, glossary), glossary))


def _played(folder: Path, retriever: HybridRetriever, lexicon: Lexicon, glossary: Glossary) -> Iterator[Case]:
    rows = load_set(folder)
    asked = [(row["question"], row["answers"]) for row in rows.get("qa", [])]
    asked += [(row["message"], None) for row in rows.get("abstain", []) if row["expect"] == "abstain_and_offer_contact"]
    for text, answers in asked:
        question = analyse(retriever.read(text), _TODAY, tuple(glossary.expand(text)))
        evidence = find_evidence(question, retriever.search(text), lexicon)
        lines, citations = quote(evidence.units)
        shown = "\n".join([*lines, *(citation.section for citation in citations)])
        features = [evidence.features[name] for name in WEIGHTS] if evidence.units else None
        yield Case(features, answers is not None, answers is not None and has_answers(shown, answers))


def _row(cases: Sequence[Case], weights: np.ndarray, bias: float, threshold: float) -> list[str]:
    log_odds = np.log(threshold / (1 - threshold))
    said = [bool(case.features) and float(weights @ np.array(case.features)) + bias > log_odds for case in cases]
    answerable = sum(case.answerable for case in cases)
    right = sum(s and case.right for s, case in zip(said, cases, strict=True)) / answerable
    wrong = sum(s and case.answerable and not case.right for s, case in zip(said, cases, strict=True)) / answerable
    silent = [not s for s, case in zip(said, cases, strict=True) if not case.answerable]
    return [f"{threshold:.2f}", f"{right:.3f}", f"{wrong:.3f}", f"{sum(silent) / len(silent):.3f}"]


def _covered(cases: Sequence[Case], weights: np.ndarray, bias: float, wrong: float = 0.01) -> list[str]:
    """The row at the threshold where answers to `wrong` of the answerable questions are wrong."""
    odds = sorted({float(weights @ np.array(case.features)) + bias for case in cases if case.features})
    rows = (_row(cases, weights, bias, 1 / (1 + float(np.exp(-value)))) for value in odds)
    return next((row for row in rows if float(row[2]) <= wrong), ["", "", "", ""])


def _two(value: float) -> str:
    return f"{value:.2f}"
