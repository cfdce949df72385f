"""Gates, directions, stations and classes that settings name, looked up on a border."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import known_names
from gatewatch.config.faults import shown
from gatewatch.config.routes import DIRECTIONS, route_of
from gatewatch.config.schema import Border, Direction, Gate, Yard
from gatewatch.simulator.policies.kinds import refused


def gates_of(
    border: Border, names: list[str] | None, key: str = "gate", direction: DirectionName | None = None
) -> dict[str, Gate]:
    """
    Return the gates that a setting names; without names, all in use that have the direction.

    Raises:
        ConfigError: There is no such gate.
    """
    if names is None:
        return {
            name: gate
            for name, gate in border.gates.items()
            if not gate.dormant and (direction is None or gate.direction(direction) is not None)
        }
    for name in names:
        known(border.gates, "gate", name, key)
    return {name: border.gates[name] for name in names}


def gates_having(
    border: Border,
    names: list[str] | None,
    kind: str,
    wanted: Iterable[str],
    key: str,
    has: Callable[[Gate], Iterable[str]],
) -> dict[str, Gate]:
    """
    Return the gates that a setting names, which must have all stations or yards wanted; without names, those that do.

    Raises:
        ConfigError: There is no such gate, or it has none of that name; without names, no gate has them all.
    """
    gates, wanted = gates_of(border, names), list(wanted)
    having = {gate_id: gate for gate_id, gate in gates.items() if set(wanted) <= set(has(gate))}
    if names is None and having:
        return having
    for gate_id, gate in gates.items():
        for name in wanted:
            known(has(gate), f"{kind} of {gate_id}", name, key)
    return gates


def known(names: Iterable[str], kind: str, name: str, key: str) -> None:
    """
    Refuse a name that is not among the known ones.

    Raises:
        ConfigError: It is not; the nearest is suggested.
    """
    names = list(names)
    if name not in names:
        raise refused(key, shown(name), known_names(kind, name, names))


def known_classes(border: Border, names: list[str] | None, key: str = "classes") -> set[str]:
    """
    Return the vehicle classes that a setting names; without names, all.

    Raises:
        ConfigError: There is no such class.
    """
    for name in names or []:
        known(border.vehicle_classes(), "vehicle class", name, key)
    return set(border.vehicle_classes() if names is None else names)


def directions_of(gate_id: str, gate: Gate, direction: DirectionName | None) -> dict[DirectionName, Direction]:
    """
    Return the directions of a gate that a setting means; without one, all that it has.

    Raises:
        ConfigError: The gate has no such direction.
    """
    wanted = DIRECTIONS if direction is None else (direction,)
    found = {name: side for name in wanted if (side := gate.direction(name)) is not None}
    if not found:
        raise refused("direction", shown(direction), f"{gate_id} has no {direction}s; name another gate or direction")
    return found


def with_gates(border: Border, changed: Mapping[str, Gate]) -> Border:
    """Return the border with some gates replaced or added."""
    return border.model_copy(update={"gates": {**border.gates, **changed}})


def with_direction(gate: Gate, name: DirectionName, direction: Direction) -> Gate:
    """Return the gate with one direction replaced."""
    return gate.model_copy(update={"export" if name == "export" else "import_": direction})


def known_in_any(gates: Mapping[str, Gate], direction: DirectionName | None, stages: Iterable[str]) -> None:
    """
    Refuse a stage that none of the gates has.

    Raises:
        ConfigError: There is no such stage.
    """
    names = {
        name for gate_id, gate in gates.items() for side in directions_of(gate_id, gate, direction).values()
        for name in side.stages
    }  # fmt: skip
    for stage in stages:
        known(names, "stage", stage, "stages")


def with_yard(gate: Gate, name: str, yard: Yard) -> Gate:
    """Return the gate with one yard replaced."""
    return gate.model_copy(update={"yards": {**gate.yards, name: yard}})


def last_counterpart_yard(gate: Gate, side: Direction) -> str | None:
    """Return the counterpart's yard that comes last on the way out, or None when there is none."""
    passed = [side.stages[name].yard for name in route_of(side) if side.stages[name].leg == "out"]
    theirs = [name for name in passed if name is not None and gate.yards[name].kind == "counterpart"]
    return theirs[-1] if theirs else None
