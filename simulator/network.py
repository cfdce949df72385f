"""The border as the engines see it: numbered groups, stations, yards and stages, laid out in simulated time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import DirectionName
from gatewatch.config.loader import LoadedBorder
from gatewatch.config.schema import (
    Border,
    Branch,
    Direction,
    Gate,
    Service,
    ServiceFactor,
    ServiceRule,
    VehicleClass,
)
from gatewatch.config.units import US_PER_MIN
from gatewatch.simulator.responses import HoursNode, ServersNode, hours_nodes, servers_nodes
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.timetable import Clock, Segment, open_windows, segments, spans_us
from gatewatch.simulator.variates import Variate
from gatewatch.simulator.yard_node import NONE, Limit, Windows, YardNode

CHANNELS = ("green", "yellow", "red")


@dataclass(frozen=True, slots=True)
class StationNode:
    """A station: its timetable and its rules."""

    gate: str
    name: str
    is_unlimited: bool
    holds: bool
    closing_rule: str
    rank: tuple[int, ...]  # by class; 0 is served first
    queue_places: int  # NONE: no limit
    loses: bool
    segments: tuple[Segment, ...]
    breakdown: tuple[Variate, Variate] | None
    # When it, or this side of it, was open only because a decision moved a close; known after a run.
    added_us: Windows = ()
    this_side_added_us: Windows = ()


@dataclass(frozen=True, slots=True)
class StageNode:
    """A stage of one gate and direction."""

    group: int
    name: str
    station: int
    yard: int  # NONE: in no yard
    is_back: bool
    clears: bool
    may_turn_back: bool
    branches: tuple[Branch, ...]
    rules: tuple[tuple[ServiceRule | None, Variate], ...]
    dates: tuple[ServiceFactor, ...]
    classes: tuple[str, ...] | None
    channels: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Group:
    """One direction of one gate."""

    gate: str
    direction: DirectionName
    stages: tuple[int, ...]  # stage numbers in route order
    data: Direction


@dataclass(frozen=True, slots=True)
class DiversionNode:
    """A diversion rule between two groups."""

    name: str
    source: int
    target: int
    classes: frozenset[int]
    on_arrival: bool
    over: int
    below: int  # NONE: always
    compliance: float
    check_every_us: int
    travel: Variate


@dataclass(frozen=True, slots=True)
class HaltNode:
    """A halt of intake for one group."""

    group: int
    classes: frozenset[int]
    begins_us: int
    ends_us: int
    compliance: float


@dataclass(frozen=True, slots=True)
class Network:
    """Everything an engine needs to know that is the same in every replication."""

    clock: Clock
    root: Path
    classes: tuple[str, ...]
    class_data: tuple[VehicleClass, ...]
    groups: tuple[Group, ...]
    stations: tuple[StationNode, ...]
    yards: tuple[YardNode, ...]
    stages: tuple[StageNode, ...]
    diversions: tuple[DiversionNode, ...]
    halts: tuple[HaltNode, ...]
    hours: tuple[HoursNode, ...]
    servers: tuple[ServersNode, ...]
    border: Border = field(repr=False)
    kept: dict[object, object] = field(default_factory=dict, init=False, repr=False, compare=False)  # see `kept.py`

    def group_number(self, gate: str, direction: str) -> int:
        """Return the number of a gate and direction; raises KeyError when there is none."""
        for n, group in enumerate(self.groups):
            if (group.gate, group.direction) == (gate, direction):
                return n
        raise KeyError((gate, direction))


def build_network(loaded: LoadedBorder, plan: Plan) -> Network:
    """Return the network of a checked border over the days of a plan."""
    border, clock = loaded.border, plan.clock
    data = border.vehicle_classes()
    classes = tuple(data)
    groups: list[Group] = []
    stations: list[StationNode] = []
    yards: list[YardNode] = []
    stages: list[StageNode] = []
    for gate_id, gate in border.gates.items():
        station_numbers = {}
        for name in gate.stations:
            station_numbers[name] = len(stations)
            stations.append(_station(border, gate_id, gate, name, classes, clock, loaded.root))
        yard_numbers = {}
        for name in gate.yards:
            yard_numbers[name] = len(yards)
            yards.append(_yard(border, gate_id, gate, name, clock))
        for direction in ("export", "import"):
            side = gate.direction(direction)
            if side is None:
                continue
            route = side.route if side.route is not None else list(side.stages)
            numbers = tuple(range(len(stages), len(stages) + len(route)))
            for name in route:
                stage = side.stages[name]
                stages.append(
                    StageNode(
                        group=len(groups),
                        name=name,
                        station=station_numbers[stage.station or name],
                        yard=NONE if stage.yard is None else yard_numbers[stage.yard],
                        is_back=stage.leg == "back",
                        clears=stage.clears,
                        may_turn_back=stage.patience and stage.leg == "out",
                        branches=tuple(stage.next),
                        rules=_rules(stage.service, loaded.root),
                        dates=tuple(stage.dates),
                        classes=None if stage.classes is None else tuple(stage.classes),
                        channels=None if stage.channels is None else tuple(stage.channels),
                    )
                )
            groups.append(Group(gate_id, direction, numbers, side))
    network = Network(
        clock, loaded.root, classes, tuple(data.values()), tuple(groups), tuple(stations), tuple(yards),
        tuple(stages), (), (), (), (), border,
    )  # fmt: skip
    by_name = {(node.gate, node.name): n for n, node in enumerate(stations)}
    return replace(
        network,
        diversions=tuple(_diversions(network)),
        halts=tuple(_halts(network)),
        hours=tuple(
            hours_nodes(
                border,
                clock,
                {(group.gate, group.direction): n for n, group in enumerate(groups)},
                {at: (n, stations[n].segments) for at, n in by_name.items()},
                {(node.gate, node.name): (n, node) for n, node in enumerate(yards)},
            )
        ),
        servers=tuple(servers_nodes(border, clock, by_name)),
    )


def _rules(service: Service | None, root: Path) -> tuple[tuple[ServiceRule | None, Variate], ...]:
    if service is None:
        return ()
    if isinstance(service, list):
        return tuple((rule, Variate(rule.law, root)) for rule in service)
    return ((None, Variate(service, root)),)


def _station(
    border: Border, gate_id: str, gate: Gate, name: str, classes: tuple[str, ...], clock: Clock, root: Path
) -> StationNode:
    data = gate.stations[name]
    return StationNode(
        gate=gate_id,
        name=name,
        is_unlimited=data.servers == "unlimited",
        holds=data.holds,
        closing_rule=data.closing_rule,
        rank=tuple(data.priority.index(c) if c in data.priority else len(data.priority) for c in classes),
        queue_places=NONE if data.queue_places is None else data.queue_places,
        loses=data.when_full == "lose",
        segments=tuple(segments(border, gate, data, clock)),
        breakdown=None
        if data.breakdown is None
        else (Variate(data.breakdown.up, root), Variate(data.breakdown.down, root)),
    )


def _yard(border: Border, gate_id: str, gate: Gate, name: str, clock: Clock) -> YardNode:
    data = gate.yards[name]
    windows = open_windows(border, gate, data.opens_with, clock)
    theirs = gate.counterpart.calendar
    zone = None if data.accepts_per_day is None or theirs is None else border.calendars[theirs].timezone
    days = [clock.us(clock.midnight(day, zone)) for day in range(clock.days + 2)]
    places, accepts = _limit(data.places_on, clock, None), _limit(data.accepts_on, clock, zone)
    return YardNode(
        gate=gate_id,
        name=name,
        kind=data.kind,
        places=places.at(clock.begin_us),
        keep=NONE if data.keep is None else data.keep,
        accepts_per_day=accepts.at(clock.begin_us),
        places_by_date=places,
        accepts_by_date=accepts,
        day_starts_us=tuple(day for day in days if day > clock.begin_us) if data.accepts_per_day is not None else (),
        entry_windows_us=None if windows is None else tuple((b, e) for b, e, _ in spans_us(windows, clock)),
    )


def _limit(value_on: Callable[[date], int | None], clock: Clock, zone: str | None) -> Limit:
    """Return a limit by the days of a zone; without one, the border's."""
    starts: list[int] = []
    values: list[int] = []
    for day in range(-1, clock.days + 2):
        value = value_on(clock.first_day + timedelta(days=day))
        value = NONE if value is None else value
        if not values or values[-1] != value:
            starts.append(clock.us(clock.midnight(day, zone)))
            values.append(value)
    return Limit(tuple(starts), tuple(values))


def _diversions(network: Network) -> list[DiversionNode]:
    border, nodes = network.border, []
    for name, rule in border.diversions.items():
        allowed = [
            n
            for n, c in enumerate(network.classes)
            if (rule.classes is None or c in rule.classes) and rule.to in border.eligibility.get(c, [rule.to])
        ]
        law = rule.travel or next(
            road.minutes for road in border.travel.values() if {rule.gate, rule.to} == set(road.gates)
        )
        nodes.append(
            DiversionNode(
                name=name,
                source=network.group_number(rule.gate, rule.direction),
                target=network.group_number(rule.to, rule.direction),
                classes=frozenset(allowed),
                on_arrival=rule.decides == "on_arrival",
                over=rule.when_backlog_over,
                below=NONE if rule.while_backlog_below is None else rule.while_backlog_below,
                compliance=rule.compliance,
                check_every_us=round(rule.check_every * US_PER_MIN),
                travel=Variate(law, network.root),
            )
        )
    return nodes


def _halts(network: Network) -> list[HaltNode]:
    clock = network.clock
    nodes: list[HaltNode] = []
    for halt in network.border.intake_halts.values():
        begins = _local_us(halt.begins, clock) + round(halt.on_the_road * 60) * US_PER_MIN
        nodes += [
            HaltNode(
                group=network.group_number(gate, halt.direction),
                classes=frozenset(network.classes.index(c) for c in halt.classes),
                begins_us=begins,
                ends_us=_local_us(halt.ends, clock),
                compliance=halt.compliance,
            )
            for gate in halt.gates
        ]
    return nodes


def _local_us(at: datetime | date, clock: Clock) -> int:
    wall = at if isinstance(at, datetime) else datetime.combine(at, time())
    return clock.us(wall.replace(tzinfo=ZoneInfo(clock.timezone)))


__all__ = [
    "CHANNELS", "NONE", "DiversionNode", "Group", "HaltNode", "HoursNode", "Network", "ServersNode", "StageNode",
    "StationNode", "YardNode", "build_network",
]  # fmt: skip
