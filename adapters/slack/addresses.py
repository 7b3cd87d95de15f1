"""Where a message goes: "slack:C…", "slack:C…/ts", or "slack:U…", the direct messages with a person."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.slack import errors
from bot.post import Outgoing

MAX_DIRECTS = 10_000


@dataclass(frozen=True, slots=True)
class Address:
    """`channel`: "" where it is not known yet which direct channel `user` has. `user`: whom a message goes to, where
    it goes to one person. `thread`: the ts of its root, "" outside of threads. `response_url`: where a command or
    button may be answered for a while. `private`: for the eyes of `user` alone, though others are in the channel."""

    channel: str
    user: str = ""
    thread: str = ""
    response_url: str = ""
    private: bool = False


def address_of(outgoing: Outgoing, *, threaded: bool = False) -> Address:
    """Pure. `threaded`: direct messages are answered in a thread below each, as in Slack's agent view."""
    payload = outgoing.payload
    via = payload.get("via")
    via = via if isinstance(via, Mapping) else {}
    place, _, root = outgoing.destination.removeprefix("slack:").partition("/")
    lasting = payload.get("keep") or payload.get("edits")  # an ephemeral message cannot be edited later
    to = "" if lasting else str(payload.get("to") or "").removeprefix("slack:")
    below = str(payload.get("below_id") or "")
    if place[:1] in ("U", "W"):
        spoken = str(via.get("thread_ts") or (via.get("ts") if threaded else "") or "")
        channel = str(via.get("channel") or "")
        direct = channel if channel.startswith("D") or to else ""
        return Address(direct, place, spoken, str(via.get("response_url") or ""), bool(to))
    return Address(place, to, below or root, str(via.get("response_url") or ""), bool(to))


class Directs:
    """Which direct channel a person has. `threaded`: whether this workspace shows them as threads (agent view)."""

    def __init__(self, client: WebClient) -> None:
        self.threaded = False
        self._client = client
        self._channels: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def channel(self, address: Address) -> str:
        """The channel of an address; a direct one is opened where it has to be."""
        return address.channel or self._known(address.user) or self._opened(address.user)

    def learn(self, user: str, channel: str) -> None:
        """A person's direct channel was seen."""
        if user[:1] in ("U", "W") and channel.startswith("D"):
            with self._lock:
                self._channels[user] = channel
                self._channels.move_to_end(user)
                while len(self._channels) > MAX_DIRECTS:
                    self._channels.popitem(last=False)

    def _known(self, user: str) -> str:
        with self._lock:
            return self._channels.get(user, "")

    def _opened(self, user: str) -> str:
        """Without the right to open it, the user id itself stands for the channel: Slack takes that for posts."""
        try:
            response: Any = self._client.conversations_open(users=user)
            channel = response["channel"]["id"]
        except SlackApiError as error:
            if not errors.not_supported(error):
                raise
            return user
        self.learn(user, channel)
        return str(channel)
