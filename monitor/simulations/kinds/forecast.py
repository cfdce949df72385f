"""
Run the border forward from what is known of it now, under doing nothing and up to four alternatives.

Partial results come as replications do, doing nothing first: backlog at the close and the vehicle that joins now.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from gatewatch.monitor.simulations.kinds.comparison import Alternative, Name, policy_text, stop_if

if TYPE_CHECKING:
    from gatewatch.config.loader import LoadedBorder
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell
    from gatewatch.simulator.forecasting import Forecast

MOST_ALTERNATIVES: Final = 4
_USUAL: Final = "july_2025"


class Request(BaseModel):
    """A forecast."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    now: dict[str, Any] = Field(description="What is known, in the form of simulator/forecasting/now.py.")
    alternatives: list[Alternative] = Field(
        default=[], max_length=MOST_ALTERNATIVES, description="Beside doing nothing."
    )
    horizon_h: int = Field(default=24, ge=1, le=168, description="How far it looks [h].")
    replications: int | None = Field(
        default=None, ge=1, le=1_000, description="Repetitions; none: what ten seconds allow."
    )
    seed: int = Field(default=1, ge=0, le=2**53 - 1, description="Root seed of every stream.")
    scenario: Name | None = Field(
        default=None,
        description="Whose border and seasons hold, and whose demand stands in where no arrivals were counted; none: "
        "the usual one.",
    )  # fmt: skip


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:
    """Return the forecast as `Forecast.as_dict`; the same request gives the same bytes."""
    from gatewatch.monitor.simulations.place import cores, watched_border
    from gatewatch.simulator.engines import kernel
    from gatewatch.simulator.forecasting import Now, forecast_in_parts, most_replications

    asked = Request.model_validate(request)
    now = Now.model_validate_json(json.dumps(asked.now))
    total = most_replications(len(asked.alternatives)) if asked.replications is None else asked.replications
    tell({"phase": "preparing", "done": 0, "total": total})
    kernel.prepare()
    texts = [text_of(alternative) for alternative in asked.alternatives]
    border = watched_border()
    scenario = asked.scenario or usual_scenario(border)
    found: Forecast | None = None
    for part in forecast_in_parts(
        now, border, texts, scenario=scenario, horizon_h=asked.horizon_h, replications=asked.replications,
        seed=asked.seed, workers=cores(), is_cancelled=is_cancelled,
    ):  # fmt: skip
        found = part
        tell({"phase": "running", "done": part.manifest["replications"], "total": total, "headline": headline(part)})
    stop_if(is_cancelled)
    assert found is not None
    titles = dict(zip(texts, (a.title for a in asked.alternatives), strict=True))
    return {**found.as_dict(), "titles": titles, "summary": summary(found)}


def usual_scenario(border: LoadedBorder) -> str:
    """Return the scenario that a forecast rests on when none is named: that of July 2025, or the border's first."""
    known = border.border.scenarios
    return _USUAL if _USUAL in known else next(iter(known), "")


def text_of(alternative: Alternative) -> str:
    """Return an alternative as the simulator names it."""
    return " + ".join(policy_text(part.policy, part.settings) for part in alternative.policies)


def headline(forecast: Forecast) -> list[dict[str, Any]]:
    """Return of each alternative and direction what is asked for first."""
    return [
        {
            "alternative": row["alternative"],
            "gate": row["gate"],
            "direction": row["direction"],
            "close": {key: value for key, value in row["close"].items() if not key.endswith("_levels")},
            "joining": {key: value for key, value in row["joining"].items() if key != "sample_wait_s"},
        }
        for row in forecast.flows
    ]


def summary(forecast: Forecast) -> dict[str, Any]:
    """Return a few figures for lists."""
    return {
        "at": forecast.manifest["at"],
        "replications": forecast.manifest["replications"],
        "flows": len({(row["gate"], row["direction"]) for row in forecast.flows}),
        "skipped": len(forecast.skipped),
    }
