"""What a document is called, who published it, when, and for which region.

Each field comes from the first that knows it: front matter (or the file's own metadata) > the sidecar beside the file >
the list of known originals > what the text itself shows plainly. What nobody knows stays None.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from indexer.clean import Line
from indexer.loaders.base import Loaded
from knowledge import wareki
from knowledge.entities import Document, Status
from knowledge.errors import DocumentError
from knowledge.sources import Sources

_FIELDS = ("title", "publisher", "region", "date", "status", "successor", "url")
_SIDECARS = (".meta.toml", ".meta.yaml", ".meta.yml")
_REGIONS = tuple(
    "道央広域 道南 道北 オホーツク 十勝 釧路・根室 空知 石狩 後志 胆振 日高 渡島 檜山 上川 留萌 宗谷 釧路 根室".split()
)
_ORGANISATION = re.compile(r"[一-鿿ァ-ヴー]{2,6}(?:開発建設部|総合振興局|振興局|市役所|町役場|村役場)")
_ISSUE = r"(?:公表|発行|作成|最終更新|更新|掲載|公開)"
_ISSUED = re.compile(rf"[(（【\[]?(?:{_ISSUE}日?[:：\s]*(?P<a>.{{4,20}}?)|(?P<b>.{{4,20}}?)\s*{_ISSUE})[)）】\]]?")
_DATE_ALONE = re.compile(r"[(（【\[]?(?P<a>.{4,20}?)(?:現在|付け?)?[)）】\]]?(?P<b>)")
_POOR_TITLE = re.compile(r"^(?:microsoft|無題|untitled|document\d*|新規)|\.(?:docx?|xlsx?|pptx?|jtd|pdf)$", re.I)
_NO_TITLE = re.compile(r"\s*|\W*\d*\W*|\s*(?:資料|別紙|別添|参考)[\s\d\-－]*|.*\d\s*[年月日]\s*")
_SITE_NAME = re.compile(r"\s*[|｜]\s*|\s+[-–—]\s+")
_LOOKED_AT = 200_000  # characters in which names are counted
_HEAD, _TAIL = 40, 15  # lines of a document's beginning and end where its date and publisher stand


def describe(
    source: str, path: Path, digest: str, loaded: Loaded, lines: Sequence[Line], places: Iterable[str] = ()
) -> Document:
    """The Document of one file. `digest`: SHA-256 of its bytes. `places`: further region names, such as municipalities.

    Raises DocumentError where the front matter or sidecar holds a value of the wrong form.
    """
    row = known_originals().find(path.name, digest, "\n".join(loaded.pages))
    known = _checked({field: getattr(row, field) for field in _FIELDS}, "sources.csv") if row else {}
    title = _title(loaded, lines) or path.stem
    shown = {**_shown(title, lines, tuple(places)), "title": title}
    fields: dict[str, Any] = {}
    for layer in (shown, known, sidecar(path), _checked(loaded.fields, path.name)):
        fields.update({name: value for name, value in layer.items() if value is not None})
    return Document(source=source, pages=loaded.pages, numbered=loaded.numbered, **fields)


@cache
def known_originals() -> Sources:
    """The bundled list of known original files."""
    return Sources.load()


def without_misread_lines(pages: Sequence[str], digest: str) -> tuple[str, ...]:
    """`pages` without the lines that sources.csv calls misread, if they are a known original; else as they are."""
    row = known_originals().find_same(digest, "\n".join(pages))
    if row is None or not row.drop:
        return tuple(pages)
    return tuple("\n".join(line for line in page.split("\n") if not row.is_misread(line)) for page in pages)


# ── declared ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def is_sidecar(path: Path) -> bool:
    return path.name.lower().endswith(_SIDECARS)


def sidecar_path(path: Path) -> Path | None:
    """`FILE.meta.toml` or `FILE.meta.yaml` beside the file `path`, if there is one."""
    beside = (path.with_name(path.name + ending) for ending in _SIDECARS)
    return next((file for file in beside if file.is_file()), None)


def sidecar(path: Path) -> dict[str, Any]:
    """The fields of the sidecar of `path`; {} without one."""
    beside = sidecar_path(path)
    if beside is None:
        return {}
    try:
        text = beside.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text) if beside.suffix == ".toml" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise DocumentError(f"添え書き {beside.name} を読み取れません({error})。書き方を直してください。") from error
    if not isinstance(values, dict):
        raise DocumentError(f"添え書き {beside.name} が `name: value` の形ではありません。書き方を直してください。")
    return _checked(values, beside.name)


def _checked(values: Mapping[str, object], where: str) -> dict[str, Any]:
    """The fields that we know, as text and in their form."""
    fields: dict[str, Any] = {}
    for name in _FIELDS:
        value = values.get(name)
        if value is None or str(value).strip() == "":
            continue
        fields[name] = value.isoformat()[:10] if isinstance(value, date) else str(value).strip()
    if "date" in fields:
        fields["date"] = _iso(fields["date"], where)
    if "status" in fields:
        fields["status"] = _status(fields["status"], where)
    return fields


def _iso(text: str, where: str) -> str:
    if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text):
        return text
    found = _date_in(text)
    if found is None:
        raise DocumentError(
            f"{where} の date {text!r} を 2025-03-31、2025-03、2025、令和7年3月31日 のどれかの形に直してください。"
        )
    return found


def _status(text: str, where: str) -> Status:
    try:
        return Status(text.lower())
    except ValueError:
        raise DocumentError(f"{where} の status {text!r} を {'、'.join(Status)} のどれかに直してください。") from None


# ── shown by the text itself ─────────────────────────────────────────────────────────────────────────────────────────


def _title(loaded: Loaded, lines: Sequence[Line]) -> str | None:
    """The format's own title where it is a real one, else the first heading, else a short line at the beginning.

    The first page is read as it came: where the title runs at the head of every page, cleaning has dropped it.
    """
    if loaded.title and not _POOR_TITLE.search(loaded.title):
        return _SITE_NAME.split(loaded.title)[0].strip()
    filled = [line.text.strip() for line in lines if line.text]
    headings = [text.strip("# ") for text in filled[:_HEAD] if text.startswith("#")]
    beginning = loaded.pages[0].split("\n") if loaded.numbered else filled[:1]
    first = next((line.split("\t")[0].strip() for line in beginning if not _NO_TITLE.fullmatch(line)), "")
    candidates = [*headings[:1], *([first] if len(first) <= 60 and "。" not in first else [])]
    return next((re.sub(r"\s+", " ", text) for text in candidates if text), None)


def _shown(title: str, lines: Sequence[Line], places: Sequence[str]) -> dict[str, str | None]:
    texts = [line.text for line in lines if line.text]
    whole = "\n".join(texts)[:_LOOKED_AT]
    named_places = [place for place in places if place in title]
    return {
        "region": max(named_places, key=len) if named_places else _prominent(_REGIONS, title, whole),
        "publisher": _prominent(_ORGANISATION.findall(whole), title, "\n".join(texts[:_HEAD] + texts[-_TAIL:])),
        "date": _date_shown(title, texts),
    }


def _prominent(names: Iterable[str], title: str, text: str) -> str | None:
    """The name that the title holds, else the one that the text holds far more often than any other."""
    distinct = sorted(set(names), key=len, reverse=True)
    in_title = [name for name in distinct if name in title]
    if in_title:
        return in_title[0]
    counts = Counter({name: text.count(name) for name in distinct}).most_common(2)
    if not counts or counts[0][1] < 2 or (len(counts) > 1 and counts[0][1] < 3 * counts[1][1]):
        return None
    return counts[0][0]


def _date_shown(title: str, texts: Sequence[str]) -> str | None:
    """The date of issue at the end or beginning, else a date that stands alone at the beginning, else the title's year.

    Such a line holds nothing else: a deadline or an event is no date of the document.
    """
    for pattern, lines in ((_ISSUED, (*reversed(texts[-_TAIL:]), *texts[:_HEAD])), (_DATE_ALONE, texts[:_TAIL])):
        for line in lines:
            match = pattern.fullmatch(line.strip())
            words = match and (match["a"] or match["b"])
            if words and (found := wareki.years(words)) and _is_whole(found, words):
                return _date_in(words)
    mentions = wareki.years(title)
    return str(mentions[0].year) if len(mentions) == 1 else None


def _is_whole(found: list[wareki.YearMention], words: str) -> bool:
    """One date with its month, and next to nothing beside it."""
    return len(found) == 1 and found[0].month is not None and found[0].end - found[0].start >= len(words.strip()) - 2


def _date_in(text: str) -> str | None:
    """ "令和7年3月31日" → "2025-03-31"; None without exactly one date."""
    found = wareki.years(text)
    if len(found) != 1:
        return None
    parts = [f"{found[0].year:04}"]
    if found[0].month:
        parts.append(f"{found[0].month:02}")
        if found[0].day:
            parts.append(f"{found[0].day:02}")
    return "-".join(parts)
