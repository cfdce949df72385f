"""`/v1/forecasts`: what is to be expected from now on, how good such forecasts were; `/v1/decisions` on them."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gatewatch.monitor.access import Caller
from gatewatch.monitor.forecasts.decisions import NotDecidedError, adopt
from gatewatch.monitor.forecasts.forecasts import NothingKnownError
from gatewatch.monitor.forecasts.misses import Miss
from gatewatch.monitor.forecasts.skill import BASELINES, Skill
from gatewatch.monitor.observations import instant_text
from gatewatch.monitor.simulations.kinds.comparison import Alternative, Name
from gatewatch.monitor.simulations.kinds.forecast import MOST_ALTERNATIVES
from gatewatch.monitor.simulations.runs import RunView
from gatewatch.monitor.store import Deed
from gatewatch.monitor.store.forecasts import Decision, KeptForecast
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.forecast_words import reason, skill_sentence
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.runs import RunModel, shown
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Address, Calling, Services, Serving
from gatewatch.monitor.web.submitting import take_in_of_person

router = new_router("forecasts")

_JSON: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/json": {}}, "description": "The forecast."}
}
ForecastId = Annotated[
    str, Path(alias="id", min_length=1, max_length=40, pattern=r"^[0-9a-f]+$", description="Id of a forecast.")
]


class AskedForecast(BaseModel):
    """A forecast that is asked for; it starts from live state as of the last whole minute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(default="", max_length=100, description="Name for people.")
    alternatives: list[Alternative] = Field(
        default=[], max_length=MOST_ALTERNATIVES, description="What may be decided, beside doing nothing."
    )
    horizon_h: int = Field(default=24, ge=1, le=168, description="How far it looks [h].")
    replications: int | None = Field(
        default=None, ge=1, le=1_000, description="Repetitions; without it, what two cores do in ten seconds."
    )
    seed: int = Field(default=1, ge=0, le=2**53 - 1, description="Root seed of every stream.")
    scenario: Name | None = Field(
        default=None,
        description="Whose border and seasons hold, and whose demand stands in where no arrivals were counted.",
    )  # fmt: skip


class ForecastRow(Answer):
    """A forecast in a list."""

    id: str
    at: Utc = Field(description="The instant it starts from.")
    made_at: Utc
    is_scheduled: bool = Field(description="Whether the service made it by the clock.")
    asked_by: str
    manifest: dict[str, Any] = Field(description="What makes it repeatable.")


class ForecastsModel(Answer):
    """Forecasts, that of the latest instant first."""

    forecasts: list[ForecastRow]


class SkillModel(Answer):
    """How good the forecasts of one gate, direction and horizon were; null stands for all of them."""

    gate: str | None
    direction: str | None
    horizon_h: int | None
    n: int = Field(description="Hours of forecasts scored.")
    coverage: float = Field(description="Share that lay in the 80 % band.")
    bias_veh: float = Field(description="Mean of expected less seen [veh].")
    crps_veh: float = Field(description="Continuous ranked probability score, mean [veh]; lower is better.")
    pinball_veh: list[float] = Field(description="Pinball loss at p10, p50 and p90, mean [veh].")
    persistence_veh: float | None = Field(description="Mean absolute error of the backlog staying as it is [veh].")
    last_week_veh: float | None = Field(description="That of the backlog of the same hour a week before [veh].")
    worse_than: list[Literal["persistence", "last_week"]] = Field(description="Baselines that were better.")


class MissModel(Answer):
    """An hour of a forecast that what came lay outside the 80 % band of, and why."""

    gate: str
    direction: str
    measure: Literal["backlog"] = Field(description="What was foretold.")
    made_at: Utc = Field(description="The instant that the forecast starts from.")
    at: Utc = Field(description="The instant that was foretold.")
    horizon_h: int = Field(description="How far ahead [h].")
    low: float = Field(description="Lower end of the band, p10.")
    middle: float = Field(description="What was expected, p50.")
    high: float = Field(description="Upper end of the band, p90.")
    seen: float = Field(description="What came.")
    unit: Literal["veh"] = Field(description="Of the four figures.")
    reason: dict[str, str] = Field(description="Why, as far as it is known, in Vietnamese, English and Chinese.")


class SkillsModel(Answer):
    """How good forecasts of the backlog were."""

    days: int
    skill: list[SkillModel]
    worst: list[MissModel] = Field(
        description="The hours farthest outside their bands, one of each gate, direction and day, the worst first."
    )
    sentence: dict[str, str] = Field(description="All of it in a sentence, in Vietnamese, English and Chinese.")


class DecisionTitle(BaseModel):
    """What a decision is called."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vi: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)


class NewDecision(BaseModel):
    """A decision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    forecast: str = Field(max_length=40, pattern=r"^[0-9a-f]+$", description="The forecast that was seen.")
    alternative: str = Field(min_length=1, max_length=2_000, description="As the forecast names it.")
    title: DecisionTitle | None = Field(
        default=None, description="What screens call it; without it, as the forecast was asked for it."
    )
    consent: Literal["yes", "asked", "no", "not_needed"] = Field(description="Of the Chinese side.")
    note: str = Field(default="", max_length=1_000, description="In words.")


class DecisionModel(Answer):
    """A decision."""

    id: str
    decided_at: Utc
    decided_by: str
    forecast: str | None
    alternative: str
    policies: list[str] = Field(description="Kind and settings of each policy.")
    consent: Literal["yes", "asked", "no", "not_needed"]
    note: str
    applied: list[dict[str, Any]] = Field(description="Hours put into the live calendar.")
    foretold: dict[str, Any] = Field(description="What the forecast said of it and of doing nothing, at the close.")
    due_at: Utc = Field(description="When it can be told what happened.")
    outcome: dict[str, Any] | None = Field(description="What happened; null: not yet known.")


class DecisionsModel(Answer):
    """Decisions, the last first."""

    decisions: list[DecisionModel]


@router.post(
    "/v1/forecasts", status_code=202, response_model=RunModel, summary="Ask for a forecast",
    responses={409: {"description": "Nothing is known to start from."}},
)  # fmt: skip
async def post_forecast(
    services: Serving, caller: Calling, asked: Annotated[AskedForecast, Body()], response: Response
) -> Any:
    """
    Ask for a forecast from live state, frozen as of the last whole minute; the answer comes before it begins.

    Follow it at `/v1/runs/{id}/stream`; read it at `/v1/forecasts/{id}` when it is done.
    """
    forecasts, now = services.core.forecasts, services.clock()
    alternatives = [each.model_dump(mode="json") for each in asked.alternatives]
    settings = {name: getattr(asked, name) for name in ("horizon_h", "replications", "seed", "scenario")}
    try:
        run = await run_in_threadpool(
            lambda: forecasts.ask(caller.id, alternatives, now, title=asked.title, settings=settings)
        )
    except NothingKnownError as error:
        raise ProblemError(409, str(error)) from None
    response.headers["location"] = f"/v1/forecasts/{run.id}"
    return shown(services, RunView(run))


@router.get("/v1/forecasts", response_model=ForecastsModel, summary="List forecasts")
def get_forecasts(
    services: Serving, limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50
) -> ForecastsModel:
    """Return the forecasts of the latest instants, without what they say."""
    rows = [
        ForecastRow.model_construct(
            id=kept.id, at=kept.at, made_at=kept.made_at, is_scheduled=kept.is_scheduled, asked_by=kept.asked_by,
            manifest=dict(kept.manifest),
        )
        for kept in services.core.forecasts.stored.latest(limit)
    ]  # fmt: skip
    return ForecastsModel.model_construct(forecasts=rows)


@router.get("/v1/forecasts/skill", response_model=SkillsModel, summary="Read how good forecasts were")
def get_skill(
    services: Serving, days: Annotated[int, Query(ge=1, le=366, description="Of the last so many days.")] = 30
) -> SkillsModel:
    """
    Return coverage, bias, CRPS and pinball loss against the baselines, over all, by horizon, and by place.

    Beside it stand the worst misses, with what can be told of each.
    """
    now = services.clock()
    card = services.core.scorecard.of(now, days)
    found, worst = card.skill, card.worst
    return SkillsModel.model_construct(
        days=days, skill=[_skill(row) for row in found], worst=[_miss(each) for each in worst],
        sentence=skill_sentence(found, days),
    )  # fmt: skip


@router.get("/v1/forecasts/latest", response_class=Response, responses=_JSON, summary="Read the latest forecast")
def get_latest(request: Request, services: Serving) -> Response:
    """Return the latest forecast that the service made by the clock."""
    found = services.core.forecasts.stored.latest(1, is_scheduled=True)
    if not found:
        raise ProblemError(404, "no forecast was made yet; the first one follows when a backlog is known at some gate.")
    return _content(request, found[0])


@router.get("/v1/forecasts/{id}", response_class=Response, responses=_JSON, summary="Read a forecast")
def get_forecast(request: Request, services: Serving, forecast_id: ForecastId) -> Response:
    """Return a forecast: bands by the hour of every direction and yard, under doing nothing and each alternative."""
    return _content(request, _known(services, forecast_id))


@router.post("/v1/decisions", status_code=201, response_model=DecisionModel, summary="Decide on a forecast")
async def post_decision(
    services: Serving, caller: Calling, address: Address, asked: Annotated[NewDecision, Body()]
) -> Any:
    """
    Keep a decision, and put the hours that it moves into the live calendar.

    With `consent` asked, only the hours of the Vietnamese side are put in; report those of the other side with
    `POST /v1/gates/hours` when it has agreed.
    """
    kept = await run_in_threadpool(_known, services, asked.forecast)
    forecast = await run_in_threadpool(kept.read)
    try:
        adopted = adopt(forecast, asked.alternative, asked.consent)
    except NotDecidedError as error:
        raise ProblemError(409, str(error)) from None
    for hours in adopted.applied:
        reach(caller, hours["gate"])
    now, decision_id = services.clock(), secrets.token_hex(8)
    decision = Decision(
        id=decision_id, decided_at=now, decided_by=caller.id, forecast=kept.id, alternative=asked.alternative,
        policies=adopted.policies, consent=asked.consent, note=asked.note, applied=adopted.applied,
        foretold={
            **adopted.foretold,
            "title": _title(forecast, asked),
            "waiting_for_consent": list(adopted.waiting),
        },
        due_at=adopted.due_at,
    )  # fmt: skip
    for number, hours in enumerate(adopted.applied):
        await _report_hours(services, caller, address, decision, number, now, hours)
    await run_in_threadpool(services.core.decisions.keep, decision)
    if decision.applied:
        services.core.forecasts.renew()
    return _decision(decision)


@router.get("/v1/decisions", response_model=DecisionsModel, summary="List decisions")
def get_decisions(
    services: Serving, limit: Annotated[int, Query(ge=1, le=500, description="At most so many.")] = 50
) -> DecisionsModel:
    """Return the decisions with what was foretold and what happened."""
    return DecisionsModel.model_construct(
        decisions=[_decision(each) for each in services.core.decisions.stored.decisions(limit)]
    )


async def _report_hours(
    services: Services, caller: Caller, address: str, decision: Decision, number: int, now: datetime,
    hours: Any,
) -> None:  # fmt: skip
    """Take in hours of one side on one day as a report by hand, with the decision in the audit."""
    source = f"{hours['gate']}/person"
    event = {
        "specversion": "1.0",
        "id": f"decision-{decision.id}-{number}",
        "source": source,
        "type": "calendar.changed",
        "time": instant_text(now),
        "data": {
            **{"date" if key == "day" else key: value for key, value in hours.items()},
            "reason": f"decision {decision.id}",
        },
    }
    deed = Deed(caller.id, "decision", f"{source} {event['id']}", {"decision": decision.id, **hours}, address)
    receipts = await take_in_of_person(services, caller, event, deed)
    if receipts.items[0].status not in {"accepted", "duplicate"}:
        reasons = [f"{hours['gate']} {hours['day']}: {reason}" for reason in receipts.items[0].reasons]
        raise ProblemError(409, "the hours could not be put into the live calendar; nothing is decided.", reasons)


def _title(forecast: Mapping[str, Any], asked: NewDecision) -> dict[str, str]:
    """Return what a decision is called, by language."""
    if asked.title is not None:
        return asked.title.model_dump()
    title = forecast.get("titles", {}).get(asked.alternative) or asked.alternative
    return {"vi": title, "en": title}


def _known(services: Services, forecast_id: str) -> KeptForecast:
    found = services.core.forecasts.stored.find(forecast_id)
    if found is not None:
        return found
    view = services.core.runs.find(forecast_id)
    if view is not None and view.run.kind == "forecast":
        why = f" ({view.run.reason})" if view.run.reason else ""
        raise ProblemError(404, f"the forecast {forecast_id} is {view.run.state}{why}.")
    raise ProblemError(
        404, f"there is no forecast {forecast_id}; old ones are forgotten. GET /v1/forecasts lists them."
    )


def _content(request: Request, kept: KeptForecast) -> Response:
    headers = {"vary": "accept-encoding", "x-forecast-id": kept.id}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(kept.content, media_type="application/json", headers={**headers, "content-encoding": "gzip"})
    return Response(gzip.decompress(kept.content), media_type="application/json", headers=headers)


def _skill(row: Skill) -> SkillModel:
    by_name = dict(zip(BASELINES, row.baselines, strict=True))
    return SkillModel.model_construct(
        gate=row.gate, direction=row.direction, horizon_h=row.horizon_h, n=row.n, coverage=row.coverage,
        bias_veh=row.bias, crps_veh=row.crps, pinball_veh=list(row.pinball), persistence_veh=by_name["persistence"],
        last_week_veh=by_name["last_week"], worse_than=list(row.worse_than),
    )  # fmt: skip


def _miss(found: Miss) -> MissModel:
    score = found.score
    return MissModel.model_construct(
        gate=score.gate, direction=score.direction, measure="backlog", made_at=found.made_at, at=score.at,
        horizon_h=score.horizon_h, low=score.low, middle=score.median, high=score.high, seen=score.seen, unit="veh",
        reason=reason(found),
    )  # fmt: skip


def _decision(found: Decision) -> DecisionModel:
    return DecisionModel.model_construct(
        id=found.id, decided_at=found.decided_at, decided_by=found.decided_by, forecast=found.forecast,
        alternative=found.alternative, policies=list(found.policies), consent=found.consent, note=found.note,
        applied=[dict(each) for each in found.applied], foretold=dict(found.foretold), due_at=found.due_at,
        outcome=None if found.outcome is None else dict(found.outcome),
    )  # fmt: skip
