"""Loaded pages → clean lines. White space, navigation, page frames and markup go; no other character changes.

A line of the result is a structural unit: heading (`#` kept for the splitter), paragraph, list item, or table row
(cells separated by a tab, items inside a cell by a vertical tab). An empty line is a paragraph border.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from indexer import joining
from knowledge.text import normalise

# Lines are stripped before these are tried on the whole of them.
_PAGE_NUMBER = re.compile(r"[-–—―‐]\s*\d{1,4}\s*[-–—―‐]|(?:p\.?|page|ページ)\s*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?", re.I)
_BARE_NUMBER = re.compile(r"\d{1,4}(?:\s*/\s*\d{1,4})?")
_NAVIGATION = re.compile(
    r"#*\s*(?:現在位置の階層|現在位置|現在地|現在のページ|パンくず(?:リスト)?|サイト内の現在位置(?:です)?|breadcrumbs?)\s*[:：]?",
    re.I,
)
_STEP = re.compile(r"(?:\d{1,2}\s*[.．]|[-*•・]|[>＞›»])\s*\S.{0,60}")
_TRAIL = re.compile(r"(?:ホーム|トップ(?:ページ)?|HOME|TOP)\s*(?:[>＞›»]\s*\S[^>＞›»。]{0,60})+", re.I)
_SKIP_LINK = re.compile(
    r"[\[【]?(?:本文(?:へ|に)(?:スキップ|移動)(?:します)?|(?:この)?ページの(?:先頭|トップ)(?:へ|に)?(?:戻る|もどる)?"
    r"|skip to (?:main )?content|back to top)[\]】]?", re.I
)  # fmt: skip

_CJK = r"[ぁ-んァ-ヴー一-鿿々]"
_SPACED = re.compile(rf"(?<!\w){_CJK}(?:[ \u3000]+{_CJK})+(?!\w)")
_LINK = re.compile(r"(!?)\[((?:\\.|[^\[\]\\])*)\]\(<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+\"[^\"]*\")?\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]+)>")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|~<>])")
_STRONG = re.compile(
    r"\*\*(?=[^\s*])([^*]+)(?<=[^\s*])\*\*|(?<![A-Za-z0-9_])__(?=[^\s_])([^_]+)(?<=[^\s_])__(?![A-Za-z0-9_])"
)
_ITEM_TAG = re.compile(r"</?(?:ul|ol|li|br|p|div)\b[^<>]*>", re.I)
_OTHER_TAG = re.compile(
    r"</?(?:a|b|i|u|em|strong|span|font|sup|sub|small|center|img|hr|h[1-6]|code|mark|s|del|ins)\b[^<>]*>|<!--.*?-->",
    re.I,
)
_TABLE_TAG = re.compile(r"</?(?:table|thead|tbody|tfoot|tr|td|th|caption|colgroup|col)\b[^<>]*>", re.I)
_LONG_ITEM = 8


class Line(NamedTuple):
    """One structural unit and the number of the page where it begins (1, 2, …)."""

    text: str
    page: int


def clean(pages: Sequence[str]) -> list[Line]:
    """The lines of a document in order; empty ones are paragraph borders, never two together."""
    lines = _lines(_without_running_heads(pages))
    lines = _without_navigation(lines)
    lines = [Line(_inline(line.text), line.page) for line in lines]
    return _single_borders(joining.join(lines, Line))


def _lines(pages: Iterable[Sequence[str]]) -> list[Line]:
    """Blank lines beside a page border say nothing: a sentence may run on over it."""
    lines: list[Line] = []
    for number, page in enumerate(pages, 1):
        texts = [text.rstrip("\n") for text in page]
        while texts and not texts[0].strip() and number > 1:
            texts.pop(0)
        while texts and not texts[-1].strip():
            texts.pop()
        lines.extend(Line(text, number) for text in texts)
    return lines


def _without_running_heads(pages: Sequence[str]) -> list[list[str]]:
    """Lines that stand at the edge of most pages, and page numbers, are dropped."""
    split = [page.split("\n") for page in pages]
    edges = [_edge_keys(lines) for lines in split]
    counts = Counter(key for keys in edges for key in set(keys.values()))
    often = {key for key, count in counts.items() if count >= 3 and count > len(pages) / 2}
    several = len(pages) > 1
    return [
        [
            line
            for number, line in enumerate(lines)
            if not _PAGE_NUMBER.fullmatch(line.strip())
            and keys.get(number) not in often
            and not (several and number in keys and _BARE_NUMBER.fullmatch(line.strip()))
        ]
        for lines, keys in zip(split, edges, strict=True)
    ]


def _edge_keys(lines: list[str]) -> dict[int, str]:
    """Line number → its words without a page number, for the first and last two lines that are not blank."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    edges = [n for n in (*filled[:2], *filled[-2:]) if not lines[n].rstrip().endswith("。")]
    return {n: "".join(normalise(lines[n]).split()).strip("0123456789-/|") for n in edges}


def _without_navigation(lines: list[Line]) -> list[Line]:
    kept: list[Line] = []
    inside = False
    for line in lines:
        text = line.text.strip()
        if _NAVIGATION.fullmatch(text):
            inside = True
        elif _TRAIL.fullmatch(text) or _SKIP_LINK.fullmatch(text):
            continue
        elif not (inside and (not text or _STEP.fullmatch(text))):
            inside = False
            kept.append(line)
    return kept


def _inline(text: str) -> str:
    """One line without markup. Two blanks at the end (a Markdown line break) stay, `joining` reads them."""
    hard = text.endswith("  ") and bool(text.strip())
    if text.strip().startswith("|") and text.strip().endswith("|"):
        text = "\t".join(cell.strip() for cell in re.split(r"(?<!\\)\|", text.strip()[1:-1]))
    text = _TABLE_TAG.sub("\t" if "\t" in text else " ", _AUTOLINK.sub(r"\1", _OTHER_TAG.sub("", text)))
    text = _ESCAPE.sub(r"\1", _LINK.sub(_link, _STRONG.sub(lambda match: match[1] or match[2], text)))
    if "\t" in text:
        return "\t".join(_cell(cell) for cell in text.rstrip().split("\t"))
    text = "\v".join(_tight(piece).rstrip() for piece in _ITEM_TAG.split(text) if piece.strip())
    return text + "  " if hard else text


def _tight(text: str) -> str:
    """Letter-spaced words (各 地 域) without their blanks."""
    return _SPACED.sub(lambda run: re.sub(r"[ \u3000]+", "", run[0]), text)


def _link(match: re.Match[str]) -> str:
    image, words, target = match[1], _ESCAPE.sub(r"\1", match[2]), _ESCAPE.sub(r"\1", match[3])
    if image or not re.match(r"https?://|mailto:", target) or target in words:
        return words
    if re.match(r"https?://", words):
        return target
    return f"{words} {target}"


def _cell(text: str) -> str:
    """The items of one cell, separated by vertical tabs, where tags or leading marks tell them apart."""
    pieces = (piece.strip() for part in text.split("\v") for piece in _ITEM_TAG.split(part))
    return "\v".join(_tight(item) for piece in pieces if piece for item in _marked_items(piece))


def _marked_items(text: str) -> list[str]:
    """「・A・B」 → 「・A」 「・B」. Inside brackets or beside a short word the mark joins words and stays."""
    if not text.startswith("・"):
        return [text]
    items = [""]
    for part in re.findall(r"・[^・]*", text):
        whole = items[-1].count("(") + items[-1].count("（") <= items[-1].count(")") + items[-1].count("）")
        if whole and len(part) > _LONG_ITEM and len(items[-1]) > _LONG_ITEM:
            items.append("")
        items[-1] += part
    return items


def _single_borders(lines: Iterable[Line]) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        text = line.text.rstrip()
        if text or (kept and kept[-1].text):
            kept.append(Line(text, line.page))
    while kept and not kept[-1].text:
        kept.pop()
    return kept
