"""`/v1/rules`: what is worth telling and where that is said, and how other settings would have fired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Body
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import ConfigError
from gatewatch.config.thresholds import Setting, Where, load_thresholds, told_settings
from gatewatch.monitor.detectors import list_detectors, settings_classes
from gatewatch.monitor.detectors.changing import changed, judging_rules
from gatewatch.monitor.observations import instant_text
from gatewatch.monitor.simulations.runs import RunView
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.runs import RunModel, shown
from gatewatch.monitor.web.schemas import Answer
from gatewatch.monitor.web.services import Calling, Services, Serving

router = new_router("alerts")


class SettingModel(Answer):
    """A setting and where it comes from."""

    value: float | int | bool | str | None = Field(description="Null: there is no such level.")
    unit: str = Field(description="Of the rule's value where it says `of the value`.")
    file: str | None = Field(description="File that states it; null: no file does, the rule has it so by itself.")
    key: str = Field(description="Key in that file.")
    basis: str | None = Field(description="How well founded it is, such as reported or assumed, where that is said.")
    source: str | None = Field(description="Key of its source in the list of sources.")


class RulePlaceModel(Answer):
    """What holds at a gate, in a direction."""

    gate: str | None = Field(description="Null: everywhere.")
    direction: DirectionName | None = Field(description="Null: in both.")
    settings: dict[str, SettingModel]


class RuleModel(Answer):
    """A rule."""

    rule: str
    about: str = Field(description="`congestion` of a gate, `closure` of a side or lane, the `data`, the `service`.")
    unit: str = Field(description="Of its value and thresholds.")
    description: str
    can_be_previewed: bool = Field(description="Whether it judges what was observed, and not the service itself.")
    places: list[RulePlaceModel] = Field(description="Everywhere first, then what says something else.")


class RulesModel(Answer):
    """Every rule."""

    rules: list[RuleModel]


class AskedPreview(BaseModel):
    """A change of a rule to be tried on past days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = Field(min_length=1, max_length=60, description="Rule to change.")
    settings: dict[str, bool | int | float | str] = Field(
        default={}, max_length=20, description="Settings by key, such as busy or for; none: as in force."
    )
    gate: str | None = Field(default=None, max_length=60, description="Only at this gate.")
    direction: DirectionName | None = Field(default=None, description="Only in this direction.")
    days: Annotated[int, Field(ge=1, le=56)] = Field(default=7, description="How many days back from now.")
    step_min: Annotated[int, Field(ge=5, le=60)] = Field(default=15, description="Time between evaluations [min].")


@router.get("/v1/rules", response_model=RulesModel, summary="List rules with their settings")
def get_rules(services: Serving) -> RulesModel:
    """Return every rule with what holds where, and the file and key that say so; they are read at the start."""
    core = services.core
    placed = told_settings(core.border, settings_classes(), core.own_files)
    return RulesModel(
        rules=[
            RuleModel(
                rule=name,
                about=detector.about,
                unit=detector.unit,
                description=detector.description,
                can_be_previewed=name in judging_rules(),
                places=_places(name, placed[name]),
            )
            for name, detector in list_detectors().items()
        ]
    )


def _places(rule: str, placed: Mapping[Where, Mapping[str, Setting]]) -> list[RulePlaceModel]:
    everywhere = placed[None, None]
    return [
        RulePlaceModel(
            gate=where[0],
            direction=where[1],
            settings={key: _setting(rule, key, setting) for key, setting in settings.items()},
        )
        for where, settings in placed.items()
        if where == (None, None) or settings != everywhere
    ]


def _setting(rule: str, key: str, setting: Setting) -> SettingModel:
    fields = {field.alias or name: field for name, field in list_detectors()[rule].settings.model_fields.items()}
    extra = fields[key].json_schema_extra
    units: list[Any] = [extra, *fields[key].metadata]
    unit = next((str(found["unit"]) for found in units if isinstance(found, dict) and "unit" in found), "")
    return SettingModel(
        value=setting.value, unit=unit, file=setting.file, key=setting.key, basis=setting.basis, source=setting.source
    )


@router.post(
    "/v1/rules/preview", status_code=202, response_model=RunModel, summary="Try other settings on past days",
    responses={429: {"description": "Too many wait already."}},
)  # fmt: skip
async def post_preview(
    services: Serving, caller: Calling, asked: Annotated[AskedPreview, Body()], response: Response
) -> Any:
    """
    Have a rule with other settings replayed over the last days, beside the settings in force; nothing is changed.

    It is done apart from the core, as a simulation: `GET /v1/runs/{id}` tells how far it is, and its `result.json` when
    each would have fired, for how long, and what the same weekdays suggest.
    """
    await run_in_threadpool(_check, services, asked)
    request = {**asked.model_dump(mode="json"), "ends": instant_text(services.clock())}
    title = f"{asked.rule}, {asked.days} days"
    run = await run_in_threadpool(services.core.runs.ask, "rules_preview", request, caller.id, title)
    response.headers["location"] = f"/v1/runs/{run.id}"
    return shown(services, RunView(run))


def _check(services: Services, asked: AskedPreview) -> None:
    core = services.core
    try:
        thresholds = load_thresholds(core.border, settings_classes(), core.own_files)
        changed(thresholds, core.border, asked.rule, asked.settings, (asked.gate, asked.direction))
    except ConfigError as error:
        raise ProblemError(
            422, "the change is not understood; see reasons.", [str(fault) for fault in error.faults]
        ) from None
