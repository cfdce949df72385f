"""A store in hand without a service around it: to rebuild it, to try a copy of it, and to look at it."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gatewatch.config.feeds import Feed, load_feeds
from gatewatch.config.loader import load_border
from gatewatch.config.schema import Border
from gatewatch.monitor.observations import Observation
from gatewatch.monitor.projection.keeping import from_bytes
from gatewatch.monitor.projection.projecting import Projection, Ref
from gatewatch.monitor.projector import LAYOUT, Projector
from gatewatch.monitor.settings import Settings
from gatewatch.monitor.store import Journal, Leader, Store
from gatewatch.monitor.store.condition import windows_sha256
from gatewatch.monitor.store.history import History
from gatewatch.monitor.store.snapshots import Snapshots
from gatewatch.monitor.writer import Writer

_CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Watched:
    """The border that is watched, and the feeds that report on it by source."""

    border: Border
    feeds: dict[str, Feed]


@dataclass(frozen=True, slots=True)
class Led:
    """A store that we lead, and who works on it."""

    store: Store
    writer: Writer
    projector: Projector


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """
    What a rebuild found.

    Args:
        n_entries: Journal entries applied.
        seconds: How long that took [s].
        digest: SHA-256 of every figure, made from the journal alone.
        n_windows: Versions of quarter hours.
        was_same: Whether figures and windows were the same before.
    """

    n_entries: int
    seconds: float
    digest: str
    n_windows: int
    was_same: bool


def load_watched(settings: Settings) -> Watched:
    """
    Return the border of the settings and its feeds.

    Raises:
        ConfigError: With every fault found in every file.
    """
    loaded = load_border(settings.border)
    return Watched(loaded.border, load_feeds(loaded.border, loaded.root))


def holder_name(what: str) -> str:
    """Return who leads a store, said to a second process that tries the same."""
    return f"{what} on {socket.gethostname()}, process {os.getpid()}"


@contextmanager
def leading(store: Store, watched: Watched, what: str, now: datetime) -> Iterator[Led]:
    """
    Yield a store that is led, its projector caught up with the journal; nobody is served.

    Raises:
        LeaderPresentError: A core runs on it.
        StoreError: The store was written by a newer program.
        StoreUnavailableError: The store cannot be reached or written.
    """
    with ExitStack() as stack:
        leader = Leader(store, holder_name(what), now)
        stack.callback(leader.close)
        stack.callback(store.close)
        journal = Journal(store)
        writer = Writer(leader, journal)
        writer.start()
        stack.callback(writer.stop)
        projector = Projector(watched.border, watched.feeds, journal, writer, History(store), Snapshots(store))
        projector.start()
        stack.callback(projector.stop)
        yield Led(store, writer, projector)


def rebuild(led: Led, now: datetime) -> Rebuilt:
    """Return what the journal alone says, after making figures and windows anew from it and keeping them."""
    before = led.projector.digest(), windows_sha256(led.store)
    started = time.perf_counter()
    digest = led.projector.rebuild()
    seconds = time.perf_counter() - started
    windows = windows_sha256(led.store)
    led.projector.keep(now).result()
    return Rebuilt(led.projector.rev, seconds, digest, windows[0], was_same=before == (digest, windows))


def read_projection(store: Store, most: int) -> Projection | None:
    """
    Return what a store says, read beside whoever leads it; None when more than `most` entries are to be applied.

    Raises:
        StoreError: The store has no tables yet.
        StoreUnavailableError: It cannot be reached.
    """
    journal = Journal(store)
    last_seq = journal.last_seq()
    read: dict[Ref, Observation] = {}

    def find(ref: Ref) -> Observation | None:
        if ref in read:
            return read[ref]
        entry = journal.find(*ref)
        return entry.observation() if entry is not None and entry.seq <= projection.last_seq else None

    kept = Snapshots(store).latest(LAYOUT, last_seq)
    loaded = None if kept is None else from_bytes(json.loads(kept.body)["projection"].encode(), find)
    projection = loaded or Projection(find)
    if last_seq - projection.last_seq > most:
        return None
    while entries := journal.read(projection.last_seq, _CHUNK):
        for entry in entries:
            observation = entry.observation()
            projection.apply(observation, entry.seq, entry.received_at)
            read[entry.source, entry.id] = observation
    return projection
