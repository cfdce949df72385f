"""
The notifier: takes messages from the core's outbox, sends each over its channel, and tells what became of it.

It writes to no store. What it is told by the core is its only memory: killed at any instant, the next start finds what
was not settled, marked as a possible double.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from gatewatch.config.teams import Channel
from gatewatch.monitor.alerting.outgoing import Outgoing
from gatewatch.monitor.channels import Kind, Message, NotNowError, RefusedError, list_kinds
from gatewatch.monitor.failpoints import reach

SEND_S: Final = 10.0  # for a destination
POLL_S: Final = 1.0
MOST_AT_ONCE: Final = 32
_OVERTIME_S: Final = 5.0  # after which a send that does not end is left to itself
_FIRST_S, _LONGEST_S = 5.0, 900.0
_SETTLE_S: Final = 1.0  # between two tries to tell the core

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A message to be delivered now, as the core leased it."""

    number: int
    lease: str
    outgoing: Outgoing
    n_tries: int
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of a try.

    Args:
        result: `sent`, `failed`, or `unknown` when it may have arrived.
        said: Why it failed, for people.
        waits_all: The destination takes nothing now, and not only this message.
    """

    result: str
    said: str = ""
    waits_all: bool = False


class CoreAwayError(Exception):
    """The core does not answer now, or does not know us; the message says why."""


class Core(Protocol):
    """The core's outbox."""

    def lease(self, most: int, under_way: Sequence[int]) -> list[Job]:
        """
        Return messages to be delivered now.

        Args:
            most: How many are wanted.
            under_way: Numbers of those that were leased before and are not settled yet.

        Raises:
            CoreAwayError: It cannot be asked.
        """
        ...

    def settle(self, job: Job, outcome: Outcome, retry_after_s: float) -> None:
        """
        Tell what became of a try; what the core has given to somebody else by now is left to him.

        Raises:
            CoreAwayError: It cannot be told.
        """
        ...


@dataclass
class _Sending:
    job: Job
    began_s: float
    is_ended: bool = False  # it has been settled, or is about to be


class Notifier:
    """
    Delivers until it is told to stop; a thread for each message under way.

    The core leases one message for a contact and few for a channel, so that one that is stuck holds no other up.

    Args:
        core: The core's outbox.
        channels: As they are set up, by name.
        now: Aware UTC, of what messages carry.
        luck: Draws from [0, 1).
        within_s: For a destination to take a message [s].
        poll_s: Between two looks into an empty outbox [s].
        kinds: Kinds of channels by name; without it, those that there are.
        stopwatch: Seconds that only go forward.
    """

    def __init__(
        self,
        core: Core,
        channels: Mapping[str, Channel],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        luck: Callable[[], float] = random.random,
        within_s: float = SEND_S,
        poll_s: float = POLL_S,
        kinds: Mapping[str, Kind] | None = None,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._core, self._channels, self._now, self._luck = core, channels, now, luck
        self._within_s, self._poll_s, self._stopwatch = within_s, poll_s, stopwatch
        self._kinds = list_kinds() if kinds is None else kinds
        self._changed = threading.Condition()
        self._sending: dict[int, _Sending] = {}
        self._is_stopping = False
        self._trouble = ""

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what is under way has ended. May be called in a signal's handler."""
        self._is_stopping = True

    def run(self) -> None:
        """Deliver until told to stop."""
        while not self._is_stopping:
            n = self.deliver()
            if not n:
                self._rest()
        self._finish()

    def deliver(self) -> int:
        """Begin to deliver what is due and return how many messages that are; they go on by themselves."""
        with self._changed:
            self._let_go()
            under_way = list(self._sending)
            free = MOST_AT_ONCE - len(under_way)
        if free <= 0:
            return 0
        try:
            jobs = self._core.lease(free, under_way)
        except CoreAwayError as error:
            self._tell_trouble(str(error))
            return 0
        self._tell_trouble("")
        for job in jobs:
            sending = _Sending(job, self._stopwatch())
            with self._changed:
                self._sending[job.number] = sending
            name = f"gatewatch-send-{job.number}"
            threading.Thread(target=self._work, args=(sending,), name=name, daemon=True).start()
        return len(jobs)

    def _work(self, sending: _Sending) -> None:
        reach("notifier: leased")
        outcome = self._send(sending.job)
        reach("notifier: sent")
        with self._changed:
            is_late, sending.is_ended = sending.is_ended, True
        if not is_late:
            self._conclude(sending, outcome)
            reach("notifier: settled")

    def _conclude(self, sending: _Sending, outcome: Outcome) -> None:
        try:
            self._settle(sending.job, outcome)
        finally:
            with self._changed:
                del self._sending[sending.job.number]
                self._changed.notify_all()

    def _send(self, job: Job) -> Outcome:
        """Return what becomes of a message; a channel that fails in a way of its own is logged, and stops no other."""
        channel = self._channels.get(job.outgoing.channel)
        if channel is None:
            return Outcome(
                "failed", f'there is no channel "{job.outgoing.channel}" any more; add it to the teams file.'
            )
        message = Message(job.outgoing, job.is_doubtful, self._now())
        try:
            self._kinds[channel.kind].send(message, channel.settings, self._within_s)
        except NotNowError as error:
            outcome = Outcome("unknown" if error.is_doubtful else "failed", str(error), waits_all=True)
        except RefusedError as error:
            outcome = Outcome("failed", str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other channels go on
            _log.exception("channel failed", channel=channel.name, kind=channel.kind, number=job.number)
            outcome = Outcome("unknown", f"{type(error).__name__}: {error}")
        else:
            _log.info("delivered", channel=channel.name, to=job.outgoing.destination, number=job.number)
            return Outcome("sent")
        _log.warning(
            "not delivered", channel=channel.name, to=job.outgoing.destination, number=job.number,
            n_tries=job.n_tries + 1, reason=outcome.said,
        )  # fmt: skip
        return outcome

    def _settle(self, job: Job, outcome: Outcome) -> None:
        """Tell the core, again and again while it is away: a message that was sent must not be sent anew for that."""
        retry_after_s = pause_s(job.n_tries, self._luck())
        while True:
            try:
                self._core.settle(job, outcome, retry_after_s)
            except CoreAwayError as error:
                self._tell_trouble(str(error))
                if self._is_stopping:
                    return
                time.sleep(_SETTLE_S)
            else:
                return

    def _rest(self) -> None:
        with self._changed:
            self._changed.wait(self._poll_s)

    def _let_go(self) -> None:
        """Wait no longer for sends that do not end; each is settled as one that may have arrived."""
        latest_s = self._stopwatch() - self._within_s - _OVERTIME_S
        for sending in self._sending.values():
            if sending.began_s < latest_s and not sending.is_ended:
                job, sending.is_ended = sending.job, True
                _log.error("a send does not end", number=job.number, channel=job.outgoing.channel)
                said = f"it did not end within {self._within_s + _OVERTIME_S:g} s."
                outcome = Outcome("unknown", said, waits_all=True)
                threading.Thread(target=self._conclude, args=(sending, outcome), daemon=True).start()

    def _finish(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._sending, self._within_s + _OVERTIME_S)

    def _tell_trouble(self, trouble: str) -> None:
        with self._changed:
            is_news, self._trouble = trouble != self._trouble, trouble
        if is_news:
            (_log.warning if trouble else _log.info)("core is away" if trouble else "core answers", reason=trouble)


def pause_s(n_tries: int, luck: float) -> float:
    """
    Return how long to wait before the next try [s]: half to all of a time that doubles from 5 s to 15 min.

    >>> [pause_s(n, 1.0) for n in (0, 1, 7, 8, 99)], pause_s(0, 0.0)
    ([5.0, 10.0, 640.0, 900.0, 900.0], 2.5)
    """
    return min(_LONGEST_S, _FIRST_S * 2.0 ** min(n_tries, 20)) * (0.5 + luck / 2)
