"""What the service counts and measures of itself, as Prometheus reads it."""

from __future__ import annotations

import shutil
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from gatewatch.monitor.core import Core
from gatewatch.monitor.spread import Spread
from gatewatch.monitor.store import Outbox
from gatewatch.monitor.web.own_metrics import own_metrics

_OTHER = "other"  # of sources that no feed declares: their names are not ours to multiply


class Metrics:
    """
    Counts by this process, and what the core tells when it is asked.

    Args:
        core: Told of at every reading.
        n_clients: Returns the clients of the stream.
        clock: Says the time, aware UTC.
    """

    def __init__(self, core: Core, n_clients: Callable[[], int], clock: Callable[[], datetime]) -> None:
        self._feeds = core.feeds
        self._registry = CollectorRegistry()
        self._observations = Counter(
            "gatewatch_observations", "Observations answered, by source and result.", ("source", "result"),
            registry=self._registry,
        )  # fmt: skip
        self._requests = Counter(
            "gatewatch_requests", "Requests answered, by route and status.", ("method", "route", "status"),
            registry=self._registry,
        )  # fmt: skip
        self._late = Counter(
            "gatewatch_observations_late", "Observations accepted later than 15 minutes after they were made.",
            registry=self._registry,
        )  # fmt: skip
        self._notifier = Gauge(
            "gatewatch_notifier_seen_timestamp_seconds", "When the notifier last asked for messages.",
            registry=self._registry,
        )  # fmt: skip
        self._registry.register(_OfCore(core, n_clients, clock))
        # To find a counter by its labels costs more than to count.
        self._answered = cache(lambda method, route, status: self._requests.labels(method, route, str(status)))
        self._observed = cache(self._observations.labels)

    def answered(self, method: str, route: str, status: int) -> None:
        """Count a request."""
        self._answered(method, route, status).inc()

    def observed(self, found: Iterable[tuple[str | None, str]]) -> None:
        """Count observations by source and what became of them."""
        for (source, status), n in Tally(found).items():
            self._observed(source if source in self._feeds else _OTHER, status).inc(n)

    def came_late(self, n: int) -> None:
        """Count observations that were accepted late."""
        self._late.inc(n)

    def notifier_seen(self, at: datetime) -> None:
        """Note that the notifier asked for messages."""
        self._notifier.set(at.timestamp())

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _OfCore(Collector):
    def __init__(self, core: Core, n_clients: Callable[[], int], clock: Callable[[], datetime]) -> None:
        self._core, self._n_clients, self._clock = core, n_clients, clock

    def collect(self) -> Iterable[Metric]:
        """Yield what the core tells now."""
        core = self._core
        health = core.writer.health()
        last = core.journal.last_seq()
        yield _gauge("writer_waiting", "Observations and other work that wait for their commit.", health.waiting)
        yield _gauge("writer_is_leader", "1 while no other core has taken over.", health.is_leader)
        yield _gauge("writer_is_failing", "1 when the last transaction failed.", health.failure is not None)
        if health.last_commit_s is not None:
            yield _gauge("commit_last_seconds", "How long the last commit took.", health.last_commit_s)
        if health.commit_p99_s is not None:
            text = "What 99 of the last 100 commits did not exceed, of the last thousand; the disk's wait is in it."
            yield _gauge("commit_p99_seconds", text, health.commit_p99_s)
        yield _spread("commit_seconds", "How long transactions took that became durable.", health.commit_s)
        text = "How long the store alone took in them to write and to wait for the disk (COMMIT: fsync)."
        yield _spread("fsync_seconds", text, health.sync_s)
        yield _total("commits", "Transactions that became durable.", health.commits)
        yield _gauge("journal_last_seq", "Number of the last entry in the journal.", last)
        yield _gauge("projection_behind", "Entries not yet in the live state.", max(0, last - core.projector.rev))
        yield _gauge("stream_clients", "Clients of the stream.", self._n_clients())
        yield from _watch(core)
        yield from _outbox(Outbox(core.store), self._clock())
        yield from _disk(core)
        yield from own_metrics(core, self._clock())
        build = GaugeMetricFamily("gatewatch_build", "1, with the version.", labels=["version"])
        build.add_metric([version("gatewatch")], 1)
        yield build

    def describe(self) -> Iterable[Metric]:
        """Return nothing: the core is not asked before it is read."""
        return []


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gatewatch_{name}", text, float(value))


def _total(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"gatewatch_{name}", text, float(value))


def _spread(name: str, text: str, spread: Spread) -> Metric:
    return HistogramMetricFamily(f"gatewatch_{name}", text, list(spread.buckets()), spread.total_s)


def _watch(core: Core) -> Iterator[Metric]:
    health = core.watch.health()
    states = GaugeMetricFamily("gatewatch_alerts", "Alerts by state, and rules in doubt.", labels=["state"])
    for state, n in health.by_state.items():
        states.add_metric([state], n)
    yield states
    yield _total("evaluations", "Evaluations of all rules that were kept.", health.n_evaluations)
    yield _total("evaluation_seconds", "Time that they took.", health.spent_s)
    yield _gauge("rules_failing", "Rules that failed in the last evaluation.", len(health.rules))
    if health.last_s is not None:
        yield _gauge("evaluation_last_seconds", "How long the last evaluation took.", health.last_s)


def _outbox(outbox: Outbox, now: datetime) -> Iterator[Metric]:
    condition = outbox.condition(now)
    yield _gauge("outbox_waiting", "Messages that wait to be delivered.", condition.waiting)
    yield _gauge("outbox_age_seconds", "How long the oldest of them has waited.", condition.age_s(now))
    yield _gauge("outbox_dead", "Messages that were given up.", condition.dead)
    failures = CounterMetricFamily("gatewatch_delivery_failures", "Tries that failed, by channel.", labels=["channel"])
    for channel, n in sorted(outbox.failures().items()):
        failures.add_metric([channel], n)
    yield failures


def _disk(core: Core) -> Iterator[Metric]:
    if core.store.backend == "sqlite":
        free = shutil.disk_usage(core.store.path.parent).free
        yield _gauge("disk_free_bytes", "Room left where the store is.", free)
