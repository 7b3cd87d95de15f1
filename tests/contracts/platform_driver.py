"""What the contract suite asks of a platform's local fake server: people who write and press, and what they see.

`drivers/<name>.py` has `make() -> Driver` for each platform; `close` ends its server.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from adapters.platform import Platform

GROUP, DESK = "group", "desk"
"""A channel that everybody reads, and the channel of a desk. Any other place is somebody's own: "ann"."""


@dataclass(frozen=True)
class Shown:
    """A message as people see it now. `place`: "ann", "group" or "desk"; `thread`: the id of the message below which it
    stands, or of its topic, "" at the top; `only`: the person who alone sees it, "" for everybody."""

    id: str
    place: str
    text: str
    labels: tuple[str, ...] = ()
    thread: str = ""
    only: str = ""


class Driver(Protocol):
    """One platform with its fake server and its people: residents "ann" and "bob" and any other name,
    "clerk" (staff), "chief" (admin)."""

    platform: Platform
    desk: str
    """The destination of the desk's channel for DESKS_FILE."""

    def user(self, person: str) -> str:
        """The id of a person as the platform writes it: "slack:U0ANN"."""
        ...

    def connect(self, port: int) -> None:
        """The web server of `renkei serve` listens at `port`: deliver there, in HTTP mode."""
        ...

    def say(self, person: str, text: str, place: str = "", *, below: Shown | None = None, **more: Any) -> None:
        """Write at a place (default: the person's own), below a message where one is given. `more`: `spoken_to` (False:
        no mention, in a group), `times` (deliver the same event so often), `file` (a file with this caption)."""
        ...

    def command(self, person: str, text: str, place: str = "") -> None:
        """Use the bot's command: "/renkei {text}", or "/{first word} …"."""
        ...

    def press(self, person: str, shown: Shown, label: str) -> None:
        """Press a button below a message. Where a form opens, `fill` is called next."""
        ...

    def fill(self, person: str, shown: Shown, label: str, text: str) -> None:
        """Press a button that wants a text (返信する), and give it: in the form, or in answer to the question."""
        ...

    def shown(self, place: str) -> list[Shown]:
        """What stands at a place, in order, edits applied."""
        ...

    def trouble(self, *faults: str) -> None:
        """What the next posts meet, one each: "429" (1 s), "500", "dropped" (accepted, then the connection is cut).
        "gone:ann": whatever is posted to ann from now on is refused for good, for she has blocked the bot."""
        ...

    def renew(self) -> None:
        """`platform` is a new adapter for the same server: the process was started anew. What was delivered and not
        acknowledged is delivered again."""
        ...

    def close(self) -> None: ...
