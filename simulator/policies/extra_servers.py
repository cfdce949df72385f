"""
More servers at some stations, or fewer, all day or at some hours.

Added to whatever the roster says at that hour; a cut below 0 is refused. Their pay is not in the cost measures, which
count overtime only.
"""

from __future__ import annotations

from pydantic import Field

from gatewatch.config.faults import shown
from gatewatch.config.schema import Border, Station
from gatewatch.simulator.policies.fields import Between, GateNames, HoursOfDay, MoreServers, StationNames, Weekdays
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.places import gates_having, with_gates
from gatewatch.simulator.policies.when import When, restated_servers

NEUTRAL = {"gate": "huu_nghi", "stations": ["quarantine"], "servers": 0}


class Settings(Between):
    """How many servers, where and when."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    stations: StationNames = Field(description="Station or stations of the gate.")
    servers: MoreServers = Field(description="Servers added; below 0, taken away.")
    hours: HoursOfDay | None = Field(
        default=None, description="Hours of the day, local time of the border; without it, all."
    )
    weekdays: Weekdays | None = Field(default=None, description="Only on these weekdays; without it, all.")


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with other rosters."""
    days = None if settings.weekdays is None else tuple(settings.weekdays)
    when = When(settings.first, settings.last, days, settings.hours)
    changed = {}
    gates = gates_having(border, settings.gate, "station", settings.stations, "stations", lambda gate: gate.stations)
    for gate_id, gate in gates.items():
        stations = dict(gate.stations)
        for name in settings.stations:
            stations[name] = _staffed(gate_id, name, gate.stations[name], when, settings.servers)
        changed[gate_id] = gate.model_copy(update={"stations": stations})
    return with_gates(border, changed)


def _staffed(gate_id: str, name: str, station: Station, when: When, more: int) -> Station:
    if isinstance(station.servers, str) or station.holds:
        raise refused("stations", shown(name), f"{name} of {gate_id} has no servers to add to; name another station")

    def changed(servers: int) -> int:
        if servers + more < 0:
            expected = f"{name} of {gate_id} has {servers} on duty at some of these hours; take no more"
            raise refused("servers", str(more), expected)
        return servers + more

    return station.model_copy(update={"servers": restated_servers(station.servers, when, changed)})
