"""A core that is watched, with what is told to it: on a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.alerting import Route, Settings, Step, completed, rules_of
from gatewatch.monitor.alerting.messages import Composer
from gatewatch.monitor.core import Core
from gatewatch.monitor.detectors import SelfState, settings_classes
from gatewatch.monitor.detectors.runbooks import runbook
from gatewatch.monitor.observations import Observation
from gatewatch.monitor.store import Submitted
from gatewatch.monitor.store.alert_book import AlertBook, KeptAlert
from gatewatch.monitor.watch import Evaluator, Watch
from tests.monitor.stories import BORDER, CAMERA_IN, CAMERA_OUT, FEEDS, LOOP_OUT, Story, clock

SOON_S = 30.0
DEVICES = (CAMERA_IN, CAMERA_OUT, LOOP_OUT)
THRESHOLDS = load_thresholds(BORDER, settings_classes(), Path("a border without thresholds"))
STEPS = (Step(timedelta(minutes=5), "head"), Step(timedelta(minutes=10), "chair"), Step(timedelta(minutes=15), "all"))
TOLD = completed(Settings(rules_of(THRESHOLDS), (Route("all", ("board",)),), steps=STEPS))
FINE = SelfState(0.5, 600.0, 0.0, 0, 0.002, 24)
MINUTE = timedelta(minutes=1)


def watch_over(core: Core, settings: Settings = TOLD, own: SelfState = FINE) -> Watch:
    """Return a watch over a core, at what was remembered."""
    composer = Composer(BORDER, FEEDS, core.told, runbook)
    evaluator = Evaluator(BORDER, FEEDS, THRESHOLDS, core.projector, lambda _now: own, composer)
    watch = Watch(evaluator, settings, core.writer, AlertBook(core.store))
    watch.start()
    return watch


def tell(core: Core, observations: Iterable[Observation]) -> None:
    """Have observations received as they happen, and wait until live state knows them."""
    items = [Submitted.of(observation, observation.occurred_at) for observation in observations]
    receipts = core.writer.submit(items).result(SOON_S)
    assert {receipt.status for receipt in receipts} == {"accepted"}
    assert core.projector.wait_for(max(receipt.seq or 0 for receipt in receipts), SOON_S)


@dataclass
class Guard:
    """
    A watch over a core, and the instant that it is.

    Args:
        core: The core.
        watch: The watch.
        now: Aware UTC.
        story: What was told so far.
        silent: Feeds that say nothing more.
    """

    core: Core
    watch: Watch
    now: datetime = field(default_factory=lambda: clock("10:00"))
    story: Story = field(default_factory=Story)
    silent: frozenset[str] = frozenset()
    _heard_until: datetime = field(default_factory=lambda: clock("7:00"))

    def hear(self, until: datetime, queue: int | None = None) -> None:
        """Let the feeds be heard up to an instant, with a count of the queue at its end."""
        known = len(self.story.observations)
        for source in DEVICES:
            if source not in self.silent:
                self.story.beats(source, self._heard_until, until).tell("device.heartbeat", until, source)
        if queue is not None:
            self.story.counted(until, queue)
        self._heard_until = until + MINUTE
        tell(self.core, self.story.observations[known:])

    def pass_by(self, length: timedelta, every: timedelta = MINUTE) -> None:
        """Let time go by, with the feeds heard and an evaluation every minute."""
        ends = self.now + length
        while self.now + every <= ends:
            self.now += every
            if self.now >= self._heard_until:
                self.hear(self.now)
            self.watch.evaluate(self.now)

    def alert(self, rule: str) -> KeptAlert:
        """Return the alert of a rule; fails when there is none."""
        return next(kept for kept in self.watch.board.alerts.values() if kept.alert.key.rule == rule)

    def states(self) -> dict[str, str]:
        """Return the state of each alert by rule."""
        return {kept.alert.key.rule: kept.alert.state for kept in self.watch.board.alerts.values()}

    def kinds(self, alert_id: str) -> list[str]:
        """Return what happened to an alert."""
        return [event.kind for event in self.watch.book.timeline(alert_id)]
