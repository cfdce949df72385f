"""
A day as it was recorded, as a film: vehicles that nobody knows one by one, in the order in which they came.

Feeds count passages; who passed is not kept. So each quarter-hour's vehicles are spread evenly over it, and the first
to come to a place is the first to leave it. Both are assumptions, and the film says so. Of those who were there before,
as many as the backlog tells stand in the first place at the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from gatewatch.config.calendars import DirectionName
from gatewatch.config.opening_hours import windows
from gatewatch.config.schema import Border, Gate
from gatewatch.monitor.projection.projecting import EMPTY
from gatewatch.monitor.store.history import WindowRow

STATES: Final = ("queue", "work", "stuck", "road")
QUARTER_S: Final = 900
_POINTS: Final = ("arrived", "yard_in", "yard_out", "gate_out")
_GONE: Final = ("turned_back", "diverted")
_TITLES: Final[Mapping[str, Mapping[str, str]]] = {
    "arrived": {"en": "Road before the yard", "vi": "Đường trước bãi", "zh": "货场前道路"},
    "yard_in": {"en": "Yard", "vi": "Bãi", "zh": "货场"},
    "yard_out": {"en": "Checks and line", "vi": "Thủ tục và qua biên giới", "zh": "查验与过境"},
    "inside": {"en": "Inside", "vi": "Đang tồn", "zh": "滞留"},
}


@dataclass
class _Film:
    vehicles: dict[str, list[int]] = field(default_factory=lambda: {"class": [], "flow": []})
    legs: dict[str, list[int]] = field(
        default_factory=lambda: {name: [] for name in ("vehicle", "place", "state", "begins", "ends")}
    )

    def vehicle(self, flow: int) -> int:
        """Return a new vehicle."""
        self.vehicles["class"].append(0)
        self.vehicles["flow"].append(flow)
        return len(self.vehicles["flow"]) - 1

    def leg(self, *values: int) -> None:
        """Add a leg."""
        for column, value in zip(self.legs.values(), values, strict=True):
            column.append(value)


def recorded_film(
    border: Border,
    gate: str,
    rows: Iterable[WindowRow],
    begins: datetime,
    ends: datetime,
    inside: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, Any]:
    """
    Return what the feeds of a gate counted between two instants, as a film.

    Args:
        border: Gives names and calendars.
        gate: Gate by permanent id.
        rows: Quarter-hours of the gate, the last version of each.
        begins: Aware UTC.
        ends: Aware UTC.
        inside: Backlog at the end by direction, where it is known [veh].
    """
    length_s = int((ends - begins) / timedelta(seconds=1))
    found, film = border.gates[gate], _Film()
    passes = _passes(rows, begins)
    flows: list[dict[str, Any]] = []
    places: list[dict[str, Any]] = []
    yards: list[dict[str, Any]] = []
    for direction in ("export", "import"):
        heard = [point for point in _POINTS if (direction, point) in passes]
        if len(heard) < 2:
            continue
        flow, first = len(flows), len(places)
        flows.append({"direction": direction, **_opening(border, found, direction, begins, ends)})
        for point, following in pairwise(heard):
            yard = _yard(found, passes[direction, point].place, yards) if point == "yard_in" else None
            title = _TITLES["inside" if (point, following) == ("arrived", "gate_out") else point]
            places.append(
                {
                    "flow": flow, "name": point, "title": title, "yard": yard, "kind": "park",
                    "is_clearance": following == "gate_out", "servers": None,
                }
            )  # fmt: skip
        gone = sorted(at for what in _GONE for at in passes.get((direction, what), _Passes()).at_s)
        points = [passes[direction, point].at_s for point in heard]
        is_whole = (heard[0], heard[-1]) == ("arrived", "gate_out") and direction in inside
        # What is inside at the end is what was there before, and came, less what went.
        before = round(inside[direction]) - len(points[0]) + len(points[-1]) + len(gone) if is_whole else 0
        _walk(film, flow, first, points, gone, length_s, before)
    return {
        "basis": "recorded",
        "gate": gate,
        "title": {"en": found.title or gate, "vi": found.title_vi or found.title or gate},
        "begins": begins.isoformat().replace("+00:00", "Z"),
        "length_s": length_s,
        "flows": flows,
        "yards": yards,
        "places": places,
        "classes": [{"name": "any", "title": {"en": "any", "vi": "mọi loại", "zh": "各类"}}],
        "vehicles": film.vehicles,
        "legs": film.legs,
        "states": list(STATES),
    }


@dataclass
class _Passes:
    at_s: list[float] = field(default_factory=list)
    place: str = ""


def _passes(rows: Iterable[WindowRow], begins: datetime) -> dict[tuple[str, str], _Passes]:
    """
    Return the times [s] of the passes of each direction at each point, those of a quarter-hour spread over it.

    A quarter-hour has a row for each class that was told, and one without a class for the others.
    """
    found: dict[tuple[str, str], _Passes] = {}
    sums: dict[tuple[str, str, datetime], int] = {}
    for row in sorted(rows, key=lambda row: row.start):
        mine = found.setdefault((row.direction, row.what), _Passes(place=row.place))
        if row.place != mine.place or row.vehicle_class == EMPTY:
            continue  # a second yard: the first one heard is shown; a backlog has no empty vehicles
        place = row.direction, row.what, row.start
        sums[place] = sums.get(place, 0) + row.n
    for (direction, what, start), n in sums.items():
        start_s = (start - begins) / timedelta(seconds=1)
        found[direction, what].at_s += [start_s + QUARTER_S * (k + 0.5) / n for k in range(n)]
    return found


def _walk(
    film: _Film,
    flow: int,
    first: int,
    points: Sequence[Sequence[float]],
    gone: Sequence[float],
    length_s: int,
    before: int,
) -> None:
    """Let vehicles go from point to point, first come first gone; who left before anybody came was there before."""
    all_exits = [
        sorted([(at, False) for at in leaving] + [(at, True) for at in (gone if n == 0 else ())])
        for n, leaving in enumerate(points[1:])
    ]
    missing = [_missing(came, [at for at, _ in left]) for came, left in zip(points, all_exits, strict=False)]
    missing[0] += max(0, before - sum(missing))
    entering: list[tuple[float, int]] = [(at, film.vehicle(flow)) for at in points[0]]
    for n, (exits, n_before) in enumerate(zip(all_exits, missing, strict=True)):
        inside = [(0.0, film.vehicle(flow)) for _ in range(n_before)] + entering
        entering = []
        for k, (at, vehicle) in enumerate(inside):
            until, is_gone = exits[k] if k < len(exits) else (float(length_s), True)
            film.leg(vehicle, first + n, 0, int(at), int(max(until, at)))
            if not is_gone:
                entering.append((until, vehicle))


def _missing(came: Sequence[float], left: Sequence[float]) -> int:
    """Return how many must have been there at the start, so that nobody leaves before he came."""
    missing = n_came = 0
    for k, at in enumerate(left):
        while n_came < len(came) and came[n_came] <= at:
            n_came += 1
        missing = max(missing, k + 1 - n_came)
    return missing


def _yard(gate: Gate, name: str, yards: list[dict[str, Any]]) -> int:
    yard = gate.yards.get(name)
    title = (yard.title if yard is not None else "") or name
    places = yard.places if yard is not None and isinstance(yard.places, int) else None
    yards.append(
        {"name": name, "title": {"en": title, "vi": (yard.title_vi if yard else "") or title}, "places": places}
    )
    return len(yards) - 1


def _opening(
    border: Border, gate: Gate, direction: DirectionName, begins: datetime, ends: datetime
) -> dict[str, list[list[int]]]:
    return {
        side: list(_open(border, calendar, direction, begins, ends))
        for side, calendar in (("own", gate.calendar), ("counterpart", gate.counterpart.calendar))
    }


def _open(
    border: Border, calendar: str | None, direction: DirectionName, begins: datetime, ends: datetime
) -> Iterator[list[int]]:
    second = timedelta(seconds=1)
    if calendar is None:
        yield [0, (ends - begins) // second]
        return
    for window in windows(border.calendars[calendar], begins, ends, direction):
        yield [(window.begins - begins) // second, (window.ends - begins) // second]
