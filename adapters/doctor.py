"""What is wrong on this machine, and what to run: settings, data, model, index, platforms."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.errors import RenkeiError

if TYPE_CHECKING:
    from adapters.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """`words`: how it is, or what is wrong and the command that mends it."""

    subject: str
    good: bool
    words: str


def examine(store: Path | None = None) -> list[Finding]:
    """One finding per subject, in the order in which they should be mended. What the settings name is not looked at
    while the settings themselves are wrong."""
    from adapters.settings import load_settings

    try:
        settings = load_settings(store_dir=store)
    except RenkeiError as error:
        return [Finding("設定", False, str(error))]
    return [
        Finding("設定", True, f"STORE_DIR {settings.store_dir}、DATA_DIR {settings.data_dir or '(なし)'}"),
        _finding("保存先", lambda: _folder(settings)),
        _finding("データ", lambda: _data(settings)),
        _finding("相談の送り先", lambda: _desks(settings)),
        _finding("モデル", lambda: _model(settings)),
        _finding("索引", lambda: _index(settings)),
        _finding("データベース", lambda: _database(settings)),
        _finding("対話モデル", lambda: _chat_model(settings)),
        *_platforms(settings),
    ]


def _platforms(settings: "Settings") -> list[Finding]:
    """A line for each platform, and one for each right or setting that it lacks."""
    from adapters.platforms import NEEDS, build_platform, configured, exposed, missing

    found = [Finding("設定", False, words) for words in exposed()]
    for name in NEEDS:
        if name not in configured(settings):
            found.append(Finding(name, True, f"使いません({name.upper()}_BOT_TOKEN が空)"))
        elif lacking := [fault for fault in missing(settings) if f"{name.upper()}_" in fault]:
            found += [Finding(name, False, fault) for fault in lacking]
        else:
            try:
                found += [Finding(name, good, words) for good, words in build_platform(name, settings).examine()]
            except RenkeiError as error:
                found.append(Finding(name, False, str(error)))
    return found


def _finding(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, True, look())
    except RenkeiError as error:
        return Finding(subject, False, str(error))


def _folder(settings: "Settings") -> str:
    from indexer.generations import check_writable

    check_writable(settings.store_dir)
    return "書き込めます"


def _data(settings: "Settings") -> str:
    from adapters import checking
    from knowledge.errors import DataError

    problems = checking.problems(settings.data_dir)
    if problems:
        raise DataError(f"問題 {len(problems)} 件。`renkei check` で一覧し、直してください。例: {problems[0]}")
    expired = checking.notices(settings.data_dir, settings.now().date())
    return f"問題なし。期限の切れた回答 {len(expired)} 件。例: {expired[0]}" if expired else "問題なし"


def _desks(settings: "Settings") -> str:
    from adapters import wiring

    plan = wiring.build_desks(settings)
    if settings.desks_file is None:
        return "すべて端末(renkei desk)に届きます(DESKS_FILE が空)"
    hours = plan.calendar.default
    return f"窓口 {len(plan.destinations)} 件、ほかは {plan.fallback}。受付時間の目安 {hours}"


def _model(settings: "Settings") -> str:
    from adapters import wiring

    embedder = wiring.build_embedder(settings)
    reranker = wiring.build_reranker(settings)
    return f"{embedder.name}({embedder.dimension} 次元)" + (f"、{settings.reranker_model}" if reranker else "")


def _index(settings: "Settings") -> str:
    from adapters import wiring
    from knowledge.store import open_current

    manifest = open_current(settings.store_dir, wiring.build_embedder(settings)).manifest
    return f"{manifest['id']}、資料 {len(manifest['sources'])} 件、パッセージ {manifest['passages']:,} 件"


def _database(settings: "Settings") -> str:
    from adapters import wiring
    from adapters.database.engine import address, place, sqlite_file
    from adapters.database.letters import dead_letters, waiting

    url = address(settings.database_url, settings.store_dir)
    file = sqlite_file(url)
    if file and not file.exists() and not file.with_name(f"{file.name}.lock").exists():
        return f"まだありません。初めて使うときに {file} に作ります"
    database = wiring.build_database(settings)
    try:
        with database.work() as work:
            events, messages = waiting(work)
            dead = len(dead_letters(work))
    finally:
        database.close()
    lost = f"、届かなかったもの {dead} 件(`renkei outbox` で一覧)" if dead else ""
    return f"{place(url)}、処理を待つ受信 {events} 件、送信を待つもの {messages} 件{lost}"


def _chat_model(settings: "Settings") -> str:
    from adapters import wiring

    writer = wiring.build_writer(settings, str)
    if writer is None:
        return "使いません(CHAT_MODEL が空)。答えは資料の言葉で組み立てます"
    return f"{settings.chat_model} が {writer.probe():.1f} 秒で答えました"
