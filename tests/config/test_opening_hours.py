from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewatch.config.calendars import Calendar
from gatewatch.config.opening_hours import (
    Window,
    both_open,
    join_windows,
    next_change,
    open_spans,
    service_day,
    window_at,
    windows,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BEIJING = ZoneInfo("Asia/Shanghai")
MONDAY = date(2025, 3, 3)
NOTHING = timedelta()

ALWAYS_OPEN = Calendar.model_validate({"hours": [{"open": ["00:00-24:00"]}], "timezone": "UTC"})


def calendar(*hours, **others):
    """Return a calendar of these rules."""
    return Calendar.model_validate({"hours": list(hours), **others})


def at(text, zone=HANOI):
    """Return an aware instant of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def spans(found, day, direction=None):
    """Return the hours of a day as they would be written."""
    return [str(span) for span in open_spans(found, day, direction)]


def local(found, zone=HANOI):
    """Return windows as local times of day, the day in front."""
    return [
        f"{w.begins.astimezone(zone):%d %H:%M}-{w.ends.astimezone(zone):%d %H:%M}" + " pre" * w.preregistered_only
        for w in found
    ]


def local_windows(found, first, last, direction=None, zone=HANOI):
    """Return the windows between two local days."""
    return local(windows(found, at(first, zone), at(last, zone), direction), zone)


# --- which hours hold on a day ------------------------------------------------------------------------


def test_the_last_rule_that_matches_a_day_holds():
    """A later rule takes the place of an earlier one as a whole."""
    found = calendar(
        {"open": ["07:00-18:00"]},
        {"open": ["07:00-20:00"], "from": date(2025, 4, 26)},
        {"open": ["08:00-12:00"], "days": ["sun"]},
    )

    assert spans(found, date(2025, 4, 25)) == ["07:00-18:00"]
    assert spans(found, date(2025, 4, 26)) == ["07:00-20:00"]
    assert spans(found, date(2025, 4, 27)) == ["08:00-12:00"]


def test_a_rule_holds_on_its_first_and_its_last_day():
    """Both dates are included; outside them no rule covers the day, which is then shut."""
    found = calendar({"open": ["07:00-18:00"], "from": date(2025, 3, 3), "to": date(2025, 3, 4)})

    open_days = [day for day in range(1, 7) if spans(found, date(2025, 3, day))]

    assert open_days == [3, 4]


def test_a_day_without_a_rule_for_its_weekday_is_shut():
    """Weekdays alone leave the weekend shut."""
    found = calendar({"open": ["07:00-18:00"], "days": ["mon", "tue", "wed", "thu", "fri"]})

    assert [bool(spans(found, MONDAY + timedelta(days=n))) for n in range(7)] == [True] * 5 + [False] * 2


def test_the_lunch_switch_keeps_lunch_hours_open():
    """Lunch is taken out of the hours unless the gate works through it."""
    hours = {"open": ["07:00-18:00"], "lunch": "11:00-13:00"}

    assert spans(calendar(hours), MONDAY) == ["07:00-11:00", "13:00-18:00"]
    assert spans(calendar(hours, work_through_lunch=True), MONDAY) == ["07:00-18:00"]


def test_lunch_outside_the_hours_takes_nothing_out():
    """A half day that ends before lunch stays whole, one that begins within it is cut."""
    assert spans(calendar({"open": ["07:00-11:00"], "lunch": "11:00-13:00"}), MONDAY) == ["07:00-11:00"]
    assert spans(calendar({"open": ["12:00-18:00"], "lunch": "11:00-13:00"}), MONDAY) == ["13:00-18:00"]


def test_a_break_at_night_is_taken_out_of_hours_past_midnight():
    """A break is a time of day: 00:30 of a night shift lies on the next date."""
    found = calendar({"open": ["20:00-04:00"], "lunch": "00:30-01:00"})

    assert [(s.from_min, s.to_min) for s in open_spans(found, MONDAY)] == [(1200, 1470), (1500, 1680)]


def test_hours_of_one_direction_leave_the_other_alone():
    """Imports may go on later than exports."""
    found = calendar({"open": ["07:00-19:00"]}, {"open": ["07:00-22:00"], "direction": "import"})

    assert spans(found, MONDAY, "export") == ["07:00-19:00"]
    assert spans(found, MONDAY, "import") == ["07:00-22:00"]
    assert spans(found, MONDAY) == ["07:00-19:00"]


# --- windows --------------------------------------------------------------------------------------------


def test_hours_past_midnight_belong_to_the_day_they_began_on():
    """Saturday's night shift runs into a Sunday that is shut by itself."""
    found = calendar({"open": ["20:00-02:00"], "days": ["sat"]})

    assert local_windows(found, "2025-03-08", "2025-03-10") == ["08 20:00-09 02:00"]
    assert local_windows(found, "2025-03-09", "2025-03-10") == ["09 00:00-09 02:00"]


def test_tet_knows_three_states():
    """Shut days have no window, days for registered lorries have one that says so, others are ordinary."""
    found = calendar(
        {"open": ["07:00-18:00"]},
        days=[
            {
                "from": date(2026, 2, 15),
                "to": date(2026, 2, 23),
                "state": "preregistered",
                "open": ["08:00-12:00"],
            },
            {"from": date(2026, 2, 16), "to": date(2026, 2, 18), "state": "shut"},
            {"from": date(2026, 2, 20), "to": date(2026, 2, 20), "state": "open"},
        ],
    )

    assert local_windows(found, "2026-02-14", "2026-02-22") == [
        "14 07:00-14 18:00",
        "15 08:00-15 12:00 pre",
        "19 08:00-19 12:00 pre",
        "20 07:00-20 18:00",
        "21 08:00-21 12:00 pre",
    ]


def test_a_day_of_its_own_without_hours_keeps_the_ordinary_ones():
    """Only the state differs, lunch included."""
    found = calendar(
        {"open": ["07:00-18:00"], "lunch": "11:00-13:00"},
        days=[{"from": MONDAY, "to": MONDAY, "state": "preregistered"}],
    )

    assert local_windows(found, "2025-03-03", "2025-03-04") == [
        "03 07:00-03 11:00 pre",
        "03 13:00-03 18:00 pre",
    ]


def test_a_closure_is_cut_out_of_every_window_it_touches():
    """An incident from noon to the next morning takes an afternoon and an hour."""
    found = calendar(
        {"open": ["07:00-18:00"]},
        closures=[{"from": datetime(2025, 3, 3, 12), "to": datetime(2025, 3, 4, 8)}],  # noqa: DTZ001
    )

    assert local_windows(found, "2025-03-03", "2025-03-05") == ["03 07:00-03 12:00", "04 08:00-04 18:00"]


def test_a_closure_within_a_window_leaves_both_ends():
    """Two hours at noon split the day."""
    found = calendar(
        {"open": ["07:00-18:00"]},
        closures=[{"from": datetime(2025, 3, 3, 11), "to": datetime(2025, 3, 3, 13)}],  # noqa: DTZ001
    )

    assert local_windows(found, "2025-03-03", "2025-03-04") == ["03 07:00-03 11:00", "03 13:00-03 18:00"]


def test_windows_that_meet_are_one():
    """A gate that is open around the clock opens once."""
    found = windows(ALWAYS_OPEN, at("2025-03-03"), at("2025-03-10"))

    assert local(found) == ["03 00:00-10 00:00"]


def test_open_wins_where_states_overlap():
    """Registered vehicles alone are served only where nobody else is: three overlapping windows, by hand."""
    noon = datetime(2025, 3, 3, 12, tzinfo=UTC)

    def window(begins, ends, only):
        return Window(noon + timedelta(hours=begins), noon + timedelta(hours=ends), only)

    joined = join_windows([window(0, 10, True), window(2, 4, False), window(3, 6, False), window(9, 12, True)])

    assert joined == [window(0, 2, True), window(2, 6, False), window(6, 12, True)]


def test_summer_time_shortens_and_lengthens_a_night():
    """In New York 02:00 to 03:00 is missing on 9 March 2025 and 01:00 to 02:00 comes twice on 2 November."""
    new_york = ZoneInfo("America/New_York")
    found = calendar({"open": ["00:00-04:00"]}, timezone="America/New_York")

    lengths = []
    for day in ("2025-03-08", "2025-03-09", "2025-11-02"):
        begins = at(day, new_york)
        lengths.append(sum((w.ends - w.begins for w in windows(found, begins, begins + timedelta(hours=12))), NOTHING))

    assert lengths == [timedelta(hours=4), timedelta(hours=3), timedelta(hours=5)]


def test_hours_that_the_clock_skips_give_no_window():
    """02:15 to 03:15 begins at a moment that does not exist; nothing is left that could run backwards."""
    new_york = ZoneInfo("America/New_York")
    found = calendar({"open": ["02:30-03:15"]}, timezone="America/New_York")

    assert windows(found, at("2025-03-09", new_york), at("2025-03-10", new_york)) == []


# --- both sides -----------------------------------------------------------------------------------------


def test_seven_in_hanoi_is_eight_in_beijing():
    """Calendars written in two zones for the same hours are open together all day long."""
    ours = calendar({"open": ["07:00-18:00"]}, timezone="Asia/Ho_Chi_Minh")
    theirs = calendar({"open": ["08:00-19:00"]}, timezone="Asia/Shanghai")
    query = at("2025-03-03"), at("2025-03-04")

    shared = both_open(windows(ours, *query), windows(theirs, *query))

    assert windows(ours, *query) == windows(theirs, *query)
    assert local(shared, HANOI) == ["03 07:00-03 18:00"]
    assert local(shared, BEIJING) == ["03 08:00-03 19:00"]


def test_both_are_open_only_where_each_is():
    """The same figures on both clocks leave an hour less: 08:00-18:00 Hanoi meets 07:00-17:00."""
    ours = calendar({"open": ["07:00-18:00"], "lunch": "11:00-12:00"}, timezone="Asia/Ho_Chi_Minh")
    theirs = calendar(
        {"open": ["07:00-18:00"]},
        timezone="Asia/Shanghai",
        days=[{"from": date(2025, 3, 4), "to": date(2025, 3, 4), "state": "preregistered"}],
    )
    query = at("2025-03-03"), at("2025-03-05")

    shared = both_open(windows(ours, *query), windows(theirs, *query))

    assert local(shared) == [
        "03 07:00-03 11:00",
        "03 12:00-03 17:00",
        "04 07:00-04 11:00 pre",
        "04 12:00-04 17:00 pre",
    ]


# --- instants -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "change"),
    [
        ("2025-03-03 06:59:59", "2025-03-03 07:00"),
        ("2025-03-03 07:00:00", "2025-03-03 18:00"),
        ("2025-03-03 18:00:00", "2025-03-04 07:00"),
        ("2025-03-07 20:00:00", "2025-03-10 07:00"),
    ],
)
def test_the_next_change_is_the_next_opening_or_closing(now, change):
    """An instant of change counts as past, and a weekend is skipped."""
    found = calendar({"open": ["07:00-18:00"], "days": ["mon", "tue", "wed", "thu", "fri"]})

    assert next_change(found, at(now)) == at(change)


def test_a_change_of_state_is_a_change():
    """From midnight on only registered vehicles are served."""
    found = calendar({"open": ["00:00-24:00"]}, days=[{"from": date(2025, 3, 4), "state": "preregistered"}])

    assert next_change(found, at("2025-03-03 12:00")) == at("2025-03-04")


def test_a_gate_that_never_closes_never_changes():
    """The edge of the search is no change."""
    assert next_change(ALWAYS_OPEN, at("2025-03-03 12:34")) is None
    assert next_change(calendar({"open": []}), at("2025-03-03 12:34")) is None


def test_a_closing_counts_as_shut():
    """Windows hold their beginning and not their end."""
    found = windows(calendar({"open": ["07:00-18:00"]}), at("2025-03-03"), at("2025-03-04"))

    assert window_at(found, at("2025-03-03 07:00")) == found[0]
    assert window_at(found, at("2025-03-03 18:00")) is None


def test_the_service_day_is_the_local_date():
    """23:30 in Hanoi is the next day in Beijing."""
    now = at("2025-03-03 23:30")

    assert service_day(calendar({"open": []}), now) == date(2025, 3, 3)
    assert service_day(calendar({"open": []}, timezone="Asia/Shanghai"), now) == date(2025, 3, 4)


# --- properties -----------------------------------------------------------------------------------------

minutes = st.integers(0, 1439)
clock = minutes.map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
span = st.tuples(clock, clock).filter(lambda pair: pair[0] != pair[1]).map("-".join)
dates = st.dates(date(2025, 3, 1), date(2025, 4, 15))
instants = st.datetimes(datetime(2025, 3, 5), datetime(2025, 4, 10)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)


@st.composite
def dated(draw, **fields):
    """Draw a table that holds between two days."""
    first, last = sorted((draw(dates), draw(dates)))
    return {"from": first, "to": last, **{name: draw(values) for name, values in fields.items()}}


rules = dated(open=st.lists(span, max_size=3), lunch=st.none() | span)
day_rules = dated(state=st.sampled_from(["open", "shut", "preregistered"]), open=st.none() | st.lists(span, max_size=2))
closures = st.tuples(instants, st.integers(1, 4000)).map(
    lambda pair: {
        "from": pair[0].replace(tzinfo=None),
        "to": pair[0].replace(tzinfo=None) + timedelta(minutes=pair[1]),
    }
)
zones = st.sampled_from(["Asia/Ho_Chi_Minh", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "UTC"])
calendars = st.builds(
    lambda hours, days, shut, zone: calendar(*hours, days=days, closures=shut, timezone=zone),
    st.lists(rules, min_size=1, max_size=4),
    st.lists(day_rules, max_size=3),
    st.lists(closures, max_size=3),
    zones,
)


@given(calendars, instants, instants)
def test_windows_are_in_order_apart_and_within_the_query(found, one, other):
    """Whatever the rules, two windows never overlap, and those of one state never touch."""
    begins, ends = min(one, other), max(one, other)

    result = windows(found, begins, ends)

    assert all(begins <= w.begins < w.ends <= ends for w in result)
    assert all(
        a.ends < b.begins or (a.ends == b.begins and a.preregistered_only != b.preregistered_only)
        for a, b in pairwise(result)
    )


@given(calendars, instants, instants, instants)
def test_a_query_in_two_parts_gives_the_same_windows(found, one, two, three):
    """What is open does not depend on where the question was cut."""
    begins, cut, ends = sorted((one, two, three))

    parts = windows(found, begins, cut) + windows(found, cut, ends)

    assert join_windows(parts) == windows(found, begins, ends)


@given(calendars, calendars, instants, instants)
def test_both_open_is_symmetric_and_inside_each_side(ours, theirs, one, other):
    """Neither side is first, and no minute is open that one of them keeps shut."""
    begins, ends = min(one, other), max(one, other)
    a, b = windows(ours, begins, ends), windows(theirs, begins, ends)

    shared = both_open(a, b)

    assert shared == both_open(b, a)
    assert all(window_at(side, w.begins) and window_at(side, w.ends - timedelta(microseconds=1))
               for w in shared for side in (a, b))  # fmt: skip
