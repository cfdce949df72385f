"""`/v1/shifts`: the shift log of a gate or the province: begun, noted, handed over and signed."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gatewatch.monitor.access import Caller
from gatewatch.monitor.observations.fields import Name, printable
from gatewatch.monitor.store import Shift, ShiftEntry, ShiftError, Shifts
from gatewatch.monitor.store.shifts import Work
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.keys import check_gates
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Address, Calling, Services, Serving
from gatewatch.monitor.web.shift_draft import DraftModel, draft

router = new_router("shift log")

MOST_WORDS: Final = 4_000
_ANY_NUMBER: Final = 2**53 - 1


def _lines(text: str) -> str:
    """Return a text with plain ends of lines and nothing around it; every line can be shown."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(printable(line.replace("\t", " ").rstrip()) for line in lines).strip()


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("write something")
    return text


Words = Annotated[str, Field(max_length=MOST_WORDS), AfterValidator(_lines)]
SomeWords = Annotated[Words, AfterValidator(_not_empty), Field(json_schema_extra={"minLength": 1})]
SentId = Annotated[Name | None, Field(description="The same again from the same hand is the same entry.")]
ShiftId = Annotated[int, Path(alias="id", ge=1, le=_ANY_NUMBER, description="Number of the shift.")]


class NewShift(BaseModel):
    """A shift begins, and takes over from the one before."""

    model_config = ConfigDict(extra="forbid", strict=True)

    gate: Name | None = Field(default=None, description="Without it, the whole province.")
    text: Words = Field(default="", description="What the one who begins says.")
    id: SentId = None


class NewNote(BaseModel):
    """Something to be remembered."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: SomeWords
    id: SentId = None


class HandOver(BaseModel):
    """A shift is handed over."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: SomeWords = Field(description="What the next shift must know, in one's own words.")
    id: SentId = None


class EntryModel(Answer):
    """One entry of the log."""

    number: int
    at: Utc
    who: str
    text: str


class ShiftModel(Answer):
    """A shift."""

    id: int
    gate: str | None = Field(description="Null: the whole province.")
    begun: EntryModel
    takes_over: int | None = Field(description="The shift whose hand-over was taken; null: there was none.")
    notes: list[EntryModel]
    signed: EntryModel | None = Field(description="How it was handed over; null while it is open.")


class ShiftsModel(Answer):
    """Shifts, newest first."""

    shifts: list[ShiftModel]
    next_before: int | None = Field(description="Ask for earlier ones with this as `before`; null at the end.")


class ShiftDetail(Answer):
    """A shift with what the log knows of it by itself."""

    shift: ShiftModel
    draft: DraftModel = Field(description="As it was signed, or as it is now.")


@router.get("/v1/shifts", response_model=ShiftsModel, summary="List shifts")
def get_shifts(
    services: Serving,
    caller: Calling,
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 20,
    before: Annotated[int | None, Query(ge=1, le=_ANY_NUMBER, description="Only earlier than this shift.")] = None,
) -> ShiftsModel:
    """Return the last shifts of the gates that the caller may see, and of the province."""
    found = services.core.shifts.latest(limit, before)
    shown = [shift_model(shift) for shift in found if _may_see(caller, shift.begun.gate)]
    return ShiftsModel(shifts=shown, next_before=found[-1].begun.number if len(found) == limit else None)


@router.post("/v1/shifts", response_model=ShiftModel, status_code=201, summary="Begin a shift")
def post_shift(body: NewShift, services: Serving, caller: Calling, address: Address) -> ShiftModel:
    """Begin a shift; it takes over what the one before at the same place has signed."""
    check_gates([body.gate] if body.gate is not None else None, services)
    _reach(caller, body.gate)
    now = services.clock()
    entry = _write(services, Shifts.begin(body.gate, caller.id, body.text, now, body.id, address))
    return shift_model(_shift(services, entry.shift))


@router.get("/v1/shifts/{id}", response_model=ShiftDetail, summary="Read a shift")
def get_shift(shift_id: ShiftId, services: Serving, caller: Calling) -> ShiftDetail:
    """Return a shift with its hand-over: as it was signed, or as the log would draft it now."""
    return shift_detail(services, caller, shift_id)


@router.post("/v1/shifts/{id}/notes", response_model=ShiftModel, status_code=201, summary="Note something")
def post_note(shift_id: ShiftId, body: NewNote, services: Serving, caller: Calling, address: Address) -> ShiftModel:
    """Add a note to an open shift; it stays as it is."""
    _reach(caller, _shift(services, shift_id).begun.gate)
    now = services.clock()
    _write(services, Shifts.add(shift_id, "note", caller.id, body.text, now, body.id, address=address))
    return shift_model(_shift(services, shift_id))


@router.post("/v1/shifts/{id}/sign", response_model=ShiftModel, summary="Hand a shift over")
def post_sign(shift_id: ShiftId, body: HandOver, services: Serving, caller: Calling, address: Address) -> ShiftModel:
    """Sign a shift off: the words and the draft are kept as they are now, and it takes nothing more."""
    shift = _shift(services, shift_id)
    _reach(caller, shift.begun.gate)
    now = services.clock()
    drafted = draft(services.core, shift.begun.gate, shift.begun.at, max(now, shift.begun.at))
    kept = drafted.model_dump(mode="json")
    _write(services, Shifts.add(shift_id, "signed", caller.id, body.text, now, body.id, kept, address))
    return shift_model(_shift(services, shift_id))


def shift_detail(services: Services, caller: Caller, shift_id: int) -> ShiftDetail:
    """
    Return a shift and its draft, as a caller may see them.

    Raises:
        ProblemError: 404 or 403.
    """
    shift = _shift(services, shift_id)
    gate = shift.begun.gate
    if gate is not None:
        reach(caller, gate)
    signed = shift.signed
    if signed is not None and signed.draft is not None:
        drafted = DraftModel.model_validate(signed.draft)
    else:
        drafted = draft(services.core, gate, shift.begun.at, max(services.clock(), shift.begun.at))
    return ShiftDetail(shift=shift_model(shift), draft=drafted.seen_by(caller.gates))


def shift_model(shift: Shift) -> ShiftModel:
    """Return a shift as it is told."""
    begun, signed = shift.begun, shift.signed
    return ShiftModel(
        id=begun.number, gate=begun.gate, begun=_entry(begun), takes_over=begun.takes_over,
        notes=[_entry(note) for note in shift.notes], signed=None if signed is None else _entry(signed),
    )  # fmt: skip


def _entry(entry: ShiftEntry) -> EntryModel:
    return EntryModel(number=entry.number, at=entry.at, who=entry.who, text=entry.text)


def _shift(services: Services, shift_id: int) -> Shift:
    found = services.core.shifts.find(shift_id)
    if found is None:
        raise ProblemError(404, f"there is no shift {shift_id}; GET /v1/shifts lists them.")
    return found


def _reach(caller: Caller, gate: str | None) -> None:
    """Let a caller write for a gate; for the province only one who is bound to none."""
    if gate is not None:
        reach(caller, gate)
    elif caller.gates is not None:
        raise ProblemError(403, f"{caller.id} is bound to gates; the province's log is for those who are not.")


def _may_see(caller: Caller, gate: str | None) -> bool:
    return gate is None or caller.may_reach(gate)


def _write(services: Services, work: Work) -> ShiftEntry:
    """Do something in the log, and wait until it is durable."""
    try:
        return services.core.writer.write(work).result()
    except ShiftError as error:
        raise ProblemError(409, str(error)) from None
