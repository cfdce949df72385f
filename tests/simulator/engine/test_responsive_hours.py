"""A close that moves with the backlog: when it is decided, for whom, until when, and what it leaves alone."""

import pytest

from gatewatch.simulator import run_record

# Open 08:00-12:00 and 13:00-18:00; an hour a vehicle.
GATE = """
[calendars.ours]
hours = [{ open = ["08:00-18:00"], lunch = "12:00-13:00" }]
[calendars.theirs]
timezone = "Asia/Shanghai"
hours = [{ open = ["09:00-19:00"] }]
[gates.a]
calendar = "ours"
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = <60 min>
"""
RULE = """
[responsive_hours.evening]
gate = "a"
decides_at = "17:30"
steps = [{ over = 1, later = 1.0 }, { over = 3, later = 2.5 }]
"""


def starts(run, border, arrivals, **options):
    """Return when vehicles start at the booth, those of the first day."""
    return [line for line in run(border, arrivals, **options).starts("booth") if "1+" not in line]


def test_a_backlog_at_or_below_the_first_step_changes_nothing(run):
    """At 17:30 one vehicle is there, and the step asks for more than one: it closes at 18:00."""
    assert starts(run, GATE + RULE, ["17:10", "17:40"]) == ["0 17:10"]


def test_a_backlog_over_the_first_step_moves_the_close_by_its_hour(run):
    """Two are there at 17:30, so it closes at 19:00: vehicle 1 starts at 18:10, vehicle 2 the next morning."""
    story = run(GATE + RULE, ["17:10", "17:20", "17:40"])

    assert story.rows == [
        "0 booth 17:10 17:10 18:10 18:10 cleared",
        "1 booth 17:20 18:10 19:10 19:10 cleared",
        "2 booth 17:40 1+08:00 1+09:00 1+09:00 cleared",
    ]


def test_the_highest_step_that_is_exceeded_holds(run):
    """Four are there, more than three: it closes at 20:30, and all but the last start."""
    arrivals = ["17:00", "17:10", "17:20", "17:25", "17:40"]

    assert starts(run, GATE + RULE, arrivals) == ["0 17:00", "1 18:00", "2 19:00", "3 20:00"]


def test_the_backlog_counts_what_is_cleared_at_the_same_instant_as_gone(run):
    """Vehicle 0 is cleared at 17:30 and vehicle 3 arrives then: two are the backlog, not four."""
    border = GATE + RULE.replace("over = 1,", "over = 2,")

    assert starts(run, border, ["16:30", "16:40", "16:50", "17:30"]) == ["0 16:30", "1 17:30"]


def test_it_is_decided_before_a_close_of_the_same_instant(run):
    """Decided at 18:00, when it would close: it never closes then."""
    border = GATE.replace("servers = 1", 'servers = 1\nclosing_rule = "freeze"') + RULE.replace("17:30", "18:00")
    story = run(border, ["17:20", "17:50"])

    assert story.rows == ["0 booth 17:20 17:20 18:20 18:20 cleared", "1 booth 17:50 18:20 1+08:20 1+08:20 cleared"]


def test_what_has_closed_stays_closed(run):
    """On Monday it closes at 13:00, long before the decision."""
    border = GATE.replace("hours = [{", 'hours = [{ open = ["08:00-18:00"] }, { days = ["mon"],', 1)
    border = border.replace('"08:00-18:00"], lunch = "12:00-13:00"', '"08:00-13:00"]', 1)

    assert starts(run, border + RULE, ["11:00", "11:00", "11:00", "11:00"]) == ["0 11:00", "1 12:00"]


def test_the_next_day_closes_as_usual(run):
    """The evening before does not carry over: at 17:30 of Tuesday nobody is there."""
    story = run(GATE + RULE, ["17:10", "17:20", "1+17:10", "1+18:05"], days=3)

    assert story.starts("booth") == ["0 17:10", "1 18:10", "2 1+17:10", "3 2+08:00"]


def test_lunch_is_left_alone(run):
    """Decided in the morning, the rule moves the evening only."""
    border = GATE + RULE.replace("17:30", "11:30")
    arrivals = ["10:10", "11:10", "11:20", "17:50", "17:55"]

    assert starts(run, border, arrivals) == ["0 10:10", "1 11:10", "2 13:00", "3 17:50", "4 18:50"]


def test_a_day_that_is_shut_stays_shut(run):
    """On Monday, a holiday, three wait at 17:30 and go on waiting."""
    border = (GATE + RULE).replace(
        "[calendars.theirs]", 'days = [{ from = 2025-07-07, to = 2025-07-07, state = "shut" }]\n[calendars.theirs]'
    )

    assert run(border, ["16:00", "16:10", "16:20"]).starts("booth") == ["0 1+08:00", "1 1+09:00", "2 1+10:00"]


def test_a_day_for_registered_vehicles_stays_one(run):
    """In the added hour vehicle 1, not registered, is not begun; the registered ones are."""
    border = GATE + RULE + '[gates.a.export.preregistered]\nfruit = 1.0\n"*" = 0.0\n'
    border = border.replace(
        "[calendars.theirs]",
        'days = [{ from = 2025-07-07, to = 2025-07-07, state = "preregistered" }]\n[calendars.theirs]',
    )

    assert starts(run, border, ["17:10 fruit", "17:15 general", "17:20 fruit"]) == ["0 17:10", "2 18:10"]


def test_a_closure_takes_its_part_of_the_added_hours(run):
    """Shut for an incident from 18:00 to 18:30: vehicle 1 starts at 18:30, with half an hour left."""
    closure = "closures = [{ from = 2025-07-07T18:00:00, to = 2025-07-07T18:30:00 }]\n[calendars.theirs]"

    assert starts(run, GATE.replace("[calendars.theirs]", closure) + RULE, ["17:10", "17:20"]) == ["0 17:10", "1 18:30"]


@pytest.mark.parametrize(("consents", "expected"), [("true", ["0 17:10", "1 18:10"]), ("false", ["0 17:10"])])
def test_a_station_that_needs_both_sides_stays_shut_without_the_counterpart(run, consents, expected):
    """The Chinese side closes at 19:00 of Beijing, when it is 18:00 here, unless it closes later too."""
    border = GATE.replace('calendar = "ours"', 'calendar = "ours"\ncounterpart.calendar = "theirs"')
    border = border.replace("servers = 1", 'servers = 1\nopens_with = "both"')

    assert starts(run, border + RULE + f"with_counterpart = {consents}\n", ["17:10", "17:20"]) == expected


def test_a_station_of_the_other_direction_closes_as_usual(run):
    """The rule is for exports: the desk of the imports, who are many, closes at 18:00."""
    border = (
        GATE
        + """
    [gates.a.stations.desk]
    servers = 1
    [gates.a.import.stages.desk]
    service = <60 min>
    """
    )
    arrivals = {"a export": ["17:10", "17:20"], "a import": ["17:11", "17:12", "17:13"]}
    story = run(border + RULE + 'direction = "export"\n', arrivals)

    assert [line for line in story.starts("booth") if "1+" not in line] == ["0 17:10", "4 18:10"]
    assert story.starts("desk") == ["1 17:11", "2 1+08:00", "3 1+09:00"]


def test_without_a_direction_both_backlogs_count_together(run):
    """One export and one import are two at the gate."""
    border = (
        GATE
        + """
    [gates.a.import.stages.booth]
    service = <60 min>
    """
    )
    story = run(border + RULE, {"a export": ["17:10"], "a import": ["17:20"]})

    assert story.starts("booth") == ["0 17:10", "1 18:10"]


def test_hours_of_decides_whose_close_a_station_follows(run):
    """A booth that follows the hours of imports is not moved by a rule for exports."""
    border = (
        GATE.replace("servers = 1", 'servers = 1\nhours_of = "import"')
        + """
    [gates.a.stations.desk]
    [gates.a.import.stages.desk]
    service = <1 min>
    [gates.a.stations.guard]
    [gates.a.export.stages.guard]
    service = <1 min>
    """
    )

    assert starts(run, border + RULE + 'direction = "export"\n', ["17:10", "17:20"]) == ["0 17:10"]


@pytest.mark.parametrize("rule", ["freeze", "hand_back"])
def test_the_closing_rule_acts_at_the_moved_close(run, rule):
    """At 19:00 vehicle 1 has ten minutes left, which are done in the morning."""
    story = run(GATE.replace("servers = 1", f'servers = 1\nclosing_rule = "{rule}"') + RULE, ["17:10", "17:20"])

    assert story.rows == [
        "0 booth 17:10 17:10 18:10 18:10 cleared",
        "1 booth 17:20 18:10 1+08:10 1+08:10 cleared",
    ]


def test_last_start_knows_the_moved_close_from_the_decision_on(run):
    """At 17:20 an hour does not fit before 18:00; at 17:30 it does before 19:00."""
    story = run(GATE.replace("servers = 1", 'servers = 1\nclosing_rule = "last_start"') + RULE, ["17:20", "17:25"])

    assert story.starts("booth") == ["0 17:30", "1 1+08:00"]


def test_a_roster_holds_in_the_added_hours(run):
    """From 18:00 on one server is on duty: of the two that wait one starts at 18:00, the other after it."""
    border = GATE.replace("servers = 1", 'servers = [{ servers = 2 }, { hours = "18:00-24:00", servers = 1 }]')
    arrivals = ["17:00", "17:00", "17:10", "17:10"]

    assert starts(run, border + RULE, arrivals) == ["0 17:00", "1 17:00", "2 18:00", "3 19:00"]


def test_where_the_roster_has_nobody_then_those_on_duty_stay(run):
    """The roster ends at 18:00: its two servers stay for the added hours."""
    border = GATE.replace("servers = 1", 'servers = [{ hours = "08:00-18:00", servers = 2 }]')
    arrivals = ["17:00", "17:00", "17:10", "17:10"]

    assert starts(run, border + RULE, arrivals) == ["0 17:00", "1 17:00", "2 18:00", "3 18:00"]


def test_a_breakdown_goes_on_in_the_added_hours(run):
    """Broken from 18:30 to 19:15: vehicle 1 is stopped after 20 minutes, and goes on in the morning."""
    border = GATE.replace("servers = 1", "servers = 1\nbreakdown = { up = <1110 min>, down = <45 min> }")
    story = run(border + RULE, ["17:10", "17:20"])

    assert story.at("booth")[1] == "1 17:20 18:10 1+08:40 1+08:40 cleared"


def test_a_yard_lets_in_until_the_moved_close(run):
    """Its entry follows the gate: vehicle 2 gets in when the place falls free at 18:10."""
    border = GATE.replace("service = <60 min>", 'service = <60 min>\nyard = "near"')
    border += '[gates.a.yards.near]\nplaces = 1\nopens_with = "gate"\n'
    story = run(border + RULE, ["17:10", "17:20", "17:25"])

    assert story.yards == ["0 near 17:10 17:10 18:10", "1 near 17:20 18:10 19:10", "2 near 17:25 1+08:00 1+09:00"]


def test_a_midnight_of_the_counterpart_is_not_lost_in_the_added_hours(run):
    """Their day begins at 23:00 here, in the added hours: one vehicle is accepted before it and one after."""
    border = """
    [calendars.ours]
    hours = [{ open = ["08:00-22:00"] }]
    [calendars.theirs]
    timezone = "Asia/Shanghai"
    hours = [{ open = ["00:00-24:00"] }]
    [gates.a]
    calendar = "ours"
    counterpart.calendar = "theirs"
    [gates.a.stations.booth]
    [gates.a.export.stages.booth]
    service = <10 min>
    yard = "near"
    [gates.a.yards.near]
    accepts_per_day = 1
    opens_with = "gate"
    """
    rule = RULE.replace("17:30", "21:50").replace("over = 1, later = 1.0", "over = 0, later = 1.5")
    story = run(border + rule.replace("later = 2.5", "later = 2.0"), ["21:00", "21:30"])

    assert story.yards == ["0 near 21:00 21:00 21:10", "1 near 21:30 23:00 23:10"]


def test_a_rule_holds_on_its_days_and_dates(run):
    """On Mondays from the second week on: not on the 7th, not on the 15th, but on the 14th."""
    border = GATE + RULE + 'days = ["mon"]\nfrom = 2025-07-08\n'
    story = run(border, ["17:10", "17:20", "7+17:10", "7+17:20", "8+17:10", "8+17:20"], days=10)

    assert story.starts("booth") == ["0 17:10", "1 1+08:00", "2 7+17:10", "3 7+18:10", "4 8+17:10", "5 9+08:00"]


def test_a_run_that_begins_after_the_decision_takes_none(run):
    """From 17:45 on nobody asks any more that day."""
    assert starts(run, GATE + RULE, ["17:46", "17:47", "17:48"], starts_at="17:45") == ["0 17:46"]


def test_what_was_decided_is_told(builder):
    """Time, rule and step of each decision, also of those that changed nothing."""
    record = run_record(builder.plan(GATE + RULE, arrivals=["17:10", "17:20"]), 0)
    [booth] = record.network.stations

    assert record.trace.decisions.tolist() == [[63_000_000_000, 0, 1], [149_400_000_000, 0, 0]]
    assert booth.added_us == ((64_800_000_000, 68_400_000_000),)
