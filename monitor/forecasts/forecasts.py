"""Forecasts by the clock and on demand: live state frozen, run forward by a worker, and kept."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

import structlog

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.detectors.outlook import Outlook, outlooks_of
from gatewatch.monitor.forecasts.present import HISTORY, backlogs_at, present, whole_minute
from gatewatch.monitor.live.snapshot import FlowState, Snapshot, take_snapshot
from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projector import Projector
from gatewatch.monitor.simulations.kinds import RESULT
from gatewatch.monitor.simulations.pool import FullError
from gatewatch.monitor.simulations.runs import Runs, RunView
from gatewatch.monitor.store import StoreError
from gatewatch.monitor.store.forecasts import KeptForecast, StoredForecasts
from gatewatch.monitor.store.history import History
from gatewatch.monitor.store.runs import Run
from gatewatch.monitor.writer import Writer

T = TypeVar("T")
Where = tuple[str, str]  # gate and direction

KIND: Final = "forecast"
SERVICE: Final = "service"  # who asks by the clock
KEPT: Final = timedelta(days=45)
HORIZON_H: Final = 24
_SOON: Final = timedelta(seconds=30)  # until it is tried again where none could be begun
_LATER: Final = timedelta(minutes=10)  # until it is tried again after one that failed
_KEEP_S: Final = 60.0
_WEEK, _HOUR = timedelta(days=7), timedelta(hours=1)

_log: Final = structlog.get_logger(__name__)


class NothingKnownError(Exception):
    """No forecast can start: no backlog is known anywhere; the message says why and what to do."""


class Read(Protocol):
    """Shows a projection to a function while it is held still, and returns what that finds."""

    def __call__(self, look: Callable[[Projection], T], /) -> T:
        """Return what `look` finds."""
        ...


def gather(border: Border, feeds: Mapping[str, Feed], read: Read, history: History, at: datetime) -> dict[str, Any]:
    """
    Return what is known as of a whole minute, as a forecast starts from it.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        read: Shows the projection; it is held still for one thing at a time.
        history: Quarter-hours.
        at: Aware UTC.

    Raises:
        NothingKnownError: No backlog is known anywhere.
    """
    zone = ZoneInfo(border.border.timezone)
    quarters = [
        row
        for what in ("arrived", "declared")
        for row in history.latest(at - HISTORY, at + timedelta(minutes=1), what=what)
    ]
    snapshot = read(lambda p: take_snapshot(border, feeds, p, at))
    if all(flow.backlog.value is None for flow in snapshot.flows):
        raise NothingKnownError(
            "no backlog is known at any gate, so that no forecast can start; count the vehicles inside once "
            "(POST /v1/hand-counts) or take in a bulletin, and see that the feeds of arrivals and exits are heard."
        )
    instants = [at - _WEEK + n * _HOUR for n in range(HORIZON_H + 1)]
    week_ago: dict[Where, list[float | None]] = {
        (flow.gate, flow.direction): read(partial(_backlogs, feeds, flow, instants, zone)) for flow in snapshot.flows
    }
    return read(lambda p: present(border, feeds, p, snapshot, quarters, week_ago))


def _backlogs(
    feeds: Mapping[str, Feed], flow: FlowState, instants: Sequence[datetime], zone: ZoneInfo, projection: Projection
) -> list[float | None]:
    return backlogs_at(feeds, projection, flow, instants, zone)


class Forecasts:
    """
    Makes forecasts and keeps them.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        projector: Knows what is observed.
        history: Quarter-hours.
        runs: Has workers do them.
        stored: Where they are kept.
        writer: Writes them.
        every: How often one is made by the clock; zero: never.
    """

    def __init__(
        self,
        border: Border,
        feeds: Mapping[str, Feed],
        projector: Projector,
        history: History,
        runs: Runs,
        stored: StoredForecasts,
        writer: Writer,
        every: timedelta,
    ) -> None:
        self._border, self._feeds = border, feeds
        self._projector, self._history = projector, history
        self._runs, self.stored, self._writer, self._every = runs, stored, writer, every
        self._zone = ZoneInfo(border.border.timezone)
        self._lock = threading.Lock()
        self._outlooks: Mapping[tuple[str, str], Outlook] = {}
        self._asked_at: datetime | None = None
        self._pause = every  # from then on until the next
        self._under_way = False
        self._has_told = False

    def start(self) -> None:
        """Take up the last forecast that is kept."""
        for last in self.stored.latest(1, is_scheduled=True):
            self._asked_at = last.at
            self._outlooks = outlooks_of(last.read())

    @property
    def outlooks(self) -> Mapping[tuple[str, str], Outlook]:
        """What the last forecast by the clock says, by gate and direction."""
        return self._outlooks

    def look(self, now: datetime) -> None:
        """
        Have a forecast made when the last one is old enough and none is under way.

        Where none can be begun it is tried again soon, so that the first one follows the first count and not the clock.
        Nothing of that is kept: a service that starts again goes by the last forecast that is.
        """
        if not self._every:
            return
        with self._lock:
            since = None if self._asked_at is None else now - self._asked_at
            if since is not None and timedelta(0) <= since < self._pause:
                return
            if self._under_way and since is not None:  # its end is always told
                return
            self._under_way, self._asked_at, self._pause = True, now, self._every
        is_begun = False
        try:
            self.ask(SERVICE, (), now, is_scheduled=True)
            is_begun, self._has_told = True, False
        except (NothingKnownError, FullError) as error:
            if not self._has_told:
                _log.info("no forecast is made", reason=str(error))
            self._has_told = True
        finally:
            if not is_begun:
                with self._lock:
                    self._under_way, self._pause = False, min(_SOON, self._every)

    def renew(self) -> None:
        """Have the next look make one, however new the last is: what it began from holds no more."""
        with self._lock:
            self._asked_at = None

    def ask(
        self,
        by: str,
        alternatives: Sequence[Mapping[str, Any]],
        now: datetime,
        *,
        title: str = "",
        is_scheduled: bool = False,
        settings: Mapping[str, Any] | None = None,
    ) -> Run:
        """
        Have a forecast made from live state as of the last whole minute, and return its run.

        Args:
            by: Account or key.
            alternatives: What may be decided, as the kind `forecast` takes it.
            now: Aware UTC.
            title: Name for people.
            is_scheduled: Whether the clock asks.
            settings: Others that the kind takes: `horizon_h`, `replications`, `seed`, `scenario`.

        Raises:
            FullError: Too much waits already.
            NothingKnownError: No backlog is known anywhere.
            StoreError: It could not be kept.
        """
        known = self.present(now)
        request = {"now": known, "alternatives": [dict(each) for each in alternatives], **(settings or {})}

        def hear(view: RunView) -> None:
            if view.is_over:
                self._ended(view.run, known, by, is_scheduled=is_scheduled)

        return self._runs.ask(KIND, request, by, title, hear)

    def present(self, now: datetime) -> dict[str, Any]:
        """
        Return what is known as of the last whole minute, as a forecast starts from it.

        Raises:
            NothingKnownError: No backlog is known anywhere.
        """
        return gather(self._border, self._feeds, self._projector.read, self._history, whole_minute(now))

    def seen(
        self, instants: Mapping[tuple[str, str], Sequence[datetime]], now: datetime
    ) -> dict[tuple[str, str], list[float | None]]:
        """Return the backlog at instants that are over, by gate and direction [veh]; None: not known."""
        snapshot: Snapshot = self._projector.live(now)
        return {
            (flow.gate, flow.direction): self._looked_back(flow, instants[flow.gate, flow.direction])
            for flow in snapshot.flows
            if (flow.gate, flow.direction) in instants
        }

    def _looked_back(self, flow: FlowState, instants: Sequence[datetime]) -> list[float | None]:
        return self._projector.read(lambda p: backlogs_at(self._feeds, p, flow, instants, self._zone))

    def _ended(self, run: Run, known: Mapping[str, Any], by: str, *, is_scheduled: bool) -> None:
        """Keep what came of a run; on a thread of the pool."""
        is_kept = False
        try:
            if run.state == "done":
                is_kept = self._keep(run, known, by, is_scheduled=is_scheduled)
            elif is_scheduled:
                _log.warning("a forecast was not made", run=run.id, state=run.state, reason=run.reason)
        finally:
            if is_scheduled:
                with self._lock:
                    self._under_way = False
                    if not is_kept:
                        self._pause = min(_LATER, self._every)

    def _keep(self, run: Run, known: Mapping[str, Any], by: str, *, is_scheduled: bool) -> bool:
        """Keep a forecast and return whether it is kept."""
        content = self._runs.stored.file(run.id, RESULT)
        if content is None:
            return False
        found = json.loads(gzip.decompress(content))
        at = datetime.fromisoformat(str(known["at"]))
        made_at = run.ended_at or at
        kept = KeptForecast(run.id, from_us(to_us(at)), made_at, is_scheduled, by, found["manifest"], content)

        def write(connection: Any) -> None:
            StoredForecasts.add(connection, kept)
            StoredForecasts.thin(connection, at - KEPT)

        try:
            self._writer.write(write).result(_KEEP_S)
        except (StoreError, TimeoutError):
            _log.exception("a forecast is not kept", run=run.id)
            return False
        if is_scheduled:
            self._outlooks = outlooks_of(found)
        return True
