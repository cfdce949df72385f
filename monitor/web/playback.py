"""`/v1/playback`: a recorded day as a film, in the form in which a run's film comes as `film.json`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date  # noqa: N812 - the parameter is called date
from typing import Annotated, Final

from fastapi import Path, Query
from starlette.responses import Response

from gatewatch.monitor.live.over_time import flow_over, flows_of
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.recorded_film import recorded_film
from gatewatch.monitor.web.services import Calling, Serving

router = new_router("simulations")

_DAY: Final = timedelta(days=1)


@router.get(
    "/v1/playback/{gate}", response_class=Response, summary="Watch a recorded day",
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)  # fmt: skip
def get_playback(
    services: Serving,
    caller: Calling,
    gate: Annotated[str, Path(min_length=1, max_length=200)],
    date: Annotated[Date | None, Query(description="Day in the border's zone; without it, today so far.")] = None,
) -> Response:
    """
    Return a day of a gate as its feeds counted it: vehicles in columns, with where each was from when to when [s].

    Vehicles are not known one by one: those of a quarter-hour are spread over it, and first come is first gone.
    """
    border = services.core.border
    if gate not in border.gates:
        raise ProblemError(404, f"there is no gate {gate!r}; gates are {', '.join(sorted(border.gates))}.")
    reach(caller, gate)
    now = services.clock()
    day = date or now.astimezone(services.zone).date()
    begins = datetime.combine(day, time(), services.zone).astimezone(UTC)
    if begins > now:
        raise ProblemError(422, f"{day} has not begun yet; ask for a day that was recorded.")
    ends = min(begins + _DAY, now)
    rows = services.core.history.latest(begins, ends, gate)
    after = services.core.projector.read(
        lambda projection: {
            direction: flow_over(border, services.core.feeds, projection, gate, direction, begins, ends).after.value
            for name, direction in flows_of(border)
            if name == gate
        }
    )
    inside: dict[str, float] = {direction: value for direction, value in after.items() if value is not None}
    film = recorded_film(border, gate, rows, begins, ends, inside)
    return Response(json.dumps(film, ensure_ascii=False, separators=(",", ":")).encode(), media_type="application/json")
