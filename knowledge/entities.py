"""The nouns. Frozen dataclasses without behaviour; unknown values are None, never guessed."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Which government an Office belongs to."""

    NATIONAL = "国"
    PREFECTURE = "道"
    CITY = "市"


class Status(StrEnum):
    """Standing of a Document."""

    CURRENT = "current"
    DRAFT = "draft"
    SUPERSEDED = "superseded"


class PassageKind(StrEnum):
    """`document` passages come from indexed files, `directory` passages from the contact directory."""

    DOCUMENT = "document"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Document:
    """One plan, vision, report or page, as a loader read it and the metadata step completed it.

    `source`: path relative to the indexed root (POSIX), or the address. `pages`: the text page by page where the
    format has pages, else one element; `numbered` says whether page numbers mean anything to a reader.
    `date`: ISO 8601 of any precision ("2025-03-31", "2025-04", "2025"). `url`: public address, if known.
    """

    source: str
    pages: tuple[str, ...]
    numbered: bool
    title: str
    publisher: str | None = None
    region: str | None = None
    date: str | None = None
    status: Status = Status.CURRENT
    successor: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a Document that can stand as evidence.

    `text`: the very words, original characters, at most 900 without white space. A line break is a structural
    border; a table row is one line, its cells separated by a tab, items inside one cell by a vertical tab.
    `header`: the column names where `text` holds table rows. `context`: title, section path, region and date; it is
    embedded and searched together with `text` but never shown as a quotation. `section`: path joined by " › ".
    """

    id: str
    text: str
    context: str
    title: str
    section: str
    source: str
    kind: PassageKind = PassageKind.DOCUMENT
    header: tuple[str, ...] = ()
    page: int | None = None
    date: str | None = None
    publisher: str | None = None
    region: str | None = None
    status: Status = Status.CURRENT
    successor: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class OtherPhone:
    """A further number that a source gives for the same section."""

    phone: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Office:
    """A section one can contact. Two desks exist for every place: 国 and 道. A missing phone stays None.

    `located_in`: the municipality where it stands; known for some whose `address` is not.
    """

    name: str
    section: str
    level: Level
    phone: str | None
    other_phones: tuple[OtherPhone, ...]
    email: str | None
    postal: str | None
    address: str | None
    hours: str | None
    url: str | None
    source: str
    as_of: str | None
    verified: bool
    note: str | None = None
    located_in: str | None = None


@dataclass(frozen=True, slots=True)
class Municipality:
    """One of the 179 municipalities. `bureaus`: 開発建設部 in charge, the main one first (幌加内町 has two)."""

    code: str
    name: str
    kana: str
    romaji: str
    district: str | None
    subprefecture: str
    bureaus: tuple[str, ...]
    area: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A name that leads to municipalities: landmark, former name, ward, 郡, region, office. A row of places.csv.

    `kind`: see `knowledge.rows.PLACE_KINDS`; `name` rows (companies, products) contain a place name but are none.
    `rule`: the evidence that the bare name needs ("" none; see `knowledge.place_evidence`).
    """

    name: str
    kana: str
    aliases: tuple[str, ...]
    kind: str
    municipalities: tuple[Municipality, ...]
    rule: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A prefecture, municipality or area outside Hokkaido. `aliases`: short forms that are known without 市 or 県."""

    code: str
    prefecture: str
    name: str
    kana: str
    aliases: tuple[str, ...]
    rule: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Who else: a desk outside the 地域連携課 (city hall, hotline, police). `phone` or `url` may be None."""

    name: str
    phone: str | None
    url: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """One row of projects.csv, for staff look-ups. Values are texts with their unit beside them."""

    name: str
    area: str
    lead: str
    partners: str
    period: str
    status: str
    measures: str
    kpi: str
    unit: str
    baseline: str
    baseline_year: str
    target: str
    target_year: str
    contact: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A Passage that the retriever found. `score` in [0, 1], comparable within one search only;
    `dense` is the cosine of its best piece, `lexical` the raw bm25 score (0.0 where that leg did not find it)."""

    passage: Passage
    score: float
    dense: float
    lexical: float
