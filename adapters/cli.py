"""The `renkei` command: each command reads its arguments, calls one part and shows what it gives.

stdout carries the result (JSON alone with --json and for batch); progress, warnings and errors go to stderr.
Exit codes: 0 done · 1 something is wrong (one sentence says what, and what to do) · 2 wrong usage · 130 Ctrl-C.
Imports that take long stand inside the commands, so that `renkei --help` answers at once.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from adapters.explaining import explain
from adapters.streams import text_of, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from adapters.settings import Settings

HELP = """北海道の地域連携課の案内をする対話ボット。

資料を索引にし、出典を付けて答え、相談を国と道の窓口へ案内します。
終了コード: 0 正常、1 問題あり(理由を表示)、2 使い方の誤り、130 Ctrl-C。"""


app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Store = Annotated[Path | None, typer.Option("--store", metavar="DIR", help="索引のフォルダー(既定: STORE_DIR)")]
Model = Annotated[
    str | None, typer.Option("--model", metavar="PROVIDER:NAME", help="対話モデル(既定: CHAT_MODEL、なければ使わない)")
]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="だれとしてか(この機械の中の名前)")]
Json = Annotated[bool, typer.Option("--json", help="JSON だけを標準出力に書く")]


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="誤りの詳細(traceback)を表示")] = False) -> None:
    """Options of every command. What `--debug` does is done in `main`."""


@app.command()
def index(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="既定: 同梱の資料")] = None,
    store: Store = None,
) -> None:
    """資料から索引を作る(窓口一覧はいつも入る)。"""
    from adapters import tables, wiring

    with _progress() as progress:
        report = wiring.build_index(_settings(store), paths or None, progress)
    tables.show_index_report(_console(), report)
    if report.failed or report.generation_id is None:
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="質問または相談")],
    store: Store = None,
    json: Json = False,
    model: Model = None,
) -> None:
    """質問に一度答える。"""
    from adapters import wiring
    from adapters.console import show
    from bot.message import Message

    with _progress() as progress:
        bot = wiring.build_bot(_settings(store, chat_model=model), progress)
    reply = bot.reply(Message(text_of(question)))
    if json:
        write_json(reply.as_dict(), indent=1)
    else:
        show(_console(), reply.text)


@app.command()
def chat(store: Store = None, name: Name = "resident") -> None:
    """端末で対話する。相談は `renkei desk` に届く。"""
    from adapters import console

    def build() -> Any:
        from adapters import wiring

        return wiring.build_resident(_settings(store), name)

    console.chat(build, _console())


@app.command()
def desk(store: Store = None, name: Name = "staff") -> None:
    """端末を窓口にして、相談を受ける(職員向け)。"""
    from adapters import desk_console, wiring

    desk_console.desk(wiring.build_clerk(_settings(store), name), _console())


@app.command()
def serve(store: Store = None) -> None:
    """設定にある Slack と Telegram で受け答えする(SIGTERM か Ctrl-C で終わる)。"""
    from adapters import running

    running.serve(_settings(store))


@app.command()
def batch(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(metavar="FILE", help='JSON Lines {"id", "turns": [...]}。- は標準入力')
    ],
    store: Store = None,
) -> None:
    """対話をまとめて再生する(JSON Lines → JSON Lines)。"""
    from adapters import wiring
    from adapters.batch import fresh_conversations, run

    failed = False
    with _progress() as progress:
        bot = wiring.build_bot(_settings(store), progress)
        for row in run(file, fresh_conversations(bot.reply)):
            failed |= "error" in row
            write_json(row)
    if failed:
        raise typer.Exit(1)


@app.command("eval")
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="SETDIR", help="qa / route / abstain / attack / dialog.jsonl")],
    store: Store = None,
    json: Json = False,
    failures: Annotated[bool, typer.Option("--failures", help="不合格の行を返事とともに表示")] = False,
    model: Model = None,
) -> None:
    """質問集で採点する。"""
    from adapters import tables, wiring
    from adapters.batch import fresh_conversations
    from adapters.progress import counted
    from bot import evaluation

    rows = evaluation.load_set(folder)
    total = sum(len(part) for part in rows.values())
    with _progress() as progress:
        bot = wiring.build_bot(_settings(store, chat_model=model), progress)
        converse = counted(fresh_conversations(bot.reply), "採点", total, progress)
        outcomes = list(evaluation.evaluate(rows, converse))
    if json:
        write_json(evaluation.as_dict(outcomes), indent=1)
    else:
        tables.show_scores(_console(), outcomes, failures)


@app.command()
def check(store: Store = None) -> None:
    """資料・窓口・用語・文面のデータを検査する。"""
    from adapters import checking

    settings = _settings(store)
    problems = checking.problems(settings.data_dir)
    for problem in problems:
        typer.echo(problem)
    for notice in checking.notices(settings.data_dir, settings.now().date()):
        typer.echo(notice, err=True)
    typer.echo(f"問題 {len(problems)} 件" if problems else "問題はありません。", err=True)
    if problems:
        raise typer.Exit(1)


@app.command()
def doctor(store: Store = None) -> None:
    """設定・データ・モデル・索引の悪いところと直し方を示す。"""
    from adapters import doctor, tables

    findings = doctor.examine(store)
    tables.show_findings(_console(), findings)
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


@app.command()
def generations(store: Store = None) -> None:
    """索引の世代を一覧する。"""
    from adapters import tables
    from indexer.generations import list_generations

    tables.show_generations(_console(), list_generations(_settings(store).store_dir))


@app.command()
def rollback(
    generation: Annotated[str | None, typer.Argument(metavar="[ID]", help="既定: 一つ前の世代")] = None,
    store: Store = None,
) -> None:
    """前の世代の索引に戻す。"""
    from indexer import generations

    typer.echo(f"現在の世代: {generations.rollback(_settings(store).store_dir, generation)}")


@app.command()
def contacts(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="部署名・市町村名・業務・電話番号")],
    store: Store = None,
    json: Json = False,
) -> None:
    """窓口を探す(職員向け)。"""
    from adapters import tables, wiring

    offices = wiring.build_directory(_settings(store)).find_offices(text_of(query))
    if json:
        write_json(tables.offices_as_rows(offices), indent=1)
    else:
        tables.show_offices(_console(), offices)


@app.command()
def projects(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="事業名・地域・団体・指標")],
    store: Store = None,
    json: Json = False,
) -> None:
    """事業を探す(職員向け)。"""
    from adapters import tables, wiring

    found = wiring.build_directory(_settings(store)).find_projects(text_of(query))
    if json:
        write_json(tables.projects_as_rows(found), indent=1)
    else:
        tables.show_projects(_console(), found)


@app.command()
def outbox(
    action: Annotated[
        str, typer.Argument(metavar="[list|resend|drop]", help="一覧、もう一度送る、送らずに消す")
    ] = "list",
    letters: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="o12 のような番号、または all")] = None,
    store: Store = None,
) -> None:
    """届かなかったもの、処理できなかったものを一覧し、もう一度送るか消す。"""
    from adapters import wiring
    from adapters.undelivered import run

    if action not in ("list", "resend", "drop") or (action == "list") == bool(letters):
        raise typer.BadParameter("`outbox list`、`outbox resend ID…`、`outbox drop ID…` のどれかです。")
    settings = _settings(store)
    run(wiring.build_database(settings), action, letters or [], _console(), ZoneInfo(settings.timezone))


def _settings(store: Path | None, chat_model: str | None = None) -> "Settings":
    from adapters.settings import load_settings

    return load_settings(store_dir=store, chat_model=chat_model)


def _console() -> "Console":
    from rich.console import Console

    return Console()


@contextmanager
def _progress() -> Iterator[Any]:
    """A progress bar on stderr."""
    from adapters.progress import progress_bar

    with progress_bar() as progress:
        yield progress


def main() -> None:
    """The console script: whatever goes wrong ends in one sentence and exit code 1. A terminal that cannot show a
    character shows another instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        sys.exit(explain(error))


if __name__ == "__main__":
    main()
