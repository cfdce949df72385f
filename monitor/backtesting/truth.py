"""
When a gate really was congested: what a replay's alerts are held against.

Congested is a gate and direction whose backlog at 20:00 is at least 1.5 days of work: from there on officials have
acted, in every episode on record. Days of work are reckoned with hindsight, over what was cleared on the days around;
fewer than 50 vehicles are no congestion anywhere. For simulated days the backlog is the simulator's own, which no
device missed; for recorded days it is what the bulletins say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from gatewatch.config.schema import Border
from gatewatch.monitor.feeds.passings import Truth
from gatewatch.monitor.live.backlog import BULLETIN_CUT
from gatewatch.monitor.projection.projecting import Projection

CONGESTED_DAYS: Final = 1.5  # watching.md, section 4: orange
FEWEST: Final = 50  # vehicles (assumed)
AROUND: Final = 3  # days before and after an evening whose clearances count
FILLED: Final = 0.95  # share of the places: the last ones are not usable one by one (assumed)

Place = tuple[str, str]  # gate and direction


@dataclass(frozen=True, slots=True)
class Evening:
    """
    A gate and direction at 20:00.

    Args:
        at: The instant, aware UTC.
        backlog: Vehicles inside [veh].
        cleared: Vehicles cleared in the 24 h before [veh]; None where that is not known.
    """

    at: datetime
    backlog: int
    cleared: int | None


@dataclass(frozen=True, slots=True)
class Episode:
    """
    Evenings on which a gate and direction was congested, one after the other.

    Args:
        gate: Gate.
        direction: Direction.
        begins: The first evening.
        ends: The first evening that was not congested any more; None: it lasted to the end.
        days: Days of work on the worst evening; infinite where nothing was cleared.
        backlog: Vehicles inside on the evening that had most [veh].
    """

    gate: str
    direction: str
    begins: datetime
    ends: datetime | None
    days: float
    backlog: int

    @property
    def place(self) -> Place:
        """Gate and direction."""
        return self.gate, self.direction


@dataclass(frozen=True, slots=True)
class Filled:
    """A yard that came to have hardly any places left, for the first time."""

    gate: str
    direction: str
    yard: str
    at: datetime


def evenings_of(truth: Truth, zone: ZoneInfo) -> dict[Place, list[Evening]]:
    """Return the evenings of simulated days by gate and direction."""
    cuts = _cuts(truth.begins, truth.ends, zone)
    return {
        (gate, direction): [
            Evening(
                cut,
                truth.backlog(gate, direction, cut),
                truth.n(gate, direction, "gate_out", cut - timedelta(days=1), cut)
                if cut - timedelta(days=1) >= truth.begins
                else None,
            )
            for cut in cuts
        ]
        for gate, direction in sorted(truth.inside)
    }


def evenings_printed(
    projection: Projection, begins: datetime, ends: datetime, zone: ZoneInfo
) -> dict[Place, list[Evening]]:
    """Return the evenings of bulletins by gate and direction; where no stock was printed there is none."""
    figures: dict[tuple[Place, date], dict[str, int]] = {}
    for subject, editions in projection.bulletins.by_subject.items():
        _, text, gate, direction, line = subject
        if gate and line in ("remaining", "cleared"):
            printed = figures.setdefault(((gate, direction), date.fromisoformat(text)), {})
            printed[line] = editions[-1].said["value"]
    found: dict[Place, list[Evening]] = {}
    for (place, day), said in sorted(figures.items()):
        at = datetime.combine(day, BULLETIN_CUT, zone).astimezone(UTC)
        if "remaining" in said and begins <= at <= ends:
            found.setdefault(place, []).append(Evening(at, said["remaining"], said.get("cleared")))
    return found


def episodes_of(evenings: Mapping[Place, Sequence[Evening]]) -> list[Episode]:
    """Return the congested stretches of each gate and direction, in order of time."""
    found = []
    for (gate, direction), row in evenings.items():
        days = [_days(row, n) for n in range(len(row))]
        first: int | None = None
        for n in range(len(row) + 1):
            is_congested = n < len(row) and _is_congested(row[n], days[n])
            if is_congested and first is None:
                first = n
            elif not is_congested and first is not None:
                worst = max(day for day in days[first:n] if day is not None)
                most = max(evening.backlog for evening in row[first:n])
                ends = row[n].at if n < len(row) else None
                found.append(Episode(gate, direction, row[first].at, ends, worst, most))
                first = None
    return sorted(found, key=lambda one: (one.begins, one.gate, one.direction))


def filled_yards(truth: Truth, border: Border, zone: ZoneInfo) -> list[Filled]:
    """Return for each yard that devices watch when it first was full, in order of time."""
    passings = truth.passings
    found = []
    inout = passings[passings["what"].isin(["yard_in", "yard_out"])]
    for (gate, direction, yard), rows in inout.groupby(["gate", "direction", "where"], observed=True, sort=True):
        limits = border.gates[str(gate)].yards[str(yard)]
        inside = np.cumsum(np.where(rows["what"] == "yard_in", 1, -1))
        for at, n in zip(rows["at"], inside, strict=True):
            places = limits.places_on(at.astimezone(zone).date())
            if places and n >= FILLED * places:
                found.append(Filled(str(gate), str(direction), str(yard), max(at.to_pydatetime(), truth.begins)))
                break
    return sorted(found, key=lambda one: one.at)


def _cuts(begins: datetime, ends: datetime, zone: ZoneInfo) -> list[datetime]:
    day, found = begins.astimezone(zone).date(), []
    while (at := datetime.combine(day, BULLETIN_CUT, zone).astimezone(UTC)) <= ends:
        if at >= begins:
            found.append(at)
        day += timedelta(days=1)
    return found


def _days(row: Sequence[Evening], n: int) -> float | None:
    """Return the days of work of an evening: over the clearances of the days around it that are known."""
    near = [
        evening.cleared
        for evening in row
        if abs(evening.at - row[n].at) <= timedelta(days=AROUND, hours=1) and evening.cleared is not None
    ]
    if not near:
        return None
    cleared = sum(near) / len(near)
    return row[n].backlog / cleared if cleared else math.inf


def _is_congested(evening: Evening, days: float | None) -> bool:
    return days is not None and days >= CONGESTED_DAYS and evening.backlog >= FEWEST
