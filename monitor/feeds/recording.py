"""Recordings: observations with the times at which they were received, one JSON line each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TextIO

from gatewatch.config.errors import ConfigError, one_fault
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.delivery import MOST_BYTES, MOST_EVENTS, Event
from gatewatch.monitor.observations import Observation, instant_text, parse_event, parse_instant
from gatewatch.monitor.store import Journal

STREAM = "standard input"
_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event and when it was received, aware UTC."""

    received_at: datetime
    event: Event

    def line(self) -> str:
        """Return it as a line of a recording, without its end."""
        return json.dumps({"received_at": instant_text(self.received_at), "event": self.event}, ensure_ascii=False)


def from_journal(journal: Journal, after_seq: int = 0) -> Iterator[Recorded]:
    """Yield what a journal holds after a place, in its order."""
    while entries := journal.read(after_seq, _CHUNK):
        for entry in entries:
            yield Recorded(entry.received_at, json.loads(entry.body))
        after_seq = entries[-1].seq


def from_stream(lines: Iterable[str], now: Callable[[], datetime], tell: Callable[[str], None]) -> Iterator[Recorded]:
    """
    Yield CloudEvents from a stream, one JSON line each, as they come in.

    Args:
        lines: The stream.
        now: When a line comes in, aware UTC.
        tell: Is told of lines that are no observation; they are left out.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        received_at = now()
        try:
            yield Recorded(received_at, _event(_json(line, STREAM, number), STREAM, number))
        except ConfigError as error:
            tell(" ".join(str(fault) for fault in error.faults))


def write_recording(path: Path, recorded: Iterable[Recorded], on_line: Callable[[int], None]) -> int:
    """
    Write a recording line by line, so that one that is stopped is whole up to there, and return how many lines.

    Args:
        path: The file; it must not exist.
        recorded: What is written.
        on_line: Is told the number of each line.

    Raises:
        ConfigError: The file is there already, or cannot be written.
    """
    n = 0
    try:
        with path.open("x", encoding="utf-8") as file, _unless_empty(file, path):
            for one in recorded:
                file.write(one.line() + "\n")
                n += 1
                on_line(n)
    except FileExistsError:
        raise one_fault("FILE", "", f'"{path}"', "it is there already; name another") from None
    except OSError as error:
        raise one_fault("FILE", "", f'"{path}"', f"not written: {error.strerror or error}") from None
    return n


@contextmanager
def _unless_empty(file: TextIO, path: Path) -> Iterator[None]:
    """Leave no file behind into which nothing was written."""
    try:
        yield
    finally:
        if not file.tell():
            with suppress(OSError):
                path.unlink()


def read_recording(path: Path) -> Iterator[Recorded]:
    """
    Yield what a recording holds, in order.

    Raises:
        ConfigError: It cannot be read, or a line of it is no line of a recording.
    """
    try:
        with path.open(encoding="utf-8") as file:
            yield from _recorded(file, path.name)
    except OSError as error:
        raise one_fault("FILE", "", f'"{path}"', f"not readable: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise one_fault("FILE", "", f'"{path}"', "no recording: it is no UTF-8 text") from None


def _recorded(file: TextIO, name: str) -> Iterator[Recorded]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        raw = _json(line, name, number)
        try:
            if not isinstance(raw, dict):
                raise TypeError  # noqa: TRY301 - one message for all that it may be
            received_at, event = parse_instant(raw["received_at"]), raw["event"]
        except (KeyError, TypeError, ValueError):
            expected = 'a line has "received_at", a time with its offset, and "event"; `gatewatch record` writes them'
            raise one_fault(name, f"line {number}", "no line of a recording", expected) from None
        yield Recorded(received_at, _event(event, name, number))


def _json(line: str, name: str, number: int) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise one_fault(name, f"line {number}", "no JSON", "write one object on each line") from None


def _event(raw: object, name: str, number: int) -> Event:
    found = parse_event(raw)
    if not isinstance(found, Observation) or not isinstance(raw, dict):
        reasons = "" if isinstance(found, Observation) else " ".join(found.reasons)
        raise one_fault(name, f"line {number}", "no observation", reasons.removesuffix(".") or "write one object")
    return raw


def batches(
    recorded: Iterable[Recorded], clock: RunningClock | None, wait: Callable[[float], bool]
) -> Iterator[list[Event]]:
    """
    Yield the events of a recording when their time has come, those that are due together in one batch.

    Args:
        recorded: In the order in which they were received.
        clock: Shows the time of the recording; without it, everything is due.
        wait: Waits for a time [s] and returns whether to stop.
    """
    rest = iter(recorded)
    batch: list[Event] = []
    size = 0
    for one in rest:
        pause = 0.0 if clock is None else clock.seconds_until(one.received_at)
        n_bytes = len(json.dumps(one.event)) + 1
        if batch and (pause > 0 or len(batch) == MOST_EVENTS or size + n_bytes > MOST_BYTES - 2):
            yield batch
            batch, size = [], 0
        if pause > 0 and wait(pause):
            return
        batch.append(one.event)
        size += n_bytes
    if batch:
        yield batch


def first_received(path: Path) -> datetime | None:
    """Return when the first event of a recording was received; None for an empty one."""
    return next((one.received_at for one in islice(read_recording(path), 1)), None)
