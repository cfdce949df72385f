"""A bulletin's file taken in: every row answered, known figures not counted twice, changed ones a new edition."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from pydantic import Field
from starlette.concurrency import run_in_threadpool

from gatewatch.monitor.access import Caller
from gatewatch.monitor.bulletins import Cell, Sheet, UnreadableError, read_bulletin
from gatewatch.monitor.observations import instant_text
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projection.timelines import Statement
from gatewatch.monitor.store import Deed, Submitted
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer
from gatewatch.monitor.web.services import Services
from gatewatch.monitor.web.submitting import Item, judge, rejected, settle

MOST_EDITIONS: Final = 1_000
_UNSAID: Final = MOST_EDITIONS  # stands for an edition that neither file nor form says
_CATCH_UP_S: Final = 10.0


class Row(Answer):
    """What became of a figure, or of a row without one."""

    row: int = Field(description="Row of the file, from 1.")
    column: str = Field(description="Heading of its column; empty for the whole row.")
    status: Literal["accepted", "duplicate", "conflict", "rejected"] = Field(
        description="duplicate: this very figure is known; conflict: this edition said something else before."
    )
    line: str | None = Field(description="What is counted.")
    value: int | None = Field(description="The figure as it was read.")
    edition: int | str | None = Field(description="Edition it is kept under; one higher where the figure has changed.")
    source: str | None
    id: str | None
    seq: int | None
    reasons: list[str]


class Upload(Answer):
    """What became of a bulletin's file."""

    rev: int | None = Field(description="Live state of at least this revision knows all of it; null: nothing new.")
    n_accepted: int
    n_duplicate: int
    n_conflict: int
    n_rejected: int
    rows: list[Row]
    ignored: list[str] = Field(
        description="Headings that nobody knows, and further sheets; what stands there is not read."
    )


@dataclass(frozen=True, slots=True)
class File:
    """A bulletin's file with what the form says beside it."""

    name: str
    data: bytes
    day: date | None
    edition: int | None


class Uploads:
    """Takes bulletins in, one at a time: which edition comes next depends on the one before."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def take(self, services: Services, caller: Caller, file: File, address: str) -> Upload:
        """
        Take a file in and return what became of each figure, when it is durable.

        Raises:
            ProblemError: It is no table that can be read.
            StoreError: Nothing was kept.
        """
        async with self._turn:
            projector, journal = services.core.projector, services.core.journal
            await run_in_threadpool(lambda: projector.wait_for(journal.last_seq(), _CATCH_UP_S))
            sheet, judged = await run_in_threadpool(_judged, services, caller, file)
            detail = {"file": file.name, "figures": len(sheet.events), "sha256": _sha256(file.data)}
            noted = services.core.register.note(
                Deed(caller.id, "bulletin.uploaded", file.name, detail, address), services.clock()
            )
            _, receipts = await asyncio.gather(asyncio.wrap_future(noted), settle(services, [j for _, j in judged]))
            if receipts.rev is not None:
                await run_in_threadpool(projector.wait_for, receipts.rev, _CATCH_UP_S)
        rows = [_row(cell, item) for (cell, _), item in zip(judged, receipts.items, strict=True)]
        counted = {f"n_{kind}": sum(row.status == kind for row in rows) for kind in _STATUSES}
        return Upload(rev=receipts.rev, rows=rows, ignored=list(sheet.ignored), **counted)


_STATUSES: Final = ("accepted", "duplicate", "conflict", "rejected")


def _judged(services: Services, caller: Caller, file: File) -> tuple[Sheet, list[tuple[Cell, Submitted | Item]]]:
    edition = _UNSAID if file.edition is None else file.edition
    try:
        sheet = read_bulletin(file.data, services.core.border, file.day, edition)
    except UnreadableError as error:
        raise ProblemError(422, f"{error}.") from None
    now = services.clock()
    found: list[tuple[Cell, Submitted | Item]] = []
    for cell in sheet.cells:
        if cell.event is None:
            found.append((cell, rejected(None, None, [f"{cell.reason}."])))
            continue
        known = _known(services, cell.event["data"], cell.event["source"])
        placed = _placed(cell, known, now, is_said=file.edition is not None)
        outcome, same = judge(services, caller, placed.event, now, None), _same(known, placed)
        if same is not None and isinstance(outcome, Submitted):
            outcome = _duplicate(services, same)
        found.append((placed, outcome))
    return sheet, found


def _known(services: Services, data: Mapping[str, Any], source: str) -> list[Statement]:
    """Return the editions of a figure that are known, oldest first."""
    subject = (source, data["date"], data.get("gate") or "", data.get("direction") or "", data["line"])

    def look(projection: Projection) -> list[Statement]:
        return list(projection.bulletins.by_subject.get(subject, []))

    return services.core.projector.read(look)


def _placed(cell: Cell, known: list[Statement], now: datetime, *, is_said: bool) -> Cell:
    """Return a cell under the edition that it says, or else the last one for the same figure, or the next."""
    assert cell.event is not None
    data = cell.event["data"]
    if is_said or data["edition"] != _UNSAID:
        return cell
    edition: int | str = 1
    if known:
        last = known[-1]
        edition = last.said["edition"] if last.said["value"] == data["value"] else _next(last.said["edition"], now)
    stem = str(cell.event["id"]).rpartition("/")[0]
    event = {**cell.event, "id": f"{stem}/{edition}", "data": {**data, "edition": edition}}
    return Cell(cell.row, cell.column, event)


def _next(edition: int | str, now: datetime) -> int | str:
    """Return the edition after another; after one known by its time of publication comes the time of now."""
    if isinstance(edition, int) and edition < MOST_EDITIONS:
        return edition + 1
    return instant_text(now)


def _same(known: list[Statement], cell: Cell) -> Statement | None:
    """Return the statement that says the same figure for the same edition; how it is spelled does not matter."""
    assert cell.event is not None
    data = cell.event["data"]
    wanted = (data["edition"], data["value"])
    return next((s for s in known if (s.said["edition"], s.said["value"]) == wanted), None)


def _duplicate(services: Services, same: Statement) -> Item:
    source, event_id = same.ref
    entry = services.core.journal.find(source, event_id)
    seq = entry.seq if entry is not None else None
    return Item("duplicate", source, event_id, seq, [])


def _row(cell: Cell, item: Item) -> Row:
    data = cell.event["data"] if cell.event is not None else {}
    return Row(
        row=cell.row, column=cell.column, status=item.status, line=data.get("line"), value=data.get("value"),
        edition=data.get("edition"), source=item.source, id=item.id, seq=item.seq, reasons=item.reasons,
    )  # fmt: skip


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
