"""Who does the tasks of an experiment: this thread, several threads or processes, or a cluster; always in order."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from itertools import islice, pairwise
from typing import Any, Protocol, TypeVar

from joblib import Parallel, delayed, parallel_config

_T = TypeVar("_T")
Task = tuple[Any, ...]  # the arguments of a call
_AHEAD = 2  # tasks handed out for each worker, so that none waits for whoever takes the results


class Workers(Protocol):
    """What does tasks."""

    count: int

    def each(
        self, function: Callable[..., _T], tasks: Iterable[Task], shared: Sequence[object] = (), /
    ) -> Generator[_T]:
        """
        Yield what the calls return, in the order of the tasks; closed early, nothing goes on running.

        Args:
            function: What to call; other processes find it by its name.
            tasks: The arguments of each call.
            shared: Arguments of many tasks, to be sent to other machines once.
        """
        ...


class Here:
    """One task after the other in the thread that asks."""

    count = 1

    def each(self, function: Callable[..., _T], tasks: Iterable[Task], _: Sequence[object] = ()) -> Generator[_T]:
        """Yield what the calls return."""
        return (function(*task) for task in tasks)


class Threads:
    """
    Threads of this process, for work that lets other threads run.

    Args:
        count: Threads.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def each(self, function: Callable[..., _T], tasks: Iterable[Task], _: Sequence[object] = ()) -> Generator[_T]:
        """Yield what the calls return; at an error or a stop the calls under way are waited for, no other begins."""
        waiting = iter(tasks)
        handed_out: deque[Future[_T]] = deque()
        pool = ThreadPoolExecutor(self.count)
        try:
            handed_out.extend(pool.submit(function, *task) for task in islice(waiting, _AHEAD * self.count))
            while handed_out:
                result = handed_out.popleft().result()
                handed_out.extend(pool.submit(function, *task) for task in islice(waiting, 1))
                yield result
        finally:
            pool.shutdown(cancel_futures=True)


class Processes:
    """
    Processes of this machine or of a Dask cluster, by joblib.

    Args:
        count: Tasks that can be done at once.
        client: Client of a cluster; without it, the processes are here.
    """

    def __init__(self, count: int, client: object = None) -> None:
        self.count = count
        self._client = client

    def each(self, function: Callable[..., _T], tasks: Iterable[Task], shared: Sequence[object] = ()) -> Generator[_T]:
        """Yield what the calls return; at an error or a stop no other begins, and processes here are ended."""
        with self._backend(shared):
            parallel = Parallel(
                n_jobs=self.count, return_as="generator", batch_size=1, pre_dispatch=_AHEAD * self.count
            )
        results: Generator[_T] = parallel(delayed(function)(*task) for task in tasks)
        try:
            yield from results
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # joblib tells of tasks that nobody will ask for
                results.close()

    def _backend(self, shared: Sequence[object]) -> AbstractContextManager[object]:
        if self._client is None:
            return nullcontext()
        backend: AbstractContextManager[object] = parallel_config("dask", client=self._client, scatter=list(shared))
        return backend


def in_pieces(numbers: Sequence[int], n_pieces: int) -> list[list[int]]:
    """
    Return numbers cut into pieces of about one length, none empty.

    >>> in_pieces([0, 1, 2, 3, 4], 2)
    [[0, 1, 2], [3, 4]]
    """
    n = max(1, min(len(numbers), n_pieces))
    edges = [-(-len(numbers) * k // n) for k in range(n + 1)]
    return [list(numbers[begin:end]) for begin, end in pairwise(edges)]
