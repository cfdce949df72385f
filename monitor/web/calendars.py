"""`/v1/calendar`: the hours of both sides day by day, with what was agreed and reported over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import Field

from gatewatch.config.calendars import DirectionName
from gatewatch.config.opening_hours import Window, day_rule
from gatewatch.config.schema import Border
from gatewatch.monitor.access import Caller
from gatewatch.monitor.live.calendar_hours import FlowHours, SideHours, flow_hours
from gatewatch.monitor.live.happenings import Happening, happenings
from gatewatch.monitor.live.opening import SIDES, Side
from gatewatch.monitor.live.over_time import flows_of
from gatewatch.monitor.observations.instants import parse_day
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Calling, Services, Serving

router = new_router("calendar")

MOST_DAYS: Final = 62
_EARLIEST, _LATEST = date(2000, 1, 1), date(2200, 1, 1)
_AHEAD: Final = timedelta(days=400)  # hours may be agreed well before their day


class StretchModel(Answer):
    """An uninterrupted stretch within a day."""

    begins: Utc
    ends: Utc
    preregistered_only: bool = Field(description="Only vehicles registered before are served.")


class SideDay(Answer):
    """One side on one day."""

    by_calendar: list[StretchModel] = Field(description="Open by its calendar alone.")
    actual: list[StretchModel] = Field(description="Open with what was agreed and reported.")
    alone: list[StretchModel] = Field(description="Open while the other side is shut: a conflict.")
    is_changed: bool = Field(description="It is not as its calendar says.")
    reason: str = Field(description="Why the calendar gives this day a state of its own, in its own words.")


class CalendarDay(Answer):
    """One day of the border's own time zone."""

    day: date = Field(serialization_alias="date")
    own: SideDay
    counterpart: SideDay
    both: list[StretchModel] = Field(description="Both sides are open.")
    open_hours: float = Field(description="How long both are open [h].")


class ChangeModel(Answer):
    """Other hours, or another state, that somebody reported."""

    at: Utc = Field(description="When it was said, or from when it holds.")
    kind: Literal["hours", "gate"]
    side: Side
    direction: DirectionName | None = Field(description="Null: both.")
    day: date | None = Field(serialization_alias="date", description="Of `hours`: the day of the side's own calendar.")
    opens: str | None = Field(description="First opening, local time of the side.")
    closes: str | None = Field(description="Last closing, local time of the side.")
    state: Literal["open", "preregistered", "shut"] | None = Field(description="Of `gate`: from `at` on.")
    until: Utc | None = Field(description="When the calendar holds again; null: not said.")
    reason: str
    agreed_by: str = Field(description="The office that agreed; empty: not said.")
    who: str | None = Field(description="Account or key that reported it by hand.")
    source: str
    id: str


class CalendarFlow(Answer):
    """The days of one direction, or of both where they are the same."""

    direction: DirectionName | None
    days: list[CalendarDay]


class CalendarGate(Answer):
    """A gate."""

    gate: str
    title: str
    title_vi: str
    counterpart: str = Field(description="Name of the other side.")
    zone: str = Field(description="Time zone of our side.")
    counterpart_zone: str = Field(description="Time zone of the other side.")
    flows: list[CalendarFlow]
    changes: list[ChangeModel] = Field(description="Reported for these days, in their order.")


class CalendarModel(Answer):
    """The calendar of both sides."""

    at: Utc
    begins: Utc
    ends: Utc
    zone: str
    gates: list[CalendarGate]


@router.get("/v1/calendar", response_model=CalendarModel, summary="Read the hours of both sides")
def get_calendar(
    services: Serving,
    caller: Calling,
    first: Annotated[
        str | None,
        Query(alias="from", description="First day; without it, today.", json_schema_extra={"format": "date"}),
    ] = None,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS, description="So many days.")] = 7,
    gate: Annotated[str | None, Query(min_length=1, max_length=200, description="Only this gate.")] = None,
) -> CalendarModel:
    """Return when each side is open on each day, by its calendar and as it is, and where only one of them is."""
    if gate is not None:
        reach(caller, gate)
        if gate not in services.core.border.gates:
            known = ", ".join(sorted(services.core.border.gates))
            raise ProblemError(404, f"there is no gate {gate!r}; gates are {known}.")
    today = services.clock().astimezone(services.zone).date()
    return calendar_of(services, caller, today if first is None else _day(first), days, gate)


def calendar_of(services: Services, caller: Caller, first: date, n_days: int, gate: str | None = None) -> CalendarModel:
    """Return the calendar of the gates that a caller may see, from a day on."""
    core, now, zone = services.core, services.clock(), services.zone
    begins, ends = _midnight(first, zone), _midnight(first + timedelta(days=n_days), zone)
    days = [first + timedelta(days=n) for n in range(n_days)]
    flows = [(g, d) for g, d in flows_of(core.border) if gate in (None, g) and caller.may_reach(g)]

    def look(projection: Projection) -> tuple[dict[tuple[str, DirectionName], FlowHours], list[Happening]]:
        hours = {place: flow_hours(core.border, projection, *place, (begins, ends), now) for place in flows}
        return hours, happenings(projection, begins - _AHEAD, max(ends, now))

    found, reported = core.projector.read(look)
    who = {deed.subject: deed.who for deed in core.audit.deeds_since(begins - _AHEAD)} if reported else {}
    gates = []
    for name in dict.fromkeys(g for g, _ in flows):
        data = core.border.gates[name]
        mine = [h for h in reported if h.gate == name and _concerns(h, begins, ends, days)]
        gates.append(
            CalendarGate(
                gate=name,
                title=data.title or name,
                title_vi=data.title_vi or data.title or name,
                counterpart=data.counterpart.title,
                zone=zone.key,
                counterpart_zone=_zone_of(core.border, name, "counterpart").key,
                flows=_merged(core.border, name, {d: h for (g, d), h in found.items() if g == name}, days, zone),
                changes=[_change(h, who.get(f"{h.source} {h.id}")) for h in mine],
            )
        )
    return CalendarModel(at=now, begins=begins, ends=ends, zone=zone.key, gates=gates)


def _merged(
    border: Border, gate: str, hours: dict[DirectionName, FlowHours], days: list[date], zone: ZoneInfo
) -> list[CalendarFlow]:
    """Return one entry for both directions where they have the same hours."""
    first, *others = hours.values()
    kept: dict[DirectionName | None, FlowHours] = dict(hours.items())
    if all(other == first for other in others):
        kept = {None: first}
    return [
        CalendarFlow(direction=direction, days=[_of_day(border, gate, found, day, zone) for day in days])
        for direction, found in kept.items()
    ]


def _of_day(border: Border, gate: str, found: FlowHours, day: date, zone: ZoneInfo) -> CalendarDay:
    span = (_midnight(day, zone), _midnight(day + timedelta(days=1), zone))
    both = list(_pieces(found.both, span))
    own, counterpart = (
        _side(side, _reason(border, gate, name, day), span)
        for side, name in zip((found.own, found.counterpart), SIDES, strict=True)
    )
    hours = sum((piece.ends - piece.begins).total_seconds() for piece in both) / 3_600
    return CalendarDay(day=day, own=own, counterpart=counterpart, both=both, open_hours=round(hours, 2))


def _side(side: SideHours, reason: str, span: tuple[datetime, datetime]) -> SideDay:
    by_calendar, actual = list(_pieces(side.by_calendar, span)), list(_pieces(side.actual, span))
    return SideDay(
        by_calendar=by_calendar, actual=actual, alone=list(_pieces(side.alone, span)),
        is_changed=by_calendar != actual, reason=reason,
    )  # fmt: skip


def _pieces(found: Iterable[Window], span: tuple[datetime, datetime]) -> Iterator[StretchModel]:
    for window in found:
        begins, ends = max(window.begins, span[0]), min(window.ends, span[1])
        if begins < ends:
            yield StretchModel(begins=begins, ends=ends, preregistered_only=window.preregistered_only)


def _reason(border: Border, gate: str, side: Side, day: date) -> str:
    data = border.gates[gate]
    name = data.calendar if side == "own" else data.counterpart.calendar
    rule = None if name is None else day_rule(border.calendars[name], day)
    return "" if rule is None else rule.reason


def _zone_of(border: Border, gate: str, side: Side) -> ZoneInfo:
    data = border.gates[gate]
    name = data.calendar if side == "own" else data.counterpart.calendar
    return ZoneInfo(border.border.timezone if name is None else border.calendars[name].timezone)


def _concerns(happening: Happening, begins: datetime, ends: datetime, days: list[date]) -> bool:
    if happening.kind == "hours":
        return date.fromisoformat(happening.said["date"]) in days
    return happening.kind == "gate" and begins <= happening.at < ends


def _change(happening: Happening, who: str | None) -> ChangeModel:
    said: dict[str, Any] = happening.said
    is_hours = happening.kind == "hours"
    return ChangeModel(
        at=happening.at,
        kind="hours" if is_hours else "gate",
        side=said["side"],
        direction=said.get("direction"),
        day=date.fromisoformat(said["date"]) if is_hours else None,
        opens=said.get("opens"),
        closes=said.get("closes"),
        state=said.get("state"),
        until=datetime.fromisoformat(said["until"]) if "until" in said else None,
        reason=said.get("reason", ""),
        agreed_by=said.get("agreed_by", ""),
        who=who,
        source=happening.source,
        id=happening.id,
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(text: str) -> date:
    try:
        found = parse_day(text)
    except ValueError as error:
        raise ProblemError(422, f"from: {error}.") from None
    if not _EARLIEST <= found <= _LATEST:
        raise ProblemError(422, f"from: give a day from {_EARLIEST} to {_LATEST}.")
    return found
