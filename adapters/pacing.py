"""When something may be sent, or tried again: pure functions of times and numbers."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST, LONGEST = 1.0, 300.0
"""Seconds: the bounds of any wait that a platform asks for, or that follows a failure."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one destination is posted to: `burst` posts at once, then one each `seconds`."""

    seconds: float = 1.0
    burst: int = 3


def after_post(paced_until: datetime, now: datetime, pace: Pace) -> tuple[datetime, datetime]:
    """After a post at `now`: the new `paced_until` (when the burst is whole again), and from when the next may go.

    A `paced_until` that is further ahead than a burst can bring it is of a clock that was set back since.
    """
    step = timedelta(seconds=pace.seconds)
    until = min(max(paced_until, now), now + step * (pace.burst - 1)) + step
    return until, max(now, until - step * (pace.burst - 1))


def backoff(tries: int, chance: float) -> float:
    """Seconds to wait after the try number `tries` (from 1) has failed: about 2, 8, 32, 128, then 300.
    `chance` in [0, 1) spreads them by half to either side, so that many do not come back at once."""
    return min(LONGEST, 2.0 * 4.0 ** min(tries - 1, 10) * (0.5 + chance))


def bounded(seconds: float | None) -> float | None:
    """A wait that a platform asked for, within bounds; None where it is no number."""
    if seconds is None or math.isnan(seconds):
        return None
    return min(LONGEST, max(SHORTEST, seconds))


def retry_after(header: str | None) -> float | None:
    """The seconds of a `Retry-After` header, within bounds; None where it is absent or gives no number."""
    try:
        return bounded(float(header or ""))
    except ValueError:
        return None
