"""What was reported within a day, and which classes of vehicles passed, for the curves of a gate and direction."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from pydantic import Field
from starlette.requests import Request

from gatewatch.config.schema import VehicleClass
from gatewatch.monitor.access import Caller
from gatewatch.monitor.core import Core
from gatewatch.monitor.live.happenings import HappeningKind, happenings
from gatewatch.monitor.projection.projecting import EMPTY
from gatewatch.monitor.web.page import Asked
from gatewatch.monitor.web.pages.telling import Telling
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Services

_NOTED: Final[frozenset[HappeningKind]] = frozenset({"gate", "hours", "lane"})


class NoteModel(Answer):
    """Something that was reported within the day: a closure, other hours, a lane."""

    at: Utc
    kind: HappeningKind
    sentence: dict[str, str] = Field(description="By language.")


class ClassModel(Answer):
    """Vehicles of a class within the day, by the feeds that tell classes."""

    vehicle_class: str
    title: dict[str, str] = Field(description="By language.")
    arrived: int
    cleared: int


def notes(
    services: Services, request: Request, caller: Caller, gate: str, direction: str, within: tuple[datetime, datetime]
) -> list[NoteModel]:
    """Return closures, other hours and lanes that were reported for a gate and direction, in each language."""
    now = services.clock()
    tellers = {
        language: Telling(Asked(services, request, caller, words, now))
        for language, words in services.screens.words.items()
    }
    found = services.core.projector.read(lambda projection: happenings(projection, *within))
    return [
        NoteModel.model_construct(
            at=each.at, kind=each.kind,
            sentence={language: telling.happening(each.kind, each.said) for language, telling in tellers.items()},
        )
        for each in found
        if each.gate == gate and each.kind in _NOTED and each.said.get("direction") in (None, direction)
    ]  # fmt: skip


def classes(core: Core, gate: str, direction: str, begins: datetime, ends: datetime) -> list[ClassModel]:
    """Return how many vehicles of each class came and went; [] where no feed tells classes."""
    n: dict[str, Counter[str]] = {"arrived": Counter(), "gate_out": Counter()}
    for what, by_class in n.items():
        for row in core.history.latest(begins, ends, gate, direction, what):
            if row.place == "" and row.vehicle_class not in ("", EMPTY):
                by_class[row.vehicle_class] += row.n
    both = n["arrived"] + n["gate_out"]
    known = core.border.vehicle_classes()
    return [
        ClassModel.model_construct(
            vehicle_class=name, title=_title_of(known.get(name), name),
            arrived=n["arrived"][name], cleared=n["gate_out"][name],
        )
        for name, _ in both.most_common()
    ]  # fmt: skip


def _title_of(found: VehicleClass | None, name: str) -> dict[str, str]:
    title = name if found is None else found.title or name
    return {"vi": title if found is None else found.title_vi or title, "en": title}
