"""Figures for Prometheus. Labels are statuses, platforms and ids of generations: never a person, never a word."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.message import ReplyStatus

if TYPE_CHECKING:
    from adapters.database.work import Database

_SECONDS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.0, 8.0, 20.0)


class Metrics:
    """What is counted, and what is looked up when somebody asks."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a further figure for each one, which nobody asked for
        self.registry = CollectorRegistry()
        self._replies = Counter(
            "renkei_replies", "Messages dealt with, by how they ended", ["status"], registry=self.registry
        )
        self._seconds = Histogram(
            "renkei_reply_seconds",
            "From taking a message in hand to its reply",
            buckets=_SECONDS,
            registry=self.registry,
        )
        for status in ReplyStatus:
            self._replies.labels(status.value)

    def replied(self, status: ReplyStatus, seconds: float) -> None:
        """A message was dealt with."""
        self._replies.labels(status.value).inc()
        self._seconds.observe(seconds)

    def watch(
        self,
        database: "Database",
        index: Callable[[], Mapping[str, object]],
        connected: Callable[[], Mapping[str, bool]],
    ) -> None:
        """Look these up at each scrape. `index`: {"id", "created_at"}; `connected`: platform → whether."""
        self.registry.register(_Watched(database, index, connected))

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)


class _Watched(Collector):
    def __init__(
        self,
        database: "Database",
        index: Callable[[], Mapping[str, object]],
        connected: Callable[[], Mapping[str, bool]],
    ) -> None:
        self._database = database
        self._index = index
        self._connected = connected

    def describe(self) -> Iterable[Metric]:
        """Nothing is looked up when the collector is registered."""
        return ()

    def collect(self) -> Iterable[Metric]:
        platforms = self._connected()
        with self._database.work() as work:
            depth, oldest = work.outbox.depth(list(platforms))
            now = work.now()
        age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        yield _gauge("renkei_outbox_depth", "Messages that wait to be sent", depth)
        yield _gauge("renkei_outbox_age_seconds", "Age of the oldest message that waits", age)
        yield from _index_metrics(self._index())
        family = GaugeMetricFamily("renkei_platform_connected", "1 while events come in", labels=["platform"])
        for name, connected in platforms.items():
            family.add_metric([name], float(connected))
        yield family


def _index_metrics(index: Mapping[str, object]) -> Iterable[Metric]:
    if not index:
        return
    info = InfoMetricFamily("renkei_index_generation", "The index in use")
    info.add_metric([], {"id": str(index["id"])})
    yield info
    age = datetime.now(UTC) - datetime.fromisoformat(str(index["created_at"]))
    yield _gauge("renkei_index_age_seconds", "Seconds since the index was made", max(0.0, age.total_seconds()))


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_, value=value)
