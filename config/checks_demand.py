"""Faults of demand: flows, roads between gates, diversions, halts of intake, and scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from gatewatch.config.calendars import DirectionName
from gatewatch.config.checks_gates import has_sound_route
from gatewatch.config.checks_names import unknown, unknown_class_keys, unknown_classes
from gatewatch.config.demand import Flow, Renewal, TraceArrivals
from gatewatch.config.errors import Fault
from gatewatch.config.faults import fault_at, shown
from gatewatch.config.origins import Document, Path
from gatewatch.config.routes import first_stop, kinds, route_of, station_of
from gatewatch.config.scenarios import Scenario
from gatewatch.config.schema import Border


def _flows(border: Border) -> Iterator[tuple[Flow, Path]]:
    for set_name, demand in border.demand.items():
        for name, flow in demand.flows.items():
            yield flow, ("demand", set_name, "flows", name)


def _gate_side(
    border: Border, document: Document, path: Path, gate: str | None, direction: DirectionName | None
) -> Iterator[Fault]:
    """Yield a fault when there is no such gate, or when it has no such direction."""
    yield from unknown(document, path, "gate", gate, border.gates)
    if gate in border.gates and direction is not None and border.gates[gate].direction(direction) is None:
        expected = f"the gate has no {direction}s; describe them, or name another gate"
        yield fault_at(document, path, shown(gate), expected)


def flow_gates(border: Border, document: Document) -> Iterator[Fault]:
    """Vehicles come to a gate that has their direction."""
    for flow, at in _flows(border):
        yield from _gate_side(border, document, (*at, "gate"), flow.gate, flow.direction)


def flows_of_dormant_gates(border: Border, document: Document) -> Iterator[Fault]:
    """Nobody comes to a dormant gate."""
    for flow, at in _flows(border):
        arrivals = flow.arrivals
        comes = isinstance(arrivals, Renewal | TraceArrivals) or arrivals.per_day > 0
        if comes and flow.gate in border.gates and border.gates[flow.gate].dormant:
            expected = "the gate is dormant; set per_day to 0, or reopen the gate"
            yield fault_at(document, (*at, "gate"), shown(flow.gate), expected)


def flow_profiles(border: Border, document: Document) -> Iterator[Fault]:
    """Profiles and seasons that flows name exist."""
    for flow, at in _flows(border):
        if isinstance(flow.arrivals, Renewal | TraceArrivals):
            continue
        path, arrivals = (*at, "arrivals"), flow.arrivals
        yield from unknown(document, (*path, "hours"), "hour profile", arrivals.hours, border.hour_profiles)
        weekdays = arrivals.weekdays
        yield from unknown(document, (*path, "weekdays"), "weekday profile", weekdays, border.weekday_profiles)
        yield from unknown(document, (*path, "season"), "season", arrivals.season, border.seasons)


def flow_mixes(border: Border, document: Document) -> Iterator[Fault]:
    """A mix names classes that exist and gives one of them weight."""
    for flow, at in _flows(border):
        path, classes = (*at, "mix"), border.vehicle_classes()
        yield from unknown_class_keys(border, document, path, flow.mix)
        if flow.mix and sum(flow.mix.values()) <= 0:
            yield fault_at(document, path, "0 in all classes", "give at least one class a weight above 0")
        if not flow.mix and "general" not in classes and len(classes) > 1:
            known = ", ".join(sorted(classes))
            yield fault_at(document, path, "missing", f"there is no class general, so say which come. Known: {known}")


def flow_stops(border: Border, document: Document) -> Iterator[Fault]:
    """Every class that comes stops somewhere: a vehicle without a stage would vanish from every count."""
    for flow, at in _flows(border):
        gate = border.gates.get(flow.gate)
        direction = gate.direction(flow.direction) if gate else None
        if direction is None or not has_sound_route(direction) or isinstance(flow.arrivals, TraceArrivals):
            continue
        route = route_of(direction)
        come = {name for name, weight in flow.mix.items() if weight > 0} or {"general"}
        for kind in kinds(border, flow.gate, direction):
            if kind[0] in come and first_stop(direction, route, kind) == len(route):
                expected = f"its {kind[1]} channel stops at no stage of {flow.gate}'s {flow.direction}s; give them one"
                yield fault_at(document, (*at, "mix"), shown(kind[0]), expected)


def roads(border: Border, document: Document) -> Iterator[Fault]:
    """A road joins two gates, and each pair has one."""
    given: set[frozenset[str]] = set()
    for name, road in border.travel.items():
        path: Path = ("travel", name, "gates")
        for n, gate in enumerate(road.gates):
            yield from unknown(document, (*path, n), "gate", gate, border.gates)
        pair = frozenset(road.gates)
        if len(pair) == 1:
            yield fault_at(document, path, shown(list(road.gates)), "a road joins two different gates")
        elif pair in given:
            yield fault_at(document, path, f"{shown(list(road.gates))} a second time", "give each road once")
        given.add(pair)


def eligibility_names(border: Border, document: Document) -> Iterator[Fault]:
    """Who may use which gate is said of classes and gates that exist."""
    yield from unknown_class_keys(border, document, ("eligibility",), border.eligibility)
    for name, gates in border.eligibility.items():
        path: Path = ("eligibility", name)
        for n, gate in enumerate(gates):
            yield from unknown(document, (*path, n), "gate", gate, border.gates)


def diversion_gates(border: Border, document: Document) -> Iterator[Fault]:
    """A diversion leads from a gate to another one that is in use, both with the direction."""
    for name, rule in border.diversions.items():
        at: Path = ("diversions", name)
        yield from _gate_side(border, document, (*at, "gate"), rule.gate, rule.direction)
        yield from _gate_side(border, document, (*at, "to"), rule.to, rule.direction)
        if rule.to == rule.gate:
            yield fault_at(document, (*at, "to"), shown(rule.to), "a diversion leads to another gate")
        elif rule.to in border.gates and border.gates[rule.to].dormant:
            yield fault_at(document, (*at, "to"), shown(rule.to), "the gate is dormant; reopen it, or name another")


def diversion_classes(border: Border, document: Document) -> Iterator[Fault]:
    """Only classes that may use the other gate are sent there."""
    for name, rule in border.diversions.items():
        at: Path = ("diversions", name)
        yield from unknown_classes(border, document, (*at, "classes"), rule.classes)
        for n, vehicle_class in enumerate(rule.classes or []):
            if vehicle_class in border.vehicle_classes() and not border.may_use(vehicle_class, rule.to):
                expected = f"eligibility does not let this class use {rule.to}"
                yield fault_at(document, (*at, "classes", n), shown(vehicle_class), expected)
        if rule.classes is None and not any(border.may_use(c, rule.to) for c in border.vehicle_classes()):
            yield fault_at(document, (*at, "to"), shown(rule.to), "eligibility lets no class use this gate")


def diversion_travel(border: Border, document: Document) -> Iterator[Fault]:
    """The driving time of a diversion is known."""
    for name, rule in border.diversions.items():
        pair = {rule.gate, rule.to}
        if (
            rule.travel is None
            and len(pair) == 2
            and not any(set(road.gates) == pair for road in border.travel.values())
        ):
            expected = f"give the driving time here, or a road of {rule.gate} and {rule.to} under `travel`"
            yield fault_at(document, ("diversions", name, "travel"), "missing", expected)


def diversion_from_park(border: Border, document: Document) -> Iterator[Fault]:
    """Vehicles are sent away `while_held` only where a park holds them."""
    for name, rule in border.diversions.items():
        gate = border.gates.get(rule.gate)
        direction = gate.direction(rule.direction) if gate else None
        if rule.decides != "while_held" or gate is None or direction is None:
            continue
        stations = [station_of(gate, stage_name, stage) for stage_name, stage in direction.stages.items()]
        if not any(station is not None and station.holds for station in stations):
            expected = f'no park of {rule.gate} holds {rule.direction}s; use "on_arrival"'
            yield fault_at(document, ("diversions", name, "decides"), shown(rule.decides), expected)


def halts(border: Border, document: Document) -> Iterator[Fault]:
    """A halt of intake names gates and classes that exist."""
    for name, halt in border.intake_halts.items():
        at: Path = ("intake_halts", name)
        for n, gate in enumerate(halt.gates):
            yield from _gate_side(border, document, (*at, "gates", n), gate, halt.direction)
        yield from unknown_classes(border, document, (*at, "classes"), halt.classes)


def scenario_faults(name: str, scenario: Scenario, border: Border, document: Document) -> Iterator[Fault]:
    """A scenario asks for demand that exists, and its targets lie within it."""
    at: Path = ("scenarios", name)
    yield from unknown(document, (*at, "demand"), "set of flows", scenario.demand, border.demand)
    last = scenario.start + timedelta(days=scenario.warmup_days + scenario.days - 1)
    if scenario.starts_at >= 1_440:
        yield fault_at(
            document,
            (*at, "starts_at"),
            '"24:00"',
            'a run begins before its first day ends; use "00:00" of the next day',
        )
    for n, target in enumerate(scenario.targets):
        path = (*at, "targets", n)
        yield from _gate_side(border, document, (*path, "gate"), target.gate, target.direction)
        for key, day in (("on", target.on), ("from", target.first), ("to", target.last)):
            if day is not None and not scenario.start <= day <= last:
                expected = f"the scenario lasts from {scenario.start} to {last}"
                yield fault_at(document, (*path, key), shown(day), expected)


CHECKS: tuple[Callable[[Border, Document], Iterator[Fault]], ...] = (
    flow_gates,
    flows_of_dormant_gates,
    flow_profiles,
    flow_mixes,
    flow_stops,
    roads,
    eligibility_names,
    diversion_gates,
    diversion_classes,
    diversion_travel,
    diversion_from_park,
    halts,
)
