"""The index and the mail room as an admin reads them in a conversation."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.database.letters import dead_letters, waiting
from bot.message import Lang, ReplyStatus
from bot.texts import Texts
from knowledge.errors import StoreError
from knowledge.manifest import read_manifest
from knowledge.store import current_id

if TYPE_CHECKING:
    from adapters.database.work import SqlWork

DAYS = timedelta(days=30)


def index_status(store_dir: Path, texts: Texts, work: "SqlWork") -> str:
    """The current generation and those kept, what waits, and how many questions found no source."""
    return "\n".join([*_generation(store_dir, texts), *_mail(texts, work)])


def _generation(store_dir: Path, texts: Texts) -> list[str]:
    from indexer.generations import list_generations

    others = [info.id for info in list_generations(store_dir) if not info.current]
    lines = [texts.say(Lang.JA, "admin.index_old", ids="、".join(others))] if others else []
    try:
        name = current_id(store_dir)
        manifest = read_manifest(store_dir / "generations" / name)
    except StoreError as error:
        return [texts.say(Lang.JA, "admin.index_problem", problem=error), *lines]
    fields = {"id": name, "created": manifest["created_at"], "sources": len(manifest["sources"])}
    more = {"passages": manifest["passages"], "model": manifest["model"]}
    return [texts.say(Lang.JA, "admin.index", **fields, **more).strip("\n"), *lines]


def _mail(texts: Texts, work: "SqlWork") -> list[str]:
    events, messages = waiting(work)
    counts = work.replies.counts(work.now() - DAYS)
    fields = {"total": sum(counts.values()), "unanswered": counts.get(ReplyStatus.NO_SOURCE.value, 0)}
    return [
        texts.say(Lang.JA, "admin.index_waiting", events=events, messages=messages, dead=len(dead_letters(work))),
        texts.say(Lang.JA, "admin.index_replies", **fields),
    ]
