"""What comes in, by socket or by HTTP: committed to the inbox, then acknowledged. Forms are opened at once.

Bolt checks signatures, answers Slack's own checks and keeps the socket; all the rest happens in one middleware, within
Bolt's acknowledgement: where the inbox does not take an event there is none, and Slack sends it again.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from adapters.platform import Receive
from adapters.slack import errors
from adapters.slack.arriving import event_of, is_opened
from adapters.slack.modals import Modals, Press
from adapters.slack.parsing import action_of, parse
from bot.faults import trail
from bot.message import Action
from bot.post import Event

_log = logging.getLogger(__name__)

_bolt_log = logging.getLogger(f"{__name__}.bolt")
_bolt_log.setLevel(logging.CRITICAL)  # its messages may hold what people wrote


NOT_KEPT = 503


class Door:
    """One delivery at a time, from whichever side it comes. `client` is a quick one: a form has three seconds.

    `opened(user, channel)`: somebody has come to the direct messages; it is called aside.
    """

    def __init__(
        self, client: WebClient, modals: Modals, receive: Receive, opened: Callable[[str, str], None], me: str = ""
    ) -> None:
        self.me = me
        self._client = client
        self._modals = modals
        self._receive = receive
        self._opened = opened
        self._aside = ThreadPoolExecutor(max_workers=4, thread_name_prefix="slack-aside")

    def take(self, body: Mapping[str, Any]) -> None:
        """Deal with a delivery that is known to be Slack's. Raises where the inbox does not take it: it must not be
        acknowledged then."""
        if is_opened(body, "messages"):
            event = body["event"]
            self._aside.submit(self._come, str(event.get("user") or ""), str(event.get("channel") or ""))
            return
        event = event_of(body, self.me)
        if event is None:
            return
        form = self._form(event, body)
        if form is None:
            self._receive(event)
            return
        if counts := pressed_feedback(body):
            self._receive(replace(event, payload={**event.payload, "form": True}))
        self._aside.submit(self._open, str(body["trigger_id"]), form, None if counts else event)

    def close(self) -> None:
        self._aside.shutdown(wait=False, cancel_futures=True)

    def _form(self, event: Event, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The form that a button opens, if it opens one. It is made of what the delivery itself says."""
        pressed = action_of(body) if event.payload["kind"] == "action" else None
        if pressed is None or not body.get("trigger_id"):
            return None
        heard, (action, value, asked) = parse(event), pressed
        if not heard:
            return None
        return self._modals.form(Press(action, value, heard[0].message.thread, heard[0].via, asked))

    def _open(self, trigger: str, form: Mapping[str, Any], event: Event | None) -> None:
        """Where Slack does not open it, the press goes the way of all buttons, and is answered in words."""
        try:
            self._client.views_open(trigger_id=trigger, view=dict(form))
        except Exception as error:
            code = errors.code_of(error)
            _log.warning("a form could not be opened: %s", code or type(error).__name__)
            if event is not None and code != "exchanged_trigger_id":  # that one is open: the press came twice
                self._pressed(event)

    def _pressed(self, event: Event) -> None:
        try:
            self._receive(event)
        except Exception as error:  # it is acknowledged: all that is left to do is to press again
            _log.error("a button went unheard: %s", trail(error))

    def _come(self, user: str, channel: str) -> None:
        try:
            self._opened(user, channel)
        except Exception as error:  # a courtesy
            _log.debug("nothing was suggested: %s", trail(error))


def pressed_feedback(body: Mapping[str, Any]) -> bool:
    """A mark counts at once; its form only asks for more."""
    pressed = action_of(body)
    return pressed is not None and pressed[0] is Action.FEEDBACK


def bolt_app(door: Door, client: WebClient, signing_secret: str | None) -> App:
    """Bolt with one middleware. `signing_secret`: None where a socket delivers, which needs no signatures."""
    app = App(
        client=client,
        signing_secret=signing_secret or "",
        request_verification_enabled=signing_secret is not None,
        process_before_response=True,
        ignoring_self_events_enabled=False,
        token_verification_enabled=False,
        attaching_function_token_enabled=False,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id=None, bot_token="", bot_user_id=door.me),
        logger=_bolt_log,
    )

    def commit(req: BoltRequest) -> BoltResponse:
        try:
            door.take(req.body)
        except Exception as error:  # not acknowledged: Slack comes again
            _log.error("a delivery could not be kept: %s", trail(error))
            return BoltResponse(status=NOT_KEPT, body="")
        return BoltResponse(status=200, body="")

    app.middleware(commit)
    return app
