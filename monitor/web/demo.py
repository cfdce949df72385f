"""`/v1/demo`: a simulated border made faster or slower, and jams made on it; a real one has none of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import Body, Path
from pydantic import BaseModel, ConfigDict, Field

from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import known_names
from gatewatch.monitor.feeds.control import Control, ControlFolder, ControlledClock, demo_folder, first_begin
from gatewatch.monitor.feeds.jams import Jam, JamKind
from gatewatch.monitor.observations.fields import Name
from gatewatch.monitor.store import Deed
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Address, Calling, Services, Serving

router = new_router("demonstration")

MOST_JAMS: Final = 200
_NOT_HERE: Final[dict[int | str, dict[str, Any]]] = {
    409: {"description": "What is watched is no simulated border, or too much was asked of it."}
}

Speed = Annotated[float, Field(ge=1, le=600, allow_inf_nan=False, description="Seconds of the border in one of ours.")]


class NewSpeed(BaseModel):
    """How fast the border's clock is to run."""

    model_config = ConfigDict(extra="forbid", strict=True)

    speed: Speed


class NewJam(BaseModel):
    """What is to go wrong."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: JamKind = Field(
        description="counterpart_full: the Chinese side lets nobody into its yard; booths_out: one border guard is "
        "left; arrivals_surge: more vehicles come; camera_silent: a camera is dead."
    )
    gate: Name = Field(description="Gate by permanent id.")
    direction: DirectionName = Field(default="export", description="Seen from Vietnam.")
    hours: Annotated[float, Field(ge=0.25, le=24, allow_inf_nan=False)] = Field(
        default=2.0, description="How long, in hours of the border."
    )
    factor: Annotated[float, Field(gt=1, le=10, allow_inf_nan=False)] = Field(
        default=3.0, description="Times the arrivals, for arrivals_surge."
    )
    source: Name | None = Field(
        default=None, description="The camera, for camera_silent; without it, the one that counts clearances."
    )


class JamModel(Answer):
    """A jam, as it is played."""

    id: int
    kind: JamKind
    gate: str
    direction: DirectionName
    source: str | None
    begins: Utc
    ends: Utc
    state: Literal["coming", "on", "over"]
    ended_by: str | None = Field(description="Who had it end before its time; null: nobody.")


class DemoModel(Answer):
    """The demonstration as it runs."""

    at: Utc = Field(description="What the border's clock shows.")
    speed: Speed
    has_begun: bool = Field(description="Whether its past is told; until then figures and alerts are not all there.")
    jams: list[JamModel] = Field(description="Newest first.")


@router.get("/v1/demo", response_model=DemoModel, responses=_NOT_HERE, summary="Read how the simulated border runs")
def get_demo(services: Serving) -> DemoModel:
    """Return clock, speed and jams of a simulated border."""
    folder, control = _control(services)
    return _told(services, folder, control)


@router.post("/v1/demo/speed", response_model=DemoModel, responses=_NOT_HERE, summary="Make it faster or slower")
async def post_speed(
    body: Annotated[NewSpeed, Body()], services: Serving, caller: Calling, address: Address
) -> DemoModel:
    """Let the clock of a simulated border run at another speed; it does so within two seconds and never jumps."""
    folder, _ = _control(services)
    await _note(services, Deed(caller.id, "demo.speed", f"{body.speed:g}", {}, address))
    await asyncio.to_thread(folder.set_speed, body.speed)
    return _told(services, folder, folder.read(), speed=body.speed)


@router.post("/v1/demo/jams", response_model=DemoModel, responses=_NOT_HERE, summary="Make a jam")
async def post_jam(body: Annotated[NewJam, Body()], services: Serving, caller: Calling, address: Address) -> DemoModel:
    """
    Have something go wrong on a simulated border, from a moment after now on.

    The rest of its days is simulated anew with it; what was told before stays true. Alerts come when the figures show
    it, as they would of a real border.
    """
    reach(caller, body.gate)
    folder, control = _control(services)
    if len(control.jams) >= MOST_JAMS:
        raise ProblemError(409, f"{MOST_JAMS} jams were made already; start the demonstration anew.")
    begins = first_begin(services.clock(), ControlledClock(folder).speed)
    number, ends = max((jam.id for jam in control.jams), default=0) + 1, begins + timedelta(hours=body.hours)
    source = _camera(services, body)
    jam = Jam(number, body.kind, body.gate, body.direction, begins, ends, source, body.factor)
    detail = {"gate": body.gate, "direction": body.direction, "hours": body.hours}
    await _note(services, Deed(caller.id, "demo.jam", body.kind, detail, address))
    await asyncio.to_thread(folder.add_jam, jam)
    return _told(services, folder, folder.read())


@router.delete(
    "/v1/demo/jams/{id}",
    response_model=DemoModel,
    responses={**_NOT_HERE, 404: {"description": "There is no such jam."}},
    summary="End a jam before its time",
)
async def delete_jam(
    number: Annotated[int, Path(alias="id")], services: Serving, caller: Calling, address: Address
) -> DemoModel:
    """
    Have what went wrong on a simulated border be right again, from a moment after now on.

    What it did until then stays: its queue is worked off as a real one would be.
    """
    folder, control = _control(services)
    jam = next((jam for jam in _as_played(folder, control) if jam.id == number), None)
    if jam is None:
        raise ProblemError(404, f"there is no jam {number}; GET /v1/demo lists them.")
    reach(caller, jam.gate)
    ends = first_begin(services.clock(), ControlledClock(folder).speed)
    if jam.ends <= services.clock() or jam.ended_by is not None:
        raise ProblemError(409, f"jam {number} is over, or ends already.")
    detail = {"gate": jam.gate, "direction": jam.direction, "jam": number}
    await _note(services, Deed(caller.id, "demo.jam_end", jam.kind, detail, address))
    await asyncio.to_thread(folder.end_jam, number, ends, caller.id)
    return _told(services, folder, folder.read())


def _control(services: Services) -> tuple[ControlFolder, Control]:
    folder = ControlFolder(demo_folder(services.core.settings.home))
    try:
        if services.core.settings.is_simulated:
            return folder, folder.read()
    except OSError:
        pass  # simulated, but nobody plays it from here
    raise ProblemError(
        409, "what is watched here is no simulated border that could be changed; `gatewatch demo` starts one."
    )


def _camera(services: Services, body: NewJam) -> str | None:
    """Return the device that falls silent; None where none does."""
    gate = services.core.border.gates.get(body.gate)
    if gate is None or gate.dormant or gate.direction(body.direction) is None:
        gates = [name for name, found in services.core.border.gates.items() if not found.dormant]
        raise ProblemError(422, f'"{body.gate}" has no {body.direction}; {known_names("gate", body.gate, gates)}.')
    if body.kind != "camera_silent":
        return None
    mine = {
        source: any((p.what, p.direction) == ("gate_out", body.direction) for p in feed.reports)
        for source, feed in services.core.feeds.items()
        if feed.gate == body.gate and feed.kind == "camera"
    }
    if body.source is not None and body.source not in mine:
        raise ProblemError(422, f'"{body.source}" is no camera there; {known_names("camera", body.source, mine)}.')
    found = body.source or next((source for source, counts in mine.items() if counts), None)
    if found is None:
        raise ProblemError(422, f"no camera counts clearances of {body.gate} {body.direction}; name one in source.")
    return found


def _told(services: Services, folder: ControlFolder, control: Control, speed: float | None = None) -> DemoModel:
    now, jams = services.clock(), _as_played(folder, control)
    return DemoModel(
        at=now,
        speed=ControlledClock(folder).speed if speed is None else speed,
        has_begun=control.has_begun,
        jams=[
            JamModel(
                id=jam.id, kind=jam.kind, gate=jam.gate, direction=jam.direction, source=jam.source,
                begins=jam.begins, ends=jam.ends,
                state="over" if now >= jam.ends else "coming" if now < jam.begins else "on", ended_by=jam.ended_by,
            )
            for jam in reversed(jams)
        ],
    )  # fmt: skip


def _as_played(folder: ControlFolder, control: Control) -> Sequence[Jam]:
    """Return the jams as the simulated border plays them, or soon will, oldest first."""
    played = {jam.id: jam for jam in folder.played()}
    jams = [(jam, played.get(jam.id, jam)) for jam in control.jams]
    return [
        replace(told, ends=min(told.ends, max(jam.ends, told.begins)), ended_by=jam.ended_by) if jam.ended_by else told
        for jam, told in jams
    ]


async def _note(services: Services, deed: Deed) -> None:
    await asyncio.wrap_future(services.core.register.note(deed, services.clock()))
