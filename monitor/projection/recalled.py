"""Sums of stretches of time that are over, worked out once: every look at live state asks for the same weeks."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Final

MARGIN: Final = 1  # quarter-hours in which what has just happened may still come in
MOST: Final = 50_000  # kept at once; more only where looks slide over the past for days


@dataclass(slots=True)
class Recalled:
    """
    What was worked out of settled quarter-hours; no figure depends on whether it is kept.

    Whoever keeps something says up to which quarter-hour it looked. An observation that comes later and says something
    about that time makes everything forgotten.

    Args:
        newest: Last quarter-hour that anything kept looked at.
    """

    newest: int = -1
    _found: dict[Hashable, Any] = field(default_factory=dict)

    def find(self, key: Hashable) -> Any:
        """Return what was kept under a key; None when there is nothing."""
        return self._found.get(key)

    def keep(self, key: Hashable, value: Any, quarter: int) -> None:
        """Keep what rests on quarter-hours up to `quarter`; what is too much makes all before it forgotten."""
        if len(self._found) >= MOST:
            self.forget()
        self._found[key] = value
        self.newest = max(self.newest, quarter)

    def changed(self, quarter: int) -> None:
        """Hear that something was said about a quarter-hour."""
        if quarter <= self.newest:
            self.forget()

    def forget(self) -> None:
        """Forget everything."""
        self._found.clear()
        self.newest = -1
