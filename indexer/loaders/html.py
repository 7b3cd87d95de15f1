"""HTML pages: headings, paragraphs, lists and tables; navigation, scripts and page frames are dropped."""

import re
from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag
from bs4.element import CData, NavigableString, PageElement, PreformattedString

from indexer.loaders.base import Loaded
from indexer.loaders.encoding import decode
from knowledge.errors import DocumentError

_DROPPED = "script style noscript template svg iframe form button select input nav header footer aside dialog".split()
_FRAME = re.compile(r"(^|[-_ ])(breadcrumbs?|topic-?path|pankuzu|global-?nav|gnav|sidebar|skip|pagetop)($|[-_ ])", re.I)
_BLOCK = set(
    "address article blockquote body dd div dl dt fieldset figcaption figure html main ol p pre section ul".split()
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]+)", re.I)
_METAS = {"description": "description", "author": "publisher", "date": "date", "dcterms.modified": "date"}


def load(data: bytes) -> Loaded:
    """The readable part of the page. Raises DocumentError where nothing is left to read."""
    soup = BeautifulSoup(_text(data), "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else None
    fields = _meta(soup)
    _drop_frame(soup)
    out: list[str] = []
    _walk(soup.find("main") or soup.body or soup, out, 0)
    body = re.sub(r"\n{3,}", "\n\n", "".join(out)).strip()
    if not body:
        raise DocumentError(
            "ブラウザーで開かないと文字が出ないページです。PDF かテキストで保存したものを使ってください。"
        )
    return Loaded(pages=(body,), title=title or None, fields=fields)


def _text(data: bytes) -> str:
    """The declared character set wins where it fits; a page that declares nothing or wrongly is told by its bytes."""
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode().lower() if declared else ""
    try:
        return data.decode("cp932" if name in {"shift_jis", "x-sjis", "sjis"} else name or "utf-8-sig")
    except (LookupError, UnicodeDecodeError):
        return decode(data)


def _meta(soup: BeautifulSoup) -> dict[str, object]:
    found: dict[str, object] = {}
    for tag in soup.find_all("meta"):
        key = _METAS.get(str(tag.get("name") or tag.get("property") or "").lower())
        if key and tag.get("content"):
            found.setdefault(key, str(tag["content"]).strip())
    canonical = soup.find("link", rel="canonical")
    if isinstance(canonical, Tag) and str(canonical.get("href", "")).startswith("http"):
        found["url"] = str(canonical["href"])
    return found


def _drop_frame(soup: BeautifulSoup) -> None:
    for tag in soup.find_all(_DROPPED):
        # A <header> inside an article holds its heading; only the page's own frame is navigation.
        if tag.name == "header" and tag.find(["h1", "h2"]) and tag.find("nav") is None:
            continue
        tag.decompose()
    for tag in soup.find_all(_is_frame):
        if not tag.decomposed:
            tag.decompose()


def _is_frame(tag: Tag) -> bool:
    names = " ".join([*(tag.get_attribute_list("class")), str(tag.get("id") or "")])
    return tag.name not in {"body", "html", "main"} and bool(_FRAME.search(names))


def _walk(node: PageElement, out: list[str], depth: int) -> None:
    """Append light Markdown of `node` to `out`; `depth` counts the lists around it."""
    if isinstance(node, NavigableString):
        if not isinstance(node, PreformattedString) or isinstance(node, CData):
            out.append(re.sub(r"\s+", " ", str(node)))
        return
    if not isinstance(node, Tag):
        return
    name = node.name
    if re.fullmatch(r"h[1-6]", name):
        out.append(f"\n\n{'#' * int(name[1])} {node.get_text(' ', strip=True)}\n\n")
    elif name == "table" and _is_data(node):
        out.append(f"\n\n{_table(node)}\n\n")
    elif name == "dl":
        out.append(f"\n\n{_definitions(node)}\n\n")
    elif name == "br":
        out.append("\n")
    elif name == "li":
        out.append(f"\n{'  ' * (depth - 1)}- ")
        _children(node, out, depth)
    elif name == "a":
        _link(node, out, depth)
    elif name in _BLOCK or name in {"tr", "table"}:
        inner = depth + 1 if name in {"ul", "ol"} else depth
        edge = "\n" if depth else "\n\n"
        out.append(edge)
        _children(node, out, inner)
        out.append(edge)
    else:
        _children(node, out, depth)


def _children(node: Tag, out: list[str], depth: int) -> None:
    for child in node.children:
        _walk(child, out, depth)


def _link(node: Tag, out: list[str], depth: int) -> None:
    _children(node, out, depth)
    target = str(node.get("href") or "")
    if target.startswith("http") and target not in node.get_text():
        out.append(f" {target} ")


def _is_data(table: Tag) -> bool:
    """A table of values, not one that lays out the page: several columns, and no table or heading inside."""
    if table.find(["table", "h1", "h2", "h3", "h4", "h5", "h6"]):
        return False
    return any(len(row.find_all(["th", "td"])) > 1 for row in table.find_all("tr"))


def _table(table: Tag) -> str:
    """Rows as lines of tab-separated cells. A row of <th> alone at the top gets a Markdown rule below it."""
    rows = table.find_all("tr")
    lines = ["\t".join(cells) for cells in _grid(rows)]
    heads = rows[0].find_all(["th", "td"])
    if len(heads) > 1 and all(cell.name == "th" for cell in heads):
        lines.insert(1, "\t".join("---" for _ in heads))
    caption = table.caption.get_text(" ", strip=True) + "\n" if table.caption else ""
    return caption + "\n".join(lines)


def _grid(rows: Sequence[Tag]) -> list[list[str]]:
    """The cells by row and column; a cell that spans several stands in the first, the others are empty."""
    grid: dict[tuple[int, int], str] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in row.find_all(["th", "td"]):
            while (y, x) in grid:
                x += 1
            down, right = (_span(cell, name) for name in ("rowspan", "colspan"))
            grid.update({(y + j, x + i): "" for j in range(down) for i in range(right)})
            grid[y, x] = _cell(cell)
    width = 1 + max(x for _, x in grid)
    return [[grid.get((y, x), "") for x in range(width)] for y in range(len(rows))]


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "1")
    return max(1, min(int(value), 50)) if value.isdecimal() else 1


def _definitions(node: Tag) -> str:
    """A definition list as rows of two cells."""
    rows: list[list[str]] = []
    for part in node.find_all(["dt", "dd"]):
        text = _cell(part)
        if part.name == "dt" or not rows:
            rows.append([text, ""])
        else:
            rows[-1][1] = "\v".join(filter(None, (rows[-1][1], text)))
    return "\n".join("\t".join(row) for row in rows)


def _cell(cell: Tag) -> str:
    """The items of one cell, separated by vertical tabs."""
    out: list[str] = []
    _children(cell, out, 1)
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(out).split("\n"))
    return "\v".join(line for line in lines if line and line != "-")
