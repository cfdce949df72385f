"""Forecasts that can be worked out by hand, or whose law is known."""

from datetime import time

import numpy as np
import pytest
from scipy import stats

from gatewatch.config.units import Span
from gatewatch.simulator.forecasting import Band, HoursOn, OnDuty, VehiclesAt
from gatewatch.simulator.replications import ENGINES
from tests.simulator.forecasting.conftest import MONDAY_17, foretell, now_of

HOUR_S = 3_600
CONSTANT_40 = '{ law = "constant", value = 40, unit = "min" }'
SERVED = VehiclesAt(stage="booth", count=2, waited_s=(300.0, 0.0), served_s=(600.0, 1_500.0))
WAITING = VehiclesAt(stage="booth", count=3, waited_s=(900.0, 600.0, 300.0))
NIGHT_S = 14 * HOUR_S


@pytest.fixture(params=ENGINES)
def engine(request):
    """Return each engine: what is worked out by hand holds for every one."""
    return request.param


def test_known_services_give_the_times_worked_out_by_hand(make_border, engine):
    """
    Two servers of 40 min at 17:00, with 30 and 15 min left, three waiting, and one that joins now.

    The three start at 17:15, 17:30 and 17:55; the second and third are finished after the close, at 18:10 and 18:35.
    Whoever joins now is too late, and starts at eight.
    """
    found = foretell(now_of(SERVED, WAITING), make_border(CONSTANT_40, 2), replications=3, engine=engine)
    flow = found.flow("a", "export")

    assert flow["hours"]["backlog"]["p10"][:4] == [5, 2, 0, 0]
    assert flow["hours"]["backlog"]["p90"][:4] == [5, 2, 0, 0]
    assert flow["hours"]["queue"]["p50"][:2] == [3, 0]
    assert flow["close"]["at"] == "2025-07-07T11:00:00+00:00"
    assert flow["close"]["backlog"] == {"p10": 2, "p50": 2, "p90": 2}
    assert flow["time_to_clear_s"] == {"p10": 5_700, "p50": 5_700, "p90": 5_700, "beyond": 0}
    assert flow["p_cleared_today"] == 1
    assert flow["joining"]["wait_s"]["p50"] == 15 * HOUR_S
    assert flow["joining"]["crossing_s"]["p50"] == 15 * HOUR_S + 2_400
    assert flow["joining"]["p_not_today"] == 1


def test_an_extension_in_force_lets_the_last_one_cross_today(make_border):
    """Both sides close at eight in the evening: whoever joins now starts at 18:10."""
    late = [
        HoursOn(gate="a", side=side, day=MONDAY_17.date(), open=[Span(480, 1_200)]) for side in ("own", "counterpart")
    ]
    found = foretell(now_of(SERVED, WAITING, hours=tuple(late)), make_border(CONSTANT_40, 2), replications=2)

    assert found.flow("a", "export")["joining"]["wait_s"]["p50"] == 70 * 60
    assert found.flow("a", "export")["joining"]["p_not_today"] == 0


def test_the_side_that_closes_first_decides(make_border):
    """Only this side stays open: nothing is gained."""
    late = HoursOn(gate="a", side="own", day=MONDAY_17.date(), open=[Span(480, 1_200)])
    found = foretell(now_of(SERVED, WAITING, hours=(late,)), make_border(CONSTANT_40, 2), replications=2)

    assert found.flow("a", "export")["joining"]["wait_s"]["p50"] == 15 * HOUR_S


def test_servers_on_duty_hold_until_midnight(make_border):
    """A third server takes one of the three at once: they start at 17:00, 17:15, 17:30, the one that joins at 17:40."""
    more = (OnDuty(gate="a", station="booth", servers=3),)
    found = foretell(now_of(SERVED, WAITING, on_duty=more), make_border(CONSTANT_40, 2), replications=2)

    assert found.flow("a", "export")["joining"]["wait_s"]["p50"] == 40 * 60


def test_a_policy_is_told_beside_doing_nothing_on_the_same_vehicles(make_border):
    """Two hours later with the other side's consent: one more crosses today; the difference has no spread."""
    policy = "extended_hours:gate=a,later=2"
    found = foretell(now_of(SERVED, WAITING), make_border(CONSTANT_40, 2), policy, replications=3)

    assert found.flow("a", "export", policy)["joining"]["wait_s"]["p50"] == 70 * 60
    assert found.flow("a", "export", policy)["close"]["at"] == "2025-07-07T13:00:00+00:00"
    [row] = [row for row in found.differences if row["what"] == "backlog_at_close"]
    assert (row["mean"], row["is_clear"]) == (-2, True)


BEHIND_20 = (
    VehiclesAt(stage="booth", count=4, served_s=(60.0, 120.0, 5.0, 900.0)),
    VehiclesAt(stage="booth", count=20, waited_s=tuple(float(60 * n) for n in range(20, 0, -1))),
)
EXPONENTIAL_10 = '{ law = "exponential", mean = 10, unit = "min" }'
ERLANG_21 = stats.gamma(21, scale=10 * 60 / 4)  # the 21st of the departures of four busy servers


def _waits(found):
    return np.array(found.flow("a", "export")["joining"]["sample_wait_s"], dtype=float)


def test_behind_twenty_others_at_four_exponential_servers_the_wait_is_erlang(make_border):
    """Four are served, twenty wait: whoever joins starts with the 21st departure, at four servers' rate."""
    at = MONDAY_17.replace(hour=9)
    border = make_border(EXPONENTIAL_10, 4)
    waits = _waits(foretell(now_of(*BEHIND_20, at=at), border, replications=500, horizon_h=8))

    assert len(waits) == 500
    assert stats.kstest(waits, ERLANG_21.cdf).pvalue > 0.01


def test_a_closing_in_between_moves_the_erlang_wait_by_the_night(make_border):
    """At five, an hour before a close that stops work: those not started by six start so much later next morning."""
    border = make_border(EXPONENTIAL_10, 4, "freeze")
    waits = _waits(foretell(now_of(*BEHIND_20), border, replications=500))
    is_late = waits > HOUR_S

    assert waits[is_late].min() >= HOUR_S + NIGHT_S
    assert stats.kstest(np.where(is_late, waits - NIGHT_S, waits), ERLANG_21.cdf).pvalue > 0.01
    assert stats.binomtest(int(is_late.sum()), len(waits), ERLANG_21.sf(HOUR_S)).pvalue > 0.01


def test_the_rest_of_a_service_is_drawn_given_what_was_served(make_border):
    """One server, a skewed law of mean 30 min, 50 min served: what is left follows S - a given S > a."""
    border = make_border('{ law = "lognormal", mean = 30, cv = 1.2, unit = "min" }')
    served = VehiclesAt(stage="booth", count=1, served_s=(3_000.0,))
    waits = _waits(foretell(now_of(served, at=MONDAY_17.replace(hour=8)), border, replications=500, horizon_h=10))
    sigma = np.sqrt(np.log1p(1.2**2))
    law = stats.lognorm(sigma, scale=30 * 60 / np.exp(sigma**2 / 2))
    within = waits < 10 * HOUR_S  # beyond lies the close; what is begun is finished, who waits stays the night

    def cdf(seconds):
        return 1 - law.sf(seconds + 3_000.0) / law.sf(3_000.0)

    assert within.mean() > 0.99
    assert stats.kstest(waits[within], lambda s: cdf(s) / cdf(10 * HOUR_S)).pvalue > 0.01


def test_each_replication_starts_from_a_draw_inside_the_band(make_border):
    """A backlog of 200 with a band of 33 on each side that holds nine in ten: a standard deviation of 20."""
    band = Band(value=200.0, low=167.0, high=233.0)
    found = foretell(now_of(backlog=band, at=MONDAY_17.replace(hour=3)), make_border(CONSTANT_40), replications=500)
    levels = np.array(found.flow("a", "export")["backlog_levels"][0])

    assert np.allclose(levels, stats.norm(200, 20).ppf(np.arange(1, 20) / 20), atol=4.5)


def test_a_backlog_without_width_stands_as_it_was_counted(make_border):
    """Twelve are known one by one, fifteen were counted: three more wait somewhere."""
    band = Band(value=15.0, low=15.0, high=15.0)
    known = VehiclesAt(stage="booth", count=12, waited_s=(60.0,) * 12)
    found = foretell(now_of(known, backlog=band), make_border(CONSTANT_40), replications=5)

    assert found.flow("a", "export")["hours"]["backlog"]["p10"][0] == 15
    assert found.flow("a", "export")["hours"]["backlog"]["p90"][0] == 15


def test_two_engines_give_the_same_bytes(make_border):
    """All but the name of the engine."""
    band = Band(value=15.0, low=10.0, high=20.0)
    border = make_border(EXPONENTIAL_10, 2, per_day=100.0)
    now, policy = now_of(backlog=band, at=MONDAY_17.replace(hour=16)), "extended_hours:gate=a,later=1"
    one, other = (foretell(now, border, policy, replications=4, engine=name) for name in ENGINES)

    assert one.flows == other.flows
    assert one.yards == other.yards
    assert one.differences == other.differences


def test_time_of_day_is_local(make_border):
    """The close of six in the evening in Hanoi is eleven UTC."""
    found = foretell(now_of(backlog=Band(value=1.0, low=1.0, high=1.0)), make_border(CONSTANT_40), replications=1)

    assert found.flow("a", "export")["close"]["at"].endswith(f"T{time(11).isoformat()}+00:00")
