"""
Some classes are served first at a gate, or have servers of their own.

Without pre-emption: a vehicle in service is finished. What the first gain in waiting, the others lose; look at both.
`reserved` takes servers out of the pool for these classes alone; when they idle, nobody else may use them.
"""

from __future__ import annotations

from pydantic import Field

from gatewatch.config.calendars import DirectionName
from gatewatch.config.faults import shown
from gatewatch.config.records import Record
from gatewatch.config.routes import route_of
from gatewatch.config.schema import Border, Gate, Stage
from gatewatch.config.units import ServerCount
from gatewatch.simulator.policies.fields import ClassNames, DirectionOf, GateNames, StationNames
from gatewatch.simulator.policies.forks import is_clearing
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.places import (
    directions_of,
    gates_of,
    known,
    known_classes,
    with_direction,
    with_gates,
)
from gatewatch.simulator.policies.when import When, restated_servers

NEUTRAL = {"gate": "huu_nghi", "classes": ["empty"]}


class Settings(Record):
    """Who goes first, and where."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf = Field(default="export", description="Whose stations, where none are named.")
    stations: StationNames | None = Field(
        default=None, description="Station or stations; without it, all with servers on the way out."
    )
    classes: ClassNames = Field(description="Classes served first, most urgent first; the others follow together.")
    reserved: ServerCount = Field(
        default=0, description="Servers of each station kept for these classes; 0: they share and go first."
    )


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with classes that go first."""
    known_classes(border, settings.classes)
    others = [name for name in border.vehicle_classes() if name not in settings.classes]
    changed = {}
    for gate_id, gate in gates_of(border, settings.gate, direction=settings.direction).items():
        directions_of(gate_id, gate, settings.direction)
        for name in _stations(gate_id, gate, settings):
            if settings.reserved:
                gate = _with_own_servers(gate, name, settings, others)  # noqa: PLW2901
            else:
                station = gate.stations[name].model_copy(update={"priority": settings.classes})
                gate = gate.model_copy(update={"stations": {**gate.stations, name: station}})  # noqa: PLW2901
        changed[gate_id] = gate
    return with_gates(border, changed)


def _stations(gate_id: str, gate: Gate, settings: Settings) -> list[str]:
    """Return the stations that are meant, in the order of the crossing."""
    for name in settings.stations or []:
        known(gate.stations, f"station of {gate_id}", name, "stations")
        if gate.stations[name].servers == "unlimited" and not gate.stations[name].holds:
            raise refused("stations", shown(name), f"nobody queues at {name} of {gate_id}; name another station")
    if settings.stations is not None:
        return settings.stations
    side = gate.direction(settings.direction)
    assert side is not None
    passed = [side.stages[name].station or name for name in route_of(side) if side.stages[name].leg == "out"]
    return [name for name in dict.fromkeys(passed) if gate.stations[name].servers != "unlimited"]


def _with_own_servers(gate: Gate, name: str, settings: Settings, others: list[str]) -> Gate:
    """Return a gate where some servers of a station serve these classes alone, and the rest the others."""
    station = gate.stations[name]
    if isinstance(station.servers, str):
        raise refused("stations", shown(name), "a park has no servers to reserve; name another station")

    def left(servers: int) -> int:
        if servers <= settings.reserved:
            expected = f"{name} has {servers} servers at some hours; leave at least one to the others"
            raise refused("reserved", str(settings.reserved), expected)
        return servers - settings.reserved

    own = f"{name}_reserved"
    stations = {
        **gate.stations,
        name: station.model_copy(update={"servers": restated_servers(station.servers, When(), left)}),
        own: station.model_copy(update={"servers": settings.reserved}),
    }
    gate = gate.model_copy(update={"stations": stations})
    side = gate.direction(settings.direction)
    assert side is not None
    for stage_name in route_of(side):
        stage = side.stages[stage_name]
        if (stage.station or stage_name) == name and stage.leg == "out":
            gate = _split(gate, settings.direction, stage_name, own, settings.classes, others)
    return gate


def _split(gate: Gate, direction: DirectionName, name: str, own: str, classes: list[str], others: list[str]) -> Gate:
    """Return a gate with a stage of its own, right after the common one, for some classes."""
    side = gate.direction(direction)
    assert side is not None
    stage = side.stages[name]
    if is_clearing(side, name):
        expected = "vehicles are cleared by one stage alone; name stations before it"
        raise refused("stations", shown(stage.station or name), expected)
    first, rest = _those(stage, classes), _those(stage, others)
    if not first or not rest:
        return gate
    route = route_of(side)
    at = route.index(name) + 1
    stages = {
        **side.stages,
        name: stage.model_copy(update={"classes": rest}),
        f"{name}_reserved": stage.model_copy(update={"classes": first, "station": own}),
    }
    split = side.model_copy(update={"stages": stages, "route": [*route[:at], f"{name}_reserved", *route[at:]]})
    return with_direction(gate, direction, split)


def _those(stage: Stage, classes: list[str]) -> list[str]:
    return [name for name in classes if stage.classes is None or name in stage.classes]
