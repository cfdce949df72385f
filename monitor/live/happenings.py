"""What people and devices reported that is worth telling afterwards: closures, other hours, lanes, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.projection.projecting import Projection

HappeningKind = Literal["gate", "hours", "lane", "backlog", "yard", "queue"]
_KINDS: Final[Mapping[str, HappeningKind]] = {
    "gate": "gate", "hours": "hours", "lane": "lane", "backlog": "backlog", "yard": "yard", "queue": "queue",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """
    Something reported.

    Args:
        at: The instant it holds from, aware UTC.
        kind: What it is about.
        gate: Gate.
        source: Who reported.
        id: Id of the observation.
        said: Its facts, as the observation has them.
    """

    at: datetime
    kind: HappeningKind
    gate: str
    source: str
    id: str
    said: dict[str, Any]


def happenings(projection: Projection, begins: datetime, ends: datetime) -> list[Happening]:
    """Return what was reported for times within [begins, ends), in their order."""
    first, last = to_us(begins), to_us(ends)
    found = [
        Happening(
            from_us(statement.at_us), _KINDS[subject[0]], cast("str", statement.said["gate"]), *statement.ref,
            said=statement.said,
        )
        for subject in projection.stated.by_subject
        if subject[0] in _KINDS
        for statement in projection.stated.since(subject, first)
        if statement.at_us < last
    ]  # fmt: skip
    return sorted(found, key=lambda happening: (happening.at, happening.source, happening.id))
