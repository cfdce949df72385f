"""`/v1/history`: quarter-hours, as they are known now or as they were shown at a revision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import pyarrow as pa
from fastapi import Query
from starlette.responses import Response

from gatewatch.config.calendars import DirectionName
from gatewatch.monitor.observations.instants import parse_instant
from gatewatch.monitor.observations.passages import Point
from gatewatch.monitor.store.history import WindowRow
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Calling, Services, Serving
from gatewatch.monitor.web.sheets import Format, Sheet, csv_response, parquet_response

router = new_router("history")

LONGEST: Final = timedelta(days=31)
_LENGTH: Final = timedelta(minutes=15)
_COLUMNS: Final = ("start", "gate", "direction", "vehicle_class", "what", "place", "n", "version", "is_final", "rev")
_SCHEMA: Final = pa.schema(
    [
        ("start", pa.timestamp("us", tz="UTC")),
        ("gate", pa.string()),
        ("direction", pa.string()),
        ("vehicle_class", pa.string()),
        ("what", pa.string()),
        ("place", pa.string()),
        ("n", pa.int64()),
        ("version", pa.int64()),
        ("is_final", pa.bool_()),
        ("rev", pa.int64()),
    ]
)


class WindowModel(Answer):
    """A quarter of an hour at a point; a point without one was not heard, which is not 0."""

    start: Utc
    gate: str
    direction: DirectionName
    vehicle_class: str
    what: str
    place: str
    n: int
    version: int
    is_final: bool
    rev: int


class HistoryModel(Answer):
    """Quarter-hours in the order of point and time."""

    begins: Utc
    ends: Utc
    zone: str
    as_of_rev: int | None
    windows: list[WindowModel]


@router.get(
    "/v1/history",
    response_model=HistoryModel,
    summary="Read counts by quarter-hour",
    responses={
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
            }
        }
    },
)
def get_history(
    services: Serving,
    caller: Calling,
    begins: Annotated[
        str | None,
        Query(alias="from", description="First start, with its offset; without it, today's midnight."),
    ] = None,
    ends: Annotated[
        str | None, Query(alias="to", description="End, excluded; without it, now. At most 31 days.")
    ] = None,
    gate: Annotated[str | None, Query(description="Only this gate.", min_length=1, max_length=200)] = None,
    direction: Annotated[DirectionName | None, Query(description="Only this direction.")] = None,
    what: Annotated[Point | None, Query(description="Only this passage, such as gate_out.")] = None,
    as_of_rev: Annotated[
        int | None, Query(ge=0, le=2**53 - 1, description="As it was shown at this revision; without it, as it is now.")
    ] = None,
    form: Annotated[Format, Query(alias="format", description="json, csv, or parquet for pandas.")] = "json",
) -> Response:
    """
    Return the passes of each quarter-hour: `n` laden and empty alike, by class where feeds tell it.

    Late and corrected observations make new versions; `as_of_rev` shows what was known before them.
    """
    first, last = _span(services, begins, ends)
    if gate is not None:
        _known(services, gate)
        reach(caller, gate)
    rows = services.core.history.latest(first, last, gate, direction, what, as_of_rev)
    shown = [row for row in rows if caller.may_reach(row.gate)]
    if form != "json":
        sheet = Sheet("history", _COLUMNS, [_values(row) for row in shown])
        return csv_response(_as_text(sheet)) if form == "csv" else parquet_response(sheet, _SCHEMA)
    found = HistoryModel.model_construct(
        begins=first, ends=last, zone=services.core.border.border.timezone, as_of_rev=as_of_rev,
        windows=[WindowModel.model_construct(**dict(zip(_COLUMNS, _values(row), strict=True))) for row in shown],
    )  # fmt: skip
    return Response(found.model_dump_json().encode(), media_type="application/json")


def _span(services: Services, begins: str | None, ends: str | None) -> tuple[datetime, datetime]:
    now = services.clock()
    midnight = now.astimezone(services.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = _instant("from", begins, midnight), _instant("to", ends, now)
    if first >= last:
        raise ProblemError(422, "from is not before to; a later to, or an earlier from.")
    if last - first > LONGEST:
        raise ProblemError(422, f"from and to are {(last - first).days} days apart; ask for at most {LONGEST.days}.")
    return first, last


def _instant(key: str, text: str | None, instead: datetime) -> datetime:
    if text is None:
        return instead
    try:
        return parse_instant(text.replace(" ", "+"))  # a plus that was not escaped comes as a space
    except ValueError as error:
        raise ProblemError(422, f"{key} is no time; {error}.") from None


def _known(services: Services, gate: str) -> None:
    if gate not in services.core.border.gates:
        raise ProblemError(
            404, f"there is no gate {gate!r}; gates are {', '.join(sorted(services.core.border.gates))}."
        )


def _values(row: WindowRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _COLUMNS)


def _as_text(sheet: Sheet) -> Sheet:
    rows = [(str(row[0]).replace(" ", "T").replace("+00:00", "Z"), *row[1:]) for row in sheet.rows]
    return Sheet(sheet.name, sheet.columns, rows)
