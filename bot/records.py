"""Evidence as records: each line of a passage with what it stands under, so that what belongs to one row, item or
sentence can be told from what belongs to the next."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from knowledge.text import sentences, words

ABOUT_ENDS = "\f"
"""Stands in a passage between what the whole of it is about (title, region, publisher) and its own text."""
_ITEM = re.compile(r"^\s*(?:[-*・●■○◆▪]|[①-⑳]|\(?\d{1,2}[.)）])\s*")
_LABEL = re.compile(r"^(.{1,40}?)[:：](?!//)")
_LEADS = re.compile(r"(?:次の|以下の|下記|次に|とおり|通り)[^。]*[。:：]?$|[:：]$")
_TITLE = re.compile(r"^[^、,。]{1,40}$")  # a heading without an empty line behind it
_SENTENCE_END = re.compile(r"[。.!?！？][」』）)]?$")


@dataclass(frozen=True, slots=True)
class Record:
    """One row, item or sentence, and what it stands under.

    `line`: its own words, with the heads of its columns. `lead`: the sentence that introduces it, or what that was
    about; `before`: the sentence before a list or table. `scope`: title and headings. `about`: region and publisher of
    the whole. `label`: what it says it is about; `others`: words in the labels of its neighbours that it does not
    share. `items`: those of a whole list, or of what it enumerates.
    """

    line: str
    lead: str = ""
    scope: str = ""
    about: str = ""
    label: str = ""
    others: frozenset[str] = frozenset()
    items: tuple[str, ...] = ()
    before: str = ""

    @property
    def introduced(self) -> str:
        """Its lead, where that announces what follows."""
        return self.lead if _LEADS.search(self.lead) else ""

    @property
    def heading(self) -> str:
        """The nearest heading."""
        return self.scope.rpartition("\n")[2]

    @property
    def told(self) -> str:
        """Its own words with those that introduce it."""
        return f"{self.lead}\n{self.line}"

    @property
    def near(self) -> str:
        """Its own words, those that introduce it, and the nearest heading: whoever does something stands there."""
        return f"{self.heading}\n{self.before}\n{self.told}"

    @property
    def words(self) -> frozenset[str]:
        """The content words of `full`."""
        parts = (self.about, self.scope, self.before, self.lead, self.line)
        return frozenset(word for part in parts for line in part.split("\n") for word in words(line))

    @property
    def full(self) -> str:
        """All words that may stand in a sentence about it."""
        return f"{self.about}\n{self.scope}\n{self.told}"


@lru_cache(maxsize=64)
def records(passage: str) -> tuple[Record, ...]:
    """The records of `passage`, in order, plain lists also as one record each."""
    about, _, text = passage.rpartition(ABOUT_ENDS)
    headings, whole = _about(about, text)
    found: list[Record] = []
    heading = lead = before = ""
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = [line for line in block.split("\n") if line.strip()]
        if _is_heading(lines, about):
            heading, lead, before = lines[0].strip(), "", ""
            continue
        if _is_heading(lines[:1], about) and _TITLE.match(lines[0]):
            found.append(Record(lines[0], scope=f"{headings}\n{heading}", about=whole))
            heading, lead, before, lines = lines[0].strip(), "", "", lines[1:]
        scope = f"{headings}\n{heading}"
        found += [replace(record, scope=scope, about=whole, before=before) for record in _of_block(lines, lead)]
        ended = sentences(block)
        if ended and "\t" not in lines[-1] and not _ITEM.match(lines[-1]):
            before = ended[-1]
            lead = before if _LEADS.search(ended[-1]) else _topic(before)
    return tuple(found)


def _is_heading(lines: Sequence[str], about: str) -> bool:
    line = lines[0].strip() if len(lines) == 1 else ""
    if not line or "\t" in line or _ITEM.match(line):
        return False
    return line in about or not (_SENTENCE_END.search(line) or _LABEL.match(line))


def _about(about: str, text: str) -> tuple[str, str]:
    """What the passage stands under, without the headings that begin a section inside it: title and headings; region,
    years and publisher."""
    inside = {line.strip() for line in text.split("\n")}
    lines = [part for line in about.split("\n") for part in line.split(" › ") if part.strip() not in inside]
    whole = [line for line in lines if " / " in line]
    return "\n".join(line for line in lines if line not in whole), "\n".join(whole)


def _of_block(lines: Sequence[str], lead: str) -> Iterator[Record]:
    rows = [line for line in lines if "\t" in line]
    items = [line for line in lines if "\t" not in line and _ITEM.match(line)]
    rest = [line for line in lines if "\t" not in line and not _ITEM.match(line)]
    first = ""
    for line in rest:
        for sentence in sentences(line):
            yield Record(sentence, _topic(first))
            first = first or sentence
            lead = sentence if _LEADS.search(sentence) else lead
    if len(rows) > 1:
        yield from _apart([_row(rows[0], row) for row in rows[1:]], lead)
    listed = [_item(_ITEM.sub("", item)) for item in items]
    for item in _apart(listed, lead):
        yield item
        yield from _sentences_of(item)
    plain = [item.line for item in listed if not item.label]
    if len(plain) > 1:
        yield Record("、".join(plain), lead, items=tuple(plain))


def _sentences_of(item: Record) -> Iterator[Record]:
    """The sentences of an item that has several, below its label."""
    told = sentences(item.line.removeprefix(item.label).lstrip(":： "))
    if len(told) > 1:
        yield from (replace(item, line=sentence, lead=f"{item.lead}\n{item.label}") for sentence in told)


def _topic(sentence: str) -> str:
    """What a paragraph begins with: its later sentences often go on with it, unnamed."""
    return sentence.partition("は")[0] if "は" in sentence[:80] else ""


def _row(header: str, row: str) -> Record:
    cells = row.split("\t")
    named = "\n".join(f"{head} {cell}" for head, cell in zip(header.split("\t"), cells, strict=False))
    return Record(named, label=cells[0])


def _item(line: str) -> Record:
    """A list item; what it enumerates behind its label (委員:甲、乙) are items again."""
    label = _label(line)
    told = line.removeprefix(label).lstrip(":： ")
    several = (
        () if _SENTENCE_END.search(told) or not label else tuple(re.sub(r"[((][^()()]*[))]", "", told).split("、"))
    )
    return Record(line, label=label, items=several if len(several) > 1 else ())


def _label(item: str) -> str:
    found = _LABEL.match(item)
    return found[1] if found else ""


def _apart(siblings: Sequence[Record], lead: str) -> Iterator[Record]:
    """Each of `siblings` under `lead`, with the words that the labels of the others have and it has not."""
    labels = [frozenset(words(sibling.label)) for sibling in siblings]
    for at, sibling in enumerate(siblings):
        others = frozenset().union(*(label for n, label in enumerate(labels) if n != at))
        yield replace(sibling, lead=lead, others=others - frozenset(words(sibling.line)))
