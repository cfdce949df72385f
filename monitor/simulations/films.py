"""
Films: one gate over some hours as a page plays it, every vehicle with where it was and when.

A film is JSON in columns, times in seconds since its beginning. A leg is a vehicle at a place: `queue` it waits there,
`work` it is served (or drives), `stuck` it is done and cannot go on, `road` it waits outside the yard of the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.opening_hours import windows
from gatewatch.config.schema import Border, Gate
from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.network import NONE, Group, Network, StationNode
from gatewatch.simulator.policies.wording import texts
from gatewatch.simulator.record import RunRecord

STATES: Final = ("queue", "work", "stuck", "road")
_QUEUE, _WORK, _STUCK, _ROAD = range(4)
US_PER_S: Final = 1_000_000

Ints = NDArray[np.int64]
Said = dict[str, str]


def film_of(record: RunRecord, gate: str, from_day: int, days: int) -> dict[str, Any]:
    """
    Return the film of a gate over days of a finished run.

    Args:
        record: The run.
        gate: Gate by permanent id.
        from_day: First day shown, from 0.
        days: Days shown.
    """
    network, border = record.network, record.plan.loaded.border
    clock = network.clock
    begins_us, ends_us = (clock.us(clock.midnight(day)) for day in (from_day, from_day + days))
    groups = [(n, group) for n, group in enumerate(network.groups) if group.gate == gate]
    yards = [n for n, yard in enumerate(network.yards) if yard.gate == gate]
    stages = [(flow, stage) for flow, (_, group) in enumerate(groups) for stage in _shown(network, group)]
    places = {stage: n for n, (_, stage) in enumerate(stages)}
    span = begins_us, ends_us
    vehicles, legs = _legs(record, places, begins_us, ends_us)
    flow_of = {stage: flow for flow, stage in stages}
    whose = np.array([flow_of.get(stage, 0) for stage in range(len(network.stages))], dtype=np.int64)
    return {
        "basis": "simulated",
        "gate": gate,
        "title": _titled(border.gates[gate], gate),
        "begins": (clock.instant(begins_us).astimezone(UTC)).isoformat().replace("+00:00", "Z"),
        "length_s": (ends_us - begins_us) // US_PER_S,
        "flows": [_flow(border, gate, group, network, begins_us, ends_us) for _, group in groups],
        "yards": [
            {
                "name": network.yards[n].name,
                "title": _titled(border.gates[gate].yards.get(network.yards[n].name), network.yards[n].name),
                "places": None if network.yards[n].places == NONE else network.yards[n].places,
            }
            for n in yards
        ],
        "places": [_place(network, border.gates[gate], flow, stage, yards, span) for flow, stage in stages],
        "classes": [{"name": c, "title": _titled(border.vehicle_classes().get(c), c)} for c in network.classes],
        "vehicles": {
            "class": record.draws.classes[vehicles].tolist(),
            "flow": whose[record.draws.visits.stage[record.draws.visits.start[vehicles]]].tolist(),
        },
        "legs": {name: column.tolist() for name, column in legs.items()},
        "states": list(STATES),
    }  # fmt: skip


def _shown(network: Network, group: Group) -> Iterator[int]:
    """Yield the stages of a direction that are shown: those on the way out, and not the way back."""
    return (stage for stage in group.stages if not network.stages[stage].is_back)


def _legs(record: RunRecord, places: dict[int, int], begins_us: int, ends_us: int) -> tuple[Ints, dict[str, Ints]]:
    """Return the vehicles that were there meanwhile, and their legs in the order of vehicle and time."""
    trace, visits = record.trace, record.draws.visits
    place_of = np.array([places.get(stage, NONE) for stage in range(len(record.network.stages))], dtype=np.int64)
    rows = np.flatnonzero(record.reached & (place_of[visits.stage] != NONE))
    joined = trace.joined_us[rows]
    # What has not happened by the end of the run happens after the film.
    started, finished, left = (
        np.where(times == NOT_YET, ends_us + 1, times)
        for times in (trace.started_us[rows], trace.finished_us[rows], trace.left_us[rows])
    )
    gone = np.where(trace.left_us[rows] == NOT_YET, ends_us + 1, left)
    entered = np.where(trace.yard_asked_us[rows] == NOT_YET, joined, trace.yard_entered_us[rows])
    entered = np.where(entered == NOT_YET, ends_us + 1, entered)
    entered = np.minimum(np.maximum(entered, joined), gone)
    started, finished = np.minimum(np.maximum(started, entered), gone), np.minimum(finished, gone)
    finished = np.maximum(finished, started)
    found: list[tuple[int, Ints, Ints]] = [
        (_ROAD, joined, entered), (_QUEUE, entered, started), (_WORK, started, finished), (_STUCK, finished, gone),
    ]  # fmt: skip
    parts = []
    for state, begin, end in found:
        kept = np.flatnonzero((end > begin) & (end > begins_us) & (begin < ends_us))
        parts.append((rows[kept], np.full(len(kept), state), begin[kept], end[kept]))
    row, states, begin, end = (np.concatenate([part[n] for part in parts]) for n in range(4))
    order = np.lexsort((begin, record.vehicle_of_visit[row]))
    row, states, begin, end = row[order], states[order], begin[order], end[order]
    vehicles, number = np.unique(record.vehicle_of_visit[row], return_inverse=True)
    return vehicles, {
        "vehicle": number.astype(np.int64),
        "place": place_of[visits.stage[row]],
        "state": states,
        "begins": np.maximum(begin - begins_us, 0) // US_PER_S,
        "ends": np.minimum(end - begins_us, ends_us - begins_us) // US_PER_S,
    }


def _place(
    network: Network, gate: Gate, flow: int, stage: int, yards: Sequence[int], span_us: tuple[int, int]
) -> dict[str, Any]:
    node = network.stages[stage]
    station = network.stations[node.station]
    title = texts()["stage"].get(node.name) or _titled(gate.stations.get(station.name), node.name)
    return {
        "flow": flow,
        "name": node.name,
        "title": title,
        "yard": yards.index(node.yard) if node.yard in yards else None,
        "kind": "park" if station.holds else "drive" if station.is_unlimited else "station",
        "is_clearance": node.clears,
        "servers": None if station.is_unlimited else list(_capacity(station, *span_us)),
    }


def _capacity(station: StationNode, begins_us: int, ends_us: int) -> Iterator[list[int]]:
    """Yield from when [s] how many servers can work, where it changes."""
    last = None
    for n, segment in enumerate(station.segments):
        until = station.segments[n + 1].begins_us if n + 1 < len(station.segments) else ends_us
        if until <= begins_us or segment.begins_us >= ends_us or segment.capacity == last:
            continue
        last = segment.capacity
        yield [max(segment.begins_us - begins_us, 0) // US_PER_S, last]


def _flow(border: Border, gate: str, group: Group, network: Network, begins_us: int, ends_us: int) -> dict[str, Any]:
    return {
        "direction": group.direction,
        "own": opening(border, gate, group.direction, network, begins_us, ends_us, is_own=True),
        "counterpart": opening(border, gate, group.direction, network, begins_us, ends_us, is_own=False),
    }


def opening(
    border: Border, gate: str, direction: Any, network: Network, begins_us: int, ends_us: int, *, is_own: bool
) -> list[list[int]]:
    """Return from when to when a side is open [s]; a side without calendar is always."""
    found = border.gates[gate]
    name = found.calendar if is_own else found.counterpart.calendar
    if name is None:
        return [[0, (ends_us - begins_us) // US_PER_S]]
    begins, ends = network.clock.instant(begins_us), network.clock.instant(ends_us)
    second = timedelta(seconds=1)
    return [
        [(w.begins - begins) // second, (w.ends - begins) // second]
        for w in windows(border.calendars[name], begins, ends, direction)
    ]


def _titled(found: object, name: str) -> Said:
    title = getattr(found, "title", "") or name
    return {"en": title, "vi": getattr(found, "title_vi", "") or title}


def places_of(film: dict[str, Any], at_s: int) -> Iterable[tuple[int, int]]:
    """Yield place and state of each vehicle at a time [s]."""
    legs = film["legs"]
    for place, state, begins, ends in zip(legs["place"], legs["state"], legs["begins"], legs["ends"], strict=True):
        if begins <= at_s < ends:
            yield place, state
