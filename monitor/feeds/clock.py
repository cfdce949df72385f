"""A clock that runs at a speed of its own, alike in every process that is given the same three numbers."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gatewatch.monitor.observations import from_us, instant_text, parse_instant

_TEXT = re.compile(r"(?P<start>[^*@]+)\*(?P<speed>[0-9.]+)@(?P<began>[0-9.]+)")


@dataclass(frozen=True)
class RunningClock:
    """
    Time that began somewhere and passes faster or slower than ours.

    The monitor tells age by its clock. A feed that plays an hour in a minute would soon report from the future, so both
    run on one clock: `text` carries it from process to process.

    Args:
        start: What the clock showed when it began, aware UTC.
        speed: Its seconds in one of ours.
        began: What `ticks` showed then [s].
        ticks: Seconds of the machine. By default those since 1970: unlike monotonic ones they are the same in every
            process and pass while the machine sleeps, so that speed 1 stays true to the wall.
    """

    start: datetime
    speed: float
    began: float
    ticks: Callable[[], float] = field(default=time.time, compare=False, repr=False)

    @classmethod
    def of_the_wall(cls, speed: float = 1.0, ticks: Callable[[], float] = time.time) -> RunningClock:
        """Return the clock that shows the wall's time now, and goes on at a speed."""
        began = ticks()
        return cls(from_us(round(began * 1e6)), speed, began, ticks)

    @classmethod
    def from_text(cls, text: str, ticks: Callable[[], float] = time.time) -> RunningClock:
        """
        Return the clock that `text` describes.

        Raises:
            ValueError: It describes none; the message says how one is written.
        """
        parts = _TEXT.fullmatch(text.strip())
        try:
            if parts is None:
                raise ValueError  # noqa: TRY301 - one message for all ways to miswrite it
            start, speed, began = parse_instant(parts["start"]), float(parts["speed"]), float(parts["began"])
        except ValueError:
            raise ValueError("write START*SPEED@SECONDS, such as 2026-01-15T00:00:00Z*60@1768435200") from None
        if not 0 < speed <= 100_000 or not math.isfinite(began):
            raise ValueError("a clock's speed lies between 0 and 100000")
        return cls(start, speed, began, ticks)

    @property
    def text(self) -> str:
        """
        Return the clock as a text.

        >>> RunningClock.from_text("2026-01-15T00:00:00Z*60.0@1768435200.0").text
        '2026-01-15T00:00:00Z*60.0@1768435200.0'
        """
        return f"{instant_text(self.start)}*{self.speed}@{self.began}"

    def now(self) -> datetime:
        """Return what the clock shows, aware UTC."""
        return self.start + timedelta(seconds=(self.ticks() - self.began) * self.speed)

    def seconds_until(self, instant: datetime) -> float:
        """Return for how long the machine must wait until the clock shows an instant [s]; 0 when it has."""
        return max(0.0, (instant - self.now()).total_seconds() / self.speed)
