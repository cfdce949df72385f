"""Ten thousand random series through our life of an alert and through the design's own words (P6)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from gatewatch.monitor.alerting import AlertKey, Alerts, Clocks, Transition, step
from tests.monitor.alerting.play import at, judged, seconds
from tests.monitor.alerting.reference_model import Change, Machine

N_SERIES = 10_000
N_EVALUATIONS = 40
SPANS_S = (0, 0, 15, 20, 45, 60, 61, 120, 300)
LEVELS = ("busy", "congested", "critical")
Said = tuple[int, str | None, str]


def series(chance: random.Random) -> Iterator[Said]:
    """Yield second, verdict and level: stretches, silences, faults; evaluations that come late or not at all."""
    stays = chance.choice([0.4, 0.7, 0.9])
    worries = chance.choice([0.0, 0.05, 0.2])
    second, holds = 0, chance.random() < 0.5
    for _ in range(N_EVALUATIONS):
        if chance.random() > stays:
            holds = not holds
        verdict: str | None = "true" if holds else "false"
        if chance.random() < worries:
            verdict = chance.choice(["no_data", "error", None])
        yield second, verdict, chance.choice(LEVELS) if chance.random() < 0.2 else LEVELS[1]
        second += chance.choice([15, 15, 15, 15, 16, 30, 75, 600, 1_000])


def as_change(one: Transition, start: Callable[[int], object], second: int) -> Change:
    """Return a transition as the model tells it."""
    assert one.at == start(second)
    is_out = {one.before, one.after} <= {"firing", "recovering"}
    return (second, one.before, one.after, *((one.level_before or "", one.alert.level) if is_out else ("", "")))


@pytest.mark.slow
def test_every_transition_is_the_designs(record_property: Callable[[str, object], None]) -> None:
    """The same changes at the same seconds; and no occurrence fires twice."""
    chance, n = random.Random(20_260_115), 0
    for number in range(N_SERIES):
        key = AlertKey.of(alertname="queue", gate=f"gate{number}")
        for_s, keep_s = chance.choice(SPANS_S), chance.choice(SPANS_S)
        machine, alerts = Machine(for_s, keep_s), Alerts()
        rules = {"queue": Clocks(seconds(for_s), seconds(keep_s))}
        ours: list[Change] = []
        theirs: list[Change] = []
        fired: list[str] = []
        told = list(series(chance))
        for second, verdict, level in told:
            judgements = [] if verdict is None else [judged(key, verdict, second, level)]
            alerts, transitions = step(alerts, judgements, rules, at(second))
            ours += [as_change(one, at, second) for one in transitions]
            fired += [one.alert.id for one in transitions if one.alert.fired_at == one.at and one.after == "firing"]
            change = machine.look(second, verdict, level)
            theirs += [] if change is None else [change]
        assert ours == theirs, (number, for_s, keep_s, told)
        assert len(set(fired)) == len(fired), (number, fired)
        n += len(theirs)
    record_property("compared: transitions of random alerts with the design's model", n)

    assert n > 10 * N_SERIES
