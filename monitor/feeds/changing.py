"""A simulated feed that reacts: jams that begin or end while it plays are simulated from that instant on."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gatewatch.monitor.feeds.control import ControlFolder, ControlledClock
from gatewatch.monitor.feeds.devices import Event
from gatewatch.monitor.feeds.jams import Jam
from gatewatch.monitor.feeds.simulated import LONGEST_PAUSE_S, SimulatedFeed

_SHORTEST_PAUSE_S: Final = 0.05

Simulate = Callable[[Sequence[Jam]], SimulatedFeed]


class ChangingFeed:
    """
    Plays a feed whose further days may change.

    When a jam is asked for, or is to end early, the days are simulated anew beside the play. Up to that instant both
    stories are the same, so the play goes on with the old one until there and then with the new one; while that is not
    ready yet, it holds back what comes after, as a line to the gates might.

    Args:
        feed: What is played until something is asked for.
        folder: Where it is asked for.
        simulate: Returns the same days with jams.
        jams: Those that `feed` has in it already.
    """

    def __init__(
        self, feed: SimulatedFeed, folder: ControlFolder, simulate: Simulate, jams: Sequence[Jam] = ()
    ) -> None:
        self._feed, self._folder, self._simulate = feed, folder, simulate
        self._jams = tuple(jams)
        self._coming: tuple[datetime, tuple[Jam, ...], Future[SimulatedFeed]] | None = None

    def play(
        self, clock: ControlledClock, after: datetime | None, wait: Callable[[float], bool]
    ) -> Iterator[tuple[datetime, list[Event]]]:
        """
        Yield what has arrived by the clock, with the instant until which that is all.

        Args:
            clock: What time it is.
            after: What arrived until then was sent before.
            wait: Waits for a time [s] and returns whether to stop.
        """
        while True:
            until = self._look(clock.now(), after)
            if after is None or until > after:
                events = self._feed.between(after, until)
                after = until
                if events:
                    yield until, events
            if self._coming is None and after >= self._feed.sendings[-1].at:
                return
            upcoming = bisect_right(self._feed.sendings, after, key=lambda sending: sending.at)
            pause = LONGEST_PAUSE_S
            if self._coming is None and upcoming < len(self._feed.sendings):
                pause = clock.seconds_until(self._feed.sendings[upcoming].at)
            if wait(min(LONGEST_PAUSE_S, max(_SHORTEST_PAUSE_S, pause))):
                return

    def _look(self, now: datetime, after: datetime | None) -> datetime:
        """Return until when everything may be told, after looking for what was asked and what is ready."""
        if self._coming is None:
            self._begin(now, after)
        if self._coming is None:
            return now
        begins, jams, future = self._coming
        if not future.done():
            return min(now, begins)
        self._feed, self._jams, self._coming = future.result(), jams, None
        return now

    def _begin(self, now: datetime, after: datetime | None) -> None:
        """Simulate anew, if something was asked for."""
        asked = {jam.id: jam for jam in self._folder.read().jams}
        known = {jam.id for jam in self._jams}
        told = now if after is None else max(now, after)
        earliest = told.replace(second=0, microsecond=0) + timedelta(minutes=1)
        played = [_shortened(jam, asked.get(jam.id, jam), earliest) for jam in self._jams]
        new = [_from(jam, earliest) for jam in asked.values() if jam.id not in known]
        changes = [jam.ends for jam, before in zip(played, self._jams, strict=True) if jam != before]
        changes += [jam.begins for jam in new]
        if not changes:
            return
        jams, future = (*played, *new), Future[SimulatedFeed]()
        self._coming = min(changes), jams, future
        self._folder.note_played(jams)

        def work() -> None:
            try:
                future.set_result(self._simulate(jams))
            except BaseException as error:  # noqa: BLE001 - told where it is waited for
                future.set_exception(error)

        threading.Thread(target=work, name="gatewatch-jam", daemon=True).start()


def _from(jam: Jam, earliest: datetime) -> Jam:
    """Return a jam that begins no earlier than an instant; it lasts as long, unless somebody has ended it."""
    if jam.begins >= earliest:
        return jam
    ends = jam.ends if jam.ended_by is not None else earliest + (jam.ends - jam.begins)
    return replace(jam, begins=earliest, ends=max(earliest, ends))


def _shortened(jam: Jam, asked: Jam, earliest: datetime) -> Jam:
    """Return a jam that is played as it is asked for by now: its end may be nearer, and never before an instant."""
    if asked.ended_by is None or jam.ended_by is not None:
        return jam
    return replace(jam, ends=min(jam.ends, max(asked.ends, earliest, jam.begins)), ended_by=asked.ended_by)
