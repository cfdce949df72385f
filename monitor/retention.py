"""Backups: made while the service runs, and kept for as long as the settings say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gatewatch.monitor.store import Store
from gatewatch.monitor.store.backup import Copy, backup
from gatewatch.monitor.trial import last_trial

_ENDINGS: Final = {"sqlite": "db", "postgresql": "dump"}
_NAME: Final = re.compile(r"gatewatch-(\d{8}T\d{6}Z)\.(?:db|dump)")


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in the folder, and when it was made, aware UTC."""

    path: Path
    made_at: datetime


def backup_name(backend: str, now: datetime) -> str:
    """Return the name of a backup made now; names sort by time."""
    return f"gatewatch-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.{_ENDINGS[backend]}"


def make_backup(store: Store, folder: Path, now: datetime) -> Copy:
    """
    Write a backup of the store into a folder.

    Raises:
        StoreError: It could not be made, or is damaged.
    """
    return backup(store, folder / backup_name(store.backend, now))


def list_backups(folder: Path) -> list[Kept]:
    """Return the backups in a folder that carry our kind of name, oldest first."""
    if not folder.is_dir():
        return []
    found = [(match[1], path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
    return [Kept(path, datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)) for stamp, path in sorted(found)]


def thin(folder: Path, most: int) -> list[Path]:
    """Remove the oldest backups beyond `most` and return them; the one that was last tried with success stays."""
    tried = last_trial(folder)
    old = [kept.path for kept in list_backups(folder)[:-most]]
    removed = [path for path in old if tried is None or path.name != tried.file]
    for path in removed:
        path.unlink(missing_ok=True)
    return removed
