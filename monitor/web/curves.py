"""`/v1/curves`: a day of one gate and direction in quarter-hours, with what its charts say in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

import numpy as np
from fastapi import Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from gatewatch.config.calendars import DirectionName
from gatewatch.monitor.core import Core
from gatewatch.monitor.live.curves import LONGEST, QUARTER, Curves, curves
from gatewatch.monitor.live.snapshot import FlowState
from gatewatch.monitor.observations import parse_instant
from gatewatch.monitor.store.history import History
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.day_notes import ClassModel, NoteModel, classes, notes
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Seconds, Stamp, Utc
from gatewatch.monitor.web.services import Calling, Services, Serving
from gatewatch.monitor.web.words import LANGUAGES, Words

router = new_router("live state")

TREND: Final = timedelta(hours=2)
WEEKS: Final = 8
FEWEST_DAYS: Final = 3
_USUAL: Final = (10, 50, 90)  # percentiles over the same weekday of the weeks before
_FLAT: Final = 0.1  # a change below this share of the larger value is called none
_JUST_NOW: Final = timedelta(seconds=1)  # what is reported for this very instant belongs to the day so far
_LOOK_BACK: Final = timedelta(hours=3)


class QuarterModel(Answer):
    """A quarter of an hour."""

    start: Utc
    end: Utc
    arrived: float | None = Field(description="Arrivals [veh]; null where no feed was heard.")
    cleared: float | None = Field(description="Clearances [veh]; null where no feed was heard.")
    backlog: float | None = Field(description="Vehicles inside at its end; null while that is not known.")
    low: float | None
    high: float | None


class UsualModel(Answer):
    """Clearances in the same quarter-hour of the same weekday over the last eight weeks [veh]."""

    start: Utc
    low: float = Field(description="10th percentile.")
    middle: float
    high: float = Field(description="90th percentile.")
    n_days: int


class SeenModel(Answer):
    """A count of everything inside."""

    at: Utc
    value: int
    half_width: float
    source: str


class WaitModel(Answer):
    """A wait that was measured, from arrival to start of service."""

    at: Utc
    wait_s: Seconds


class SpanModel(Answer):
    """A stretch in which a side is open."""

    start: Utc
    end: Utc


class LaneModel(Answer):
    """A lane, by the last report about it."""

    lane: str
    is_open: bool
    since: Utc
    reason: str


class CurvesModel(Stamp):
    """A day of one gate and direction."""

    gate: str
    direction: DirectionName
    begins: Utc
    ends: Utc
    quarters: list[QuarterModel]
    usual: list[UsualModel] = Field(description="Empty with fewer than three such days.")
    anchors: list[SeenModel]
    waits: list[WaitModel]
    own: list[SpanModel] = Field(description="When the Vietnamese side is open, to the end of the last day.")
    counterpart: list[SpanModel]
    lanes: list[LaneModel] = Field(description="Lanes that were ever reported.")
    notes: list[NoteModel] = Field(description="What was reported, in order; counts are among `anchors`.")
    classes: list[ClassModel] = Field(description="The most frequent first; empty where no feed tells classes.")
    capacity: float | None = Field(description="Clearances per open hour that the gate has shown [veh/h].")
    summaries: dict[str, dict[str, str]] = Field(
        description="What each chart shows, in a sentence: `backlog`, `wait`, `rate`, each by language."
    )


class TrendModel(Answer):
    """The day of one gate and direction so far, in columns: one entry a quarter of an hour."""

    gate: str
    direction: DirectionName
    ends: list[Utc] = Field(description="Where each quarter-hour ends.")
    backlog: list[float | None] = Field(description="Vehicles inside at that instant.")
    cleared: list[float | None] = Field(description="Clearances in it [veh].")
    n_lanes: int | None = Field(description="Lanes that were ever reported; null: none was.")
    n_open_lanes: int | None


class TrendsModel(Stamp):
    """The day so far of every gate and direction that the caller may see."""

    begins: Utc
    trends: list[TrendModel]


def _day(core: Core, flow: FlowState, begins: datetime, ends: datetime) -> Curves:
    return core.projector.read(
        lambda projection: curves(core.border, core.feeds, projection, flow.gate, flow.direction, begins, ends)
    )


@router.get("/v1/trends", response_model=TrendsModel, summary="Read the day so far of every gate")
def get_trends(services: Serving, caller: Calling) -> TrendsModel:
    """Return backlog and clearances by quarter-hours since midnight, or over the last two hours soon after it."""
    core, now = services.core, services.clock()
    midnight = now.astimezone(services.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = min(midnight, now - TREND)
    begins -= timedelta(seconds=begins.timestamp() % QUARTER.total_seconds())
    flows = [f for f in core.projector.live(now).flows if caller.may_reach(f.gate)]
    found = []
    for flow in flows:  # one by one: the projection is not held still for all of them at once
        day = _day(core, flow, begins, now)
        found.append(
            TrendModel.model_construct(
                gate=flow.gate, direction=flow.direction,
                ends=[q.ends for q in day.quarters],
                backlog=[q.backlog for q in day.quarters],
                cleared=[q.cleared for q in day.quarters],
                n_lanes=len(day.lanes) or None,
                n_open_lanes=sum(lane.is_open for lane in day.lanes) if day.lanes else None,
            )
        )  # fmt: skip
    return TrendsModel.model_construct(
        rev=core.projector.rev, at=now, zone=core.border.border.timezone, begins=begins, trends=found
    )


@router.get("/v1/curves/{gate}/{direction}", response_model=CurvesModel, summary="Read a day of a gate and direction")
def get_curves(
    request: Request,
    services: Serving,
    caller: Calling,
    gate: Annotated[str, Path(description="Gate by permanent id.")],
    direction: Annotated[DirectionName, Path(description="Seen from Vietnam.")],
    begins: Annotated[
        str | None, Query(alias="from", description="Start, with its offset; without it, today's midnight.")
    ] = None,
    ends: Annotated[str | None, Query(alias="to", description="End; without it, now. At most 48 hours.")] = None,
) -> Response:
    """
    Return arrivals, clearances and backlog by quarter-hours, counts made, waits measured, hours of both sides.

    Everything as it is known now: a count that comes late changes the past.
    """
    reach(caller, gate)
    now = services.clock()
    first, last = _span(services, begins, ends, now)
    core = services.core
    try:
        state = core.projector.live(now).flow(gate, direction)
    except KeyError:
        raise ProblemError(404, f'"{gate}" has no {direction}, or is no gate; /v1/live lists what there is.') from None
    found = _day(core, state, first, last)
    model = CurvesModel.model_construct(
        rev=core.projector.rev, at=now, zone=core.border.border.timezone, gate=gate, direction=direction,
        begins=first, ends=last,
        quarters=[
            QuarterModel.model_construct(
                start=q.begins, end=q.ends, arrived=q.arrived, cleared=q.cleared, backlog=q.backlog, low=q.low,
                high=q.high,
            )
            for q in found.quarters
        ],
        usual=usual(core.history, gate, direction, first, last),
        anchors=[
            SeenModel.model_construct(at=a.at, value=a.value, half_width=a.half_width, source=a.source)
            for a in found.anchors
        ],
        waits=[WaitModel.model_construct(at=w.at, wait_s=w.wait_s) for w in found.waits],
        own=[SpanModel.model_construct(start=s.begins, end=s.ends) for s in found.own],
        counterpart=[SpanModel.model_construct(start=s.begins, end=s.ends) for s in found.counterpart],
        lanes=[
            LaneModel.model_construct(lane=n.lane, is_open=n.is_open, since=n.since, reason=n.reason)
            for n in found.lanes
        ],
        notes=notes(services, request, caller, gate, direction, (first, last + _JUST_NOW)),
        classes=classes(core, gate, direction, first, last),
        capacity=state.capacity.value,
        summaries=summaries(services, found, state),
    )  # fmt: skip
    return Response(model.model_dump_json().encode(), media_type="application/json")


def _span(services: Services, begins: str | None, ends: str | None, now: datetime) -> tuple[datetime, datetime]:
    midnight = now.astimezone(services.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = (
        _instant(key, text, instead) for key, text, instead in (("from", begins, midnight), ("to", ends, now))
    )
    first -= timedelta(seconds=first.timestamp() % QUARTER.total_seconds())
    last = min(last, now)
    if first >= last:
        raise ProblemError(422, "from is not before to and now; an earlier from, or a later to.")
    if last - first > LONGEST:
        raise ProblemError(422, f"from and to are {last - first} apart; ask for at most {LONGEST}.")
    return first, last


def _instant(key: str, text: str | None, instead: datetime) -> datetime:
    if text is None:
        return instead
    try:
        return parse_instant(text.replace(" ", "+"))
    except ValueError as error:
        raise ProblemError(422, f"{key} is no time; {error}.") from None


def usual(history: History, gate: str, direction: str, begins: datetime, ends: datetime) -> list[UsualModel]:
    """Return what was cleared in the same quarter-hours of the last eight same weekdays; [] with fewer than three."""
    seen: dict[datetime, list[int]] = defaultdict(list)
    for weeks in range(1, WEEKS + 1):
        before = timedelta(weeks=weeks)
        by_start: dict[datetime, int] = defaultdict(int)
        for row in history.latest(begins - before, ends - before, gate, direction, "gate_out"):
            by_start[row.start + before] += row.n
        for start, n in by_start.items():
            seen[start].append(n)
    found = []
    for start, counts in sorted(seen.items()):
        if len(counts) >= FEWEST_DAYS:
            low, middle, high = (float(x) for x in np.percentile(counts, _USUAL))
            found.append(UsualModel.model_construct(start=start, low=low, middle=middle, high=high, n_days=len(counts)))
    return found


def summaries(services: Services, found: Curves, state: FlowState) -> dict[str, dict[str, str]]:
    """Return what each chart shows, in a sentence of each language."""
    sentences: dict[str, dict[str, str]] = {"backlog": {}, "wait": {}, "rate": {}}
    for language in LANGUAGES:
        words = services.screens.words[language]
        sentences["backlog"][language] = _backlog(words, found, services)
        sentences["wait"][language] = _wait(words, [wait.wait_s for wait in found.waits])
        sentences["rate"][language] = _rate(words, state)
    return sentences


def _backlog(words: Words, found: Curves, services: Services) -> str:
    known = [q for q in found.quarters if q.backlog is not None]
    if not known:
        return words.say("Vehicles inside are not known: nobody has counted, or a feed is missing.")
    last = known[-1]
    first = next(q for q in known if q.ends >= last.ends - _LOOK_BACK)
    then, now = round(first.backlog or 0), round(last.backlog or 0)
    told = {"then": then, "now": now, "since": f"{first.ends.astimezone(services.zone):%H:%M}"}
    if abs(now - then) <= _FLAT * max(now, then, 1):
        return words.say("About {now} vehicles inside; little has changed since {since}.", **told)
    if now > then:
        return words.say("Vehicles inside rose from {then} to {now} since {since}.", **told)
    return words.say("Vehicles inside fell from {then} to {now} since {since}.", **told)


def _wait(words: Words, waits_s: Sequence[float]) -> str:
    if not waits_s:
        return words.say("No wait was measured: no vehicle was recognised both on arrival and at a desk.")
    p50, p90 = (round(x / 60) for x in np.percentile(waits_s, (50, 90)))
    return words.say(
        "{n} waits measured; half within {p50} min, nine of ten within {p90} min.", n=len(waits_s), p50=p50, p90=p90
    )


def _rate(words: Words, state: FlowState) -> str:
    told: Mapping[str, object] = {
        "rate": "—" if state.rate_60.value is None else round(state.rate_60.value),
        "capacity": "—" if state.capacity.value is None else round(state.capacity.value),
    }
    return words.say("{rate} vehicles cleared in the last hour; the gate has shown that it can do {capacity}.", **told)
