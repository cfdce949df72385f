"""What the last forecast says of a gate and direction, as far as detectors judge it: a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

FRESH: Final = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Outlook:
    """
    A forecast of one gate and direction.

    Args:
        at: The instant it starts from, aware UTC.
        closes_at: The next last closing of a day.
        is_today: Whether that is today's.
        levels: Chances of the quantiles below, ascending.
        left: Quantiles of those inside at `at` that are left at the closing [veh].
        p_over_places: Chance that more stand at the closing than its yards have places; None without a limit.
        places: Places of its yards.
        p_full: Chance that a yard is full before the closing, by yard.
    """

    at: datetime
    closes_at: datetime
    is_today: bool
    levels: tuple[float, ...]
    left: tuple[float, ...]
    p_over_places: float | None = None
    places: int | None = None
    p_full: Mapping[str, float] = field(default_factory=dict)

    def is_fresh(self, now: datetime) -> bool:
        """Return whether it may still be judged by: made lately, and its closing lies ahead."""
        return timedelta(0) <= now - self.at <= FRESH and now < self.closes_at

    def left_at(self, chance: float) -> float:
        """Return the number of vehicles that with a chance no more than so many are left of [veh]."""
        return _between(self.levels, self.left, chance)

    def p_left_over(self, vehicles: float) -> float:
        """
        Return the chance that more than so many are left, between the quantiles that are known.

        >>> outlook = Outlook(datetime.now(), datetime.now(), True, (0.25, 0.5, 0.75), (0, 10, 20))
        >>> [outlook.p_left_over(n) for n in (-1, 10, 15, 30)]
        [1.0, 0.5, 0.375, 0.0]
        """
        if vehicles < self.left[0]:
            return 1.0
        if vehicles >= self.left[-1]:
            return 0.0
        return 1.0 - _between(self.left, self.levels, vehicles)


def outlooks_of(forecast: Mapping[str, Any]) -> dict[tuple[str, str], Outlook]:
    """Return the outlook of each direction under doing nothing, of a forecast as it is kept."""
    at, levels = datetime.fromisoformat(forecast["at"]), tuple(forecast["manifest"]["levels"])
    found = {}
    for row in forecast["flows"]:
        if row["alternative"] != "do nothing":
            continue
        close = row["close"]
        found[row["gate"], row["direction"]] = Outlook(
            at=at,
            closes_at=datetime.fromisoformat(close["at"]),
            is_today=close["is_today"] and not close["never_closes"],
            levels=levels,
            left=tuple(close["left_levels"]),
            p_over_places=close["p_over_places"],
            places=close["places"],
            p_full={
                yard["yard"]: yard["p_full"]
                for yard in forecast["yards"]
                if yard["alternative"] == row["alternative"]
                and yard["gate"] == row["gate"]
                and yard["p_full"] is not None
            },
        )
    return found


def _between(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """Return y at x, straight between the points; at a jump the last one holds."""
    for n in range(len(xs) - 1, -1, -1):
        if xs[n] <= x:
            if n + 1 == len(xs) or xs[n + 1] == xs[n]:
                return ys[n]
            return ys[n] + (ys[n + 1] - ys[n]) * (x - xs[n]) / (xs[n + 1] - xs[n])
    return ys[0]
