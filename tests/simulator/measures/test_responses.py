"""Measures after decisions that were taken during the run: overtime, servers on duty, and whose hours held up."""

import pytest

GATE = """
[calendars.ours]
hours = [{ open = ["08:00-18:00"], overtime = "17:00-18:00" }]
[calendars.theirs]
timezone = "Asia/Shanghai"
hours = [{ open = ["09:00-19:00"] }]
[gates.a]
calendar = "ours"
counterpart.calendar = "theirs"
[gates.a.stations.booth]
servers = 2
closing_rule = "freeze"
[gates.a.export.stages.booth]
service = <60 min>
"""
RULE = """
[responsive_hours.evening]
gate = "a"
decides_at = "17:30"
steps = [{ over = 1, later = 1.5 }]
"""


def value(results, measure, **where):
    """Return the mean of one row."""
    return results.find(measure, **where)["mean"]


def test_added_hours_are_overtime(run):
    """Two servers for the hour of the calendar and for an hour and a half that was added: five server-hours."""
    busy = run(GATE + RULE, ["17:20", "17:20"], days=1).results
    quiet = run(GATE + RULE, ["17:20"], days=1).results

    assert value(busy, "overtime_server_hours_per_day", gate="a", station="booth") == pytest.approx(5)
    assert value(quiet, "overtime_server_hours_per_day", gate="a", station="booth") == pytest.approx(2)


def test_servers_are_on_duty_in_the_added_hours(run):
    """Two hours of work over two servers for eleven and a half hours, not for ten."""
    results = run(GATE + RULE, ["17:20", "17:20"], days=1).results

    assert value(results, "utilisation", gate="a", station="booth") == pytest.approx(2 / 23)


@pytest.mark.parametrize(
    ("consents", "expected"),
    [
        ("true", {"booth: servers busy": 1}),
        (
            "false",
            {
                "booth: servers busy": 40 / 400,
                "booth: shut by the counterpart": 90 / 400,
                "booth: shut here": 270 / 400,
            },
        ),
    ],
)
def test_the_cause_of_waiting_is_the_side_that_is_shut(run, consents, expected):
    """Without the counterpart's consent it is theirs that is shut from 18:00 to 19:30, and ours until midnight."""
    border = GATE.replace('servers = 2\nclosing_rule = "freeze"', 'servers = 1\nopens_with = "both"')
    results = run(border + RULE + f"with_counterpart = {consents}\n", ["17:20", "17:20"], days=1).results
    shares = {row["station"]: row["mean"] for row in results.measures if row["measure"] == "waiting_share"}

    assert shares == pytest.approx(expected)


def test_servers_that_changed_sides_are_on_duty_where_they_are(run):
    """Three servers for a quarter of an hour at the exports, and one at the imports, of the two each has."""
    border = """
    [gates.a.stations.out]
    servers = 2
    [gates.a.stations.in]
    servers = 2
    [gates.a.export.stages.out]
    service = <10 min>
    [gates.a.import.stages.in]
    service = <10 min>
    [reversible_servers.tidal]
    gate = "a"
    between = ["out", "in"]
    servers = 1
    check_every = 15
    over = 1
    """
    results = run(border, {"a export": ["08:10"] * 5, "a import": ["09:00"]}, days=1).results

    assert value(results, "utilisation", gate="a", station="out") == pytest.approx(50 / (48 * 60 + 15))
    assert value(results, "utilisation", gate="a", station="in") == pytest.approx(10 / (48 * 60 - 15))
    # One server from 08:15 to 08:30.
    assert value(results, "moved_servers", gate="a", station="tidal") == pytest.approx(0.25 / 24)


def test_how_often_it_closed_later_is_told(run):
    """Of Monday and Tuesday on Monday only, by an hour and a half."""
    results = run(GATE + RULE, ["17:20", "17:20", "1+17:20"]).results

    assert value(results, "later_close_share", gate="a", station="evening") == pytest.approx(0.5)
    assert value(results, "later_close_hours_per_day", gate="a", station="evening") == pytest.approx(0.75)


def test_the_warm_up_is_left_out(run):
    """Only Tuesday is measured."""
    results = run(GATE + RULE, ["17:20", "17:20", "1+17:20"], warmup_days=1).results

    assert value(results, "later_close_share", gate="a", station="evening") == 0
