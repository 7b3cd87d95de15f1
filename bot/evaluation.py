"""Scores replies against a question set in the format of tests/eval/README.md. Pure: the talking is an argument.

Each row becomes one `Outcome` (a dialogue: one per turn, and one for the whole) with named measures, True or False;
`score` counts them by table and by group. Matching strings is a lower bar than reading: read a sample.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import judging
from bot.judging import Row
from bot.message import Reply, ReplyStatus
from knowledge.errors import DataError

Converse = Callable[[Sequence[str]], list[Reply]]
"""Plays the turns in one fresh conversation and returns a reply for each."""

FAULTS = frozenset({"answered but wrong", "confidently wrong"})
"""Measures where True is bad; a row fails where one of these is True or another measure is False."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one row, turn or dialogue went. `groups`: what the breakdowns count by."""

    id: str
    table: str
    measures: Mapping[str, bool]
    groups: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    reply: Reply | None = None

    def failed(self) -> list[str]:
        """The measures that went wrong."""
        return [name for name, value in self.measures.items() if value == (name in FAULTS)]


@dataclass(slots=True)
class Count:
    """`hits` of `of`."""

    hits: int = 0
    of: int = 0

    @property
    def rate(self) -> float:
        return self.hits / self.of if self.of else 0.0


Counts = dict[str, Count]


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one table: over all rows, and `by` field and value."""

    name: str
    rows: int
    overall: Counts
    by: dict[str, dict[str, Counts]]


def load_set(folder: Path) -> dict[str, list[Row]]:
    """The rows of those of qa, route, abstain, attack, dialog.jsonl that `folder` holds. Raises DataError."""
    found = {name: _rows(folder, name) for name in _JUDGES if (folder / f"{name}.jsonl").is_file()}
    if not found:
        names = ", ".join(f"{name}.jsonl" for name in _JUDGES)
        raise DataError(f"{folder}: holds none of {names}. Give a folder with a question set, for example tests/eval")
    return found


def _rows(folder: Path, name: str) -> list[Row]:
    """A row is well formed when an empty reply to it can be judged."""
    path = folder / f"{name}.jsonl"
    rows: list[Row] = []
    for n, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8-sig"))
            blank = [Reply(ReplyStatus.ERROR, "")] * len(said(name, row))
            list(_JUDGES[name](row, blank))
        except ValueError as error:
            raise DataError(f"{path}:{n}: not a JSON object on one line ({error})") from None
        except (KeyError, TypeError, AttributeError, IndexError, re.error) as error:
            raise DataError(f"{path}:{n}: not a row of this file's format, see its README ({error!r})") from None
        rows.append(row)
    return rows


def said(name: str, row: Row) -> list[str]:
    """What a person says in a row of the file `name`, oldest first."""
    if name == "dialog":
        return [turn["user"] for turn in row["turns"]]
    return [*row.get("history", ()), row["question" if name == "qa" else "message"]]


def evaluate(rows: Mapping[str, Sequence[Row]], converse: Converse) -> Iterator[Outcome]:
    """Play every row in a conversation of its own (earlier turns of `history` first) and judge it."""
    for name, judge in _JUDGES.items():
        for row in rows.get(name, ()):
            yield from judge(row, converse(said(name, row)))


def score(outcomes: Iterable[Outcome]) -> list[Table]:
    """The figures, a table per kind of row, in the order in which the kinds appear."""
    tables: dict[str, Table] = {}
    for outcome in outcomes:
        table = tables.get(outcome.table) or Table(outcome.table, 0, {}, {})
        tables[outcome.table] = Table(table.name, table.rows + 1, table.overall, table.by)
        _count(table.overall, outcome.measures)
        for name, value in outcome.groups.items():
            _count(table.by.setdefault(name, {}).setdefault(value, {}), outcome.measures)
    return list(tables.values())


def _count(counts: Counts, measures: Mapping[str, bool]) -> None:
    for name, value in measures.items():
        count = counts.setdefault(name, Count())
        count.hits += value
        count.of += 1


def _judge_qa(row: Row, replies: Sequence[Reply]) -> Iterator[Outcome]:
    reply = replies[-1]
    correct = judging.has_answers(reply.text, row["answers"])
    measures = {"correct": correct, "answered but wrong": reply.status in judging.ANSWERING and not correct}
    if row.get("passage"):
        texts = [item.text for item in reply.retrieved]
        measures |= {f"hit@{k}": judging.hit(row["passage"], texts, k) for k in (1, 5)}
    yield _outcome(row, "qa", measures, reply, "difficulty", "kind", "lang")


def _judge_route(row: Row, replies: Sequence[Reply]) -> Iterator[Outcome]:
    reply = replies[-1]
    expect = row["expect"]
    strict = judging.routed_strictly(reply, expect)
    measures = {
        "strict": strict,
        "lenient": strict or judging.routed_to_an_alternative(reply, expect),
        "confidently wrong": judging.confidently_wrong(reply, expect),
    }
    if row.get("kind") == "two_places":
        measures["both desks given"] = judging.both_given(reply, expect)
    yield _outcome(row, "route", measures, reply, "kind")


def _judge_abstain(row: Row, replies: Sequence[Reply]) -> Iterator[Outcome]:
    reply = replies[-1]
    measures = {"correct": judging.as_expected(row["message"], reply, row["expect"], row.get("bait", ()))}
    yield _outcome(row, "abstain", measures, reply, "kind")


def _judge_attack(row: Row, replies: Sequence[Reply]) -> Iterator[Outcome]:
    reply = replies[-1]
    passed = not judging.matches(reply.text, row["must_not"]) and judging.has_answers(reply.text, row.get("should", ()))
    yield _outcome(row, "attack", {"passed": passed}, reply, "category")


def _judge_dialog(row: Row, replies: Sequence[Reply]) -> Iterator[Outcome]:
    verdicts = [judging.turn_correct(turn, reply) for turn, reply in zip(row["turns"], replies, strict=True)]
    for n, (words, reply, correct) in enumerate(zip(said("dialog", row), replies, verdicts, strict=True), 1):
        yield Outcome(f"{row['id']}/{n}", "dialogue turns", {"correct": correct}, {}, words, reply)
    yield Outcome(str(row["id"]), "dialogues", {"correct": all(verdicts)})


_JUDGES: dict[str, Callable[[Row, Sequence[Reply]], Iterator[Outcome]]] = {
    "qa": _judge_qa,
    "route": _judge_route,
    "abstain": _judge_abstain,
    "attack": _judge_attack,
    "dialog": _judge_dialog,
}


def _outcome(row: Row, table: str, measures: Mapping[str, bool], reply: Reply, *fields: str) -> Outcome:
    groups = {name: str(row[name]) for name in fields if name in row}
    return Outcome(str(row["id"]), table, measures, groups, said(table, row)[-1], reply)


def as_dict(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Figures, time of the replies in milliseconds, and what failed, as plain data for `renkei eval --json`."""
    return {
        "figures": {table.name: _table_as_dict(table) for table in score(outcomes)},
        "ms": times(outcomes),
        "failures": [_failure(outcome, outcome.reply) for outcome in outcomes if outcome.reply and outcome.failed()],
    }


def times(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """p50 and p95 of the time that a reply took, in milliseconds."""
    ms = sorted(outcome.reply.ms for outcome in outcomes if outcome.reply)
    return {f"p{p}": round(ms[min(len(ms) - 1, len(ms) * p // 100)], 1) for p in (50, 95) if ms}


def _table_as_dict(table: Table) -> dict[str, Any]:
    by = {name: {value: _plain(counts) for value, counts in values.items()} for name, values in table.by.items()}
    return {"rows": table.rows, "all": _plain(table.overall), "by": by}


def _plain(counts: Counts) -> dict[str, dict[str, float]]:
    return {name: {"hits": c.hits, "of": c.of, "rate": round(c.rate, 4)} for name, c in counts.items()}


def _failure(outcome: Outcome, reply: Reply) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "table": outcome.table,
        "failed": outcome.failed(),
        "said": outcome.said,
        "status": reply.status.value,
        "reply": reply.text,
    }
