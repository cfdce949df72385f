"""Keeps our own bulletin of each day, and a further edition whenever late observations have changed it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from gatewatch.monitor.core import Core
from gatewatch.monitor.store import BulletinEditions
from gatewatch.monitor.store.bulletin_editions import Figure
from gatewatch.monitor.web.bulletin_counts import counted_on
from gatewatch.monitor.web.bulletin_day import CUT, Counted, figures_of

SETTLED: Final = timedelta(minutes=10)  # after the cut: what is on its way has come (assumed)
LOOK_BACK: Final = timedelta(days=31)
_DAY: Final = timedelta(days=1)
_TO_MIDNIGHT: Final = _DAY - timedelta(hours=CUT.hour, minutes=CUT.minute)  # what starts later is of the next day

_log: Final = structlog.get_logger(__name__)


class OwnBulletins:
    """
    Makes the editions.

    Args:
        core: Whose counts they tell.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._zone = ZoneInfo(core.border.border.timezone)
        self._seen_rev: int | None = None

    def look(self, now: datetime) -> None:
        """Make the first edition of a day that has ended, and a further one of each that has changed since."""
        core = self._core
        rev = (
            core.history.last_rev()
        )  # quarter-hours are written in the order of the journal: others have a greater one
        since = core.editions.last_rev() if self._seen_rev is None else self._seen_rev
        for day in self._days(since, now):
            figures = _listed(counted_on(core, day))
            known = core.editions.of(day.isoformat())
            if figures and (not known or _listed(figures_of(known[-1])) != figures):
                core.writer.write(
                    partial(BulletinEditions.append, day=day.isoformat(), figures=figures, rev=rev, at=now)
                ).result()
                _log.info("bulletin made", day=day.isoformat(), edition=len(known) + 1)
        self._seen_rev = rev

    def _days(self, since: int, now: datetime) -> list[date]:
        """Return the days that have ended and may have changed: where a quarter-hour has, and the last one anyway."""
        core = self._core
        last = (now - SETTLED).astimezone(self._zone)
        ended = last.date() if last.time() >= CUT else last.date() - _DAY
        changed = core.editions.changed_since(since, now - LOOK_BACK)
        days = {(start.astimezone(self._zone) + _TO_MIDNIGHT).date() for start in changed}
        return sorted(day for day in {*days, ended} if day <= ended)


def _listed(counted: Counted) -> list[Figure]:
    return sorted(
        ((gate, direction, line, value) for ((gate, direction), line), value in counted.items()),
        key=lambda figure: tuple(part or "" for part in figure[:3]),
    )
