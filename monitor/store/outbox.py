"""
The outbox: messages are put in with the change that they tell, and stay until they are delivered or given up.

A message is leased for a while, sent, and settled. A lease that ends without a word, or whose holder another one has
followed, leaves its message in doubt: it is sent again, marked as a possible double, since a message too many is better
than one too few.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Literal

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gatewatch.monitor.alerting.outgoing import Outgoing
from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.nullable import at_or_none
from gatewatch.monitor.store.outbox_tables import delivery, delivery_tally, outbox, outbox_news

State = Literal["waiting", "sent", "dead"]
Result = Literal["sent", "failed", "unknown"]

GIVE_UP_AFTER: Final = timedelta(hours=24)  # from the first try
LEASE: Final = timedelta(seconds=60)
LONGEST_PAUSE: Final = timedelta(minutes=15)  # before the next try
MOST_OF_A_CHANNEL: Final = 4  # messages that one channel carries at once: a stuck one takes no more of the notifier
_MOST_SAID: Final = 500  # characters


@dataclass(frozen=True, slots=True)
class Leased:
    """
    A message that somebody is to deliver.

    Args:
        number: Its number in the outbox.
        lease: What its result must carry.
        outgoing: The message.
        n_tries: Tries before this one.
        is_doubtful: An earlier try ended without a word: it may have arrived already.
    """

    number: int
    lease: str
    outgoing: Outgoing
    n_tries: int
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class Try:
    """One try to deliver a message."""

    n: int
    at: datetime
    result: Result
    said: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    How far a message has come.

    Args:
        number: Its number in the outbox.
        outgoing: The message.
        state: Whether it waits, was sent, or was given up.
        made_at: Evaluation that made it.
        due_at: Next try while it waits.
        settled_at: When it was delivered or given up.
        is_doubtful: It may have arrived twice, or once although it was given up.
        tries: Every try, first to last.
    """

    number: int
    outgoing: Outgoing
    state: State
    made_at: datetime
    due_at: datetime
    settled_at: datetime | None
    is_doubtful: bool
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Deliveries of an alert by state."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """
    How the outbox does.

    Args:
        waiting: Messages that wait.
        oldest_made_at: Evaluation that made the oldest of them; None when none waits.
        dead: Messages that were given up.
        dead_lately: Those among them given up since the instant that was asked for.
    """

    waiting: int
    oldest_made_at: datetime | None
    dead: int
    dead_lately: int

    def age_s(self, now: datetime) -> float:
        """Return how long the oldest has waited [s], 0 when none waits."""
        return 0.0 if self.oldest_made_at is None else max(0.0, (now - self.oldest_made_at).total_seconds())


class Outbox:
    """Reads how far messages have come; the writer's connection puts, leases and settles them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def put(connection: Connection, outgoing: Outgoing, now: datetime) -> bool:
        """
        Keep a message to be delivered; return False when one of its key is there already.

        Args:
            connection: The writer's, within the transaction of what the message tells.
            outgoing: The message.
            now: Evaluation that made it.
        """
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        values = {
            "key": outgoing.key,
            "destination": outgoing.destination,
            "channel": outgoing.channel,
            "body": _adapter().dump_json(outgoing).decode(),
            "state": "waiting",
            "made_us": to_us(now),
            "due_us": 0,
            "n_tries": 0,
            "is_doubtful": False,
            "said": "",
        }
        statement = make(outbox).values(**values).on_conflict_do_nothing(index_elements=["key"])
        number = connection.execute(statement.returning(outbox.c.number)).scalar_one_or_none()
        if number is None:
            return False
        told = {news.key: news.alert_id for news in outgoing.news}
        if told:
            rows = [{"number": number, "key": key, "alert_id": alert_id} for key, alert_id in told.items()]
            connection.execute(insert(outbox_news), rows)
        return True

    def has_due(self, holder: str, now: datetime, under_way: Collection[int] | None = None) -> bool:
        """Return whether a holder may find something to lease, so that a look into an empty outbox writes nothing."""
        query = select(outbox.c.number).where(*_is_free(holder, now, under_way)).limit(1)
        with self._store.reading() as connection:
            return connection.execute(query).first() is not None

    @staticmethod
    def lease(
        connection: Connection, holder: str, now: datetime, most: int, under_way: Collection[int] | None = None
    ) -> list[Leased]:
        """
        Return messages to be delivered now, oldest first, each leased for `LEASE`.

        A destination gets one at a time, in order; a channel carries `MOST_OF_A_CHANNEL` at once.

        Args:
            connection: The writer's.
            holder: Who delivers, a word for each start of it: leases of another holder have ended.
            now: Aware UTC, by the clock of the deliveries.
            most: How many are wanted.
            under_way: Messages that the holder has: what else is leased to it never reached it, and these it keeps,
                however long it takes. Without it, leases end by the clock.
        """
        query = select(outbox).where(outbox.c.state == "waiting").order_by(outbox.c.number)
        busy, taken = set[str](), dict[str, int]()
        for row in connection.execute(_leased_now(holder, now, under_way)):
            busy.add(row.destination)
            taken[row.channel] = taken.get(row.channel, 0) + 1
        found: list[Row[Any]] = []
        for row in connection.execute(query.where(*_is_free(holder, now, under_way))):
            if len(found) == most:
                break
            if row.destination not in busy and taken.get(row.channel, 0) < MOST_OF_A_CHANNEL:
                busy.add(row.destination)
                taken[row.channel] = taken.get(row.channel, 0) + 1
                found.append(row)
        return [_lease(connection, row, holder, now, is_exact=under_way is not None) for row in found]

    @staticmethod
    def settle(
        connection: Connection,
        number: int,
        lease: str,
        result: Result,
        now: datetime,
        said: str = "",
        retry_at: datetime | None = None,
        *,
        waits_all: bool = False,
    ) -> State | None:
        """
        Note what became of a try and return the state of the message; None when the lease is not its last one.

        A message that was not sent is tried again at `retry_at`, and given up when `GIVE_UP_AFTER` has passed since
        the first try.

        Args:
            connection: The writer's.
            number: Message.
            lease: As it was leased.
            result: `unknown` when nobody can say whether it arrived.
            now: Aware UTC, by the clock of the deliveries.
            said: Why it failed, for people.
            retry_at: When to try again; at once without it.
            waits_all: The destination takes nothing now: what waits for it behind this message waits as well.
        """
        row = connection.execute(select(outbox).where(outbox.c.number == number)).one_or_none()
        if row is None or row.state != "waiting" or row.lease != lease:
            return None
        n_tries, said = row.n_tries + 1, said[:_MOST_SAID]
        retry_us = to_us(min(retry_at, now + LONGEST_PAUSE)) if retry_at is not None else 0
        _note(connection, number, n_tries, result, said, now)
        values: dict[str, Any] = {
            "lease": None, "lease_ends_us": None, "n_tries": n_tries, "said": said,
            "is_doubtful": bool(row.is_doubtful) or result == "unknown",
        }  # fmt: skip
        state: State = "waiting"
        if result == "sent":
            state = "sent"
        elif now - from_us(row.first_us) >= GIVE_UP_AFTER:
            state = "dead"
        if state == "waiting":
            values["due_us"] = retry_us
        else:
            values |= {"state": state, "settled_us": to_us(now)}
        connection.execute(update(outbox).where(outbox.c.number == number).values(**values))
        if waits_all and result != "sent":
            behind = [
                outbox.c.destination == row.destination, outbox.c.state == "waiting", outbox.c.lease.is_(None),
                outbox.c.due_us < retry_us,
            ]  # fmt: skip
            connection.execute(update(outbox).where(*behind).values(due_us=retry_us))
        return state

    @staticmethod
    def revive(connection: Connection, number: int, now: datetime) -> bool:
        """Have a message that was given up tried again, as if for the first time; return whether it was given up."""
        changed = connection.execute(
            update(outbox)
            .where(outbox.c.number == number, outbox.c.state == "dead")
            .values(state="waiting", settled_us=None, first_us=None, due_us=to_us(now))
        )
        return bool(changed.rowcount)

    def condition(self, since: datetime) -> Condition:
        """Return how the outbox does, and what was given up since an instant."""
        kept = outbox.c
        with self._store.reading() as connection:
            waiting, oldest = connection.execute(
                select(func.count(), func.min(kept.made_us)).where(kept.state == "waiting")
            ).one()
            dead = select(func.count()).where(kept.state == "dead")
            n_dead = connection.execute(dead).scalar_one()
            n_lately = connection.execute(dead.where(kept.settled_us >= to_us(since))).scalar_one()
        return Condition(waiting, at_or_none(oldest), n_dead, n_lately)

    def failures(self) -> dict[str, int]:
        """Return how many tries have failed so far, by channel; of messages that are kept no more as well."""
        joined = delivery.join(outbox, outbox.c.number == delivery.c.number)
        query = select(outbox.c.channel, func.count()).select_from(joined).where(delivery.c.result != "sent")
        with self._store.reading() as connection:
            found = {row[0]: row[1] for row in connection.execute(query.group_by(outbox.c.channel))}
            for row in connection.execute(select(delivery_tally)):
                found[row.channel] = found.get(row.channel, 0) + row.n_failed
            return found

    def counts(self, alert_ids: Iterable[str]) -> dict[str, Counts]:
        """Return how many deliveries there are of each alert, by state; one without any is left out."""
        joined = outbox_news.join(outbox, outbox.c.number == outbox_news.c.number)
        query = (
            select(outbox_news.c.alert_id, outbox.c.state, func.count(func.distinct(outbox.c.number)))
            .select_from(joined)
            .where(outbox_news.c.alert_id.in_(list(alert_ids)))
            .group_by(outbox_news.c.alert_id, outbox.c.state)
        )
        found: dict[str, dict[str, int]] = {}
        with self._store.reading() as connection:
            for alert_id, state, n in connection.execute(query):
                found.setdefault(alert_id, {})["failed" if state == "dead" else state] = n
        return {alert_id: Counts(**by_state) for alert_id, by_state in found.items()}

    def of_alert(self, alert_id: str) -> list[Delivery]:
        """Return every delivery that tells of an alert, oldest first, with its tries."""
        numbers = select(outbox_news.c.number).where(outbox_news.c.alert_id == alert_id)
        return self._read(select(outbox).where(outbox.c.number.in_(numbers)).order_by(outbox.c.number))

    def dead(self, most: int = 100) -> list[Delivery]:
        """Return the messages that were given up, the last one first, with their tries."""
        return self._read(
            select(outbox).where(outbox.c.state == "dead").order_by(outbox.c.settled_us.desc()).limit(most)
        )

    def delivered(self, channel: str, most: int = 100, after: int = 0) -> list[Delivery]:
        """Return what was delivered over a channel after a number, the last one first, with its tries."""
        kept = outbox.c
        query = select(outbox).where(kept.channel == channel, kept.state == "sent", kept.number > after)
        return self._read(query.order_by(kept.number.desc()).limit(most))

    def _read(self, query: Select[Any]) -> list[Delivery]:
        with self._store.reading() as connection:
            rows = list(connection.execute(query))
            tries: dict[int, list[Try]] = {row.number: [] for row in rows}
            noted = select(delivery).where(delivery.c.number.in_(list(tries))).order_by(delivery.c.n)
            for row in connection.execute(noted) if tries else ():
                tries[row.number].append(Try(row.n, from_us(row.at_us), row.result, row.said))
        return [
            Delivery(
                row.number, _outgoing(row.body), row.state, from_us(row.made_us), from_us(row.due_us),
                at_or_none(row.settled_us), bool(row.is_doubtful),
                tuple(tries[row.number]),
            )
            for row in rows
        ]  # fmt: skip


@cache
def _adapter() -> TypeAdapter[Outgoing]:
    return TypeAdapter(Outgoing)


def _outgoing(body: str) -> Outgoing:
    return _adapter().validate_json(body)


def _is_free(holder: str, now: datetime, under_way: Collection[int] | None) -> list[Any]:
    """Return the conditions of what may be leased; what lies further ahead than it can, a wrong clock put there."""
    kept, now_us = outbox.c, to_us(now)
    is_due = (kept.due_us <= now_us) | (kept.due_us > to_us(now + LONGEST_PAUSE))
    return [kept.state == "waiting", is_due, kept.lease.is_(None) | ~_is_held(holder, now, under_way)]


def _is_held(holder: str, now: datetime, under_way: Collection[int] | None) -> ColumnElement[bool]:
    """Return the condition of what a holder has."""
    kept = outbox.c
    is_own = kept.lease.startswith(f"{holder}.", autoescape=True)
    if under_way is not None:
        return is_own & kept.number.in_(list(under_way))
    return is_own & (kept.lease_ends_us > to_us(now)) & (kept.lease_ends_us <= to_us(now + LEASE))


def _leased_now(holder: str, now: datetime, under_way: Collection[int] | None) -> Select[Any]:
    kept = outbox.c
    return select(kept.destination, kept.channel).where(
        kept.state == "waiting", kept.lease.is_not(None), _is_held(holder, now, under_way)
    )


def _lease(connection: Connection, row: Row[Any], holder: str, now: datetime, *, is_exact: bool) -> Leased:
    lease, n_tries, is_doubtful = f"{holder}.{secrets.token_hex(8)}", row.n_tries, bool(row.is_doubtful)
    never_arrived = is_exact and row.lease is not None and row.lease.startswith(f"{holder}.")
    if row.lease is not None and not never_arrived:  # the last one never said what became of it
        n_tries, is_doubtful = n_tries + 1, True
        _note(connection, row.number, n_tries, "unknown", "no word came: the sender ended meanwhile", now)
    values = {
        "lease": lease,
        "lease_ends_us": to_us(now + LEASE),
        "first_us": row.first_us if row.first_us is not None else to_us(now),
        "n_tries": n_tries,
        "is_doubtful": is_doubtful,
    }
    connection.execute(update(outbox).where(outbox.c.number == row.number).values(**values))
    return Leased(row.number, lease, _outgoing(row.body), n_tries, is_doubtful)


def _note(connection: Connection, number: int, n: int, result: Result, said: str, now: datetime) -> None:
    values = {"number": number, "n": n, "at_us": to_us(now), "result": result, "said": said}
    connection.execute(insert(delivery).values(**values))
