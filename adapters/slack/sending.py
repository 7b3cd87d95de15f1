"""Posts what lies in the outbox, and looks up whether it was posted.

A message carries its key, hashed, in Slack's metadata (which everybody in the workspace may read); that is how it is
found again. What only one person sees cannot be found: Slack keeps no record of it.
"""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from adapters.slack import errors
from adapters.slack.addresses import Address, Directs, address_of
from adapters.slack.lanes import Lanes
from adapters.slack.private import whisper
from adapters.slack.rendering import Part, home, render
from adapters.slack.streaming import Streams
from bot.post import NoReadBackError, Outgoing, PermanentError, RetryLaterError, UncertainError
from bot.texts import Texts

_log = logging.getLogger(__name__)

MARK = "renkei_message"
PAGES, PAGE = 5, 200  # how far back a message is looked for
MAX_KNOWN = 1000
_GONE = ("message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found")

Found = dict[int, str]
"""Part number → ts."""


class Sender:
    """Fulfils `bot.ports.ChatPlatform`. Safe under threads."""

    def __init__(self, client: WebClient, texts: Texts, directs: Directs, streams: Streams, lanes: Lanes) -> None:
        self._client = client
        self._texts = texts
        self._directs = directs
        self._streams = streams
        self._lanes = lanes
        self._known: OrderedDict[str, Found] = OrderedDict()
        self._plain_only = False

    def send(self, outgoing: Outgoing) -> str:
        """Post it; the `ts` of its first part."""
        address = address_of(outgoing, threaded=self._directs.threaded)
        try:
            if outgoing.payload.get("home"):
                return self._publish(address, outgoing)
            parts = render(outgoing.payload, self._texts, repeated=outgoing.repeated)
            channel = self._directs.channel(address)
            self._lanes.enter(channel)
            if edited := outgoing.payload.get("edits_id"):
                return self._edit(channel, str(edited), parts, outgoing.key)
            if address.private:
                return whisper(self._client, self._directs, channel, address, parts)
            return self._post(channel, address.thread, parts, outgoing.key)
        except Exception as error:
            raise self._failed(error, address) from None

    def find(self, outgoing: Outgoing) -> str | None:
        """The `ts` of the message under this key, if all its parts are there; what is there is not posted again."""
        address = address_of(outgoing, threaded=self._directs.threaded)
        if outgoing.payload.get("home") or outgoing.payload.get("edits_id"):
            return None  # doing it again leaves it as it is
        if address.private:
            raise NoReadBackError("ephemeral")
        try:
            found, total = self._look(self._directs.channel(address), _threads(outgoing), outgoing.key)
        except Exception as error:
            if errors.not_supported(error) or isinstance(errors.fault(error), PermanentError):
                raise NoReadBackError(errors.code_of(error)) from None
            raise errors.fault(error) from None
        self._remember(outgoing.key, found)
        return found[1] if 1 in found and len(found) >= total else None

    # ── posting ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _post(self, channel: str, thread: str, parts: list[Part], key: str) -> str:
        """Part by part; what was found there already stays. Where a part fails after another was posted, it is
        uncertain, so that the parts are looked for before anything else."""
        posted = dict(self._known.pop(key, {}))
        for n, part in enumerate(parts, 1):
            if n in posted:
                continue
            try:
                if posted:
                    self._lanes.enter(channel)
                ts = self._finish(part, key, len(parts)) if n == 1 else ""
                posted[n] = ts or self._say(channel, thread, part, key, n, len(parts))
            except Exception as error:
                if not posted:
                    raise
                raise UncertainError(f"part {n} of {len(parts)}: {type(errors.fault(error)).__name__}") from None
        return posted[1]

    def _say(self, channel: str, thread: str, part: Part, key: str, n: int, total: int) -> str:
        def post(**looks: Any) -> SlackResponse:
            return self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread or None,
                metadata=_metadata(key, n, total),
                unfurl_links=False,
                unfurl_media=False,
                **looks,
            )

        response = self._styled(post, part)
        self._directs.learn(channel, str(response.get("channel") or ""))
        return str(response["ts"])

    def _edit(self, channel: str, ts: str, parts: list[Part], key: str) -> str:
        """In the place of an earlier message; anew where that is gone."""
        try:
            return self._update(channel, ts, parts[0], key, len(parts))
        except SlackApiError as error:
            if errors.code_of(error) not in _GONE:
                raise
            return self._post(channel, "", parts, key)

    def _update(self, channel: str, ts: str, part: Part, key: str, total: int) -> str:
        def update(**looks: Any) -> SlackResponse:
            return self._client.chat_update(channel=channel, ts=ts, metadata=_metadata(key, 1, total), **looks)

        return str(self._styled(update, part).get("ts") or ts)

    def _finish(self, part: Part, key: str, total: int) -> str:
        """The message that was shown while it was written is made whole; "" where there is none (any more)."""
        stream = self._streams.shown(key)
        if stream is None:
            return ""
        self._streams.end(stream)
        try:
            ts = self._update(stream.channel, stream.ts, part, key, total)
        except SlackApiError as error:
            if errors.code_of(error) not in _GONE:
                raise
            ts = ""
        self._streams.drop(key)
        return ts

    def _publish(self, address: Address, outgoing: Outgoing) -> str:
        self._client.views_publish(user_id=address.user, view=home(outgoing.payload, self._texts))
        return f"home:{address.user}"

    def _styled(self, call: Callable[..., SlackResponse], part: Part) -> SlackResponse:
        """In the best looks that the workspace takes; a refusal for the looks posts nothing."""
        looks = [{"blocks": part.plainer}, {}]
        if not self._plain_only:
            looks.insert(0, {"blocks": part.blocks})
        for n, look in enumerate(looks, 1):
            try:
                response = call(text=part.text, **look)
            except SlackApiError as error:
                if errors.code_of(error) not in errors.BLOCKS or n == len(looks):
                    raise
                _log.warning("Slack does not take these blocks (%s); plainer ones follow", errors.code_of(error))
            else:
                self._plain_only = self._plain_only or (n == 2 and part.blocks != part.plainer and len(looks) == 3)
                return response
        raise AssertionError("the last look raises or returns")

    # ── looking up ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _look(self, channel: str, threads: Iterable[str], key: str) -> tuple[Found, int]:
        """The parts of a message that are there, and how many it has."""
        found, total = Found(), 1
        for message in chain.from_iterable(self._messages(channel, thread) for thread in threads):
            payload = _map(_map(message.get("metadata")).get("event_payload"))
            if payload.get("key") == hashed(key):
                found[int(payload.get("part") or 1)] = str(message.get("ts"))
                total = int(payload.get("parts") or 1)
        return found, total

    def _messages(self, channel: str, thread: str) -> Iterator[Mapping[str, Any]]:
        cursor = None
        for _ in range(PAGES):
            page: dict[str, Any] = {"channel": channel, "cursor": cursor, "limit": PAGE, "include_all_metadata": True}
            if thread:
                response = self._client.conversations_replies(ts=thread, **page)
            else:
                response = self._client.conversations_history(**page)
            yield from (_map(message) for message in response.get("messages") or ())
            cursor = _map(response.get("response_metadata")).get("next_cursor")
            if not cursor:
                return

    def _remember(self, key: str, found: Found) -> None:
        if found:
            self._known[key] = found
            while len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)

    def _failed(self, error: Exception, address: Address) -> Exception:
        failed = errors.fault(error)
        if isinstance(failed, RetryLaterError) and failed.seconds and address.channel:
            self._lanes.hold(address.channel, failed.seconds)
        return failed


def _threads(outgoing: Outgoing) -> list[str]:
    """Where it may stand: a process that is no more may have known more of how this workspace shows threads."""
    return list(dict.fromkeys(address_of(outgoing, threaded=threaded).thread for threaded in (True, False)))


def hashed(key: str) -> str:
    """A key as it stands in a place that others can read."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _metadata(key: str, n: int, total: int) -> dict[str, Any]:
    return {"event_type": MARK, "event_payload": {"key": hashed(key), "part": n, "parts": total}}


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
