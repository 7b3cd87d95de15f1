"""PDF with a text layer, page by page, by pypdf."""

import io
import logging

from indexer.loaders.base import Loaded
from knowledge.errors import DocumentError

_LOCKED = "暗号化された PDF です。パスワードを外して(PDF に印刷し直して)から索引に入れてください。"
_FEW = 20  # characters a page: below this a page is a picture with at most a page number


def load(data: bytes) -> Loaded:
    """The text of every page. Raises DocumentError, each with what to do: encrypted, corrupt, or without text."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError(_LOCKED)
        pages = tuple(page.extract_text() for page in reader.pages)
        title = reader.metadata.title if reader.metadata else None
    except DocumentError:
        raise
    except DependencyError as error:
        raise DocumentError(_LOCKED) from error
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError) as error:
        raise DocumentError(
            f"壊れた PDF です({type(error).__name__})。途中で切れていないか確かめ、取り直してください。"
        ) from error
    _refuse_pictures(pages)
    return Loaded(pages=pages, numbered=True, title=(title or "").strip() or None)


def _refuse_pictures(pages: tuple[str, ...]) -> None:
    if not pages:
        raise DocumentError("ページのない PDF です。出力し直してください。")
    if all(len("".join(page.split())) < _FEW for page in pages):
        raise DocumentError(
            "文字の情報がない、画像だけの PDF です。文字認識(OCR)をかけ、結果を確かめてから、"
            "できた PDF かテキストを索引に入れてください。"
        )
