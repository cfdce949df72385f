"""From a spool to the ingest; what is refused is kept beside the spool with the reasons."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gatewatch.monitor.feeds.delivery import MOST_BYTES, MOST_EVENTS, Delivery, Event
from gatewatch.monitor.feeds.spool import Spool, SpoolError
from gatewatch.monitor.observations import instant_text
from gatewatch.monitor.store import Receipt

TAKEN: Final = frozenset({"accepted", "duplicate"})
REFUSED_FILE: Final = "refused.jsonl"


@dataclass(frozen=True)
class RefusedLog:
    """
    What will not be taken, one JSON line each, for a person to judge.

    Args:
        path: Its file, made with the first line.
        now: Aware; when it was refused.
    """

    path: Path
    now: Callable[[], datetime]

    def add(self, reasons: Sequence[str], what: Mapping[str, Any]) -> None:
        """
        Keep something with the reasons; it is on the disk when this returns.

        Raises:
            SpoolError: The file cannot be written.
        """
        line = {"at": instant_text(self.now()), "reasons": list(reasons), **what}
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SpoolError(f"{self.path} cannot be written: {error.strerror or error}.") from None


@dataclass
class Poster:
    """
    Posts what a spool holds, in order.

    Args:
        spool: What waits.
        delivery: How it is posted.
        refused: Where conflicts and rejections are kept.
        counted: Events posted so far by status.
    """

    spool: Spool
    delivery: Delivery
    refused: RefusedLog
    counted: Counter[str] = field(default_factory=Counter)

    def drain(self, on_batch: Callable[[int], None] = lambda _: None) -> int:
        """
        Post until nothing waits, and return how many events that were.

        Args:
            on_batch: Is told after each request how many events it carried.

        Raises:
            RefusedError: The ingest takes nothing from this feed; everything stays in the spool.
            StoppedError: It was to stop; what is not acknowledged stays in the spool.
        """
        n = 0
        while events := self.spool.peek(MOST_EVENTS, MOST_BYTES):
            receipts = self.delivery.deliver(events)
            note_refusals(events, receipts, self.refused)
            self.counted.update(receipt.status for receipt in receipts)
            self.spool.release(len(events))
            n += len(events)
            on_batch(len(events))
        return n


def note_refusals(events: Sequence[Event], receipts: Sequence[Receipt], refused: RefusedLog) -> None:
    """Keep every event that conflicts or is rejected, with the reasons."""
    for event, receipt in zip(events, receipts, strict=True):
        if receipt.status not in TAKEN:
            refused.add(receipt.reasons, {"status": receipt.status, "event": event})
