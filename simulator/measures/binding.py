"""What vehicles wait for in the end: time by cause, passed on to what keeps servers and places taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.folding import summed, swept
from gatewatch.simulator.grouping import Grouped
from gatewatch.simulator.measures.base import Floats, Value, measure
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.measures.visits import or_else, stays_of, visits_by_station
from gatewatch.simulator.measures.waits import Causes, Waits, causes_of, waits_of
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Ints, Numbers, RunRecord

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
    names, final = causes_of(record).names, _passed_on(*_waited(record), _states(record))
    total, present = final.sum(axis=1), _n_present(record)
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
        waits: Stretches in which those who had taken them waited themselves.
        taken_us: When each place or server was taken and when it was given up.
    """

    state: int
    waits: Ints
    taken_us: Callable[[], tuple[Ints, Ints]]


def _states(record: RunRecord) -> Ints:
    """Return the causes that are full yards and busy servers, in this order."""
    causes, network = causes_of(record), record.network
    yards = [causes.at_yard(number, "full") for number in range(len(network.yards))]
    return np.array(
        [*yards, *(causes.at_station(number, "servers busy") for number in range(len(network.stations)))],
        dtype=np.int64,
    )


def _holdings(record: RunRecord, causes: Causes, waits: Waits) -> Iterator[_Holding]:
    n_yards, n_stations = len(record.network.yards), len(record.network.stations)
    inside, given = (_known(held, n_yards) for held in (waits.yard, waits.given_yard))
    for number in range(n_yards):
        meanwhile = np.concatenate([inside.of(number), given.of(number)])
        yield _Holding(causes.at_yard(number, "full"), meanwhile, partial(_places_taken_us, record, number))
    kept = _known(waits.server, n_stations)
    for number in range(n_stations):
        state = causes.at_station(number, "servers busy")
        yield _Holding(state, kept.of(number), partial(_servers_taken_us, record, number))


def _known(numbers: Numbers, n: int) -> Grouped:
    """Return the rows that have a number, by number."""
    rows = np.flatnonzero(numbers != NONE)
    return Grouped.by(numbers[rows], n, rows)


def _places_taken_us(record: RunRecord, number: int) -> tuple[Ints, Ints]:
    stays = stays_of(record)
    return stays.visits.split(stays.entered_us)[number], stays.visits.split(stays.left_us)[number]


def _servers_taken_us(record: RunRecord, number: int) -> tuple[Ints, Ints]:
    rows = visits_by_station(record).of(number)
    rows = rows[record.trace.started_us[rows] != NOT_YET]
    return record.trace.started_us[rows], or_else(record.trace.left_us[rows], record.to_us)


@summed
def _n_present(record: RunRecord) -> Ints:
    """Return how many vehicles came, by group."""
    return np.bincount(record.draws.group[record.is_present], minlength=len(record.network.groups))


def _waited(record: RunRecord) -> tuple[Floats, Floats, Floats]:
    """
    Return waiting times [us]: before the clearance by group and cause; those of holders by holder and cause.

    Holders are those who have the places of a yard or the servers of a station, first the yards. The third array says
    for each how long its places or servers were taken while others waited for them, and zeros behind.
    """
    found, n_groups = _waited_so_far(record), len(record.network.groups)
    return found[:n_groups], found[n_groups:-1], found[-1]


@swept
@summed
def _waited_so_far(record: RunRecord) -> Floats:
    """Return the arrays of `_waited` below each other; in whole microseconds, so that sums are exact."""
    causes, waits = causes_of(record), waits_of(record)
    n_causes = len(causes.names)
    steps, held = np.zeros((len(_states(record)), n_causes)), np.zeros((1, n_causes))
    by_cause = Grouped.by(waits.cause, n_causes)
    for number, holding in enumerate(_holdings(record, causes, waits)):
        mine, rows = by_cause.of(holding.state), holding.waits
        if not len(mine):
            continue
        wanted = Spans.covering(waits.begins_us[mine], waits.ends_us[mine])
        spent = wanted.covered_us(waits.begins_us[rows], waits.ends_us[rows])
        steps[number] = np.bincount(waits.cause[rows], spent, n_causes)
        held[0, number] = wanted.covered_us(*holding.taken_us()).sum()
    return np.concatenate([_by_group(record, waits, n_causes), steps, held])


def _by_group(record: RunRecord, waits: Waits, n_causes: int) -> Floats:
    """Return the waiting time before the clearance by the cause met first, shape (groups, causes) [us]."""
    vehicles = record.vehicle_of_visit[waits.visit]
    counts = waits.visit <= record.draws.clear_visit[vehicles]
    cells = record.draws.group[vehicles] * n_causes + waits.cause
    spent = (waits.ends_us - waits.begins_us)[counts]
    n_groups = len(record.network.groups)
    found = np.bincount(cells[counts], spent, n_groups * n_causes).astype(np.float64)
    return found.reshape(n_groups, n_causes)


def _passed_on(directly: Floats, steps_us: Floats, held_us: Floats, states: Ints) -> Floats:
    """
    Return waiting times by the cause that they go back to, shape (groups, causes) [us].

    Full yards and busy servers are the states of a chain that ends in the other causes, or where it stays.
    Yards that wait only for each other would never end: a billionth of each step stays, and they share it.
    """
    n_causes = directly.shape[1]
    spent_us = steps_us.sum(axis=1)
    holders = np.flatnonzero(spent_us)
    if not len(holders):
        return directly
    states = states[holders]
    onward = steps_us[holders] / np.maximum(held_us[: len(spent_us)], spent_us)[holders, None]
    within = (1 - _STAYS) * onward[:, states]
    ends = np.where(np.isin(np.arange(n_causes), states), 0.0, onward)
    ends[np.arange(len(states)), states] = 1 - within.sum(axis=1) - ends.sum(axis=1)
    final = directly.copy()
    final[:, states] = 0
    final += directly[:, states] @ np.linalg.solve(np.eye(len(states)) - within, ends)
    return final
