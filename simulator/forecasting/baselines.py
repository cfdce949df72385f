"""What a forecast has to beat: that things stay as they are, and that they go as a week ago."""

from __future__ import annotations

from typing import Final

from gatewatch.simulator.forecasting.now import FlowNow

BASELINES: Final = ("persistence", "last_week")


def naive(flow: FlowNow, looks: int) -> tuple[list[float | None], list[float | None]]:
    """
    Return the backlog by the baselines, now and at each hour ahead [veh].

    `persistence` is the backlog now at every hour; `last_week` is the backlog a week before that hour. None: not known.

    Args:
        flow: What is known.
        looks: Now and the hours ahead.
    """
    known = list(flow.week_ago[:looks])
    value = None if flow.backlog is None else flow.backlog.value
    return [value] * looks, [*known, *[None] * (looks - len(known))]
