"""`/v1/forecasts/{id}/table.csv`: a forecast as a table, an hour of an alternative at a gate and direction a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from starlette.responses import Response

from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.forecasts import ForecastId
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.services import Serving
from gatewatch.monitor.web.sheets import Sheet, csv_response

router = new_router("forecasts")

_LEVELS: Final = ("p10", "p50", "p90")
_PLACE: Final = ("alternative", "title", "gate", "direction", "at", "hours_ahead")
_COUNTS: Final = ("backlog", "queue", "cleared")
_COLUMNS: Final = (*_PLACE, *(f"{what}_{level}_veh" for what in _COUNTS for level in _LEVELS))
_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The table."}
}


@router.get(
    "/v1/forecasts/{id}/table.csv", response_class=Response, responses=_CSV, summary="Read a forecast as a table"
)
def get_table(services: Serving, forecast_id: ForecastId) -> Response:
    """Return backlog, queue and clearances since it began, by hour and chance, under every alternative [veh]."""
    kept = services.core.forecasts.stored.find(forecast_id)
    if kept is None:
        raise ProblemError(
            404, f"there is no forecast {forecast_id}; old ones are forgotten. GET /v1/forecasts lists them."
        )
    return csv_response(Sheet(f"forecast-{kept.at:%Y-%m-%dT%H%MZ}", _COLUMNS, list(_rows(kept.read()))))


def _rows(forecast: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    titles = forecast.get("titles", {})
    for flow in forecast["flows"]:
        hours, name = flow["hours"], flow["alternative"]
        for n, at in enumerate(hours["at"]):
            counts = (hours[what][level][n] for what in _COUNTS for level in _LEVELS)
            yield (name, titles.get(name, ""), flow["gate"], flow["direction"], at, n, *counts)
