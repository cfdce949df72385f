"""
The other side has more channels, a larger yard, lets in more a day, or works faster; or less of it.

The strongest lever in the record, and not Vietnam's to pull. `places` and `accepts_per_day` are new numbers, `servers`
is added to those there are.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from gatewatch.config.calendars import DirectionName
from gatewatch.config.faults import shown
from gatewatch.config.routes import route_of
from gatewatch.config.schema import Border, Direction, Gate, ServiceFactor, Station
from gatewatch.config.units import Factor, Places, VehiclesPerDay
from gatewatch.simulator.policies.fields import Between, DirectionOf, GateNames, MoreServers, StationNames, unit
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.limits import with_acceptance, with_places
from gatewatch.simulator.policies.places import (
    directions_of,
    gates_of,
    known,
    last_counterpart_yard,
    with_direction,
    with_gates,
    with_yard,
)
from gatewatch.simulator.policies.when import When, restated_servers

NEUTRAL = {"gate": "huu_nghi", "servers": 0}


class Settings(Between):
    """What the other side can take."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf = Field(default="export", description="Which direction.")
    servers: MoreServers = Field(default=0, description="Channels added at each of its stations; below 0, taken away.")
    stations: StationNames | None = Field(
        default=None, description="Its stations; without it, those that open with the counterpart and have servers."
    )
    factor: Factor = Field(default=1.0, description="Times the service time at these stations; below 1 is faster.")
    yard: str | None = Field(
        default=None, description="Its yard; without it, the last one on the way out.", json_schema_extra=unit("yard")
    )
    places: Places | None = Field(default=None, description="Places of the yard; without it, as they are.")
    accepts_per_day: VehiclesPerDay | None = Field(
        default=None, description="Vehicles let into the yard a day; without it, as it is."
    )

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if self.yard is not None and self.places is None and self.accepts_per_day is None:
            raise ValueError("say what changes in the yard: give places or accepts_per_day")
        return self


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with another counterpart."""
    changed = {}
    for gate_id, gate in gates_of(border, settings.gate, direction=settings.direction).items():
        side = directions_of(gate_id, gate, settings.direction)[settings.direction]
        names = _stations(gate_id, gate, side, settings)
        stations = {name: _staffed(name, gate.stations[name], settings) for name in names}
        gate = gate.model_copy(update={"stations": {**gate.stations, **stations}})  # noqa: PLW2901
        if settings.factor != 1:
            gate = _faster(gate, settings.direction, side, names, settings)  # noqa: PLW2901
        if settings.places is not None or settings.accepts_per_day is not None:
            gate = _with_limits(gate_id, gate, side, settings)  # noqa: PLW2901
        changed[gate_id] = gate
    return with_gates(border, changed)


def _stations(gate_id: str, gate: Gate, side: Direction, settings: Settings) -> list[str]:
    for name in settings.stations or []:
        known(gate.stations, f"station of {gate_id}", name, "stations")
    if settings.stations is not None:
        return settings.stations
    passed = dict.fromkeys(side.stages[name].station or name for name in route_of(side))
    found = [
        name
        for name in passed
        if gate.stations[name].opens_with == "counterpart" and gate.stations[name].servers != "unlimited"
    ]
    if not found and (settings.servers or settings.factor != 1):
        raise refused("gate", shown(gate_id), "it has no station of the counterpart with servers; name stations")
    return found


def _staffed(name: str, station: Station, settings: Settings) -> Station:
    if not settings.servers:
        return station
    if isinstance(station.servers, str):
        raise refused("stations", shown(name), "it has no servers to add to; name another station")

    def changed(servers: int) -> int:
        if servers + settings.servers < 0:
            raise refused("servers", str(settings.servers), f"{name} has {servers} at some hours; take no more")
        return servers + settings.servers

    when = When(settings.first, settings.last)
    return station.model_copy(update={"servers": restated_servers(station.servers, when, changed)})


def _faster(gate: Gate, direction: DirectionName, side: Direction, names: list[str], settings: Settings) -> Gate:
    factor = ServiceFactor(first=settings.first, last=settings.last, factor=settings.factor)
    stages = {
        name: stage.model_copy(update={"dates": [*stage.dates, factor]})
        if (stage.station or name) in names and stage.service is not None
        else stage
        for name, stage in side.stages.items()
    }
    return with_direction(gate, direction, side.model_copy(update={"stages": stages}))


def _with_limits(gate_id: str, gate: Gate, side: Direction, settings: Settings) -> Gate:
    if settings.yard is not None:
        known(gate.yards, f"yard of {gate_id}", settings.yard, "yard")
    name = settings.yard or last_counterpart_yard(gate, side)
    if name is None:
        raise refused("gate", shown(gate_id), "no yard of the counterpart lies on this way; name one as yard")
    yard = gate.yards[name]
    if (places := settings.places) is not None:
        yard = with_places(yard, settings.first, settings.last, lambda _: places)
    if (accepted := settings.accepts_per_day) is not None:
        yard = with_acceptance(yard, settings.first, settings.last, lambda _: accepted)
    return with_yard(gate, name, yard)
