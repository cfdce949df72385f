"""`/v1/outbox`: what is to be delivered, for the notifier that delivers it; `/v1/messages`: what stands on screens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from gatewatch.monitor.alerting.outgoing import Outgoing
from gatewatch.monitor.failpoints import reach
from gatewatch.monitor.store import Deed, Delivery, Outbox
from gatewatch.monitor.store.outbox import LONGEST_PAUSE
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Level, Utc
from gatewatch.monitor.web.services import Address, Calling, Serving

router = new_router("delivery")

IN_APP = "in_app"
Number = Annotated[int, Path(ge=1, le=2**53 - 1, description="Number of the message in the outbox.")]
_DAY = timedelta(days=1)


class LeaseRequest(BaseModel):
    """Who wants messages, and how many."""

    model_config = ConfigDict(extra="forbid", strict=True)

    holder: str = Field(
        pattern=r"^[A-Za-z0-9-]{1,40}$",
        description="A word for this start of the notifier; leases of an earlier one have ended.",
    )
    most: Annotated[int, Field(ge=1, le=100)] = Field(description="At most so many.")
    under_way: Annotated[list[int], Field(max_length=1_000)] = Field(
        default=[], description="Messages that it has already; what else is leased to it never reached it."
    )


class NewsModel(Answer):
    """One alert's news in a message."""

    alert_id: str
    key: str
    reason: str
    level: Level
    rule: str
    gate: str
    direction: str


class OutgoingModel(Answer):
    """A message as rendered."""

    key: str = Field(description="Stands for this delivery: alert, transition and destination are in it.")
    destination: str = Field(description="Contact.")
    channel: str
    address: str
    language: str
    subject: str
    text: str
    short: str
    brief: str
    level: Level
    is_urgent: bool
    link: str
    news: list[NewsModel]


class LeasedModel(Answer):
    """A message to be delivered now."""

    number: int
    lease: str = Field(description="What its result must carry.")
    n_tries: int = Field(description="Tries before this one.")
    is_doubtful: bool = Field(description="An earlier try may have arrived.")
    outgoing: OutgoingModel


class LeasesModel(Answer):
    """Messages to be delivered now, one for a contact."""

    messages: list[LeasedModel]


class SettleRequest(BaseModel):
    """What became of a try."""

    model_config = ConfigDict(extra="forbid", strict=True)

    lease: str = Field(max_length=100)
    result: Literal["sent", "failed", "unknown"] = Field(description="`unknown`: it may have arrived.")
    said: str = Field(default="", max_length=2_000, description="Why it failed, for people.")
    retry_after_s: Annotated[float, Field(ge=0, le=LONGEST_PAUSE.total_seconds(), allow_inf_nan=False)] = Field(
        default=0.0, json_schema_extra={"unit": "s"}, description="When to try again."
    )
    waits_all: bool = Field(
        default=False, description="The contact takes nothing now: what waits for it behind this waits as well."
    )


class SettledModel(Answer):
    """What a message has become."""

    state: Literal["waiting", "sent", "dead"]


class TryModel(Answer):
    """One try."""

    n: int
    at: Utc
    result: Literal["sent", "failed", "unknown"]
    said: str


class DeadModel(Answer):
    """A message that was given up."""

    number: int
    key: str
    destination: str
    channel: str
    subject: str
    made_at: Utc
    given_up_at: Utc | None
    tries: list[TryModel]


class OutboxModel(Answer):
    """How the outbox does."""

    waiting: int
    oldest_made_at: Utc | None
    age_s: float = Field(json_schema_extra={"unit": "s"}, description="How long the oldest has waited; 0: none waits.")
    n_dead: int
    n_dead_lately: int = Field(description="Given up within the last 24 h.")
    dead: list[DeadModel] = Field(description="The last ones given up.")


class MessageModel(Answer):
    """A message on a screen."""

    number: int
    contact: str
    made_at: Utc
    level: Level
    is_urgent: bool
    language: str
    subject: str
    text: str
    alerts: list[str] = Field(description="Alerts that it tells of.")


class MessagesModel(Answer):
    """Messages on screens, the last one first."""

    messages: list[MessageModel]


@router.post("/v1/outbox/lease", response_model=LeasesModel, summary="Take messages to be delivered")
def post_lease(request: Request, body: LeaseRequest, services: Serving) -> LeasesModel:
    """Lease messages for a minute; each must be settled. A contact gets one at a time, in order."""
    core, now = services.core, _delivery_clock(request)()
    services.metrics.notifier_seen(now)
    if not Outbox(core.store).has_due(body.holder, now, body.under_way):
        return LeasesModel(messages=[])
    leased = core.writer.write(lambda c: Outbox.lease(c, body.holder, now, body.most, body.under_way)).result()
    reach("outbox: leased")
    return LeasesModel(
        messages=[
            LeasedModel(
                number=one.number, lease=one.lease, n_tries=one.n_tries, is_doubtful=one.is_doubtful,
                outgoing=_outgoing(one.outgoing),
            )
            for one in leased
        ]
    )  # fmt: skip


@router.post("/v1/outbox/{number}/settle", response_model=SettledModel, summary="Tell what became of a try")
def post_settle(request: Request, number: Number, body: SettleRequest, services: Serving) -> SettledModel:
    """Note a try; a message that was not delivered is tried again, and given up a day after its first try."""
    now = _delivery_clock(request)()
    retry_at = now + timedelta(seconds=body.retry_after_s)
    reach("outbox: to settle")
    state = services.core.writer.write(
        lambda c: Outbox.settle(
            c, number, body.lease, body.result, now, body.said, retry_at, waits_all=body.waits_all
        )
    ).result()  # fmt: skip
    reach("outbox: settled")
    if state is None:
        raise ProblemError(409, f"message {number} is not leased by this lease; take it anew.")
    return SettledModel(state=state)


@router.get("/v1/outbox", response_model=OutboxModel, summary="Ask how deliveries do")
def get_outbox(services: Serving, caller: Calling) -> OutboxModel:
    """Return what waits, for how long, and the messages that were given up, as far as the caller's gates go."""
    outbox, now = Outbox(services.core.store), services.clock()
    condition = outbox.condition(now - _DAY)
    return OutboxModel(
        waiting=condition.waiting,
        oldest_made_at=condition.oldest_made_at,
        age_s=condition.age_s(now),
        n_dead=condition.dead,
        n_dead_lately=condition.dead_lately,
        dead=[_dead(one) for one in outbox.dead() if _reaches(caller.may_reach, one)],
    )


@router.post("/v1/outbox/{number}/retry", response_model=SettledModel, summary="Try a message again")
def post_retry(
    request: Request, number: Number, services: Serving, caller: Calling, address: Address
) -> SettledModel:  # fmt: skip
    """Have a message that was given up tried for another day, when its channel has been mended."""
    core, now = services.core, _delivery_clock(request)()
    if not core.writer.write(lambda c: Outbox.revive(c, number, now)).result():
        raise ProblemError(404, f"no message {number} was given up; GET /v1/outbox lists those that were.")
    core.register.note(Deed(caller.id, "message.retried", str(number), {}, address), services.clock()).result()
    return SettledModel(state="waiting")


@router.get("/v1/messages", response_model=MessagesModel, summary="Read the messages on screens")
def get_messages(
    services: Serving,
    caller: Calling,
    contact: Annotated[str | None, Query(max_length=100, description="Only those to this contact.")] = None,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Only what follows this number.")] = 0,
) -> MessagesModel:
    """Return what was told over the channels that stay in this service, as far as the caller's gates go."""
    outbox = Outbox(services.core.store)
    channels = [name for name, channel in services.core.told.channels.items() if channel.kind == IN_APP]
    found = [one for name in channels for one in outbox.delivered(name, after=after)]
    found.sort(key=lambda one: one.number, reverse=True)
    return MessagesModel(
        messages=[
            _message(one)
            for one in found
            if (contact is None or one.outgoing.destination == contact) and _reaches(caller.may_reach, one)
        ]
    )


def _delivery_clock(request: Request) -> Callable[[], datetime]:
    found: Callable[[], datetime] = request.app.state.delivery_clock
    return found


def _reaches(may_reach: Callable[[str | None], bool], delivery: Delivery) -> bool:
    """Return whether everything that a message tells lies within somebody's gates."""
    return all(may_reach(news.gate or None) for news in delivery.outgoing.news)


def _outgoing(outgoing: Outgoing) -> OutgoingModel:
    return OutgoingModel.model_validate(outgoing, from_attributes=True)


def _message(delivery: Delivery) -> MessageModel:
    told = delivery.outgoing
    return MessageModel.model_validate(
        {
            "number": delivery.number, "contact": told.destination, "made_at": delivery.made_at, "level": told.level,
            "is_urgent": told.is_urgent, "language": told.language, "subject": told.subject, "text": told.text,
            "alerts": list(dict.fromkeys(news.alert_id for news in told.news)),
        }
    )  # fmt: skip


def _dead(delivery: Delivery) -> DeadModel:
    told = delivery.outgoing
    return DeadModel(
        number=delivery.number, key=told.key, destination=told.destination, channel=told.channel,
        subject=told.subject, made_at=delivery.made_at, given_up_at=delivery.settled_at,
        tries=[TryModel(n=one.n, at=one.at, result=one.result, said=one.said) for one in delivery.tries],
    )  # fmt: skip
