"""Slack, whole: `build` puts the parts together, `Slack` fulfils `adapters.platform.Platform`."""

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from starlette.routing import BaseRoute

from adapters.pacing import Pace
from adapters.platform import Heard, Receive
from adapters.slack import errors
from adapters.slack.addresses import Directs
from adapters.slack.lanes import Lanes
from adapters.slack.modals import Modals
from adapters.slack.parsing import parse
from adapters.slack.receiving import Door, bolt_app
from adapters.slack.rights import examine
from adapters.slack.sending import Sender
from adapters.slack.sockets import Socket
from adapters.slack.streaming import Streams
from adapters.slack.web import routes
from bot.message import Lang
from bot.post import Event, Outgoing
from bot.streaming import OnSentence
from bot.texts import Texts
from knowledge.errors import PlatformError

if TYPE_CHECKING:
    from adapters.settings import Settings

_log = logging.getLogger(__name__)
_sdk_log = logging.getLogger(f"{__name__}.sdk")
_sdk_log.setLevel(logging.CRITICAL)  # its messages may hold what people wrote

PACE = Pace(1.0, 3)
TIMEOUT, QUICK = 20, 2  # seconds: for a post; for what is of use at once or not at all
PROMPTS = 4
_TOLD_AGAIN = (1.0, 2.0, 5.0, 10.0, 30.0)


def build(settings: "Settings") -> "Slack":
    """Slack as the settings have it; nothing connects yet."""
    from adapters.wiring import build_directory

    offices = tuple(f"{o.name} {o.section}".strip() for o in build_directory(settings).offices)
    return Slack(settings, Texts.load(), offices)


class Slack:
    """`offices`: what a consultation may be transferred to."""

    name = "slack"

    def __init__(self, settings: "Settings", texts: Texts, offices: Sequence[str] = ()) -> None:
        self._settings = settings
        self._texts = texts
        self._modals = Modals(texts, offices)
        self._client, self._quick = self._web(TIMEOUT), self._web(QUICK)
        self._directs = Directs(self._client)
        self._streams = Streams(self._quick)
        self._sender = Sender(self._client, texts, self._directs, self._streams, Lanes(PACE))
        self._streaming = bool(settings.chat_model)
        self._door: Door | None = None
        self._app: App | None = None
        self._socket: Socket | None = None
        self._ending = threading.Event()
        self._trouble: str | None = None

    def _web(self, seconds: int) -> WebClient:
        """A client without any retry of its own: the outbox owns every retry, and a second try posts twice."""
        settings = self._settings
        base = settings.slack_api_url.rstrip("/") + "/"
        return WebClient(settings.slack_bot_token, base, timeout=seconds, retry_handlers=[], logger=_sdk_log)

    # ── parse and render ─────────────────────────────────────────────────────────────────────────────────────────────

    def parse(self, event: Event) -> Sequence[Heard]:
        return parse(event)

    def send(self, outgoing: Outgoing) -> str:
        return self._sender.send(outgoing)

    def find(self, outgoing: Outgoing) -> str | None:
        return self._sender.find(outgoing)

    def pace(self, destination: str) -> Pace:  # noqa: ARG002 the same for all; `Lanes` paces the channel of many threads
        return PACE

    def working(self, heard: Heard) -> OnSentence | None:
        """A status below the question, where Slack shows it there; with a chat model, the sentences as they come."""
        channel, user = str(heard.via.get("channel") or ""), heard.message.user.removeprefix("slack:")
        self._directs.learn(user, channel)
        thread = heard.via.get("thread_ts") or heard.via.get("ts")
        shown = not channel.startswith("D") or self._directs.threaded or heard.via.get("thread_ts")
        if not channel or not thread or heard.private or heard.message.action:
            return None
        if shown:
            self._streams.status(channel, str(thread), self._texts.say(Lang.JA, "slack.working"))
        return self._streams.sink(f"reply:{heard.message.key}", heard.via) if self._streaming and shown else None

    # ── start and stop ───────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, receive: Receive) -> None:
        door = Door(self._quick, self._modals, receive, self._opened)
        socket = self._settings.slack_mode == "socket"
        app = bolt_app(door, self._quick, None if socket else self._settings.slack_signing_secret)
        self._door = door
        if not self._identify(door):
            threading.Thread(target=self._keep_asking, args=(door,), name="slack-identity", daemon=True).start()
        if socket:
            self._socket = Socket(app, self._web(TIMEOUT), self._settings.slack_app_token or "", self._refuse)
            self._socket.start()
        else:
            self._app = app

    def stop(self, seconds: float) -> None:
        self._ending.set()
        self._app = None
        if self._socket is not None:
            self._socket.stop(seconds)
        if self._door is not None:
            self._door.close()

    def routes(self) -> Sequence[BaseRoute]:
        if self._settings.slack_mode != "http":
            return ()
        return routes(lambda: self._app, self._settings.slack_signing_secret or "")

    def connected(self) -> bool:
        if self._settings.slack_mode == "http":
            return self._app is not None
        return self._socket is not None and self._socket.connected()

    def trouble(self) -> str | None:
        return self._trouble

    def examine(self) -> Sequence[tuple[bool, str]]:
        app_token = self._settings.slack_app_token if self._settings.slack_mode == "socket" else None
        return examine(self._web(TIMEOUT), app_token)

    # ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _identify(self, door: Door) -> bool:
        """Learn our own id; False where Slack cannot be reached now. Raises PlatformError for a wrong token."""
        try:
            door.me = str(self._quick.auth_test().get("user_id") or "")
        except SlackApiError as error:
            if errors.code_of(error) in errors.TOKEN:
                raise PlatformError(_WRONG_TOKEN.format(name="SLACK_BOT_TOKEN", code=errors.code_of(error))) from None
            _log.warning("Slack does not say who we are yet: %s", errors.code_of(error))
        except Exception as error:
            _log.warning("Slack is not reached yet: %s", type(error).__name__)
        return bool(door.me)

    def _keep_asking(self, door: Door) -> None:
        for n in range(1_000_000):
            if self._ending.wait(_TOLD_AGAIN[min(n, len(_TOLD_AGAIN) - 1)]):
                return
            try:
                if self._identify(door):
                    return
            except PlatformError as error:
                self._trouble = str(error)
                return

    def _refuse(self, code: str) -> None:
        self._trouble = _WRONG_TOKEN.format(name="SLACK_APP_TOKEN", code=code)

    def _opened(self, user: str, channel: str) -> None:
        """Somebody has come: what one might ask is suggested. A workspace that takes it shows direct messages as
        threads."""
        self._directs.learn(user, channel)
        say = self._texts.say
        prompts = [
            {"title": say(Lang.JA, f"slack.prompt_{n}"), "message": say(Lang.JA, f"slack.prompt_{n}_text")}
            for n in range(1, PROMPTS + 1)
        ]
        if channel and self._streams.suggest(channel, say(Lang.JA, "slack.prompts"), prompts):
            self._directs.threaded = True


_WRONG_TOKEN = "Slack が {name} を受け付けません({code})。adapters/slack/README.md の手順で取り直してください。"  # noqa: S105 a sentence
