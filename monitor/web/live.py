"""`/v1/live`, `/v1/province`, `/v1/feeds`: what is so now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from gatewatch.config.calendars import DirectionName
from gatewatch.config.schema import Border
from gatewatch.monitor.core import Core
from gatewatch.monitor.live.snapshot import Snapshot
from gatewatch.monitor.web import views
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, FlowState, LiveState, ProvinceState, SourcesState, Utc
from gatewatch.monitor.web.services import Calling, Serving
from gatewatch.monitor.web.tail import MOST_ITEMS

router = new_router("live state")


@dataclass(frozen=True)
class LiveText:
    """
    A snapshot as it is sent, written out once for each scope.

    Args:
        snapshot: Live state.
        border: For names.
    """

    snapshot: Snapshot
    border: Border
    _texts: dict[frozenset[str] | None, bytes] = field(default_factory=dict)

    @property
    def rev(self) -> int:
        """Number of the last journal entry that it rests on."""
        return self.snapshot.rev

    def text(self, gates: frozenset[str] | None) -> bytes:
        """Return it as JSON in one line, for who may see these gates."""
        known = self._texts.get(gates)
        if known is None:
            state = views.live_state(self.snapshot, self.border, gates)
            known = self._texts[gates] = state.model_dump_json().encode()
        return known


class LiveTexts:
    """
    Live state as it is sent, the same one as long as the snapshot is the same.

    Args:
        core: Takes snapshots.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._last: LiveText | None = None

    def take(self, now: datetime) -> LiveText:
        """Return live state as of `now`."""
        snapshot, last = self._core.projector.live(now), self._last
        if last is None or last.snapshot is not snapshot:
            last = self._last = LiveText(snapshot, self._core.border)
        return last


@router.get("/v1/live", response_model=LiveState, summary="Read live state")
def get_live(services: Serving, caller: Calling) -> Response:
    """Return live state of every gate and direction that the caller may see."""
    snapshot = services.core.projector.live(services.clock())
    text = LiveText(snapshot, services.core.border).text(caller.gates)
    return Response(text, media_type="application/json")


@router.get("/v1/live/{gate}/{direction}", response_model=FlowState, summary="Read live state of a gate and direction")
def get_flow(
    services: Serving,
    caller: Calling,
    gate: Annotated[str, Path(description="Gate by permanent id.")],
    direction: Annotated[DirectionName, Path(description="Seen from Vietnam.")],
) -> FlowState:
    """Return live state of one direction of one gate."""
    reach(caller, gate)
    snapshot = services.core.projector.live(services.clock())
    try:
        found = snapshot.flow(gate, direction)
    except KeyError:
        known = ", ".join(sorted({flow.gate for flow in snapshot.flows}))
        raise ProblemError(404, f'"{gate}" has no {direction}, or is no gate; gates are {known}.') from None
    return views.flow_state(snapshot, services.core.border, found)


@router.get("/v1/province", response_model=ProvinceState, summary="Read the province's colours")
def get_province(services: Serving) -> ProvinceState:
    """Return the colour of the national map with our levels beside it, and the rules of both."""
    return views.province_state(services.core.projector.live(services.clock()), services.core.border)


@router.get("/v1/feeds", response_model=SourcesState, summary="Read how the sources do")
def get_feeds(services: Serving, caller: Calling) -> SourcesState:
    """Return every feed declared and every other source heard: when last, silent or not, what is missing."""
    return feeds_now(services.core, services.clock(), caller.gates)


def feeds_now(core: Core, now: datetime, gates: frozenset[str] | None) -> SourcesState:
    """Return how the sources do that one may see who may see these gates."""
    snapshot = core.projector.live(now)
    others = [state.source for state in snapshot.sources if not state.is_declared]
    counted_at = {} if gates is None else _counted_at(core, others)
    return views.sources_state(snapshot, core.border, core.feeds, gates, counted_at)


def _counted_at(core: Core, sources: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the gates at which each source has counted."""
    return core.projector.read(
        lambda projection: {
            source: frozenset(place.gate for place in projection.counts.places_of(source)) for source in sources
        }
    )


class ArrivalModel(Answer):
    """Something that a source sent."""

    at: Utc = Field(description="When it came, by our clock.")
    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    id: str | None
    type: str | None = Field(description="Null: it could not be read.")
    said_at: Utc | None = Field(description="The time that it gave.")
    reasons: list[str] = Field(description="Why not, each with the remedy.")


class TailModel(Answer):
    """The last arrivals of a source."""

    at: Utc
    source: str
    since: Utc = Field(description="Nothing older is remembered; the service began then.")
    arrivals: list[ArrivalModel] = Field(description="Newest first.")


@router.get("/v1/feeds/tail", response_model=TailModel, summary="Read what a source sent last")
def get_tail(
    services: Serving,
    caller: Calling,
    source: Annotated[str, Query(min_length=1, max_length=200, description="The source.")],
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="At most so many.")] = 50,
) -> TailModel:
    """Return what a source sent last and what became of it: accepted, duplicate, conflict or rejected, and why."""
    feed = services.core.feeds.get(source)
    if feed is not None and feed.gate is not None:
        reach(caller, feed.gate)
    elif feed is None and caller.gates is not None and not caller.gates & _counted_at(services.core, [source])[source]:
        raise ProblemError(403, f"{caller.id} is bound to gates, and the source has counted at none of them.")
    arrivals = [
        ArrivalModel.model_validate({
            "at": a.at, "status": a.status, "id": a.id, "type": a.type, "said_at": a.said_at, "reasons": a.reasons,
        })
        for a in services.tail.of(source, limit)
    ]  # fmt: skip
    return TailModel(at=services.clock(), source=source, since=services.tail.since, arrivals=arrivals)
