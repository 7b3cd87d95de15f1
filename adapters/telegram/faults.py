"""What a failed call means for a message: kinds of faults of `bot.post`. Pure; Telegram's words are not passed on."""

import math
import re
from collections.abc import Mapping
from typing import Any

from adapters.telegram.api import ApiError, Broken, Refused
from bot.post import PermanentError, RetryLaterError, SendError, UncertainError, UnreachableError

_KINDS = (
    ("blocked by the user", "the person has blocked the bot"),
    ("user is deactivated", "the account is deleted"),
    ("can't initiate conversation", "the person has not written to the bot yet"),
    ("kicked", "the bot was removed from the group"),
    ("not a member", "the bot is not in the group"),
    ("not enough rights|have no rights|write_forbidden|chat_restricted", "the bot may not write there"),
    ("chat not found|peer_id_invalid", "no such chat"),
    ("chat was upgraded|migrated", "the group has a new id"),
    ("too long", "the text is too long"),
    ("text is empty|must be non-empty", "the text is empty"),
)


def fault(error: ApiError) -> SendError:
    """The fault of a message whose call failed with `error`."""
    if isinstance(error, Broken):
        if not error.sent:
            return UnreachableError("not reached")
        if error.code in (502, 503):  # a gateway that has nobody behind it
            return UnreachableError(f"{error.code}")
        return UncertainError(f"no readable answer ({error.code})")
    assert isinstance(error, Refused)
    if error.code == 429:
        return RetryLaterError("too many requests", wait(error.parameters))
    if error.code == 409 or error.code >= 500:
        return RetryLaterError(f"{error.code}")
    if error.code in (401, 404):
        return PermanentError("the token is refused")
    return PermanentError(kind(error))


def kind(error: Refused) -> str:
    """What was refused, in words of ours."""
    found = (words for pattern, words in _KINDS if re.search(pattern, error.description, re.I))
    return next(found, f"refused ({error.code})")


def wait(parameters: Mapping[str, Any]) -> float | None:
    """Seconds to wait that an answer names; None where it gives no number."""
    given = parameters.get("retry_after")
    try:
        seconds = float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return seconds if math.isfinite(seconds) and not isinstance(given, bool) else None


def moved_to(error: Refused) -> int | None:
    """The new id of a group that became a supergroup."""
    given = error.parameters.get("migrate_to_chat_id")
    return given if isinstance(given, int) and not isinstance(given, bool) else None


# ── a refused message in a simpler form ──────────────────────────────────────────────────────────────────────────────

_SIMPLER = (
    ("button|keyboard|markup", "reply_markup"),
    ("entit|start tag|end tag|unclosed", "parse_mode"),
    ("thread not found|topic", "message_thread_id"),
    ("repl(y|ied)", "reply_parameters"),
)


def simpler(parameters: Mapping[str, Any], error: Refused, plain: str) -> dict[str, Any] | None:
    """The parameters of a refused message without what was refused; None where nothing can be left out.
    `plain`: its text without markup."""
    if error.code != 400:
        return None
    for pattern, name in _SIMPLER:
        if parameters.get(name) is not None and re.search(pattern, error.description, re.I):
            return {**parameters, name: None} | ({"text": plain} if name == "parse_mode" else {})
    return None
