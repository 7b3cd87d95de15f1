"""`renkei outbox`: what could not be delivered or handled, as a table for an admin; resend or drop."""

from datetime import tzinfo

from rich.console import Console

from adapters.console import show
from adapters.database.letters import DeadLetter, dead_letters, drop, resend, waiting
from adapters.database.work import Database
from adapters.tables import table

ALL = "all"
_REASONS = {
    "uncertain": "届いたかどうか確かめられません",
    "PermanentError": "宛先がないか、送る権利がありません",
    "RetryLaterError": "何度も待つように言われました",
    "UnreachableError": "つながりません",
    "died": "処理の途中で何度も落ちました",
}
_DONE = {"resend": "もう一度送ります: {ids}", "drop": "消しました: {ids}"}


def run(database: Database, action: str, letters: list[str], console: Console, zone: tzinfo) -> None:
    """`action`: "list", "resend" or "drop". `zone`: that of the times shown.

    Raises DatabaseError where a number is unknown; then nothing is changed.
    """
    try:
        if action == "list":
            _list(database, console, zone)
        else:
            _change(database, action, letters, console)
    finally:
        database.close()


def _list(database: Database, console: Console, zone: tzinfo) -> None:
    with database.work() as work:
        letters, (events, messages) = dead_letters(work), waiting(work)
    show(console, f"処理を待つ受信 {events} 件、送信を待つもの {messages} 件")
    if not letters:
        show(console, "届かなかったものはありません。")
        return
    columns = ("番号", "宛先・受信元", "用件", "回数", "時刻", "理由")
    rows = [_row(letter, zone) for letter in letters]
    console.print(table(f"届かなかったもの {len(rows)} 件", columns, rows, unbroken=("番号",)))
    show(console, "`renkei outbox resend 番号` でもう一度送り、`renkei outbox drop 番号` で消します。")


def _row(letter: DeadLetter, zone: tzinfo) -> tuple[str, ...]:
    at = f"{letter.at.astimezone(zone):%Y-%m-%d %H:%M}"
    reason = next((words for kind, words in _REASONS.items() if letter.fault.startswith(kind)), "処理の誤りです")
    return letter.id, letter.where, letter.cause, str(letter.tries), at, f"{reason}\n({letter.fault})"


def _change(database: Database, action: str, letters: list[str], console: Console) -> None:
    with database.work() as work:
        chosen = [letter.id for letter in dead_letters(work)] if letters == [ALL] else letters
        for letter in chosen:
            (resend if action == "resend" else drop)(work, letter)
            work.audit.note("admin:cli", f"{action} {letter}")
    if chosen:
        show(console, _DONE[action].format(ids="、".join(chosen)))
    else:
        show(console, "届かなかったものはありません。")
