"""The menu of schedules: what a planner writes after `--candidates`, and what is tried where he writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import ConfigError, known_names, one_fault
from gatewatch.config.opening_hours import DAY_MIN
from gatewatch.config.units import clock_text, parse_clock, parse_span
from gatewatch.simulator.optimisation.hours import PresentHours
from gatewatch.simulator.optimisation.search import Candidate
from gatewatch.simulator.policies import find_policy
from gatewatch.simulator.policies.flows import ByLevel, flows_at
from gatewatch.simulator.scenario import Plan

OPTION: Final = "--candidates"
MOST: Final = 200  # candidates of a menu
MOST_UNASKED: Final = 60
KEYS: Final = ("closes", "opens", "lunch", "weekends", "booking", "officers")
EXAMPLE: Final = '"closes=18:00..22:00/60, opens=06:00,07:00, lunch, weekends, booking, officers=gate_in+1@16:00-20:00"'
_RANGE = re.compile(r"(\d\d:\d\d)\.\.(\d\d:\d\d)(?:/(\d+))?")
_OFFICERS = re.compile(r"(\w+)\+(\d+)(?:@(\d\d:\d\d-\d\d:\d\d))?")
BOOKED: Final = 0.8  # share that books where none is given: assumed, as the record has none
SCATTER_MIN: Final = 30  # standard deviation around a slot: assumed
_SHIFT_MIN: Final = 240  # length of the shift tried unasked


@dataclass(frozen=True, slots=True)
class Officers:
    """More servers at a station for a shift; without hours, from four hours before the present closing to the new."""

    station: str
    servers: int
    hours: str | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """
    What may be changed; every combination is a candidate.

    Args:
        closes: Closings [min after midnight].
        opens: Openings [min after midnight].
        lunch: Whether lunch may be covered.
        weekends: Whether shut weekdays may be opened.
        booking: Shares of the vehicles that may book slots.
        officers: Extra officers, at most one of these at a time; an empty station is the busiest.
        is_apart: Booking and officers are not combined, and officers are tried with closings only.
    """

    closes: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()
    lunch: bool = False
    weekends: bool = False
    booking: tuple[float, ...] = ()
    officers: tuple[Officers, ...] = ()
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class _Choice:
    closes: int | None
    opens: int | None
    lunch: bool
    weekends: bool
    booking: float | None
    officers: Officers | None


def parse_menu(text: str) -> Menu:
    """
    Return the menu that a text states.

    >>> parse_menu("closes=18:00..20:00/60, lunch").closes
    (1080, 1140, 1200)

    Raises:
        ConfigError: A part of it is not understood.
    """
    menu, key = Menu(), ""
    for part in (part.strip() for part in text.split(",")):
        if not part:
            continue
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals and key in ("closes", "opens") and part[0].isdigit():
            name, value = key, part
        if name not in KEYS:
            raise _fault(part, f"{known_names('lever', name, KEYS)}; for example {EXAMPLE}")
        menu, key = _with(menu, name, value, part), name
    if menu == Menu():
        raise _fault(text, f"name at least one lever; for example {EXAMPLE}")
    return menu


def _with(menu: Menu, key: str, value: str, part: str) -> Menu:
    if key == "closes":
        return replace(menu, closes=(*menu.closes, *_clocks(value, part)))
    if key == "opens":
        return replace(menu, opens=(*menu.opens, *_clocks(value, part)))
    if key == "officers":
        return replace(menu, officers=(*menu.officers, _officers(value, part)))
    if key == "booking":
        return replace(menu, booking=(*menu.booking, _share(value, part)))
    if value:
        raise _fault(part, f"{key} is a switch; write {key} alone")
    if key == "lunch":
        return replace(menu, lunch=True)
    return replace(menu, weekends=True)


def _clocks(value: str, part: str) -> list[int]:
    match = _RANGE.fullmatch(value)
    try:
        if match is None:
            return [parse_clock(value)]
        begins, ends, step = parse_clock(match[1]), parse_clock(match[2]), int(match[3] or 60)
    except ValueError:
        raise _fault(
            part, 'write a time of day "HH:MM" or a range "18:00..22:00/60" with its step in minutes'
        ) from None
    if ends < begins or step == 0:
        raise _fault(part, "a range goes from the earlier to the later time, in steps of a minute or more")
    return list(range(begins, ends + 1, step))


def _share(value: str, part: str) -> float:
    try:
        share = float(value or BOOKED)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise _fault(part, "the share that books is above 0 and at most 1, such as booking=0.8")
    return share


def _officers(value: str, part: str) -> Officers:
    if not value:
        return Officers("", 0)
    match = _OFFICERS.fullmatch(value)
    if match is None or int(match[2]) == 0:
        raise _fault(part, 'write "officers=STATION+N@HH:MM-HH:MM" with N from 1, or officers alone')
    try:
        hours = None if match[3] is None else str(parse_span(match[3]))
    except ValueError as error:
        raise _fault(part, str(error)) from None
    return Officers(match[1], int(match[2]), hours)


def _fault(found: str, expected: str) -> ConfigError:
    return one_fault(OPTION, "", f'"{found}"', expected)


def is_bookable(plan: Plan, gate: str, direction: DirectionName | None) -> bool:
    """Return whether every flow of a gate is given by vehicles a day, so that part of it can come by slots."""
    border = plan.loaded.border
    flows = [flow for name, _, flow in flows_at(border, {gate: None}, direction) if name == plan.scenario.demand]
    return bool(flows) and all(isinstance(flow.arrivals, ByLevel) for flow in flows)


def default_menu(now: PresentHours, *, may_book: bool) -> Menu:
    """Return what is tried unasked: later, earlier, lunch, weekends, booking, and officers at the busiest station."""
    later = [now.closes + 60 * n for n in (1, 2, 3) if now.closes + 60 * n <= DAY_MIN]
    earlier = [now.opens - 60 * n for n in (1, 2) if now.opens - 60 * n >= 0]
    menu = Menu(
        lunch=now.has_lunch_break,
        weekends=bool(now.shut_weekdays),
        booking=(BOOKED,) if may_book else (),
        officers=(Officers("", 0),),
        is_apart=True,
    )
    for n_later, n_earlier in ((3, 2), (2, 2), (2, 1), (1, 1)):
        menu = replace(menu, closes=tuple(later[:n_later]), opens=tuple(earlier[:n_earlier]))
        if sum(1 for _ in _choices(menu)) <= MOST_UNASKED:
            break
    return menu


def candidates(
    menu: Menu,
    gate: str,
    direction: DirectionName | None,
    now: PresentHours,
    busiest: tuple[str, int] | None,
    *,
    with_counterpart: bool,
) -> list[Candidate]:
    """
    Return the candidates of a menu, the baseline not among them.

    Args:
        menu: What may be changed.
        gate: Gate whose schedule is sought.
        direction: Only this direction's hours; None for both.
        now: Present hours.
        busiest: Station that vehicles wait for most, with its servers; None where they wait for none.
        with_counterpart: Whether the other side keeps the same hours.

    Raises:
        ConfigError: A closing lies before the opening, a lever has nothing to act on, or the menu is too long.
    """
    _check(menu, now)
    choices = list(_choices(menu))
    if len(choices) > MOST:
        expected = f"try at most {MOST} at once: fewer times, longer steps or fewer levers"
        raise one_fault(OPTION, "", f"{len(choices)} combinations", expected)
    side = {"gate": gate, "with_counterpart": str(with_counterpart).lower()}
    way: dict[str, str] = {} if direction is None else {"direction": direction}
    return [_candidate(choice, side, way, now, busiest) for choice in choices if _is_possible(choice, busiest)]


def _choices(menu: Menu) -> Iterator[_Choice]:
    """Yield every combination but that in which nothing changes."""
    lunch, weekends = ((False, True) if on else (False,) for on in (menu.lunch, menu.weekends))
    openings, closings = (None, *dict.fromkeys(menu.opens)), (None, *dict.fromkeys(menu.closes))
    bookings = (None, *dict.fromkeys(menu.booking))
    unchanged = _Choice(None, None, lunch=False, weekends=False, booking=None, officers=None)
    for opens, covered, days, booked, closes in product(openings, lunch, weekends, bookings, closings):
        for officers in (None, *menu.officers):
            choice = _Choice(closes, opens, covered, days, booked, officers)
            is_mixed = officers is not None and (covered or days or booked is not None or opens is not None)
            if choice != unchanged and not (menu.is_apart and is_mixed):
                yield choice


def _is_possible(choice: _Choice, busiest: tuple[str, int] | None) -> bool:
    return choice.officers is None or bool(choice.officers.station) or busiest is not None


def _check(menu: Menu, now: PresentHours) -> None:
    opens = [*menu.opens, now.opens]
    for closing in menu.closes:
        if closing <= max(opens):
            found = f"closes={clock_text(closing)}, before the opening {clock_text(max(opens))}"
            raise one_fault(OPTION, "", found, f"name a closing after {clock_text(max(opens))}, up to 24:00")
    for opening in menu.opens:
        if opening >= now.closes:
            found = f"opens={clock_text(opening)}, after the closing {clock_text(now.closes)}"
            raise one_fault(OPTION, "", found, f"name an opening before {clock_text(now.closes)}")
    if menu.weekends and not now.shut_weekdays:
        raise one_fault(OPTION, "", '"weekends"', "the gate opens on every weekday of the run; leave it out")
    if menu.lunch and not now.has_lunch_break:
        raise one_fault(OPTION, "", '"lunch"', "the gate works through lunch on the days of the run; leave it out")


def _candidate(
    choice: _Choice, side: dict[str, str], way: dict[str, str], now: PresentHours, busiest: tuple[str, int] | None
) -> Candidate:
    gate, words, texts = {"gate": side["gate"]}, [], []
    whose = "both" if side["with_counterpart"] == "true" else "gate"
    hours = {
        key: clock_text(value)
        for key, value in (("closes", choice.closes), ("opens", choice.opens))
        if value is not None
    }
    opens, closes = (b if a is None else a for a, b in ((choice.opens, now.opens), (choice.closes, now.closes)))
    open_hours = f"{clock_text(opens)}-{clock_text(closes)}"
    if hours:
        words += [f"{key} {value}" for key, value in hours.items()]
        texts.append(_text("extended_hours", {**side, **way, **hours}))
    if choice.lunch:
        words.append("lunch covered")
        texts.append(_text("work_through_lunch", side))
    if choice.weekends:
        words.append("weekends")
        days = {"weekdays": f"[{', '.join(now.shut_weekdays)}]", "hours": f"[{open_hours}]"}
        texts.append(_text("day_state", {**gate, "state": "open", **days, "side": whose}))
    if choice.booking is not None:
        words.append(f"{choice.booking:.0%} booked")
        slots = {"share": f"{choice.booking:g}", "slots": open_hours, "scatter": str(SCATTER_MIN)}
        texts.append(_text("appointments", {**gate, **way, **slots}))
    if choice.officers is not None:
        more = _settled(choice, now, busiest)
        words.append(f"+{more.servers} {more.station}" + (f" {more.hours}" if more.hours else ""))
        settings = {**gate, "stations": f"[{more.station}]", "servers": str(more.servers)}
        texts.append(_text("extra_servers", settings | ({"hours": more.hours} if more.hours else {})))
    return Candidate(", ".join(words), tuple(find_policy(text) for text in texts))


def _settled(choice: _Choice, now: PresentHours, busiest: tuple[str, int] | None) -> Officers:
    """Return station, number and shift of the officers, the busiest station's where none was named."""
    assert choice.officers is not None
    if choice.officers.station:
        return choice.officers
    assert busiest is not None
    station, servers = busiest
    closes = max(now.closes, choice.closes or 0)
    return Officers(station, max(1, round(servers / 4)), f"{clock_text(now.closes - _SHIFT_MIN)}-{clock_text(closes)}")


def _text(kind: str, settings: dict[str, str]) -> str:
    return f"{kind}:" + ",".join(f"{key}={value}" for key, value in settings.items())
