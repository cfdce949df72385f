"""`/v1/outlooks`: what the screens set beside a day: the last forecast, adopted plans, the same weekdays before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import Query
from pydantic import Field

from gatewatch.config.calendars import DirectionName
from gatewatch.monitor.access import Caller
from gatewatch.monitor.detectors.outlook import FRESH
from gatewatch.monitor.forecasts.decisions import DO_NOTHING
from gatewatch.monitor.store.forecasts import Consent, StoredForecasts
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.schemas import Answer, Stamp, Utc
from gatewatch.monitor.web.services import Calling, Services, Serving

router = new_router("forecasts")

_MOST_DECISIONS: Final = 50
_DAY: Final = timedelta(days=1)

Reason = Literal["no_forecast", "old", "not_foretold", "backlog_unknown"]


class QuantilesModel(Answer):
    """Vehicles inside at an instant, by chance [veh]."""

    at: Utc
    p10: float
    p50: float
    p90: float


class ClosingModel(QuantilesModel):
    """What is left at the next closing."""

    is_today: bool
    never_closes: bool = Field(description="Then it is midnight.")
    places: int | None = Field(description="Places of the yards; null: not limited.")
    p_over_places: float | None = Field(description="Chance that more stand there than the yards hold.")


class OutlookModel(Answer):
    """What the last forecast made by the clock says of a gate and direction, under doing nothing."""

    gate: str
    direction: DirectionName
    reason: Reason | None = Field(description="Why nothing is told, or no more than the past; null: it is fresh.")
    doubts: list[str] = Field(description="Why it is wide, as the forecast says it.")
    close: ClosingModel | None
    opening: QuantilesModel | None = Field(description="At the next opening.")
    hours: list[QuantilesModel] = Field(description="Hour by hour; empty where nothing is told.")


class PlanModel(Answer):
    """The last decision on a gate and direction that reaches into the day, as its forecast saw it."""

    gate: str
    direction: DirectionName
    decision: str
    title: dict[str, str] = Field(description="What it is called, by language.")
    decided_at: Utc
    decided_by: str
    consent: Consent
    hours: list[QuantilesModel]


class UsualHoursModel(Answer):
    """Vehicles inside at the same hours of the same weekdays before, where at least three of them are known."""

    gate: str
    direction: DirectionName
    at: list[Utc]
    low: list[float] = Field(description="10th percentile [veh].")
    high: list[float] = Field(description="90th percentile [veh].")
    n_days: int = Field(description="Of the hour of which most are known.")


class OutlooksModel(Stamp):
    """What is set beside a day."""

    made_from: Utc | None = Field(description="The instant that the last forecast starts from; null: there is none.")
    outlooks: list[OutlookModel] = Field(description="Empty for a day that is over.")
    plans: list[PlanModel]
    usual: list[UsualHoursModel]


@router.get("/v1/outlooks", response_model=OutlooksModel, summary="Read what is set beside a day")
def get_outlooks(
    services: Serving,
    caller: Calling,
    day: Annotated[date | None, Query(description="Local day; without it, today.")] = None,
) -> OutlooksModel:
    """Return the last forecast while it is fresh, or why not; adopted plans; what the same weekdays had inside."""
    core, now = services.core, services.clock()
    today = now.astimezone(services.zone).date()
    wanted = day or today
    begins = datetime.combine(wanted, time(), services.zone)
    stored = core.forecasts.stored
    found = next(iter(stored.latest(1, is_scheduled=True)), None) if wanted == today else None
    flows = [flow for flow in core.projector.live(now).flows if caller.may_reach(flow.gate)]
    places = [(flow.gate, flow.direction) for flow in flows]
    forecast = None if found is None else found.read()
    usual = core.usual_days.of(wanted, now)
    return OutlooksModel.model_construct(
        rev=core.projector.rev, at=now, zone=core.border.border.timezone,
        made_from=None if found is None else found.at,
        outlooks=[_outlook(*place, forecast, now) for place in places] if wanted == today else [],
        plans=list(_plans(services, stored, caller, begins, begins + _DAY)),
        usual=[
            UsualHoursModel.model_construct(
                gate=gate, direction=direction,
                at=[hour.at for hour in usual[gate, direction]],
                low=[hour.low for hour in usual[gate, direction]],
                high=[hour.high for hour in usual[gate, direction]],
                n_days=max(hour.n_days for hour in usual[gate, direction]),
            )
            for gate, direction in places
            if (gate, direction) in usual
        ],
    )  # fmt: skip


def _outlook(gate: str, direction: DirectionName, forecast: Mapping[str, Any] | None, now: datetime) -> OutlookModel:
    row = None if forecast is None else _row(forecast, gate, direction, DO_NOTHING)
    if forecast is None or row is None:
        return OutlookModel.model_construct(
            gate=gate, direction=direction, reason=_why_not(forecast, gate, direction), doubts=[], close=None,
            opening=None, hours=[],
        )  # fmt: skip
    close = row["close"]
    is_fresh = timedelta(0) <= now - datetime.fromisoformat(forecast["at"]) <= FRESH
    return OutlookModel.model_construct(
        gate=gate, direction=direction, reason=None if is_fresh else "old", doubts=row["doubts"],
        close=ClosingModel.model_construct(
            at=datetime.fromisoformat(close["at"]), **close["backlog"], is_today=close["is_today"],
            never_closes=close["never_closes"], places=close["places"], p_over_places=close["p_over_places"],
        ),
        opening=QuantilesModel.model_construct(
            at=datetime.fromisoformat(row["opening"]["at"]), **row["opening"]["backlog"]
        ),
        hours=_hours(row),
    )  # fmt: skip


def _why_not(forecast: Mapping[str, Any] | None, gate: str, direction: str) -> Reason:
    if forecast is None:
        return "no_forecast"
    skipped = [row["reason"] for row in forecast["skipped"] if (row["gate"], row["direction"]) == (gate, direction)]
    return "backlog_unknown" if "backlog_unknown" in skipped else "not_foretold"


def _plans(
    services: Services, stored: StoredForecasts, caller: Caller, begins: datetime, ends: datetime
) -> Iterator[PlanModel]:
    """Yield for each place the last plan adopted whose forecast reaches into [begins, ends)."""
    taken: set[tuple[str, str]] = set()
    for decision in services.core.decisions.stored.decisions(_MOST_DECISIONS):
        if decision.decided_at >= ends or decision.forecast is None:
            continue
        places = [(row["gate"], row["direction"]) for row in decision.foretold["flows"]]
        new = [place for place in places if place not in taken and caller.may_reach(place[0])]
        kept = stored.find(decision.forecast) if new else None
        if kept is None or kept.at + int(kept.manifest["horizon_h"]) * timedelta(hours=1) <= begins:
            continue
        taken.update(new)
        if decision.alternative == DO_NOTHING:
            continue  # decided since: what was planned before is drawn no more
        forecast = kept.read()
        for gate, direction in new:
            row = _row(forecast, gate, direction, decision.alternative)
            if row is not None:
                yield PlanModel.model_construct(
                    gate=gate, direction=direction, decision=decision.id,
                    title=decision.foretold.get("title") or {"vi": decision.alternative, "en": decision.alternative},
                    decided_at=decision.decided_at, decided_by=decision.decided_by, consent=decision.consent,
                    hours=_hours(row),
                )  # fmt: skip


def _row(forecast: Mapping[str, Any], gate: str, direction: str, alternative: str) -> Mapping[str, Any] | None:
    wanted = (alternative, gate, direction)
    rows: Sequence[Mapping[str, Any]] = forecast["flows"]
    return next((row for row in rows if (row["alternative"], row["gate"], row["direction"]) == wanted), None)


def _hours(row: Mapping[str, Any]) -> list[QuantilesModel]:
    hours, bands = row["hours"], row["hours"]["backlog"]
    return [
        QuantilesModel.model_construct(at=datetime.fromisoformat(at), p10=p10, p50=p50, p90=p90)
        for at, p10, p50, p90 in zip(hours["at"], bands["p10"], bands["p50"], bands["p90"], strict=True)
    ]
