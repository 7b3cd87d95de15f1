"""The raw files of the training data, read into plain texts. Nothing is fetched here; the model card names the files.

| file | form |
|---|---|
| jaquad_train_*.json.gz | SQuAD: articles → paragraphs → questions |
| jsts-*train*.json.gz | JSON Lines: sentence1, sentence2, label 0–5 |
| jemhopqa_train_*.json.gz | questions with the facts (subject, relation, values) that answer them |
| sudachi_synonyms.txt.gz | CSV: group number, …, form in column 8 |
| edict.txt.gz | `headword [reading] /gloss/gloss/(P)/` |
| regional_pairs.tsv (beside this file) | passage ⇥ question ⇥ …, written for this model |
"""

import csv
import gzip
import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from indexer.training.corpus import Corpus, Entry, Paragraph
from indexer.training.names import place_names
from knowledge.directory import Directory
from knowledge.errors import DataError

REGIONAL = Path(__file__).parent / "regional_pairs.tsv"
_ENTRY = re.compile(r"(\S+)(?: \[([^\]]+)\])? /(.+)/$")
_REMARK = re.compile(r"\([^)]*\)|\{[^}]*\}")


def read_corpus(folder: Path) -> Corpus:
    """All training data under `folder`; DataError names the file that is missing."""
    articles = tuple(article for path in _find(folder, "jaquad_train_*.json.gz") for article in _articles(path))
    paragraphs = [paragraph.text for article in articles for paragraph in article]
    entries = tuple(entry for path in _find(folder, "edict.txt.gz") for entry in _entries(path))
    return Corpus(
        articles=articles,
        similarities=tuple(row for path in _find(folder, "jsts-*train*.json.gz") for row in _similarities(path)),
        facts=tuple(row for path in _find(folder, "jemhopqa_train_*.json.gz") for row in _facts(path)),
        synonyms=tuple(group for path in _find(folder, "sudachi_synonyms.txt.gz") for group in _synonyms(path)),
        entries=entries,
        regional=tuple(_regional()),
        names=place_names(Directory.load(), paragraphs, {entry.word for entry in entries}),
    )


def _find(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise DataError(f"{folder}: no file {pattern}; the model card (knowledge/models/) says where it comes from")
    return found


def _text(path: Path) -> str:
    try:
        return gzip.decompress(path.read_bytes()).decode("utf-8")
    except (gzip.BadGzipFile, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: expected gzipped UTF-8 ({error}); the model card says how to make it") from error


def _lines(path: Path) -> list[str]:
    return _text(path).split("\n")


def _articles(path: Path) -> Iterator[tuple[Paragraph, ...]]:
    for article in json.loads(_text(path))["data"]:
        yield tuple(_paragraph(article["title"], row["context"], row["qas"]) for row in article["paragraphs"])


def _paragraph(title: str, text: str, rows: list[dict[str, Any]]) -> Paragraph:
    starts = tuple(row["answers"][0]["answer_start"] for row in rows)
    return Paragraph(title, text, tuple(row["question"] for row in rows), starts)


def _similarities(path: Path) -> Iterator[tuple[str, str, float]]:
    for line in filter(None, _lines(path)):
        row = json.loads(line)
        yield row["sentence1"], row["sentence2"], float(row["label"])


def _facts(path: Path) -> Iterator[tuple[str, str]]:
    for row in json.loads(_text(path)):
        yield row["question"], "。".join(_fact(*fact) for fact in row["derivations"])


def _fact(subject: str, relation: str, values: list[str], *_: Any) -> str:
    return f"{subject}の{relation}は{'、'.join(values)}"


def _synonyms(path: Path) -> Iterator[tuple[str, ...]]:
    rows = (row for row in csv.reader(_lines(path)) if len(row) > 8)
    for _, group in groupby(rows, key=lambda row: row[0]):
        forms = tuple(dict.fromkeys(row[8] for row in group))
        if len(forms) > 1:
            yield forms


def _entries(path: Path) -> Iterator[Entry]:
    for line in _lines(path):
        found = _ENTRY.match(line.strip())
        if not found or "/(P)/" not in line:
            continue
        word, reading, glosses = found.groups()
        plain = [_REMARK.sub("", gloss).strip() for gloss in glosses.split("/")]
        yield Entry(word, reading or word, tuple(gloss for gloss in plain if gloss))


def _regional() -> Iterator[tuple[str, tuple[str, ...]]]:
    for number, line in enumerate(REGIONAL.read_text("utf-8").splitlines(), 1):
        passage, *questions = line.split("\t")
        if not questions or not all(questions):
            raise DataError(f"{REGIONAL.name}:{number}: expected a passage and its questions with tabs between them")
        yield passage, tuple(questions)
