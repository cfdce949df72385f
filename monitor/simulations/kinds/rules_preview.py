"""Show how a rule with other settings would have fired over recorded days, beside the settings in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from gatewatch.monitor.simulations.recorded import RecordedDays, journal_of_service, replay_told

if TYPE_CHECKING:
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell


class Request(RecordedDays):
    """A rule, what to change of it, where, and the days to look at."""

    rule: str = Field(min_length=1, max_length=60, description="Rule to change.")
    settings: dict[str, bool | int | float | str] = Field(
        default={}, description="Settings by key, such as busy or for."
    )
    gate: str | None = Field(default=None, max_length=60, description="Only at this gate.")
    direction: Literal["export", "import"] | None = Field(default=None, description="Only in this direction.")
    days: Annotated[int, Field(ge=1, le=56)] = Field(default=7, description="How many days before it.")


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:
    """Return what `previewing.told` says, read from the journal beside the core."""
    from gatewatch.config.errors import ConfigError
    from gatewatch.config.feeds import load_feeds
    from gatewatch.config.thresholds import load_thresholds
    from gatewatch.monitor.backtesting.previewing import preview, told
    from gatewatch.monitor.backtesting.recorded_past import RecordedPast
    from gatewatch.monitor.detectors import settings_classes
    from gatewatch.monitor.detectors.changing import changed
    from gatewatch.monitor.simulations.kinds import Refused
    from gatewatch.monitor.simulations.place import watched_border

    asked, loaded = Request.model_validate(request), watched_border()
    feeds = load_feeds(loaded.border, loaded.root)
    thresholds = load_thresholds(loaded.border, settings_classes(), loaded.root)
    where = (asked.gate, asked.direction)
    try:
        changed(thresholds, loaded.border, asked.rule, asked.settings, where)
    except ConfigError as error:
        raise Refused(
            [
                {"place": f.key or f.file, "key": f.key, "found": f.found, "expected": f.expected, "text": str(f)}
                for f in error.faults
            ]
        ) from None
    begins, ends = asked.period
    with journal_of_service() as journal:
        found = preview(
            loaded.border, feeds, RecordedPast(journal, begins), thresholds, asked.rule, asked.settings, where, begins,
            ends, asked.step, replay_told(tell, is_cancelled),
        )  # fmt: skip
    result = told(found)
    return {**result, "summary": {"present": result["present"]["n"], "changed": result["changed"]["n"]}}
