"""
The fluid in small steps: vehicles as a quantity, through queues, servers, yards and the calendars of both sides.

One compiled function and nothing else: Numba notices a change only in the file of the function that it compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_F = TypeVar("_F", bound=Callable[..., Any])

OTHERS, HOLDS, UNLIMITED = range(3)
# Closing rules, as far as they differ for a fluid: who is in service goes on, or stops.
GOES_ON, STOPS = range(2)
EVER = 1e15


def _compiled(function: _F) -> _F:
    return cast(_F, numba.njit(cache=True, nogil=True, boundscheck=False)(function))


@_compiled
def advance(  # noqa: C901, PLR0912, PLR0915 - one loop over time compiles to one function
    n_steps: int, steps_per_hour: int, begin_us: int, step_us: int,
    came: Floats, refused: Floats,  # (group, step)
    group_of: Ints, station_of: Ints, yard_of: Ints, mean_steps: Floats, phases: Ints,  # (stage,); mean by day
    entry: Floats, way_from: Ints, way_to: Ints, way_share: Floats,  # (stage,), ways in compressed rows
    clears: Floats, leaves: Floats, first_served: Floats, is_before: Floats, may_leave: Bools, registered: Floats,
    patience_us: Floats, impatience: Floats,  # (group, age): ages, and the cumulated hazard of turning back until then
    stages_from: Ints, stages_at: Ints,  # stages of each station, in compressed rows
    station_kind: Ints, station_stops: Ints, queue_places: Floats, loses: Bools,  # (station,)
    segment_from: Ints, segment_us: Ints, segment_servers: Floats, segment_open: Floats,
    segment_registered: Floats,  # segments of each station, in compressed rows
    keep: Floats, window_from: Ints, window_us: Ints, day_from: Ints, day_us: Ints,  # yards; open and shut in turn
    place_from: Ints, place_us: Ints, place_value: Floats,  # limits of yards in compressed rows
    accept_from: Ints, accept_us: Ints, accept_value: Floats,
    day_of_step: Ints, queue: Floats, serving: Floats, aged: Floats, measured_step: int,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """
    Step a fluid forward; `queue`, `serving` (stage, phase) and `aged` hold the initial state and are used up.

    A service is a chain of exponential phases. The vehicles of a queue are taken to be of all ages between nought and
    twice their mean age, `aged` over `queue`, which is what a steady stream leaves in a first-come queue.

    A step: servers are counted, services end, vehicles move on (the last stage of a route first, so that places
    are free before they are asked for), those on the road enter, servers take who waits, some turn back.

    Returns:
        Cumulated counts at each edge of a step by group, shape (4, group, step + 1): starts of service that end a
        wait, clearances, turned back, lost [veh]; by stage and hour the vehicles present and those that joined,
        shape (2, stage, hour); the time waited by stage in the measured time, shape (stage,) [veh steps].
    """
    n_stages, n_stations, n_yards, n_groups = len(group_of), len(station_kind), len(keep), came.shape[0]
    n_hours = (n_steps + steps_per_hour - 1) // steps_per_hour
    counts = np.zeros((4, n_groups, n_steps + 1))
    hourly = np.zeros((2, n_stages, n_hours + 1))
    waited = np.zeros(n_stages)
    ready, road, known = np.zeros(n_stages), np.zeros(n_stages), np.zeros(n_stages)
    servers, is_open, only_registered = np.zeros(n_stations), np.zeros(n_stations), np.zeros(n_stations)
    segment_now, window_now, day_now = segment_from[:-1].copy(), window_from[:-1].copy(), day_from[:-1].copy()
    occupied, accepted, lets_in = np.zeros(n_yards), np.zeros(n_yards), np.ones(n_yards)
    place_now, accept_now = place_from[:-1].copy(), accept_from[:-1].copy()
    places, accepts = np.zeros(n_yards), np.zeros(n_yards)
    pace, weight, within = np.empty(n_stages), np.empty(n_stages), np.empty(n_stages)
    known_within = np.zeros(n_stages)
    for j in range(n_stages):
        within[j] = serving[j].sum()
        known_within[j] = within[j] * registered[j]
        known[j] = queue[j] * registered[j]
        if yard_of[j] >= 0:
            occupied[yard_of[j]] += queue[j] + serving[j].sum()
    for k in range(n_steps):
        starts_us = begin_us + k * step_us
        ends_us = starts_us + step_us
        # --- how long services take that day
        day = day_of_step[k]
        if k == 0 or day != day_of_step[k - 1]:
            for j in range(n_stages):
                pace[j] = min(1.0, phases[j] / max(mean_steps[j, day], 1e-9))
                weight[j] = min(1.0, mean_steps[j, day])
        # --- what is open, with how many servers, on average over the step
        for m in range(n_stations):
            servers[m] = is_open[m] = only_registered[m] = 0.0
            at = starts_us
            while at < ends_us:
                n = segment_now[m]
                while n + 1 < segment_from[m + 1] and segment_us[n + 1] <= at:
                    n += 1
                segment_now[m] = n
                until = ends_us
                if n + 1 < segment_from[m + 1] and segment_us[n + 1] < until:
                    until = segment_us[n + 1]
                part = (until - at) / step_us
                servers[m] += part * segment_servers[n]
                is_open[m] += part * segment_open[n]
                only_registered[m] += part * segment_registered[n]
                at = until
        for y in range(n_yards):
            while window_now[y] < window_from[y + 1] and window_us[window_now[y]] <= starts_us:
                lets_in[y] = 1.0 if (window_now[y] - window_from[y]) % 2 == 0 else 0.0
                window_now[y] += 1
            if k == 0 and window_from[y + 1] > window_from[y] and window_now[y] == window_from[y]:
                lets_in[y] = 0.0
            while day_now[y] < day_from[y + 1] and day_us[day_now[y]] <= starts_us:
                accepted[y] = 0.0
                day_now[y] += 1
            while place_now[y] + 1 < place_from[y + 1] and place_us[place_now[y] + 1] <= starts_us:
                place_now[y] += 1
            while accept_now[y] + 1 < accept_from[y + 1] and accept_us[accept_now[y] + 1] <= starts_us:
                accept_now[y] += 1
            places[y], accepts[y] = place_value[place_now[y]], accept_value[accept_now[y]]
        # --- services end
        for m in range(n_stations):
            if station_kind[m] == HOLDS:
                continue
            share = 1.0
            if station_stops[m] == STOPS and station_kind[m] == OTHERS:
                busy = 0.0
                for n in range(stages_from[m], stages_from[m + 1]):
                    busy += weight[stages_at[n]] * within[stages_at[n]]
                share = min(1.0, servers[m] / busy) if busy > 0 else 1.0
            elif station_stops[m] == STOPS:
                share = is_open[m]
            for n in range(stages_from[m], stages_from[m + 1]):
                j = stages_at[n]
                done = 0.0
                for phase in range(phases[j]):
                    came_on = done
                    done = serving[j, phase] * pace[j] * share
                    serving[j, phase] += came_on - done
                within[j] -= done
                ready[j] += done
        # --- vehicles move on
        for back in range(n_stages):
            j = n_stages - 1 - back
            m, g = station_of[j], group_of[j]
            is_park = station_kind[m] == HOLDS
            here = queue[j] * is_open[m] if is_park else ready[j]
            if here <= 1e-12:
                continue
            known_share = known[j] / queue[j] if is_park else known_within[j] / (within[j] + ready[j])
            known_share = min(max(known_share, 0.0), 1.0)
            moved_all = 0.0
            for way in range(way_from[j], way_from[j + 1]):
                to, moved = way_to[way], here * way_share[way]
                if to >= 0:
                    y = yard_of[to]
                    if y >= 0 and y != yard_of[j]:
                        room = places[y] - occupied[y]
                        if is_park:
                            room = min(room, keep[y] - occupied[y])
                        room = min(room, accepts[y] - accepted[y])
                        moved = min(moved, max(room, 0.0)) * lets_in[y]
                    t = station_of[to]
                    if queue_places[t] < EVER:
                        room = queue_places[t]
                        used = 0.0
                        for n in range(stages_from[t], stages_from[t + 1]):
                            i = stages_at[n]
                            room -= queue[i]
                            used += weight[i] * (within[i] + ready[i])
                        room = max(0.0, room + max(0.0, servers[t] - used) / max(weight[to], 1e-9))
                        if moved > room and loses[t]:
                            lost = moved - room
                            counts[3, g, k + 1] += lost * is_before[to]
                            moved_all += lost
                            if yard_of[j] >= 0:
                                occupied[yard_of[j]] -= lost
                        moved = min(moved, room)
                    queue[to] += moved
                    known[to] += moved * known_share
                    hourly[1, to, k // steps_per_hour] += moved
                    if y != yard_of[j] and y >= 0:
                        occupied[y] += moved
                        accepted[y] += moved
                    if yard_of[j] >= 0 and y != yard_of[j]:
                        occupied[yard_of[j]] -= moved
                else:
                    if yard_of[j] >= 0:
                        occupied[yard_of[j]] -= moved
                    counts[2, g, k + 1] += moved * leaves[j] * is_before[j]
                counts[1, g, k + 1] += moved * clears[j]
                moved_all += moved
            if is_park:
                aged[j] = max(0.0, aged[j] - moved_all * min(2.0 * aged[j] / (queue[j] + road[j]), 1e15))
                queue[j] -= moved_all
                known[j] = max(0.0, known[j] - moved_all * known_share)
            else:
                ready[j] -= moved_all
                known_within[j] = max(0.0, known_within[j] - moved_all * known_share)
        # --- vehicles arrive, and those on the road enter
        for j in range(n_stages):
            if entry[j] <= 0.0:
                continue
            g = group_of[j]
            road[j] += entry[j] * (came[g, k] - refused[g, k])
            y, t, entering = yard_of[j], station_of[j], road[j]
            if y >= 0:
                room = min(places[y] - occupied[y], accepts[y] - accepted[y])
                entering = min(entering, max(room, 0.0)) * lets_in[y]
            if queue_places[t] < EVER:
                room = queue_places[t]
                used = 0.0
                for n in range(stages_from[t], stages_from[t + 1]):
                    i = stages_at[n]
                    room -= queue[i]
                    used += weight[i] * (within[i] + ready[i])
                room = max(0.0, room + max(0.0, servers[t] - used) / max(weight[j], 1e-9))
                if entering > room and loses[t]:
                    counts[3, g, k + 1] += entering - room
                    road[j] -= entering - room
                entering = min(entering, room)
            road[j] -= entering
            queue[j] += entering
            known[j] += entering * registered[j]
            hourly[1, j, k // steps_per_hour] += entering
            if y >= 0:
                occupied[y] += entering
                accepted[y] += entering
        # --- servers take who waits
        for m in range(n_stations):
            if station_kind[m] == HOLDS:
                continue
            wanted = used = 0.0
            for n in range(stages_from[m], stages_from[m + 1]):
                j = stages_at[n]
                wanted += weight[j] * queue[j]
                used += weight[j] * (within[j] + ready[j])
            if wanted <= 0.0:
                continue
            ratio = is_open[m] if station_kind[m] == UNLIMITED else min(1.0, max(0.0, servers[m] - used) / wanted)
            for n in range(stages_from[m], stages_from[m + 1]):
                j = stages_at[n]
                may = queue[j] + only_registered[m] * (min(known[j], queue[j]) - queue[j])
                begun = min(queue[j] * ratio, may)
                if queue[j] > 0.0:
                    mixed = min(known[j] / queue[j], 1.0)
                    registered_begun = begun * (only_registered[m] + (1.0 - only_registered[m]) * mixed)
                    known[j] = max(0.0, known[j] - registered_begun)
                    known_within[j] += registered_begun
                if queue[j] > 0.0:  # the oldest are served first
                    aged[j] = max(0.0, aged[j] - begun * min(2.0 * aged[j] / (queue[j] + road[j]), 1e15))
                queue[j] -= begun
                serving[j, 0] += begun
                within[j] += begun
                counts[0, group_of[j], k + 1] += begun * first_served[j]
        # --- patience ends; counts
        for j in range(n_stages):
            if may_leave[j]:
                waiting = queue[j] + road[j]
                aged[j] += waiting * step_us
                if waiting > 1e-12:
                    oldest = max(2.0 * aged[j] / waiting, step_us)
                    hazard = np.interp(oldest, patience_us[group_of[j]], impatience[group_of[j]]) / oldest * step_us
                    hazard = min(hazard, 1.0)
                    if yard_of[j] >= 0:
                        occupied[yard_of[j]] -= hazard * queue[j]
                    queue[j] *= 1.0 - hazard
                    road[j] *= 1.0 - hazard
                    known[j] *= 1.0 - hazard
                    aged[j] *= 1.0 - hazard
                    counts[2, group_of[j], k + 1] += hazard * waiting * is_before[j]
            if k >= measured_step:
                waited[j] += queue[j] + road[j]
            if (k + 1) % steps_per_hour == 0:
                hourly[0, j, (k + 1) // steps_per_hour] = queue[j] + road[j] + within[j] + ready[j]
        for c in range(4):
            for g in range(n_groups):
                counts[c, g, k + 1] += counts[c, g, k]
    return counts, hourly, waited
