"""The directory: offices, the 179 municipalities, places, other desks, projects. Loaded, checked, looked up.

Bundled rows stand in knowledge/directory/*.csv; a data directory overrides offices, places, desks and projects row by
row (offices by name and section, desks by id, the others by name).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge import desks, rows
from knowledge.desks import Desk
from knowledge.entities import Elsewhere, Level, Municipality, Office, Passage, PassageKind, Place, Project
from knowledge.errors import DataError
from knowledge.tables import Row, made_of_all, overlay, read_table

if TYPE_CHECKING:
    from knowledge.lookup import OfficeFinder
    from knowledge.senses import Index

BUNDLED = Path(__file__).parent / "directory"
MUNICIPALITIES = 179


@dataclass(frozen=True)
class Directory:
    """What is known of offices and places. Immutable; look-ups are built on first use."""

    offices: tuple[Office, ...]
    municipalities: tuple[Municipality, ...]
    places: tuple[Place, ...]
    elsewhere: tuple[Elsewhere, ...]
    desks: tuple[Desk, ...]
    projects: tuple[Project, ...]
    office_aliases: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, data_dir: Path | None = None) -> "Directory":
        """The bundled rows, overridden from `data_dir`. Raises DataError naming file, line, column, expected form."""
        towns = made_of_all(rows.municipality, _municipality_rows())
        office_rows = _read("offices", rows.OFFICE_COLUMNS, ("name", "section"), data_dir)
        names = {town.name for town in towns}
        offices = made_of_all(lambda row: rows.office(row, names), office_rows)
        _check_desks_exist(towns, offices)
        groups = _groups(towns)
        places = _read("places", rows.PLACE_COLUMNS, ("name",), data_dir)
        return cls(
            offices=offices,
            municipalities=towns,
            places=made_of_all(lambda row: rows.place(row, groups), places),
            elsewhere=made_of_all(rows.elsewhere, _bundled("elsewhere", rows.ELSEWHERE_COLUMNS)),
            desks=made_of_all(desks.desk, _read("desks", desks.COLUMNS, ("id",), data_dir)),
            projects=made_of_all(rows.project, _read("projects", rows.PROJECT_COLUMNS, ("name",), data_dir)),
            office_aliases={row["name"]: row.items("aliases") for row in office_rows},
        )

    def bureau_office(self, bureau: str) -> Office:
        """The 地域連携課 of a 開発建設部, by its full name. KeyError if there is none."""
        return self._office(bureau, Level.NATIONAL)

    def subprefecture_office(self, name: str) -> Office:
        """The 地域政策課 of a (総合)振興局, by its full name. KeyError if there is none."""
        return self._office(name, Level.PREFECTURE)

    def municipality(self, name_or_code: str) -> Municipality | None:
        """By name (倶知安町) or code (six digits, or five without the check digit)."""
        return self._municipalities.get(name_or_code)

    def desks_of(self, town: Municipality) -> tuple[Office, ...]:
        """国 first (幌加内町 has two), then 道."""
        national = [self.bureau_office(bureau) for bureau in town.bureaus]
        return (*national, self.subprefecture_office(town.subprefecture))

    def main_bureau(self, subprefecture: str) -> str:
        """The 開発建設部 that is in charge of most municipalities of a (総合)振興局."""
        return self._main_bureaus[subprefecture]

    def find_offices(self, query: str) -> list[Office]:
        """Offices by name, short name, kana, romaji, place, section, phone number or mail address; best first.

        A place gives both desks, unless the question asks for one level (国・開発局, 道・振興局). Empty if none.
        """
        return self._finder.find(query)

    def publisher_offices(self, publisher: str) -> tuple[Office, ...]:
        """The offices that a publisher names: 札幌・小樽開発建設部 are two; 旭川市 is its city hall, not its desks.

        The head office counts only where none of its parts is named.
        """
        named = tuple(office for office in self.offices if _is_named(office, publisher))
        return tuple(office for office in named if office.section != rows.HEAD_OFFICE) or named

    def find_projects(self, query: str) -> list[Project]:
        """Projects that share words with `query`, best first."""
        from knowledge.lookup import rank_projects

        return rank_projects(query, self.projects)

    def passages(self) -> list[Passage]:
        """One passage of kind `directory` per office."""
        return [self._passage(office) for office in self.offices]

    # ── look-ups, built once ─────────────────────────────────────────────────────────────────────────────────────────

    def _office(self, name: str, level: Level) -> Office:
        """Of several sections the one for regional matters."""
        found = [office for office in self.offices if office.name == name and office.level is level]
        if not found:
            raise KeyError(name)
        return next((o for o in found if o.section.endswith(("地域連携課", "地域政策課"))), found[0])

    @cached_property
    def spellings(self) -> "Index":
        """Every way to write a place → what it may mean; the gazetteer searches it."""
        from knowledge.senses import build_index

        return build_index(self)

    @cached_property
    def _municipalities(self) -> dict[str, Municipality]:
        return {key: town for town in self.municipalities for key in (town.name, town.code, town.code[:5])}

    @cached_property
    def _main_bureaus(self) -> dict[str, str]:
        counts: dict[str, list[str]] = {}
        for town in self.municipalities:
            counts.setdefault(town.subprefecture, []).append(town.bureaus[0])
        return {name: max(set(bureaus), key=bureaus.count) for name, bureaus in counts.items()}

    @cached_property
    def _finder(self) -> "OfficeFinder":
        from knowledge.lookup import OfficeFinder

        return OfficeFinder(self)

    def _passage(self, office: Office) -> Passage:
        title = f"連絡先 {office.name} {office.section}".rstrip()
        towns = [t.name for t in self.municipalities if office.name in (t.subprefecture, *t.bureaus)]
        return Passage(
            id=f"directory/{office.name}/{office.section}".rstrip("/"),
            text="\n".join(_lines(office, towns)),
            context=" ".join((title, *self.office_aliases.get(office.name, ()))),
            title=title,
            section=office.section or office.name,
            source="directory/offices.csv",
            kind=PassageKind.DIRECTORY,
            date=office.as_of,
            publisher=office.name,
            url=office.url,
        )


def _lines(office: Office, towns: Sequence[str]) -> list[str]:
    """What a reader needs of an office, one fact a line; unknown facts have no line."""
    facts = {
        "電話": office.phone,
        "メール": office.email,
        "所在地": location(office),
        "受付時間": office.hours,
        "ページ": office.url,
        "担当する市町村": "、".join(towns),
        "備考": office.note,
        "出典": office.source,
        "時点": office.as_of,
    }
    others = [f"別の電話: {other.phone}({other.source}、{other.as_of})" for other in office.other_phones]
    lines = [f"{label}: {value}" for label, value in facts.items() if value]
    name = f"{office.name} {office.section}".rstrip()
    return [f"{name}({office.level})", *lines[:1], *others, *lines[1:]]


def location(office: Office) -> str | None:
    """The address, else the municipality, which is known of more offices."""
    if office.address:
        return f"〒{office.postal} {office.address}" if office.postal else office.address
    return office.located_in and f"{office.located_in}(番地は未確認)"


def _bundled(name: str, columns: Sequence[str]) -> list[Row]:
    return read_table(BUNDLED / f"{name}.csv", columns)


def _municipality_rows() -> list[Row]:
    found = overlay(_bundled("municipalities", rows.MUNICIPALITY_COLUMNS), (), ("name",))
    if len(found) != MUNICIPALITIES:
        raise DataError(
            f"{BUNDLED / 'municipalities.csv'}: {len(found)} 行あります。正しくは {MUNICIPALITIES} 行です。"
        )
    return found


def _read(name: str, columns: Sequence[str], key: Sequence[str], data_dir: Path | None) -> list[Row]:
    """Bundled rows and over them those of `data_dir`. In an own file only the key and source are needed columns."""
    path = data_dir / f"{name}.csv" if data_dir else None
    own = read_table(path, columns, (*key, "source")) if path and path.exists() else []
    return overlay(_bundled(name, columns), own, key)


def _groups(towns: Sequence[Municipality]) -> dict[str, tuple[Municipality, ...]]:
    groups: dict[str, tuple[Municipality, ...]] = {town.name: (town,) for town in towns}
    for town in towns:
        for name in filter(None, (town.district, town.subprefecture, *town.bureaus, town.area)):
            groups["@" + name] = (*groups.get("@" + name, ()), town)
    return groups


def _check_desks_exist(towns: Sequence[Municipality], offices: Sequence[Office]) -> None:
    known = {(office.name, office.level) for office in offices}
    for town in towns:
        for name, level in (
            *((b, Level.NATIONAL) for b in town.bureaus),
            (town.subprefecture, Level.PREFECTURE),
        ):
            if (name, level) not in known:
                path = BUNDLED / "municipalities.csv"
                raise DataError(
                    f"{path} {town.name} の行: {name}({level})が offices.csv にありません。窓口の行を足してください。"
                )


def _is_named(office: Office, publisher: str) -> bool:
    if office.name in publisher or office.name == f"{publisher}役所":
        return True
    kind = next((k for k in ("開発建設部", "総合振興局", "振興局") if office.name.endswith(k)), None)
    return kind is not None and kind in publisher and office.name.removesuffix(kind) in publisher
