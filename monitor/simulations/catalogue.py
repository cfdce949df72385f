"""What can be planned, asked of a worker once: the core never loads the simulator."""

from __future__ import annotations

import gzip
import json
import secrets
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from gatewatch.monitor.simulations.kinds import RESULT
from gatewatch.monitor.simulations.pool import Ended, Pool


class NotKnownYetError(Exception):
    """A worker could not tell; the message says why."""


class Question:
    """
    The answer to come of a task that nobody keeps.

    Args:
        pool: Does it.
        kind: Kind of task.
        request: What is asked for.
    """

    def __init__(self, pool: Pool, kind: str, request: Mapping[str, Any]) -> None:
        self._future: Future[Mapping[str, Any]] = Future()
        pool.submit(f"question-{secrets.token_hex(8)}", kind, request, self, is_ahead=True)

    def answer(self, timeout_s: float) -> Mapping[str, Any]:
        """
        Return the answer.

        Raises:
            NotKnownYetError: The task failed, or takes longer.
        """
        try:
            return self._future.result(timeout_s)
        except TimeoutError:
            raise NotKnownYetError("simulations are starting; try again in some seconds.") from None

    def has_failed(self) -> bool:
        """Return whether it is to be asked again."""
        return self._future.done() and self._future.exception() is not None

    def started(self) -> None:
        """Hear that a worker has begun."""

    def told(self, progress: Mapping[str, Any]) -> None:
        """Hear how far it is."""

    def ended(self, ended: Ended) -> None:
        """Hear how it ended."""
        if ended.state == "done":
            self._future.set_result(json.loads(gzip.decompress(ended.files[RESULT])))
        else:
            self._future.set_exception(NotKnownYetError(f"{ended.reason or ended.state}."))


class Catalogue:
    """
    Kinds of policies, ready policies and scenarios of the border that is watched.

    Args:
        pool: Asks a worker.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._question: Question | None = None

    def read(self, timeout_s: float = 60.0) -> Mapping[str, Any]:
        """
        Return what the kind `catalogue` returns; asked once, and a worker then gets the engine ready meanwhile.

        Raises:
            FullError: The service stops.
            NotKnownYetError: It cannot be told now.
        """
        with self._lock:
            if self._question is None or self._question.has_failed():
                self._question = Question(self._pool, "catalogue", {})
                Question(self._pool, "preparation", {})
            question = self._question
        return question.answer(timeout_s)
