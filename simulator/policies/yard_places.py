"""
A yard has more places, or fewer: more lanes to queue in, a larger park, part of it closed.

Lanes help only where they bind: places before a booth that is busy all day change where vehicles wait, not how many
are cleared.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gatewatch.config.faults import shown
from gatewatch.config.schema import Border, Yard
from gatewatch.simulator.policies.fields import Between, GateNames, MorePlaces, Names, unit
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.limits import with_places
from gatewatch.simulator.policies.places import gates_having, with_gates, with_yard

NEUTRAL = {"gate": "huu_nghi", "yards": ["counterpart_lane"], "places": 0}


class Settings(Between):
    """How many places, where and when."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    yards: Annotated[Names, Field(min_length=1, json_schema_extra=unit("yards"))] = Field(
        description="Yard or yards of the gate; the lanes to the other side are a yard too."
    )
    places: MorePlaces = Field(description="Places added; below 0, taken away.")


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with other places."""
    changed = {}
    gates = gates_having(border, settings.gate, "yard", settings.yards, "yards", lambda gate: gate.yards)
    for gate_id, gate in gates.items():
        for name in settings.yards:
            gate = with_yard(gate, name, _changed(gate_id, name, gate.yards[name], settings))  # noqa: PLW2901
        changed[gate_id] = gate
    return with_gates(border, changed)


def _changed(gate_id: str, name: str, yard: Yard, settings: Settings) -> Yard:
    def more(places: int | None) -> int:
        if places is None:
            expected = f"{name} of {gate_id} has no limit to add to; name another yard"
            raise refused("yards", shown(name), expected)
        if places + settings.places < 0:
            expected = f"{name} of {gate_id} has {places} places; take no more"
            raise refused("places", str(settings.places), expected)
        return places + settings.places

    return with_places(yard, settings.first, settings.last, more) if settings.places else yard
