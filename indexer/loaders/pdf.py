"""PDF with a text layer, page by page, by pypdf."""

import io
import logging

from indexer.loaders.base import Loaded
from knowledge.errors import DocumentError

_UNLOCK = "Remove the password (print it to PDF again) and index the copy."
_FEW = 20  # characters a page: below this a page is a picture with at most a page number


def load(data: bytes) -> Loaded:
    """The text of every page. Raises DocumentError, each with what to do: encrypted, corrupt, or without text."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError(f"it is encrypted. {_UNLOCK}")
        pages = tuple(page.extract_text() for page in reader.pages)
        title = reader.metadata.title if reader.metadata else None
    except DocumentError:
        raise
    except DependencyError as error:
        raise DocumentError(f"it is encrypted. {_UNLOCK}") from error
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError) as error:
        raise DocumentError(
            f"it is a damaged PDF ({type(error).__name__}). Fetch or export it again; half a download looks like this."
        ) from error
    _refuse_pictures(pages)
    return Loaded(pages=pages, numbered=True, title=(title or "").strip() or None)


def _refuse_pictures(pages: tuple[str, ...]) -> None:
    if not pages:
        raise DocumentError("it is a PDF without pages. Export it again.")
    if all(len("".join(page.split())) < _FEW for page in pages):
        raise DocumentError(
            "it is a PDF of scanned pictures without a text layer. Run character recognition (OCR) over it, "
            "check the result, and index the PDF or text file that comes out."
        )
