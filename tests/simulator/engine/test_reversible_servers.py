"""Servers that go over to the other of two stations: when, how many, how they leave and when they come back."""

import pytest

from gatewatch.simulator import run_record

# Two desks, ten minutes a vehicle; exports and imports have two servers each.
GATE = """
[gates.a.stations.out]
servers = 2
[gates.a.stations.in]
servers = 2
[gates.a.export.stages.out]
service = <10 min>
[gates.a.import.stages.in]
service = <10 min>
"""
RULE = """
[reversible_servers.tidal]
gate = "a"
between = ["out", "in"]
servers = 1
check_every = 15
over = 1
"""


def at(*times):
    """Return arrivals of the exports, all others by the name of their gate and direction."""
    return {"a export": list(times), "a import": ["23:00"]}


def test_servers_go_over_when_the_queue_there_is_longer(run):
    """At 08:15 three exports wait and no import, more than one: a third desk serves exports from then on."""
    story = run(GATE + RULE, at("08:10", "08:10", "08:11", "08:11", "08:11"))

    assert story.starts("out") == ["0 08:10", "1 08:10", "2 08:15", "3 08:20", "4 08:20"]


def test_a_difference_that_is_not_over_the_threshold_moves_nobody(run):
    """One waits at 08:15, and the rule asks for more than one."""
    story = run(GATE + RULE, at("08:10", "08:10", "08:11"))

    assert story.starts("out") == ["0 08:10", "1 08:10", "2 08:20"]


def test_what_waits_on_the_other_side_counts_against_it(run):
    """Three wait here and two there: the difference is one."""
    arrivals = {"a export": ["08:10"] * 5, "a import": ["08:10"] * 4}
    story = run(GATE + RULE, arrivals)

    assert [line.split()[1] for line in story.starts("out")] == ["08:10", "08:10", "08:20", "08:20", "08:30"]


def test_the_station_they_leave_has_fewer(run):
    """From 08:15 on one desk serves imports: those of 08:16 are begun one after the other."""
    arrivals = {"a export": ["08:10"] * 6, "a import": ["08:16", "08:16"]}
    story = run(GATE + RULE.replace("over = 1", "over = 1\nback_below = 0"), arrivals)

    assert story.starts("in") == ["6 08:16", "7 08:26"]


@pytest.mark.parametrize(("rule", "finished"), [("finish", "08:22"), ("freeze", "08:29")])
def test_a_busy_server_leaves_by_the_rule_of_its_station(run, rule, finished):
    """Both desks for imports work at 08:15: the second one finishes its vehicle, or stops until the first is done."""
    border = GATE.replace("[gates.a.stations.in]", f'[gates.a.stations.in]\nclosing_rule = "{rule}"')
    arrivals = {"a export": ["08:10"] * 5, "a import": ["08:12", "08:12", "08:13"]}
    story = run(border + RULE.replace("over = 1", "over = 1\nback_below = 0"), arrivals)

    assert story.show("vehicle", "finished")[5:7] == ["5 08:22", f"6 {finished}"]


def test_they_come_back_when_the_difference_is_below(run):
    """At 08:30 nobody waits any more: both desks serve imports again, and the third desk for exports is gone."""
    arrivals = {"a export": [*["08:10"] * 5, *["08:31"] * 3], "a import": ["08:31", "08:31"]}
    story = run(GATE + RULE, arrivals)

    assert story.starts("out")[5:] == ["5 08:31", "6 08:31", "7 08:41"]
    assert story.starts("in") == ["8 08:31", "9 08:31"]


def test_between_the_two_thresholds_they_stay(run):
    """At 08:30 two exports wait: fewer than move a desk, not so few that it comes back; at 08:45 nobody does."""
    rule = RULE.replace("over = 1", "over = 3\nback_below = 1")
    arrivals = {"a export": ["08:10"] * 8 + ["08:29"] * 2, "a import": ["08:31"] * 2}
    story = run(GATE + rule, arrivals)

    assert story.starts("in") == ["10 08:31", "11 08:41"]


def test_during_the_changeover_they_serve_nowhere(run):
    """Gone from imports at 08:15, at work for exports at 08:20."""
    arrivals = {"a export": ["08:11", "08:11", "08:12", "08:12", "08:12"], "a import": ["08:14", "08:16", "08:16"]}
    story = run(GATE + RULE.replace("over = 1", "over = 1\nback_below = 0\nchangeover = 5"), arrivals)

    assert story.starts("out") == ["0 08:11", "1 08:11", "2 08:20", "3 08:21", "4 08:21"]
    assert story.starts("in") == ["5 08:14", "6 08:24", "7 08:34"]


def test_a_changeover_back_takes_its_time_too(run):
    """At 08:30 nobody waits: the desk is gone from exports at once, and serves imports from 08:40 on."""
    arrivals = {"a export": [*["08:10"] * 5, "08:36", "08:36", "08:36"], "a import": ["08:36", "08:36"]}
    story = run(GATE + RULE.replace("over = 1", "over = 2\nback_below = 1\nchangeover = 10"), arrivals)

    assert story.starts("out")[:5] == ["0 08:10", "1 08:10", "2 08:20", "3 08:20", "4 08:25"]
    assert story.starts("out")[5:] == ["5 08:36", "6 08:36", "7 08:46"]
    assert story.starts("in") == ["8 08:36", "9 08:40"]


def test_each_station_keeps_its_own_few(run):
    """Two may go over, but one has to stay."""
    story = run(GATE + RULE.replace("servers = 1", "servers = 2"), at(*["08:10"] * 6))

    assert [line.split()[1] for line in story.starts("out")] == ["08:10", "08:10", "08:15", "08:20", "08:20", "08:25"]


def test_all_may_go_where_none_is_kept(run):
    """Both desks for imports go over."""
    story = run(GATE + RULE.replace("servers = 1", "servers = 2\nkeep = 0"), at(*["08:10"] * 6))

    assert [line.split()[1] for line in story.starts("out")] == ["08:10"] * 2 + ["08:15"] * 2 + ["08:20"] * 2


def test_it_works_the_other_way_too(run):
    """Now the imports are many."""
    story = run(GATE + RULE, {"a export": ["23:00"], "a import": ["08:10"] * 5})

    assert [line.split()[1] for line in story.starts("in")] == ["08:10", "08:10", "08:15", "08:20", "08:20"]


def test_a_roster_that_falls_takes_back_what_was_lent(run):
    """From 08:20 on imports have one server, which is kept: exports are back to two."""
    border = GATE.replace(
        "[gates.a.stations.in]\nservers = 2",
        '[gates.a.stations.in]\nservers = [{ servers = 2 }, { hours = "08:20-24:00", servers = 1 }]',
    )
    story = run(border + RULE, at(*["08:10"] * 8))

    assert [line.split()[1] for line in story.starts("out")] == [
        "08:10", "08:10", "08:15", "08:20", "08:25", "08:30", "08:35", "08:40",
    ]  # fmt: skip


def test_when_one_side_closes_the_servers_are_at_home(run):
    """Imports shut at 08:20; exports go on with their own two, and get nobody while imports are shut."""
    border = """
    [calendars.day]
    hours = [{ open = ["06:00-08:20"] }]
    """ + GATE.replace("[gates.a.stations.in]", '[gates.a]\ncalendar = "day"\n[gates.a.stations.in]').replace(
        "[gates.a.stations.out]", '[gates.a.stations.out]\nopens_with = "always"'
    )
    story = run(border + RULE, {"a export": ["08:10"] * 8, "a import": ["07:00"]}, days=1)

    assert [line.split()[1] for line in story.starts("out")] == [
        "08:10", "08:10", "08:15", "08:20", "08:25", "08:30", "08:35", "08:40",
    ]  # fmt: skip


def test_a_rule_holds_in_its_hours(run):
    """From 09:00 on only: nothing at 08:15, one more desk at 09:00."""
    story = run(GATE + RULE + 'hours = "09:00-10:00"\n', at(*["08:10"] * 5, *["08:55"] * 5))

    assert [line.split()[1] for line in story.starts("out")] == [
        "08:10", "08:10", "08:20", "08:20", "08:30", "08:55", "08:55", "09:00", "09:05", "09:05",
    ]  # fmt: skip


def test_those_who_wait_for_room_in_the_queue_count(run):
    """Two stand at the desks, one has a place to wait and two stand on the road: three wait."""
    border = GATE.replace("servers = 2", "servers = 2\nqueue_places = 1", 1)
    story = run(border + RULE.replace("over = 1", "over = 2"), at(*["08:10"] * 5))

    assert [line.split()[1] for line in story.starts("out")] == ["08:10", "08:10", "08:15", "08:20", "08:20"]


def test_what_was_decided_is_told(builder):
    """One went over at 08:15 and came back at 08:30: the timetables of the run have it."""
    border = GATE + RULE.replace("over = 1", "over = 1\nchangeover = 5")
    record = run_record(builder.plan(border, arrivals=at(*["08:10"] * 5), days=1), 0)
    minute = 60_000_000
    servers = [[(s.begins_us // minute, s.servers) for s in node.segments] for node in record.network.stations]

    assert [(us // minute, rule, n) for us, rule, n in record.trace.decisions.tolist()] == [(495, 0, -1), (510, 0, 0)]
    assert servers == [
        [(0, 2), (495, 2), (500, 3), (510, 2), (515, 2)],
        [(0, 2), (495, 1), (500, 1), (510, 1), (515, 2)],
    ]
