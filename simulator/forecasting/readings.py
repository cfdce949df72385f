"""What a forecast reads off one run: counts at the hours ahead and at closings, and what became of those inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_H
from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.forecasting.now import Now
from gatewatch.simulator.measures.times import first_served
from gatewatch.simulator.measures.visits import queue_ends_us, stays_of
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.record import Bools, Ints, RunRecord
from gatewatch.simulator.timetable import open_windows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """
    When a forecast looks.

    Args:
        at_us: Now and every hour ahead, shape (hours + 1,) [us].
        close_us: By group, the next last closing of a local day; where it never closes, the next midnight [us].
        opens_us: By group, the opening after that [us].
        is_today: By group, whether that closing is today's.
        has_close: By group, whether it closes at all.
    """

    at_us: Ints
    close_us: Ints
    opens_us: Ints
    is_today: tuple[bool, ...]
    has_close: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One run of one plan.

    Args:
        backlog: Laden vehicles inside by group at each look, shape (groups, looks) [veh].
        queue: Those of them that wait and are not served, shape (groups, looks) [veh].
        cleared: Cleared since now by group at each look, shape (groups, looks) [veh].
        fill: Places held in each yard at each look, shape (yards, looks) [veh].
        most_fill: The most places held in each yard until the last close of its gate [veh].
        at_close: Backlog at the close by group [veh].
        in_want: Those of them that stand in a yard or on the road: not in a delay outside every yard [veh].
        at_opening: Backlog at the opening after it [veh].
        left: Of those inside now, how many are left at the close [veh].
        left_today: Of those inside now, how many are left at the end of the local day [veh].
        cleared_all_s: Until the last of those inside now has gone, by group; infinity beyond the run [s].
        joining_wait_s: Of the vehicle that joins now, until its first service; infinity beyond the run [s].
        joining_s: Of the same, until it is cleared [s].
        joining_gone: Whether it turned back or went elsewhere.
        wait_hour: Of each vehicle that arrives within the hours ahead, its hour.
        wait_group: Its group.
        wait_s: Arrival to first service, infinity beyond the run [s].
        crossing_s: Arrival to clearance [s].
    """

    backlog: Ints
    queue: Ints
    cleared: Ints
    fill: Ints
    most_fill: Ints
    at_close: Ints
    in_want: Ints
    at_opening: Ints
    left: Ints
    left_today: Ints
    cleared_all_s: Floats
    joining_wait_s: Floats
    joining_s: Floats
    joining_gone: Bools
    wait_hour: Ints
    wait_group: Ints
    wait_s: Floats
    crossing_s: Floats


def grid_of(network: Network, now: Now, horizon_h: int) -> Grid:
    """Return when to look at runs of a network."""
    clock = network.clock
    zone = ZoneInfo(clock.timezone)
    at_us = clock.begin_us + np.arange(horizon_h + 1) * US_PER_H
    today = now.at.astimezone(zone).date()
    closes, opens, today_flags, closing = [], [], [], []
    for group in network.groups:
        gate = network.border.gates[group.gate]
        windows = open_windows(network.border, gate, "both", clock, group.direction)
        # Windows that touch are one opening; the last close of a service day is the end of its last opening.
        spans: list[tuple[datetime, datetime]] = []
        for window in windows or []:
            if spans and spans[-1][1] >= window.begins:
                spans[-1] = (spans[-1][0], max(spans[-1][1], window.ends))
            else:
                spans.append((window.begins, window.ends))
        ahead = [n for n, (_, ends) in enumerate(spans) if ends > now.at]
        last = [n for n in ahead if n + 1 == len(spans) or _day(spans[n + 1], zone) != _day(spans[n], zone)]
        midnight = clock.us(datetime.combine(today + timedelta(days=1), time(), zone))
        ends_us = clock.us(spans[last[0]][1]) if last else clock.end_us
        never_closes = windows is None or (not last) or ends_us >= clock.end_us
        closes.append(midnight if never_closes else ends_us)
        after = spans[last[0] + 1][0] if not never_closes and last[0] + 1 < len(spans) else None
        opens.append(min(closes[-1] if after is None else clock.us(after), clock.end_us))
        today_flags.append(never_closes or _day(spans[last[0]], zone) <= today)
        closing.append(not never_closes)
    return Grid(at_us, np.array(closes), np.array(opens), tuple(today_flags), tuple(closing))


def _day(span: tuple[datetime, datetime], zone: ZoneInfo) -> date:
    """Return the local day on which an opening begins."""
    return span[0].astimezone(zone).date()


def read(record: RunRecord, grid: Grid, tags: Ints) -> Reading:
    """
    Return the readings of a run.

    Args:
        record: The run.
        grid: When to look.
        tags: By group, the vehicle that joins now, NONE without one; it counts nowhere else.
    """
    n_groups, draws = len(record.network.groups), record.draws
    begin_us = record.network.clock.begin_us
    counted = record.is_laden & record.is_present & (draws.clear_visit != NONE)
    counted[tags[tags != NONE]] = False
    rows = np.flatnonzero(counted)
    group = draws.group[rows]
    arrived, gone = record.arrived_us[rows], record.gone_us[rows]
    never = np.iinfo(np.int64).max
    gone = np.where(gone == NOT_YET, never, gone)
    cleared = np.where(record.cleared_us[rows] == NOT_YET, never, record.cleared_us[rows])
    backlog = _at(group, arrived, gone, grid.at_us, n_groups)
    was_inside = draws.inside[rows] > 0
    midnight = min((at for at in record.network.clock.day_starts_us() if at > begin_us), default=begin_us)
    close = grid.close_us[group]
    is_in = (arrived <= close) & (gone > close)
    left = np.bincount(group[was_inside & (gone > close)], minlength=n_groups)
    last = np.zeros(n_groups)
    np.maximum.at(last, group[was_inside], np.where(gone == never, np.inf, (gone - begin_us) / 1e6)[was_inside])
    opens = grid.opens_us[group]
    first = first_served(record)
    wait, crossing = _until(record, first, rows), _since(record.cleared_us[rows], record.arrived_us[rows])
    is_new = ~was_inside & (arrived >= begin_us) & (arrived < grid.at_us[-1]) & ~_went(record)[rows]
    tagged = np.where(tags == NONE, 0, tags)
    has_tag = tags != NONE
    return Reading(
        backlog=backlog,
        queue=_queued(record, counted, grid.at_us),
        cleared=_at(group, np.where(cleared == never, never, cleared), np.full(len(rows), never), grid.at_us, n_groups),
        fill=(stays := _fill(record, grid))[0],
        most_fill=stays[1],
        at_close=np.bincount(group[is_in], minlength=n_groups),
        in_want=np.bincount(group[is_in & ~_in_delay(record, rows, close)], minlength=n_groups),
        at_opening=np.bincount(group[(arrived <= opens) & (gone > opens)], minlength=n_groups),
        left=left,
        left_today=np.bincount(group[was_inside & (gone > midnight)], minlength=n_groups),
        cleared_all_s=np.maximum(last, 0.0),
        joining_wait_s=np.where(has_tag, _until(record, first, tagged), np.inf),
        joining_s=np.where(has_tag, _since(record.cleared_us[tagged], record.arrived_us[tagged]), np.inf),
        joining_gone=has_tag & _went(record)[tagged],
        wait_hour=((arrived[is_new] - begin_us) // US_PER_H).astype(np.int64),
        wait_group=group[is_new],
        wait_s=wait[is_new],
        crossing_s=crossing[is_new],
    )


def tags_of(network: Network, group: Ints, inside: Ints, arrival_us: Ints) -> Ints:
    """Return by group the vehicle that joins now: the last of those inside that joined at the start, else NONE."""
    found = np.full(len(network.groups), NONE, dtype=np.int64)
    for vehicle in np.flatnonzero((inside > 0) & (arrival_us == network.clock.begin_us)).tolist():
        found[group[vehicle]] = vehicle
    return found


def _went(record: RunRecord) -> Bools:
    """Return the vehicles that left without crossing."""
    return np.asarray((record.gone_us != NOT_YET) & (record.cleared_us == NOT_YET))


def _since(ends_us: Ints, begins_us: Ints) -> Floats:
    return np.where(ends_us == NOT_YET, np.inf, (ends_us - begins_us) / 1e6)


def _until(record: RunRecord, first: Ints, rows: Ints) -> Floats:
    """Return how long vehicles wait for their first service: infinity beyond the run, 0 without any."""
    visit = first[rows]
    started = np.where(visit == NONE, record.arrived_us[rows], record.trace.started_us[np.maximum(visit, 0)])
    return _since(started, record.arrived_us[rows])


def _at(group: Ints, begins: Ints, ends: Ints, at_us: Ints, n: int) -> Ints:
    """Return how many of some stretches are under way at each look, by group, shape (n, looks)."""
    return _by_then(group, begins, at_us, n) - _by_then(group, ends, at_us, n)


def _by_then(group: Ints, when: Ints, at_us: Ints, n: int) -> Ints:
    """Return how many times are over at each look, by group, shape (n, looks)."""
    width = len(at_us) + 1  # the last column is for what is later than every look
    place = group * width + np.searchsorted(at_us, when, side="left")
    return np.cumsum(np.bincount(place, minlength=n * width).reshape(n, width), axis=1)[:, :-1]


def _queued(record: RunRecord, counted: Bools, at_us: Ints) -> Ints:
    """Return the vehicles that wait for a station with servers, or in a park, by group at each look."""
    is_delay = np.array([node.is_unlimited and not node.holds for node in record.network.stations], dtype=bool)
    stages = record.network.stages
    is_back = np.array([stage.is_back for stage in stages], dtype=bool)
    rows = np.flatnonzero(record.reached & ~is_delay[record.station_of_visit] & ~is_back[record.draws.visits.stage])
    rows = rows[counted[record.vehicle_of_visit[rows]]]
    group = record.draws.group[record.vehicle_of_visit[rows]]
    ends = queue_ends_us(record)[rows]
    return _at(group, record.trace.joined_us[rows], ends, at_us, len(record.network.groups))


def _in_delay(record: RunRecord, rows: Ints, at_us: Ints) -> Bools:
    """Return which vehicles are, at a time of each, in a stage without servers and outside every yard."""
    stations, stages = record.network.stations, record.network.stages
    is_delay = np.array(
        [stations[s.station].is_unlimited and not stations[s.station].holds and s.yard == NONE for s in stages],
        dtype=bool,
    )
    visits = np.flatnonzero(record.reached & is_delay[record.draws.visits.stage])
    until = np.full(len(record.draws.group), np.iinfo(np.int64).min)
    since = until.copy()
    when = np.full(len(record.draws.group), np.iinfo(np.int64).min)
    when[rows] = at_us
    vehicle = record.vehicle_of_visit[visits]
    joined = record.trace.joined_us[visits]
    left = np.where(record.trace.left_us[visits] == NOT_YET, np.iinfo(np.int64).max, record.trace.left_us[visits])
    covers = (joined <= when[vehicle]) & (left > when[vehicle])
    since[vehicle[covers]], until[vehicle[covers]] = joined[covers], left[covers]
    return np.asarray(until[rows] > at_us)


def _fill(record: RunRecord, grid: Grid) -> tuple[Ints, Ints]:
    """Return the places held in each yard at each look, and the most of them until the last close of its gate."""
    stays = stays_of(record)
    entered, left = stays.visits.split(stays.entered_us), stays.visits.split(stays.left_us)
    n = len(record.network.yards)
    fill = np.zeros((n, len(grid.at_us)), dtype=np.int64)
    most = np.zeros(n, dtype=np.int64)
    for number, node in enumerate(record.network.yards):
        begins, ends = np.sort(entered[number]), np.sort(left[number])
        fill[number] = np.searchsorted(begins, grid.at_us, "right") - np.searchsorted(ends, grid.at_us, "right")
        until = max(
            (int(grid.close_us[k]) for k, g in enumerate(record.network.groups) if g.gate == node.gate),
            default=int(grid.at_us[-1]),
        )
        looks = np.unique(np.concatenate([grid.at_us[:1], begins[(begins > grid.at_us[0]) & (begins <= until)]]))
        held = np.searchsorted(begins, looks, "right") - np.searchsorted(ends, looks, "right")
        most[number] = held.max(initial=0)
    return fill, most


def places_of(network: Network, close_us: Sequence[int]) -> list[int | None]:
    """Return by group the places of the yards that its vehicles fill before they are cleared; None: no limit."""
    found: list[int | None] = []
    for group, at_us in zip(network.groups, close_us, strict=True):
        yards: list[int] = []
        for stage in group.stages:
            node = network.stages[stage]
            if node.yard != NONE and network.yards[node.yard].kind in ("gate", "off_site") and node.yard not in yards:
                yards.append(node.yard)
            if node.clears:
                break
        limits = [network.yards[yard].places_by_date.at(int(at_us)) for yard in yards]
        found.append(sum(limits) if limits and NONE not in limits else None)
    return found
