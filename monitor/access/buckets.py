"""Token buckets: how many requests a caller may make."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

_MOST: Final = 10_000  # callers remembered


class _Level(NamedTuple):
    tokens: float
    at: datetime


class Buckets:
    """
    A bucket for each caller, filled steadily; a request takes a token.

    Args:
        per_minute: Requests a minute, which may also come all at once.
    """

    def __init__(self, per_minute: int) -> None:
        self._most = float(per_minute)
        self._per_s = per_minute / 60
        self._levels: dict[str, _Level] = {}

    def take(self, caller: str, now: datetime) -> float:
        """Take a token and return 0, or return how long until there is one [s]."""
        tokens, at = self._levels.get(caller, _Level(self._most, now))
        tokens = min(self._most, tokens + max(0.0, (now - at).total_seconds()) * self._per_s)
        if tokens < 1:
            self._levels[caller] = _Level(tokens, max(now, at))
            return (1 - tokens) / self._per_s
        self._levels[caller] = _Level(tokens - 1, max(now, at))
        if len(self._levels) > _MOST:
            self._forget(now)
        return 0.0

    def _forget(self, now: datetime) -> None:
        """Let go of the full buckets, which are as good as new ones, or else of the longest unused."""
        full_s = self._most / self._per_s
        kept = {name: level for name, level in self._levels.items() if (now - level.at).total_seconds() < full_s}
        if len(kept) > _MOST:
            kept = dict(sorted(kept.items(), key=lambda item: item[1].at)[_MOST // 2 :])
        self._levels = kept
