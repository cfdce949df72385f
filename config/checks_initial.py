"""Faults of an initial state: vehicles that cannot stand where they are said to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gatewatch.config.checks_gates import most_places, most_servers
from gatewatch.config.checks_names import unknown
from gatewatch.config.errors import Fault
from gatewatch.config.faults import fault_at, shown
from gatewatch.config.origins import Document, Path
from gatewatch.config.routes import station_of
from gatewatch.config.scenarios import InitialState, VehiclesInside
from gatewatch.config.schema import Border, Stage


def initial_state_faults(state: InitialState, border: Border, document: Document, at: Path = ()) -> Iterator[Fault]:
    """
    Yield the faults of an initial state.

    Args:
        state: Vehicles inside at the start.
        border: The border they are in.
        document: Where the state was written.
        at: Place of the state in the document.
    """
    in_service, waiting, in_yard = (
        Counter[tuple[str, str]](),
        Counter[tuple[str, str]](),
        Counter[tuple[str, str]](),
    )
    for n, vehicles in enumerate(state.vehicles):
        path = (*at, "vehicles", n)
        found = list(_place_faults(vehicles, border, document, path))
        yield from found
        if found:
            continue
        if _stands_outside(vehicles, border):
            continue
        stage, gate = _stage(vehicles, border), border.gates[vehicles.gate]
        name = stage.station or vehicles.stage
        yard = most_places(gate.yards[stage.yard]) if stage.yard else None
        station = gate.stations[name]
        limits = (
            (in_service, name, most_servers(station), f"{name} never has more servers on duty than")
            if vehicles.in_service
            else (waiting, name, station.queue_places, f"the queue places of {name} are"),
            (in_yard, stage.yard or "", yard, f"the places of {stage.yard} are"),
        )
        for counter, where, most, words in limits:
            key = (vehicles.gate, where)
            counter[key] += vehicles.count
            if most is not None and counter[key] > most >= counter[key] - vehicles.count:
                alone = counter[key] == vehicles.count
                total = str(vehicles.count) if alone else f"{counter[key]} together with those above"
                yield fault_at(document, (*path, "count"), total, f"{words} {most}")


def _place_faults(vehicles: VehiclesInside, border: Border, document: Document, path: Path) -> Iterator[Fault]:
    yield from unknown(document, (*path, "gate"), "gate", vehicles.gate, border.gates)
    yield from unknown(document, (*path, "class"), "vehicle class", vehicles.class_, border.vehicle_classes())
    gate = border.gates.get(vehicles.gate)
    direction = gate.direction(vehicles.direction) if gate else None
    if gate is None:
        return
    if direction is None:
        expected = f"{vehicles.gate} has no {vehicles.direction}s"
        yield fault_at(document, (*path, "direction"), shown(vehicles.direction), expected)
        return
    yield from unknown(document, (*path, "stage"), "stage", vehicles.stage, direction.stages)
    stage = direction.stages.get(vehicles.stage)
    if stage is None:
        return
    if stage.classes is not None and vehicles.class_ not in stage.classes:
        yield fault_at(document, (*path, "class"), shown(vehicles.class_), f"this class passes by {vehicles.stage}")
    station = station_of(gate, vehicles.stage, stage)
    if vehicles.in_service is not None and station is not None and station.holds:
        yield fault_at(document, (*path, "in_service"), "given", "nobody is served in a park that holds; leave it out")


def _stands_outside(vehicles: VehiclesInside, border: Border) -> bool:
    """Return whether the vehicles wait for their first stage: those for whom there is no place stand on the road."""
    direction = border.gates[vehicles.gate].direction(vehicles.direction)
    assert direction is not None
    route = direction.route if direction.route is not None else list(direction.stages)
    before = (direction.stages[name] for name in route[: route.index(vehicles.stage)])
    passes_by = (stage.classes is not None and vehicles.class_ not in stage.classes for stage in before)
    return vehicles.in_service is None and all(passes_by)


def _stage(vehicles: VehiclesInside, border: Border) -> Stage:
    direction = border.gates[vehicles.gate].direction(vehicles.direction)
    assert direction is not None
    return direction.stages[vehicles.stage]
