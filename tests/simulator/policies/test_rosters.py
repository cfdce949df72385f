"""Servers added, capped and reserved: who is on duty when, by hand and against a brute-force roster."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewatch.config.calendars import WEEKDAYS
from gatewatch.config.loader import load_border
from gatewatch.config.schema import RosterRule
from gatewatch.config.units import Span
from gatewatch.simulator import make_plan
from gatewatch.simulator.policies.when import When, restated_servers

MONDAY = date(2025, 7, 7)
BORDER = """
[gates.a.stations.booth]
servers = 3
[gates.a.export.stages.booth]
service = <60 min>
"""


def on_duty(roster, day, minute):
    """Return the servers on duty at a minute of a day: of the rules that match the last one in the list."""
    if isinstance(roster, int):
        return roster
    found = 0
    for rule in roster:
        if _matches(rule, day, minute) or _matches(rule, day - timedelta(days=1), minute + 1_440):
            found = rule.servers
    return found


def _matches(rule, day, minute):
    within = rule.hours.from_min <= minute < rule.hours.to_min if rule.hours else minute < 1_440
    return rule.covers(day) and (rule.days is None or WEEKDAYS[day.weekday()] in rule.days) and within


def _wanted(when, day, minute):
    rule = RosterRule.model_construct(
        first=when.first, last=when.last, days=when.days and list(when.days), hours=when.hours, servers=1
    )
    return _matches(rule, day, minute) or _matches(rule, day - timedelta(days=1), minute + 1_440)


spans = st.builds(
    lambda begins, length: Span(begins * 60, (begins + length) * 60), st.integers(0, 23), st.integers(1, 24)
)
days = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True)
dates = (
    st.tuples(st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))
    .map(
        lambda pair: tuple(
            None if n is None else MONDAY + timedelta(days=n) for n in sorted(pair, key=lambda n: n or 0)
        )
    )
    .filter(lambda pair: pair[0] is None or pair[1] is None or pair[0] <= pair[1])
)
rules = st.builds(
    lambda between, on, hours, servers: RosterRule(
        first=between[0], last=between[1], days=on, hours=hours, servers=servers
    ),
    dates, st.none() | days, st.none() | spans, st.integers(0, 5),
)  # fmt: skip
whens = st.builds(
    lambda between, on, hours: When(between[0], between[1], None if on is None else tuple(on), hours),
    dates, st.none() | days, st.none() | spans,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(roster=st.integers(0, 5) | st.lists(rules, min_size=1, max_size=3), when=whens)
def test_a_roster_is_changed_at_the_wanted_hours_and_nowhere_else(roster, when):
    """Hour by hour over twelve days, hours past midnight and several rules included."""
    changed = restated_servers(roster, when, lambda servers: servers + 7)

    for n in range(12):
        for hour in range(24):
            day, minute = MONDAY + timedelta(days=n), hour * 60
            had_rule = isinstance(roster, int) or on_duty(
                [r.model_copy(update={"servers": 1}) for r in roster], day, minute
            )
            expected = on_duty(roster, day, minute) + (7 if had_rule and _wanted(when, day, minute) else 0)
            assert on_duty(changed, day, minute) == expected, (day, hour)


def test_servers_are_added_at_some_hours(builder, under, results):
    """Three booths and two more from ten to eleven: of six lorries at 09:30 the fourth and the fifth start at ten."""
    plan = _plan(builder, ["09:30"] * 6)
    started = results(under(plan, "extra_servers:stations=booth,servers=2,hours=10:00-11:00")).trace["started_us"]

    assert sorted(us / 3_600e6 for us in started) == pytest.approx([9.5, 9.5, 9.5, 10, 10, 10.5], abs=0.02)


def test_servers_are_taken_away_down_to_none_and_no_further(builder, under):
    """Three can go, at some hours."""
    plan = _plan(builder, ["09:30"])
    fewer = under(plan, "extra_servers:stations=booth,servers=-3,hours=10:00-11:00")

    assert [rule.servers for rule in fewer.loaded.border.gates["a"].stations["booth"].servers] == [3, 0]


def test_a_shock_caps_the_servers_from_day_to_day(builder, under, results):
    """Nobody works on the first day from ten on: who came at 10:30 starts at midnight."""
    plan = _plan(builder, ["09:30", "10:30"])
    shock = under(plan, "shock:stages=booth,servers_at_most=0,hours=10:00-24:00,from=2025-07-07,to=2025-07-07")
    started = results(shock).trace["started_us"]

    assert [us / 3_600e6 for us in started] == pytest.approx([9.5, 24], abs=0.02)


def test_reserved_servers_serve_their_classes_alone(builder, under, results):
    """Of three booths one is for fruit: three lorries of other goods take two booths and the third waits."""
    lorries = ["08:00 general", "08:00 general", "08:00 general", "08:10 fruit", "08:20 fruit"]
    plan = _plan(
        builder, lorries, "clears = false\n[gates.a.export.stages.out]\nservice = <0 min>\n[gates.a.stations.out]"
    )
    trace = results(under(plan, "priority:classes=fruit,stations=booth,reserved=1")).trace
    booths = trace[trace["stage"] != "out"].sort_values("vehicle")

    assert [us / 3_600e6 for us in booths["started_us"]] == pytest.approx([8, 8, 9, 8 + 1 / 6, 9 + 1 / 6], abs=0.03)
    assert list(booths["station"]) == ["booth"] * 3 + ["booth_reserved"] * 2


def test_classes_served_first_share_all_servers(builder, under, results):
    """Without servers of its own fruit passes the others in the queue."""
    lorries = ["08:00 general"] * 3 + ["08:10 general", "08:20 fruit"]
    trace = results(under(_plan(builder, lorries), "priority:classes=fruit,stations=booth")).trace

    assert trace["started_us"].to_numpy()[4] <= trace["started_us"].to_numpy()[3]


def _plan(builder, arrivals, more=""):
    return make_plan(load_border(builder.write(BORDER + more, arrivals)), "test")
