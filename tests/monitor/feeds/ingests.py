"""An ingest in memory, with the identity of the real one and faults on request; clocks that tests turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.observations import Observation, content_sha256, parse_event
from gatewatch.monitor.store import Receipt

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
Event = dict[str, Any]


@dataclass
class MemoryIngest:
    """
    Takes events as the ingest does, each identity once.

    Args:
        faults: Raised by the next posts, first first; "lost" takes the events in and loses the answer.
        taken: What was accepted, by identity, in order.
        posts: The size of each post.
    """

    faults: list[Exception | tuple[str, Exception]] = field(default_factory=list)
    taken: dict[tuple[str, str], Observation] = field(default_factory=dict)
    posts: list[int] = field(default_factory=list)

    def post(self, events: Sequence[Event]) -> list[Receipt]:
        """Return receipts, or raise the next fault."""
        self.posts.append(len(events))
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Exception):
            raise fault
        receipts = [self._take(event) for event in events]
        if fault is not None:
            raise fault[1]
        return receipts

    def _take(self, event: Event) -> Receipt:
        found = parse_event(event)
        if not isinstance(found, Observation):
            return Receipt("rejected", reasons=found.reasons)
        known = self.taken.get((found.source, found.id))
        if known is None:
            self.taken[found.source, found.id] = found
            return Receipt("accepted", len(self.taken))
        is_same = content_sha256(known) == content_sha256(found)
        return Receipt("duplicate", 1) if is_same else Receipt("conflict", reasons=("It was reported otherwise.",))

    @property
    def ids(self) -> list[str]:
        """The ids taken, in order."""
        return [name for _, name in self.taken]


def passage(n: int, at: datetime = NOW, **data: Any) -> Event:
    """Return the clearance number `n` at Huu Nghi."""
    return {
        "specversion": "1.0",
        "id": str(n),
        "source": "huu_nghi/camera/export-out",
        "type": "vehicle.gate_out",
        "time": (at + timedelta(seconds=n)).isoformat(),
        "data": {"gate": "huu_nghi", "direction": "export", "seq": n, **data},
    }


def never(_: float) -> bool:
    """Wait without waiting, and go on."""
    return False


@dataclass
class Hands:
    """A machine's seconds that pass only while someone waits."""

    at: float = NOW.timestamp()
    waited: list[float] = field(default_factory=list)

    def ticks(self) -> float:
        """Return the seconds since 1970."""
        return self.at

    def wait(self, seconds: float) -> bool:
        """Let time pass, and go on."""
        self.waited.append(seconds)
        self.at += seconds
        return False

    def clock(self, speed: float = 1.0) -> RunningClock:
        """Return a clock that shows now and runs on these seconds."""
        return RunningClock.of_the_wall(speed, self.ticks)
