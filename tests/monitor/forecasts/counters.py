"""A simulated border as counters see it: what a forecast would be given, and what then happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.forecasting import Arrived, Band, FlowNow, Now
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import RunRecord

Place = tuple[str, str]
_NEVER = np.iinfo(np.int64).max


class Counters:
    """
    What counters saw of a run.

    Args:
        record: The run.
        error_veh: Standard deviation of a count of the backlog [veh].
        seed: Of the errors.
    """

    def __init__(self, record: RunRecord, error_veh: float, seed: int) -> None:
        self.record, self.clock = record, record.network.clock
        self._error_veh, self._luck = error_veh, np.random.default_rng(seed)
        self._flows: dict[Place, tuple[np.ndarray, np.ndarray, dict[str, float]]] = {}
        for number, group in enumerate(record.network.groups):
            mine = record.is_laden & record.is_present & (record.draws.group == number)
            mine &= record.draws.clear_visit != NONE  # who stood beyond the clearance at the start is in no backlog
            if mine.any():
                gone = np.where(record.gone_us[mine] == NOT_YET, _NEVER, record.gone_us[mine])
                counts = np.bincount(record.draws.classes[mine], minlength=len(record.network.classes))
                mix = {name: float(n) for name, n in zip(record.network.classes, counts, strict=True) if n}
                self._flows[group.gate, group.direction] = (np.sort(record.arrived_us[mine]), np.sort(gone), mix)

    @property
    def places(self) -> list[Place]:
        """Gates and directions with vehicles."""
        return list(self._flows)

    def backlog(self, place: Place, at: datetime) -> int:
        """Return the backlog at an instant [veh]."""
        us, (arrived, gone, _) = self.clock.us(at), self._flows[place]
        return int(np.searchsorted(arrived, us, "right") - np.searchsorted(gone, us, "right"))

    def now(self, at: datetime, places: Iterable[Place], horizon_h: int) -> Now:
        """Return what is known at a full hour: a count with an error, arrivals by the hour, the week before."""
        return Now(at=at, flows=tuple(self._flow(place, at, horizon_h) for place in places))

    def _flow(self, place: Place, at: datetime, horizon_h: int) -> FlowNow:
        arrived, _, mix = self._flows[place]
        us = self.clock.us(at)
        seen = arrived[(arrived >= 0) & (arrived < us)]
        hourly = np.bincount(seen // 3_600_000_000, minlength=us // 3_600_000_000).astype(float)
        value = max(0.0, self.backlog(place, at) + self._error_veh * self._luck.standard_normal())
        half = 1.645 * self._error_veh
        week_ago = (at + timedelta(hours=h, days=-7) for h in range(horizon_h + 1))
        return FlowNow(
            gate=place[0],
            direction=place[1],  # type: ignore[arg-type]
            backlog=Band(value=value, low=max(0.0, value - half), high=value + half),
            arrived=Arrived(first=self.clock.instant(0), hourly=tuple(hourly), mix=mix),
            week_ago=tuple(float(self.backlog(place, then)) for then in week_ago),
        )
