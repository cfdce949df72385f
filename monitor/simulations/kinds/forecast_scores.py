"""Score hours of forecasts against what was seen, and sum scores up; both are arithmetic that the core leaves to us."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell


class Foretold(BaseModel):
    """A direction of a forecast, and what was seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flow: dict[str, Any] = Field(description="A row of the forecast's flows.")
    seen: list[float | None] = Field(description="Backlog at each look, now first; none: not known [veh].")


class Request(BaseModel):
    """Rows to score."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: list[Foretold] = Field(max_length=10_000, description="One for each direction of each forecast.")


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:  # noqa: ARG001
    """Return the scores of each row, by look from the first hour ahead; an hour that nobody saw has none."""
    from gatewatch.monitor.simulations.kinds.comparison import stop_if
    from gatewatch.simulator.forecasting import score

    asked = Request.model_validate(request)
    found = []
    for row in asked.rows:
        stop_if(is_cancelled)
        looks = range(1, min(len(row.seen), len(row.flow["backlog_levels"])))
        found.append([asdict(score(row.flow, n, seen)) for n in looks if (seen := row.seen[n]) is not None])
    return {"scores": found}
