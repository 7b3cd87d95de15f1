"""Telegram, put together: updates in by polling or webhook, each committed before it is confirmed; messages out."""

import logging
import threading
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from adapters.pacing import Pace
from adapters.platform import Heard, Receive
from adapters.telegram import menus, rates, webhook
from adapters.telegram.address import NAME, address
from adapters.telegram.api import Api, ApiError, Refused
from adapters.telegram.courtesies import Courtesies
from adapters.telegram.examining import examine
from adapters.telegram.faults import moved_to
from adapters.telegram.parsing import UPDATES, Me, event_of, heard, migration
from adapters.telegram.polling import Poller
from adapters.telegram.sending import Sender
from bot.faults import trail
from bot.post import Event, NoReadBackError, Outgoing
from bot.streaming import OnSentence
from bot.texts import Texts
from knowledge.errors import PlatformError

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from adapters.settings import Settings

_log = logging.getLogger(__name__)

REFUSED = "Telegram がトークンを受け付けません。BotFather の /token で確かめ、TELEGRAM_BOT_TOKEN を直してください。"


class NotReadyError(Exception):
    """Nothing can be received yet, or any more."""


class Telegram:
    """Fulfils `adapters.platform.Platform`. `desks`: destinations of DESKS_FILE."""

    name = NAME

    def __init__(
        self,
        api: Api,
        texts: Texts,
        *,
        webhook_url: str = "",
        secret: str = "",
        admins: Sequence[str] = (),
        staff: Sequence[str] = (),
        desks: Sequence[str] = (),
        private: Pace = rates.PRIVATE,
        group: Pace = rates.GROUP,
    ) -> None:
        self._api = api
        self._texts = texts
        self._url = webhook_url
        self._secret = secret
        self._admins, self._staff, self._desks = admins, staff, desks
        self._moved: dict[int, int] = {}
        self._private, self._group = private, group
        self._sender = Sender(api, texts, rates.Rates(group), self._moved)
        self._courtesies = Courtesies(api)
        self._poller = Poller(api, self._keep)
        self._receive: Receive | None = None
        self._me: Me | None = None
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._registered = False

    # ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def parse(self, event: Event) -> Sequence[Heard]:
        me = event.payload["me"]
        return heard(event.payload["update"], Me(me["id"], me["username"]), self._named())

    def start(self, receive: Receive) -> None:
        self._receive = receive
        try:
            self._meet()
        except Refused as error:
            if error.code in (401, 404):
                raise PlatformError(REFUSED) from None
        except ApiError:
            _log.warning("Telegram was not reached; it is tried until it answers")
        self._thread = threading.Thread(target=self._run, name="telegram-in", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> None:
        self._ending.set()
        self._receive = None
        self._poller.end()
        if self._thread is not None:
            self._thread.join(seconds)

    def routes(self) -> "Sequence[BaseRoute]":
        return [webhook.route(self._secret, self._keep)] if self._url else []

    def connected(self) -> bool:
        return self._registered if self._url else self._poller.well

    def trouble(self) -> str | None:
        return self._poller.failed or None

    def _run(self) -> None:
        """Until `stop`: get to know oneself, put up the menus, and take what comes."""
        pause = 1.0
        while not self._ending.is_set():
            try:
                self._meet()
                self._open()
                break
            except ApiError as error:
                _log.warning("Telegram cannot be used yet: %s", trail(error))
                self._ending.wait(pause)
                pause = min(30.0, pause * 2)
        if self._ending.is_set():
            return
        threading.Thread(target=self._dress, name="telegram-menus", daemon=True).start()
        if not self._url:
            self._poller.run()

    def _meet(self) -> None:
        """Learn the bot's own id and name."""
        if self._me is None:
            me = self._api.call("getMe")
            self._me = Me(int(me["id"]), str(me.get("username") or ""))

    def _open(self) -> None:
        """Say how updates shall come. What waits is never dropped."""
        if self._url:
            self._api.call(
                "setWebhook",
                url=self._url,
                secret_token=self._secret,
                allowed_updates=list(UPDATES),
                drop_pending_updates=False,
            )
            self._registered = True
        else:
            self._api.call("deleteWebhook", drop_pending_updates=False)

    def _dress(self) -> None:
        """What is good to have: the menus, and the new ids of desks whose group became a supergroup."""
        for desk in self._desks:
            self._look(desk)
        wanted = menus.menus(self._texts, self._admins, self._staff, self._desks)
        menus.publish(self._api, takewhile(lambda _menu: not self._ending.is_set(), wanted))

    def _look(self, desk: str) -> None:
        where = address(desk)
        if where is None:
            return
        try:
            self._api.call("getChat", chat_id=where.chat)
        except Refused as error:
            if new := moved_to(error):
                self._moved[where.chat] = new
        except ApiError:
            _log.info("a desk could not be looked at")

    def _keep(self, update: Mapping[str, Any]) -> None:
        """Commit an update, then show that it arrived. Raises where it could not be committed."""
        receive, me = self._receive, self._me
        if receive is None or me is None:
            raise NotReadyError
        if moved := migration(update):
            self._moved[moved[0]] = moved[1]
        said = heard(update, me, self._named())
        new = receive(event_of(update, me)) if said else False
        query = update.get("callback_query")
        self._courtesies.answer(query.get("id") if isinstance(query, dict) else None)
        for one in said if new else ():
            self._courtesies.seen(one)

    def _named(self) -> dict[int, int]:
        return {new: old for old, new in self._moved.items()}

    # ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    def working(self, heard: Heard) -> OnSentence | None:
        where = address(heard.message.thread)
        if where is None:
            return None
        self._courtesies.typing(where)
        return self._courtesies.writing(heard)

    def send(self, outgoing: Outgoing) -> str:
        return self._sender.send(outgoing)

    def find(self, outgoing: Outgoing) -> str | None:
        """Bots cannot look anything up. An edit that is made twice is one edit."""
        if outgoing.payload.get("edits_id"):
            return None
        raise NoReadBackError

    def pace(self, destination: str) -> Pace:
        where = address(destination)
        return self._group if where and where.group else self._private

    def examine(self) -> Sequence[tuple[bool, str]]:
        return list(examine(self._api, "webhook" if self._url else "polling", self._desks))


def build(settings: "Settings") -> Telegram:
    """Telegram by the settings. Raises SettingsError where a desk is named wrongly."""
    from adapters import wiring
    from adapters.settings import people

    plan = wiring.build_desks(settings)
    return Telegram(
        Api(settings.telegram_bot_token or "", settings.telegram_api_url),
        Texts.load(),
        webhook_url=_webhook_url(settings.telegram_webhook_url) if settings.telegram_mode == "webhook" else "",
        secret=settings.telegram_webhook_secret or "",
        admins=people(settings.admin_ids),
        staff=people(settings.staff_ids),
        desks=tuple(dict.fromkeys((*plan.destinations.values(), plan.fallback))),
    )


def _webhook_url(url: str | None) -> str:
    """The address with the path that is listened at, where it names none."""
    base = (url or "").rstrip("/")
    return base if base.endswith(webhook.PATH) else f"{base}{webhook.PATH}"
