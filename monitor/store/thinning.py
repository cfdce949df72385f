"""
What is let go of after a while: delivered messages, and alerts that ended long ago, with all that hangs on them.

Nothing goes of what still happens: no alert that has not ended, no message that waits or was given up, nothing that an
alert needs that has not ended. The last row of a table that is numbered stays, so that no number is given twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from gatewatch.monitor.observations import to_us
from gatewatch.monitor.store.alert_tables import alert, alert_event, silence
from gatewatch.monitor.store.outbox_tables import delivery, delivery_tally, outbox, outbox_news

MOST: Final = 500  # in one transaction, so that what is reported meanwhile need not wait long


def thin_messages(connection: Connection, before: datetime, most: int = MOST) -> int:
    """
    Forget messages that were made and delivered before an instant, with their tries, and return how many.

    Args:
        connection: The writer's.
        before: Aware UTC.
        most: No more than so many; call it again while it returns as many.
    """
    kept = outbox.c
    unended = (
        select(outbox_news.c.number)
        .join(alert, alert.c.id == outbox_news.c.alert_id)
        .where(outbox_news.c.number == kept.number, alert.c.resolved_us.is_(None))
    )
    numbers = _found(
        connection,
        kept.number,
        kept.state == "sent",
        kept.made_us < to_us(before),
        kept.settled_us < to_us(before),
        kept.number < select(func.max(outbox.c.number)).correlate(None).scalar_subquery(),
        ~unended.exists(),
        most=most,
    )
    _count_failures(connection, numbers)
    _remove(connection, numbers, delivery.c.number, outbox_news.c.number, kept.number)
    return len(numbers)


def thin_alerts(connection: Connection, before: datetime, most: int = MOST) -> int:
    """
    Forget alerts that ended before an instant, with their timelines, and return how many; silences of then go as well.

    An alert of which a message waits or was given up stays until that is settled.

    Args:
        connection: The writer's.
        before: Aware UTC.
        most: No more than so many; call it again while it returns as many.
    """
    kept = alert.c
    unsettled = (
        select(outbox_news.c.number)
        .join(outbox, outbox.c.number == outbox_news.c.number)
        .where(outbox_news.c.alert_id == kept.id, outbox.c.state != "sent")
    )
    last = select(alert_event.c.alert_id).order_by(alert_event.c.number.desc()).limit(1).scalar_subquery()
    ids = _found(
        connection,
        kept.id,
        kept.resolved_us < to_us(before),
        kept.id != func.coalesce(last, ""),
        ~unsettled.exists(),
        most=most,
    )
    _remove(connection, ids, alert_event.c.alert_id, kept.id)
    connection.execute(delete(silence).where(silence.c.ends_us < to_us(before)))
    return len(ids)


def _found(connection: Connection, column: Column[Any], *conditions: ColumnElement[bool], most: int) -> list[Any]:
    return list(connection.scalars(select(column).where(*conditions).order_by(column).limit(most)))


def _remove(connection: Connection, values: Sequence[Any], *columns: Column[Any]) -> None:
    """Remove the rows of these values, table by table, what hangs on another first."""
    for column in columns if values else ():
        table = column.table
        assert isinstance(table, Table)
        connection.execute(delete(table).where(column.in_(values)))


def _count_failures(connection: Connection, numbers: Collection[int]) -> None:
    """Keep how many tries of these messages failed, by channel: what counts up must not go down."""
    failed = (
        select(outbox.c.channel, func.count())
        .join(delivery, delivery.c.number == outbox.c.number)
        .where(outbox.c.number.in_(list(numbers)), delivery.c.result != "sent")
        .group_by(outbox.c.channel)
    )
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for channel, n in connection.execute(failed).all():
        statement = make(delivery_tally).values(channel=channel, n_failed=n)
        more = {"n_failed": delivery_tally.c.n_failed + n}
        connection.execute(statement.on_conflict_do_update(index_elements=["channel"], set_=more))
