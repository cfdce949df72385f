"""What each source sent last and what became of it, for who sets up a device; in memory, since the start."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

MOST_ITEMS: Final = 200  # of one source
MOST_SOURCES: Final = 500  # the one that was quiet longest goes first


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    Something that came.

    Args:
        at: When, by our clock, aware UTC.
        status: `accepted`, `duplicate`, `conflict` or `rejected`.
        id: Its id; None: it had none.
        type: Its type; None: it could not be read.
        said_at: The time that it gave; None: it could not be read.
        reasons: Why not, each with the remedy.
    """

    at: datetime
    status: str
    id: str | None
    type: str | None
    said_at: datetime | None
    reasons: tuple[str, ...]


class Tail:
    """
    Remembers the last arrivals of each source.

    Args:
        since: When it began to, aware UTC.
    """

    def __init__(self, since: datetime) -> None:
        self.since = since
        self._lock = threading.Lock()
        self._by_source: OrderedDict[str, deque[Arrival]] = OrderedDict()

    def add(self, arrivals: Iterable[tuple[str | None, Arrival]]) -> None:
        """Remember arrivals, each with its source; what names no source is nobody's."""
        with self._lock:
            for source, arrival in arrivals:
                if source is None:
                    continue
                self._by_source.setdefault(source, deque(maxlen=MOST_ITEMS)).append(arrival)
                self._by_source.move_to_end(source)
                if len(self._by_source) > MOST_SOURCES:
                    self._by_source.popitem(last=False)

    def of(self, source: str, limit: int = MOST_ITEMS) -> Sequence[Arrival]:
        """Return the last arrivals of a source, newest first."""
        with self._lock:
            return list(self._by_source.get(source, ()))[::-1][:limit]
