"""A border as it is now: its calendars and rosters with what holds today, and the arrivals expected as its demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import Calendar, Closure, DayRule, HoursRule
from gatewatch.config.demand import Appointments, Demand, Flow, Poisson
from gatewatch.config.errors import ConfigError, Fault, known_names
from gatewatch.config.loader import LoadedBorder
from gatewatch.config.origins import Origin
from gatewatch.config.profiles import HourProfile
from gatewatch.config.schema import Border, RosterRule
from gatewatch.config.units import Span
from gatewatch.simulator.forecasting.arrivals import HOURS, Usual, days_ahead, find_usual, level_of
from gatewatch.simulator.forecasting.now import FlowNow, HoursOn, Now, OnDuty
from gatewatch.simulator.policies.applying import with_border
from gatewatch.simulator.scenario import Plan, make_plan

DAYS_BEFORE = 4  # simulated up to now, so that vehicles stand where the model puts them (registration: under a day)
_DEMAND = "forecast"
_DAY = timedelta(days=1)
_DAY_MIN = 1_440
_Coming = tuple[Demand, Mapping[str, HourProfile]]


@dataclass(frozen=True, slots=True)
class Base:
    """
    What a forecast is made of.

    Args:
        plan: From now on, nothing decided.
        before: The days up to now with the arrivals that were counted; None where none were, anywhere.
        usual: What is usual of each gate and direction that has a history.
    """

    plan: Plan
    before: Plan | None
    usual: Mapping[tuple[str, str], Usual]


def base_of(loaded: LoadedBorder, now: Now, scenario: str, horizon_h: int, seed: int) -> Base:
    """
    Return the plans of a forecast before any policy.

    Args:
        loaded: The border.
        now: What is known.
        scenario: Whose demand stands in where there is no history, and whose seasons hold.
        horizon_h: How far it looks [h].
        seed: Root seed of every stream.

    Raises:
        ConfigError: What is known does not fit the border.
    """
    given = make_plan(loaded, scenario, seed=seed)
    border = given.loaded.border
    found = list(_faults(border, now))
    if found:
        raise ConfigError(found)
    zone = ZoneInfo(border.border.timezone)
    local = now.at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    days = -(-(minute + 60 * horizon_h) // _DAY_MIN)
    usual = {flow.place: known for flow in now.flows if (known := _usual(given, flow, now, zone)) is not None}
    border = _with_hours(border, now.hours)
    border = _with_servers(border, now.on_duty, local.date(), minute)
    ahead = _restated(given, border, now, _ahead(given, now, usual, zone, days), "ahead")
    plan = replace(_starting(ahead, local.date(), minute), days=days, warmup_days=0)
    before = None
    if usual:
        flows = _behind(given, now, usual, local.date(), minute)
        before = _restated(given, border, now, flows, "before")
        before = replace(_starting(before, local.date() - DAYS_BEFORE * _DAY, 0), days=DAYS_BEFORE + 1, warmup_days=0)
    return Base(plan, before, usual)


def _starting(plan: Plan, first: date, minute: int) -> Plan:
    changed = {"start": first, "starts_at": minute, "demand": _DEMAND, "targets": []}
    scenario = plan.scenario.model_copy(update=changed)
    return replace(plan, scenario=scenario, initial=type(plan.initial)())


def _restated(plan: Plan, border: Border, now: Now, demand: _Coming, what: str) -> Plan:
    """Return a plan on a border with this demand, checked like one that was read from files."""
    changed = border.model_copy(
        update={
            "demand": {**border.demand, _DEMAND: demand[0]},
            "hour_profiles": {**border.hour_profiles, **demand[1]},
        }
    )
    origin = Origin(f"forecast {what}", "assumed", None)
    return replace(plan, loaded=with_border(plan.loaded, changed, origin, f"{what} {now.sha256}", plan.name))


def _scenario_flows(plan: Plan, flow: FlowNow) -> dict[str, Flow]:
    flows = plan.loaded.border.demand[plan.scenario.demand].flows
    return {name: data for name, data in flows.items() if (data.gate, data.direction) == flow.place}


def _usual(plan: Plan, flow: FlowNow, now: Now, zone: ZoneInfo) -> Usual | None:
    if flow.arrived is None:
        return None
    first = next(iter(_scenario_flows(plan, flow).values()), None)
    return find_usual(flow.arrived, now.at, zone, level_of(plan.loaded.border, first))


def _mix(plan: Plan, flow: FlowNow) -> dict[str, float]:
    seen = {} if flow.arrived is None else {name: n for name, n in flow.arrived.mix.items() if n > 0}
    known = plan.loaded.border.vehicle_classes()
    seen = {name: n for name, n in seen.items() if name in known}
    if seen:
        return seen
    return dict(next((data.mix for data in _scenario_flows(plan, flow).values()), {}))


def _ahead(
    plan: Plan, now: Now, usual: Mapping[tuple[str, str], Usual], zone: ZoneInfo, days: int
) -> tuple[Demand, dict[str, HourProfile]]:
    """Return the demand of the days ahead; where nothing is known of one, that of the scenario."""
    flows: dict[str, Flow] = {}
    profiles: dict[str, HourProfile] = {}
    for flow in now.flows:
        known = usual.get(flow.place)
        if known is None:
            flows |= _scenario_flows(plan, flow)
            continue
        for ahead in days_ahead(known, now.at, zone, days, flow.declared):
            total = float(ahead.hourly.sum() * ahead.factor)
            name = f"{flow.gate}_{flow.direction}_{ahead.day.isoformat()}"
            profiles[name] = HourProfile(weights=_weights(ahead.hourly.tolist()))
            arrivals = Poisson(kind="poisson", per_day=total, hours=name, day_factor_cv=ahead.cv, day_factor_of="flow")
            flows[name] = Flow(
                first=ahead.day, last=ahead.day, gate=flow.gate, direction=flow.direction, arrivals=arrivals,
                mix=_mix(plan, flow),
            )  # fmt: skip
    return Demand(title="Forecast", flows=flows or _nobody(now)), profiles


def _behind(
    plan: Plan, now: Now, usual: Mapping[tuple[str, str], Usual], today: date, minute: int
) -> tuple[Demand, dict[str, HourProfile]]:
    """Return the demand of the days up to now: as many vehicles in each hour as were counted, evenly spaced."""
    flows: dict[str, Flow] = {}
    profiles: dict[str, HourProfile] = {}
    for flow in now.flows:
        known = usual.get(flow.place)
        if known is None:
            continue
        for n in range(-DAYS_BEFORE, 1):
            day = today + n * _DAY
            hourly = known.past(day)
            if n == 0:
                hourly[minute // 60 + (minute % 60 > 0) :] = 0.0
                if minute % 60:  # the hour under way: as many as came, by the pace of its first minutes
                    hourly[minute // 60] *= 60 / (minute % 60)
            name = f"{flow.gate}_{flow.direction}_{day.isoformat()}"
            profiles[name] = HourProfile(weights=_weights(hourly.tolist()))
            flows[name] = Flow(
                first=day, last=day, gate=flow.gate, direction=flow.direction,
                arrivals=Appointments(kind="appointments", per_day=float(hourly.sum()), hours=name),
                mix=_mix(plan, flow),
            )  # fmt: skip
    return Demand(title="Before", flows=flows or _nobody(now)), profiles


def _nobody(now: Now) -> dict[str, Flow]:
    first = now.flows[0]
    return {"nobody": Flow(gate=first.gate, direction=first.direction, arrivals=Poisson(kind="poisson", per_day=0.0))}


def _weights(hourly: list[float]) -> list[float]:
    return hourly if any(hourly) else [1.0] * HOURS


def _with_hours(border: Border, hours: Sequence[HoursOn]) -> Border:
    """Return the border with the hours that hold on some days, each gate's side on a calendar of its own."""
    gates, calendars = dict(border.gates), dict(border.calendars)
    for entry in hours:
        gate = gates[entry.gate]
        name = gate.calendar if entry.side == "own" else gate.counterpart.calendar
        if name is None:
            continue
        mine = f"{entry.gate}_{entry.side}_now"
        calendars[mine] = _with_day(calendars[name], entry)
        if entry.side == "own":
            gates[entry.gate] = gate.model_copy(update={"calendar": mine})
        else:
            theirs = gate.counterpart.model_copy(update={"calendar": mine})
            gates[entry.gate] = gate.model_copy(update={"counterpart": theirs})
    return border.model_copy(update={"gates": gates, "calendars": calendars})


def _with_day(calendar: Calendar, entry: HoursOn) -> Calendar:
    if entry.state == "preregistered":
        rule = DayRule(first=entry.day, last=entry.day, state="preregistered", open=entry.open)
        return calendar.model_copy(update={"days": [*calendar.days, rule]})
    ordinary = HoursRule(first=entry.day, last=entry.day, direction=entry.direction, open=entry.open)
    days = [piece for rule in calendar.days for piece in _without_day(rule, entry.day)]
    closures = [piece for closure in calendar.closures for piece in _outside_day(closure, entry.day)]
    return calendar.model_copy(update={"hours": [*calendar.hours, ordinary], "days": days, "closures": closures})


def _outside_day(closure: Closure, day: date) -> Iterator[Closure]:
    """Yield what of a closure lies on other days: the hours of this one are known."""
    begins, ends = datetime.combine(day, time()), datetime.combine(day + _DAY, time())
    if closure.begins < begins:
        yield closure.model_copy(update={"ends": min(closure.ends, begins)})
    if closure.ends > ends:
        yield closure.model_copy(update={"begins": max(closure.begins, ends)})


def _without_day(rule: DayRule, day: date) -> Iterator[DayRule]:
    """Yield a day rule without one of its days."""
    if not rule.covers(day):
        yield rule
        return
    if rule.first is None or rule.first < day:
        yield rule.model_copy(update={"last": day - _DAY})
    if rule.last is None or rule.last > day:
        yield rule.model_copy(update={"first": day + _DAY})


def _with_servers(border: Border, on_duty: Sequence[OnDuty], today: date, minute: int) -> Border:
    """Return the border with the servers that are on duty until the end of the day."""
    gates = dict(border.gates)
    for entry in on_duty:
        gate = gates[entry.gate]
        station = gate.stations[entry.station]
        usual = station.servers if isinstance(station.servers, list) else [RosterRule(servers=int(station.servers))]
        rule = RosterRule(first=today, last=today, hours=Span(minute, _DAY_MIN), servers=entry.servers)
        stations = {**gate.stations, entry.station: station.model_copy(update={"servers": [*usual, rule]})}
        gates[entry.gate] = gate.model_copy(update={"stations": stations})
    return border.model_copy(update={"gates": gates})


def _faults(border: Border, now: Now) -> Iterator[Fault]:
    """Yield what of the present does not fit the border."""
    if not now.flows:
        yield Fault("now", "flows", "none", "name at least one gate and direction")
    for n, flow in enumerate(now.flows):
        yield from _flow_faults(border, n, flow)
    for n, hours in enumerate(now.hours):
        if hours.gate not in border.gates:
            yield Fault("now", f"hours[{n}].gate", hours.gate, known_names("gate", hours.gate, border.gates))
    for n, entry in enumerate(now.on_duty):
        stations = border.gates[entry.gate].stations if entry.gate in border.gates else {}
        if entry.station not in stations or isinstance(stations[entry.station].servers, str):
            known = known_names("station", entry.station, stations)
            yield Fault("now", f"on_duty[{n}]", f"{entry.gate} {entry.station}", known)


def _flow_faults(border: Border, n: int, flow: FlowNow) -> Iterator[Fault]:
    gate = border.gates.get(flow.gate)
    side = None if gate is None else gate.direction(flow.direction)
    if gate is None or side is None:
        where, known = f"{flow.gate} {flow.direction}", known_names("gate", flow.gate, border.gates)
        yield Fault("now", f"flows[{n}]", where, known)
        return
    for k, vehicles in enumerate(flow.vehicles):
        if vehicles.stage not in side.stages:
            known = known_names("stage", vehicles.stage, side.stages)
            yield Fault("now", f"flows[{n}].vehicles[{k}].stage", vehicles.stage, known)
        if vehicles.class_ is not None and vehicles.class_ not in border.vehicle_classes():
            known = known_names("class", vehicles.class_, border.vehicle_classes())
            yield Fault("now", f"flows[{n}].vehicles[{k}].class", vehicles.class_, known)
    for k, yard in enumerate(flow.yards):
        if yard.yard not in gate.yards:
            yield Fault("now", f"flows[{n}].yards[{k}].yard", yard.yard, known_names("yard", yard.yard, gate.yards))
