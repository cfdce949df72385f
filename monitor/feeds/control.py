"""What is asked of a demonstration while it runs, in a folder that the service and the simulated border share."""

from __future__ import annotations

import fcntl
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.jams import Jam
from gatewatch.monitor.observations import instant_text, parse_instant

LEAD_S: Final = 1.5  # a new speed holds after so long, so that every process has read of it [s]
_LEGS_KEPT: Final = 3
_FILE, _PLAYED, _LOCK = "control.json", "played.json", "lock"


def demo_folder(home: Path) -> Path:
    """Return where a demonstration that keeps everything in `home` is asked to change."""
    return home / "demo"


@dataclass(frozen=True)
class Control:
    """
    What is asked.

    Args:
        legs: How the clock runs, in the order in which its speeds begin.
        jams: What goes wrong, oldest first.
        has_begun: Whether its past is told; until then what is shown is not all there.
    """

    legs: tuple[RunningClock, ...]
    jams: tuple[Jam, ...] = ()
    has_begun: bool = False


class ControlFolder:
    """
    Where it is kept: a file of what is asked, changed by one process at a time, and one of the simulated border's own.

    Args:
        folder: The folder.
        ticks: Seconds of the machine since 1970.
    """

    def __init__(self, folder: Path, ticks: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._ticks = ticks
        self._known: tuple[int, Control] | None = None

    def read(self) -> Control:
        """
        Return what is asked now.

        Raises:
            OSError: Nothing was ever asked there.
        """
        stamp = (self.folder / _FILE).stat().st_mtime_ns
        if self._known is None or self._known[0] != stamp:
            self._known = stamp, self._read()
        return self._known[1]

    def _read(self) -> Control:
        content = json.loads((self.folder / _FILE).read_text(encoding="utf-8"))
        legs = tuple(RunningClock.from_text(text, self._ticks) for text in content["clock"])
        return Control(legs, tuple(_jam(raw) for raw in content["jams"]), content["has_begun"])

    def write(self, control: Control) -> None:
        """Keep what is asked, whole or not at all."""
        jams = [_raw(jam) for jam in control.jams]
        clock = [leg.text for leg in control.legs]
        self._put(_FILE, {"clock": clock, "jams": jams, "has_begun": control.has_begun})

    def played(self) -> tuple[Jam, ...]:
        """Return the jams as the simulated border plays them: none begins before what it has told already."""
        try:
            return tuple(_jam(raw) for raw in json.loads((self.folder / _PLAYED).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return ()

    def note_played(self, jams: Sequence[Jam]) -> None:
        """Say which jams are played, and from when."""
        self._put(_PLAYED, [_raw(jam) for jam in jams])

    def set_speed(self, speed: float) -> None:
        """Have the clock run at another speed, in a moment and without a jump."""
        with self._changing() as control:
            self._run_at(speed, control)

    def set_off(self, speed: float) -> None:
        """Have the clock run at its speed now that its past is told, unless somebody chose one before."""
        with self._changing() as control:
            if control.has_begun:
                return
            begun = replace(control, has_begun=True)
            if len(control.legs) == 1 and control.legs[0].speed != speed:
                self._run_at(speed, begun)
            else:
                self.write(begun)

    def has_begun(self) -> bool:
        """Return whether the past is told, and for long enough that whoever takes it in has it."""
        control = self.read()
        return control.has_begun and control.legs[-1].began <= self._ticks()

    def add_jam(self, jam: Jam) -> None:
        """Ask for a jam."""
        with self._changing() as control:
            self.write(replace(control, jams=(*control.jams, jam)))

    def end_jam(self, number: int, at: datetime, who: str) -> None:
        """Ask for a jam to end before its time."""
        with self._changing() as control:
            jams = tuple(
                replace(jam, ends=max(at, jam.begins), ended_by=who) if jam.id == number else jam
                for jam in control.jams
            )
            self.write(replace(control, jams=jams))

    def _run_at(self, speed: float, control: Control) -> None:
        last = control.legs[-1]
        began = max(self._ticks() + LEAD_S, last.began)
        start = last.start + timedelta(seconds=(began - last.began) * last.speed)
        leg = RunningClock(start, speed, began, self._ticks)
        self.write(replace(control, legs=(*control.legs, leg)[-_LEGS_KEPT:]))

    @contextmanager
    def _changing(self) -> Iterator[Control]:
        """Yield what is asked while no other process or thread changes it."""
        with (self.folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._read()

    def _put(self, name: str, content: Any) -> None:
        partial = self.folder / f".{name}.partial"
        partial.write_text(json.dumps(content) + "\n", encoding="utf-8")
        partial.replace(self.folder / name)


@dataclass(frozen=True)
class ControlledClock:
    """
    A running clock whose speed may be changed while it runs.

    Args:
        folder: Where its speeds are asked for.
    """

    folder: ControlFolder
    _ticks: Callable[[], float] = field(default=time.time, repr=False)

    def leg(self) -> RunningClock:
        """Return the clock that holds now."""
        legs, now = self.folder.read().legs, self._ticks()
        return next((leg for leg in reversed(legs) if leg.began <= now), legs[0])

    @property
    def speed(self) -> float:
        """Its seconds in one of ours."""
        return self.leg().speed

    def now(self) -> datetime:
        """Return what the clock shows, aware UTC."""
        return self.leg().now()

    def seconds_until(self, instant: datetime) -> float:
        """Return for how long the machine must wait until the clock shows an instant, at its present speed [s]."""
        return self.leg().seconds_until(instant)


def first_begin(now: datetime, speed: float) -> datetime:
    """Return the whole minute from which a jam that is asked for now can hold: late enough to be prepared."""
    ahead_min = max(1, math.ceil(speed * LEAD_S * 2 / 60))
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1 + ahead_min)


def _raw(jam: Jam) -> dict[str, Any]:
    return {**asdict(jam), "begins": instant_text(jam.begins), "ends": instant_text(jam.ends)}


def _jam(raw: dict[str, Any]) -> Jam:
    return Jam(**{**raw, "begins": parse_instant(raw["begins"]), "ends": parse_instant(raw["ends"])})
