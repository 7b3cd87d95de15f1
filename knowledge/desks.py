"""Who else handles what: the rows of directory/desks.csv, matched against a message."""

import re
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from knowledge.entities import Contact
from knowledge.tables import Row, made_of_all, read_table, unique
from knowledge.text import normalise

COLUMNS = ("id", "kind", "patterns", "exclude", "name", "phone", "url", "note", "source", "as_of")
_KINDS = frozenset(
    "emergency crisis road prefectural_road city_office tax hello_work labour police legal registry consumer child "
    "violence pension passport immigration hospital weather river complaint wildlife utility vehicle business farm "
    "school tourism transport health election institution".split()
)
_UNSAFE_ESCAPE = re.compile(r"\\[A-Z]")
_PHONE = re.compile(r"#?\d{2,5}(-\d{2,6}){0,2}")

# Words of plans and meetings: where one stands, a question is about what a paper says.
PAPER = (
    "ビジョン|プロジェクト|kpi|アクションプラン|開発計画|総合計画|(道|市|町|国)の計画|展開方針|改訂案|"
    "シンポジウム|ワークショップ|報告会|連携会議|協議会"
)
# Words of our own matters: where one stands, a soft topic word (ごみ, 病院, 空き家) does not make it another desk's.
MATTER = PAPER + (
    "|地域づくり|まちづくり|町づくり|街づくり|地域おこし|町おこし|まちおこし|村おこし|活性化|にぎわい|賑わい|盛り上げ|イベント|企画|催し|"
    "交流(の場|拠点|スペース|施設|人口|会)|拠点に|カフェ|ツアー|体験|周遊|連携し(て|た)|協働|共創|官民|取組|取り組|ボランティア|仕組み|商品開発|特産|"
    "資料|住民の手|若手|仲間|勉強会|(会|集まり|グループ|場|サークル)を(し|開|作|つく|立ち|始)|集まって|協力隊|移住者(を|が|の)|担い手|"
    "商店街|温泉街|町内会|組合です|団体です|communit|visitors|neighbors|neighbours|project|社区|活动|地区振兴"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody else's desk. `patterns`: it is meant when every pattern of one of the groups is found in a message and
    `exclude` is not. `phone` and `url` may be None; they are never invented."""

    id: str
    kind: str
    patterns: tuple[tuple[re.Pattern[str], ...], ...]
    exclude: re.Pattern[str] | None
    name: str
    phone: str | None
    url: str | None
    note: str | None
    source: str
    as_of: str | None

    def handles(self, form: str) -> bool:
        """Whether a message is for this desk. `form`: the message after `matchable`."""
        if self.exclude and self.exclude.search(form):
            return False
        return any(all(p.search(form) for p in group) for group in self.patterns)

    @property
    def contact(self) -> Contact:
        return Contact(self.name, self.phone, self.url, self.note)


def pattern(expression: str) -> re.Pattern[str]:
    """A regular expression for `matchable` text, written in ordinary spelling; case does not count.

    Raises ValueError on a bad expression and on escapes such as \\S, which lower-casing would turn around.
    """
    if _UNSAFE_ESCAPE.search(expression):
        raise ValueError("大文字のエスケープは使えません")
    try:
        return re.compile(normalise(expression), re.IGNORECASE)
    except re.error as error:
        raise ValueError(str(error)) from error


def load_desks(path: Path) -> tuple[Desk, ...]:
    """The rows of `path` in order. Raises DataError naming file, line, column and the expected form."""
    return made_of_all(desk, unique(read_table(path, COLUMNS), itemgetter("id"), "id", "同じ id は 1 行だけ"))


def desk(row: Row) -> Desk:
    """A Desk. `patterns`: groups separated by ` ; ` (any of them), each of expressions joined by ` & ` (all of them).

    `exclude`: an expression; `{matter}` and `{paper}` in it stand for the words of our own matters and of plans.
    """
    return Desk(
        id=row.required("id"),
        kind=row.choice("kind", _KINDS),
        patterns=_groups(row),
        exclude=_exclude(row),
        name=row.required("name"),
        phone=row.form("phone", _PHONE, "0570-090110 や #9910 のような番号、または空欄"),
        url=row.url("url"),
        note=row["note"] or None,
        source=row.required("source"),
        as_of=row.as_of(),
    )


def _groups(row: Row) -> tuple[tuple[re.Pattern[str], ...], ...]:
    groups = row.required("patterns").split(" ; ")
    try:
        return tuple(tuple(pattern(expression) for expression in group.split(" & ")) for group in groups)
    except ValueError as error:
        raise row.fail("patterns", f"' & ' と ' ; ' でつないだ正規表現({error})") from error


def _exclude(row: Row) -> re.Pattern[str] | None:
    expression = row["exclude"].replace("{matter}", MATTER).replace("{paper}", PAPER)
    try:
        return pattern(expression) if expression else None
    except ValueError as error:
        raise row.fail("exclude", f"正規表現({error})") from error
