"""Small stand-ins for the outside, shared by tests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.post import NoReadBackError, Outgoing


class HandClock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def go(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class FakePlatform:
    """Records what is posted. `faults`: raised one by one before a post; with `after`, after it."""

    def __init__(self, *, reads_back: bool = True) -> None:
        self.posts: list[Outgoing] = []
        self.faults: list[Exception] = []
        self.after: list[Exception] = []
        self.looked_up: list[str] = []
        self.reads_back = reads_back
        self.on_post: Callable[[Outgoing], None] = lambda _outgoing: None

    @property
    def keys(self) -> list[str]:
        return [post.key for post in self.posts]

    def send(self, outgoing: Outgoing) -> str:
        if self.faults:
            raise self.faults.pop(0)
        self.on_post(outgoing)
        self.posts.append(outgoing)
        if self.after:
            raise self.after.pop(0)
        return f"m{len(self.posts)}"

    def find(self, outgoing: Outgoing) -> str | None:
        if not self.reads_back:
            raise NoReadBackError
        self.looked_up.append(outgoing.key)
        return next((f"m{n}" for n, post in enumerate(self.posts, 1) if post.key == outgoing.key), None)
