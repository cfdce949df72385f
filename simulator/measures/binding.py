"""What vehicles wait for in the end: time by cause, passed on to what keeps servers and places taken."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.measures.base import Floats, Value, measure
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.measures.visits import or_else, rows_by, yard_of_visit
from gatewatch.simulator.measures.waits import Causes, Waits, causes_of, waits_of
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
    names, directly = causes.names, _by_group(record, waits, len(causes.names))
    final = directly @ _passed_on(record, causes, waits)
    total = final.sum(axis=1)
    present = np.bincount(record.draws.group[record.is_present], minlength=len(record.network.groups))
    for number, group in enumerate(record.network.groups):
        if present[number] and not total[number]:
            yield Value(group.gate, group.direction, None, NOTHING, 1.0)
        for cause in np.flatnonzero(final[number] > _NEGLIGIBLE * total[number]):
            share = float(final[number, cause] / total[number])
            yield Value(group.gate, group.direction, None, names[cause], share)


def _by_group(record: RunRecord, waits: Waits, n_causes: int) -> Floats:
    """Return the waiting time before the clearance, shape (groups, causes) [us]."""
    vehicles = record.vehicle_of_visit[waits.visit]
    counts = waits.visit <= record.draws.clear_visit[vehicles]
    cells = record.draws.group[vehicles] * n_causes + waits.cause
    spent = (waits.ends_us - waits.begins_us)[counts]
    n_groups = len(record.network.groups)
    found = np.bincount(cells[counts], spent, n_groups * n_causes).astype(np.float64)
    return found.reshape(n_groups, n_causes)


def _passed_on(record: RunRecord, causes: Causes, waits: Waits) -> Floats:
    """
    Return the shares of the causes in which a wait for each cause ends, shape (causes, causes).

    Full yards and busy servers are the states of a chain; its other states are ends. Yards that wait only for
    each other would never end: a billionth of each step stays, so that they share what is left.
    """
    n, network = len(causes.names), record.network
    onward, stays = np.zeros((n, n)), np.ones(n)
    entered, left = record.trace.yard_entered_us, or_else(yard_left_us(record), record.to_us)
    started, gone = record.trace.started_us, or_else(record.trace.left_us, record.to_us)
    kinds = [
        (
            [causes.at_yard(number, "full") for number in range(len(network.yards))],
            rows_by(yard_of_visit(record), len(network.yards), entered != NOT_YET),
            (entered, left),
            (waits.yard, waits.given_yard),
        ),
        (
            [causes.at_station(number, "servers busy") for number in range(len(network.stations))],
            rows_by(record.station_of_visit, len(network.stations), started != NOT_YET),
            (started, gone),
            (waits.server,),
        ),
    ]
    by_cause = rows_by(waits.cause, n, np.ones(len(waits.cause), dtype=bool))
    for states, holders, (since, until), kept_by in kinds:
        waiting = [rows_by(numbers, len(states), numbers >= 0) for numbers in kept_by]
        for number, state in enumerate(states):
            wanted = Spans.covering(waits.begins_us[by_cause[state]], waits.ends_us[by_cause[state]])
            held = wanted.covered_us(since[holders[number]], until[holders[number]]).sum()
            if held:
                for rows in (part[number] for part in waiting):
                    onward[state] += _spent(waits, rows, wanted, n)
                onward[state] /= max(held, onward[state].sum())
                stays[state] = 1 - onward[state].sum()
    stays += _STAYS * onward.sum(axis=1)
    ends: Floats = np.linalg.solve(np.eye(n) - (1 - _STAYS) * onward, np.diag(stays)).astype(np.float64)
    return ends


def _spent(waits: Waits, rows: Ints, wanted: Spans, n_causes: int) -> Floats:
    spent = wanted.covered_us(waits.begins_us[rows], waits.ends_us[rows])
    return np.bincount(waits.cause[rows], spent, n_causes).astype(np.float64)
