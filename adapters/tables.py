"""What the commands show: data → Rich tables. Everything printed here is for staff and admins."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.console import show
from bot import evaluation
from bot.message import Reply, ReplyStatus
from knowledge.directory import location
from knowledge.entities import Office, Project

if TYPE_CHECKING:
    from adapters.doctor import Finding
    from indexer.build import IndexReport
    from indexer.generations import GenerationInfo

UNCONFIRMED = "未確認"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], unbroken: Sequence[str] = ()) -> Table:
    """A table of texts, none of them markup. Cells of the `unbroken` columns keep their lines (phones, figures)."""
    made = Table(title=title, title_justify="left", header_style="bold", show_lines=True)
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column in unbroken)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def show_offices(console: Console, offices: Sequence[Office]) -> None:
    """Contacts as a table: a missing phone says so, further numbers stand below with their source."""
    if not offices:
        show(console, "該当する窓口はありません。市町村名や「小樽開発建設部」のような部署名でお試しください。")
        return
    rows = [(_lines(o.name, o.section, location(o)), _phones(o), _lines(o.email, o.url), _as_of(o)) for o in offices]
    console.print(
        table(
            f"窓口 {len(rows)} 件", ("窓口・所在地", "電話", "メール・ページ", "時点"), rows, unbroken=("電話", "時点")
        )
    )
    others = [f"{o.name}: {p.phone}({p.source}、{p.as_of})" for o in offices for p in o.other_phones]
    if others:
        show(console, "資料により番号が異なるもの\n" + "\n".join(others))


def _phones(office: Office) -> str:
    return _lines(office.phone or UNCONFIRMED, *(f"({other.phone})" for other in office.other_phones))


def _as_of(office: Office) -> str:
    return _lines(office.as_of, "" if office.verified else f"({UNCONFIRMED})")


def show_projects(console: Console, projects: Sequence[Project]) -> None:
    if not projects:
        show(console, "該当する事業はありません。地域名・団体名・指標名でもお試しください。")
        return
    rows = [(_lines(p.name, f"({p.area})"), _kpi(p), _circumstances(p)) for p in projects]
    console.print(table(f"事業 {len(rows)} 件", ("事業(地域)", "指標", "主体・期間・連絡先"), rows))


def _circumstances(project: Project) -> str:
    return _lines(project.lead, project.partners, project.period, project.status, project.contact)


def _lines(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)


def _kpi(project: Project) -> str:
    """The measure, and below it: baseline (year) → target (year)."""
    ends = [
        f"{value}{project.unit}({year})" if year else f"{value}{project.unit}"
        for value, year in ((project.baseline, project.baseline_year), (project.target, project.target_year))
        if value
    ]
    return _lines(project.kpi, " → ".join(ends))


def show_index_report(console: Console, report: "IndexReport") -> None:
    """What was indexed, and each file that was not with its reason."""
    for mark, files in (("失敗", report.failed), ("対象外", report.skipped)):
        for source, reason in files:
            show(console, f"{mark}: {source}: {reason}")
    if report.generation_id is None:
        show(console, "索引にできる資料がありませんでした。索引は変わっていません。")
        return
    show(
        console,
        f"資料 {report.files} 件、パッセージ {report.passages} 件"
        f"(再利用 {report.reused}、新規 {report.embedded}、削除 {report.removed})、"
        f"失敗 {len(report.failed)} 件、対象外 {len(report.skipped)} 件、{report.seconds:.1f} 秒\n"
        f"現在の世代: {report.generation_id}",
    )


def show_generations(console: Console, generations: "Sequence[GenerationInfo]") -> None:
    """Newest first; the current one is marked."""
    if not generations:
        show(console, "索引はまだありません。`renkei index` で作ります。")
        return
    rows = [("*" if g.current else "", g.id, _created(g), _contents(g)) for g in generations]
    columns = ("", "世代", "作成(UTC)", "内容")
    console.print(table("索引の世代(* は現在)", columns, rows, unbroken=columns[1:3]))


def _created(generation: "GenerationInfo") -> str:
    return (generation.created_at or "").removesuffix("+00:00").replace("T", " ")


def _contents(generation: "GenerationInfo") -> str:
    if generation.problem:
        return generation.problem
    return _lines(f"資料 {generation.documents}、パッセージ {generation.passages}", generation.model)


def show_findings(console: Console, findings: "Sequence[Finding]") -> None:
    """What doctor found: the subject, whether it is well, and the remedy where it is not."""
    rows = [("OK" if f.good else "NG", f.subject, f.words) for f in findings]
    console.print(table("renkei doctor", ("", "項目", "状態"), rows))


def offices_as_rows(offices: Sequence[Office]) -> list[dict[str, Any]]:
    """Offices in the form of the reply object."""
    rows: list[dict[str, Any]] = Reply(ReplyStatus.COMMAND, "", offices=tuple(offices)).as_dict()["offices"]
    return rows


def projects_as_rows(projects: Sequence[Project]) -> list[dict[str, Any]]:
    return [asdict(project) for project in projects]


def show_scores(console: Console, outcomes: Sequence[evaluation.Outcome], failures: bool) -> None:
    """A table per kind of row: all rows, then each breakdown; with `failures` every row that failed."""
    for scored in evaluation.score(outcomes):
        console.print(_scores(scored))
    times = evaluation.times(outcomes)
    show(console, "返事の時間 " + "、".join(f"{name} {ms} ms" for name, ms in times.items()))
    for outcome in outcomes if failures else ():
        if outcome.failed() and outcome.reply:
            show(console, f"\n{outcome.id}  [{', '.join(outcome.failed())}]  {outcome.reply.status}")
            show(console, f"> {outcome.said}\n{outcome.reply.text}")


def _scores(scored: evaluation.Table) -> Table:
    made = Table(title=scored.name, title_justify="left", header_style="bold", box=SIMPLE, pad_edge=False)
    made.add_column("", no_wrap=True)
    for measure in scored.overall:
        made.add_column(measure, justify="right")
    for values in ({f"全 {scored.rows} 件": scored.overall}, *scored.by.values()):
        made.add_section()
        for value, counts in values.items():
            made.add_row(Text(value), *(_rate(counts.get(measure)) for measure in scored.overall))
    return made


def _rate(count: evaluation.Count | None) -> str:
    return f"{count.rate:.3f} {count.hits:>3}/{count.of}" if count else "-"
