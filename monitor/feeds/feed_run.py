"""Which simulated days a feed plays: those of its last run as long as they last, else new ones that do not overlap."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from gatewatch.monitor.observations import instant_text, parse_instant

_FILE: Final = "run.json"


@dataclass(frozen=True, slots=True)
class FeedRun:
    """
    A simulated run and how far it was sent.

    Args:
        scenario: Its scenario.
        seed: Its seed.
        first_day: The day on which its simulation begins.
        days: How many there are; a run of another length draws otherwise, and tells another story.
        until: What arrived until then is not sent any more; None: everything is to be sent.
    """

    scenario: str
    seed: int
    first_day: date
    days: int
    until: datetime | None = None

    @property
    def last_day(self) -> date:
        """Return its last day."""
        return self.first_day + timedelta(days=self.days - 1)


def next_run(last: FeedRun | None, wanted: FeedRun, today: date) -> FeedRun:
    """
    Return the run to play.

    Two runs tell different stories of one day, and a monitor that heard both would count both. So the last run goes on
    while it is what is asked for and has days left, and a new one begins after what the last has told.

    Args:
        last: The last run in this place.
        wanted: A new run, with the instant at which its history begins as `until`.
        today: By the feed's clock.
    """
    if last is None or last.until is None or wanted.until is None or last.first_day > today:
        return wanted
    if last.until < wanted.until:
        return wanted
    is_same = (last.scenario, last.seed, last.days) == (wanted.scenario, wanted.seed, wanted.days)
    if is_same and last.first_day <= wanted.first_day and today <= last.last_day:
        return replace(wanted, first_day=last.first_day)  # what was sent since then is sent again: it changes nothing
    return replace(wanted, until=last.until)


def read_run(folder: Path) -> FeedRun | None:
    """Return the last run of a folder; None when there was none that can be read."""
    try:
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        until = kept["until"]
        return FeedRun(
            str(kept["scenario"]),
            int(kept["seed"]),
            date.fromisoformat(kept["first_day"]),
            int(kept["days"]),
            None if until is None else parse_instant(until),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_run(folder: Path, run: FeedRun) -> None:
    """Keep a run in its folder, whole or not at all."""
    until = None if run.until is None else instant_text(run.until)
    partial = folder / f".{_FILE}.partial"
    partial.write_text(json.dumps({**asdict(run), "first_day": run.first_day.isoformat(), "until": until}) + "\n")
    partial.replace(folder / _FILE)
