"""The machine under the service: how fast its disk keeps, how much room there is, and whether its clock is kept."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PAGE: Final = 4_096
_UNSYNCHRONISED, _NANOSECONDS = 0x0040, 0x2000  # STA_UNSYNC and STA_NANO of adjtimex(2)


@dataclass(frozen=True, slots=True)
class Room:
    """Free and all bytes of the disk under a folder."""

    free: int
    total: int

    @property
    def share(self) -> float:
        """Free over all."""
        return self.free / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class ClockState:
    """
    What the kernel knows of its clock.

    Args:
        is_kept: Whether a time service keeps it.
        offset_s: How far it was off at the last look of that service [s].
        most_s: How far it can be off by now [s].
    """

    is_kept: bool
    offset_s: float
    most_s: float


def fsyncs_per_s(folder: Path, n: int = 200, most_s: float = 2.0) -> float:
    """
    Return how often a second the disk under a folder says that a page is on it [1/s].

    Args:
        folder: A folder that can be written.
        n: Pages.
        most_s: End after this time, on a slow disk [s].

    Raises:
        OSError: It cannot be written.
    """
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        started = time.perf_counter()
        done = 0
        while done < n and (done == 0 or time.perf_counter() - started < most_s):
            file.write(bytes(_PAGE))
            os.fsync(file.fileno())
            done += 1
        return done / (time.perf_counter() - started)


def room(folder: Path) -> Room:
    """Return the room on the disk under a folder; OSError when it cannot be looked at."""
    usage = shutil.disk_usage(folder)
    return Room(usage.free, usage.total)


def file_clock_offset_s(folder: Path, wall: Callable[[], float] = time.time) -> float:
    """Return how far the clock that stamps files in a folder is ahead of ours [s]; another machine's on a share."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        before = wall()
        file.write(b"0")
        file.flush()
        after = wall()
        stamped = os.fstat(file.fileno()).st_mtime
    # Stamps are as coarse as the kernel's tick.
    return stamped - before if stamped < before else max(0.0, stamped - after)


class _Timex(ctypes.Structure):
    """The structure of adjtimex(2), as far as it is read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def clock_state() -> ClockState | None:
    """Return what the kernel knows of its clock, or None where it does not tell."""
    adjtimex = getattr(ctypes.CDLL(None, use_errno=True), "adjtimex", None)
    state = _Timex()  # modes = 0: read, change nothing
    if adjtimex is None or adjtimex(ctypes.byref(state)) < 0:
        return None
    unit = 1e-9 if state.status & _NANOSECONDS else 1e-6
    return ClockState(not state.status & _UNSYNCHRONISED, state.offset * unit, state.maxerror * 1e-6)


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    folder = folder.absolute()
    while not folder.is_dir():
        folder = folder.parent
    return folder
