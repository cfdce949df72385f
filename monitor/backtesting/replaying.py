"""
Rules replayed: at every step of past time a snapshot, what the detectors find in it, and the life of the alerts.

The same functions as in the service; what differs is the time between evaluations, 15 s there and some minutes here. An
alert is therefore found up to one step later than the service finds it, and what comes and goes between two steps is
not seen.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.config.thresholds import Thresholds
from gatewatch.monitor.alerting.explained import is_background
from gatewatch.monitor.alerting.judging import judge, rules_of
from gatewatch.monitor.alerting.labels import AlertKey
from gatewatch.monitor.alerting.lifecycle import RANKS, Alerts, Transition, retire, step
from gatewatch.monitor.detectors.finding import Finding
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.inspecting import inspect_all
from gatewatch.monitor.detectors.kinds import list_detectors
from gatewatch.monitor.detectors.taking import take_history
from gatewatch.monitor.live.level import Level
from gatewatch.monitor.live.snapshot import Snapshot, take_snapshot
from gatewatch.monitor.projection.projecting import Projection

STEP: Final = timedelta(minutes=15)
FORETIME: Final = timedelta(days=36)  # what counts of four weeks and a late week rest on
REPLAYED: Final = ("congestion", "closure", "data")  # of itself the service leaves no record

Tell = Callable[[int, int], None]


class Past(Protocol):
    """What was observed, taken in as it was received."""

    @property
    def projection(self) -> Projection:
        """What is taken in so far."""

    def advance(self, until: datetime) -> None:
        """Take in what was received before an instant."""


@dataclass(frozen=True, slots=True)
class Firing:
    """
    An alert of a replay, from when it fired.

    Args:
        key: What it is about.
        active_at: When its condition began to hold.
        fired_at: When it fired.
        level: Worst level while it fired.
        value: Number that was judged when it fired.
        unit: Its unit.
        threshold: Threshold of the level it fired at; None where no number has one.
        resolved_at: When it ended; None: it still fired at the end.
    """

    key: AlertKey
    active_at: datetime
    fired_at: datetime
    level: Level
    value: float | None
    unit: str
    threshold: float | None
    resolved_at: datetime | None = None

    @property
    def rule(self) -> str:
        """Name of its rule."""
        return self.key.rule

    @property
    def place(self) -> tuple[str, str]:
        """Gate and direction, empty where it has none."""
        return self.key.get("gate"), self.key.get("direction")

    def lasted(self, ends: datetime) -> timedelta:
        """Return how long it fired, as far as that is known by `ends`."""
        return (self.resolved_at or ends) - self.fired_at


@dataclass(frozen=True, slots=True)
class Replayed:
    """
    What came of one set of thresholds.

    Args:
        begins: First evaluation.
        ends: Last evaluation.
        step: Time between evaluations.
        n_evaluations: How many there were.
        firings: Alerts that fired, in order of time.
        highest: By rule, gate and direction, the value of each local day that was worst.
        failed: Detectors that raised, with the first reason.
    """

    begins: datetime
    ends: datetime
    step: timedelta
    n_evaluations: int
    firings: tuple[Firing, ...]
    highest: Mapping[tuple[str, str, str], Mapping[date, float]]
    failed: Mapping[str, str]

    @property
    def weeks(self) -> float:
        """How long it is [weeks]."""
        return (self.ends - self.begins + self.step) / timedelta(weeks=1)


def replayed_rules(about: Collection[str] = REPLAYED) -> list[str]:
    """Return the rules that a replay can tell of: those that judge what was observed."""
    return [name for name, detector in list_detectors().items() if detector.about in about]


def replay(
    border: Border,
    feeds: Mapping[str, Feed],
    past: Past,
    variants: Sequence[Thresholds],
    begins: datetime,
    ends: datetime,
    step: timedelta = STEP,
    rules: Collection[str] | None = None,
    tell: Tell | None = None,
) -> list[Replayed]:
    """
    Return what each set of thresholds would have made of the same time.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        past: What was observed; not advanced beyond `begins` yet.
        variants: Settings of the detectors.
        begins: First evaluation, aware UTC.
        ends: No evaluation from then on.
        step: Time between evaluations.
        rules: Those to be looked at; without them, all that a replay can tell of.
        tell: Is told how many evaluations are done and how many there are.

    Raises:
        ValueError: There is no time between begin and end, or the step is not above zero.
    """
    if begins >= ends or step <= timedelta():
        raise ValueError("a replay needs an end after its begin, and a step above zero")
    names = replayed_rules() if rules is None else list(rules)
    zone = ZoneInfo(border.border.timezone)
    tracks = [_Track({name: found[name] for name in names}, zone) for found in variants]
    total, n, now = -(-(ends - begins) // step), 0, begins
    with _few_collections():
        while now < ends:
            past.advance(now)
            snapshot = take_snapshot(border, feeds, past.projection, now)
            history = take_history(border, feeds, past.projection, snapshot)
            for track in tracks:
                track.evaluate(snapshot, history)
            now, n = now + step, n + 1
            if tell is not None:
                tell(n, total)
    return [track.replayed(begins, now - step, step, n) for track in tracks]


@contextmanager
def _few_collections() -> Iterator[None]:
    """Leave cycles alone meanwhile: there are none, and looking for them in weeks of counts takes half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Track:
    """The alerts of one set of thresholds."""

    def __init__(self, thresholds: Thresholds, zone: ZoneInfo) -> None:
        self._thresholds, self._rules, self._zone = thresholds, rules_of(thresholds), zone
        self._alerts = Alerts()
        self._open: dict[AlertKey, Firing] = {}
        self._done: list[Firing] = []
        self._highest: dict[tuple[str, str, str], dict[date, float]] = {}
        self._failed: dict[str, str] = {}

    def evaluate(self, snapshot: Snapshot, history: History) -> None:
        """Evaluate once."""
        now = snapshot.at
        inspection = inspect_all(snapshot, self._thresholds, now, history)
        for name, reason in inspection.failed.items():
            self._failed.setdefault(name, reason)
        judged = judge(inspection, snapshot, self._thresholds, self._alerts, now)
        alerts, ends = retire(self._alerts, judged.retired, now)
        self._alerts, transitions = step(alerts, judged.judgements, self._rules, now)
        for transition in (*ends, *transitions):
            self._follow(transition, judged.findings.get(transition.alert.key))
        self._note(inspection.findings, now.astimezone(self._zone).date())

    def _follow(self, transition: Transition, finding: Finding | None) -> None:
        alert, known = transition.alert, self._open.get(transition.alert.key)
        if is_background(alert.key):
            return
        if alert.is_firing and known is None and alert.fired_at is not None:
            unit = "" if finding is None else finding.unit
            threshold = None if finding is None or alert.value is None else finding.threshold
            self._open[alert.key] = Firing(
                alert.key, alert.active_at, alert.fired_at, alert.level, alert.value, unit, threshold
            )
        elif alert.is_firing and known is not None:
            self._open[alert.key] = replace(known, level=max(known.level, alert.level, key=RANKS.__getitem__))
        elif known is not None:
            self._done.append(replace(self._open.pop(alert.key), resolved_at=transition.at))

    def _note(self, findings: Collection[Finding], day: date) -> None:
        for finding in findings:
            if finding.value is None or not finding.gate:
                continue
            days = self._highest.setdefault((finding.detector, finding.gate, finding.direction or ""), {})
            worse = min if finding.is_falling else max
            days[day] = worse(days.get(day, finding.value), finding.value)

    def replayed(self, begins: datetime, ends: datetime, step: timedelta, n: int) -> Replayed:
        """Return what came of it."""
        firings = sorted([*self._done, *self._open.values()], key=lambda one: (one.fired_at, one.key))
        return Replayed(begins, ends, step, n, tuple(firings), self._highest, self._failed)
