from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gatewatch.config.units import parse_span
from gatewatch.monitor.alerting import (
    Alerting,
    AlertKey,
    Clocks,
    Contact,
    Inhibition,
    Route,
    Settings,
    Silence,
    Step,
    WeeklyHours,
    acknowledge,
    evaluate,
    from_json,
    parse_matcher,
    to_json,
)
from tests.monitor.alerting.play import at, judged, seconds

KEYS = [AlertKey.of(alertname=name, gate=gate) for name in ("queue", "feed_silent") for gate in ("huu_nghi", "chi_ma")]
EVERYTHING = Settings(
    {"queue": Clocks(seconds(30), seconds(45)), "feed_silent": Clocks()},
    (Route("all", ("board",), group_interval=seconds(60), repeat_interval=seconds(200)),),
    (Inhibition("silent", (parse_matcher('alertname="feed_silent"'),), (parse_matcher('alertname="queue"'),)),),
    (Step(seconds(60), "head"), Step(seconds(120), "chair")),
    (),
    (Contact("board", 2, seconds(300), seconds(30), (WeeklyHours(parse_span("08:05-08:10")),)),),
)

verdicts = st.sampled_from([("true", "congested"), ("true", "critical"), ("false", "clear"), ("no_data", "unknown")])
evaluations = st.lists(
    st.tuples(
        st.integers(1, 60),  # seconds since the last evaluation
        st.lists(verdicts, min_size=len(KEYS), max_size=len(KEYS)),
        st.sampled_from(["nothing", "nothing", "nothing", "acknowledge", "silence"]),
        st.booleans(),  # whether the service stops afterwards
    ),
    max_size=40,
)


def told(story, *, restarts, settings=EVERYTHING):
    """Return all transitions and deliveries of a story, with or without its restarts."""
    alerting, second, found = Alerting(), 0, []
    for n, (gap, said, deed, stops) in enumerate(story):
        second += gap
        if deed == "acknowledge" and alerting.alerts.firing():
            acks = acknowledge(alerting.acknowledgements, alerting.alerts.firing()[0], "Lan", at(second), seconds(90))
            alerting = replace(alerting, acknowledgements=acks)
        if deed == "silence":
            matchers = (parse_matcher('gate="chi_ma"'),)
            silence = Silence(str(n), matchers, "Lan", "drill", at(second), at(second + 100))
            alerting = replace(alerting, silences=(*alerting.silences, silence))
        judgements = [judged(key, state, second, level) for key, (state, level) in zip(KEYS, said, strict=True)]
        evaluated = evaluate(alerting, judgements, settings, at(second))
        alerting = from_json(to_json(evaluated.alerting)) if restarts and stops else evaluated.alerting
        found.append((second, evaluated.transitions, evaluated.bundles))
    return found, alerting


def keys_told(found):
    """Return the keys of all notices that were delivered."""
    bundles = (bundle for _, _, some in found for bundle in some)
    return [notice.key for bundle in bundles for one in bundle.notifications for notice in one.notices]


@hypothesis_settings(max_examples=200, deadline=None)
@given(evaluations)
def test_restarts_at_any_points_change_nothing(story):
    """Kept, stopped and read back: the same transitions, deliveries and keys at the same instants."""
    assert told(story, restarts=True) == told(story, restarts=False)


@hypothesis_settings(max_examples=200, deadline=None)
@given(evaluations)
def test_limits_and_quiet_hours_lose_no_notice_and_double_none(story):
    """What was delivered and what waits for its contact is what would have been delivered without any limit."""
    unlimited = replace(EVERYTHING, contacts=tuple(Contact(name, 1_000_000) for name in ("board", "head", "chair")))
    found, alerting = told(story, restarts=True)
    waiting = [notice.key for box in alerting.mailboxes for one in box.waiting for notice in one.notices]
    without, _ = told(story, restarts=True, settings=unlimited)

    assert sorted([*keys_told(found), *waiting]) == sorted(set(keys_told(without)))


@hypothesis_settings(max_examples=100, deadline=None)
@given(evaluations)
def test_the_same_alerting_gives_the_same_text(story):
    """What is kept can be compared."""
    _, alerting = told(story, restarts=False)
    text = to_json(alerting)

    assert from_json(text) == alerting
    assert to_json(from_json(text)) == text


def test_a_text_that_is_damaged_is_refused():
    """A store that was tampered with is not taken for an empty one."""
    with pytest.raises(ValueError, match="validation error"):
        from_json('{"alerts": 5}')
