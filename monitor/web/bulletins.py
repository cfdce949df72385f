"""`/v1/bulletins`: files of the authorities' daily bulletin, and the bulletin of a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import File, Form, Path, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from gatewatch.monitor.observations.instants import parse_day
from gatewatch.monitor.web import bulletin_upload
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.bulletin_counts import counted_on
from gatewatch.monitor.web.bulletin_day import BulletinModel, as_sheet, bulletin_of, printed_on
from gatewatch.monitor.web.bulletin_upload import MOST_EDITIONS, Upload
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.services import Address, Calling, Services, Serving
from gatewatch.monitor.web.sheets import csv_response

router = new_router("bulletins")


@router.post("/v1/bulletins", response_model=Upload, summary="Upload a bulletin's file")
async def post_bulletin(
    request: Request,
    services: Serving,
    caller: Calling,
    address: Address,
    file: Annotated[UploadFile, File(description="CSV (any encoding of Vietnamese offices) or XLSX.")],
    day: Annotated[date | None, Form(alias="date", description="Where the file does not say.")] = None,
    edition: Annotated[
        int | None, Form(ge=1, le=MOST_EDITIONS, description="Where the file does not say; a correction has a higher.")
    ] = None,
) -> Upload:
    """
    Take in the figures of a bulletin; every row is answered, none is dropped silently.

    A figure that is known is a `duplicate`. One that has changed gets the next edition, unless an edition is given.
    """
    uploads: bulletin_upload.Uploads = request.app.state.uploads
    given = bulletin_upload.File((file.filename or "")[:200], await file.read(), day, edition)
    return await uploads.take(services, caller, given, address)


@router.get(
    "/v1/bulletins/{date}",
    response_model=BulletinModel,
    summary="Read the bulletin of a day",
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def get_bulletin(
    services: Serving,
    day: Annotated[
        str,
        Path(alias="date", description="Day of the bulletin; it ends at 20:00.", json_schema_extra={"format": "date"}),
    ],
    edition: Annotated[int | None, Query(ge=1, le=100_000, description="Of ours; without it, the last one.")] = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="Form of the answer.")] = "json",
) -> BulletinModel | Response:
    """
    Return every line that is printed or counted, gate by gate, with the checks of the figures against each other.

    After the day has ended what we counted is kept as an edition, and a further one when late observations change it.
    """
    try:
        on = parse_day(day)
    except ValueError as error:
        raise ProblemError(422, f"date: {error}.") from None
    found = bulletin_on(services, on, edition)
    return csv_response(as_sheet(found)) if form == "csv" else found


def bulletin_on(services: Services, day: date, edition: int | None = None) -> BulletinModel:
    """
    Return the bulletin of a day.

    Raises:
        ProblemError: 404 when we have no such edition.
    """
    core = services.core
    editions = core.editions.of(day.isoformat())
    if edition is not None and edition > len(editions):
        raise ProblemError(404, f"there is no edition {edition} of {day}; there are {len(editions)}.")
    printed, findings = core.projector.read(lambda projection: printed_on(projection, day))
    counted = {} if editions else counted_on(core, day)
    return bulletin_of(day, core.border, printed, findings, counted, editions, edition)
