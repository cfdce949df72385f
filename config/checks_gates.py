"""Faults of gates: what stations, yards and calendars are called, and settings that contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gatewatch.config.checks_names import unknown, unknown_class_keys, unknown_classes
from gatewatch.config.errors import Fault
from gatewatch.config.faults import fault_at, shown
from gatewatch.config.origins import Document, Path
from gatewatch.config.routes import all_directions, kinds, next_stops, route_of, station_of
from gatewatch.config.schema import Border, Direction, Gate, Selectivity, Station, Yard

SHARES_TOLERANCE = 1e-6


def _stations(border: Border) -> Iterator[tuple[Gate, Station, Path]]:
    for gate_id, gate in border.gates.items():
        for name, station in gate.stations.items():
            yield gate, station, ("gates", gate_id, "stations", name)


def _yards(border: Border) -> Iterator[tuple[str, Gate, str, Yard, Path]]:
    for gate_id, gate in border.gates.items():
        for name, yard in gate.yards.items():
            yield gate_id, gate, name, yard, ("gates", gate_id, "yards", name)


def unknown_calendars(border: Border, document: Document) -> Iterator[Fault]:
    """Both sides of a gate follow calendars that exist."""
    for gate_id, gate in border.gates.items():
        at: Path = ("gates", gate_id)
        yield from unknown(document, (*at, "calendar"), "calendar", gate.calendar, border.calendars)
        theirs = gate.counterpart.calendar
        yield from unknown(document, (*at, "counterpart", "calendar"), "calendar", theirs, border.calendars)


def unknown_stations(border: Border, document: Document) -> Iterator[Fault]:
    """Each stage is done by a station of its gate."""
    for _, gate, direction, at in all_directions(border):
        for name, stage in direction.stages.items():
            path = (*at, "stages", name, "station")
            if stage.station is not None:
                yield from unknown(document, path, "station of the gate", stage.station, gate.stations)
            elif name not in gate.stations:
                known = ", ".join(sorted(gate.stations)) or "none"
                expected = f'no station is called "{name}", so say which does it. Known: {known}'
                yield fault_at(document, path, "missing", expected)


def unknown_yards(border: Border, document: Document) -> Iterator[Fault]:
    """Each stage lies in a yard of its gate or in none."""
    for _, gate, direction, at in all_directions(border):
        for name, stage in direction.stages.items():
            yield from unknown(document, (*at, "stages", name, "yard"), "yard of the gate", stage.yard, gate.yards)


def unknown_stage_classes(border: Border, document: Document) -> Iterator[Fault]:
    """Stages and their service rules name classes that exist."""
    for _, _, direction, at in all_directions(border):
        for name, stage in direction.stages.items():
            path = (*at, "stages", name)
            yield from unknown_classes(border, document, (*path, "classes"), stage.classes)
            if isinstance(stage.service, list):
                for n, rule in enumerate(stage.service):
                    yield from unknown_classes(border, document, (*path, "service", n, "classes"), rule.classes)


def unknown_direction_classes(border: Border, document: Document) -> Iterator[Fault]:
    """Selectivity, patience and registration are given by class, or by `*` for the others."""
    for _, _, direction, at in all_directions(border):
        for key in ("selectivity", "patience", "preregistered"):
            yield from unknown_class_keys(border, document, (*at, key), getattr(direction, key), "*")


def selectivity_sums(border: Border, document: Document) -> Iterator[Fault]:
    """The channel shares of a class sum to one."""
    for _, _, direction, at in all_directions(border):
        for name, shares in direction.selectivity.items():
            total = sum(getattr(shares, channel) for channel in Selectivity.model_fields)
            if abs(total - 1) > SHARES_TOLERANCE:
                found = f"{total:.6g} in all channels together"
                yield fault_at(document, (*at, "selectivity", name), found, "the shares must sum to 1")


def priority_names(border: Border, document: Document) -> Iterator[Fault]:
    """A priority names each class at most once, and classes that exist."""
    for _, station, at in _stations(border):
        path = (*at, "priority")
        yield from unknown_classes(border, document, path, station.priority)
        for n, name in enumerate(station.priority):
            if name in station.priority[:n]:
                yield fault_at(document, (*path, n), f"{shown(name)} a second time", "name each class once")


def never_on_duty(border: Border, document: Document) -> Iterator[Fault]:
    """A station of a gate in use has a server on duty at some time."""
    for gate, station, at in _stations(border):
        if not gate.dormant and most_servers(station) == 0:
            expected = "put at least one server on duty at some time, or say that the gate is dormant"
            yield fault_at(document, (*at, "servers"), "0 at all times", expected)


def most_servers(station: Station) -> int | None:
    """Return the most servers ever on duty, or None when their number is unlimited."""
    if isinstance(station.servers, list):
        return max((rule.servers for rule in station.servers), default=0)
    return None if station.servers == "unlimited" else station.servers


def settings_without_servers(border: Border, document: Document) -> Iterator[Fault]:
    """Settings of a queue mean nothing where nobody queues for a server."""
    for _, station, at in _stations(border):
        if most_servers(station) is not None:
            if station.holds:
                expected = "leave them out: a park that holds has no servers"
                yield fault_at(
                    document,
                    (*at, "servers"),
                    shown(station.servers) if isinstance(station.servers, int) else "a roster",
                    expected,
                )
            continue
        what = "a park that holds" if station.holds else "a station with unlimited servers"
        keys = ["queue_places", "breakdown"] if station.holds else ["queue_places", "breakdown", "priority"]
        for key in keys:
            if getattr(station, key):
                yield fault_at(document, (*at, key), "given", f"leave it out: {what} has none")


def keep_above_places(border: Border, document: Document) -> Iterator[Fault]:
    """A yard cannot be kept fuller than it is large."""
    for _, _, _, yard, at in _yards(border):
        places = most_places(yard)
        if yard.keep is not None and places is not None and yard.keep > places:
            yield fault_at(document, (*at, "keep"), str(yard.keep), f"it must not be above places, {places}")


def most_places(yard: Yard) -> int | None:
    """Return the most places that a yard ever has, days without a limit left out; None without any limit."""
    if isinstance(yard.places, list):
        return max((rule.places for rule in yard.places), default=None)
    return yard.places


def keep_without_park(border: Border, document: Document) -> Iterator[Fault]:
    """A call-forward level needs a park from which vehicles are called."""
    for gate_id, gate, name, yard, at in _yards(border):
        directions = [side for side in (gate.export, gate.import_) if side is not None and has_sound_route(side)]
        if yard.keep is not None and not any(_is_fed(border, gate_id, gate, side, name) for side in directions):
            expected = "no park that holds comes before this yard; add one, or leave keep out"
            yield fault_at(document, (*at, "keep"), str(yard.keep), expected)


def _is_fed(border: Border, gate_id: str, gate: Gate, direction: Direction, yard: str) -> bool:
    """Return whether a park of the direction releases vehicles into the yard."""
    route = route_of(direction)
    for place, name in enumerate(route):
        station = station_of(gate, name, direction.stages[name])
        if station is not None and station.holds:
            for kind in kinds(border, gate_id, direction):
                for after in next_stops(direction, route, place, kind):
                    if after < len(route) and direction.stages[route[after]].yard == yard:
                        return True
    return False


def has_sound_route(direction: Direction) -> bool:
    """Return whether the route names each stage once, and the ways on lead to stages."""
    targets = {branch.to for stage in direction.stages.values() for branch in stage.next}
    return sorted(route_of(direction)) == sorted(direction.stages) and targets <= {"out", *direction.stages}


CHECKS: tuple[Callable[[Border, Document], Iterator[Fault]], ...] = (
    unknown_calendars,
    unknown_stations,
    unknown_yards,
    unknown_stage_classes,
    unknown_direction_classes,
    selectivity_sums,
    priority_names,
    never_on_duty,
    settings_without_servers,
    keep_above_places,
    keep_without_park,
)
