"""How good forecasts were, summed up once for each night's scores: a month of them is some hundred thousand."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, datetime

from gatewatch.monitor.forecasts.misses import Miss, Misses
from gatewatch.monitor.forecasts.skill import Skill, SkillBook
from gatewatch.monitor.store.forecasts import StoredForecasts


@dataclass(frozen=True, slots=True)
class Card:
    """How good forecasts were, and the worst of them."""

    skill: list[Skill]
    worst: list[Miss]


class Scorecard:
    """
    Sums up, and remembers it until there are other scores or it is another day.

    Args:
        skill: Sums by place and horizon.
        misses: Tells of the worst.
        stored: Where scores are kept.
    """

    def __init__(self, skill: SkillBook, misses: Misses, stored: StoredForecasts) -> None:
        self._skill, self._misses, self._stored = skill, misses, stored
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[tuple[date, int], Card]] = {}

    def of(self, now: datetime, days: int) -> Card:
        """Return the card of the last days."""
        state = (now.date(), self._stored.n_scores())
        with self._lock:
            known = self._kept.get(days)
            if known is not None and known[0] == state:
                return known[1]
            card = Card(self._skill.skill(now, days), self._misses.worst(now, days))
            self._kept = {**{key: row for key, row in self._kept.items() if row[0] == state}, days: (state, card)}
            return card
