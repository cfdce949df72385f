"""Back-off for wrong passwords: after a few, each further try has to wait twice as long."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE: Final = 5  # wrong passwords before anybody has to wait
FIRST_WAIT: Final = timedelta(seconds=10)
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(hours=24)
_MOST_NAMES: Final = 10_000


@dataclass(slots=True)
class _Tries:
    n: int
    last: datetime

    def ends(self) -> datetime:
        """Return until when no further try is looked at."""
        if self.n < FREE:
            return self.last
        return self.last + min(FIRST_WAIT * (1 << min(self.n - FREE, 20)), LONGEST_WAIT)


class Lockout:
    """
    Counts wrong passwords by account and by address.

    It is kept in memory: a restart forgives, and whoever can restart the service needs no password.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: dict[str, _Tries] = {}

    def waits_s(self, names: tuple[str, ...], now: datetime) -> float:
        """Return how long a try under any of the names has to wait [s]; 0 when it may be made now."""
        with self._lock:
            ends = [tries.ends() for name in names if (tries := self._tries.get(name)) is not None]
        return max(0.0, (max(ends, default=now) - now).total_seconds())

    def failed(self, names: tuple[str, ...], now: datetime) -> None:
        """Note a wrong password."""
        with self._lock:
            for name in names:
                before = self._tries.get(name)
                n = 0 if before is None or now - before.last > FORGOTTEN_AFTER else before.n
                self._tries[name] = _Tries(n + 1, now)
            if len(self._tries) > _MOST_NAMES:
                kept = sorted(self._tries.items(), key=lambda item: item[1].last)[_MOST_NAMES // 2 :]
                self._tries = dict(kept)

    def succeeded(self, name: str) -> None:
        """Forget the wrong passwords of a name."""
        with self._lock:
            self._tries.pop(name, None)
