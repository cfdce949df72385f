"""A play of alerting for tests: what holds at which second, and what was told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from gatewatch.monitor.alerting import (
    Alert,
    Alerting,
    AlertKey,
    Clocks,
    Judgement,
    Notification,
    Route,
    Settings,
    Transition,
    acknowledge,
    evaluate,
    from_json,
    to_json,
)

START = datetime(2026, 1, 15, 1, 0, tzinfo=UTC)  # 08:00 in Vietnam
QUEUE = AlertKey.of(alertname="queue", gate="huu_nghi")
WAIT = AlertKey.of(alertname="wait", gate="huu_nghi")
PLAIN = Settings({"queue": Clocks(), "wait": Clocks(), "feed_silent": Clocks()}, (Route("all", ("board",)),))


def at(second: float) -> datetime:
    """Return an instant of the play."""
    return START + timedelta(seconds=second)


def seconds(n: float) -> timedelta:
    """Return a span."""
    return timedelta(seconds=n)


def judged(key: AlertKey, state: str, second: float, level: str = "congested", value: float | None = None) -> Judgement:
    """Return what a rule says."""
    return Judgement(key, state, level, value, at(second))


@dataclass(slots=True)
class Play:
    """
    Evaluations one after the other; what a key was last judged holds until it is judged otherwise.

    Args:
        settings: What is told to whom.
        is_restarted: Keep and read back everything after each evaluation.
    """

    settings: Settings = PLAIN
    is_restarted: bool = False
    alerting: Alerting = field(default_factory=Alerting)
    holds: dict[AlertKey, tuple[str, str]] = field(default_factory=dict)
    told: list[tuple[int, Notification]] = field(default_factory=list)
    deliveries: list[tuple[int, list[Notification]]] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)

    def says(self, key: AlertKey, state: str, level: str = "congested") -> None:
        """Let a rule say this from the next evaluation on."""
        self.holds[key] = state, level

    def evaluate(self, second: int) -> None:
        """Evaluate at a second."""
        judgements = [judged(key, state, second, level) for key, (state, level) in self.holds.items()]
        found = evaluate(self.alerting, judgements, self.settings, at(second))
        self.alerting = from_json(to_json(found.alerting)) if self.is_restarted else found.alerting
        self.transitions += found.transitions
        for bundle in found.bundles:
            self.deliveries.append((second, list(bundle.notifications)))
            self.told += [(second, notification) for notification in bundle.notifications]

    def run(self, first: int, last: int, every: int = 1) -> None:
        """Evaluate from one second to another, both included."""
        for second in range(first, last + 1, every):
            self.evaluate(second)

    def alert(self, key: AlertKey = QUEUE) -> Alert:
        """Return the alert about a key."""
        return next(alert for alert in self.alerting.alerts.alerts if alert.key == key)

    def acknowledge(self, second: int, key: AlertKey = QUEUE) -> None:
        """Let a person take an alert on."""
        found = acknowledge(self.alerting.acknowledgements, self.alert(key), "Lan", at(second))
        self.alerting = replace(self.alerting, acknowledgements=found)

    def reasons(self, destination: str = "board") -> list[tuple[int, str]]:
        """Return when and why a destination was told."""
        return [(second, told.reason) for second, told in self.told if told.destination == destination]
