"""From the event loop to the writer and back, many submissions at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress

from gatewatch.monitor.store import Receipt, Submitted
from gatewatch.monitor.writer import Writer

_Answer = asyncio.Future[list[Receipt]]


class Handover:
    """
    Hands the writer what was read in one turn of the loop, and the loop what was answered in one transaction.

    To wake the other thread costs more than what it is woken for; it also makes larger groups, and so fewer waits for
    the disk.

    Args:
        writer: Answers when it is durable.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._loop: asyncio.AbstractEventLoop | None = None
        self._upcoming: list[tuple[Sequence[Submitted], _Answer]] = []
        self._answered: deque[tuple[_Answer, Future[list[Receipt]]]] = deque()
        self._is_woken = False
        self.reading = asyncio.Lock()  # held while a large batch is read: others are read between its parts
        writer.on_answers(self._wake)

    async def submit(self, items: Sequence[Submitted]) -> list[Receipt]:
        """
        Return the receipts of a submission when it is durable.

        Raises:
            StoreError: Nothing was kept; it may be sent again.
        """
        self._loop = loop = asyncio.get_running_loop()
        answer: _Answer = loop.create_future()
        if not self._upcoming:
            loop.call_soon(self._hand_over)
        self._upcoming.append((items, answer))
        return await answer

    def _hand_over(self) -> None:
        upcoming, self._upcoming = self._upcoming, []
        futures = self._writer.submit_each([items for items, _ in upcoming])
        for (_, answer), future in zip(upcoming, futures, strict=True):
            future.add_done_callback(lambda done, answer=answer: self._answered.append((answer, done)))  # type: ignore[misc]
        self._give()  # what was refused at once, or answered already

    def _wake(self) -> None:
        """Hear, on the writer's thread, that a transaction was answered."""
        if self._answered and not self._is_woken and self._loop is not None:
            self._is_woken = True
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._give)

    def _give(self) -> None:
        self._is_woken = False  # before looking: what comes from here on wakes again
        while self._answered:
            answer, future = self._answered.popleft()
            if answer.done():  # who waited has gone away
                continue
            error = future.exception()
            if error is None:
                answer.set_result(future.result())
            else:
                answer.set_exception(error)
