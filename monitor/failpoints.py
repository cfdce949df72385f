"""Points between the steps of what must be neither lost nor doubled; a test stops the program at one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_watcher: list[Callable[[str], None]] = []


def reach(point: str) -> None:
    """Pass a point; nothing happens unless a test watches."""
    for watch in _watcher:
        watch(point)


@contextmanager
def watching(watch: Callable[[str], None]) -> Iterator[None]:
    """Have each point told to a function, on the thread that passes it; what it raises, the step raises."""
    _watcher.append(watch)
    try:
        yield
    finally:
        _watcher.remove(watch)
