"""Who else handles what: the rows of directory/desks.csv, matched against a message."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from knowledge.entities import Contact
from knowledge.errors import DataError, made_of_all
from knowledge.text import normalise

COLUMNS = ("id", "kind", "patterns", "exclude", "name", "phone", "url", "note", "source", "as_of")
_REQUIRED = ("id", "kind", "patterns", "name", "source")
_KINDS = frozenset(
    "emergency crisis road prefectural_road city_office tax hello_work labour police legal registry consumer child "
    "violence pension passport immigration hospital weather river complaint wildlife utility vehicle business farm "
    "school tourism transport health election institution".split()
)
_SPACE_IN_JAPANESE = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_UNSAFE_ESCAPE = re.compile(r"\\[A-Z]")
_PHONE = re.compile(r"#?\d{2,5}(-\d{2,6}){0,2}")
_AS_OF = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")

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


def matchable(text: str) -> str:
    """`normalise(text)` on one line without white space beside Japanese: やさしい 日本語 reads like plain text."""
    return " ".join(_SPACE_IN_JAPANESE.sub("", normalise(text)).split())


def pattern(expression: str) -> re.Pattern[str]:
    """A regular expression for `matchable` text, written in ordinary spelling; case does not count.

    Raises ValueError on a bad expression and on escapes such as \\S, which lower-casing would turn around.
    """
    if _UNSAFE_ESCAPE.search(expression):
        raise ValueError("escapes with capital letters are not supported")
    try:
        return re.compile(normalise(expression), re.IGNORECASE)
    except re.error as error:
        raise ValueError(str(error)) from error


def load_desks(path: Path) -> tuple[Desk, ...]:
    """The rows of `path` in order, UTF-8 CSV. Raises DataError naming file, line, column and the expected form.

    `patterns`: groups separated by ` ; ` (any of them), each of expressions joined by ` & ` (all of them).
    `exclude`: an expression; `{matter}` and `{paper}` in it stand for the words of our own matters and of plans.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _check_columns(path, reader.fieldnames)
            desks = made_of_all(lambda row: _desk(path, reader.line_num, row), reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 CSV ({error}); save it as UTF-8 CSV") from error
    _check_unique(path, desks)
    return desks


def _check_columns(path: Path, names: object) -> None:
    missing = [c for c in COLUMNS if c not in (names or ())]  # type: ignore[operator]
    if missing:
        raise DataError(f"{path}, line 1: column {missing[0]!r} is missing; expected the header {','.join(COLUMNS)}")


def _check_unique(path: Path, desks: tuple[Desk, ...]) -> None:
    seen: set[str] = set()
    for desk in desks:
        if desk.id in seen:
            raise DataError(f"{path}, column 'id': {desk.id!r} stands twice; expected one row per id")
        seen.add(desk.id)


def _desk(path: Path, line: int, row: dict[str, str | None]) -> Desk:
    cell = {column: (row.get(column) or "").strip() for column in COLUMNS}

    def fail(column: str, expected: str) -> DataError:
        return DataError(f"{path}, line {line}, column {column!r}: {cell[column]!r}; expected {expected}")

    if None in row:
        raise DataError(f"{path}, line {line}: more cells than columns; expected {len(COLUMNS)}, quote commas")
    for column in _REQUIRED:
        if not cell[column]:
            raise fail(column, "a value")
    if cell["kind"] not in _KINDS:
        raise fail("kind", "one of " + " ".join(sorted(_KINDS)))
    if cell["phone"] and not _PHONE.fullmatch(cell["phone"]):
        raise fail("phone", "digits with hyphens such as 0570-090110 or #9910")
    if cell["url"] and not cell["url"].startswith(("https://", "http://")):
        raise fail("url", "an address that begins with https:// or http://")
    if cell["as_of"] and not _AS_OF.fullmatch(cell["as_of"]):
        raise fail("as_of", "a date such as 2025-03-31, 2025-03 or 2025")
    try:
        groups = tuple(tuple(pattern(e) for e in group.split(" & ")) for group in cell["patterns"].split(" ; "))
    except ValueError as error:
        raise fail("patterns", f"regular expressions joined by ' & ' and ' ; ' ({error})") from error
    try:
        exclude = (
            pattern(cell["exclude"].replace("{matter}", MATTER).replace("{paper}", PAPER)) if cell["exclude"] else None
        )
    except ValueError as error:
        raise fail("exclude", f"a regular expression ({error})") from error
    return Desk(
        cell["id"],
        cell["kind"],
        groups,
        exclude,
        cell["name"],
        cell["phone"] or None,
        cell["url"] or None,
        cell["note"] or None,
        cell["source"],
        cell["as_of"] or None,
    )
