"""
A gate explained to a person: hours, stages, servers, service times, yards, and where each number comes from.

Values in, values out; cli.py prints what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import known_names, one_fault
from gatewatch.config.law_words import law_in_words
from gatewatch.config.loader import LoadedBorder
from gatewatch.config.opening_hours import Window, both_open, day_rule, hours_rule, windows
from gatewatch.config.origins import Path
from gatewatch.config.routes import DIRECTIONS, route_of
from gatewatch.config.schema import Basis, Channel, Direction, Gate, RosterRule, ServiceRule, Stage, Station

HANOI, BEIJING = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Stated:
    """
    A value in words with where it comes from.

    Args:
        text: The value in words.
        basis: `reported`, `inferred` or `assumed`; a value that says nothing of itself counts as assumed.
            None for what is no number.
        sources: Keys of its sources.
    """

    text: str
    basis: Basis | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """When one side, or both together, are open on a day, in the time of each side."""

    side: str
    hanoi: Stated
    beijing: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage in the order of the crossing."""

    stage: str
    station: str
    title: str
    yard: str | None
    who: str
    servers: tuple[Stated, ...]
    service: tuple[Stated, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DirectionRow:
    """One direction: its stages, and the shares of the customs channels by class."""

    direction: DirectionName
    stages: tuple[StageRow, ...]
    channels: tuple[tuple[str, Stated], ...]
    patience: tuple[tuple[str, Stated], ...]


@dataclass(frozen=True, slots=True)
class YardRow:
    """A yard with its limits."""

    yard: str
    title: str
    kind: str
    limits: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source that the numbers above name."""

    key: str
    title: str
    date: str
    url: str


@dataclass(frozen=True, slots=True)
class GateExplained:
    """Everything that `gatewatch config show` tells about a gate."""

    gate: str
    title: str
    title_vi: str
    note: str
    is_dormant: bool
    on: date
    hours: tuple[Hours, ...]
    directions: tuple[DirectionRow, ...]
    yards: tuple[YardRow, ...]
    sources: tuple[SourceRow, ...]


def explain_gate(loaded: LoadedBorder, gate_id: str, on: date) -> GateExplained:
    """
    Return a gate in words.

    Args:
        loaded: The border.
        gate_id: Permanent id of the gate.
        on: Day whose hours are shown, Hanoi time.

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
    hours = tuple(_hours(loaded, gate, on))
    return GateExplained(
        gate=gate_id,
        title=gate.title or gate_id,
        title_vi=gate.title_vi,
        note=gate.note,
        is_dormant=gate.dormant,
        on=on,
        hours=hours,
        directions=directions,
        yards=yards,
        sources=_sources(loaded, hours, directions, yards),
    )


# --- hours ------------------------------------------------------------------------------------------


def _hours(loaded: LoadedBorder, gate: Gate, on: date) -> Iterable[Hours]:
    """Yield the hours of both sides and of the two together; a direction alone only where it differs."""
    names: list[DirectionName | None] = [name for name in DIRECTIONS if gate.direction(name) is not None]
    ours, theirs = gate.calendar, gate.counterpart.calendar
    open_by_side = [
        {name: _windows(loaded, calendar, on, name) for name in names or [None]}
        for calendar in (ours, theirs)
    ]
    titles = (gate.title or "Vietnam", gate.counterpart.title or "Counterpart")
    for title, calendar, by_direction in zip(titles, (ours, theirs), open_by_side, strict=True):
        for name, found in _differing(by_direction).items():
            yield _side(loaded, title, calendar, name, found, on)
    together = {name: both_open(open_by_side[0][name], open_by_side[1][name]) for name in open_by_side[0]}
    for name, found in _differing(together).items():
        yield Hours(
            _titled("Both sides", name),
            Stated(_span_texts(found, HANOI, on)),
            _span_texts(found, BEIJING, on),
            _state_words(found),
        )


def _differing(
    by_direction: dict[DirectionName | None, list[Window]],
) -> dict[DirectionName | None, list[Window]]:
    """Return one entry for all directions when their windows are the same."""
    first, *others = by_direction.values()
    return by_direction if any(found != first for found in others) else {None: first}


def _side(
    loaded: LoadedBorder,
    title: str,
    calendar: str | None,
    direction: DirectionName | None,
    found: list[Window],
    on: date,
) -> Hours:
    side, hanoi, beijing = (
        _titled(title, direction),
        _span_texts(found, HANOI, on),
        _span_texts(found, BEIJING, on),
    )
    if calendar is None:
        return Hours(side, Stated(hanoi), beijing, "no calendar: always open")
    rule = day_rule(loaded.border.calendars[calendar], on)
    remarks = [_state_words(found), rule.reason if rule is not None else ""]
    path = _rule_in_force(loaded, calendar, direction, on)
    stated = Stated(hanoi) if path is None else _stated(loaded, path, hanoi)
    return Hours(side, stated, beijing, ": ".join(remark for remark in remarks if remark))


def _rule_in_force(loaded: LoadedBorder, name: str, direction: DirectionName | None, on: date) -> Path | None:
    """Return where the rule stands that gives the hours of a day; None when no rule covers it."""
    calendar = loaded.border.calendars[name]
    special, ordinary = day_rule(calendar, on), hours_rule(calendar, on, direction)
    if special is not None and (special.state == "shut" or special.open is not None or ordinary is None):
        return ("calendars", name, "days", next(n for n, rule in enumerate(calendar.days) if rule is special))
    if ordinary is None:
        return None
    return ("calendars", name, "hours", next(n for n, rule in enumerate(calendar.hours) if rule is ordinary))


def _titled(title: str, direction: DirectionName | None) -> str:
    return f"{title}, {direction}" if direction else title


def _state_words(found: list[Window]) -> str:
    return "registered vehicles only" if any(window.preregistered_only for window in found) else ""


def _windows(
    loaded: LoadedBorder, calendar: str | None, on: date, direction: DirectionName | None
) -> list[Window]:
    begins = datetime.combine(on, time(), HANOI)
    ends = begins + timedelta(days=1)
    if calendar is None:
        return [Window(begins, ends)]
    return windows(loaded.border.calendars[calendar], begins, ends, direction)


def _span_texts(found: list[Window], zone: ZoneInfo, on: date) -> str:
    texts = [f"{_clock(w.begins, zone, on)}-{_clock(w.ends, zone, on)}" for w in found]
    return ", ".join(texts) or "shut"


def _clock(at: datetime, zone: ZoneInfo, on: date) -> str:
    """Return the time of day; midnight that ends the day is 24:00, later times carry +1."""
    local = at.astimezone(zone)
    if local.date() == on:
        return f"{local:%H:%M}"
    return "24:00" if local.time() == time() else f"{local:%H:%M}+1"


# --- stages -----------------------------------------------------------------------------------------


def _direction(
    loaded: LoadedBorder, gate: Gate, at: Path, direction: Direction, name: DirectionName
) -> DirectionRow:
    selectivity = tuple(
        (_class_words(key), _stated(loaded, (*at, "selectivity", key), _channel_shares(shares)))
        for key, shares in direction.selectivity.items()
    )
    patience = tuple(
        (_class_words(key), _stated(loaded, (*at, "patience", key), law_in_words(law)))
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
    if station.breakdown is not None:
        up, down = station.breakdown.up, station.breakdown.down
        yield f"breaks down after {law_in_words(up)}, for {law_in_words(down)}"


def _servers(loaded: LoadedBorder, station: Station, at: Path) -> tuple[Stated, ...]:
    if station.holds:
        return (Stated("park"),)
    if isinstance(station.servers, list):
        return tuple(_stated(loaded, (*at, n), _roster_words(rule)) for n, rule in enumerate(station.servers))
    if station.servers == "unlimited":
        return (Stated("unlimited"),)
    return (_stated(loaded, at, str(station.servers)),)


def _roster_words(rule: RosterRule) -> str:
    parts = [str(rule.hours)] if rule.hours else []
    parts += [", ".join(rule.days)] if rule.days else []
    parts += [f"from {rule.first}"] if rule.first else []
    parts += [f"to {rule.last}"] if rule.last else []
    return f"{rule.servers} {' '.join(parts)}".rstrip()


def _service(loaded: LoadedBorder, stage: Stage, at: Path) -> tuple[Stated, ...]:
    if stage.service is None:
        return ()
    if not isinstance(stage.service, list):
        return (_stated(loaded, at, law_in_words(stage.service)),)
    return tuple(
        _stated(loaded, (*at, n, "law"), f"{_condition(rule, n)}{law_in_words(rule.law)}")
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
    limits = [
        _stated(loaded, (*at, key), text.format(getattr(yard, key)))
        for key, text in words.items()
        if getattr(yard, key) is not None
    ]
    if yard.places is None:
        limits.insert(0, Stated("no limit"))
    return YardRow(name, yard.title, yard.kind.replace("_", "-"), tuple(limits))


def _stated(loaded: LoadedBorder, at: Path, text: str) -> Stated:
    """Return a value with the weakest basis of what it is made of."""
    origins = [origin for path, origin in loaded.document.origins.items() if path[: len(at)] == at]
    bases = {origin.basis for origin in origins}
    basis: Basis = "assumed"
    if bases == {"reported"}:
        basis = "reported"
    elif bases and bases <= {"reported", "inferred"}:
        basis = "inferred"
    return Stated(text, basis, tuple(sorted({origin.source for origin in origins if origin.source})))


def _sources(
    loaded: LoadedBorder,
    hours: tuple[Hours, ...],
    directions: tuple[DirectionRow, ...],
    yards: tuple[YardRow, ...],
) -> tuple[SourceRow, ...]:
    """Return the sources that the shown values name."""
    values = [row.hanoi for row in hours] + [value for yard in yards for value in yard.limits]
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
