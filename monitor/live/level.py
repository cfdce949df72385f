"""Our level of congestion, by days of work: what officials quote when they act."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from gatewatch.monitor.live.figure import Figure

Level = Literal["clear", "busy", "congested", "critical", "unknown"]

# Days of work from which a level holds, fitted to what was done at 1.1 (nothing), 1.7 (longer hours) and 17 (intake
# halted) days in the reported record; assumed.
LEVELS: Final[tuple[tuple[float, Level], ...]] = ((3.0, "critical"), (1.5, "congested"), (1.2, "busy"), (0.0, "clear"))
_ORDER: Final[tuple[Level, ...]] = ("unknown", "clear", "busy", "congested", "critical")


def level_of(days_of_work: float | None) -> Level:
    """
    Return the level for a backlog of so many days of work [days].

    >>> [level_of(days) for days in (1.1, 1.2, 1.7, 17, None)]
    ['clear', 'busy', 'congested', 'critical', 'unknown']
    """
    if days_of_work is None:
        return "unknown"
    return next(level for limit, level in LEVELS if days_of_work >= limit)


def level_shown(days_of_work: Figure) -> Level:
    """Return the level of a figure; one of the worst quality may tell of trouble, and never of its absence."""
    level = level_of(days_of_work.value)
    return "unknown" if level == "clear" and days_of_work.quality == "D" else level


def worst(levels: Iterable[Level]) -> Level:
    """Return the worst level; one that is not known hides no other."""
    return max(levels, key=_ORDER.index, default="unknown")
