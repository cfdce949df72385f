"""
Vehicles wait in an off-site park and are called forward while the gate yard has room.

It moves the queue off the road and does not shorten it: what it buys is safety, and fairness in the order of arrival.
Only gates whose route has a park can hold vehicles there.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from gatewatch.config.faults import shown
from gatewatch.config.routes import route_of, station_of
from gatewatch.config.schema import Border, Direction, Gate
from gatewatch.config.units import Places
from gatewatch.simulator.policies.fields import Between, DirectionOf, GateNames
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.limits import with_places
from gatewatch.simulator.policies.places import directions_of, gates_of, with_gates, with_yard
from gatewatch.simulator.policies.when import is_always

NEUTRAL = {"gate": "huu_nghi", "places": 900, "keep": 200}


class Settings(Between):
    """How many the park holds, and when it calls them forward."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf = Field(default="export", description="Whose park.")
    places: Places | None = Field(default=None, description="Places of the park; without it, as they are.")
    keep: Places | None = Field(
        default=None, description="Vehicles are called forward while fewer are in the gate yard; without it, as it is."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.places is None and self.keep is None:
            raise ValueError("give places, keep or both")
        if self.keep is not None and not is_always(self):
            raise ValueError("keep has no dates; leave from and to out")
        return self


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with another park."""
    changed = {}
    for gate_id, gate in gates_of(border, settings.gate, direction=settings.direction).items():
        side = directions_of(gate_id, gate, settings.direction)[settings.direction]
        park, yard = _park(gate_id, gate, side, settings)
        if settings.places is not None:
            limited = with_places(gate.yards[park], settings.first, settings.last, partial(_instead, settings.places))
            gate = with_yard(gate, park, limited)  # noqa: PLW2901
        if settings.keep is not None:
            gate = with_yard(gate, yard, gate.yards[yard].model_copy(update={"keep": settings.keep}))  # noqa: PLW2901
        changed[gate_id] = gate
    return with_gates(border, changed)


def _instead(places: int, _: int | None) -> int:
    return places


def _park(gate_id: str, gate: Gate, side: Direction, settings: Settings) -> tuple[str, str]:
    """Return the yards of the park and of the stage after it."""
    route = route_of(side)
    for name, after in pairwise(route):
        station = station_of(gate, name, side.stages[name])
        park, yard = side.stages[name].yard, side.stages[after].yard
        if station is not None and station.holds and park is not None and yard is not None:
            return park, yard
    expected = f"{gate_id} has no park with places on the way of {settings.direction}s; describe one, or name others"
    raise refused("gate", shown(gate_id), expected)
