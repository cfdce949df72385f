"""What vehicles wait for in the end: time by cause, passed on to what keeps servers and places taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.measures.base import Floats, Value, measure
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.measures.visits import or_else, rows_by, yard_of_visit
from gatewatch.simulator.measures.waits import Causes, Waits, causes_of, waits_of
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Ints, RunRecord
from gatewatch.simulator.trace_table import yard_left_us

NOTHING = "no wait"
_STAYS = 1e-9
_NEGLIGIBLE = 1e-8


@measure("waiting_share", "share", "neither")
def waiting_share(record: RunRecord) -> Iterator[Value]:
    """
    Share of the waiting time before the clearance that each cause accounts for.

    The shares of a gate and direction sum to 1. Causes at a station: `servers busy` (or off duty by the
    roster), `shut here`, `shut by the counterpart` (while this side is open), `registered vehicles only`,
    `broken`, and `queue full` (no room to join it). Causes at a yard: `shut to entry`, `daily acceptance`
    (used up), and `full` (no place, or as many inside as are called forward). Of several at one instant one
    counts: shut before broken before registered only before busy; shut to entry before acceptance before a
    shut park before full. A wait for a server or a place is passed on to what those who have the servers or
    the places do meanwhile: the part of their time in which they are served stays with the station or yard,
    since it takes them for good reason; the part in which they wait goes to what they wait for, and so on. So
    a jam behind a full Chinese yard is put down to that yard and not to the desks that it blocks. Where
    nobody waited the one cause is `no wait`.
    """
    causes, waits = causes_of(record), waits_of(record)
    names = causes.names
    final = _passed_on(_by_group(record, waits, len(names)), _holdings(record, causes, waits), waits)
    total = final.sum(axis=1)
    present = np.bincount(record.draws.group[record.is_present], minlength=len(record.network.groups))
    for number, group in enumerate(record.network.groups):
        if present[number] and not total[number]:
            yield Value(group.gate, group.direction, None, NOTHING, 1.0)
        for cause in np.flatnonzero(final[number] > _NEGLIGIBLE * total[number]):
            share = float(final[number, cause] / total[number])
            yield Value(group.gate, group.direction, None, names[cause], share)


@dataclass(frozen=True, slots=True)
class _Holding:
    """
    Places of a yard, or servers of a station, that others wait for.

    Args:
        state: The cause of their waiting.
        since_us: When each place or server was taken, shape (takings,).
        until_us: When it was given up.
        waits: Stretches in which those who had taken them waited themselves.
    """

    state: int
    since_us: Ints
    until_us: Ints
    waits: Ints


def _holdings(record: RunRecord, causes: Causes, waits: Waits) -> Iterator[_Holding]:
    network, trace = record.network, record.trace
    entered, left = trace.yard_entered_us, or_else(yard_left_us(record), record.to_us)
    started, gone = trace.started_us, or_else(trace.left_us, record.to_us)
    n_yards, n_stations = len(network.yards), len(network.stations)
    takings = rows_by(yard_of_visit(record), n_yards, entered != NOT_YET)
    inside = rows_by(waits.yard, n_yards, waits.yard != NONE)
    given = rows_by(waits.given_yard, n_yards, waits.given_yard != NONE)
    for number, rows in enumerate(takings):
        meanwhile = np.concatenate([inside[number], given[number]])
        yield _Holding(causes.at_yard(number, "full"), entered[rows], left[rows], meanwhile)
    takings = rows_by(record.station_of_visit, n_stations, started != NOT_YET)
    kept = rows_by(waits.server, n_stations, waits.server != NONE)
    for number, rows in enumerate(takings):
        state = causes.at_station(number, "servers busy")
        yield _Holding(state, started[rows], gone[rows], kept[number])


def _by_group(record: RunRecord, waits: Waits, n_causes: int) -> Floats:
    """Return the waiting time before the clearance by the cause met first, shape (groups, causes) [us]."""
    vehicles = record.vehicle_of_visit[waits.visit]
    counts = waits.visit <= record.draws.clear_visit[vehicles]
    cells = record.draws.group[vehicles] * n_causes + waits.cause
    spent = (waits.ends_us - waits.begins_us)[counts]
    n_groups = len(record.network.groups)
    found = np.bincount(cells[counts], spent, n_groups * n_causes).astype(np.float64)
    return found.reshape(n_groups, n_causes)


def _passed_on(directly: Floats, holdings: Iterator[_Holding], waits: Waits) -> Floats:
    """
    Return waiting times by the cause that they go back to, shape (groups, causes) [us].

    Full yards and busy servers are the states of a chain that ends in the other causes, or where it stays.
    Yards that wait only for each other would never end: a billionth of each step stays, and they share it.
    """
    n_causes = directly.shape[1]
    by_cause = rows_by(waits.cause, n_causes, np.ones(len(waits.cause), dtype=bool))
    states, steps = [], []
    for holding in holdings:
        mine = by_cause[holding.state]
        wanted = Spans.covering(waits.begins_us[mine], waits.ends_us[mine])
        held = wanted.covered_us(holding.since_us, holding.until_us).sum()
        rows = holding.waits
        spent = wanted.covered_us(waits.begins_us[rows], waits.ends_us[rows])
        if spent.any():
            states.append(holding.state)
            steps.append(np.bincount(waits.cause[rows], spent, n_causes) / max(held, spent.sum()))
    if not states:
        return directly
    onward = np.array(steps)
    within = (1 - _STAYS) * onward[:, states]
    ends = np.where(np.isin(np.arange(n_causes), states), 0.0, onward)
    ends[np.arange(len(states)), states] = 1 - within.sum(axis=1) - ends.sum(axis=1)
    final = directly.copy()
    final[:, states] = 0
    final += directly[:, states] @ np.linalg.solve(np.eye(len(states)) - within, ends)
    return final
