"""Days with a state of their own, closures, lunch, hours by direction: who is served when."""

from datetime import date

TET = """
[calendars.tet]
hours = [{ open = ["08:00-18:00"] }]
days = [
    { from = 2025-07-07, to = 2025-07-07, state = "preregistered", open = ["08:00-12:00"] },
    { from = 2025-07-08, to = 2025-07-08, state = "shut" },
]
[gates.a]
calendar = "tet"
[gates.a.export.preregistered]
fruit = 1.0
"*" = 0.0
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = <30 min>
"""
BOOTH = """
[gates.a]
calendar = "own"
[gates.a.stations.booth]
servers = 1
closing_rule = "last_start"
[gates.a.export.stages.booth]
service = <60 min>
"""


def test_tet_has_three_states(run):
    """Registered vehicles only in the morning of day 0, nobody on day 1, everybody in order on day 2."""
    story = run(
        TET,
        ["07:00 general", "08:05 fruit", "08:10 fruit", "11:50 fruit", "12:00 fruit", "1+09:00 fruit"],
        days=3,
    )

    assert story.show("vehicle", "class", "joined", "started") == [
        "0 general 07:00 2+08:00",
        "1 fruit 08:05 08:05",
        "2 fruit 08:10 08:35",
        "3 fruit 11:50 11:50",
        "4 fruit 12:00 2+08:30",
        "5 fruit 1+09:00 2+09:00",
    ]


def test_a_vehicle_that_is_not_registered_keeps_its_place_in_the_queue(run):
    """On day 1 all are served: general goods of 07:00 before the fruit of 11:56, both of the day before."""
    border = TET.replace('{ from = 2025-07-08, to = 2025-07-08, state = "shut" },', "")
    story = run(border, ["07:00 general", "11:55 fruit", "11:56 fruit"])

    assert story.show("vehicle", "started") == ["0 1+08:00", "1 11:55", "2 1+08:30"]


def test_a_priority_class_that_is_not_registered_waits_all_the_same(run):
    """General goods are more urgent here, and still shut out while only registered vehicles are served."""
    story = run(
        TET.replace("servers = 1", 'servers = 1\npriority = ["general"]'),
        ["08:00 general", "08:00 fruit"],
        days=3,
    )

    assert story.starts("booth") == ["1 08:00", "0 2+08:00"]


def test_registration_of_a_class_that_is_not_named_is_complete(run):
    """Without a share for a class all its vehicles were registered before."""
    story = run(TET.replace('"*" = 0.0\n', ""), ["08:00 general"])

    assert story.starts("booth") == ["0 08:00"]


def test_a_closure_takes_its_hours_out(run):
    """Closed from 09:30 to 11:00: a start at 08:45 does not fit before it, one at 08:30 does."""
    border = (
        """
    [calendars.own]
    hours = [{ open = ["08:00-18:00"] }]
    closures = [{ from = 2025-07-07T09:30:00, to = 2025-07-07T11:00:00 }]
    """
        + BOOTH
    )
    story = run(border, ["08:30", "09:00"])

    assert story.starts("booth") == ["0 08:30", "1 11:00"]


def test_opening_hours_that_touch_are_one_opening(run):
    """There is no closing at noon between a morning and an afternoon that meet."""
    story = run('[calendars.own]\nhours = [{ open = ["08:00-12:00", "12:00-18:00"] }]\n' + BOOTH, ["11:30"])

    assert story.starts("booth") == ["0 11:30"]


def test_a_gate_open_past_midnight_closes_in_the_night(run):
    """Hours of Monday from 20:00 to 02:00: at 01:00 an hour still fits, at 01:01 it does not."""
    border = '[calendars.own]\nhours = [{ open = ["20:00-02:00"] }]\n' + BOOTH.replace("servers = 1", "servers = 9")
    story = run(border, ["1+01:00", "1+01:01"])

    assert story.starts("booth") == ["0 1+01:00", "1 1+20:00"]


def test_a_gate_that_is_always_open_never_closes(run):
    """Hours around the clock have no last start at midnight."""
    border = '[calendars.own]\nhours = [{ open = ["00:00-24:00"] }]\n' + BOOTH
    story = run(border, ["23:30"])

    assert story.starts("booth") == ["0 23:30"]


def test_lunch_can_be_worked_through(run):
    """The switch of the calendar keeps the lunch hours open."""
    hours = 'hours = [{ open = ["08:00-18:00"], lunch = "11:30-13:30" }]\n'
    closed = run(f"[calendars.own]\n{hours}{BOOTH}", ["11:30"])
    worked = run(f"[calendars.own]\nwork_through_lunch = true\n{hours}{BOOTH}", ["11:30"])

    assert closed.starts("booth") == ["0 13:30"]
    assert worked.starts("booth") == ["0 11:30"]


def test_hours_may_differ_by_direction(run):
    """Exports from 08:00, imports from 10:00; each station follows the direction that it names."""
    border = """
    [calendars.own]
    hours = [
        { direction = "export", open = ["08:00-18:00"] },
        { direction = "import", open = ["10:00-18:00"] },
    ]
    [gates.a]
    calendar = "own"
    [gates.a.stations.outward]
    servers = 1
    hours_of = "export"
    [gates.a.stations.inward]
    servers = 1
    hours_of = "import"
    [gates.a.export.stages.outward]
    service = <5 min>
    [gates.a.import.stages.inward]
    service = <5 min>
    """
    story = run(border, {"a export": ["07:00"], "a import": ["07:30"]})

    assert story.show("direction", "started") == ["export 08:00", "import 10:00"]


def test_hours_differ_by_weekday_and_date(run):
    """Closed on Sunday; from Tuesday 8 July on the gate opens at 06:00."""
    border = """
    [calendars.own]
    hours = [
        { days = ["mon", "tue", "wed", "thu", "fri", "sat"], open = ["08:00-18:00"] },
        { from = 2025-07-08, days = ["mon", "tue", "wed", "thu", "fri", "sat"], open = ["06:00-18:00"] },
    ]
    """ + BOOTH.replace("servers = 1", "servers = 9")
    story = run(border, ["05:00", "1+05:00", "2+05:00"], start=date(2025, 7, 6), days=3)

    assert story.starts("booth") == ["0 1+08:00", "1 1+08:00", "2 2+06:00"]


def test_no_last_start_on_the_last_day_because_the_run_ends(run):
    """The horizon is no closing: an hour begun at 23:30 of the last day is inside at the end."""
    story = run('[calendars.own]\nhours = [{ open = ["00:00-24:00"] }]\n' + BOOTH, ["23:30"], days=1)

    assert story.rows == ["0 booth 23:30 23:30 - - inside"]
