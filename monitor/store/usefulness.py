"""Whether people found an alert useful: lines of its timeline, of which the last one holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.alert_tables import alert_event

# What a line of a timeline is called, by what was said; None: what was said before holds no more.
KINDS: Final[Mapping[bool | None, str]] = {True: "useful", False: "not_useful", None: "usefulness_withdrawn"}
_SAID: Final = {kind: useful for useful, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Usefulness:
    """
    What somebody said of an alert.

    Args:
        useful: Whether it was of use.
        by: Account or key.
        at: Aware UTC.
    """

    useful: bool
    by: str
    at: datetime


def last_said(lines: Iterable[tuple[str, str, datetime]]) -> Usefulness | None:
    """
    Return what holds after the lines of a timeline, given by kind, person and instant; None: nothing.

    >>> noon = datetime(2026, 1, 15, 12)
    >>> last_said([("firing", "", noon), ("useful", "lan", noon), ("not_useful", "minh", noon)]).useful
    False
    """
    found = None
    for kind, by, at in lines:
        if kind in _SAID:
            useful = _SAID[kind]
            found = None if useful is None else Usefulness(useful, by, at)
    return found


def said_since(connection: Connection, since: datetime) -> dict[str, bool]:
    """Return by id whether each alert was found useful, of those that something was said of since an instant."""
    kept = alert_event.c
    query = select(kept.alert_id, kept.kind, kept.who, kept.at_us).where(
        kept.kind.in_(list(_SAID)), kept.at_us >= to_us(since)
    )
    lines: dict[str, list[tuple[str, str, datetime]]] = {}
    for alert_id, kind, who, at_us in connection.execute(query.order_by(kept.number)):
        lines.setdefault(alert_id, []).append((kind, who, from_us(at_us)))
    found = {alert_id: last_said(own) for alert_id, own in lines.items()}
    return {alert_id: said.useful for alert_id, said in found.items() if said is not None}
