"""
Thresholds that calm days suggest, tried on the same days: offered to people, never applied by itself.

For each gate and direction the highest value of every day is found by a replay. Days near a congested evening are left
out. Suggested is the level `busy` that the others stay below, one day in eight weeks excepted, to two digits; the
levels above it move in proportion. A second replay tells how often it would have fired.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gatewatch.config.errors import ConfigError
from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.config.thresholds import FOLDER, Rule, Thresholds
from gatewatch.monitor.backtesting.replaying import STEP, Firing, Past, Replayed, Tell, replay
from gatewatch.monitor.backtesting.scoring import EARLY, LATE
from gatewatch.monitor.backtesting.simulated_past import SimulatedPast
from gatewatch.monitor.backtesting.truth import Episode, Place, episodes_of, evenings_of, evenings_printed
from gatewatch.monitor.detectors.changing import changed
from gatewatch.monitor.detectors.kinds import list_detectors
from gatewatch.monitor.observations import instant_text

KEY: Final = "busy"
FEWEST: Final = 14  # days below which nothing is suggested (assumed)
ONE_IN: Final = 56  # days, of which one may reach what is suggested (assumed)
CHANGE: Final = 0.15  # of the threshold in force; less is not worth a change (assumed)

Episodes = Callable[[Past, datetime, datetime], Sequence[Episode] | None]


@dataclass(frozen=True, slots=True)
class Suggested:
    """
    A threshold that calm days suggest for a rule at a place.

    Args:
        rule: The rule.
        place: Gate and direction.
        unit: Of the thresholds.
        now: Level `busy` in force.
        settings: What is suggested, by level; `busy` first.
        first: First day that was looked at.
        last: Last day.
        n_days: Days that it rests on.
        n_left_out: Days near congested evenings; None: nobody knows which were.
        n_reached: Days, of those it rests on, that reached the level in force.
        n_would: Days of them that reach the suggested one.
        fired_now: Alerts a week with the settings in force, over all days.
        fired_then: Alerts a week with the suggested ones.
    """

    rule: str
    place: Place
    unit: str
    now: float
    settings: Mapping[str, float]
    first: date
    last: date
    n_days: int
    n_left_out: int | None
    n_reached: int
    n_would: int
    fired_now: float = 0.0
    fired_then: float = 0.0

    @property
    def value(self) -> float:
        """The level `busy` that is suggested."""
        return self.settings[KEY]

    @property
    def toml(self) -> str:
        """Lines for the border's file of thresholds."""
        gate, direction = self.place
        lines = [f"{key} = {_number(value)}" for key, value in self.settings.items()]
        return "\n".join([f"# {FOLDER}/{gate}.toml", f"[{direction}.{self.rule}]", *lines, ""])


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Suggestions for the time from `begins` to `ends`, by rule and place; `n_days` is its length."""

    begins: datetime
    ends: datetime
    n_days: int
    found: tuple[Suggested, ...]


def suggest_thresholds(
    border: Border,
    feeds: Mapping[str, Feed],
    pasts: Callable[[], Past],
    episodes: Episodes,
    thresholds: Thresholds,
    begins: datetime,
    ends: datetime,
    step: timedelta = STEP,
    tell: Tell | None = None,
) -> Suggestions:
    """
    Return what the days between two instants suggest, for every rule that has to do with what is usual at a place.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        pasts: Returns the past, from its begin, each time it is asked.
        episodes: Returns when which place was congested; None: nobody knows.
        thresholds: Settings in force.
        begins: First evaluation, aware UTC.
        ends: No evaluation from then on.
        step: Time between evaluations.
        tell: Is told how many evaluations are done and how many there are, over both replays.
    """
    rules = [name for name, detector in list_detectors().items() if detector.is_learnt]
    zone = ZoneInfo(border.border.timezone)
    past = pasts()
    (present,) = replay(border, feeds, past, [thresholds], begins, ends, step, rules, _half(tell, 0))
    congested = episodes(past, begins, ends)
    days = _whole_days(begins, ends, zone)
    found: list[Suggested] = []
    other = thresholds
    for (rule, gate, direction), highest in sorted(present.highest.items()):
        suggested = _suggest(
            thresholds[rule].at(gate, direction), rule, (gate, direction), highest, days, congested, zone
        )
        if suggested is None:
            continue
        try:
            other = changed(other, border, rule, dict(suggested.settings), (gate, direction))
        except ConfigError:  # a threshold that the rule cannot have is no suggestion
            continue
        found.append(suggested)
    if not found:
        return Suggestions(begins, ends, len(days), ())
    (after,) = replay(border, feeds, pasts(), [other], begins, ends, step, rules, _half(tell, 1))
    return Suggestions(begins, ends, len(days), tuple(_with_firings(one, present, after) for one in found))


def printed_episodes(border: Border) -> Episodes:
    """Return what tells congestion of recorded days by the bulletins; nobody knows where none gives a stock."""
    zone = ZoneInfo(border.border.timezone)

    def find(past: Past, begins: datetime, ends: datetime) -> list[Episode] | None:
        evenings = evenings_printed(past.projection, begins, ends, zone)
        return episodes_of(evenings) if evenings else None

    return find


def simulated_episodes(past: SimulatedPast) -> Episodes:
    """Return what tells congestion of simulated days: the simulator."""
    return lambda _past, _begins, _ends: episodes_of(evenings_of(past.truth, past.zone))


def calm_days(days: Sequence[date], place: Place, congested: Sequence[Episode], zone: ZoneInfo) -> list[date]:
    """Return the days of which no part lies near a congested evening of a place."""
    spans = [
        (
            (one.begins - EARLY).astimezone(zone).date(),
            None if one.ends is None else (one.ends + LATE).astimezone(zone).date(),
        )
        for one in congested
        if one.place == place
    ]
    return [day for day in days if not any(first <= day and (last is None or day <= last) for first, last in spans)]


def two_digits(value: float) -> float:
    """
    Return a value rounded up to two digits.

    >>> [two_digits(value) for value in (118.3, 120.0, 17.2, 1.49, 0.0)]
    [120.0, 120.0, 18.0, 1.5, 0.0]
    """
    if value <= 0:
        return 0.0
    digits = 1 - math.floor(math.log10(value))
    return round(math.ceil(round(value * 10.0**digits, 6)) / 10.0**digits, max(0, digits))


def told(suggestions: Suggestions) -> dict[str, Any]:
    """Return suggestions as JSON can hold them."""
    return {
        "at": instant_text(suggestions.ends),
        "days": suggestions.n_days,
        "suggestions": [
            {
                "rule": one.rule,
                "gate": one.place[0],
                "direction": one.place[1],
                "key": KEY,
                "unit": one.unit,
                "now": one.now,
                "suggested": one.value,
                "n_days": one.n_days,
                "fired_now_per_week": round(one.fired_now, 2),
                "fired_suggested_per_week": round(one.fired_then, 2),
                "basis": {"vi": basis_vi(one), "en": basis_en(one)},
                "toml": one.toml,
            }
            for one in suggestions.found
        ],
    }


def basis_en(one: Suggested) -> str:
    """Return in English what a suggestion rests on."""
    without = (
        "no bulletin says which were congested"
        if one.n_left_out is None
        else f"{one.n_left_out} near congested evenings left out"
    )
    return (
        f"Of {one.n_days} days from {one.first:%d/%m/%Y} to {one.last:%d/%m/%Y} ({without}), {one.n_reached} reached "
        f"the threshold in force, {_number(one.now)} {one.unit}, and {one.n_would} reach {_number(one.value)}."
    )


def basis_vi(one: Suggested) -> str:
    """Return in Vietnamese what a suggestion rests on."""
    without = (
        "không có bản tin cho biết ngày nào ùn ứ"
        if one.n_left_out is None
        else f"đã bỏ {one.n_left_out} ngày gần lúc ùn ứ"
    )
    unit = _UNITS_VI.get(one.unit, one.unit)
    return (
        f"Trong {one.n_days} ngày từ {one.first:%d/%m/%Y} đến {one.last:%d/%m/%Y} ({without}), có {one.n_reached} ngày "
        f"đạt ngưỡng hiện hành {_number(one.now, ',')} {unit}, và {one.n_would} ngày đạt {_number(one.value, ',')}."
    )


_UNITS_VI: Final = {"veh": "xe", "open h": "giờ mở cửa", "h": "giờ", "days": "ngày thông quan"}


def _suggest(
    rule: Rule,
    name: str,
    place: Place,
    highest: Mapping[date, float],
    days: Sequence[date],
    congested: Sequence[Episode] | None,
    zone: ZoneInfo,
) -> Suggested | None:
    """Return what the days suggest for a rule at a place; None where they are few or agree with what is in force."""
    now = getattr(rule, KEY, None)
    if now is None or now <= 0 or not rule.enabled:
        return None
    known = [day for day in days if day in highest]
    calm = known if congested is None else calm_days(known, place, congested, zone)
    values = sorted((highest[day] for day in calm), reverse=True)
    if len(values) < FEWEST:
        return None
    busy = _above(values[len(values) // ONE_IN])
    if busy <= 0 or abs(busy / now - 1) < CHANGE:
        return None
    return Suggested(
        rule=name,
        place=place,
        unit=list_detectors()[name].unit,
        now=now,
        settings=_in_proportion(rule, busy / now),
        first=days[0],
        last=days[-1],
        n_days=len(values),
        n_left_out=None if congested is None else len(known) - len(calm),
        n_reached=sum(value >= now for value in values),
        n_would=sum(value >= busy for value in values),
    )


def _above(value: float) -> float:
    """Return the lowest value of two digits above another."""
    rounded = two_digits(value)
    return rounded if rounded > value else two_digits(value * 1.000_001)


def _in_proportion(rule: Any, ratio: float) -> dict[str, float]:
    found: dict[str, float] = {}
    before = 0.0
    for name, value in rule.steps():
        moved = two_digits(round(value * ratio, 6))
        found[name] = moved if moved > before else _above(before)
        before = found[name]
    return found


def _with_firings(one: Suggested, present: Replayed, after: Replayed) -> Suggested:
    return replace(one, fired_now=_per_week(one, present), fired_then=_per_week(one, after))


def _per_week(one: Suggested, replayed: Replayed) -> float:
    def is_its(firing: Firing) -> bool:
        return firing.rule == one.rule and firing.place == one.place

    return sum(map(is_its, replayed.firings)) / replayed.weeks


def _whole_days(begins: datetime, ends: datetime, zone: ZoneInfo) -> list[date]:
    """Return the local days that lie between two instants from their begin to their end."""
    day, found = begins.astimezone(zone).date(), []
    while datetime.combine(day + timedelta(days=1), datetime.min.time(), zone) <= ends:
        if datetime.combine(day, datetime.min.time(), zone) >= begins:
            found.append(day)
        day += timedelta(days=1)
    return found


def _half(tell: Tell | None, n: int) -> Tell | None:
    """Return who is told of one of two replays as of the half of both."""
    return None if tell is None else lambda done, total: tell(done + n * total, 2 * total)


def _number(value: float, comma: str = ".") -> str:
    return f"{value:.10g}".replace(".", comma)
