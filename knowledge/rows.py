"""The directory's CSV rows made into entities, checked cell by cell. Each maker raises DataError for a bad cell."""

import re
from collections.abc import Collection, Mapping

from knowledge.entities import Elsewhere, Level, Municipality, Office, OtherPhone, Place, Project
from knowledge.tables import AS_OF, Row

OFFICE_COLUMNS = (
    "name section level phone other_phones email postal address hours url fallback_url municipality aliases note "
    "source as_of verified"
).split()
MUNICIPALITY_COLUMNS = "code name kana romaji district subprefecture bureaus area note source as_of".split()
PLACE_COLUMNS = "name kana aliases kind municipalities rule source as_of".split()
ELSEWHERE_COLUMNS = "code prefecture name kana aliases rule source as_of".split()
PROJECT_COLUMNS = (
    "name area lead partners period status measures kpi unit baseline baseline_year target target_year contact "
    "source as_of"
).split()
PLACE_KINDS = frozenset(
    "short former ward district subprefecture bureau region territory name landmark park lake river mountain cape "
    "island spa ski airport port station railway road facility".split()
)
HEAD_OFFICE = "本局"  # the section of the office above all 開発建設部
RULES = frozenset(("", "locative", "suffix", "kana", "old", "elsewhere"))

_PHONE = re.compile(r"0\d{1,4}-\d{1,4}-\d{3,4}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_POSTAL = re.compile(r"\d{3}-\d{4}")
_KANA = re.compile(r"[ぁ-ゖー0-9A-Za-z・&]*")


def office(row: Row, municipalities: Collection[str]) -> Office:
    """An Office; its `url` is the section's page, else the front page of its organisation. A city hall may stand
    without a section."""
    level = Level(row.choice("level", [level.value for level in Level]))
    if row["municipality"]:
        row.choice("municipality", municipalities)
    return Office(
        name=row.required("name"),
        section=row["section"] if level is Level.CITY else row.required("section"),
        level=level,
        phone=row.form("phone", _PHONE, "011-000-0000 のような電話番号、または空欄"),
        other_phones=tuple(_other_phone(row, item) for item in row.items("other_phones", ";")),
        email=row.form("email", _EMAIL, "メールアドレス、または空欄"),
        postal=row.form("postal", _POSTAL, "060-0000 のような郵便番号、または空欄"),
        address=row["address"] or None,
        hours=row["hours"] or None,
        url=row.url("url") or row.url("fallback_url"),
        source=row.required("source"),
        as_of=row.as_of(),
        verified=row.choice("verified", ("yes", "no")) == "yes",
        note=row["note"] or None,
        located_in=row["municipality"] or None,
    )


def _other_phone(row: Row, item: str) -> OtherPhone:
    expected = "電話|出典|時点(例: 011-000-0000|公式ページ|2025-03)、複数なら ';' で区切る"
    parts = [part.strip() for part in item.split("|")]
    if len(parts) != 3 or not _PHONE.fullmatch(parts[0]) or not parts[1] or not AS_OF.fullmatch(parts[2]):
        raise row.fail("other_phones", expected)
    return OtherPhone(*parts)


def municipality(row: Row) -> Municipality:
    bureaus = row.items("bureaus")
    if not bureaus:
        raise row.fail("bureaus", "一つ以上の開発建設部('|' で区切る)")
    row.required("source")
    row.as_of()
    code = row.form("code", re.compile(r"01\d{4}"), "01 で始まる 6 桁の番号") or row.required("code")
    return Municipality(
        code=code,
        name=row.form("name", re.compile(r".+[市町村]"), "市・町・村で終わる名前") or row.required("name"),
        kana=row.form("kana", _KANA, "ひらがな") or row.required("kana"),
        romaji=row.required("romaji"),
        district=row["district"] or None,
        subprefecture=row.required("subprefecture"),
        bureaus=bureaus,
        area=row.required("area"),
        note=row["note"] or None,
    )


def place(row: Row, municipalities: Mapping[str, tuple[Municipality, ...]]) -> Place:
    """A Place. `municipalities`: name → itself, and "@" + 郡, 振興局, 開発建設部 or 連携地域 → its members."""
    kind = row.choice("kind", PLACE_KINDS)
    members: dict[str, Municipality] = {}
    for item in row.items("municipalities"):
        if item not in municipalities:
            raise row.fail("municipalities", f"道内の市町村名、または @ と地域名({item} はありません)")
        members.update((member.code, member) for member in municipalities[item])
    if not members and kind not in ("territory", "name"):
        raise row.fail("municipalities", "一つ以上の市町村")
    return Place(
        name=row.required("name"),
        kana=row.form("kana", _KANA, "ひらがな") or "",
        aliases=row.items("aliases"),
        kind=kind,
        municipalities=tuple(members.values()),
        rule=row.choice("rule", RULES),
        source=row.required("source"),
        as_of=row.as_of() or row.required("as_of"),
    )


def elsewhere(row: Row) -> Elsewhere:
    return Elsewhere(
        code=row.form("code", re.compile(r"\d{6}"), "6 桁の番号") or row.required("code"),
        prefecture=row.required("prefecture"),
        name=row.required("name"),
        kana=row.form("kana", _KANA, "ひらがな") or row.required("kana"),
        aliases=row.items("aliases"),
        rule=row.choice("rule", RULES),
        source=row.required("source"),
        as_of=row.as_of() or row.required("as_of"),
    )


def project(row: Row) -> Project:
    row.required("name")
    row.required("source")
    row.as_of()
    return Project(**{column: row[column] for column in PROJECT_COLUMNS})
