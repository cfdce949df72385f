"""What the service knows of itself: room on the disk, backups, writes, messages that wait."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import Final

from gatewatch.monitor.detectors import SelfState
from gatewatch.monitor.retention import list_backups
from gatewatch.monitor.settings import Settings
from gatewatch.monitor.store import Store, StoreError
from gatewatch.monitor.store.outbox import Condition, Outbox
from gatewatch.monitor.trial import last_trial
from gatewatch.monitor.writer import Writer

FIRST_BACKUP: Final = timedelta(minutes=75)  # one is made an hour after the start, and tried
DEAD_LATELY: Final = timedelta(hours=24)  # a message that was given up is told of for so long


class OwnState:
    """
    Looks at the service itself.

    Args:
        settings: Where things are kept.
        store: What is kept.
        writer: Tells how long commits take.
        started: When the service started, aware UTC.
    """

    def __init__(self, settings: Settings, store: Store, writer: Writer, started: datetime) -> None:
        self._settings, self._store, self._writer, self._started = settings, store, writer, started
        self._outbox = Outbox(store)

    def __call__(self, now: datetime) -> SelfState:
        """Return what is known now; what cannot be read is None."""
        n_backups, age_s = self._backups(now)
        messages = self._messages(now)
        return SelfState(
            disk_free=self._disk_free(),
            backup_age_s=age_s,
            undelivered_s=None if messages is None else messages.age_s(now),
            n_dead_letters=None if messages is None else messages.dead_lately,
            fsync_s=self._writer.health().commit_p99_s,
            n_backups=n_backups,
        )

    def _messages(self, now: datetime) -> Condition | None:
        try:
            return self._outbox.condition(now - DEAD_LATELY)
        except StoreError:
            return None

    def _disk_free(self) -> float | None:
        if self._store.backend != "sqlite":
            return None  # the server's disk is not ours to see
        try:
            usage = shutil.disk_usage(self._store.path.parent)
        except OSError:
            return None
        return usage.free / usage.total if usage.total else None

    def _backups(self, now: datetime) -> tuple[int | None, float | None]:
        """Return how many backups there are, and the age of the last that was tried [s]; None of a simulated border."""
        if self._settings.is_simulated:
            return None, None  # there is nothing to lose, and its hours are none of the backups'
        folder = self._settings.backups
        try:
            kept = list_backups(folder)
        except OSError:
            return None, None
        if not kept:
            is_due = now - self._started >= FIRST_BACKUP
            return (0 if is_due else None), None
        trial = last_trial(folder)
        tried = [backup.made_at for backup in kept if trial is not None and backup.path.name == trial.file]
        return len(kept), (max(0.0, (now - tried[-1]).total_seconds()) if tried else None)
