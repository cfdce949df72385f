"""From what was posted to receipts: read, checked against the border and the caller's scope, durable, then answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gatewatch.monitor.access import Caller
from gatewatch.monitor.observations import (
    CORRECTIONS,
    BulletinRow,
    Correction,
    Facts,
    Observation,
    Rejection,
    Void,
    check_against,
    instant_text,
    parse_event,
    parse_instant,
)
from gatewatch.monitor.observations.fields import without_unprintable
from gatewatch.monitor.store import Deed, Receipt, Submitted
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer
from gatewatch.monitor.web.services import Services
from gatewatch.monitor.web.tail import Arrival

AHEAD: Final = timedelta(minutes=5)  # a time further in the future is a wrong clock
LATE: Final = timedelta(minutes=15)
MOST_ITEMS: Final = 1_000
_AT_ONCE: Final = 20  # of more than that so many are read, then others are served


Status = Literal["accepted", "duplicate", "conflict", "rejected"]


class ItemReceipt(Answer):
    """What became of one item."""

    status: Status = Field(
        description="duplicate: taken in before; conflict: before with another content, kept in quarantine."
    )
    source: str | None = Field(description="As far as it has one.")
    id: str | None = Field(description="As far as it has one.")
    seq: int | None = Field(description="Its place in the journal.")
    reasons: list[str] = Field(description="Why not, each with the remedy.")


class ReceiptsAnswer(Answer):
    """What became of everything, in its order, after it was on the disk."""

    rev: int | None = Field(description="Live state of at least this revision knows all of it; null: nothing new.")
    items: list[ItemReceipt]


class Item(NamedTuple):
    """What became of one item, as `ItemReceipt` describes; a thousand come at once, so that these are plain."""

    status: Status
    source: str | None
    id: str | None
    seq: int | None
    reasons: list[str]


class Receipts(NamedTuple):
    """What became of everything, in its order, as `ReceiptsAnswer` describes."""

    rev: int | None
    items: list[Item]

    def text(self) -> bytes:
        """Return it as JSON."""
        items = [item._asdict() for item in self.items]
        return json.dumps({"rev": self.rev, "items": items}, separators=(",", ":"), ensure_ascii=False).encode()


def sent_at_of(request: Request) -> datetime | None:
    """
    Return the device's clock when it sent, from the header `X-Sent-At`; None without one.

    Raises:
        ProblemError: It is no time.
    """
    text = request.headers.get("x-sent-at")
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise ProblemError(422, f"the header X-Sent-At is no time; {error}.") from None


async def take_in(
    services: Services, caller: Caller, raws: Sequence[object], sent_at: datetime | None = None
) -> Receipts:
    """
    Take events in and return what became of each, when it is durable.

    Raises:
        StoreError: Nothing was kept; it may be sent again.
    """
    now = services.clock()
    if caller.gates is not None or any(map(_is_about_another, raws)):  # what is corrected is looked up in the store
        judged = await run_in_threadpool(lambda: [judge(services, caller, raw, now, sent_at) for raw in raws])
    elif len(raws) <= _AT_ONCE:
        judged = [judge(services, caller, raw, now, sent_at) for raw in raws]
    else:
        judged = []
        async with services.handover.reading:
            for first in range(0, len(raws), _AT_ONCE):
                judged += [judge(services, caller, raw, now, sent_at) for raw in raws[first : first + _AT_ONCE]]
                await asyncio.sleep(0)
    return await settle(services, judged)


async def settle(services: Services, judged: Sequence[Submitted | Item]) -> Receipts:
    """Submit what may be taken in, wait until it is durable, and answer everything in its order."""
    submitted = [item for item in judged if isinstance(item, Submitted)]
    found: list[Receipt] = []
    if submitted:
        found = await services.handover.submit(submitted)
    receipts = iter(found)
    now = services.clock()
    items: list[Item] = []
    for first in range(0, len(judged), _AT_ONCE):
        if first:
            await asyncio.sleep(0)
        some = judged[first : first + _AT_ONCE]
        told = [_received(what, next(receipts)) if isinstance(what, Submitted) else what for what in some]
        services.tail.add((i.source, _arrival(i, what, now)) for i, what in zip(told, some, strict=True))
        items += told
    late = zip(submitted, found, strict=True)
    services.metrics.came_late(sum(r.status == "accepted" and _is_late(s) for s, r in late))
    services.metrics.observed((item.source, item.status) for item in items)
    return Receipts(max((i.seq for i in items if i.seq is not None), default=None), items)


async def take_in_of_person(services: Services, caller: Caller, raw: dict[str, Any], deed: Deed) -> Receipts:
    """
    Take in what a person says, with the deed in the audit in the same commit.

    Raises:
        StoreError: Nothing was kept.
    """
    now = services.clock()
    judged = await run_in_threadpool(judge, services, caller, raw, now, None)
    if isinstance(judged, Submitted):
        noted = asyncio.wrap_future(services.core.register.note(deed, now))  # put before it, mostly in one commit
        _, receipts = await asyncio.gather(noted, settle(services, [judged]))
        return receipts
    return await settle(services, [judged])


def judge(services: Services, caller: Caller, raw: object, now: datetime, sent_at: datetime | None) -> Submitted | Item:
    """Return an event as it goes to the journal, or why it does not; one that was rejected before stays so."""
    observation = raw if isinstance(raw, Rejection) else parse_event(raw)
    if isinstance(observation, Rejection):
        return rejected(observation.source, observation.id, observation.reasons)
    reasons = (
        check_against(observation, services.core.border)
        or _out_of_scope(services, caller, observation)
        or _about_no_fact(services, observation)
    )
    if reasons:
        return rejected(observation.source, observation.id, reasons)
    return Submitted.of(observation, now, caller.id, sent_at, _refusal(observation, now))


def rejected(source: str | None, event_id: str | None, reasons: Sequence[str]) -> Item:
    """Return the answer for what is not taken in."""
    source, event_id = (None if text is None else without_unprintable(text) for text in (source, event_id))
    return Item("rejected", source, event_id, None, list(reasons))


def _received(item: Submitted, receipt: Receipt) -> Item:
    source, event_id = item.identity
    return Item(receipt.status, source, event_id, receipt.seq, list(receipt.reasons))


def _arrival(item: Item, what: Submitted | Item, now: datetime) -> Arrival:
    observation = what.observation if isinstance(what, Submitted) else None
    return Arrival(
        now, item.status, item.id, None if observation is None else observation.type,
        None if observation is None else observation.occurred_at, tuple(item.reasons),
    )  # fmt: skip


def _is_late(item: Submitted) -> bool:
    return item.received_at - item.observation.occurred_at > LATE


def _refusal(observation: Observation, now: datetime) -> str | None:
    """Return why an observation of the future is kept apart."""
    latest = max(_times(observation))
    if latest <= now + AHEAD:
        return None
    if isinstance(observation.data, BulletinRow):
        return (
            f"the bulletin of {observation.data.day} ends at {instant_text(latest)}, our clock shows "
            f"{instant_text(now.replace(microsecond=0))}. See that its date is right, and send it when it has ended."
        )
    return (
        f"{instant_text(latest)} is in the future, our clock shows {instant_text(now.replace(microsecond=0))}. "
        "Set the clock of the device and report what happened under its right time."
    )


def _times(observation: Observation) -> list[datetime]:
    data = observation.data
    found = [observation.occurred_at, getattr(data, "ends", None)]
    if isinstance(data, Correction):
        found += [data.replacement.time, getattr(data.replacement.data, "ends", None)]
    return [at for at in found if at is not None]


def _out_of_scope(services: Services, caller: Caller, observation: Observation) -> list[str]:
    """Return why a caller may not report this."""
    if not caller.may_report_as(observation.source):
        may = ", ".join(sorted(caller.sources or ()))
        return [f'source is "{observation.source}"; {caller.id} reports for {may} only.']
    data = observation.data
    found = [data]
    if isinstance(data, Correction | Void):
        if caller.sources is not None and data.of.source not in caller.sources:
            return [f'data.of.source is "{data.of.source}"; a device corrects what it has reported itself.']
        if caller.gates is not None:
            target = services.core.journal.find(data.of.source, data.of.id)
            if target is None:
                return ["data.of is not known yet; one who is bound to gates corrects what has come in already."]
            found = [target.observation().data]
        if isinstance(data, Correction):
            found.append(data.replacement.data)
    return [
        f"data.gate is {gate or 'missing'}; {caller.id} is bound to {', '.join(sorted(caller.gates or ()))}."
        for facts in found
        if _has_place(facts) and not caller.may_reach(gate := getattr(facts, "gate", None))
    ]


def _is_about_another(raw: object) -> bool:
    return isinstance(raw, Mapping) and raw.get("type") in CORRECTIONS


def _about_no_fact(services: Services, observation: Observation) -> list[str]:
    """Return why a correction or void would change nothing: it is of itself, or of another correction or void."""
    data = observation.data
    if not isinstance(data, Correction | Void):
        return []
    if (data.of.source, data.of.id) == (observation.source, observation.id):
        return ["data.of is the event itself; name the observation that was wrong."]
    target = services.core.journal.find(data.of.source, data.of.id)
    about = None if target is None else target.observation().data
    if not isinstance(about, Correction | Void):
        return []
    wrong = f"{about.of.source} {about.of.id}"
    remedy = "correct or void that one again: of several the one with the latest time holds"
    return [f"data.of is itself a correction or void, of {wrong}; {remedy}."]


def _has_place(facts: Facts) -> bool:
    """Return whether facts are of a gate, or of the province as a whole; a heartbeat is of neither."""
    return isinstance(facts, BulletinRow) or getattr(facts, "gate", None) is not None
