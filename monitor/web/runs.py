"""`/v1/runs`: simulations that are asked for, done apart from the core, followed while they last, read when done."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gatewatch.monitor.simulations.kinds import list_kinds
from gatewatch.monitor.simulations.runs import RunView
from gatewatch.monitor.store.runs import RunState
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Calling, Services, Serving

router = new_router("simulations")

_BEAT_S: Final = 9.0
_LOOK_S: Final = 1.0
# A report carries its own styles and runs nothing; nothing else of ours is reached from it.
_REPORT_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
_TYPES: Final[Mapping[str, str]] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "html": "text/html; charset=utf-8",
    "bin": "application/octet-stream",
}
RunId = Annotated[
    str, Path(alias="id", min_length=1, max_length=40, pattern=r"^[0-9a-f]+$", description="Id of a run.")
]


class AskedRun(BaseModel):
    """A simulation that is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(description="Kind of task, such as comparison.", min_length=1, max_length=40)
    title: str = Field(default="", max_length=100, description="Name for people.")
    request: dict[str, Any] = Field(description="What the kind asks for; see GET /v1/runs/kinds in the manual.")


class FaultModel(Answer):
    """A mistake in what was asked for."""

    place: str = Field(description="Where in the request, keys joined by dots; empty where it cannot be told.")
    key: str
    found: str
    expected: str
    text: str = Field(description="All of it in a sentence.")


class RunModel(Answer):
    """A simulation, as it is now."""

    id: str
    kind: str
    title: str
    state: RunState
    request: dict[str, Any]
    sha256: str = Field(description="Of kind and request: with the same version, the same hash has the same result.")
    version: str = Field(description="Of the program.")
    asked_by: str
    asked_at: Utc
    started_at: Utc | None
    ended_at: Utc | None
    reason: str = Field(description="Why it is not done, in a sentence; empty where it is or goes on.")
    faults: list[FaultModel]
    summary: dict[str, Any] = Field(description="A few figures of what came of it.")
    progress: dict[str, Any] = Field(description="How far it is: phase, done, total, and the headline so far.")
    files: list[str] = Field(description="What can be read of it.")


class RunsModel(Answer):
    """Simulations, the last asked for first."""

    runs: list[RunModel]


@router.post(
    "/v1/runs", status_code=202, response_model=RunModel, summary="Ask for a simulation",
    responses={429: {"description": "Too many wait already."}},
)  # fmt: skip
async def post_run(services: Serving, caller: Calling, asked: Annotated[AskedRun, Body()], response: Response) -> Any:
    """
    Ask for a simulation; it is done apart from the core, and the answer comes before it begins.

    A `comparison` sets up to four alternatives beside doing nothing. The same request twice has the same result, byte
    for byte.
    """
    request = checked(asked.kind, asked.request)
    run = await run_in_threadpool(services.core.runs.ask, asked.kind, request, caller.id, asked.title)
    response.headers["location"] = f"/v1/runs/{run.id}"
    return shown(services, RunView(run))


@router.get("/v1/runs", response_model=RunsModel, summary="List simulations")
def get_runs(
    services: Serving,
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50,
    kind: Annotated[str | None, Query(max_length=40, description="Only of this kind.")] = None,
) -> RunsModel:
    """Return the simulations asked for last, without their partial results."""
    found = services.core.runs.latest(limit, None if kind is None else [kind])
    return RunsModel.model_construct(runs=[shown(services, view, is_short=True) for view in found])


@router.get("/v1/runs/{id}", response_model=RunModel, summary="Read how a simulation is")
def get_run(services: Serving, run_id: RunId) -> RunModel:
    """Return a simulation with what is known of it so far."""
    return shown(services, known(services, run_id))


@router.delete("/v1/runs/{id}", status_code=202, response_model=RunModel, summary="Cancel a simulation")
def delete_run(services: Serving, run_id: RunId) -> RunModel:
    """Have a simulation end; what it found so far is not kept."""
    view = known(services, run_id)
    if not services.core.runs.cancel(run_id):
        state = known(services, run_id).run.state
        raise ProblemError(409, f"the simulation {run_id} is {state} already; there is nothing to cancel.")
    return shown(services, services.core.runs.find(run_id) or view)


@router.get(
    "/v1/runs/{id}/stream", response_class=Response, summary="Follow a simulation",
    responses={
        200: {
            "description": "Events `run` with the JSON of GET /v1/runs/{id} in one line, the last when it is over.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)  # fmt: skip
async def get_run_stream(services: Serving, run_id: RunId) -> Response:
    """Follow a simulation: how it is now, then every change, until it is over."""
    await run_in_threadpool(known, services, run_id)
    return StreamingResponse(
        _events(services, run_id), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


@router.get(
    "/v1/runs/{id}/{file}", response_class=Response, summary="Read a file of a simulation",
    responses={200: {"content": {name: {} for name in _TYPES.values()}}},
)  # fmt: skip
def get_run_file(
    request: Request,
    services: Serving,
    run_id: RunId,
    file: Annotated[str, Path(max_length=60, pattern=r"^[a-z_]+\.(json|csv|parquet|html|bin)$")],
) -> Response:
    """Return `result.json` (what the page shows), `table.csv`, `table.parquet`, `report.html` to print, and others."""
    content = services.core.runs.stored.file(run_id, file)
    if content is None:
        view = known(services, run_id)
        names = services.core.runs.stored.files(run_id)
        there = f"it has {', '.join(names)}" if names else f"the simulation is {view.run.state}"
        raise ProblemError(404, f"the simulation {run_id} has no {file}; {there}.")
    form = file.rpartition(".")[2]
    headers = {"vary": "accept-encoding"}
    if form == "html":
        headers["content-security-policy"] = _REPORT_POLICY
    if form in {"csv", "parquet"}:
        headers["content-disposition"] = f'attachment; filename="gatewatch-{run_id}-{file}"'
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type=_TYPES[form], headers=headers)


def checked(kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return a request as its kind understands it, with what was left out.

    Raises:
        ProblemError: There is no such kind for people, or the request is at fault: each place with its reason.
    """
    kinds = {name: found for name, found in list_kinds().items() if found.is_public}
    if kind not in kinds:
        raise ProblemError(422, f'there is no kind "{kind}"; kinds are {", ".join(kinds)}.')
    try:
        return kinds[kind].request.model_validate(request).model_dump(mode="json")
    except ValidationError as error:
        reasons = dict.fromkeys(
            f"request.{'.'.join(str(part) for part in detail['loc'])}: {detail['msg'][:1].lower()}{detail['msg'][1:]}."
            for detail in error.errors(include_url=False)
        )
        raise ProblemError(422, "the request is not understood; see reasons.", list(reasons)) from None


def known(services: Services, run_id: str) -> RunView:
    """
    Return a run.

    Raises:
        ProblemError: There is none, or no longer.
    """
    view = services.core.runs.find(run_id)
    if view is None:
        raise ProblemError(404, f"there is no simulation {run_id}; old ones are forgotten. GET /v1/runs lists them.")
    return view


def shown(services: Services, view: RunView, *, is_short: bool = False) -> RunModel:
    """Return a run as it is sent; short, without its partial result and files."""
    run = view.run
    progress = dict(view.progress)
    if is_short:
        progress.pop("headline", None)
    is_done = run.state == "done" and not is_short
    return RunModel.model_construct(
        id=run.id, kind=run.kind, title=run.title, state=run.state, request=dict(run.request),
        sha256=run.sha256.hex(), version=run.version, asked_by=run.asked_by, asked_at=run.asked_at,
        started_at=run.started_at, ended_at=run.ended_at, reason=run.reason,
        faults=[FaultModel.model_validate(fault) for fault in run.faults], summary=dict(run.summary),
        progress=progress, files=services.core.runs.stored.files(run.id) if is_done else [],
    )  # fmt: skip


async def _events(services: Services, run_id: str) -> AsyncIterator[bytes]:
    """Yield the events of a run until it is over, its reader has gone, or the service ends."""
    loop, runs = asyncio.get_running_loop(), services.core.runs
    news, latest = asyncio.Event(), list[RunView]()

    def hear(view: RunView) -> None:
        latest[:] = [view]
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(news.set)

    view = await run_in_threadpool(runs.follow, run_id, hear)
    try:
        silent_s = 0.0
        while view is not None:
            model = await run_in_threadpool(shown, services, view)
            yield b"event: run\ndata: %s\n\n" % model.model_dump_json().encode()
            if view.is_over:
                return
            while not news.is_set():
                if services.hub.is_stopping:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await news.wait()
                silent_s += _LOOK_S
                if silent_s >= _BEAT_S:
                    silent_s = 0.0
                    yield b": still here\n\n"
            news.clear()
            view = latest[0]
    finally:
        runs.unfollow(run_id, hear)
