"""What tasks over recorded days have in common: which days, the journal read beside the core, and how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from gatewatch.monitor.observations import parse_instant
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.simulations.kinds import Cancelled
from gatewatch.monitor.store import Journal, open_store

if TYPE_CHECKING:
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell


class RecordedDays(BaseModel):
    """Recorded days to look at; who asks for them says how many."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int
    ends: str = Field(description="End of the days, an instant.")
    step_min: Annotated[int, Field(ge=5, le=60)] = Field(default=15, description="Time between evaluations [min].")

    @property
    def period(self) -> tuple[datetime, datetime]:
        """Begin and end, aware UTC."""
        ends: datetime = parse_instant(self.ends)
        return ends - timedelta(days=self.days), ends

    @property
    def step(self) -> timedelta:
        """Time between evaluations."""
        return timedelta(minutes=self.step_min)


@contextmanager
def journal_of_service() -> Iterator[Journal]:
    """Yield the journal of the service that the worker works for, read beside it."""
    store = open_store(load_settings().database_url)
    try:
        yield Journal(store)
    finally:
        store.close()


def replay_told(tell: Tell, is_cancelled: IsCancelled) -> Callable[[int, int], None]:
    """Return what a replay tells how far it is; it ends when the task was cancelled."""

    def on(done: int, total: int) -> None:
        if is_cancelled():
            raise Cancelled
        tell({"phase": "replaying", "done": done, "total": total})

    return on
