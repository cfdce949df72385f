"""Faults of routes: order, ways on, parks, yards, services and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gatewatch.config.checks_gates import SHARES_TOLERANCE, has_sound_route
from gatewatch.config.errors import Fault, known_names
from gatewatch.config.faults import fault_at, shown
from gatewatch.config.origins import Document, Path
from gatewatch.config.routes import (
    Kind,
    all_directions,
    first_stop,
    kinds,
    laden_at,
    next_stops,
    route_of,
    station_of,
    stops_at,
)
from gatewatch.config.schema import Border, Direction, Gate, ServiceRule, Stage

_MOST_NAMED = 3


def _sound_directions(border: Border) -> Iterator[tuple[str, Gate, Direction, Path]]:
    """Yield the directions whose route can be followed; the others are reported by the first checks."""
    for found in all_directions(border):
        if has_sound_route(found[2]):
            yield found


def route_names(border: Border, document: Document) -> Iterator[Fault]:
    """A route names each stage once."""
    for _, _, direction, at in all_directions(border):
        path = (*at, "route")
        route = direction.route or []
        for n, name in enumerate(route):
            if name not in direction.stages:
                yield fault_at(document, (*path, n), shown(name), known_names("stage", name, direction.stages))
            elif name in route[:n]:
                yield fault_at(document, (*path, n), f"{shown(name)} a second time", "name each stage once")
        for name in direction.stages if direction.route is not None else ():
            if name not in route:
                yield fault_at(document, path, f"without {shown(name)}", "name each stage once")


def way_on_names(border: Border, document: Document) -> Iterator[Fault]:
    """A way on leads to a stage of the same direction, or out."""
    for _, _, direction, at in all_directions(border):
        for name, stage in direction.stages.items():
            for n, branch in enumerate(stage.next):
                if branch.to not in ("out", *direction.stages):
                    known = known_names("stage", branch.to, [*direction.stages, "out"])
                    yield fault_at(document, (*at, "stages", name, "next", n, "to"), shown(branch.to), known)


def way_on_shares(border: Border, document: Document) -> Iterator[Fault]:
    """No more than all vehicles leave a stage."""
    for _, _, direction, at in all_directions(border):
        for name, stage in direction.stages.items():
            total = sum(branch.share for branch in stage.next)
            if total > 1 + SHARES_TOLERANCE:
                found = f"{total:.6g} of the vehicles"
                yield fault_at(document, (*at, "stages", name, "next"), found, "the shares must sum to at most 1")


def no_way_out(border: Border, document: Document) -> Iterator[Fault]:
    """Wherever a vehicle comes to, it can leave from there."""
    for gate_id, _, direction, at in _sound_directions(border):
        trapped = next(
            ((kind, traps) for kind in kinds(border, gate_id, direction) if (traps := _traps(direction, kind))),
            None,
        )
        if trapped is not None:
            kind, traps = trapped
            name = [name for name in traps if direction.stages[name].next][-1]
            found = f"without a way out for {kind[0]} ({kind[1]})"
            expected = "let a share of the vehicles go on to the end of the route, or `out`"
            yield fault_at(document, (*at, "stages", name, "next"), found, expected)


def _traps(direction: Direction, kind: Kind) -> list[str]:
    """Return the stages that vehicles of a kind come to and cannot get out from."""
    route = route_of(direction)
    ways = {place: next_stops(direction, route, place, kind) for place in range(len(route))}
    entered, fresh = set[int](), {first_stop(direction, route, kind)}
    while fresh:
        entered |= fresh
        fresh = {after for place in fresh if place < len(route) for after in ways[place]} - entered
    leaving = {len(route)}
    while grown := {place for place in entered - leaving if ways[place] & leaving}:
        leaving |= grown
    return [route[place] for place in sorted(entered - leaving)]


def service_or_park(border: Border, document: Document) -> Iterator[Fault]:
    """A stage has a service, unless it is a park that holds: that has none."""
    for _, gate, direction, at in all_directions(border):
        for name, stage in direction.stages.items():
            station, path = station_of(gate, name, stage), (*at, "stages", name, "service")
            if station is None:
                continue
            if stage.service is None and not station.holds:
                expected = "give the law of the service time, or let the station hold (holds = true)"
                yield fault_at(document, path, "missing", expected)
            if stage.service is not None and station.holds:
                expected = "leave it out: vehicles wait in a park until they are called"
                yield fault_at(document, path, "given for a park that holds", expected)


def uncovered_services(border: Border, document: Document) -> Iterator[Fault]:
    """Every vehicle that stops at a stage finds a rule for its service time."""
    for gate_id, _, direction, at in all_directions(border):
        for name, stage in direction.stages.items():
            rules = stage.service if isinstance(stage.service, list) else None
            missing = [] if rules is None else _without_law(border, gate_id, direction, stage, rules)
            if missing:
                more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
                found = f"without a law for {', '.join(missing[:_MOST_NAMED])}{more}"
                expected = "add a rule for them, or a last rule without conditions"
                yield fault_at(document, (*at, "stages", name, "service"), found, expected)


def _without_law(
    border: Border, gate_id: str, direction: Direction, stage: Stage, rules: list[ServiceRule]
) -> list[str]:
    return [
        f"{kind[0]} ({kind[1]}, {'laden' if laden else 'empty'})"
        for kind in kinds(border, gate_id, direction)
        if stops_at(stage, kind)
        for laden in sorted(laden_at(border, direction, stage, kind[0]), reverse=True)
        if not any(_matches(rule, kind, laden=laden) for rule in rules)
    ]


def _matches(rule: ServiceRule, kind: Kind, *, laden: bool) -> bool:
    return (
        (rule.classes is None or kind[0] in rule.classes)
        and (rule.channels is None or kind[1] in rule.channels)
        and rule.laden in (None, laden)
    )


def park_before_yard(border: Border, document: Document) -> Iterator[Fault]:
    """After a park comes a yard that calls vehicles forward."""
    for gate_id, gate, direction, at in _sound_directions(border):
        route = route_of(direction)
        for place, name in enumerate(route):
            stage = direction.stages[name]
            station = station_of(gate, name, stage)
            if station is None or not station.holds:
                continue
            after = {
                stop
                for kind in kinds(border, gate_id, direction)
                if stops_at(stage, kind)
                for stop in next_stops(direction, route, place, kind)
            }
            yards = {direction.stages[route[stop]].yard if stop < len(route) else None for stop in after}
            if None in yards or stage.yard in yards:
                found = "a park that holds, with no other yard after it"
                expected = "give the stage after it a yard of its own, whose free places call vehicles forward"
                yield fault_at(document, (*at, "stages", name), found, expected)


def broken_yards(border: Border, document: Document) -> Iterator[Fault]:
    """The stages in a yard follow each other without a gap."""
    for _, _, direction, at in _sound_directions(border):
        previous, left = None, set[str]()
        for name in route_of(direction):
            yard = direction.stages[name].yard
            if yard is not None and yard in left:
                found = f"{shown(yard)} again, after a stage outside it"
                expected = "the stages in a yard must follow each other in the route"
                yield fault_at(document, (*at, "stages", name, "yard"), found, expected)
            if previous is not None and previous != yard:
                left.add(previous)
            previous = yard


def back_before_out(border: Border, document: Document) -> Iterator[Fault]:
    """The stages of the return pass come last."""
    for _, _, direction, at in _sound_directions(border):
        legs = [direction.stages[name].leg for name in route_of(direction)]
        for place, name in enumerate(route_of(direction)):
            if legs[place] == "back" and "out" in legs[place + 1 :]:
                expected = "stages of the return pass come after all others in the route"
                yield fault_at(document, (*at, "stages", name, "leg"), '"back" before a stage of the way out', expected)
            for n, branch in enumerate(direction.stages[name].next):
                if legs[place] == "back" and branch.to != "out" and direction.stages[branch.to].leg == "out":
                    expected = "a vehicle on its way back cannot set out again"
                    yield fault_at(document, (*at, "stages", name, "next", n, "to"), shown(branch.to), expected)


def clearing_stage(border: Border, document: Document) -> Iterator[Fault]:
    """A vehicle is cleared once, on its way out."""
    for _, _, direction, at in all_directions(border):
        clearing = [name for name, stage in direction.stages.items() if stage.clears]
        for name in clearing:
            path = (*at, "stages", name, "clears")
            if direction.stages[name].leg == "back":
                yield fault_at(document, path, "true on the way back", "a vehicle is cleared on its way out")
            elif name != clearing[0]:
                yield fault_at(
                    document, path, "true a second time", f"{clearing[0]} clears already; let one stage clear"
                )
        if all(stage.leg == "back" for stage in direction.stages.values()):
            expected = 'let at least one stage be of the leg "out"'
            yield fault_at(document, (*at, "stages"), "a way back only", expected)


CHECKS: tuple[Callable[[Border, Document], Iterator[Fault]], ...] = (
    route_names,
    way_on_names,
    way_on_shares,
    no_way_out,
    service_or_park,
    uncovered_services,
    park_before_yard,
    broken_yards,
    back_before_out,
    clearing_stage,
)
