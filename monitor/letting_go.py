"""Alerts and messages that were kept for as long as the settings say are let go of, a part at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from gatewatch.monitor.settings import Settings
from gatewatch.monitor.store.thinning import MOST, thin_alerts, thin_messages
from gatewatch.monitor.writer import Writer

_log: Final = structlog.get_logger(__name__)


class LettingGo:
    """
    Lets go of what has been kept long enough.

    Args:
        writer: Writes.
        settings: How long what is kept.
    """

    def __init__(self, writer: Writer, settings: Settings) -> None:
        self._writer = writer
        self._alerts = timedelta(days=settings.alerts_kept_days)
        self._messages = timedelta(days=settings.messages_kept_days)

    def look(self, now: datetime) -> None:
        """
        Let go of all that is old enough now; what is reported meanwhile is written in between.

        Raises:
            StoreError: The store takes nothing now; the next look goes on.
        """
        messages = self._all(thin_messages, now - self._messages)
        alerts = self._all(thin_alerts, now - self._alerts)
        if messages or alerts:
            _log.info("let go of what is old", messages=messages, alerts=alerts)

    def _all(self, thin: Callable[..., int], before: datetime) -> int:
        total, n = 0, MOST
        while n == MOST:
            n = self._writer.write(lambda connection: thin(connection, before), MOST, is_own=True).result()
            total += n
        return total
