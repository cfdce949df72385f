"""Offer thresholds that calm recorded days stay below, with how often they would have fired."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell


class Request(BaseModel):
    """The days to look at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ends: str = Field(description="End of the days, an instant.")
    days: Annotated[int, Field(ge=14, le=56)] = Field(default=28, description="How many days before it.")
    step_min: Annotated[int, Field(ge=5, le=60)] = Field(default=15, description="Time between evaluations [min].")


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:
    """Return what `suggestions.told` says, read from the journal beside the core."""
    from datetime import timedelta

    from gatewatch.config.feeds import load_feeds
    from gatewatch.config.thresholds import load_thresholds
    from gatewatch.monitor.backtesting.recorded_past import RecordedPast
    from gatewatch.monitor.backtesting.suggestions import printed_episodes, suggest_thresholds, told
    from gatewatch.monitor.detectors import settings_classes
    from gatewatch.monitor.observations import parse_instant
    from gatewatch.monitor.settings import load_settings
    from gatewatch.monitor.simulations.kinds import Cancelled
    from gatewatch.monitor.simulations.place import watched_border
    from gatewatch.monitor.store import Journal, open_store

    asked, loaded = Request.model_validate(request), watched_border()
    thresholds = load_thresholds(loaded.border, settings_classes(), loaded.root)
    ends: datetime = parse_instant(asked.ends)
    begins = ends - timedelta(days=asked.days)

    def on(done: int, total: int) -> None:
        if is_cancelled():
            raise Cancelled
        tell({"phase": "replaying", "done": done, "total": total})

    store = open_store(load_settings().database_url)
    try:
        result = told(
            suggest_thresholds(
                loaded.border, load_feeds(loaded.border, loaded.root),
                lambda: RecordedPast(Journal(store), begins), printed_episodes(loaded.border),
                thresholds, begins, ends, timedelta(minutes=asked.step_min), on,
            )
        )  # fmt: skip
    finally:
        store.close()
    return {**result, "summary": {"suggestions": len(result["suggestions"])}}
