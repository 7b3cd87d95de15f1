"""`renkei serve`: all platforms in one process. Warm the model, take over, connect; on SIGTERM let go in good order."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from adapters.addressing import Addressed
from adapters.at_desk import AtDesk
from adapters.commands import Commands
from adapters.current_bot import CurrentBot
from adapters.dealing import Dealing
from adapters.dispatcher import Line
from adapters.feedback import Feedback
from adapters.front import Mail
from adapters.jobs import Jobs
from adapters.loops import Loop
from adapters.metrics import Metrics
from adapters.platforms import build_platforms, secrets
from adapters.seats import build_front_office
from adapters.serve import Service
from adapters.web import Health, WebServer, build_app
from adapters.wiring import bot_maker, build_database, build_desks
from bot.cases.desks import DeskPlan
from bot.cases.parts import Parts
from bot.cases.reception import Reception
from bot.faults import trail
from bot.texts import Texts
from knowledge.directory import Directory
from knowledge.errors import PlatformError, SettingsError

if TYPE_CHECKING:
    from adapters.database.work import Database
    from adapters.platform import Platform
    from adapters.settings import Settings
    from bot.ports import Answers

WARMING = "北海道の地域づくりの計画には何がありますか"
"""What the model reads before anybody is let in."""
LOOK_EVERY, TICK_EVERY = 2.0, 30.0
"""Seconds between two looks for a new index, and at what time alone does to consultations."""
STOP_SECONDS = 20.0
_log = logging.getLogger(__name__)


def serve(settings: "Settings") -> None:
    """Until SIGTERM or Ctrl-C. Raises RenkeiError with the remedy where it cannot start or go on."""
    from adapters import logs

    platforms = build_platforms(settings)
    logs.configure(secrets=secrets(settings))
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ending.set())
    running = Running(settings, platforms)
    try:
        running.start()
        while not ending.wait(1.0):
            running.check()
    finally:
        running.stop()


class Running:
    """Everything at work. `port`: where /healthz, /readyz, /metrics and the webhooks are."""

    def __init__(self, settings: "Settings", platforms: "Sequence[Platform]", plan: DeskPlan | None = None) -> None:
        self._settings = settings
        self._platforms = {platform.name: platform for platform in platforms}
        self._plan = plan or build_desks(settings)
        check_desks(self._plan, self._platforms)
        self._metrics = Metrics()
        self._warm = False
        self._taking = False
        self._database: Database | None = None
        self._service: Service | None = None
        self._jobs: Jobs | None = None
        self._loops: list[Loop] = []
        routes = [route for platform in platforms for route in platform.routes()]
        health = Health(self._ready, self._metrics.text, lambda: self._taking)
        self._web = WebServer(build_app(health, routes), settings.http_host, settings.http_port)
        self.port = self._web.port

    def start(self) -> None:
        """Ready at the end of it. Nothing is connected before the model is warm and the database is ours."""
        self._web.start()
        self._database = database = build_database(self._settings)
        bot = CurrentBot(self._settings.store_dir, bot_maker(self._settings, limited=True))
        bot.draft(WARMING)
        self._warm = True
        dealing, timers = self._dealing(bot, database)
        lines = {name: Line(Addressed(platform, database), platform.pace) for name, platform in self._platforms.items()}
        service = Service(
            database, dealing.handle, lines,
            on_poison=dealing.on_poison, on_sent=dealing.on_sent, on_undelivered=dealing.on_undelivered,
        )  # fmt: skip
        self._metrics.watch(database, lambda: bot.index, self._connected)
        service.start()
        self._service = service  # who may not serve from this database must not send what is left in it either
        self._taking = True
        for platform in self._platforms.values():
            platform.start(service.receive)
        self._loops = [Loop("index", bot.look, idle=LOOK_EVERY), Loop("timers", timers, idle=TICK_EVERY)]
        for loop in self._loops:
            loop.start()
        _log.info("serving %s", "、".join(self._platforms))

    def check(self) -> None:
        """Raises PlatformError where a platform cannot go on (a second process with its token)."""
        for platform in self._platforms.values():
            if trouble := platform.trouble():
                raise PlatformError(trouble)

    def stop(self) -> None:
        """Take nothing new, finish what is in hand, send what may go now, let go."""
        self._taking = False
        until = time.monotonic() + STOP_SECONDS
        for platform in self._platforms.values():
            try:
                platform.stop(max(1.0, (until - time.monotonic()) / 2))
            except Exception as error:  # the others are stopped all the same
                _log.error("%s did not stop: %s", platform.name, trail(error))
        if self._jobs is not None:
            self._jobs.stop()
        for loop in self._loops:
            loop.end()
        for loop in self._loops:
            loop.join(max(0.0, until - time.monotonic()))
        ended = self._service.stop(max(1.0, until - time.monotonic())) if self._service else True
        self._web.stop()
        if self._database is not None and ended:
            self._database.close()
        _log.info("stopped" if ended else "stopped in the middle of something; it is taken up at the next start")

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _dealing(self, bot: "Answers", database: "Database") -> tuple[Dealing, "_Timers"]:
        settings, directory, texts = self._settings, Directory.load(self._settings.data_dir), Texts.load()
        office = build_front_office(settings, self._plan)
        parts = Parts(bot, office.reader, office.changes, office.access, office.clock, limit=office.limit)
        self._jobs = Jobs(settings.store_dir, database, texts, self._wake)
        dealing = Dealing(
            platforms=self._platforms,
            parts=parts,
            reception=Reception(parts),
            desk=AtDesk(office.counter, self._plan, office.access),
            feedback=Feedback(texts, office.changes.mask),
            commands=Commands(texts, directory, settings.store_dir, self._jobs),
            metrics=self._metrics,
        )
        return dealing, _Timers(Mail(database, office.timers, office.clock, ""), self._wake)

    def _wake(self) -> None:
        if self._service is not None:
            self._service.wake()

    def _connected(self) -> Mapping[str, bool]:
        return {name: platform.connected() for name, platform in self._platforms.items()}

    def _ready(self) -> Mapping[str, bool]:
        return {
            "model": self._warm,
            "database": self._service is not None and self._answers(),
            "platform": self._taking and any(self._connected().values()),
        }

    def _answers(self) -> bool:
        """Whether the database can be read now."""
        try:
            assert self._database is not None
            with self._database.work() as work:
                work.outbox.depth(list(self._platforms))
            return True
        except Exception as error:
            _log.error("the database does not answer: %s", trail(error))
            return False


class _Timers:
    """One tick of the clock of consultations, as a step of a loop."""

    def __init__(self, mail: Mail, wake: Callable[[], None]) -> None:
        self._mail = mail
        self._wake = wake

    def __call__(self) -> bool:
        self._mail.tick()
        self._wake()
        return False


def check_desks(plan: DeskPlan, platforms: Mapping[str, object]) -> None:
    """Raises SettingsError where a desk is on a platform that does not run: what is sent there would wait for ever."""
    used = {address.partition(":")[0] for address in (*plan.destinations.values(), plan.fallback)} - {"console"}
    for name in sorted(used - set(platforms)):
        raise SettingsError(
            f"DESKS_FILE に {name}: の送り先がありますが、{name.upper()}_BOT_TOKEN がありません。"
            "トークンを設定するか、DESKS_FILE の送り先を改めてください。"
        )
