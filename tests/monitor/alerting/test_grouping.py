from dataclasses import replace

import pytest

from gatewatch.monitor.alerting import (
    Alerting,
    AlertKey,
    Clocks,
    Judgement,
    Route,
    Settings,
    Step,
    evaluate,
    parse_matcher,
)
from tests.monitor.alerting.play import PLAIN, QUEUE, WAIT, Play, at, seconds

TAN_THANH = AlertKey.of(alertname="queue", gate="tan_thanh")


def test_a_group_waits_for_what_comes_with_its_first_alert():
    """`group_wait` of 30 s: two alerts of one gate within it are one message, at 30 s."""
    play = Play()
    play.says(QUEUE, "true")
    play.run(0, 9)
    play.says(WAIT, "true")
    play.run(10, 40)

    assert play.reasons() == [(30, "firing")]
    assert [subject.key for subject in play.told[0][1].firing] == [QUEUE, WAIT]


def test_gates_are_told_apart():
    """`group_by` gate: one message each, in the same delivery when they are due together."""
    play = Play()
    play.says(QUEUE, "true")
    play.says(TAN_THANH, "true")
    play.run(0, 40)

    assert [told.group for _, told in play.told] == [(("gate", "huu_nghi"),), (("gate", "tan_thanh"),)]
    assert len(play.deliveries) == 1


def test_what_comes_after_the_first_message_waits_for_the_next_look():
    """Looks at 30 s and 330 s: an alert of second 31 is told at 330, one that ended at 340 is told at 630."""
    play = Play()
    play.says(QUEUE, "true")
    play.run(0, 30)
    play.says(WAIT, "true")
    play.run(31, 339)
    play.says(QUEUE, "false")
    play.run(340, 640)

    assert play.reasons() == [(30, "firing"), (330, "firing"), (630, "resolved")]
    assert [s.key for s in play.told[2][1].resolved] == [QUEUE]
    assert [s.key for s in play.told[2][1].firing] == [WAIT]


def test_an_end_that_was_told_is_not_told_again():
    """The wait ended at 100 and is told at 330; what becomes worse at 400 is told without it."""
    play = Play()
    play.says(QUEUE, "true")
    play.says(WAIT, "true")
    play.run(0, 99)
    play.says(WAIT, "false")
    play.run(100, 399)
    play.says(QUEUE, "true", "critical")
    play.run(400, 700)

    assert play.reasons() == [(30, "firing"), (330, "resolved"), (430, "level")]
    assert play.told[2][1].resolved == ()


def test_what_fires_and_ends_before_the_first_message_is_not_told():
    """There is nothing to do any more; the record of the alert has it all the same."""
    play = Play()
    play.says(QUEUE, "true")
    play.run(0, 10)
    play.says(QUEUE, "false")
    play.run(11, 700)

    assert play.told == []
    assert [t.after for t in play.transitions] == ["firing", "resolved"]
    assert play.alerting.groups == ()


@pytest.mark.parametrize(("level", "repeats"), [("congested", [14_730]), ("critical", [3_930, 7_830, 11_730, 15_630])])
def test_without_news_a_group_is_told_again_at_the_look_after_the_repeat_interval(level, repeats):
    """
    Told at 30 s and looked at every 300 s: four hours have passed exactly at 14,430, so it is the look after that.

    With a critical alert it is one hour: at 3,630 exactly an hour, so at 3,930, and 3,900 s later each time.
    """
    play = Play()
    play.says(QUEUE, "true", level)
    play.run(0, 16_000, 15)

    assert play.reasons() == [(30, "firing"), *((second, "repeat") for second in repeats)]


def test_a_group_that_somebody_has_is_not_repeated_until_nobody_has_it():
    """Acknowledged for an hour at 3,600: the repeat of 3,930 waits for the first look after 7,200."""
    play = Play()
    play.says(QUEUE, "true", "critical")
    play.run(0, 3_600, 15)
    play.acknowledge(3_600)
    play.run(3_615, 8_000, 15)

    assert play.reasons() == [(30, "firing"), (7_230, "repeat")]


def test_a_level_that_rises_is_told_before_the_next_look_and_one_that_falls_is_not():
    """Critical at 100: told 30 s later, with what was told before; congested again at 200: nothing."""
    play = Play()
    play.says(QUEUE, "true", "congested")
    play.run(0, 99)
    play.says(QUEUE, "true", "critical")
    play.run(100, 199)
    play.says(QUEUE, "true", "congested")
    play.run(200, 900)

    assert play.reasons() == [(30, "firing"), (130, "level")]
    assert [notice.level_before for notice in play.told[1][1].notices] == ["congested"]
    assert play.told[1][1].firing[0].level == "critical"


def test_a_recovery_that_comes_back_tells_nobody():
    """Within `keep_firing_for` it is the same alert, still firing."""
    play = Play(Settings({"queue": Clocks(keep_firing_for=seconds(60))}, PLAIN.routes))
    play.says(QUEUE, "true")
    play.run(0, 299)
    play.says(QUEUE, "false")
    play.run(300, 340)
    play.says(QUEUE, "true")
    play.run(341, 700)

    assert play.reasons() == [(30, "firing")]


def test_no_data_tells_nobody_that_it_is_over():
    """The alert stays in its group, and is repeated as before."""
    play = Play()
    play.says(QUEUE, "true", "critical")
    play.run(0, 60)
    play.says(QUEUE, "no_data")
    play.run(61, 4_000)

    assert play.reasons() == [(30, "firing"), (3_930, "repeat")]


def test_an_alert_takes_the_first_route_that_matches_and_more_where_it_is_told_to():
    """A route without destinations keeps its alerts from the others."""
    play = Play(
        Settings(
            PLAIN.rules,
            (
                Route("nobody", (), (parse_matcher('alertname="wait"'),)),
                Route("customs", ("customs",), (parse_matcher('gate="huu_nghi"'),), continues=True),
                Route("rest", ("board",)),
            ),
        )
    )
    play.says(QUEUE, "true")
    play.says(WAIT, "true")
    play.says(TAN_THANH, "true")
    play.run(0, 60)

    found = {(told.destination, subject.key) for _, told in play.told for subject in told.firing}
    assert found == {("customs", QUEUE), ("board", QUEUE), ("board", TAN_THANH)}


def test_two_routes_to_one_destination_are_one_message():
    """The same alerts at the same instant: once is enough."""
    play = Play(Settings(PLAIN.rules, (Route("some", ("board",), continues=True), PLAIN.routes[0])))
    play.says(QUEUE, "true")
    play.run(0, 60)

    assert play.reasons() == [(30, "firing")]


def test_a_route_may_keep_ends_to_itself():
    """`sends_resolved` off: nobody is told, and the next alert is told as new."""
    play = Play(Settings(PLAIN.rules, (replace(PLAIN.routes[0], sends_resolved=False),)))
    play.says(QUEUE, "true")
    play.run(0, 100)
    play.says(QUEUE, "false")
    play.run(101, 400)
    play.says(QUEUE, "true")
    play.run(401, 500)

    assert play.reasons() == [(30, "firing"), (431, "firing")]


def test_a_late_evaluation_does_not_move_the_later_looks():
    """The service stood from 20 to 777 s: told at once, then again on the grid of 30 + 300 n."""
    play = Play()
    play.says(QUEUE, "true")
    play.run(0, 20)
    play.says(WAIT, "true")
    play.evaluate(777)
    play.says(QUEUE, "false")
    play.run(778, 1_000)

    assert play.reasons() == [(777, "firing"), (930, "resolved")]


def test_a_clock_that_was_set_back_keeps_nobody_uninformed():
    """A look planned for two days ahead is due; the next one lies on the same grid."""
    play = Play()
    play.says(QUEUE, "true")
    play.evaluate(2 * 86_400)
    play.run(0, 400)
    play.says(QUEUE, "false")
    play.run(401, 1_000)

    assert [reason for _, reason in play.reasons()] == ["firing", "resolved"]
    assert play.reasons()[0][0] == 0


def test_every_key_is_told_once_to_a_destination():
    """Firing, worse, repeated, ended: each has a key of its own, made of alert, transition and destination."""
    play = Play()
    play.says(QUEUE, "true")
    play.run(0, 100)
    play.says(QUEUE, "true", "critical")
    play.run(101, 4_500)
    identity = play.alert().id
    play.says(QUEUE, "false")
    play.run(4_501, 5_000)

    keys = [notice.key for _, told in play.told for notice in told.notices]
    assert keys == [
        f"{identity}/firing-20260115T010030000000/board",
        f"{identity}/level-20260115T010211000000/board",
        f"{identity}/repeat-20260115T020711000000/board",
        f"{identity}/resolved-20260115T021711000000/board",
    ]
    assert [told.key for _, told in play.told] == keys


def test_a_gate_that_is_taken_out_ends_its_alerts():
    """Nobody is left with an alert that can never end."""
    play = Play()
    play.says(QUEUE, "true")
    play.run(0, 100)
    play.alerting = evaluate(play.alerting, [], PLAIN, at(101), retired=[QUEUE]).alerting
    play.holds.clear()
    play.run(102, 400)

    assert play.reasons() == [(30, "firing"), (330, "resolved")]


def test_a_rule_that_is_gone_ends_its_alerts():
    """Its clocks are gone as well."""
    found = evaluate(Alerting(), [Judgement(QUEUE, "true", "busy", None, at(0))], PLAIN, at(0))
    found = evaluate(found.alerting, [], Settings({}, PLAIN.routes), at(15))

    assert [(t.before, t.after) for t in found.transitions] == [("firing", "resolved")]


def test_routes_may_change_while_alerts_fire():
    """Grouped by rule from second 100 on: the group by gate dissolves, the new one tells, and tells the end."""
    play = Play()
    play.says(QUEUE, "true")
    play.run(0, 99)
    play.settings = Settings(PLAIN.rules, (replace(PLAIN.routes[0], group_by=("alertname",)),))
    play.run(100, 200)
    play.says(QUEUE, "false")
    play.run(201, 1_000)

    assert play.reasons() == [(30, "firing"), (130, "firing"), (430, "resolved")]
    assert play.alerting.groups == ()


def test_settings_that_leave_an_alert_without_a_route_are_refused():
    """The last route takes every alert, names are names, and steps go upwards."""
    with pytest.raises(ValueError, match="last route"):
        Settings({}, (Route("some", ("board",), (parse_matcher('gate="x"'),)),))
    with pytest.raises(ValueError, match="same name"):
        Settings({}, (Route("all", ("a",), continues=True), Route("all", ("b",))))
    with pytest.raises(ValueError, match="each step"):
        Settings({}, PLAIN.routes, steps=(Step(seconds(600), "head"), Step(seconds(300), "shift")))
