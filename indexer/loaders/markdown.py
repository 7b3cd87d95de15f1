"""Markdown with optional YAML front matter."""

import frontmatter
import yaml

from indexer.loaders.base import Loaded
from indexer.loaders.encoding import decode
from knowledge.errors import DocumentError


def load(data: bytes) -> Loaded:
    """The body as it is; the front matter becomes `fields`. Raises DocumentError where the front matter is not YAML."""
    text = decode(data)
    try:
        fields, body = frontmatter.parse(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 2})" if mark else ""
        raise DocumentError(f"its front matter is not valid YAML{where}. Put values with a colon in quotes.") from error
    return Loaded(pages=(body,), fields=fields)
