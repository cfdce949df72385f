"""Opening as reported over the calendar of each side."""

from __future__ import annotations

from gatewatch.monitor.live.opening import Opening, opening
from tests.monitor.stories import BORDER, PERSON, Story, clock


def _opening(story: Story, now: str, days: int = 0) -> Opening:
    return opening(BORDER, story.projection(), "north", "export", clock(now, days))


def _gate(story: Story, at: str, state: str, side: str = "own", until: str | None = None) -> Story:
    data = {"gate": "north", "side": side, "state": state, "reason": "fog"}
    return story.tell("gate.state", clock(at), PERSON, **data, until=until and clock(until).isoformat())


def test_without_reports_the_calendars_hold():
    """Beijing's 08:00 is Hanoi's 07:00: both sides are open from 07:00 to 18:00."""
    found = _opening(Story(), "10:00")

    assert (found.own.state, found.own.next_change, found.own.is_reported) == ("open", clock("18:00"), False)
    assert found.open_s(clock("0:00"), clock("24:00")) == 11 * 3600


def test_an_unplanned_closure_lasts_until_somebody_says_otherwise():
    """The other side shuts at 09:00; it is not taken to open again by itself."""
    shut = _gate(Story(), "9:00", "shut", "counterpart")

    found = _opening(shut, "10:00")
    assert (found.counterpart.state, found.counterpart.is_unplanned, found.counterpart.reason) == ("shut", True, "fog")
    assert (found.counterpart.next_change, found.own.state) == (None, "open")

    again = _opening(_gate(shut, "11:30", "open", "counterpart"), "12:00")
    assert (again.counterpart.state, again.counterpart.is_unplanned) == ("open", False)
    assert again.open_s(clock("7:00"), clock("18:00")) == (2 + 6.5) * 3600


def test_a_closure_with_an_end_ends_then():
    """Shut from 09:00 to 10:30."""
    found = _opening(_gate(Story(), "9:00", "shut", until="10:30"), "9:30")

    assert (found.own.state, found.own.next_change) == ("shut", clock("10:30"))


def test_said_to_be_open_in_the_evening_it_is_shut_again_by_the_next_closing():
    """Nobody reports every evening that a gate has shut."""
    late = _gate(Story(), "18:30", "open")

    assert _opening(late, "19:00").own.state == "open"
    assert _opening(late, "19:00", days=1).own.state == "shut"


def test_an_agreed_extension_moves_the_closing_of_one_day():
    """Until 20:00 on our side; on the other side nothing changes, so both are open until 18:00."""
    story = Story().tell(
        "calendar.changed", clock("15:00"), PERSON, gate="north", side="own", date="2026-01-15", closes="20:00"
    )

    found = _opening(story, "16:00")
    assert found.own.next_change == clock("20:00")
    assert found.after_open_s(clock("16:00"), 3 * 3600) == clock("8:00", 1)

    both = story.tell(
        "calendar.changed", clock("15:30"), PERSON, gate="north", side="counterpart", date="2026-01-15", closes="21:00"
    )
    assert _opening(both, "16:00").after_open_s(clock("16:00"), 3 * 3600) == clock("19:00")
