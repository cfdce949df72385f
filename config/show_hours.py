"""The hours of both sides of a gate on a day, in the time of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import DirectionName
from gatewatch.config.loader import LoadedBorder
from gatewatch.config.opening_hours import Window, both_open, day_rule, hours_rule, windows
from gatewatch.config.origins import Path
from gatewatch.config.routes import DIRECTIONS
from gatewatch.config.schema import Gate
from gatewatch.config.show_rows import Hours, Stated, stated

_CITIES = {"Asia/Ho_Chi_Minh": "Hanoi", "Asia/Shanghai": "Beijing"}  # whose time people say it is


def zone_here(loaded: LoadedBorder) -> ZoneInfo:
    """Return the zone of the border."""
    return ZoneInfo(loaded.border.border.timezone)


def zone_there(loaded: LoadedBorder, gate: Gate) -> ZoneInfo:
    """Return the zone of the counterpart's calendar; without one, the border's."""
    calendar = gate.counterpart.calendar
    return zone_here(loaded) if calendar is None else ZoneInfo(loaded.border.calendars[calendar].timezone)


def zone_name(zone: ZoneInfo) -> str:
    """Return whose time a zone is, as people say it."""
    return _CITIES.get(zone.key, zone.key.rpartition("/")[2].replace("_", " "))


def hours_on_day(loaded: LoadedBorder, gate: Gate, on: date) -> Iterator[Hours]:
    """Yield the hours of both sides and of the two together; a direction alone only where it differs."""
    names: list[DirectionName | None] = [name for name in DIRECTIONS if gate.direction(name) is not None]
    ours, theirs = gate.calendar, gate.counterpart.calendar
    zones = zone_here(loaded), zone_there(loaded, gate)
    open_by_side = [
        {name: _windows(loaded, calendar, on, name) for name in names or [None]} for calendar in (ours, theirs)
    ]
    titles = (gate.title or "This side", gate.counterpart.title or "Counterpart")
    for title, calendar, by_direction in zip(titles, (ours, theirs), open_by_side, strict=True):
        for name, found in _differing(by_direction).items():
            yield _side(loaded, title, calendar, name, found, on, zones)
    together = {name: both_open(open_by_side[0][name], open_by_side[1][name]) for name in open_by_side[0]}
    for name, found in _differing(together).items():
        yield Hours(
            _titled("Both sides", name),
            Stated(_span_texts(found, zones[0], on)),
            _span_texts(found, zones[1], on),
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
    zones: tuple[ZoneInfo, ZoneInfo],
) -> Hours:
    side = _titled(title, direction)
    here, there = (_span_texts(found, zone, on) for zone in zones)
    if calendar is None:
        return Hours(side, Stated(here), there, "no calendar: always open")
    rule = day_rule(loaded.border.calendars[calendar], on)
    remarks = [_state_words(found), rule.reason if rule is not None else ""]
    path = _rule_in_force(loaded, calendar, direction, on)
    value = Stated(here) if path is None else stated(loaded, path, here)
    return Hours(side, value, there, ": ".join(remark for remark in remarks if remark))


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


def _windows(loaded: LoadedBorder, calendar: str | None, on: date, direction: DirectionName | None) -> list[Window]:
    begins = datetime.combine(on, time(), zone_here(loaded))
    ends = datetime.combine(on + timedelta(days=1), time(), zone_here(loaded))
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
