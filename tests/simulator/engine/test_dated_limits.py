"""Limits and services that change by date: places, daily acceptance, and how long a stage takes."""

import pytest

YARD = """
[gates.a.stations.booth]
[gates.a.export.stages.booth]
service = <60 min>
yard = "near"
[gates.a.yards.near]
"""
BOOTH = """
[gates.a.stations.booth]
[gates.a.export.stages.booth]
service = <10 min>
"""


def test_places_fall_at_the_midnight_of_a_date_and_nobody_is_sent_out(run):
    """From Tuesday on there is one place: three stay inside, and vehicle 3 enters when the last of them has left."""
    border = YARD + "places = [{ places = 3 }, { from = 2025-07-08, places = 1 }]\n"
    story = run(border, ["23:10", "23:20", "23:40", "1+00:00"])

    assert story.yards == [
        "0 near 23:10 23:10 1+00:10",
        "1 near 23:20 23:20 1+00:20",
        "2 near 23:40 23:40 1+00:40",
        "3 near 1+00:00 1+00:40 1+01:40",
    ]


def test_places_that_are_added_are_taken_at_once(run):
    """At midnight two more may enter; the last day of the rule is included."""
    border = YARD + "places = [{ places = 3 }, { to = 2025-07-07, places = 1 }]\n"
    story = run(border, ["23:30", "23:40", "23:41", "23:42"])

    assert story.show("vehicle", "started") == ["0 23:30", "1 1+00:00", "2 1+00:00", "3 1+00:30"]


def test_a_day_that_no_rule_covers_has_no_limit(run):
    """Without a place on Tuesday only; on Wednesday all enter."""
    border = YARD + "places = [{ from = 2025-07-08, to = 2025-07-08, places = 0 }]\n"
    story = run(border, ["23:59", "1+00:00", "1+12:00"], days=3)

    assert story.starts("booth") == ["0 23:59", "1 2+00:00", "2 2+00:00"]


def test_acceptance_changes_with_the_day_of_the_counterpart(run):
    """Tuesday begins at 23:00 here: two of Monday's four are accepted, then one of Tuesday's."""
    border = """
    [calendars.theirs]
    timezone = "Asia/Shanghai"
    hours = [{ open = ["00:00-24:00"] }]
    """ + YARD.replace("[gates.a.yards", '[gates.a]\ncounterpart.calendar = "theirs"\n[gates.a.yards')
    border += "accepts_per_day = [{ accepts_per_day = 2 }, { from = 2025-07-08, accepts_per_day = 1 }]\n"
    story = run(border, ["22:00", "22:10", "22:20", "22:30"], days=3)

    assert story.starts("booth") == ["0 22:00", "1 22:10", "2 23:00", "3 1+23:00"]


def test_a_service_is_slower_for_those_who_arrive_on_some_days(run):
    """Vehicle 1 arrives on Tuesday and takes half as long again; vehicle 0 is served then and does not."""
    border = BOOTH.replace("[gates.a.stations.booth]", "[gates.a.stations.booth]\nservers = 1")
    border += "dates = [{ from = 2025-07-08, to = 2025-07-08, factor = 1.5 }]\n"
    story = run(border, ["23:59", "1+00:00", "2+00:00"], days=3)

    assert story.show("started", "finished") == ["23:59 1+00:09", "1+00:09 1+00:24", "2+00:00 2+00:10"]


def test_factors_are_for_their_classes_and_multiply(run):
    """All take twice as long, fruit half of that."""
    border = BOOTH + 'dates = [{ factor = 2.0 }, { factor = 0.5, classes = ["fruit"] }]\n'
    story = run(border, ["08:00 fruit", "08:00 general"])

    assert story.show("class", "finished") == ["fruit 08:10", "general 08:20"]


def test_factors_are_for_their_channels(run):
    """Only the red channel is slower, and all fruit is red."""
    border = (
        BOOTH + 'dates = [{ factor = 3.0, channels = ["red"] }]\n[gates.a.export.selectivity]\nfruit = { red = 1.0 }\n'
    )
    story = run(border, ["08:00 fruit", "08:00 general"])

    assert story.show("class", "finished") == ["fruit 08:30", "general 08:10"]


def test_a_vehicle_on_its_way_back_keeps_its_factor(run):
    """The way back is a stage as any other; the day of the arrival decides."""
    border = (
        BOOTH
        + """
    [gates.a.stations.home]
    [gates.a.export.stages.home]
    leg = "back"
    service = <10 min>
    dates = [{ to = 2025-07-07, factor = 2.0 }]
    """
    )
    story = run(border, ["23:55", "1+00:00"])

    assert story.at("home") == [
        "0 1+00:05 1+00:05 1+00:25 1+00:25 returned",
        "1 1+00:10 1+00:10 1+00:20 1+00:20 returned",
    ]


@pytest.mark.parametrize(("day", "finished"), [("07", "1+09:00:30"), ("08", "1+08:30:30")])
def test_a_diverted_vehicle_has_the_factor_of_the_day_on_which_it_came(run, day, finished):
    """It came on Monday and reaches gate b on Tuesday: half an hour is an hour by a factor for Monday."""
    border = (
        BOOTH
        + """
    [gates.b.stations.booth]
    [gates.b.export.stages.booth]
    service = <30 min>
    dates = [{ from = 2025-07-DAY, to = 2025-07-DAY, factor = 2.0 }]
    [diversions.over]
    gate = "a"
    to = "b"
    when_backlog_over = 0
    travel = <481 min>
    """.replace("DAY", day)
    )
    story = run(border, ["23:59", "23:59:30"])

    assert story.show("vehicle", "gate", "finished")[-1] == f"1 b {finished}"


def test_what_is_left_of_a_service_under_way_is_slower_too(run):
    """Of twenty minutes instead of ten, eight are served: twelve are left."""
    border = (
        BOOTH
        + """
    dates = [{ factor = 2.0 }]
    [[scenarios.test.initial.vehicles]]
    gate = "a"
    direction = "export"
    stage = "booth"
    in_service = <8 min>
    """
    )
    story = run(border, ["09:00"])

    assert story.show("started", "finished") == ["-1+23:52 00:12", "09:00 09:20"]
