"""Offer thresholds that calm recorded days stay below, with how often they would have fired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from gatewatch.monitor.simulations.recorded import RecordedDays, journal_of_service, replay_told

if TYPE_CHECKING:
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell


class Request(RecordedDays):
    """The days to look at."""

    days: Annotated[int, Field(ge=14, le=56)] = Field(default=28, description="How many days before it.")


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:
    """Return what `suggestions.told` says, read from the journal beside the core."""
    from gatewatch.config.feeds import load_feeds
    from gatewatch.config.thresholds import load_thresholds
    from gatewatch.monitor.backtesting.recorded_past import RecordedPast
    from gatewatch.monitor.backtesting.suggestions import printed_episodes, suggest_thresholds, told
    from gatewatch.monitor.detectors import settings_classes
    from gatewatch.monitor.simulations.place import watched_border

    asked, loaded = Request.model_validate(request), watched_border()
    thresholds = load_thresholds(loaded.border, settings_classes(), loaded.root)
    begins, ends = asked.period
    with journal_of_service() as journal:
        found = suggest_thresholds(
            loaded.border, load_feeds(loaded.border, loaded.root), lambda: RecordedPast(journal, begins),
            printed_episodes(loaded.border), thresholds, begins, ends, asked.step, replay_told(tell, is_cancelled),
        )  # fmt: skip
    result = told(found)
    return {**result, "summary": {"suggestions": len(result["suggestions"])}}
