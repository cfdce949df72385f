"""
The core or the notifier, killed at the point that a file names. To be killed by tests.

    python killed.py core|notifier FILE

The file holds a point and after how many passes; it is removed at the kill, so that the next start lives.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path

from gatewatch.monitor import notifier, notifying, serving
from gatewatch.monitor.failpoints import watching

WITHIN_S, POLL_S, PAUSE_S = 2.0, 0.02, 0.05


class Kill:
    """Ends this process at a point, as a power cut would."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, threading.Lock()
        self._passed = 0

    def __call__(self, point: str) -> None:
        """Count a pass, and end at the last one."""
        with self._lock:
            try:
                wanted, _, after = self._file.read_text().partition("|")
            except FileNotFoundError:
                return
            if point != wanted:
                return
            self._passed += 1
            if self._passed == int(after):
                self._file.unlink()
                os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    which, file = sys.argv[1], Path(sys.argv[2])
    notifying.Notifier = partial(notifier.Notifier, within_s=WITHIN_S, poll_s=POLL_S)  # type: ignore[misc,assignment]
    notifier.pause_s = lambda *_: PAUSE_S
    notifier._SETTLE_S = PAUSE_S  # type: ignore[misc]
    with watching(Kill(file)):
        sys.exit(serving.main(["--supervised"]) if which == "core" else notifying.main(["--supervised"]))
