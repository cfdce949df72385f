"""A spool: what a device has told and the ingest has not yet acknowledged, kept on disk."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

Event = dict[str, Any]

MOST_BYTES: Final = 256 * 1024 * 1024  # some 700,000 events: ten days of a busy border
SEGMENT_BYTES: Final = 1024 * 1024
_SUFFIX: Final = ".spool"


class SpoolError(Exception):
    """The spool cannot keep what it was given; nothing of it counts as kept."""


class SpoolFullError(SpoolError):
    """The spool holds as much as it may; it takes more when the ingest has taken some."""


@dataclass(slots=True)
class _Segment:
    path: Path
    size: int  # bytes that are kept; what follows them was cut short
    n: int


class Spool:
    """
    A folder of append-only files; what `append` has taken survives the end of the process and a power cut.

    A record is a line with a checksum. A line that was cut short was never acknowledged to its sender, who sends it
    again; a line that is damaged otherwise is set aside in `damaged-….txt` and counted. Files go when the ingest has
    acknowledged all that they hold, so after a crash some events are posted again: the ingest knows them by their id.

    Args:
        folder: Made when it is missing; one process at a time uses it.
        most_bytes: Bound of all files together.
        segment_bytes: A file is followed by another when it is larger.

    Raises:
        SpoolError: Another process uses the folder, or it cannot be read or written.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.n_damaged = 0
        self._most_bytes, self._segment_bytes = most_bytes, segment_bytes
        self._changed = threading.Condition()
        self._segments: deque[_Segment] = deque()
        self._file: FileIO | None = None
        self._offset = 0  # what the ingest has of the first segment [bytes]
        self._n_released = 0  # the same [events]
        self._shown: list[tuple[_Segment, int]] = []  # end of each event of the last `peek`
        self._next = 1
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._load()
            except BaseException:
                os.close(self._lock)
                raise
        except BlockingIOError:
            raise SpoolError(f"{folder} is in use by another process; give each feed a spool of its own.") from None
        except OSError as error:
            raise SpoolError(f"the spool {folder} cannot be used: {error.strerror or error}.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """Return how many events wait."""
        with self._changed:
            return sum(segment.n for segment in self._segments) - self._n_released

    @property
    def n_bytes(self) -> int:
        """Return how much the files hold [bytes]."""
        with self._changed:
            return sum(segment.size for segment in self._segments)

    def append(self, events: Sequence[Event]) -> None:
        """
        Keep events; they are on the disk when this returns.

        Raises:
            SpoolFullError: The bound would be passed; nothing was kept.
            SpoolError: The disk took nothing, or not all; hand the events in again.
        """
        if not events:
            return
        data = b"".join(_line(event) for event in events)
        with self._changed:
            held = sum(segment.size for segment in self._segments)
            if held + len(data) > self._most_bytes:
                raise SpoolFullError(
                    f"the spool {self.folder} holds {held} of {self._most_bytes} bytes, and the ingest takes nothing: "
                    "mend the connection; what devices report meanwhile is not kept here."
                )
            try:
                segment = self._open_segment()
                assert self._file is not None
                _write_all(self._file, data)
                os.fsync(self._file.fileno())
            except OSError as error:
                self._give_up_segment()
                raise SpoolError(f"the spool {self.folder} cannot be written: {error.strerror or error}.") from None
            segment.size += len(data)
            segment.n += len(events)
            if segment.size >= self._segment_bytes:
                self._close_file()
            self._changed.notify_all()

    def peek(self, most: int, most_bytes: int) -> list[Event]:
        """
        Return the oldest events that wait, and leave them there.

        Args:
            most: At most so many.
            most_bytes: At most so large as one JSON array [bytes]; a single event may be larger.
        """
        with self._changed:
            found: list[Event] = []
            self._shown = []
            total = 2
            for number, segment in enumerate(self._segments):
                data = segment.path.read_bytes()[: segment.size]
                for body, end in _records(data, self._offset if number == 0 else 0):
                    total += len(body) + 1
                    if found and (len(found) >= most or total > most_bytes):
                        return found
                    found.append(json.loads(body))
                    self._shown.append((segment, end))
            return found

    def release(self, n: int) -> None:
        """Let the first `n` events of the last `peek` go: the ingest has them."""
        with self._changed:
            for segment, end in self._shown[:n]:
                self._offset, self._n_released = end, self._n_released + 1
                if self._n_released == segment.n:
                    if segment is self._segments[-1]:
                        self._close_file()
                    self._segments.popleft()
                    segment.path.unlink(missing_ok=True)
                    self._offset = self._n_released = 0
            self._shown = self._shown[n:]
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Return whether anything waits to be posted, at the latest after the time given [s]."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._segments), timeout_s)

    def close(self) -> None:
        """Let another process use the folder; what waits stays there."""
        with self._changed:
            self._close_file()
            with suppress(OSError):
                os.close(self._lock)

    def _load(self) -> None:
        for path in sorted(self.folder.glob(f"{'[0-9]' * 10}{_SUFFIX}")):
            data = path.read_bytes()
            n = sum(1 for _ in _records(data, 0))
            damaged = _damaged(data)
            if damaged:
                self.n_damaged += len(damaged)
                (self.folder / f"damaged-{path.stem}.txt").write_bytes(b"\n".join(damaged) + b"\n")
            self._next = int(path.stem) + 1
            if n:
                self._segments.append(_Segment(path, len(data), n))
            else:
                path.unlink()

    def _open_segment(self) -> _Segment:
        """Return the segment that is written to; never one of an earlier process, whose end may be cut short."""
        if self._file is None:
            path = self.folder / f"{self._next:010d}{_SUFFIX}"
            self._next += 1
            self._file = path.open("xb", buffering=0)
            self._segments.append(_Segment(path, 0, 0))
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return self._segments[-1]

    def _give_up_segment(self) -> None:
        """Write no more after a record that was cut short."""
        if self._file is None:
            return
        segment = self._segments[-1]
        with suppress(OSError):
            os.ftruncate(self._file.fileno(), segment.size)
        self._close_file()
        if not segment.n:
            self._segments.pop()
            with suppress(OSError):
                segment.path.unlink()

    def _close_file(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None


def _line(event: Event) -> bytes:
    body = json.dumps(event, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _write_all(file: FileIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _is_whole(line: bytes) -> bool:
    return line[8:9] == b" " and line[:8] == b"%08x" % zlib.crc32(line[9:])


def _records(data: bytes, offset: int) -> Iterator[tuple[bytes, int]]:
    """Yield the body of every whole record from an offset on, with the offset of its end."""
    while (end := data.find(b"\n", offset)) >= 0:
        line = data[offset:end]
        offset = end + 1
        if _is_whole(line):
            yield line[9:], offset


def _damaged(data: bytes) -> list[bytes]:
    """Return the lines that are no whole records, but for a last one that was cut short."""
    return [line for line in data.split(b"\n")[:-1] if not _is_whole(line)]
