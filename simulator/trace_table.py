"""The trace as a table for people and tools: one row per vehicle and stage, times in simulated microseconds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import GONE, Ints, RunRecord

COLUMNS = (
    "replication", "vehicle", "gate", "direction", "class", "laden", "stage", "station", "visit",
    "joined_us", "started_us", "finished_us", "left_us", "outcome",
)  # fmt: skip
OUTCOMES = {
    Outcome.INSIDE: "inside",
    Outcome.PASSED: "passed",
    Outcome.CLEARED: "cleared",
    Outcome.RETURNED: "returned",
    Outcome.TURNED_BACK: "turned_back",
    Outcome.DIVERTED: "diverted",
    Outcome.LOST: "lost",
}


def trace_table(record: RunRecord, replication: int) -> pd.DataFrame:
    """
    Return the trace of a replication.

    Columns: `replication`; `vehicle` (a diverted vehicle keeps its number at the other gate); `gate`, `direction`,
    `class`; `laden` at this stage; `stage`, `station`; `visit` (1 the first time at this stage); `joined_us`,
    `started_us`, `finished_us`, `left_us` (simulated time [us], missing when it did not happen); `outcome` of the
    visit: passed, cleared, returned, turned_back, diverted, lost, inside. Rows are ordered by vehicle and visit.
    """
    draws, network, trace = record.draws, record.network, record.trace
    rows = np.flatnonzero(record.reached)
    vehicle = record.vehicle_of_visit[rows]
    stage = draws.visits.stage[rows]
    label = np.where(draws.stand_in_for != NONE, draws.stand_in_for, np.arange(len(draws.group)))
    stages = network.stages
    back = np.array([s.is_back for s in stages], dtype=bool)[stage]
    table = pd.DataFrame(
        {
            "replication": np.full(len(rows), replication, dtype=np.int32),
            "vehicle": label[vehicle],
            "gate": _names([network.groups[s.group].gate for s in stages], stage),
            "direction": _names([network.groups[s.group].direction for s in stages], stage),
            "class": _names(list(network.classes), draws.classes[vehicle]),
            "laden": np.where(back, draws.laden_return[vehicle], record.is_laden[vehicle]),
            "stage": _names([s.name for s in stages], stage),
            "station": _names([network.stations[s.station].name for s in stages], stage),
            "visit": draws.visits.number[rows],
            "joined_us": trace.joined_us[rows],
            "started_us": _missing(trace.started_us[rows]),
            "finished_us": _missing(trace.finished_us[rows]),
            "left_us": _missing(trace.left_us[rows]),
            "outcome": _names([OUTCOMES.get(Outcome(n), "") for n in range(len(Outcome))], trace.outcome[rows]),
        }
    )
    return table.sort_values(["vehicle", "joined_us"], kind="stable", ignore_index=True)


def yard_table(record: RunRecord, replication: int) -> pd.DataFrame:
    """
    Return the yard entries of a replication, one row for each time that a vehicle asked for a place.

    Columns: `replication`, `vehicle`, `gate`, `yard`, `asked_us`, `entered_us`, `left_us` (missing when not).
    """
    draws, network, trace = record.draws, record.network, record.trace
    rows = np.flatnonzero(trace.yard_asked_us != NOT_YET)
    vehicle, left = record.vehicle_of_visit[rows], yard_left_us(record, rows)
    yards = np.array([s.yard for s in network.stages], dtype=np.int64)[draws.visits.stage[rows]]
    label = np.where(draws.stand_in_for != NONE, draws.stand_in_for, np.arange(len(draws.group)))
    return pd.DataFrame(
        {
            "replication": np.full(len(rows), replication, dtype=np.int32),
            "vehicle": label[vehicle],
            "gate": _names([y.gate for y in network.yards], yards),
            "yard": _names([y.name for y in network.yards], yards),
            "asked_us": trace.yard_asked_us[rows],
            "entered_us": _missing(trace.yard_entered_us[rows]),
            "left_us": _missing(left),
        }
    )


def yard_left_us(record: RunRecord, rows: Ints) -> Ints:
    """Return for visits that entered a yard when the vehicle gave up its place there; NOT_YET where it did not."""
    draws, trace = record.draws, record.trace
    yards = np.array([s.yard for s in record.network.stages], dtype=np.int64)
    stages, most = draws.visits.stage, len(draws.visits.stage) - 1
    ends, yard = draws.visits.start[1:][record.vehicle_of_visit[rows]], yards[stages[rows]]
    last, going = rows.copy(), np.arange(len(rows))
    while len(going):
        following = np.minimum(last[going] + 1, most)
        goes_on = (last[going] + 1 < ends[going]) & (yards[stages[following]] == yard[going])
        going, following = (x[goes_on & record.reached[following]] for x in (going, following))
        last[going] = following
    gave_up = np.where(record.reached[last], trace.left_us[last], NOT_YET)
    left = np.where(record.reached[rows], gave_up, _never_drove_in(record, rows))
    return np.where(trace.yard_entered_us[rows] == NOT_YET, NOT_YET, left)


def _never_drove_in(record: RunRecord, rows: Ints) -> Ints:
    """Return when vehicles that were given a place and went elsewhere before driving to it gave it up."""
    previous = np.maximum(rows - 1, 0)
    has_gone = np.isin(record.trace.outcome[previous], GONE)
    return np.where(has_gone, record.trace.left_us[previous], NOT_YET)


def _names(names: list[str], numbers: Ints) -> pd.Categorical[str]:
    unique = list(dict.fromkeys(names))
    codes = np.array([unique.index(name) for name in names], dtype=np.int64)
    return pd.Categorical.from_codes(codes[numbers], categories=pd.Index(unique))


def _missing(times: Ints) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(times, times == NOT_YET)
