"""A stage done in another way for a share of the vehicles, drawn for each of them."""

from __future__ import annotations

from gatewatch.config.calendars import DirectionName
from gatewatch.config.faults import shown
from gatewatch.config.laws import Constant
from gatewatch.config.routes import route_of
from gatewatch.config.schema import Branch, Direction, Gate, Stage, Station
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.places import with_direction

_AT_ONCE = Constant(law="constant", value=0.0, unit="s")


def with_fork(gate: Gate, direction: DirectionName, stage_name: str, other: Stage, share: float, suffix: str) -> Gate:
    """
    Return a gate at which a share of the vehicles does `other` instead of a stage.

    Before the stage stands one that takes no time, where the draw decides.

    Raises:
        ConfigError: The stage is the one that clears: a border has one.
    """
    side = gate.direction(direction)
    assert side is not None
    stage = side.stages[stage_name]
    if is_clearing(side, stage_name):
        expected = "vehicles are cleared by one stage alone; name another, or let it hold for all vehicles"
        raise refused("stages", shown(stage_name), expected)
    fork_name, other_name = f"{stage_name}_{suffix}_or_not", f"{stage_name}_{suffix}"
    route = route_of(side)
    at = route.index(stage_name)
    after = route[at + 1] if at + 1 < len(route) else "out"
    rest = 1 - sum(branch.share for branch in stage.next)
    ways_on = [*stage.next, Branch(to=after, share=rest)] if rest > 0 else stage.next
    kept = {"classes": other.classes, "channels": stage.channels, "yard": stage.yard, "leg": stage.leg}
    fork = Stage.model_validate(
        {"station": fork_name, "service": _AT_ONCE, "next": [Branch(to=other_name, share=share)]}
    ).model_copy(update={key: value for key, value in kept.items() if value is not None})
    own = stage.station or stage_name
    stages = {name: _redirected(s, stage_name, fork_name) for name, s in side.stages.items()}
    stages[stage_name] = stages[stage_name].model_copy(update={"next": ways_on})
    stages[fork_name] = fork
    stages[other_name] = other.model_copy(update={"station": other.station or own})
    changed = side.model_copy(
        update={"stages": stages, "route": [*route[:at], fork_name, stage_name, other_name, *route[at + 1 :]]}
    )
    stations = {**gate.stations, fork_name: Station(servers="unlimited", opens_with="always")}
    return with_direction(gate.model_copy(update={"stations": stations}), direction, changed)


def is_clearing(side: Direction, stage_name: str) -> bool:
    """Return whether leaving a stage is the clearance."""
    marked = [name for name, stage in side.stages.items() if stage.clears]
    outward = [name for name in route_of(side) if side.stages[name].leg == "out"]
    return stage_name == (marked[0] if marked else outward[-1])


def _redirected(stage: Stage, old: str, new: str) -> Stage:
    """Return a stage whose ways on to another lead to the fork before it."""
    if not any(branch.to == old for branch in stage.next):
        return stage
    ways = [branch.model_copy(update={"to": new}) if branch.to == old else branch for branch in stage.next]
    return stage.model_copy(update={"next": ways})
