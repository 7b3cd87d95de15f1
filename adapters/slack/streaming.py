"""That an answer is being made: a status at once; where a chat model writes, its sentences as they come.

All of it is best effort. What the workspace refuses once (a method that its plan does not have) is not tried again. The
outbox finishes the message: `Sender` puts the whole answer in its place, or posts anew where nothing was shown.
"""

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient

from adapters.slack import errors, plain
from bot.faults import trail
from bot.streaming import OnSentence

_log = logging.getLogger(__name__)

MAX_STREAMS = 1000
MAX_TEXT = 11_000  # characters of one piece; Slack refuses more than 12,000
_MARKS = re.compile(r"([\\`*_~\[\]#|])")


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that is being written."""

    channel: str
    ts: str


class Streams:
    """`client` is a quick one: what Slack does not answer within a second is left out. Safe under threads."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._shown: OrderedDict[str, Shown] = OrderedDict()
        self._refused: set[str] = set()
        self._lock = threading.Lock()

    # ── what is shown at once ────────────────────────────────────────────────────────────────────────────────────────

    def status(self, channel: str, thread: str, words: str) -> None:
        """Below the question: that somebody is at it. The next post clears it."""
        self._try("assistant.threads.setStatus", channel_id=channel, thread_ts=thread, status=words)

    def suggest(self, channel: str, title: str, prompts: Sequence[Mapping[str, str]]) -> bool:
        """What one might ask, for somebody who has opened the conversation; whether Slack took it."""
        named = {"channel_id": channel, "title": title, "prompts": list(prompts)}
        return self._try("assistant.threads.setSuggestedPrompts", **named) is not None

    # ── what is shown while it is written ────────────────────────────────────────────────────────────────────────────

    def sink(self, key: str, via: Mapping[str, Any]) -> OnSentence | None:
        """Takes the sentences of the message with this key; None where they cannot be shown."""
        channel, thread = via.get("channel"), via.get("thread_ts") or via.get("ts")
        if not channel or not thread or "chat.startStream" in self._refused:
            return None
        return _Sink(self, key, str(channel), str(thread), via).take

    def begin(self, key: str, text: str, **where: Any) -> Shown | None:
        response = self._try("chat.startStream", markdown_text=markdown(text), **where)
        if response is None or not response.get("ts"):
            return None
        shown = Shown(str(response.get("channel") or where["channel"]), str(response["ts"]))
        with self._lock:
            self._shown[key] = shown
            while len(self._shown) > MAX_STREAMS:
                self._shown.popitem(last=False)
        return shown

    def add(self, shown: Shown, text: str) -> bool:
        named = {"channel": shown.channel, "ts": shown.ts, "markdown_text": markdown(text)}
        return self._try("chat.appendStream", **named) is not None

    def end(self, shown: Shown) -> None:
        """Nothing more is added to it."""
        self._try("chat.stopStream", channel=shown.channel, ts=shown.ts)

    def shown(self, key: str) -> Shown | None:
        """The message that was begun for this key."""
        with self._lock:
            return self._shown.get(key)

    def drop(self, key: str) -> None:
        with self._lock:
            self._shown.pop(key, None)

    def _try(self, method: str, **named: Any) -> Mapping[str, Any] | None:
        """The answer of Slack; None where it did not do it."""
        if method in self._refused:
            return None
        try:
            answer: Mapping[str, Any] = self._client.api_call(method, json=named).data  # type: ignore[assignment]
        except Exception as error:  # the answer itself does not hang on it
            if errors.not_supported(error):
                self._refused.add(method)
                _log.info("%s is not to be had here (%s)", method, errors.code_of(error))
            else:
                _log.debug("%s: %s", method, trail(error))
            return None
        return answer


class _Sink:
    """One answer: begun with its first sentence. Where Slack fails once, nothing more of it is shown."""

    def __init__(self, streams: Streams, key: str, channel: str, thread: str, via: Mapping[str, Any]) -> None:
        self._streams = streams
        self._key = key
        self._where = {"channel": channel, "thread_ts": thread}
        if not channel.startswith("D"):  # Slack wants to know for whom it is written
            self._where |= {"recipient_user_id": str(via.get("user")), "recipient_team_id": str(via.get("team"))}
        self._shown: Shown | None = None
        self._failed = False

    def take(self, text: str) -> None:
        if self._failed or not text:
            return
        if self._shown is None:
            self._shown = self._streams.begin(self._key, text, **self._where)
            self._failed = self._shown is None
        else:
            self._failed = not self._streams.add(self._shown, text)


def markdown(text: str) -> str:
    """`text` for Slack's markdown: shown as it is."""
    return _MARKS.sub(r"\\\1", plain.escaped(text))[:MAX_TEXT]
