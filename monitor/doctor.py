"""The doctor: looks at settings, machine, store, backups and feeds, and says what is wrong and what to do."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import httpx
from pydantic import SecretStr

from gatewatch.monitor.live.sources import SourceState, source_states
from gatewatch.monitor.machine import clock_state, existing, file_clock_offset_s, fsyncs_per_s, room
from gatewatch.monitor.offline import Watched, read_projection
from gatewatch.monitor.retention import list_backups
from gatewatch.monitor.settings import FILE_VARIABLE, PREFIX, Settings
from gatewatch.monitor.store import Store, StoreError, open_store
from gatewatch.monitor.store.backup import check_integrity
from gatewatch.monitor.store.condition import Condition, condition_of
from gatewatch.monitor.trial import last_trial

Verdict = Literal["well", "note", "wrong"]

FEED: Final = "feed "  # begins the subject of a check of one feed
_GIB: Final = 1 << 30
_MOST_ENTRIES: Final = 200_000  # beyond the last snapshot: more than this is read by a start, not by a look
_SLOW_DISK, _HASTY_DISK = 30.0, 20_000.0  # pages a second
_OLD_BACKUP, _OLD_TRIAL = timedelta(hours=3), timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Check:
    """
    One thing looked at.

    Args:
        subject: What.
        verdict: `well`; `note`, to know; `wrong`, to mend.
        said: What was found.
        remedy: What to do, empty when there is nothing to do.
    """

    subject: str
    verdict: Verdict
    said: str
    remedy: str = ""


def examine(settings: Settings, watched: Watched, now: datetime, *, is_thorough: bool) -> list[Check]:
    """
    Return everything that was looked at; a service that runs is not disturbed.

    Args:
        settings: Of the service.
        watched: Border and feeds.
        now: Aware UTC.
        is_thorough: Read every page of the store.
    """
    store = open_store(settings.database_url)
    try:
        return [
            *_home(settings),
            *_port(settings),
            *_store(store, watched, now, is_thorough=is_thorough),
            *_disk(settings, store),
            *_clock(existing(settings.home)),
            *_permissions(settings, store),
            *_backups(settings, now),
        ]
    finally:
        store.close()


def _home(settings: Settings) -> Iterator[Check]:
    if settings.home.exists() and not settings.home.is_dir():
        yield Check("home", "wrong", f"{settings.home} is no folder", "name a folder with --home or GATEWATCH_HOME")


def settings_in_force(settings: Settings, environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return key, value and origin of each setting; a secret is not shown."""
    found = []
    for name, field in Settings.model_fields.items():
        key = field.alias or name
        value = getattr(settings, name)
        if f"{PREFIX}{key.upper()}" in environment:
            origin = f"{PREFIX}{key.upper()}"
        elif name in settings.model_fields_set:
            origin = environment.get(FILE_VARIABLE, "") or "given"
        else:
            origin = "default"
        found.append((key, _shown(value), origin))
    return found


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set, not shown" if value.get_secret_value() else "not set"
    if value is None:
        return "not set"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _port(settings: Settings) -> Iterator[Check]:
    place = f"{settings.host}:{settings.port}"
    if settings.port == 0:
        yield Check("port", "well", "any that is free")
        return
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            taken: OSError | None = error
        else:
            taken = None
    if taken is None:
        yield Check("port", "note", f"{place} is free: the service does not run", "start it with `gatewatch serve`")
        return
    try:
        answer = httpx.get(f"http://{_url_host(settings.host)}:{settings.port}/healthz", timeout=2.0, trust_env=False)
    except httpx.HTTPError:
        yield Check(
            "port", "wrong", f"{place} cannot be used: {taken.strerror}", "set another port, or end what uses it"
        )
        return
    if answer.status_code == 200:
        yield Check("port", "well", f"the service answers at {place}")
    else:
        yield Check("port", "wrong", f"{place} answers /healthz with status {answer.status_code}",
                    "end that program, or look at the service's log")  # fmt: skip


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _store(store: Store, watched: Watched, now: datetime, *, is_thorough: bool) -> Iterator[Check]:
    try:
        yield from (_of_place(note) for note in store.notes())
        if store.backend == "sqlite" and not store.path.exists():
            yield Check("store", "note", f"there is none yet at {store}", "`gatewatch serve` makes it")
            return
        condition = condition_of(store)
        yield from _of_condition(store, condition, now)
        if is_thorough:
            faults = check_integrity(store)
            yield from (
                Check("integrity", "wrong", fault, "restore the last backup that was tried") for fault in faults
            )
            if not faults:
                yield Check("integrity", "well", f"{condition.last_seq} entries without a gap, every page whole")
        yield from _feeds(store, watched, now)
    except StoreError as error:
        yield Check("store", "wrong", str(error))


def _of_place(note: str) -> Check:
    verdict: Verdict = "wrong" if " is off" in note else "note" if "fault" in note else "well"
    return Check("library", verdict, note)


def _of_condition(store: Store, condition: Condition, now: datetime) -> Iterator[Check]:
    if condition.revision != condition.newest_revision:
        said = f"its tables are of revision {condition.revision}, this program's of {condition.newest_revision}"
        yield Check("store", "note", said, "a newer program brings them up to date at its start")
    said = f"{store}: {condition.last_seq} entries, led last by {condition.holder} since {_minute(condition.led_since)}"
    yield Check("store", "well", said)
    if condition.n_quarantined:
        yield Check(
            "quarantine", "note", f"{condition.n_quarantined} observations are kept apart", "look at /v1/quarantine"
        )
    if condition.last_received is not None and condition.last_received > now + timedelta(minutes=1):
        said = f"the last entry was received at {_minute(condition.last_received)}, which is yet to come"
        yield Check("clock", "wrong", said, "set the clock; it went back, or was ahead when that entry came")


def _feeds(store: Store, watched: Watched, now: datetime) -> Iterator[Check]:
    projection = read_projection(store, _MOST_ENTRIES)
    if projection is None:
        yield Check("feeds", "note", "not looked at: the last snapshot is long ago", "start the service once")
        return
    for state in source_states(watched.border, watched.feeds, projection, now):
        check = _feed(state, now)
        if check is not None:
            yield check
    if not watched.feeds:
        yield Check("feeds", "note", "none is declared", "declare what reports in the folder `feeds` of the border")


def _feed(state: SourceState, now: datetime) -> Check | None:
    subject = f"{FEED}{state.source}"
    heard = "never heard" if state.last_heard is None else f"heard {_age(now - state.last_heard)} ago"
    if not state.is_declared:
        return Check(subject, "note", f"{heard}; not declared", "declare it, so that its silence is noticed")
    if state.silent_since is not None:
        return Check(subject, "wrong", f"silent: {heard}", "look at the device, its power and its line")
    if state.n_missing:
        return Check(subject, "note", f"{heard}; {state.n_missing} of its numbers never came")
    return Check(subject, "well", heard if state.is_expected else f"{heard}; need not be heard now")


def _disk(settings: Settings, store: Store) -> Iterator[Check]:
    folder = existing(store.path.parent if store.backend == "sqlite" else settings.home)
    try:
        rate = fsyncs_per_s(folder)
    except OSError as error:
        yield Check(
            "disk", "wrong", f"{folder} cannot be written: {error.strerror}", "give the service's user the right"
        )
        return
    yield _fsync(rate, folder)
    for what, place in (("store", folder), ("backups", existing(settings.backups))):
        free = room(place)
        verdict: Verdict = "wrong" if free.free < _GIB else "note" if free.share < 0.1 else "well"
        remedy = "make room; without any, observations are refused with 503" if verdict != "well" else ""
        yield Check("disk", verdict, f"{free.free / _GIB:.1f} GiB free ({free.share:.0%}) for the {what}", remedy)
    if existing(settings.backups).stat().st_dev == folder.stat().st_dev:
        yield Check("backups", "note", "on the same disk as the store: the loss of that disk loses both",
                    "set backup_folder to another disk")  # fmt: skip


def _fsync(rate: float, folder: Path) -> Check:
    said = f"{rate:,.0f} pages a second are kept by the disk under {folder}"
    if rate < _SLOW_DISK:
        return Check("fsync", "note", said, "slow; many observations share one wait, so batches still go fast")
    if rate > _HASTY_DISK:
        return Check("fsync", "note", f"{said}: too fast to be on a disk",
                     "a cache answers; make sure that it survives a power cut, or have a UPS")  # fmt: skip
    return Check("fsync", "well", said)


def _clock(folder: Path) -> Iterator[Check]:
    state = clock_state()
    if state is None:
        yield Check("clock", "note", "the kernel does not say whether a time service keeps it", "keep it with chrony")
    elif not state.is_kept:
        yield Check("clock", "note", "no time service keeps it", "keep it: sudo apt-get install chrony")
    else:
        yield Check("clock", "well", f"kept by a time service, at most {1e3 * state.most_s:.0f} ms off")
    if os.access(folder, os.W_OK):
        offset_s = file_clock_offset_s(folder)
        if abs(offset_s) > 2:
            yield Check(
                "clock", "wrong", f"files in {folder} are stamped {offset_s:+.1f} s off", "set both clocks by NTP"
            )


def _permissions(settings: Settings, store: Store) -> Iterator[Check]:
    found = [settings.home, settings.backups, *([store.path] if store.backend == "sqlite" else [])]
    for path in [path for path in found if path.exists()]:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o007:
            yield Check("permissions", "note", f"{path} can be read by every user of this machine ({mode:o})",
                        f"chmod o-rwx {path}")  # fmt: skip
        if not os.access(path, os.W_OK):
            yield Check("permissions", "wrong", f"{path} cannot be written by this user",
                        "run as the service's user, or give it the folder")  # fmt: skip


def _backups(settings: Settings, now: datetime) -> Iterator[Check]:
    kept = list_backups(settings.backups)
    if not kept:
        yield Check(
            "backups",
            "note",
            f"there is none in {settings.backups}",
            "the service makes one every hour; or `gatewatch backup`",
        )
    else:
        yield _aged("backups", f"{len(kept)}, the last", now - kept[-1].made_at, _OLD_BACKUP)
    trial = last_trial(settings.backups)
    if trial is None:
        yield Check("trial", "note", "no backup was restored for a trial yet", "`gatewatch backup` does both")
    else:
        yield _aged("trial", f"{trial.file}, {trial.n_entries} entries, restored", now - trial.at, _OLD_TRIAL)


def _aged(subject: str, said: str, age: timedelta, most: timedelta) -> Check:
    remedy = "look at the service's log for the job `backup`" if age > most else ""
    return Check(subject, "wrong" if age > most else "well", f"{said} {_age(age)} ago", remedy)


def _age(age: timedelta) -> str:
    minutes = max(0, round(age.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2 * 1_440 else f"{minutes // 1_440} days"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
