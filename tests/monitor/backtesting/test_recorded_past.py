"""Days out of a journal, replayed as they were received: the same alerts as when they were told, on each backend."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.backtesting.recorded_past import RecordedPast
from gatewatch.monitor.backtesting.replaying import Past, Replayed, replay
from gatewatch.monitor.backtesting.suggestions import printed_episodes
from gatewatch.monitor.detectors import settings_classes
from gatewatch.monitor.store import Journal, Leader, Submitted
from tests.monitor.backtesting.test_previewing import ToldPast
from tests.monitor.stories import BORDER, BULLETIN, CAMERA_IN, CAMERA_OUT, FEEDS, Story, clock

THRESHOLDS = load_thresholds(BORDER, settings_classes(), Path("a border without thresholds"))
STEP = timedelta(minutes=30)


def _story() -> Story:
    """Return two days: 200 inside from 10:30 on the first, 400 on the second, 40 from 14:00 on; and the bulletins."""
    story = Story()
    for day, most in enumerate((200, 400)):
        for camera in (CAMERA_IN, CAMERA_OUT):
            story.beats(camera, clock("8:00", day), clock("18:00", day))
        for at, value in (("9:00", 40), ("10:30", most), ("14:00", 40)):
            story.counted(clock(at, day), value)
        for line, value in (("remaining", most), ("cleared", 150)):
            story.tell(
                "bulletin.row", clock("20:05", day), BULLETIN, date=f"2026-01-{15 + day}", edition=1, line=line,
                value=value, text=str(value), gate="north", direction="export",
            )  # fmt: skip
    return story


def _keep(leader: Leader, received: Iterable[tuple[datetime, Submitted]]) -> Journal:
    """Put observations into the journal in the order of their receipt."""
    with leader.writing() as connection:
        Journal.append(connection, [item for _, item in sorted(received, key=lambda pair: pair[0])])
    return Journal(leader.store)


def _replayed(past: Past) -> Replayed:
    (found,) = replay(BORDER, FEEDS, past, [THRESHOLDS], clock("8:00"), clock("0:00", 2), STEP, ["backlog_sustained"])
    return found


def test_a_journal_tells_the_alerts_that_were_told(leader: Leader) -> None:
    """Everything received as it happens: the same alerts, values and days as from the story itself."""
    story = _story()
    journal = _keep(leader, ((one.occurred_at, Submitted.of(one, one.occurred_at)) for one in story.observations))
    recorded, told = _replayed(RecordedPast(journal, clock("8:00"))), _replayed(ToldPast(story))

    assert [(one.fired_at, one.level) for one in recorded.firings] == [
        (clock("11:30"), "busy"), (clock("11:30", 1), "congested"),
    ]  # fmt: skip
    assert recorded == told


def test_what_came_late_is_known_from_when_it_came(leader: Leader) -> None:
    """The counts of the first morning came at 12:40: nobody could have told before 13:00, and 13:30 is `for` later."""
    came, late = clock("12:40"), (clock("9:00"), clock("12:00"))
    received = [
        (max(one.occurred_at, came) if late[0] <= one.occurred_at <= late[1] else one.occurred_at, one)
        for one in _story().observations
    ]
    journal = _keep(leader, ((at, Submitted.of(one, at)) for at, one in received))
    found = _replayed(RecordedPast(journal, clock("8:00")))

    assert [one.fired_at for one in found.firings] == [clock("13:30"), clock("11:30", 1)]
    assert found.firings[0].active_at == clock("13:00")


@pytest.mark.parametrize(("least", "n_known"), [("2026-01-15", 1), ("2026-01-18", 0)])
def test_bulletins_say_which_evenings_were_congested(leader: Leader, least: str, n_known: int) -> None:
    """Of 400 inside and 150 cleared a day, 2.7 days of work; where no bulletin is looked at nobody knows."""
    journal = _keep(leader, ((one.occurred_at, Submitted.of(one, one.occurred_at)) for one in _story().observations))
    past = RecordedPast(journal, clock("8:00"))
    past.advance(clock("0:00", 4))
    begins = datetime.fromisoformat(f"{least}T19:00:00+07:00")
    found = printed_episodes(BORDER)(past, begins, clock("0:00", 4))

    assert (None if found is None else len(found)) == (n_known or None)
    assert found is None or [(one.begins, one.backlog) for one in found] == [(clock("20:00", 1), 400)]
