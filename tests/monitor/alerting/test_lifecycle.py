from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewatch.monitor.alerting import AlertKey, Alerts, Clocks, retire, step
from tests.monitor.alerting.play import QUEUE, WAIT, at, judged, seconds


def states(judgements, for_s=0, keep_s=0):
    """Return the state of an alert after each judgement, given as seconds and words."""
    alerts, found = Alerts(), []
    for second, said in judgements:
        given_now = [judged(QUEUE, said, second)] if said else []
        alerts, _ = step(alerts, given_now, {"queue": Clocks(seconds(for_s), seconds(keep_s))}, at(second))
        found.append(alerts.alerts[0].state if alerts.alerts else "inactive")
    return found


def test_without_clocks_an_alert_fires_at_once_and_ends_at_once():
    """Both clocks at zero: the alert is the condition."""
    assert states([(0, "true"), (15, "true"), (30, "false")]) == ["firing", "firing", "resolved"]


def test_an_alert_fires_at_the_first_evaluation_at_which_it_has_held_for_long_enough():
    """`for` of 40 s, looked at every 15 s: pending at 0, 15 and 30, firing at 45."""
    found = states([(0, "true"), (15, "true"), (30, "true"), (45, "true")], for_s=40)

    assert found == ["pending", "pending", "pending", "firing"]


def test_for_is_reached_when_it_has_passed_exactly():
    """A `for` of 30 s has passed after 30 s."""
    assert states([(0, "true"), (30, "true")], for_s=30) == ["pending", "firing"]


def test_a_pending_alert_whose_condition_fails_once_begins_anew():
    """Each stretch is measured from its own first evaluation."""
    found = states([(0, "true"), (20, "false"), (25, "true"), (50, "true"), (55, "true")], for_s=30)

    assert found == ["pending", "inactive", "pending", "pending", "firing"]


def test_an_alert_recovers_until_it_was_well_for_long_enough():
    """`keep_firing_for` of 30 s counts from the first evaluation without the condition: 15, so it ends at 45."""
    found = states([(0, "true"), (15, "false"), (44, "false"), (45, "false")], keep_s=30)

    assert found == ["firing", "recovering", "recovering", "resolved"]


def test_a_recovering_alert_that_comes_back_fires_and_recovers_from_the_beginning():
    """A lapse that ends is forgotten."""
    found = states([(0, "true"), (15, "false"), (30, "true"), (45, "false"), (74, "false"), (75, "false")], keep_s=30)

    assert found == ["firing", "recovering", "firing", "recovering", "recovering", "resolved"]


def test_a_missed_evaluation_takes_nothing_from_a_clock():
    """Pending since 0: when the next look comes at 600 s the alert has long held; recovering likewise."""
    assert states([(0, "true"), (600, "true")], for_s=60) == ["pending", "firing"]
    assert states([(0, "true"), (15, "false"), (900, "false")], keep_s=60) == ["firing", "recovering", "resolved"]


@pytest.mark.parametrize("doubt", ["no_data", "error"])
def test_what_nobody_knows_neither_ends_an_alert_nor_begins_one(doubt):
    """A firing alert stays one through silence, of whatever length, and goes on from there."""
    assert states([(0, doubt), (15, doubt), (30, "false")]) == [doubt, doubt, "inactive"]
    assert states([(0, "true"), (15, doubt), (90, doubt), (95, "false")]) == ["firing", doubt, doubt, "resolved"]
    assert states([(0, "true"), (15, doubt), (30, "true")]) == ["firing", doubt, "firing"]


def test_a_pending_alert_keeps_its_clock_through_an_error():
    """As in Prometheus, an evaluation that failed is one that was missed."""
    assert states([(0, "true"), (15, "error"), (30, "true")], for_s=30) == ["pending", "error", "firing"]


def test_a_recovering_alert_is_not_called_resolved_while_nobody_can_say():
    """The clock runs on; the end needs a judgement."""
    found = states([(0, "true"), (10, "false"), (60, "no_data"), (70, "false")], keep_s=30)

    assert found == ["firing", "recovering", "no_data", "resolved"]


def test_an_alert_that_is_not_judged_has_no_data():
    """A rule that falls silent does not say that all is well."""
    assert states([(0, "true"), (15, None), (30, "true")]) == ["firing", "no_data", "firing"]


def test_a_resolved_alert_is_kept_for_a_quarter_of_an_hour():
    """So long a person may look at it; longer than that nothing is left."""
    found = states([(0, "true"), (10, "false"), (910, "false"), (911, "false")])

    assert found == ["firing", "resolved", "resolved", "inactive"]


def test_what_fires_again_is_another_alert():
    """The id names one occurrence; a lapse within `keep_firing_for` is the same one."""
    ids = []
    alerts = Alerts()
    for second, said in [(0, "true"), (10, "false"), (20, "true"), (30, "false"), (50, "false"), (60, "true")]:
        alerts, _ = step(alerts, [judged(QUEUE, said, second)], {"queue": Clocks(seconds(0), seconds(15))}, at(second))
        ids.append(alerts.alerts[0].id)

    assert ids[:5] == [ids[0]] * 5
    assert ids[5] != ids[0]


def test_a_level_that_changes_is_an_event_of_the_same_alert():
    """From congested to critical and back: two transitions, one alert; while pending there is none."""
    rules = {"queue": Clocks(seconds(10))}
    alerts, found = Alerts(), []
    said = [(0, "busy"), (5, "congested"), (10, "congested"), (15, "critical"), (20, "critical"), (25, "congested")]
    for second, level in said:
        alerts, transitions = step(alerts, [judged(QUEUE, "true", second, level)], rules, at(second))
        found += [(second, t.before, t.after, t.level_before, t.alert.level, t.alert.id) for t in transitions]

    identity = alerts.alerts[0].id
    assert found == [
        (0, "inactive", "pending", None, "busy", identity),
        (10, "pending", "firing", "congested", "congested", identity),
        (15, "firing", "firing", "congested", "critical", identity),
        (25, "firing", "firing", "critical", "congested", identity),
    ]
    assert alerts.alerts[0].level_at == at(25)


def test_every_change_of_state_is_told_once():
    """The whole life of one alert, by its transitions."""
    rules = {"queue": Clocks(seconds(10), seconds(10))}
    alerts, found = Alerts(), []
    for second, said in [
        (0, "true"),
        (5, "true"),
        (10, "true"),
        (15, "no_data"),
        (20, "false"),
        (25, "false"),
        (30, "false"),
        (45, "false"),
    ]:
        alerts, transitions = step(alerts, [judged(QUEUE, said, second)], rules, at(second))
        found += [(second, t.before, t.after) for t in transitions]

    assert found == [
        (0, "inactive", "pending"),
        (10, "pending", "firing"),
        (15, "firing", "no_data"),
        (20, "no_data", "recovering"),
        (30, "recovering", "resolved"),
    ]


def test_what_is_watched_no_more_ends():
    """A firing alert of a gate that was taken out is resolved, a pending one goes; nobody waits for their data."""
    rules = {"queue": Clocks(), "wait": Clocks(seconds(60))}
    alerts, _ = step(Alerts(), [judged(QUEUE, "true", 0), judged(WAIT, "true", 0)], rules, at(0))
    alerts, transitions = retire(alerts, [QUEUE, WAIT], at(5))

    assert [(t.before, t.after) for t in transitions] == [("firing", "resolved"), ("pending", "inactive")]
    assert [alert.state for alert in alerts.alerts] == ["resolved"]


def test_a_clock_that_was_set_back_stops_no_alert():
    """Two days too far for one evaluation, then right: clocks count from the return, not from two days later."""
    days = 2 * 86_400
    assert states([(days, "true"), (0, "true"), (30, "true")], for_s=30) == ["pending", "pending", "firing"]
    found = states([(0, "true"), (days, "false"), (60, "false"), (90, "false")], keep_s=30)
    assert found == ["firing", "recovering", "recovering", "resolved"]


def test_two_judgements_of_one_key_are_refused():
    """Which of them would hold?"""
    with pytest.raises(ValueError, match="judged twice"):
        step(Alerts(), [judged(QUEUE, "true", 0), judged(QUEUE, "false", 0)], {"queue": Clocks()}, at(0))


def test_a_judgement_of_an_unknown_rule_is_refused():
    """Without clocks nobody knows when it should fire."""
    with pytest.raises(ValueError, match="unknown rule"):
        step(Alerts(), [judged(QUEUE, "true", 0)], {}, at(0))


gaps = st.integers(1, 100)
verdicts = st.sampled_from(["true", "true", "false", "no_data", "error"])


@settings(deadline=None)
@given(st.lists(st.tuples(gaps, verdicts), min_size=1, max_size=40), st.integers(0, 200))
def test_an_alert_fires_when_nothing_has_spoken_against_it_for_long_enough(said, for_s):
    """
    By definition, with evaluations at any distance.

    It fires once a true judgement lies at least `for` after the first true one since the last false one.
    """
    second, first_true, fires, alerts = 0, None, False, Alerts()
    for gap, verdict in said:
        second += gap
        alerts, _ = step(alerts, [judged(QUEUE, verdict, second)], {"queue": Clocks(seconds(for_s))}, at(second))
        if verdict == "false":
            first_true, fires = None, False
        if verdict == "true":
            first_true = second if first_true is None else first_true
            fires = fires or second - first_true >= for_s

        assert any(alert.is_firing for alert in alerts.alerts) == fires


@settings(deadline=None)
@given(st.lists(st.tuples(gaps, verdicts), min_size=1, max_size=40), st.integers(0, 200), st.integers(0, 200))
def test_an_alert_ends_only_by_a_false_judgement_late_enough_after_the_first(said, for_s, keep_s):
    """A firing alert ends at a false judgement `keep_firing_for` after the first one since the last true one."""
    second, first_false, alerts = 0, None, Alerts()
    for gap, verdict in said:
        second += gap
        was_firing = bool(alerts.firing())
        rules = {"queue": Clocks(seconds(for_s), timedelta(seconds=keep_s))}
        alerts, _ = step(alerts, [judged(QUEUE, verdict, second)], rules, at(second))
        if verdict == "true":
            first_false = None
        if verdict == "false" and first_false is None:
            first_false = second
        is_ended = verdict == "false" and second - first_false >= keep_s

        if was_firing:
            assert bool(alerts.firing()) == (not is_ended)


def test_keys_do_not_touch_each_other():
    """The alert of one gate knows nothing of another's."""
    other = AlertKey.of(alertname="queue", gate="tan_thanh")
    alerts, _ = step(Alerts(), [judged(QUEUE, "true", 0), judged(other, "false", 0)], {"queue": Clocks()}, at(0))

    assert [(alert.key, alert.state) for alert in alerts.alerts] == [(QUEUE, "firing")]
