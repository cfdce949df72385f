"""Calendars and rosters laid out in simulated time: segments in which nothing about a station changes."""

from datetime import UTC, date, datetime

import pytest

from gatewatch.config.schema import Border
from gatewatch.simulator.timetable import (
    NEVER_US,
    UNLIMITED,
    Clock,
    Segment,
    open_windows,
    segments,
    with_breakdowns,
)

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = date(2025, 7, 7)


def clock(first=MONDAY, days=1, begin_h=0, zone="Asia/Ho_Chi_Minh"):
    """Return the clock of a run."""
    return Clock(zone, first, days, begin_h * HOUR)


def laid_out(station, calendar=None, gate=None, border=None, **options):
    """Return the segments of a station: hour of the beginning, servers, open, registered only."""
    data = Border.model_validate(
        {
            "calendars": {} if calendar is None else {"own": calendar},
            "gates": {
                "a": {"stations": {"booth": station}} | ({} if calendar is None else {"calendar": "own"}) | (gate or {})
            },
        }
        | (border or {}),
        strict=False,
    )
    own = data.gates["a"]
    return segments(data, own, own.stations["booth"], clock(**options))


def shown(found):
    """Return hour, servers and whether open of each segment."""
    return [(s.begins_us / HOUR, s.servers, s.is_open) for s in found]


def test_a_station_without_calendar_and_roster_is_one_segment():
    """Open for ever, with its servers."""
    assert laid_out({"servers": 3}) == [Segment(0, 3, True, False, NEVER_US)]
    assert laid_out({}) == [Segment(0, UNLIMITED, True, False, NEVER_US)]


def test_opening_hours_cut_the_day():
    """Closed, open, lunch, open, closed; open segments know when they close."""
    found = laid_out({"servers": 1}, {"hours": [{"open": ["07:00-18:00"], "lunch": "11:30-13:30"}]})

    assert shown(found) == [(0, 1, False), (7, 1, True), (11.5, 1, False), (13.5, 1, True), (18, 1, False)]
    assert [s.closes_us / HOUR for s in found if s.is_open] == [11.5, 18]
    assert [s.capacity for s in found] == [0, 1, 0, 1, 0]


def test_a_roster_cuts_open_hours_without_closing_them():
    """Two from 09:00 to 12:00; the gate closes at 18:00 in all three parts."""
    found = laid_out(
        {"servers": [{"servers": 1}, {"hours": "09:00-12:00", "servers": 2}]},
        {"hours": [{"open": ["08:00-18:00"]}]},
    )

    assert shown(found) == [(0, 1, False), (8, 1, True), (9, 2, True), (12, 1, True), (18, 1, False)]
    assert {s.closes_us for s in found if s.is_open} == {18 * HOUR}


def test_a_roster_over_midnight_belongs_to_the_day_it_began_on():
    """Monday's night shift, 22:00 to 02:00, reaches into Tuesday; Tuesday has none of its own."""
    night = {"servers": [{"hours": "22:00-02:00", "days": ["mon"], "servers": 2}]}

    assert shown(laid_out(night, days=2)) == [(0, 0, True), (22, 2, True), (26, 0, True)]
    assert shown(laid_out(night, first=date(2025, 7, 8))) == [(0, 2, True), (2, 0, True)]


def test_the_last_rule_that_matches_holds():
    """By weekday, by date, and the later rule over the earlier."""
    roster = [
        {"servers": 1},
        {"days": ["sat", "sun"], "servers": 4},
        {"from": date(2025, 7, 8), "to": date(2025, 7, 8), "hours": "06:00-24:00", "servers": 7},
    ]

    assert shown(laid_out({"servers": roster}, days=7)) == [
        (0, 1, True), (30, 7, True), (48, 1, True), (120, 4, True),
    ]  # fmt: skip


def test_hours_that_no_rule_covers_have_no_servers():
    """Only the day shift is written down."""
    assert shown(laid_out({"servers": [{"hours": "08:00-16:00", "servers": 2}]})) == [
        (0, 0, True), (8, 2, True), (16, 0, True),
    ]  # fmt: skip


def test_equal_neighbours_are_one_segment():
    """Two rules with the same number make no edge."""
    roster = [{"hours": "00:00-12:00", "servers": 2}, {"hours": "12:00-24:00", "servers": 2}]

    assert shown(laid_out({"servers": roster}, days=2)) == [(0, 2, True)]


def test_a_run_that_begins_in_mid_day_begins_in_the_segment_of_that_hour():
    """At 10:00 the gate is open; nothing before is laid out."""
    found = laid_out({"servers": 1}, {"hours": [{"open": ["08:00-18:00"]}]}, begin_h=10)

    assert shown(found) == [(10, 1, True), (18, 1, False)]
    assert found[0].closes_us == 18 * HOUR


def test_hours_past_midnight_are_open_at_the_start_of_the_run():
    """Sunday's evening reaches into the first day."""
    found = laid_out({"servers": 1}, {"hours": [{"open": ["20:00-02:00"]}]})

    assert shown(found) == [(0, 1, True), (2, 1, False), (20, 1, True)]
    assert found[2].closes_us == 26 * HOUR


def test_a_change_of_state_is_an_edge_but_no_closing():
    """From a registered-only Monday into an open Tuesday around the clock."""
    calendar = {
        "hours": [{"open": ["00:00-24:00"]}],
        "days": [{"from": MONDAY, "to": MONDAY, "state": "preregistered"}],
    }
    found = laid_out({"servers": 1}, calendar, days=2)

    assert [(s.begins_us, s.preregistered_only) for s in found] == [(0, True), (DAY, False)]
    assert all(s.closes_us > 2 * DAY for s in found)


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("gate", [(8, 17)]),
        ("counterpart", [(6, 9), (10, 19)]),
        ("both", [(8, 9), (10, 17)]),
        ("always", None),
    ],
)
def test_each_side_keeps_its_own_clock(side, expected):
    """Ours is 08:00-17:00 in Hanoi, theirs 07:00-20:00 in Beijing with an hour of rest."""
    border = Border.model_validate(
        {
            "calendars": {
                "ours": {"hours": [{"open": ["08:00-17:00"]}]},
                "theirs": {"timezone": "Asia/Shanghai", "hours": [{"open": ["07:00-10:00", "11:00-20:00"]}]},
            },
            "gates": {"a": {"calendar": "ours", "counterpart": {"calendar": "theirs"}}},
        }
    )
    ticks = clock()
    found = open_windows(border, border.gates["a"], side, ticks)
    today = None if found is None else [w for w in found if ticks.us(w.begins) < DAY]

    assert expected == (
        None if today is None else [(ticks.us(w.begins) / HOUR, ticks.us(w.ends) / HOUR) for w in today]
    )


def test_a_station_follows_the_hours_of_its_direction():
    """Imports open later; a station that names no direction follows the rules for both."""
    calendar = {"hours": [{"open": ["06:00-18:00"]}, {"direction": "import", "open": ["09:00-18:00"]}]}

    assert shown(laid_out({"servers": 1, "hours_of": "import"}, calendar))[1] == (9, 1, True)
    assert shown(laid_out({"servers": 1, "hours_of": "export"}, calendar))[1] == (6, 1, True)
    assert shown(laid_out({"servers": 1}, calendar))[1] == (6, 1, True)


def test_a_day_of_twenty_three_hours_is_shorter_in_simulated_time():
    """Berlin, 30 March 2025: 02:00 becomes 03:00, so that 08:00 comes seven hours after midnight."""
    spring = {"first": date(2025, 3, 30), "zone": "Europe/Berlin"}
    ticks = clock(**spring, days=2)
    found = laid_out(
        {"servers": [{"servers": 1}, {"hours": "08:00-16:00", "servers": 2}]},
        {"timezone": "Europe/Berlin", "hours": [{"open": ["07:00-18:00"]}]},
        border={"border": {"timezone": "Europe/Berlin"}},
        **spring,
    )

    assert ticks.day_starts_us() == [0, 23 * HOUR, 47 * HOUR]
    assert ticks.end_us == 47 * HOUR
    assert shown(found) == [(0, 1, False), (6, 1, True), (7, 2, True), (15, 1, True), (17, 1, False)]


def test_simulated_time_begins_at_local_midnight():
    """Instants and microseconds translate into each other."""
    ticks = clock()

    assert ticks.instant(0) == datetime(2025, 7, 6, 17, tzinfo=UTC)
    assert ticks.us(datetime(2025, 7, 7, 1, 30, 0, 250_000, tzinfo=UTC)) == 8 * HOUR + 30 * MINUTE + 250_000
    assert ticks.us(ticks.instant(123_456_789)) == 123_456_789
    assert ticks.us(ticks.midnight(0, "Asia/Shanghai")) == -HOUR


def test_breakdowns_are_laid_over_the_segments():
    """Down 09:00-10:00, and 17:30-19:00 across closing."""
    base = laid_out({"servers": 2}, {"hours": [{"open": ["08:00-18:00"]}]})
    found = with_breakdowns(base, [(9 * HOUR, 10 * HOUR), (35 * HOUR // 2, 19 * HOUR)], DAY)

    assert [(s.begins_us / HOUR, s.capacity, s.is_broken) for s in found] == [
        (0, 0, False), (8, 2, False), (9, 0, True), (10, 2, False),
        (17.5, 0, True), (18, 0, True), (19, 0, False),
    ]  # fmt: skip


def test_a_breakdown_that_outlasts_the_run_is_not_repaired():
    """The last segment is a broken one."""
    found = with_breakdowns(laid_out({"servers": 1}), [(20 * HOUR, 30 * HOUR)], DAY)

    assert [(s.begins_us / HOUR, s.is_broken) for s in found] == [(0, False), (20, True)]


def test_one_breakdown_right_after_another_stays_broken():
    """A repair of no use: down again at the same instant."""
    found = with_breakdowns(laid_out({"servers": 1}), [(1 * HOUR, 2 * HOUR), (2 * HOUR, 3 * HOUR)], DAY)

    assert [(s.begins_us / HOUR, s.is_broken) for s in found if s.capacity == 0] == [(1, True), (2, True)]
