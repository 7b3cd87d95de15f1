"""One file per format. To add a format: write `load(data: bytes) -> Loaded` and add one line to `LOADERS`."""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

from indexer.loaders import csv_table, html, markdown, pdf, text
from indexer.loaders.base import Loaded
from knowledge.errors import DocumentError

LOADERS: dict[str, Callable[[bytes], Loaded]] = {
    ".md": markdown.load,
    ".markdown": markdown.load,
    ".txt": text.load,
    ".html": html.load,
    ".htm": html.load,
    ".csv": csv_table.load,
    ".tsv": csv_table.load,
    ".pdf": pdf.load,
}
MAX_BYTES = 50_000_000

_HTML = re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html[\s>])", re.I | re.S)
_SIGNATURES = (
    (b"PK\x03\x04", "a Word, Excel, PowerPoint or ZIP file"),
    (b"\xd0\xcf\x11\xe0", "an old Word, Excel or PowerPoint file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"{\\rtf", "an RTF file"),
)


def load(path: Path, max_bytes: int = MAX_BYTES) -> Loaded:
    """What the loader of its format makes of a file; see `read` and `parse`."""
    return parse(path, read(path, max_bytes))


def parse(path: Path, data: bytes) -> Loaded:
    """What the loader of its format makes of the `data` of the file named `path`.

    Raises DocumentError with the reason and the remedy: unknown format, wrong extension, no text, or whatever the
    loader objects to.
    """
    loader = LOADERS.get(path.suffix.lower())
    if loader is None:
        raise DocumentError(f"files named {path.suffix or path.name} cannot be read. Save it as {_known()}.")
    _check_extension(path, data)
    try:
        loaded = loader(data)
    except DocumentError:
        raise
    except Exception as error:  # whatever a parser meets in a foreign file, the other files go on
        raise DocumentError(
            f"its content is not well-formed ({type(error).__name__}). Open it in its program and save it again."
        ) from error
    if not any(page.strip() for page in loaded.pages):
        raise DocumentError("it holds no text. Remove it, or put its text in.")
    return loaded


def read(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of one file. Raises DocumentError: not a regular file, unreadable, empty, or too large."""
    try:
        # Judged by the open file, without waiting: a FIFO or device never blocks the run.
        with open(path, "rb", opener=_open_without_waiting) as file:
            data = file.read(max_bytes + 1)
    except PermissionError:
        raise DocumentError("it may not be read. Give your account the right to read it.") from None
    except FileNotFoundError:
        raise DocumentError("there is no such file. Check the path.") from None
    except OSError as error:
        raise DocumentError(f"it cannot be read ({error.strerror}). Check the file and the disk.") from error
    if not data:
        raise DocumentError("it is empty. Remove it, or fetch the document again.")
    if len(data) > max_bytes:
        raise DocumentError(f"it is larger than {max_bytes // 1_000_000} MB. Cut it in parts, or keep the text alone.")
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    handle = os.open(path, flags | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise DocumentError("it is not a regular file. Copy the document itself into the folder.")


def _check_extension(path: Path, data: bytes) -> None:
    """Content that plainly is another format than the name says."""
    suffix = path.suffix.lower()
    is_pdf, is_html = b"%PDF-" in data[:1024], bool(_HTML.match(data[:4096].removeprefix(b"\xef\xbb\xbf")))
    if suffix == ".pdf":
        if not is_pdf:
            what = "an HTML page (perhaps an error page of the site)" if is_html else "not a PDF"
            raise DocumentError(f"its name says PDF but it is {what}. Fetch it again or correct its extension.")
        return
    if data.startswith(b"%PDF-"):
        raise DocumentError(f"its name says {suffix} but it is a PDF. Rename it to {path.stem}.pdf.")
    if is_html and suffix not in {".html", ".htm"}:
        raise DocumentError(f"its name says {suffix} but it is an HTML page. Rename it to {path.stem}.html.")
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise DocumentError(f"its name says {suffix} but it is {what}. Save it as {_known()}.")


def _known() -> str:
    return ", ".join(sorted(LOADERS))
