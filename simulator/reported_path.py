"""The simulated backlog day by day at the hours of the reported counts: the band over which these are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from gatewatch.config.scenarios import Target
from gatewatch.simulator.replications import Replication

BAND: Final = (0.1, 0.9)  # eight of ten replications lie between


def path_rows(targets: Sequence[Target], done: Sequence[Replication]) -> list[dict[str, Any]]:
    """
    Return rows `date, gate, direction, at_min, unit, mean, p10, p90` of the backlog over replications [veh].

    One for each measured day and each place and hour at which a backlog is reported; the count is that of the full hour
    before. Empty where no backlog is.
    """
    counted = dict.fromkeys((t.gate, t.direction, t.at) for t in targets if t.measure == "backlog")
    return [row for gate, direction, at in counted for row in _path(gate, direction, at, done)]


def _path(gate: str | None, direction: str | None, at: int, done: Sequence[Replication]) -> Iterator[dict[str, Any]]:
    known = [r.hourly.backlog[gate, direction] for r in done if (gate, direction) in r.hourly.backlog]
    if not known:
        return
    backlog = np.zeros((len(done), known[0].shape[0]))
    for n, replication in enumerate(done):
        found = replication.hourly.backlog.get((gate, direction))
        if found is not None:
            backlog[n] = found[:, at // 60 % 24]
    low, high = np.quantile(backlog, BAND, axis=0)
    for day, iso in enumerate(done[0].hourly.dates):
        values = {"mean": backlog[:, day].mean(), "p10": low[day], "p90": high[day]}
        yield {
            "date": iso, "gate": gate, "direction": direction, "at_min": at, "unit": "veh",
            **{name: float(f"{value:.10g}") for name, value in values.items()},
        }  # fmt: skip
