"""Show how a rule with other settings would have fired over recorded days, beside the settings in force."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell


class Request(BaseModel):
    """A rule, what to change of it, where, and the days to look at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = Field(min_length=1, max_length=60, description="Rule to change.")
    settings: dict[str, bool | int | float | str] = Field(
        default={}, description="Settings by key, such as busy or for."
    )
    gate: str | None = Field(default=None, max_length=60, description="Only at this gate.")
    direction: Literal["export", "import"] | None = Field(default=None, description="Only in this direction.")
    ends: str = Field(description="End of the days, an instant.")
    days: Annotated[int, Field(ge=1, le=56)] = Field(default=7, description="How many days before it.")
    step_min: Annotated[int, Field(ge=5, le=60)] = Field(default=15, description="Time between evaluations [min].")


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:
    """Return what `previewing.told` says, read from the journal beside the core."""
    from datetime import timedelta

    from gatewatch.config.errors import ConfigError
    from gatewatch.config.feeds import load_feeds
    from gatewatch.config.thresholds import load_thresholds
    from gatewatch.monitor.backtesting.previewing import preview, told
    from gatewatch.monitor.backtesting.recorded_past import RecordedPast
    from gatewatch.monitor.detectors import settings_classes
    from gatewatch.monitor.detectors.changing import changed
    from gatewatch.monitor.observations import parse_instant
    from gatewatch.monitor.settings import load_settings
    from gatewatch.monitor.simulations.kinds import Cancelled, Refused
    from gatewatch.monitor.simulations.place import watched_border
    from gatewatch.monitor.store import Journal, open_store

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
    ends: datetime = parse_instant(asked.ends)
    begins = ends - timedelta(days=asked.days)

    def on(done: int, total: int) -> None:
        if is_cancelled():
            raise Cancelled
        tell({"phase": "replaying", "done": done, "total": total})

    store = open_store(load_settings().database_url)
    try:
        past = RecordedPast(Journal(store), begins)
        found = preview(
            loaded.border, feeds, past, thresholds, asked.rule, asked.settings, where, begins, ends,
            timedelta(minutes=asked.step_min), on,
        )  # fmt: skip
    finally:
        store.close()
    result = told(found)
    return {**result, "summary": {"present": result["present"]["n"], "changed": result["changed"]["n"]}}
