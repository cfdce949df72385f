"""Posting until it is taken: what every feed does with what it has to tell."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from gatewatch.monitor.store import Receipt

Event = dict[str, Any]

MOST_EVENTS: Final = 1_000  # of one request
MOST_BYTES: Final = 1024 * 1024
_FIRST_S, _LONGEST_S = 0.5, 60.0


class NotNowError(Exception):
    """
    The ingest takes nothing now; the same may be posted again.

    Args:
        reason: Why, for a person.
        after_s: How long it asks to wait [s]; None when it does not say.
    """

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class RefusedError(Exception):
    """The ingest will not take this however often it is posted; the message says why and what to do."""


class TooLargeError(RefusedError):
    """The request is larger than the ingest takes."""


class StoppedError(Exception):
    """The feed is to end; what was not acknowledged stays where it was kept."""


class Sink(Protocol):
    """What takes events: the ingest over HTTP, or anything that stands in for it."""

    def post(self, events: Sequence[Event]) -> list[Receipt]:
        """
        Return a receipt for each event, in order, when they are durable.

        Raises:
            NotNowError: Nothing was taken, or nobody knows; post the same again.
            RefusedError: Nothing was taken, and nothing will be.
        """
        ...


@dataclass(frozen=True)
class Delivery:
    """
    Posts batches to a sink, again and again while it takes nothing.

    Waits grow from half a second to a minute and are drawn anew each time, so that the feeds of a border do not all
    come back at once; they are never shorter than what the ingest asks for.

    Args:
        sink: What takes events.
        wait: Waits for a time [s] and returns whether to stop instead of trying again.
        tell: Is told in words why nothing is taken.
        luck: Draws from [0, 1).
    """

    sink: Sink
    wait: Callable[[float], bool]
    tell: Callable[[str], None] = field(default=lambda _: None)
    luck: Callable[[], float] = field(default=random.random)

    def deliver(self, events: Sequence[Event]) -> list[Receipt]:
        """
        Return the receipts of at most `MOST_EVENTS` events, however long that takes.

        A batch that is too large for the ingest is sent in halves; an event that is too large by itself is rejected.

        Raises:
            RefusedError: Nothing was taken, and nothing will be, such as with a wrong key.
            StoppedError: `wait` said to stop.
        """
        tries = 0
        while True:
            try:
                return self.sink.post(events)
            except TooLargeError as error:
                if len(events) == 1:
                    return [Receipt("rejected", reasons=(str(error),))]
                half = len(events) // 2
                return self.deliver(events[:half]) + self.deliver(events[half:])
            except NotNowError as error:
                pause = max(error.after_s or 0.0, _pause_s(tries, self.luck()))
                self.tell(f"{error} Trying again in {pause:.0f} s.")
                tries += 1
                if self.wait(pause):
                    raise StoppedError from error


def _pause_s(tries: int, luck: float) -> float:
    """Return half to all of a time that doubles with every try [s]."""
    return min(_LONGEST_S, _FIRST_S * 2.0 ** min(tries, 10)) * (0.5 + luck / 2)
