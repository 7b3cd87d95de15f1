"""Plain text, whatever its encoding."""

from indexer.loaders.base import Loaded
from indexer.loaders.encoding import decode


def load(data: bytes) -> Loaded:
    """Form feeds are page borders, but such pages carry no number that a reader would know."""
    return Loaded(pages=tuple(decode(data).split("\f")))
