"""Plays tests/dialogs/*.toml against the bot as `renkei ask` builds it. The format: tests/dialogs/README.md."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest

from adapters.settings import Settings
from bot.message import Citation, Destination, Lang, Message, Reply, ReplyStatus, Route

DIALOGS = sorted((Path(__file__).parents[1] / "dialogs").glob("*.toml"))
NOW = datetime.fromisoformat("2025-06-02T10:00:00+09:00")
PHONE = re.compile(r"(?<![\d-])0\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])")
KEYS = {
    "dialog": {"title", "language", "why", "now", "turn", "known_miss"},
    "turn": set(
        "said times status has lacks in_order bureau subprefecture alternatives offices cites language now".split()
    ),
}


@dataclass(frozen=True)
class Turn:
    """What is said and when, and what the reply must satisfy. Route fields: None asks nothing, "" wants no desk."""

    said: str
    status: tuple[ReplyStatus, ...]
    lang: tuple[Lang, ...]
    now: datetime
    has: tuple[tuple[str, ...], ...] = ()
    lacks: tuple[str, ...] = ()
    in_order: tuple[str, ...] = ()
    bureau: str | None = None
    subprefecture: str | None = None
    alternatives: tuple[Destination, ...] = ()
    offices: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def read(path: Path) -> list[Turn]:
    """The turns of a dialogue. A misspelt key or status is an error, never an expectation that asks nothing."""
    dialog = tomllib.loads(path.read_text(encoding="utf-8"))
    assert dialog["title"], path.name
    turns = []
    for row in dialog["turn"]:
        _only_known(row, "turn", path)
        dialog["now"] = row.get("now", dialog.get("now", NOW))
        turns.append(_turn(row, _listed(row.get("language", dialog["language"])), dialog["now"]))
    _only_known(dialog, "dialog", path)
    return turns


def _only_known(row: dict[str, Any], kind: str, path: Path) -> None:
    unknown = set(row) - KEYS[kind]
    assert not unknown, f"{path.name}: no such key in a {kind}: {', '.join(sorted(unknown))}"


def _turn(row: dict[str, Any], languages: list[str], now: datetime) -> Turn:
    return Turn(
        said=row["said"] * row.get("times", 1),
        status=tuple(ReplyStatus(name) for name in _listed(row["status"])),
        lang=tuple(Lang(code) for code in languages),
        now=now,
        has=tuple(tuple(_listed(words)) for words in row.get("has", ())),
        lacks=tuple(row.get("lacks", ())),
        in_order=tuple(row.get("in_order", ())),
        bureau=row.get("bureau"),
        subprefecture=row.get("subprefecture"),
        alternatives=tuple(Destination(a["bureau"], a["subprefecture"]) for a in row.get("alternatives", ())),
        offices=tuple(row.get("offices", ())),
        cites=tuple(row.get("cites", ())),
    )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


# ── judging (pure) ───────────────────────────────────────────────────────────────────────────────────────────────────


def faults(turn: Turn, reply: Reply, known_phones: frozenset[str]) -> list[str]:
    """What is wrong with `reply`, in words; empty where it satisfies `turn` and what every reply must satisfy."""
    return [*_words(turn, reply), *_desks(turn, reply), *_evidence(turn, reply), *_phones(turn, reply, known_phones)]


def _words(turn: Turn, reply: Reply) -> Iterator[str]:
    text = plain(reply.text)
    if reply.status not in turn.status:
        yield f"status is {reply.status}, not {' or '.join(turn.status)}"
    if reply.lang not in turn.lang:
        yield f"language is {reply.lang}, not {' or '.join(turn.lang)}"
    if not text:
        yield "nothing is said"
    for words in turn.has:
        if not any(plain(word) in text for word in words):
            yield f"lacks {' or '.join(words)}"
    for word in turn.lacks:
        if plain(word) in text:
            yield f"must not say {word}"
    places = [text.find(plain(word)) for word in turn.in_order]
    if -1 in places or places != sorted(places):
        yield f"does not say in this order: {', '.join(turn.in_order)}"


def _desks(turn: Turn, reply: Reply) -> Iterator[str]:
    if (reply.route is not None) != (reply.status is ReplyStatus.ROUTED):
        yield f"a route stands exactly where the status is routed, here: {reply.route}"
    route = reply.route or Route(None, None, "")
    for name in ("bureau", "subprefecture"):
        wanted, got = getattr(turn, name), getattr(route, name)
        if wanted is not None and (got or "") != wanted:
            yield f"{name} is {got}, not {wanted or 'left open'}"
    for other in set(turn.alternatives) - set(route.alternatives):
        yield f"does not also name {other.bureau} and {other.subprefecture}"
    shown = {office.name for office in reply.offices}
    for name in set(turn.offices) - shown:
        yield f"does not show {name} (shows {', '.join(sorted(shown)) or 'no office'})"
    if turn.offices and reply.status is ReplyStatus.ROUTED and shown - set(turn.offices):
        yield f"shows other offices too: {', '.join(sorted(shown - set(turn.offices)))}"


def _evidence(turn: Turn, reply: Reply) -> Iterator[str]:
    for title in turn.cites:
        if not any(plain(title) in plain(citation.title) for citation in reply.citations):
            yield f"does not cite {title}"
    for citation in reply.citations:
        if f"[{citation.n}]" not in reply.text:
            yield f"never refers to citation [{citation.n}]"


def _phones(turn: Turn, reply: Reply, known: frozenset[str]) -> Iterator[str]:
    """A number in a reply is one of the directory, of the evidence, or the person's own."""
    sources = " ".join([turn.said, *(citation.passage for citation in reply.citations)])
    for number in PHONE.findall(unicodedata.normalize("NFKC", reply.text)):
        if number not in known and number not in unicodedata.normalize("NFKC", sources):
            yield f"gives a phone number of unknown origin: {number}"


@cache
def plain(text: str) -> str:
    """NFKC without white space: how words are compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


# ── playing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class OnStage(Settings):
    """Settings whose clock each turn sets."""

    time: ClassVar[datetime] = NOW

    def now(self) -> datetime:
        return OnStage.time


@pytest.fixture(scope="session")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The bot over an index of the bundled documents, with the embedded model."""
    from adapters.wiring import build_bot

    return build_bot(OnStage(store_dir=tmp_path_factory.mktemp("dialogs"), _env_file=None))


@pytest.fixture(scope="session")
def known_phones() -> frozenset[str]:
    from knowledge.directory import Directory

    directory = Directory.load()
    rows = [str(row) for row in (*directory.offices, *directory.desks)]
    return frozenset(PHONE.findall(" ".join(rows)))


def _played(path: Path) -> Any:
    """A dialogue that says `known_miss` must fail; the day it passes, the key goes."""
    reason = tomllib.loads(path.read_text(encoding="utf-8")).get("known_miss")
    marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
    return pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", [_played(path) for path in DIALOGS])
def test_dialog(path: Path, bot: Any, known_phones: frozenset[str]) -> None:
    wrong = []
    for n, turn in enumerate(read(path), 1):
        OnStage.time = turn.now
        reply = bot.reply(Message(turn.said, thread=path.stem))
        if found := faults(turn, reply, known_phones):
            wrong.append(report(n, turn, reply, found))
    assert not wrong, "\n\n".join([path.name, *wrong])


def report(n: int, turn: Turn, reply: Reply, found: Sequence[str]) -> str:
    said = turn.said if len(turn.said) < 200 else f"{turn.said[:80]}… ({len(turn.said)} characters)"
    return "\n".join([f"turn {n}: {said!r}", *(f"  ✗ {fault}" for fault in found), "  reply:", _indented(reply.text)])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


# ── the player itself ────────────────────────────────────────────────────────────────────────────────────────────────

ROUTED = Turn("美唄市です", (ReplyStatus.ROUTED,), (Lang.JA,), NOW, bureau="札幌開発建設部", subprefecture="")


def _reply(text: str, **fields: Any) -> Reply:
    route = Route("札幌開発建設部", None, "")
    return Reply(**{"status": ReplyStatus.ROUTED, "text": text, "route": route, **fields})


def test_a_fitting_reply_has_no_fault() -> None:
    turn = Turn("?", (ReplyStatus.ROUTED,), (Lang.JA,), NOW, (("未確認", "０１２３"),), ("別",), ("あ", "い"))
    assert faults(turn, _reply("あ い 01 23"), frozenset()) == []


@pytest.mark.parametrize(
    ("fault", "reply"),
    [
        ("status is", _reply("", status=ReplyStatus.ANSWERED)),
        ("language is", _reply("x", lang=Lang.EN)),
        ("nothing is said", _reply(" \n")),
        ("a route stands", _reply("x", route=None)),
        ("bureau is", _reply("x", route=Route("小樽開発建設部", None, ""))),
        ("subprefecture is", _reply("x", route=Route("札幌開発建設部", "空知総合振興局", ""))),
        ("never refers", _reply("x", citations=(Citation(1, "題", "a.md", "", None, None, ""),))),
        ("unknown origin", _reply("電話 0123-45-6789")),
    ],
)
def test_what_every_reply_must_satisfy(fault: str, reply: Reply) -> None:
    assert any(fault in found for found in faults(ROUTED, reply, frozenset()))


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        ("lacks", {"has": (("いう", "える"),)}),
        ("must not say", {"lacks": ("あい",)}),
        ("in this order", {"in_order": ("い", "あ")}),
        ("also name", {"alternatives": (Destination("室蘭開発建設部", "胆振総合振興局"),)}),
        ("does not show", {"offices": ("札幌開発建設部",)}),
        ("does not cite", {"cites": ("取組報告",)}),
    ],
)
def test_what_a_turn_asks_for(fault: str, asked: dict[str, Any]) -> None:
    turn = Turn("?", (ReplyStatus.ROUTED,), (Lang.JA,), NOW, **asked)
    assert any(fault in found for found in faults(turn, _reply("あ い"), frozenset()))


def test_a_misspelt_key_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('title="t"\nlanguage="ja"\n[[turn]]\nsaid="a"\nstatus="answered"\nhass=["b"]\n', encoding="utf-8")
    with pytest.raises(AssertionError, match="hass"):
        read(path)


def test_there_are_dialogues_and_each_says_something() -> None:
    assert len(DIALOGS) >= 40
    assert all(2 <= len(read(path)) <= 6 for path in DIALOGS)
