"""What a simulated border does, as devices could see it: passings at places, and the truth to hold figures against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from gatewatch.config.feeds import Feed
from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.trace_table import trace_table, yard_table

COLUMNS = ("at", "gate", "direction", "what", "where", "vehicle_class", "vehicle")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENDS = {Outcome.CLEARED: "gate_out", Outcome.TURNED_BACK: "turned_back", Outcome.DIVERTED: "diverted"}


@dataclass(frozen=True)
class Truth:
    """
    What really happened to laden vehicles.

    Args:
        passings: Every passing, with the columns of `COLUMNS`, in order of time (aware UTC).
        inside: Vehicles inside at the start by gate and direction [veh], of gates that are not dormant.
        begins: Start of the run.
        ends: End of the run.
    """

    passings: pd.DataFrame
    inside: dict[tuple[str, str], int]
    begins: datetime
    ends: datetime

    def n(self, gate: str, direction: str, what: str, begins: datetime, ends: datetime, where: str = "") -> int:
        """Return the passings of a kind within [begins, ends) [veh]."""
        found = self._times.get((gate, direction, what, where))
        if found is None:
            return 0
        first, last = np.searchsorted(found, [_instant(begins), _instant(ends)])
        return max(0, int(last - first))

    def backlog(self, gate: str, direction: str, at: datetime) -> int:
        """Return the vehicles that had arrived by an instant and had neither been cleared nor gone [veh]."""
        came = self.n(gate, direction, "arrived", self.begins, at)
        went = sum(self.n(gate, direction, what, self.begins, at) for what in _ENDS.values())
        return self.inside.get((gate, direction), 0) + came - went

    @cached_property
    def _times(self) -> dict[tuple[str, ...], np.ndarray]:
        """The times of each kind of passing, in order [us since 1970]."""
        groups = self.passings.groupby(["gate", "direction", "what", "where"], observed=True, sort=False)
        return {tuple(str(part) for part in key): times_us(found["at"]) for key, found in groups}


def times_us(at: pd.Series) -> np.ndarray:
    """Return aware times as whole numbers [us since 1970]."""
    return np.asarray(at.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]").astype(np.int64))


def _instant(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def true_passings(record: RunRecord, feeds: Sequence[Feed]) -> Truth:
    """
    Return the passings of a run at the places that feeds count, and arrivals and ends of every vehicle.

    A vehicle is in a yard from the first stage there that has servers: a place that was given to it while it still
    drives up is not yet filled, and no camera sees it.
    """
    midnight = record.network.clock.midnight(0)
    parts = [_ends_of_journeys(record), *_in_yards(record, feeds)]
    passings = pd.concat(parts, ignore_index=True)
    passings["at"] = pd.to_datetime(midnight) + pd.to_timedelta(passings.pop("at_us"), unit="us")
    passings = passings.sort_values(["at", "gate", "direction", "what", "vehicle"], kind="stable", ignore_index=True)
    begins = midnight + timedelta(microseconds=record.network.clock.begin_us)
    ends = midnight + timedelta(microseconds=record.network.clock.end_us)
    return Truth(passings[list(COLUMNS)], _inside(record), begins, ends)


def _ends_of_journeys(record: RunRecord) -> pd.DataFrame:
    groups, classes = record.network.groups, np.array(record.network.classes, dtype=object)
    vehicles = np.arange(len(record.draws.group))
    gates = np.array([g.gate for g in groups], dtype=object)[record.draws.group]
    directions = np.array([g.direction for g in groups], dtype=object)[record.draws.group]
    counted = record.is_laden & record.is_present & (record.draws.clear_visit != NONE)
    chosen = [(counted & (record.draws.inside == 0), record.arrived_us, "arrived")]
    for outcome, what in _ENDS.items():
        chosen.append((counted & (record.end_kind == outcome) & (record.gone_us != NOT_YET), record.gone_us, what))
    label = np.where(record.draws.stand_in_for != NONE, record.draws.stand_in_for, vehicles)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "at_us": times[mine],
                    "gate": gates[mine],
                    "direction": directions[mine],
                    "what": what,
                    "where": "",
                    "vehicle_class": classes[record.draws.classes[mine]],
                    "vehicle": label[mine],
                }
            )
            for mine, times, what in chosen
        ],
        ignore_index=True,
    )


def _in_yards(record: RunRecord, feeds: Sequence[Feed]) -> list[pd.DataFrame]:
    wanted = {(f.gate, p.direction, p.yard) for f in feeds for p in f.reports if p.yard is not None}
    if not wanted:
        return []
    stages = record.network.stages
    yard_of = {
        (record.network.groups[s.group].gate, record.network.groups[s.group].direction, s.name): record.network.yards[
            s.yard
        ].name
        for s in stages
        if s.yard != NONE and not record.network.stations[s.station].is_unlimited
    }
    visits = trace_table(record, 0)
    keys = zip(visits["gate"], visits["direction"], visits["stage"], strict=True)
    visits["yard"] = [yard_of.get(key) for key in keys]
    visits = visits[visits["yard"].notna() & visits["laden"]]
    entered = visits.groupby(["vehicle", "gate", "yard"], observed=True).agg(
        at_us=("joined_us", "min"), direction=("direction", "first"), vehicle_class=("class", "first")
    )
    left = yard_table(record, 0).dropna(subset=["left_us"])
    ends = left.groupby(["vehicle", "gate", "yard"], observed=True).agg(left_us=("left_us", "max"))
    found = entered.join(ends).reset_index()
    keys = zip(found["gate"], found["direction"], found["yard"], strict=True)
    found = found[np.array([key in wanted for key in keys], dtype=bool)].rename(columns={"yard": "where"})
    went = found.dropna(subset=["left_us"]).assign(what="yard_out")
    went = went.assign(at_us=went["left_us"].astype("int64"))
    parts = [found.assign(what="yard_in"), went]
    return [part.drop(columns="left_us").astype({"gate": object, "direction": object}) for part in parts]


def _inside(record: RunRecord) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    mine = record.was_inside & record.is_laden
    for number, group in enumerate(record.network.groups):
        if record.network.border.gates[group.gate].dormant:
            continue
        found[group.gate, group.direction] = int((mine & (record.draws.group == number)).sum())
    return found
