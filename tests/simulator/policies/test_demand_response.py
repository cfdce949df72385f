"""What demand does when hours change: nothing, shift, or grow."""

import numpy as np
import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.simulator.policies import respond
from gatewatch.simulator.policies.demand_response import openings, stretched_weights

BORDER = """
[calendars.here]
hours = [{ open = ["08:00-18:00"] }]
[gates.a]
calendar = "here"
[gates.a.stations.booth]
servers = 9
[gates.a.export.stages.booth]
service = <1 min>
[hour_profiles.day]
weights = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
[demand.test.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 200, hours = "day" }
"""


@pytest.fixture
def plan(builder):
    """Return a week at a gate to which lorries come while it is open."""
    return builder.plan(BORDER, days=7)


def flows(plan):
    """Return the flows of the plan."""
    return plan.loaded.border.demand["test"].flows


def test_fixed_demand_is_the_plan_as_it_is(plan, under):
    """Nothing answers."""
    later = under(plan, "extended_hours:later=2")

    assert respond(plan, later, "fixed") is later


def test_without_other_hours_nobody_answers(plan, under):
    """More servers change no demand."""
    more = under(plan, "extra_servers:stations=booth,servers=1")

    assert respond(plan, more, "shifts") is more
    assert respond(plan, more, "latent") is more


def test_latent_demand_grows_with_the_open_hours(plan, under, results):
    """Two hours more on ten are 20 %; with an elasticity of 0.5 demand grows by a tenth."""
    after = respond(plan, under(plan, "extended_hours:later=2"), "latent", elasticity=0.5)
    (dated,) = flows(after)["a"].arrivals.dates

    assert dated.factor == pytest.approx(1.1)
    assert len(results(after).trace) == pytest.approx(1.1 * len(results(plan).trace), rel=0.02)
    assert after.policies[-1] == "demand_response:mode=latent,elasticity=0.5"
    assert after.loaded.sha256 != under(plan, "extended_hours:later=2").loaded.sha256


def test_latent_demand_grows_on_the_days_with_longer_hours_only(plan, under):
    """Tuesday and Wednesday are one stretch of days."""
    later = under(plan, "extended_hours:later=5,from=2025-07-08,to=2025-07-09")
    dates = flows(respond(plan, later, "latent"))["a"].arrivals.dates

    assert [(d.first.day, d.last.day, d.factor) for d in dates] == [(8, 9, 1.5)]


def test_arrivals_shift_into_the_new_hours(plan, under, results):
    """As many come, spread over twelve hours instead of ten."""
    after = respond(plan, under(plan, "extended_hours:later=2"), "shifts")
    joined = results(after).trace["joined_us"] % 86_400_000_000 / 3_600e6
    before = results(plan).trace["joined_us"]

    assert len(joined) == len(before)
    assert (joined.min(), joined.max()) == (pytest.approx(8, abs=0.1), pytest.approx(20, abs=0.1))
    assert joined.mean() == pytest.approx(14, abs=0.2)


def test_arrivals_shift_on_the_days_with_other_hours_only(plan, under, results):
    """On the other days the same vehicles come at the same times."""
    after = respond(plan, under(plan, "extended_hours:later=4,from=2025-07-08,to=2025-07-09"), "shifts")
    trace, old = results(after).trace, results(plan).trace
    day, late = trace["joined_us"] // 86_400_000_000, trace["joined_us"] % 86_400_000_000 > 18 * 3_600_000_000
    others = ~day.isin([1, 2])

    assert set(day[late]) == {1, 2}
    assert sorted(trace["joined_us"][others]) == sorted(
        us for us in old["joined_us"] if us // 86_400_000_000 not in (1, 2)
    )


def test_a_stretched_profile_keeps_the_shares_of_night_and_day():
    """A third comes before the opening, half while it is open, the rest after: each part is stretched by itself."""
    weights = [2.0] * 8 + [3.0] * 8 + [1.0] * 8  # 00-08, 08-16, 16-24
    new = np.array(stretched_weights(weights, (480, 960, 360, 1_200)))

    assert new.sum() == pytest.approx(1)
    assert new[:24].sum() == pytest.approx(16 / 48)
    assert new[24:80].sum() == pytest.approx(24 / 48)
    assert stretched_weights(weights, (480, 960, 480, 960)) == pytest.approx(
        [w / 48 / 4 for w in np.repeat(weights, 4)]
    )


def test_a_night_that_is_no_more_gives_its_arrivals_to_the_first_quarter():
    """A gate that opens at midnight has nobody before."""
    new = stretched_weights([1.0], (480, 1_440, 0, 1_440))

    assert sum(new) == pytest.approx(1)
    assert new[0] > 1 / 3


def test_openings_are_those_of_both_sides_and_hours_past_midnight_are_the_day_before(builder):
    """The other side opens at nine; imports go on until two in the night."""
    plan = builder.plan(
        BORDER.replace("[gates.a]", '[calendars.there]\nhours = [{ open = ["09:00-02:00"] }]\n[gates.a]')
        .replace('calendar = "here"', 'calendar = "here"\ncounterpart = { calendar = "there" }')
        .replace('["08:00-18:00"]', '["08:00-04:00"]')
    )

    assert [(o.begins, o.ends, o.open_min) for o in openings(plan, "a", "export") if o] == [(540, 1_560, 1_020)] * 2


def test_a_gate_that_never_closes_is_open_all_day(builder):
    """Every day from midnight to midnight."""
    plan = builder.plan(BORDER.replace('calendar = "here"', ""))

    assert [o.open_min for o in openings(plan, "a", "export") if o] == [1_440] * 2


def test_an_unknown_response_is_refused_with_the_nearest(plan):
    """The three modes are named."""
    with pytest.raises(ConfigError, match='Did you mean "shifts"'):
        respond(plan, plan, "shift")
