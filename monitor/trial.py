"""
A trial of a backup: restored into a scratch place, every page checked, started from.

Run as a program, it tries the file of its first argument; with `--full` it makes the figures anew from the journal too.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gatewatch.config.errors import ConfigError
from gatewatch.monitor.observations import instant_text, parse_instant
from gatewatch.monitor.offline import Watched, leading, load_watched, rebuild
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import Store, StoreError, open_store
from gatewatch.monitor.store.backup import check_integrity, restore
from gatewatch.monitor.store.condition import windows_sha256
from gatewatch.monitor.store.scratch import scratch_store

NOTED: Final = "last-trial.json"
_NICE: Final = 10  # beside a service that runs, a trial waits


@dataclass(frozen=True, slots=True)
class Trial:
    """
    A copy that was restored into a scratch place and read.

    Args:
        file: Name of the copy.
        at: When it was tried, aware UTC.
        n_entries: Journal entries in it.
        digest: SHA-256 of every figure that it gives.
        n_windows: Versions of quarter hours in it.
        is_rebuilt: Whether figures and windows were also made anew from its journal, and were the same.
        seconds: How long the trial took [s].
    """

    file: str
    at: datetime
    n_entries: int
    digest: str
    n_windows: int
    is_rebuilt: bool
    seconds: float


def try_out(path: Path, like: Store, watched: Watched, folder: Path, now: datetime, *, is_full: bool) -> Trial:
    """
    Restore a copy into a scratch place, check every page of it, and start from it; note the success beside the copies.

    Args:
        path: The copy.
        like: The store that it is of.
        watched: Border and feeds.
        folder: Folder of the backups; a scratch store of SQLite is made in it.
        now: Aware UTC.
        is_full: Make figures and windows anew from its journal too, and compare.

    Raises:
        StoreError: The copy is damaged, or gives other figures than its journal.
    """
    started = time.perf_counter()
    with scratch_store(like, folder) as scratch:
        restore(path, scratch)
        faults = check_integrity(scratch)
        if faults:
            raise StoreError(f"{path} is damaged: {faults[0]}. Take an earlier backup.")
        with leading(scratch, watched, "a trial of a backup", now) as led:
            digest, n_entries, n_windows = led.projector.digest(), led.projector.rev, windows_sha256(scratch)[0]
            if is_full and not rebuild(led, now).was_same:
                raise StoreError(
                    f"{path} gives other figures than its own journal. Its journal is whole: restore it and run "
                    "`gatewatch rebuild`."
                )
    trial = Trial(path.name, now, n_entries, digest, n_windows, is_full, round(time.perf_counter() - started, 3))
    if path.parent.absolute() == folder.absolute():
        _note(folder / NOTED, trial)
    return trial


def last_trial(folder: Path) -> Trial | None:
    """Return the last trial that went well, or None."""
    try:
        noted = json.loads((folder / NOTED).read_text(encoding="utf-8"))
        return Trial(**{**noted, "at": parse_instant(noted["at"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(path: Path, trial: Trial) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_text(json.dumps({**asdict(trial), "at": instant_text(trial.at)}), encoding="utf-8")
    unfinished.replace(path)


def main(arguments: Sequence[str]) -> int:
    """Try a copy with the settings of the environment, and return the exit status: 0 when it serves."""
    os.nice(_NICE)
    os.umask(0o077)
    path, now = Path(arguments[0]), datetime.now(UTC)
    try:
        settings = load_settings()
        like = open_store(settings.database_url)
        try_out(path, like, load_watched(settings), path.absolute().parent, now, is_full="--full" in arguments)
    except (ConfigError, StoreError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
