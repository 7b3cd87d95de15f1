"""A reply that is said while it is written: whole sentences first, at the end what is left of the text."""

from collections.abc import Callable

OnSentence = Callable[[str], None]


class Stream:
    """Hands pieces to `on_sentence`, if anybody listens. Joined, they are the text of the reply."""

    def __init__(self, on_sentence: OnSentence | None = None) -> None:
        self._tell = on_sentence
        self._lead = ""
        self._said = ""

    def begin(self, lead: str) -> None:
        """`lead` stands before the first sentence."""
        self._lead = lead

    def sentence(self, text: str) -> None:
        """The next sentence of the reply, on a line of its own."""
        if self._tell:
            piece = f"\n{text}" if self._said else f"{self._lead}{text}"
            self._said += piece
            self._tell(piece)

    def finish(self, text: str) -> None:
        """The whole `text` of the reply: what of it was not said yet; all of it where it came out differently."""
        if self._tell and text != self._said:
            self._tell(text.removeprefix(self._said))
