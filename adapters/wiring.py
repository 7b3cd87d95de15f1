"""The one composition root: settings → the parts, put together. Nothing else builds a part that reaches outside.

Imports that take long stand inside the functions.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.errors import LockedError, StoreError

if TYPE_CHECKING:
    from adapters.console import Speaker
    from adapters.database.work import Database
    from adapters.front import Clerk
    from adapters.llm import ChatModelWriter
    from adapters.progress import Report
    from adapters.rewriting import ChatModelRewriter
    from adapters.settings import Settings
    from bot.bot import Bot
    from bot.cases.desks import DeskPlan
    from indexer.build import IndexReport
    from knowledge.directory import Directory
    from knowledge.embedding import Embedder
    from knowledge.gazetteer import Gazetteer
    from knowledge.glossary import Glossary
    from knowledge.reranker import Reranker
    from knowledge.retriever import HybridRetriever

FIRST_INDEX_WAIT = 120
"""Seconds that a first run waits for another first run; the bundled knowledge is indexed in a fraction of them."""


def build_bot(settings: "Settings", progress: "Report | None" = None, *, limited: bool = False) -> "Bot":
    """A Bot over the current index; where there is none yet, one is built from the bundled knowledge first.

    `limited`: whether a person may send only so many messages a minute; where the clock stands still, no minute ends,
    and nobody is limited.
    """
    return bot_maker(settings, progress, limited=limited)()


def bot_maker(settings: "Settings", progress: "Report | None" = None, *, limited: bool = False) -> "Callable[[], Bot]":
    """As `build_bot`; each call of what it returns gives a Bot over what is then the current index."""
    from bot.bot import Bot
    from bot.limiting import RateLimit
    from bot.masking import Masker
    from bot.texts import Texts
    from bot.triage import Triage
    from knowledge.curated import load_curated
    from knowledge.gazetteer import Gazetteer
    from knowledge.glossary import Glossary

    directory, glossary, texts = build_directory(settings), Glossary.load(), Texts.load()
    gazetteer = Gazetteer(directory)
    embedder = build_embedder(settings)
    _ensure_index(settings, embedder, directory, progress)
    triage, curated = Triage.load(texts, directory), load_curated(settings.data_dir, directory)
    mask = Masker.load(texts, directory, gazetteer)
    writer, rewriter = build_writer(settings, mask), build_rewriter(settings, mask)
    limit = RateLimit() if limited and settings.renkei_now is None else None
    return lambda: Bot(
        retriever=build_retriever(settings, embedder, glossary, gazetteer),
        directory=directory,
        gazetteer=gazetteer,
        triage=triage,
        texts=texts,
        clock=settings.now,
        glossary=glossary,
        curated=curated,
        limit=limit,
        writer=writer,
        rewriter=rewriter,
    )


def build_writer(settings: "Settings", mask: "Callable[[str], str]") -> "ChatModelWriter | None":
    """The chat model that CHAT_MODEL names, if any; `mask` takes personal data out of what it is sent.

    Raises SettingsError or ModelError with the remedy.
    """
    if not settings.chat_model:
        return None
    from adapters.llm import ChatModelWriter, build_chat_model

    return ChatModelWriter(build_chat_model(settings.chat_model, settings.chat_base_url), mask=mask)


def build_rewriter(settings: "Settings", mask: "Callable[[str], str]") -> "ChatModelRewriter | None":
    """The same model for other words to search with, where CHAT_REWRITE allows it."""
    if not (settings.chat_model and settings.chat_rewrite):
        return None
    from adapters.llm import build_chat_model
    from adapters.rewriting import ChatModelRewriter

    return ChatModelRewriter(build_chat_model(settings.chat_model, settings.chat_base_url), mask=mask)


def build_database(settings: "Settings") -> "Database":
    """The database that DATABASE_URL names, else the SQLite file in STORE_DIR. Raises DatabaseError with the remedy."""
    from adapters.database.opening import open_database

    return open_database(settings.database_url, settings.store_dir)


def build_resident(settings: "Settings", name: str) -> "Speaker":
    """Somebody at the terminal who can consult; where the database cannot be used, the bot alone, and it is said."""
    import sys

    from knowledge.errors import DatabaseError

    bot = build_bot(settings, limited=True)
    try:
        database = build_database(settings)
    except DatabaseError as error:
        print(f"{error} 相談を送ることはできません。", file=sys.stderr)  # noqa: T201 the person is told, not the log
        return bot
    from adapters.seats import take_resident_seat

    return take_resident_seat(settings, bot, database, build_desks(settings), name)


def build_clerk(settings: "Settings", name: str) -> "Clerk":
    """Somebody at the desk in the terminal. Whoever can open the database is trusted as staff."""
    from adapters.seats import take_desk_seat

    return take_desk_seat(settings, build_database(settings), build_desks(settings), name)


def build_directory(settings: "Settings") -> "Directory":
    """The contact directory, with the rows of DATA_DIR in place of the bundled ones."""
    from knowledge.directory import Directory

    return Directory.load(settings.data_dir)


def build_desks(settings: "Settings") -> "DeskPlan":
    """Where consultations go: DESKS_FILE, else the console. Raises SettingsError naming every wrong line."""
    from adapters.desks_file import load_desks

    return load_desks(settings.desks_file, build_directory(settings))


def build_embedder(settings: "Settings") -> "Embedder":
    """The model that EMBEDDING_MODEL names."""
    from knowledge.embedding import load_embedder

    return load_embedder(settings.embedding_model)


def build_reranker(settings: "Settings") -> "Reranker | None":
    """The model that RERANKER_MODEL names, if any."""
    from knowledge.reranker import load_reranker

    return load_reranker(settings.reranker_model) if settings.reranker_model else None


def build_retriever(
    settings: "Settings", embedder: "Embedder", glossary: "Glossary", gazetteer: "Gazetteer"
) -> "HybridRetriever":
    """The retriever over the current generation, verified while it is opened."""
    from knowledge.retriever import HybridRetriever
    from knowledge.store import open_current

    return HybridRetriever(
        generation=open_current(settings.store_dir, embedder),
        embedder=embedder,
        glossary=glossary,
        gazetteer=gazetteer,
        reranker=build_reranker(settings),
    )


def has_index(settings: "Settings") -> bool:
    return (settings.store_dir / "CURRENT").exists()


def build_index(
    settings: "Settings", paths: Sequence[Path] | None = None, progress: "Report | None" = None
) -> "IndexReport":
    """Publish a new generation of `paths` (None: the bundled documents) and the contact directory."""
    from adapters.reindexing import note_sources

    report = _index(settings, paths, build_embedder(settings), build_directory(settings), progress)
    if report.generation_id is not None:
        note_sources(settings.store_dir, paths)
    return report


def _is_outgrown(settings: "Settings") -> bool:
    """Whether the index is of another version and holds nothing but bundled documents, so that it can be made anew."""
    from indexer.build import BUNDLED
    from knowledge.manifest import sources_of_old
    from knowledge.store import current_id

    try:
        old = sources_of_old(settings.store_dir / "generations" / current_id(settings.store_dir))
    except StoreError:
        return False
    return old is not None and old <= {path.name for path in BUNDLED.iterdir()}


def _ensure_index(
    settings: "Settings", embedder: "Embedder", directory: "Directory", progress: "Report | None"
) -> None:
    """Where there is no index yet, or an outgrown one, build one; where another run is at it, wait for that one.

    Raises LockedError where the other run needs more than FIRST_INDEX_WAIT seconds.
    """
    tell = progress or (lambda _stage, _done, _total: None)
    give_up = time.monotonic() + FIRST_INDEX_WAIT
    waiting = False
    while not has_index(settings) or _is_outgrown(settings):
        try:
            _index(settings, None, embedder, directory, progress)
            return
        except LockedError:
            if time.monotonic() > give_up:
                raise
            tell("wait", 0, 1)
            waiting = True
            time.sleep(0.2)
    if waiting:
        tell("wait", 1, 1)


def _index(
    settings: "Settings",
    paths: Sequence[Path] | None,
    embedder: "Embedder",
    directory: "Directory",
    progress: "Report | None",
) -> "IndexReport":
    from indexer.build import build_index

    return build_index(
        paths,
        settings.store_dir,
        embedder,
        directory,
        progress,
        keep=settings.keep_generations,
        max_bytes=settings.max_file_mb * 1_000_000,
    )
