"""The Chinese side: its own clock, its acceptance a day, and the vehicles that come back from it."""

GUARD = """
[calendars.ours]
hours = [{ open = ["07:00-18:00"] }]
[calendars.theirs]
timezone = "Asia/Shanghai"
hours = [{ open = ["08:30-18:00"], lunch = "12:00-14:00" }]
[gates.a]
calendar = "ours"
counterpart = { calendar = "theirs" }
[gates.a.stations.guard]
servers = 1
opens_with = "WITH"
[gates.a.export.stages.guard]
service = <30 min>
"""
ACCEPTANCE = """
[calendars.theirs]
timezone = "ZONE"
hours = [{ open = ["00:00-24:00"] }]
[gates.a]
counterpart = { calendar = "theirs" }
[gates.a.stations.guard]
servers = 1
[gates.a.stations.unloading]
[gates.a.yards.far]
kind = "counterpart"
accepts_per_day = 2
[gates.a.export.stages.guard]
service = <10 min>
[gates.a.export.stages.unloading]
service = <60 min>
yard = "far"
"""
ARRIVALS = ["06:30", "06:31", "10:45", "10:46", "16:50", "16:51", "17:25", "17:26"]


def test_a_stage_that_needs_both_sides_is_open_when_both_are(run):
    """In Hanoi time they open 07:30-11:00 and 13:00-17:00, and we 07:00-18:00."""
    story = run(GUARD.replace("WITH", "both"), ARRIVALS)

    assert story.starts("guard") == [
        "0 07:30", "1 08:00", "2 10:45", "3 13:00", "4 16:50", "5 1+07:30", "6 1+08:00", "7 1+08:30",
    ]  # fmt: skip


def test_a_stage_of_ours_follows_our_hours(run):
    """From 07:00 to 18:00, no lunch."""
    story = run(GUARD.replace("WITH", "gate"), ARRIVALS)

    assert story.starts("guard") == [
        "0 07:00", "1 07:30", "2 10:45", "3 11:15", "4 16:50", "5 17:20", "6 17:50", "7 1+07:00",
    ]  # fmt: skip


def test_a_stage_of_theirs_follows_their_hours(run):
    """Their evening is ours an hour earlier."""
    story = run(GUARD.replace("WITH", "counterpart").replace("08:30-18:00", "07:00-20:00"), ARRIVALS)

    assert story.starts("guard") == [
        "0 06:30", "1 07:00", "2 10:45", "3 13:00", "4 16:50", "5 17:20", "6 17:50", "7 18:20",
    ]  # fmt: skip


def test_a_stage_that_never_closes_follows_nobody(run):
    """Around the clock."""
    story = run(GUARD.replace("WITH", "always"), ["03:00"])

    assert story.starts("guard") == ["0 03:00"]


def test_the_far_yard_takes_so_many_a_day_and_a_new_day_begins_at_midnight_in_beijing(run):
    """Two a day: the third waits at the border guard until 23:00 Hanoi time, and blocks those behind it."""
    story = run(ACCEPTANCE.replace("ZONE", "Asia/Shanghai"), ["08:00", "08:10", "08:20", "08:30", "08:40"], days=3)

    assert story.yards == [
        "0 far 08:10 08:10 09:10",
        "1 far 08:20 08:20 09:20",
        "2 far 08:30 23:00 1+00:00",
        "3 far 23:10 23:10 1+00:10",
        "4 far 23:20 1+23:00 2+00:00",
    ]


def test_without_a_calendar_of_theirs_the_day_begins_at_our_midnight(run):
    """The counterpart has no calendar, hence no clock of its own."""
    border = ACCEPTANCE.replace("ZONE", "Asia/Shanghai").replace('counterpart = { calendar = "theirs" }', "")
    story = run(border, ["08:00", "08:10", "08:20"])

    assert story.yards[2] == "2 far 08:30 1+00:00 1+01:00"


def test_what_was_not_accepted_one_day_is_not_added_to_the_next(run):
    """Nobody comes on day 0; on day 1 two are accepted, not four."""
    story = run(ACCEPTANCE.replace("ZONE", "Asia/Shanghai"), ["1+08:00", "1+08:10", "1+08:20"], days=3)

    assert story.yards[2] == "2 far 1+08:30 1+23:00 2+00:00"


def test_a_run_that_begins_at_noon_has_the_whole_acceptance_left(run):
    """What the counterpart took before the start is not known; it takes two more until 23:00."""
    story = run(ACCEPTANCE.replace("ZONE", "Asia/Shanghai"), ["12:00", "12:10", "12:20"], starts_at="12:00")

    assert story.yards == [
        "0 far 12:10 12:10 13:10",
        "1 far 12:20 12:20 13:20",
        "2 far 12:30 23:00 1+00:00",
    ]


def test_vehicles_come_back_empty_through_the_same_border_guard(run):
    """One officer: the return of vehicle 0 at 09:10 stands behind the import that came at 09:05."""
    border = """
    [gates.a.stations.guard]
    servers = 1
    [gates.a.stations.unloading]
    [gates.a.export.stages.out]
    station = "guard"
    service = <10 min>
    clears = true
    [gates.a.export.stages.unloading]
    service = <60 min>
    [gates.a.export.stages.home]
    station = "guard"
    leg = "back"
    service = [{ laden = true, law = <99 min> }, { law = <4 min> }]
    [gates.a.import.stages.in]
    station = "guard"
    service = <20 min>
    """
    story = run(border, {"a export": ["08:00", "08:50"], "a import": ["09:05"]})

    assert story.rows == [
        "0 out 08:00 08:00 08:10 08:10 cleared",
        "0 unloading 08:10 08:10 09:10 09:10 passed",
        "0 home 09:10 09:25 09:29 09:29 returned",
        "1 out 08:50 08:50 09:00 09:00 cleared",
        "1 unloading 09:00 09:00 10:00 10:00 passed",
        "1 home 10:00 10:00 10:04 10:04 returned",
        "2 in 09:05 09:05 09:25 09:25 cleared",
    ]
    assert story.show("vehicle", "stage", "laden")[:3] == ["0 out True", "0 unloading True", "0 home False"]


def test_two_way_haulage_brings_them_back_laden(run):
    """With a laden return of one the service at home is the one of laden vehicles."""
    border = """
    [gates.a.stations.guard]
    servers = 1
    [gates.a.export]
    laden_return = 1.0
    [gates.a.export.stages.out]
    station = "guard"
    service = <10 min>
    [gates.a.export.stages.home]
    station = "guard"
    leg = "back"
    service = [{ laden = true, law = <20 min> }, { law = <4 min> }]
    """
    story = run(border, ["08:00"])

    assert story.rows == ["0 out 08:00 08:00 08:10 08:10 cleared", "0 home 08:10 08:10 08:30 08:30 returned"]
    assert story.show("laden") == ["True", "True"]
