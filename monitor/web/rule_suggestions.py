"""`/v1/rules/suggestions`: thresholds that calm days suggest, with how often they would have fired; offered only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gatewatch.config.calendars import DirectionName
from gatewatch.monitor.simulations.runs import RunView
from gatewatch.monitor.simulations.suggestions import DAYS, RuleSuggestions
from gatewatch.monitor.web.alert_schemas import BothLanguages
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.runs import RunModel, shown
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Calling, Services, Serving

router = new_router("alerts")


class SuggestionModel(Answer):
    """A threshold that calm days suggest."""

    rule: str
    gate: str
    direction: DirectionName
    key: str = Field(description="Setting that is looked at; the levels above it move in proportion.")
    unit: str
    now: float = Field(description="In force.")
    suggested: float
    n_days: int = Field(description="Days that it rests on.")
    fired_now_per_week: float = Field(description="Alerts a week over all days, as it is in force.")
    fired_suggested_per_week: float = Field(description="Alerts a week with what is suggested.")
    basis: BothLanguages = Field(description="What it rests on.")
    toml: str = Field(description="Lines for the border's file of thresholds, which an admin edits; nobody else does.")


class SuggestionsModel(Answer):
    """What the last look at past days suggests."""

    at: Utc | None = Field(description="End of the days that were looked at; null: nobody has looked yet.")
    days: int = Field(description="How many whole days were looked at.")
    run: str | None = Field(description="Run that it comes from.")
    suggestions: list[SuggestionModel] = Field(description="None where it differs little from what is in force.")


class AskedSuggestions(BaseModel):
    """Days to be looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[int, Field(ge=14, le=56)] = Field(default=DAYS, description="How many days back from now.")


@router.get("/v1/rules/suggestions", response_model=SuggestionsModel, summary="Read suggested thresholds")
def get_suggestions(services: Serving, caller: Calling) -> SuggestionsModel:
    """
    Return the thresholds that the last weeks suggest, of the gates the caller may see; worked out every night.

    Nothing is applied by itself: an admin puts `toml` into the border's file of thresholds and starts the service
    again. What rests on a threshold that is no longer in force is left out.
    """
    latest = RuleSuggestions(services.core.runs).latest()
    if latest is None:
        return SuggestionsModel(at=None, days=0, run=None, suggestions=[])
    run, said = latest
    found = [
        SuggestionModel.model_validate(one)
        for one in said["suggestions"]
        if (caller.gates is None or one["gate"] in caller.gates) and _is_in_force(services, one)
    ]
    return SuggestionsModel(at=said["at"], days=said["days"], run=run.id, suggestions=found)


@router.post(
    "/v1/rules/suggestions", status_code=202, response_model=RunModel, summary="Have thresholds suggested",
    responses={429: {"description": "Too many wait already."}},
)  # fmt: skip
async def post_suggestions(
    services: Serving, caller: Calling, asked: Annotated[AskedSuggestions, Body()], response: Response
) -> Any:
    """
    Have the last days replayed now, apart from the core; when the run is done, `GET` has its answer.

    The rules are replayed twice, as they are in force and as suggested: a few minutes for four weeks.
    """
    suggestions = RuleSuggestions(services.core.runs)
    run = await run_in_threadpool(suggestions.ask, asked.days, caller.id, services.clock())
    response.headers["location"] = f"/v1/runs/{run.id}"
    return shown(services, RunView(run))


def _is_in_force(services: Services, said: dict[str, Any]) -> bool:
    """Return whether a suggestion is about the threshold that is in force."""
    placed = services.core.watch.thresholds.get(said["rule"])
    if placed is None:
        return False
    in_force: Any = getattr(placed.at(said["gate"], said["direction"]), said["key"], None)
    return bool(in_force == said["now"])
