"""
A gate explained to a person: hours, stages, servers, service times, yards, and where each number comes from.

Values in, values out; cli.py prints what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import get_args

from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import known_names, one_fault
from gatewatch.config.law_words import law_in_words
from gatewatch.config.loader import LoadedBorder
from gatewatch.config.origins import Path
from gatewatch.config.records import Dated
from gatewatch.config.routes import DIRECTIONS, route_of
from gatewatch.config.schema import Channel, Direction, Gate, RosterRule, ServiceRule, Stage, Station
from gatewatch.config.show_hours import hours_on_day, zone_here, zone_name, zone_there
from gatewatch.config.show_rows import (
    DirectionRow,
    GateExplained,
    Hours,
    SourceRow,
    StageRow,
    Stated,
    YardRow,
    stated,
)


def explain_gate(loaded: LoadedBorder, gate_id: str, on: date) -> GateExplained:
    """
    Return a gate in words.

    Args:
        loaded: The border.
        gate_id: Permanent id of the gate.
        on: Day whose hours are shown, time of the border.

    Raises:
        ConfigError: There is no such gate.
    """
    border = loaded.border
    if gate_id not in border.gates:
        known = known_names("gate", gate_id, border.gates)
        raise one_fault(loaded.root.name, "gates", f'"{gate_id}"', known)
    gate = border.gates[gate_id]
    directions = tuple(
        _direction(loaded, gate, ("gates", gate_id, name), side, name)
        for name in DIRECTIONS
        if (side := gate.direction(name)) is not None
    )
    yards = tuple(_yard(loaded, gate, gate_id, name) for name in gate.yards)
    hours = tuple(hours_on_day(loaded, gate, on))
    return GateExplained(
        gate=gate_id,
        title=gate.title or gate_id,
        title_vi=gate.title_vi,
        note=gate.note,
        is_dormant=gate.dormant,
        on=on,
        time_here=zone_name(zone_here(loaded)),
        time_there=zone_name(zone_there(loaded, gate)),
        hours=hours,
        directions=directions,
        yards=yards,
        sources=_sources(loaded, hours, directions, yards),
    )


# --- stages -----------------------------------------------------------------------------------------


def _direction(loaded: LoadedBorder, gate: Gate, at: Path, direction: Direction, name: DirectionName) -> DirectionRow:
    selectivity = tuple(
        (_class_words(key), stated(loaded, (*at, "selectivity", key), _channel_shares(shares)))
        for key, shares in direction.selectivity.items()
    )
    patience = tuple(
        (_class_words(key), stated(loaded, (*at, "patience", key), law_in_words(law)))
        for key, law in direction.patience.items()
    )
    stages = tuple(
        _stage(loaded, gate, (*at, "stages", key), key, direction.stages[key]) for key in route_of(direction)
    )
    return DirectionRow(name, stages, selectivity, patience)


def _class_words(key: str) -> str:
    return "others" if key == "*" else key


def _channel_shares(shares: object) -> str:
    percent = {channel: 100 * getattr(shares, channel) for channel in get_args(Channel)}
    return ", ".join(f"{channel} {share:.6g} %" for channel, share in percent.items() if share > 0)


def _stage(loaded: LoadedBorder, gate: Gate, at: Path, name: str, stage: Stage) -> StageRow:
    station_id = stage.station or name
    station = gate.stations[station_id]
    service = _service(loaded, stage, (*at, "service"))
    return StageRow(
        stage=name,
        station=station_id,
        title=station.title,
        yard=stage.yard,
        who=", ".join([*(stage.classes or []), *(stage.channels or [])]),
        servers=_servers(loaded, station, (*at[:2], "stations", station_id, "servers")),
        service=service or (Stated("until called forward"),),
        remarks=tuple(_stage_remarks(stage, station)),
    )


def _stage_remarks(stage: Stage, station: Station) -> Iterable[str]:
    if stage.leg == "back":
        yield "on the way back"
    if stage.clears:
        yield "cleared afterwards"
    for branch in stage.next:
        yield f"{100 * branch.share:.6g} % go {'out' if branch.to == 'out' else f'to {branch.to}'}"
    if station.opens_with != "gate":
        sides = {"counterpart": "counterpart's hours", "both": "hours of both sides", "always": "always open"}
        yield sides[station.opens_with]
    if station.closing_rule != "finish":
        yield f"at closing: {station.closing_rule}"
    if station.priority:
        yield f"first {', then '.join(station.priority)}"
    if station.queue_places is not None:
        yield f"{station.queue_places} queue places, when full: {station.when_full}"
    for factor in stage.dates:
        who = ", ".join([*(factor.classes or []), *(factor.channels or [])])
        yield f"service × {factor.factor:.6g}{f' for {who}' if who else ''}{_dates(factor)}"
    if station.breakdown is not None:
        up, down = station.breakdown.up, station.breakdown.down
        yield f"breaks down after {law_in_words(up)}, for {law_in_words(down)}"


def _servers(loaded: LoadedBorder, station: Station, at: Path) -> tuple[Stated, ...]:
    if station.holds:
        return (Stated("park"),)
    if isinstance(station.servers, list):
        return tuple(stated(loaded, (*at, n), _roster_words(rule)) for n, rule in enumerate(station.servers))
    if station.servers == "unlimited":
        return (Stated("unlimited"),)
    return (stated(loaded, at, str(station.servers)),)


def _roster_words(rule: RosterRule) -> str:
    parts = [str(rule.hours)] if rule.hours else []
    parts += [", ".join(rule.days)] if rule.days else []
    return " ".join([str(rule.servers), *parts]) + _dates(rule)


def _dates(rule: Dated) -> str:
    first = "" if rule.first is None else f" from {rule.first}"
    return first + ("" if rule.last is None else f" to {rule.last}")


def _service(loaded: LoadedBorder, stage: Stage, at: Path) -> tuple[Stated, ...]:
    if stage.service is None:
        return ()
    if not isinstance(stage.service, list):
        return (stated(loaded, at, law_in_words(stage.service)),)
    return tuple(
        stated(loaded, (*at, n, "law"), f"{_condition(rule, n)}{law_in_words(rule.law)}")
        for n, rule in enumerate(stage.service)
    )


def _condition(rule: ServiceRule, n: int) -> str:
    parts = [*(rule.classes or []), *(rule.channels or [])]
    parts += [] if rule.laden is None else ["laden" if rule.laden else "empty"]
    return f"{', '.join(parts)}: " if parts else "others: " if n else ""


# --- yards and sources ------------------------------------------------------------------------------


def _yard(loaded: LoadedBorder, gate: Gate, gate_id: str, name: str) -> YardRow:
    yard = gate.yards[name]
    words = {"places": "{} places", "keep": "kept at {}", "accepts_per_day": "accepts {} a day"}
    at: Path = ("gates", gate_id, "yards", name)
    limits: list[Stated] = []
    for key, text in words.items():
        value = getattr(yard, key)
        if isinstance(value, list):
            limits += [
                stated(loaded, (*at, key, n), text.format(getattr(rule, key)) + _dates(rule))
                for n, rule in enumerate(value)
            ]
        elif value is not None:
            limits.append(stated(loaded, (*at, key), text.format(value)))
    if yard.places is None:
        limits.insert(0, Stated("no limit"))
    return YardRow(name, yard.title, yard.kind.replace("_", "-"), tuple(limits))


def _sources(
    loaded: LoadedBorder,
    hours: tuple[Hours, ...],
    directions: tuple[DirectionRow, ...],
    yards: tuple[YardRow, ...],
) -> tuple[SourceRow, ...]:
    """Return the sources that the shown values name."""
    values = [row.here for row in hours] + [value for yard in yards for value in yard.limits]
    for direction in directions:
        values += [value for _, value in (*direction.channels, *direction.patience)]
        values += [value for stage in direction.stages for value in (*stage.servers, *stage.service)]
    known = loaded.border.sources
    keys = sorted({key for value in values for key in value.sources})
    rows = [(key, known.get(key)) for key in keys]
    return tuple(
        SourceRow(key, source.title, source.date, source.url) if source else SourceRow(key, "", "", "")
        for key, source in rows
    )
