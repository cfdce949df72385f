"""The way through one direction of a gate: who stops where, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator

from gatewatch.config.calendars import DirectionName
from gatewatch.config.origins import Path
from gatewatch.config.schema import Border, Channel, Direction, Gate, Stage, Station

DIRECTIONS: tuple[DirectionName, ...] = ("export", "import")
CHANNELS: tuple[Channel, ...] = ("green", "yellow", "red")

Kind = tuple[str, Channel]  # class and customs channel: what a route can tell vehicles apart by


def all_directions(border: Border) -> Iterator[tuple[str, Gate, Direction, Path]]:
    """Yield each direction of each gate, with its place in the border."""
    for gate_id, gate in border.gates.items():
        for name in DIRECTIONS:
            direction = gate.direction(name)
            if direction is not None:
                yield gate_id, gate, direction, ("gates", gate_id, name)


def route_of(direction: Direction) -> list[str]:
    """Return the stages in the order of the crossing."""
    return list(direction.stages) if direction.route is None else list(direction.route)


def station_of(gate: Gate, name: str, stage: Stage) -> Station | None:
    """Return the station that does a stage, or None when the gate has no such station."""
    return gate.stations.get(stage.station or name)


def kinds(border: Border, gate_id: str, direction: Direction) -> Iterator[Kind]:
    """Yield each class that may use the gate, with each customs channel that it may be given."""
    for name in border.vehicle_classes():
        if border.may_use(name, gate_id):
            shares = direction.selectivity.get(name) or direction.selectivity.get("*")
            for channel in CHANNELS:
                if getattr(shares, channel) > 0 if shares else channel == "green":
                    yield name, channel


def stops_at(stage: Stage, kind: Kind) -> bool:
    """Return whether vehicles of a kind stop at a stage; the others pass by."""
    return (stage.classes is None or kind[0] in stage.classes) and (stage.channels is None or kind[1] in stage.channels)


def next_stops(direction: Direction, route: list[str], place: int, kind: Kind) -> set[int]:
    """Return where vehicles of a kind can stop after a place of the route; its length is the way out."""
    branches = [branch for branch in direction.stages[route[place]].next if branch.share > 0]
    targets = {len(route) if branch.to == "out" else route.index(branch.to) for branch in branches}
    if sum(branch.share for branch in branches) < 1 - 1e-9:
        targets.add(place + 1)
    return {_stop_from(direction, route, target, kind) for target in targets}


def first_stop(direction: Direction, route: list[str], kind: Kind) -> int:
    """Return where vehicles of a kind stop first."""
    return _stop_from(direction, route, 0, kind)


def _stop_from(direction: Direction, route: list[str], place: int, kind: Kind) -> int:
    while place < len(route) and not stops_at(direction.stages[route[place]], kind):
        place += 1
    return place


def laden_at(border: Border, direction: Direction, stage: Stage, vehicle_class: str) -> set[bool]:
    """Return whether vehicles of a class can be laden, empty or both at a stage."""
    if stage.leg == "out":
        return {border.vehicle_classes()[vehicle_class].laden}
    return {
        value for value, share in ((True, direction.laden_return), (False, 1 - direction.laden_return)) if share > 0
    }
