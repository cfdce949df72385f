"""Callers: who is at the door, with role and scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["viewer", "operator", "coordinator", "planner", "admin", "device", "notifier", "wall"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Who makes a request.

    Args:
        id: `account:NAME` or `key:ID`, as the audit and the journal name it.
        role: What he may do.
        gates: Where; None: everywhere.
        sources: For which sources he may report; None: every one.
        csrf: What changes must carry, for one who came with a cookie; None for keys.
        session: Hash of his session; None for keys.
    """

    id: str
    role: Role
    gates: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    csrf: str | None = None
    session: bytes | None = None

    @property
    def name(self) -> str:
        """Name of the account, or id of the key."""
        return self.id.partition(":")[2]

    def may_reach(self, gate: str | None) -> bool:
        """Return whether a gate is within his scope; None stands for the whole province."""
        return self.gates is None or gate in self.gates

    def may_report_as(self, source: str) -> bool:
        """Return whether he may report for a source."""
        return self.sources is None or source in self.sources
