from dataclasses import replace
from datetime import timedelta

import pytest

from gatewatch.config.units import parse_span
from gatewatch.monitor.alerting import (
    Duty,
    Shift,
    Silence,
    Step,
    WeeklyHours,
    acknowledge,
    find_acknowledgement,
    give_back,
    parse_matcher,
)
from tests.monitor.alerting.play import PLAIN, QUEUE, Play, at, seconds

STEPS = (Step(seconds(300), "shift"), Step(seconds(600), "head"), Step(seconds(900), "board_chair"))
ESCALATED = replace(PLAIN, steps=STEPS)


def escalated(play: Play) -> list[tuple[int, str]]:
    """Return when whom was told by a step."""
    return [(second, told.destination) for second, told in play.told if told.reason == "escalated"]


def critical() -> Play:
    """Return a play in which the queue is critical."""
    play = Play(ESCALATED)
    play.says(QUEUE, "true", "critical")
    return play


def test_a_critical_alert_that_nobody_has_goes_up_by_steps():
    """After five, ten and fifteen minutes, each step once."""
    play = critical()
    play.run(0, 2_000)

    assert escalated(play) == [(300, "shift"), (600, "head"), (900, "board_chair")]


def test_what_is_not_critical_goes_up_when_it_becomes_so():
    """The clock begins with the level; a level that falls stops it."""
    play = Play(ESCALATED)
    play.says(QUEUE, "true", "congested")
    play.run(0, 999)
    play.says(QUEUE, "true", "critical")
    play.run(1_000, 1_400)
    play.says(QUEUE, "true", "congested")
    play.run(1_401, 3_000)

    assert escalated(play) == [(1_300, "shift")]


def test_somebody_who_has_it_stops_the_steps_until_the_hour_is_over():
    """Acknowledged at 400 for 60 minutes: from 4,000 it counts as nobody's, and the steps begin anew."""
    play = critical()
    play.run(0, 400)
    play.acknowledge(400)
    play.run(401, 4_950)

    assert escalated(play) == [(300, "shift"), (4_300, "shift"), (4_600, "head"), (4_900, "board_chair")]
    keys = [notice.key for _, told in play.told if told.reason == "escalated" for notice in told.notices]
    assert len(set(keys)) == len(keys)


def test_the_steps_after_an_acknowledgement_are_counted_from_its_end_and_not_from_when_it_was_noticed():
    """Evaluated every 90 s: the hour ended at 4,000, the first look after 4,300 is at 4,320."""
    play = critical()
    play.run(0, 360, 90)
    play.acknowledge(400)
    play.run(450, 4_400, 90)

    assert escalated(play) == [(360, "shift"), (4_320, "shift")]


def test_an_alert_that_gets_worse_is_nobodys_again():
    """Who took on a congested gate has not taken on a critical one."""
    play = Play(ESCALATED)
    play.says(QUEUE, "true", "congested")
    play.run(0, 100)
    play.acknowledge(100)
    play.run(101, 199)
    play.says(QUEUE, "true", "critical")
    play.run(200, 600)

    assert escalated(play) == [(500, "shift")]


def test_an_alert_that_is_given_back_goes_up_from_then():
    """Given back at 1,000."""
    play = critical()
    play.run(0, 100)
    play.acknowledge(100)
    play.run(101, 999)
    given = give_back(play.alerting.acknowledgements, play.alert().id, at(1_000))
    play.alerting = replace(play.alerting, acknowledgements=given)
    play.run(1_000, 1_350)

    assert escalated(play) == [(1_300, "shift")]


def test_what_is_kept_quiet_does_not_go_up():
    """Silenced until 1,000: nothing before, and no burst of steps afterwards."""
    matcher = parse_matcher('alertname="queue"')
    play = critical()
    play.alerting = replace(play.alerting, silences=(Silence("one", (matcher,), "Lan", "drill", at(0), at(1_000)),))
    play.run(0, 1_700)

    assert escalated(play) == [(1_299, "shift"), (1_599, "head")]


def test_what_ended_does_not_go_up():
    """Resolved at 500; a new alert about the same key begins with the first step."""
    play = critical()
    play.run(0, 499)
    play.says(QUEUE, "false")
    play.run(500, 999)
    play.says(QUEUE, "true", "critical")
    play.run(1_000, 1_350)

    assert escalated(play) == [(300, "shift"), (1_300, "shift")]


def test_after_a_standstill_every_step_that_came_due_is_taken():
    """The service stood from 100 to 700 s: both steps at 700, the third when it is due."""
    play = critical()
    play.run(0, 100)
    play.run(700, 1_000)

    assert sorted(escalated(play)) == [(700, "head"), (700, "shift"), (900, "board_chair")]


def test_a_clock_that_was_set_back_repeats_no_step():
    """At 700 the clock turns out to be 600 s fast: what was taken is not taken again, the third step when it is due."""
    play = critical()
    play.run(0, 700)
    play.run(100, 1_000)

    assert escalated(play) == [(300, "shift"), (600, "head"), (900, "board_chair")]


@pytest.mark.parametrize("stops_at", range(0, 960, 60))
def test_a_restart_leaves_the_steps_where_they_were(stops_at):
    """Stopped for a moment at any minute: the same steps at the same seconds."""
    play = critical()
    play.run(0, stops_at)
    play.is_restarted = True
    play.run(stops_at + 1, 1_000)

    assert escalated(play) == [(300, "shift"), (600, "head"), (900, "board_chair")]


def test_a_restart_at_every_second_of_an_escalation_gives_the_same_schedule():
    """Kept and read back after each evaluation, through an acknowledgement and its end."""
    schedules = []
    for is_restarted in (False, True):
        play = critical()
        play.is_restarted = is_restarted
        play.run(0, 700)
        play.acknowledge(700)
        play.run(701, 5_000)
        schedules.append([(second, told.key) for second, told in play.told])

    assert schedules[0] == schedules[1]
    assert len(schedules[0]) > 5


def test_a_step_reaches_whoever_is_on_duty_then():
    """08:05 in Vietnam is the day shift's, 17:00 nobody's: then it is for the one who always answers."""
    day = Shift("day", (WeeklyHours(parse_span("07:00-16:00")),))
    night = Shift("night", (WeeklyHours(parse_span("18:00-07:00")),))
    settings = replace(ESCALATED, duties=(Duty("shift", (day, night), "duty_phone"),))
    found = []
    for begins in (0, 9 * 3_600, 11 * 3_600, 17 * 3_600):
        play = Play(settings)
        play.says(QUEUE, "true", "critical")
        play.run(begins, begins + 310)
        found += [name for _, name in escalated(play)]

    assert found == ["day", "duty_phone", "night", "night"]


def test_an_acknowledgement_names_somebody_and_ends():
    """For an hour unless told otherwise; only of an alert that fires."""
    play = critical()
    play.evaluate(0)
    alert = play.alert()
    found = acknowledge((), alert, "Lan", at(10))

    assert [find_acknowledgement(found, alert, at(s)) is not None for s in (9, 10, 3_609, 3_610)] == [
        False,
        True,
        True,
        False,
    ]
    assert acknowledge(found, alert, "Minh", at(20), timedelta(minutes=5))[0].ends == at(320)
    for who, lasting in (("", seconds(60)), ("Lan", seconds(0))):
        with pytest.raises(ValueError, match="needs a person"):
            acknowledge((), alert, who, at(0), lasting)
    with pytest.raises(ValueError, match="only one that fires"):
        acknowledge((), replace(alert, phase="pending"), "Lan", at(0))
