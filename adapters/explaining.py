"""What went wrong, as a person reads it."""

from knowledge.errors import RenkeiError


def explain(error: Exception) -> str:
    """What went wrong and what to do, in one sentence."""
    if isinstance(error, RenkeiError):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}。場所と権限を確かめてください。"
    kind = type(error).__name__
    return f"予期しない誤りです({kind}: {error})。`renkei --debug …` で詳しく表示し、開発者にお知らせください。"
