"""Servers come on duty and leave: who goes on, who stops, who starts."""

BOOTH = """
[gates.a.stations.booth]
servers = [{ servers = 2 }, { hours = "12:00-HOUR", servers = 1 }]
closing_rule = "RULE"
[gates.a.export.stages.booth]
service = <60 min>
"""


def booth(rule, until="24:00"):
    """Return a booth with two servers, and one from noon until an hour."""
    return BOOTH.replace("RULE", rule).replace("HOUR", until)


def test_a_busy_server_leaves_after_its_vehicle(run):
    """At noon one of two servers goes; both finish, and the next vehicle starts when both are free."""
    story = run(booth("finish"), ["11:30", "11:40", "11:50"])

    assert story.rows == [
        "0 booth 11:30 11:30 12:30 12:30 cleared",
        "1 booth 11:40 11:40 12:40 12:40 cleared",
        "2 booth 11:50 12:40 13:40 13:40 cleared",
    ]


def test_an_idle_server_leaves_first(run):
    """One of two servers is idle at noon: the other goes on, and a later vehicle waits for it."""
    story = run(booth("freeze"), ["11:30", "12:10"])

    assert story.rows == [
        "0 booth 11:30 11:30 12:30 12:30 cleared",
        "1 booth 12:10 12:30 13:30 13:30 cleared",
    ]


def test_under_freeze_the_server_that_started_last_stops(run):
    """Vehicle 1 has forty minutes left at noon and goes on at 12:30, before vehicle 2 is begun."""
    story = run(booth("freeze"), ["11:30", "11:40", "11:50"])

    assert story.rows == [
        "0 booth 11:30 11:30 12:30 12:30 cleared",
        "1 booth 11:40 11:40 13:10 13:10 cleared",
        "2 booth 11:50 13:10 14:10 14:10 cleared",
    ]


def test_of_two_started_at_the_same_instant_the_higher_number_stops(run):
    """Ties go by vehicle number."""
    story = run(booth("freeze"), ["11:30", "11:30"])

    assert story.rows == [
        "0 booth 11:30 11:30 12:30 12:30 cleared",
        "1 booth 11:30 11:30 13:00 13:00 cleared",
    ]


def test_frozen_work_resumes_before_new_starts_when_the_roster_rises(run):
    """At 12:15 the second server is back: vehicle 1 goes on at once, vehicle 2 starts when one is free."""
    story = run(booth("freeze", until="12:15"), ["11:30", "11:40", "11:50"])

    assert story.rows == [
        "0 booth 11:30 11:30 12:30 12:30 cleared",
        "1 booth 11:40 11:40 12:55 12:55 cleared",
        "2 booth 11:50 12:30 13:30 13:30 cleared",
    ]


def test_work_can_be_stopped_twice(run):
    """Vehicle 1 works 11:40-12:00, 12:15-12:20 and, vehicle 0 gone at 12:30, the other 35 minutes."""
    border = booth("freeze", until="12:15").replace(
        "servers = 1 }]", 'servers = 1 }, { hours = "12:20-24:00", servers = 1 }]'
    )
    story = run(border, ["11:30", "11:40"])

    assert story.at("booth")[1] == "1 11:40 11:40 13:05 13:05 cleared"


def test_waiting_vehicles_start_at_once_when_servers_come_on_duty(run):
    """At 09:00 two more servers begin: two of the three waiting vehicles start in order."""
    border = """
    [gates.a.stations.booth]
    servers = [{ servers = 1 }, { hours = "09:00-24:00", servers = 3 }]
    [gates.a.export.stages.booth]
    service = <90 min>
    """
    story = run(border, ["08:00", "08:10", "08:20", "08:30"])

    assert story.starts("booth") == ["0 08:00", "1 09:00", "2 09:00", "3 09:30"]


def test_an_hour_without_servers_starts_nobody(run):
    """No server is on duty from 12:00 to 13:00: the vehicle in service is finished, the next one waits."""
    border = """
    [gates.a.stations.booth]
    servers = [{ servers = 1 }, { hours = "12:00-13:00", servers = 0 }]
    [gates.a.export.stages.booth]
    service = <30 min>
    """
    story = run(border, ["11:45", "11:50"])

    assert story.rows == [
        "0 booth 11:45 11:45 12:15 12:15 cleared",
        "1 booth 11:50 13:00 13:30 13:30 cleared",
    ]


def test_hand_back_and_last_start_know_closing_but_not_the_roster(run):
    """A roster that falls is no closing: the vehicle is finished, and one is begun just before."""
    for rule in ("hand_back", "last_start"):
        story = run(booth(rule), ["11:30", "11:40", "11:50"])

        assert story.starts("booth") == ["0 11:30", "1 11:40", "2 12:40"]


def test_a_night_shift_runs_past_midnight(run):
    """Servers are on duty from 22:00 to 02:00."""
    border = """
    [gates.a.stations.booth]
    servers = [{ hours = "22:00-02:00", servers = 1 }]
    [gates.a.export.stages.booth]
    service = <30 min>
    """
    story = run(border, ["21:00", "1+01:45", "1+01:50"])

    assert story.starts("booth") == ["0 22:00", "1 1+01:45", "2 1+22:00"]


def test_a_blocked_vehicle_keeps_its_server_when_the_roster_falls(run):
    """At noon vehicle 1 blocks one server of the gate-in; the other has to leave although it works."""
    border = """
    [gates.a.stations.gate_in]
    servers = [{ servers = 2 }, { hours = "12:00-24:00", servers = 1 }]
    closing_rule = "freeze"
    [gates.a.stations.booth]
    servers = 1
    queue_places = 0
    [gates.a.export.stages.gate_in]
    service = <10 min>
    [gates.a.export.stages.booth]
    service = <60 min>
    """
    story = run(border, ["11:30", "11:30:30", "11:55"])

    assert story.at("gate_in") == [
        "0 11:30 11:30 11:40 11:40 passed",
        "1 11:30:30 11:30:30 11:40:30 12:40 passed",
        "2 11:55 11:55 12:45 13:40 passed",
    ]
