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
        where = f"の {mark.line + 1} 行目" if mark else ""  # its text begins on the line of the opening ---
        raise DocumentError(
            f"前付け(front matter){where}が YAML として読めません。コロンを含む値は引用符で囲んでください。"
        ) from error
    return Loaded(pages=(body,), fields=fields)
