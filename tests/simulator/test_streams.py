"""Common random numbers: a change of one thing leaves everything else of every vehicle as it was."""

import numpy as np
import pytest

from gatewatch.simulator.draws import draw
from gatewatch.simulator.network import build_network
from gatewatch.simulator.streams import DRAWS_PER_DAY, Streams

BORDER = """
[gates.a.stations.gate_in]
servers = 1
[gates.a.stations.booth]
servers = SERVERS
[gates.a.export.selectivity]
"*" = { green = 0.6, yellow = 0.3, red = 0.1 }
[gates.a.export.patience]
"*" = { law = "exponential", mean = 3, unit = "h" }
[gates.a.export.stages.gate_in]
service = { law = "gamma", mean = 2, cv = 0.5, unit = "min" }
[gates.a.export.stages.booth]
service = { law = "exponential", mean = 5, unit = "min" }
next = [{ to = "gate_in", share = 0.2 }]
[demand.test.flows.lorries]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = PER_DAY, day_factor_cv = 0.2 }
mix = { fruit = 1.0, general = 2.0 }
"""
SECOND_GATE = """
[gates.b.stations.booth]
[gates.b.export.stages.booth]
service = { law = "exponential", mean = 5, unit = "min" }
[demand.test.flows.another]
gate = "b"
direction = "export"
arrivals = { kind = "poisson", per_day = 100 }
"""


def border(servers="2", per_day="300", more=""):
    """Return the border with some servers at the booth and some vehicles a day."""
    return BORDER.replace("SERVERS", servers).replace("PER_DAY", per_day) + more


def drawn(builder, text, replication=0, days=3, **options):
    """Return the draws of a replication."""
    plan = builder.plan(text, days=days, **options)
    return draw(build_network(plan.loaded, plan), plan, replication)


def vehicles(draws, group=0):
    """Return what is drawn of each vehicle of a group, by its arrival."""
    return {
        int(draws.arrival_us[n]): (
            draws.classes[n],
            draws.channels[n],
            draws.patience_us[n],
            draws.visits.stage[draws.visits.start[n] : draws.visits.start[n + 1]].tolist(),
            draws.visits.service_us[draws.visits.start[n] : draws.visits.start[n + 1]].tolist(),
        )
        for n in np.flatnonzero(draws.group == group)
    }


def test_the_same_seed_and_replication_give_the_same_vehicles(builder):
    """To the last bit."""
    assert vehicles(drawn(builder, border())) == vehicles(drawn(builder, border()))


def test_another_replication_or_seed_gives_other_vehicles(builder):
    """No arrival in common."""
    first = vehicles(drawn(builder, border()))
    second, reseeded = vehicles(drawn(builder, border(), 1)), vehicles(drawn(builder, border(), seed=2))

    assert not set(first) & set(second)
    assert not set(first) & set(reseeded)


@pytest.mark.parametrize("servers", ["1", '"unlimited"', '[{ servers = 1 }, { hours = "08:00-17:00", servers = 9 }]'])
def test_other_servers_meet_the_same_vehicles(builder, servers):
    """Arrivals, classes, channels, patience, ways and services are the same."""
    assert vehicles(drawn(builder, border(servers))) == vehicles(drawn(builder, border()))


def test_another_gate_leaves_the_vehicles_of_the_first_as_they_were(builder):
    """A gate and a flow more."""
    assert vehicles(drawn(builder, border(more=SECOND_GATE))) == vehicles(drawn(builder, border()))


def test_more_demand_keeps_the_vehicles_there_were(builder):
    """A tenth more a day: the old vehicles come at their old times with their old services."""
    less, more = vehicles(drawn(builder, border())), vehicles(drawn(builder, border(per_day="330")))

    assert less.items() <= more.items()
    assert len(more) / len(less) == pytest.approx(1.1, abs=0.03)


def test_a_longer_run_begins_with_the_same_vehicles(builder):
    """Each day has its own place in every stream."""
    short, long = vehicles(drawn(builder, border())), vehicles(drawn(builder, border(), days=9))

    assert {at: vehicle for at, vehicle in long.items() if at < 3 * 86_400_000_000} == short


def test_a_shorter_service_keeps_the_slow_vehicles_slow(builder):
    """Half the mean is half of each vehicle's service, and the other stage is not touched."""
    before = drawn(builder, border()).visits
    after = drawn(builder, border().replace("mean = 5", "mean = 2.5")).visits
    at_booth = before.stage == 1

    assert np.array_equal(before.stage, after.stage)
    assert np.abs(before.service_us[at_booth] / 2 - after.service_us[at_booth]).max() <= 1
    assert np.array_equal(before.service_us[~at_booth], after.service_us[~at_booth])


def test_a_larger_share_that_goes_back_keeps_those_who_went_back_before(builder):
    """Whoever failed the check at a fifth fails it at three tenths."""
    few = drawn(builder, border()).visits
    many = drawn(builder, border().replace("share = 0.2", "share = 0.3")).visits

    assert (np.diff(many.start) >= np.diff(few.start)).all()
    assert len(many.stage) > len(few.stage)


def test_a_stream_is_found_by_its_address():
    """Purpose, flow and replication tell streams apart; the order of asking does not matter."""
    streams = Streams(seed=1, replication=0)
    service = streams.uniforms([5], "lorries", "service")
    streams.uniforms([1_000], "lorries", "patience")

    assert np.array_equal(streams.uniforms([5], "lorries", "service"), service)
    assert not np.array_equal(streams.uniforms([5], "lorries", "class"), service)
    assert not np.array_equal(streams.uniforms([5], "service", "lorries"), service)
    assert not np.array_equal(Streams(1, 1).uniforms([5], "lorries", "service"), service)


def test_each_day_has_its_place_in_a_stream():
    """How many are drawn on other days moves nothing; the days are sixteen million draws apart."""
    streams = Streams(seed=3, replication=0)
    one, other = streams.uniforms([4, 2, 3], "x"), streams.uniforms([1, 0, 5], "x")

    assert one[0] == other[0]
    assert np.array_equal(one[6:9], other[1:4])
    generator = streams.generator("x")
    generator.bit_generator.advance(2 * DRAWS_PER_DAY)
    assert np.array_equal(generator.random(3), one[6:9])


def test_streams_are_uniform():
    """Across replications and days: a Kolmogorov distance that chance gives once in a thousand at most."""
    found = np.concatenate([Streams(1, n).uniforms([3] * 20, "x") for n in range(300)])
    empirical = np.arange(1, len(found) + 1) / len(found)

    assert np.abs(np.sort(found) - empirical).max() < 1.95 / len(found) ** 0.5
