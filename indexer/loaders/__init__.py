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
    (b"PK\x03\x04", " Word・Excel・PowerPoint または ZIP "),
    (b"\xd0\xcf\x11\xe0", "古い形式の Word・Excel・PowerPoint"),
    (b"\x89PNG", "画像"),
    (b"\xff\xd8\xff", "画像"),
    (b"GIF8", "画像"),
    (b"\x1f\x8b", "圧縮ファイル"),
    (b"{\\rtf", " RTF "),
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
        raise DocumentError(f"{path.suffix or path.name} は読めない形式です。{_known()} のどれかで保存してください。")
    _check_extension(path, data)
    try:
        loaded = loader(data)
    except DocumentError:
        raise
    except Exception as error:  # whatever a parser meets in a foreign file, the other files go on
        raise DocumentError(
            f"中身の形式が壊れています({type(error).__name__})。作成したソフトで開き、保存し直してください。"
        ) from error
    if not any(page.strip() for page in loaded.pages):
        raise DocumentError("文字がありません。取り除くか、本文を入れてください。")
    return loaded


def read(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of one file. Raises DocumentError: not a regular file, unreadable, empty, or too large."""
    try:
        # Judged by the open file, without waiting: a FIFO or device never blocks the run.
        with open(path, "rb", opener=_open_without_waiting) as file:
            data = file.read(max_bytes + 1)
    except PermissionError:
        raise DocumentError("読み取る権限がありません。読み取りの権限を付けてください。") from None
    except FileNotFoundError:
        raise DocumentError("ファイルがありません。パスを確かめてください。") from None
    except OSError as error:
        raise DocumentError(f"読み取れません({error.strerror})。ファイルとディスクを確かめてください。") from error
    if not data:
        raise DocumentError("空のファイルです。取り除くか、文書を取り直してください。")
    if len(data) > max_bytes:
        raise DocumentError(
            f"上限の {max_bytes // 1_000_000} MB を超えています。分割するか、MAX_FILE_MB を上げてください。"
        )
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    handle = os.open(path, flags | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise DocumentError("通常のファイルではありません。文書そのものをフォルダーに置いてください。")


def _check_extension(path: Path, data: bytes) -> None:
    """Content that plainly is another format than the name says."""
    suffix = path.suffix.lower()
    is_pdf, is_html = b"%PDF-" in data[:1024], bool(_HTML.match(data[:4096].removeprefix(b"\xef\xbb\xbf")))
    if suffix == ".pdf":
        if not is_pdf:
            what = " HTML(サイトのエラー画面かもしれません)" if is_html else " PDF ではない形式"
            raise DocumentError(f"拡張子は .pdf ですが、中身は{what}です。取り直すか、拡張子を直してください。")
        return
    if data.startswith(b"%PDF-"):
        raise DocumentError(f"拡張子は {suffix} ですが、中身は PDF です。名前を {path.stem}.pdf に変えてください。")
    if is_html and suffix not in {".html", ".htm"}:
        raise DocumentError(f"拡張子は {suffix} ですが、中身は HTML です。名前を {path.stem}.html に変えてください。")
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise DocumentError(f"拡張子は {suffix} ですが、中身は{what}です。{_known()} のどれかで保存してください。")


def _known() -> str:
    return " ".join(sorted(LOADERS))
