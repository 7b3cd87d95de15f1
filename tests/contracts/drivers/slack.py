"""Slack: the real SDK against the tests' own Slack, in Socket Mode."""

import html
import tempfile
import time
from pathlib import Path
from typing import Any

from platform_driver import DESK, GROUP, Shown
from slack_server import (
    APP_TOKEN,
    BOT,
    BOT_TOKEN,
    Fault,
    SlackServer,
    channel_message,
    command,
    direct_message,
    press,
    submit,
)

from adapters.settings import load_settings
from adapters.slack.platform import build

CHANNELS = {GROUP: "C0TOWN", DESK: "C0OTARU"}
FAULTS = {
    "429": Fault(status=429, error="ratelimited", headers={"Retry-After": "1"}),
    "500": Fault(status=500, body="<html>oops</html>"),
    "dropped": Fault(done=True, drop=True),
}
FILE = {"id": "F0FILE", "name": "plan.pdf", "mimetype": "application/pdf", "size": 1000}


class SlackDriver:
    """People of a workspace, and what they see."""

    desk = f"slack:{CHANNELS[DESK]}"

    def __init__(self) -> None:
        self.server = SlackServer()
        self.server.run()
        self.renew()

    def renew(self) -> None:
        settings = load_settings(
            slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN, slack_api_url=self.server.url,
            store_dir=Path(tempfile.gettempdir()),
        )  # fmt: skip
        self.platform = build(settings)

    def user(self, person: str) -> str:
        return f"slack:{self._id(person)}"

    def connect(self, port: int) -> None:
        """Socket Mode: nothing listens."""

    def say(self, person: str, text: str, place: str = "", *, below: Shown | None = None, **more: Any) -> None:
        user, thread = self._id(person), {"thread_ts": below.thread or below.id} if below else {}
        extra = thread | ({"subtype": "file_share", "files": [FILE]} if more.get("file") else {})
        if place in CHANNELS:
            mention = "" if more.get("spoken_to") is False else f"<@{BOT}> "
            body = channel_message(self.server, user, f"{mention}{text}", CHANNELS[place], **extra)
        else:
            body = direct_message(self.server, self._id(place or person), text, **extra)
        for _ in range(more.get("times", 1)):
            self._deliver(body)

    def command(self, person: str, text: str, place: str = "") -> None:
        user = self._id(person)
        channel = CHANNELS.get(place) or self.server.direct(user)
        self._deliver(command(user, text, channel, f"{self.server.hooks}{user}-{channel}"), "slash_commands")

    def press(self, person: str, shown: Shown, label: str) -> None:
        channel, until = self._channel(shown.place), time.monotonic() + 20
        element = None
        while element is None:  # a card shows its new buttons a moment later
            assert time.monotonic() < until, f"no button {label}"
            message = next(m for m in self._messages(channel) if m["ts"] == shown.id)
            element = next((e for e in _elements(message) if e["label"] == label), None)
            time.sleep(0.01)
        action = {"type": element["type"], "action_id": element["action_id"], "value": element["value"]}
        body = press(self._id(person), channel, {k: v for k, v in message.items() if k != "only"}, action)
        if action["action_id"] == "consult":  # as if the form came too late: asked step by step, as everywhere
            body["trigger_id"] = f"old-{body['trigger_id']}"
        if shown.only:
            del body["message"]
            body["container"] |= {"is_ephemeral": True} | ({"thread_ts": shown.thread} if shown.thread else {})
        self._deliver(body | {"response_url": f"{self.server.hooks}{self._id(person)}-{channel}"}, "interactive")

    def fill(self, person: str, shown: Shown, label: str, text: str) -> None:
        before = len(self.server.views)
        self.press(person, shown, label)
        until = time.monotonic() + 20
        while len(self.server.views) == before:
            assert time.monotonic() < until, "no form was opened"
            time.sleep(0.01)
        self._deliver(submit(self._id(person), self.server.views[-1], text=text), "interactive")

    def shown(self, place: str) -> list[Shown]:
        found = self._messages(self._channel(place))
        return [
            Shown(
                message["ts"], place, html.unescape(message["text"]),
                tuple(element["label"] for element in _elements(message)),
                message.get("thread_ts") or "", message.get("only", ""),
            )
            for message in found
        ]  # fmt: skip

    def trouble(self, *faults: str) -> None:
        for fault in faults:
            name, _, person = fault.partition(":")
            if name == "gone":
                self.server.gone.add(self.server.direct(self._id(person)))
            else:
                self.server.faults["chat.postMessage"].append(FAULTS[name])

    def close(self) -> None:
        self.platform.stop(2.0)
        self.server.close()

    # ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _id(self, person: str) -> str:
        return f"U0{person.upper()}"

    def _channel(self, place: str) -> str:
        return CHANNELS.get(place) or self.server.direct(self._id(place))

    def _deliver(self, body: dict[str, Any], kind: str = "events_api") -> None:
        """Until it is acknowledged, as Slack does."""
        sockets = self.server.sockets
        envelope, until = sockets.send(body, kind), time.monotonic() + 20
        while envelope in sockets.unacked():
            assert time.monotonic() < until, "it was not acknowledged"
            time.sleep(0.01)
            if sockets.count() and envelope not in sockets.sent:
                sockets.resend(envelope)

    def _messages(self, channel: str) -> list[dict[str, Any]]:
        """All that stands in a channel, what only one person sees included."""
        with self.server.lock:
            posts = [post for post in self.server.posts if post["channel"] == channel]
            hidden = [self._hidden(n, e) for n, e in enumerate(self.server.ephemeral)]
            return [*posts, *(message for message in hidden if message["channel"] == channel)]

    def _hidden(self, n: int, message: dict[str, Any]) -> dict[str, Any]:
        user, _, channel = message.get("hook", "").partition("-")
        user, channel = message.get("user") or user, message.get("channel") or channel
        return {**message, "ts": f"19{n:08d}.000100", "channel": channel, "only": user.removeprefix("U0").lower()}


def _elements(message: dict[str, Any]) -> list[dict[str, str]]:
    """The buttons below a message, each with its label."""
    found = []
    for block in message.get("blocks") or ():
        for element in block.get("elements", ()) if block["type"] in ("actions", "context_actions") else ():
            named = {"type": element["type"], "action_id": element["action_id"]}
            faces = [element.get(name) for name in ("positive_button", "negative_button")]
            for face in filter(None, faces) if element["type"] == "feedback_buttons" else (element,):
                found.append({**named, "label": face["text"]["text"], "value": face.get("value", "")})
    return found


def make() -> SlackDriver:
    return SlackDriver()
