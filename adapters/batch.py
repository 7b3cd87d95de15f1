"""JSON Lines in, JSON Lines out: `renkei batch`. Pure but for the talking, which is an argument."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bot.message import Message, Reply

Converse = Callable[[Sequence[str]], list[Reply]]
Speak = Callable[[Message], Reply]


def fresh_conversations(speak: Speak) -> Converse:
    """Plays each list of turns as a new person in a thread of its own."""
    played = 0

    def converse(turns: Sequence[str]) -> list[Reply]:
        nonlocal played
        played += 1
        key = f"conversation-{played}"
        return [speak(Message(turn, thread=key, user=key)) for turn in turns]

    return converse


def run(lines: Iterable[bytes], converse: Converse) -> Iterator[dict[str, Any]]:
    """One object for each line that is not blank, in order: {"id", "turns": [reply, …]}, or {"id", "error"} for a bad
    line (id null where it cannot be read)."""
    for line in lines:
        if line.strip():
            yield _answer(line, converse)


def _answer(line: bytes, converse: Converse) -> dict[str, Any]:
    row: Any = None
    try:
        row = _read(line)
        turns = _turns(row)
    except ValueError as error:
        return {"id": row.get("id") if isinstance(row, dict) else None, "error": str(error)}
    return {"id": row["id"], "turns": [reply.as_dict() for reply in converse(turns)]}


_FORM = '{"id": …, "turns": ["…", …]} の形にしてください。'


def _read(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise ValueError("文字コードが UTF-8 ではありません。UTF-8 で保存し直してください。") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.pos + 1} 文字目が JSON として読めません。一行に一つ、{_FORM}") from None
    except RecursionError:
        raise ValueError(f"入れ子が深すぎます。{_FORM}") from None


def _turns(row: Any) -> list[str]:
    if not isinstance(row, dict) or "id" not in row:
        raise ValueError(_FORM)
    turns = row.get("turns")
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        raise ValueError("turns は文字列の並びにしてください。")
    return turns


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} は JSON の値ではありません。")


def to_json(value: Any, indent: int | None = None) -> bytes:
    """UTF-8 JSON and a line break. A lone surrogate, which UTF-8 cannot hold, stays a JSON escape."""
    return (json.dumps(value, ensure_ascii=False, indent=indent) + "\n").encode("utf-8", "backslashreplace")
