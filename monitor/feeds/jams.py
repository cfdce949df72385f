"""Jams made on request: what goes wrong on a simulated border, from an instant on, with nothing before it changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import DirectionName
from gatewatch.config.demand import Flow, Poisson
from gatewatch.config.profiles import HourProfile
from gatewatch.config.schema import Border
from gatewatch.monitor.feeds.mishaps import Mishap
from gatewatch.simulator.policies import shock
from gatewatch.simulator.scenario import Plan

JamKind = Literal["counterpart_full", "booths_out", "arrivals_surge", "camera_silent"]
KINDS: tuple[JamKind, ...] = get_args(JamKind)

QUARTERS = 96  # of a day
_STAGES = {"counterpart_full": ("counterpart_gate", "border_guard"), "booths_out": ("border_guard",)}


@dataclass(frozen=True, slots=True)
class Jam:
    """
    Something that goes wrong.

    Args:
        id: Number of the request.
        kind: `counterpart_full`: the Chinese side lets nobody into its yard, so that ours sends nobody across;
            `booths_out`: one border guard is left, or none where there was one; `arrivals_surge`: more vehicles come;
            `camera_silent`: a device is dead, and what it would have seen is lost.
        gate: Where.
        direction: Which way.
        begins: From when, aware UTC.
        ends: Until when.
        source: The device, where one is silent.
        factor: Times the arrivals, where more come.
        ended_by: Who had it end before its time; None: nobody.
    """

    id: int
    kind: JamKind
    gate: str
    direction: DirectionName
    begins: datetime
    ends: datetime
    source: str | None = None
    factor: float = 3.0
    ended_by: str | None = None

    @property
    def mishap(self) -> Mishap | None:
        """What it does to a device; None where it is the border itself that jams."""
        if self.source is None:
            return None
        return Mishap("silent", self.source, self.begins, self.ends)


def with_jams(plan: Plan, jams: Sequence[Jam]) -> Plan:
    """
    Return a plan whose border jams.

    Everything random is drawn per vehicle before a run and from streams of its own, so that a run with a jam is the run
    without it until the jam begins: what was told of it stays true.

    Raises:
        ConfigError: The gate has no such stage.
    """
    border = plan.loaded.border
    zone = ZoneInfo(border.border.timezone)
    for jam in jams:
        for begins, ends in _by_day(jam, zone):
            if jam.kind in _STAGES:
                border = shock.apply(border, _shock(jam, begins, ends, _left(border, jam)))
            elif jam.kind == "arrivals_surge":
                border = _surged(border, plan.scenario.demand, jam, begins, ends)
    return plan if border is plan.loaded.border else replace(plan, loaded=replace(plan.loaded, border=border))


def _by_day(jam: Jam, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches of a jam within local days."""
    begins, ends = jam.begins.astimezone(zone), jam.ends.astimezone(zone)
    while begins < ends:
        midnight = datetime.combine(begins.date() + timedelta(days=1), datetime.min.time(), zone)
        yield begins, min(ends, midnight)
        begins = midnight


def _left(border: Border, jam: Jam) -> int:
    """Return how many servers are left at the stages of a jam."""
    gate = border.gates[jam.gate]
    side = gate.direction(jam.direction)
    if jam.kind != "booths_out" or side is None:
        return 0
    servers = gate.stations[side.stages["border_guard"].station or "border_guard"].servers
    most = max(rule.servers for rule in servers) if isinstance(servers, list) else servers
    return 1 if isinstance(most, int) and most > 1 else 0


def _shock(jam: Jam, begins: datetime, ends: datetime, left: int) -> shock.Settings:
    until = "24:00" if ends.date() != begins.date() else f"{ends:%H:%M}"
    day = begins.date()
    raw: dict[str, Any] = {
        "gate": jam.gate, "direction": jam.direction, "stages": list(_STAGES[jam.kind]),
        "servers_at_most": left, "hours": f"{begins:%H:%M}-{until}", "from": day, "to": day,
    }  # fmt: skip
    return shock.Settings.model_validate(raw)


def _surged(border: Border, demand_name: str, jam: Jam, begins: datetime, ends: datetime) -> Border:
    """
    Return the border with further flows beside those of a gate and direction, in whole quarter-hours.

    Each quarter has a flow of its own, so that a jam that ends early leaves those before as they were.
    """
    demand = border.demand[demand_name]
    first = -(-_minute(begins) // 15)
    last = QUARTERS if ends.date() != begins.date() else -(-_minute(ends) // 15)
    flows, profiles = dict(demand.flows), dict(border.hour_profiles)
    for name, flow in demand.flows.items():
        if (flow.gate, flow.direction) != (jam.gate, jam.direction) or not isinstance(flow.arrivals, Poisson):
            continue
        per_quarter = flow.arrivals.per_day * (jam.factor - 1) / QUARTERS * _crowding(border, flow)
        for quarter in range(first, last):
            own = f"jam_{jam.id}_{name}_{begins:%Y%m%d}_{quarter:02d}"
            profiles[own] = HourProfile(weights=[1.0 if n == quarter else 0.0 for n in range(QUARTERS)])
            flows[own] = Flow(
                first=begins.date(), last=begins.date(), gate=flow.gate, direction=flow.direction,
                arrivals=Poisson(kind="poisson", per_day=per_quarter, hours=own), mix=flow.mix,
            )  # fmt: skip
    changed = demand.model_copy(update={"flows": flows})
    return border.model_copy(update={"demand": {**border.demand, demand_name: changed}, "hour_profiles": profiles})


def _crowding(border: Border, flow: Flow) -> float:
    """Return how much denser than over the whole day vehicles come in the hours in which they do."""
    arrivals = flow.arrivals
    name = arrivals.hours if isinstance(arrivals, Poisson) else None
    weights = border.hour_profiles[name].weights if name is not None else [1.0]
    busy = sum(weight > 0 for weight in weights)
    return len(weights) / busy


def _minute(at: datetime) -> int:
    return at.hour * 60 + at.minute
