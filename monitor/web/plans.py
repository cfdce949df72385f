"""What can be planned, and plans that were saved: a request under a name, with a link that others can open."""

from __future__ import annotations

import secrets
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Body, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gatewatch.monitor.store import Deed
from gatewatch.monitor.store.audit import Audit
from gatewatch.monitor.store.runs import SavedPlan, StoredRuns
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.runs import checked, known
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Address, Calling, Serving

router = new_router("simulations")

_KEEP_S = 60.0
PlanId = Annotated[str, Path(alias="id", min_length=1, max_length=40, pattern=r"^[0-9a-f]+$")]


class NewPlan(BaseModel):
    """A plan to be saved."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, max_length=100, description="Name for people.")
    kind: str = Field(default="comparison", min_length=1, max_length=40, description="Kind of task.")
    request: dict[str, Any] = Field(description="What is asked for.")
    run: str | None = Field(
        default=None, max_length=40, pattern=r"^[0-9a-f]+$", description="A run of it, which is then kept."
    )


class PlanModel(Answer):
    """A saved plan."""

    id: str
    title: str
    kind: str
    request: dict[str, Any]
    sha256: str = Field(description="Of kind and request: with the same version, the same hash has the same result.")
    version: str = Field(description="Of the program that saved it.")
    is_same_version: bool = Field(description="Whether this program is of that version: the result is then the same.")
    run: str | None = Field(description="A run of it that is kept; null: it was not run when it was saved.")
    saved_by: str
    saved_at: Utc


class PlansModel(Answer):
    """Saved plans, the newest first."""

    plans: list[PlanModel]


class PoliciesModel(Answer):
    """What can be decided: kinds with the schema of their settings, ready policies with conditions, and places."""

    kinds: list[dict[str, Any]]
    ready: list[dict[str, Any]]
    gates: list[dict[str, Any]]
    classes: dict[str, Any]
    values: dict[str, Any]
    units: dict[str, Any]


class ScenariosModel(Answer):
    """What a plan can begin from."""

    scenarios: list[dict[str, Any]]


@router.get("/v1/policies", response_model=PoliciesModel, summary="List what can be decided")
def get_policies(services: Serving) -> PoliciesModel:
    """Return kinds of policies with the JSON schema of their settings, and ready policies, in both languages."""
    found = services.core.catalogue.read()
    return PoliciesModel.model_construct(**{key: found[key] for key in PoliciesModel.model_fields})


@router.get("/v1/scenarios", response_model=ScenariosModel, summary="List what a plan can begin from")
def get_scenarios(services: Serving) -> ScenariosModel:
    """Return the scenarios of the border."""
    return ScenariosModel.model_construct(scenarios=services.core.catalogue.read()["scenarios"])


@router.get("/v1/plans", response_model=PlansModel, summary="List saved plans")
def get_plans(services: Serving) -> PlansModel:
    """Return what was saved under a name."""
    return PlansModel.model_construct(plans=[_model(plan) for plan in services.core.runs.stored.plans()])


@router.post("/v1/plans", status_code=201, response_model=PlanModel, summary="Save a plan")
async def post_plan(
    services: Serving, caller: Calling, address: Address, new: Annotated[NewPlan, Body()], response: Response
) -> PlanModel:
    """Save a request under a name, with the run that shows what comes of it; both are kept until it is removed."""
    request = checked(new.kind, new.request)
    if new.run is not None:
        run = (await run_in_threadpool(known, services, new.run)).run
        if run.state != "done" or (run.kind, dict(run.request)) != (new.kind, request):
            raise ProblemError(409, f"run {new.run} is {run.state} or of another request; save it with its own run.")
    now = services.clock()
    plan = SavedPlan(
        secrets.token_hex(8), new.title, new.kind, request, version("gatewatch"), new.run, caller.id, now
    )  # fmt: skip
    deed = Deed(caller.id, "plan.saved", plan.id, {"title": plan.title, "sha256": plan.sha256.hex()}, address)

    def keep(connection: Any) -> None:
        StoredRuns.save_plan(connection, plan)
        Audit.append(connection, deed, now)

    await run_in_threadpool(lambda: services.core.writer.write(keep).result(_KEEP_S))
    response.headers["location"] = f"/v1/plans/{plan.id}"
    return _model(plan)


@router.get("/v1/plans/{id}", response_model=PlanModel, summary="Read a saved plan")
def get_plan(services: Serving, plan_id: PlanId) -> PlanModel:
    """Return a saved plan."""
    plan = services.core.runs.stored.find_plan(plan_id)
    if plan is None:
        raise ProblemError(404, f"there is no plan {plan_id}; GET /v1/plans lists them.")
    return _model(plan)


@router.delete("/v1/plans/{id}", status_code=204, summary="Remove a saved plan")
def delete_plan(services: Serving, caller: Calling, address: Address, plan_id: PlanId) -> None:
    """Remove a saved plan; its run is kept as long as any other."""
    now = services.clock()

    def remove(connection: Any) -> bool:
        is_removed = StoredRuns.remove_plan(connection, plan_id)
        if is_removed:
            Audit.append(connection, Deed(caller.id, "plan.removed", plan_id, {}, address), now)
        return is_removed

    if not services.core.writer.write(remove).result(_KEEP_S):
        raise ProblemError(404, f"there is no plan {plan_id}; GET /v1/plans lists them.")


def _model(plan: SavedPlan) -> PlanModel:
    return PlanModel.model_construct(
        id=plan.id, title=plan.title, kind=plan.kind, request=dict(plan.request), sha256=plan.sha256.hex(),
        version=plan.version, is_same_version=plan.version == version("gatewatch"), run=plan.run,
        saved_by=plan.saved_by, saved_at=plan.saved_at,
    )  # fmt: skip
