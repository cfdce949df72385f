"""
Servers go over to the other of two stations while its queue is the longer one: tidal lanes, officers who change sides.

The rule acts during the run, in both engines alike. The two stations together never have more servers than before.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gatewatch.config.responses import ReversibleServers
from gatewatch.config.schema import Border
from gatewatch.config.units import MinutesLong, ServerCount, Vehicles
from gatewatch.simulator.policies.fields import Between, GateNames, HoursOfDay, Names, Weekdays, unit
from gatewatch.simulator.policies.names import entry_name
from gatewatch.simulator.policies.places import gates_having

NEUTRAL = {"gate": "huu_nghi", "over": 1_000_000}


class Settings(Between):
    """Which servers go over, and when."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    between: Annotated[Names, Field(min_length=2, max_length=2, json_schema_extra=unit("stations"))] = Field(
        default=["border_guard_out", "border_guard_in"], description="The two stations that share servers."
    )
    servers: Annotated[int, Field(ge=1, le=100_000, json_schema_extra=unit("servers"))] = Field(
        default=1, description="Servers that go over at most, either way."
    )
    keep: ServerCount = Field(default=1, description="Servers of its own that a station keeps at least.")
    over: Vehicles = Field(description="They go over when this many more wait there than here.")
    back_below: Vehicles | None = Field(
        default=None, description="They come back when the difference is below this; without it, below `over`."
    )
    check_every: Annotated[float, Field(ge=1, le=1_440, json_schema_extra=unit("min"))] = Field(
        default=15.0, description="Time between checks."
    )
    changeover: MinutesLong = Field(default=0.0, description="Time lost while they change; at most `check_every`.")
    hours: HoursOfDay | None = Field(
        default=None, description="Hours of the day, local time of the border; without it, all."
    )
    weekdays: Weekdays | None = Field(default=None, description="Only on these weekdays; without it, all.")


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with a rule for changing sides at each gate."""
    rules = dict(border.reversible_servers)
    for gate_id in gates_having(border, settings.gate, "station", settings.between, "between", lambda g: g.stations):
        rules[entry_name(settings, gate_id, *sorted(settings.between))] = ReversibleServers.model_construct(
            gate=gate_id,
            between=settings.between,
            servers=settings.servers,
            keep=settings.keep,
            over=settings.over,
            back_below=settings.back_below,
            check_every=settings.check_every,
            changeover=settings.changeover,
            hours=settings.hours,
            days=settings.weekdays,
            first=settings.first,
            last=settings.last,
        )
    return border.model_copy(update={"reversible_servers": rules})
