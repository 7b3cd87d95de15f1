"""Staff look-ups: which offices, which projects does a query mean?"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from knowledge import wareki
from knowledge.entities import Level, Office, Project
from knowledge.gazetteer import Gazetteer, Mention
from knowledge.lexical import year_terms
from knowledge.rows import HEAD_OFFICE
from knowledge.senses import OUTSIDE
from knowledge.spelling import chinese, fold, fold_name
from knowledge.text import compact, terms

if TYPE_CHECKING:
    from knowledge.directory import Directory

_DIGITS = re.compile(r"#?\d[\d()\-‐‑–—−ー\s]{4,}\d")
_MAIL = re.compile(r"[\w.+-]+@[\w.-]+")
_NATIONAL = re.compile(r"国の|国側|国と|国土交通|開発局|開建|開発建設|national|国家")
_PREFECTURE = re.compile(r"道の|道側|道庁|振興局|subprefect|北海道政府")
_ALL = re.compile(r"一覧|全部|すべて|全て|全国の|の連絡先$|^連絡先$|list|all")
_SHARE_OF_BEST = 0.3
_FIGURE = "KPI 指標 数値目標"  # what a project with a figure may be asked for


class OfficeFinder:
    """Office look-up by number, address, name or place. Built once from a Directory."""

    def __init__(self, directory: "Directory") -> None:
        self._directory = directory
        self._gazetteer = Gazetteer(directory)
        self._names = _office_names(directory)

    def find(self, query: str) -> list[Office]:
        """Best first; empty if the query names no office and no place of ours."""
        by_contact = self._by_contact(query)
        if by_contact:
            return by_contact
        named = self._named(query)
        head = [office for office in named if office.section == HEAD_OFFICE]
        parts = [office for office in named if office not in head]
        return parts or self._by_place(query) or self._by_section(query) or head or self._by_words(query)

    def _by_contact(self, query: str) -> list[Office]:
        text = compact(query).lower()
        mails = set(_MAIL.findall(text))
        numbers = {re.sub(r"\D", "", number) for number in _DIGITS.findall(text)}
        return [o for o in self._directory.offices if (o.email in mails) or any(_has_number(o, n) for n in numbers)]

    def _named(self, query: str) -> list[Office]:
        """Offices whose own name stands in the query, in the order of appearance; the longest name counts."""
        text = fold(query).text
        found: list[Office] = []
        position = 0
        while position < len(text):
            name = next((n for n in self._names if text.startswith(n, position)), None)
            if name:
                found.extend(o for o in self._directory.offices if o.name == self._names[name] and o not in found)
            position += len(name) if name else 1
        return found

    def _by_place(self, query: str) -> list[Office]:
        """Both desks of every place named, or those of the level that the query asks for."""
        mentions = [m for m in self._gazetteer.find(query) if m.kind != OUTSIDE]
        places = [m for m in mentions if len(m.municipalities) < len(self._directory.municipalities)]
        offices = [office for mention in places for office in self._desks(mention)]
        wanted = _levels(fold(query).text)
        return list(dict.fromkeys(o for o in offices if o.level in wanted))

    def _desks(self, mention: Mention) -> list[Office]:
        if mention.kind == "subprefecture":
            name = mention.municipalities[0].subprefecture
            main = self._directory.bureau_office(self._directory.main_bureau(name))
            return [main, self._directory.subprefecture_office(name)]
        desks = [self._directory.desks_of(town) for town in mention.municipalities]
        offices = list(dict.fromkeys(office for pair in desks for office in pair))
        return sorted(offices, key=lambda office: office.level is Level.PREFECTURE)

    def _by_section(self, query: str) -> list[Office]:
        """All offices of a section, where the query is little more than its name or asks for a list."""
        text = compact(query)
        sections = [s for s in ("地域連携課", "地域政策課") if s in text]
        if not sections or (len(text) > len(sections[0]) + 2 and not _ALL.search(text)):
            return []
        return [o for o in self._directory.offices if o.section.endswith(tuple(sections))]

    def _by_words(self, query: str) -> list[Office]:
        """Staff may search by a piece of an address, a section or a note."""
        words = [fold_name(word) for word in query.split()]
        if not words or len(query) > 20 or any(len(word) < 2 for word in words):
            return []
        return [o for o in self._directory.offices if all(word in _everything(o) for word in words)]


def _has_number(office: Office, digits: str) -> bool:
    numbers = [office.phone, *(other.phone for other in office.other_phones)]
    return any(number and re.sub(r"\D", "", number) == digits for number in numbers)


def _levels(text: str) -> set[Level]:
    asked = {
        level
        for level, pattern in ((Level.NATIONAL, _NATIONAL), (Level.PREFECTURE, _PREFECTURE))
        if pattern.search(text)
    }
    return asked or set(Level)


def _office_names(directory: "Directory") -> dict[str, str]:
    """Folded name or alias, longest first → the office's name; Chinese forms included."""
    names: dict[str, str] = {}
    for name in dict.fromkeys(office.name for office in directory.offices):
        for written in (name, *directory.office_aliases.get(name, ())):
            for form in (written, *chinese(written)):
                names.setdefault(fold_name(form), name)
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


def _everything(office: Office) -> str:
    fields = (office.name, office.section, office.address, office.postal, office.note, office.email)
    return fold_name(" ".join(field for field in fields if field))


def rank_projects(query: str, projects: Sequence[Project]) -> list[Project]:
    """Projects that share words or years with `query`, best first: rare words and words of name or area weigh most.

    Projects with less than a third of the best score are left out; an empty query gives all. "KPI" finds those that
    have one.
    """
    if not query.strip():
        return list(projects)
    asked = set(_terms(query))
    bags = [_bag(project) for project in projects]
    seen = Counter(term for bag in bags for term in bag)
    scores = [sum(bag[t] * math.log1p(len(bags) / seen[t]) for t in asked if t in bag) for bag in bags]
    best = max(scores, default=0.0)
    ranked = sorted(zip(scores, projects, strict=True), key=lambda pair: -pair[0])
    return [project for score, project in ranked if score > 0 and score >= _SHARE_OF_BEST * best]


def _bag(project: Project) -> dict[str, float]:
    """Term → weight of the field it stands in."""
    bag: dict[str, float] = {}
    figure = f"{_FIGURE} {project.kpi} {project.baseline_year} {project.target_year}" if project.kpi else ""
    for weight, fields in (
        (0.3, (project.status, project.contact)),
        (1.5, (project.lead, project.partners, project.period)),
        (2.0, (project.measures, figure)),
        (3.0, (project.name, project.area)),
    ):
        for field in fields:
            bag.update(dict.fromkeys(_terms(field), weight))
    return bag


def _terms(text: str) -> list[str]:
    """Words and pairs of characters; a year counts as a whole, however it is written, and not by its pieces."""
    bare = text
    for mention in reversed(wareki.years(text)):
        bare = f"{bare[: mention.start]} {bare[mention.end :]}"
    return terms(bare) + year_terms(text)
