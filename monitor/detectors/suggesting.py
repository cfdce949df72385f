"""A threshold as the days before suggest it: offered to people, never applied by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

WEEKS = 8
FEWEST = 4
PERCENTILE = 90


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    A threshold that the same weekdays suggest.

    Args:
        value: 90th percentile of the days' highest values.
        n_days: Days that it rests on, at most eight.
        first: First of them.
        last: Last of them.
        n_above: How many of them would have reached `compared_with`; None without one.
    """

    value: float
    n_days: int
    first: date
    last: date
    n_above: int | None = None


def suggest(highest: Mapping[date, float | None], on: date, compared_with: float | None = None) -> Suggestion | None:
    """
    Return the threshold that the last eight same weekdays suggest; None with fewer than four of them.

    Args:
        highest: The highest value of each day that is over; None or absent where it is not known.
        on: The day that it is wanted for; its own value is not looked at.
        compared_with: The threshold in force, to tell how often it was reached.

    >>> mondays = {date(2026, 1, 5) + timedelta(weeks=n): 100.0 + n for n in range(4)}
    >>> round(suggest(mondays, date(2026, 2, 2)).value, 1)
    102.7
    """
    days = [on - timedelta(weeks=n) for n in range(WEEKS, 0, -1)]
    known = [(day, value) for day in days if (value := highest.get(day)) is not None]
    if len(known) < FEWEST:
        return None
    values = [value for _, value in known]
    above = None if compared_with is None else sum(value >= compared_with for value in values)
    return Suggestion(float(np.percentile(values, PERCENTILE)), len(known), known[0][0], known[-1][0], above)
