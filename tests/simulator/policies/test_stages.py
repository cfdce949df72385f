"""Policies that change stages, yards and the other side: how long, for whom, how many."""

import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan

BORDER = """
[gates.a.stations]
desk.servers = 1
booth.servers = 9
china.servers = 2
china.opens_with = "counterpart"
[gates.a.yards.far]
kind = "counterpart"
places = 40
[gates.a.yards.near]
[gates.a.export]
route = ["desk", "booth", "china"]
[gates.a.export.stages]
desk.service = <10 min>
booth.service = <5 min>
booth.clears = true
china.service = <20 min>
china.yard = "far"
"""
US_PER_MIN = 60_000_000


@pytest.fixture
def plan(builder):
    """Return two days with a lorry every hour, fruit and other goods in turn."""
    lorries = [f"{n // 24}+{n % 24:02d}:30 {'general' if n % 2 else 'fruit'}" for n in range(40)]
    return make_plan(load_border(builder.write(BORDER, lorries)), "test")


def minutes(results, plan, stage):
    """Return the service times at a stage [min], in the order of the vehicles."""
    trace = results(plan).trace
    at = trace[(trace["stage"] == stage) & trace["finished_us"].notna()].sort_values("vehicle")
    return [float(us) / US_PER_MIN for us in at["finished_us"] - at["started_us"]]


def test_a_factor_makes_a_stage_faster_for_all_or_for_a_class(plan, under, results):
    """Ten minutes become five, for fruit alone every second time."""
    assert set(minutes(results, under(plan, "service_change:stages=desk,factor=0.5"), "desk")) == {5}
    assert minutes(results, under(plan, "service_change:stages=desk,factor=0.5,classes=fruit"), "desk")[:4] == [
        5,
        10,
        5,
        10,
    ]


def test_a_factor_between_dates_holds_for_those_who_arrive_then(plan, under, results):
    """The second day only."""
    changed = minutes(results, under(plan, "service_change:stages=desk,factor=2,from=2025-07-08"), "desk")

    assert (changed[:24], set(changed[24:])) == ([10] * 24, {20})


def test_another_law_takes_the_place_of_the_old_one(plan, under, results):
    """A constant of two minutes."""
    law = 'service_change:stages=desk,law={law="constant",value=2,unit="min"}'

    assert set(minutes(results, under(plan, law), "desk")) == {2}


def test_a_share_of_the_vehicles_is_served_in_the_other_way(plan, under, results):
    """Of the 40 lorries those declared and ready, 0.8 times 0.75 of them, take five minutes at the same desk."""
    changed = under(plan, "service_change:stages=desk,factor=0.5,share=0.8,not_ready=0.25")
    trace = results(changed).trace
    quick, slow = (trace[trace["stage"] == stage] for stage in ("desk_declared", "desk"))

    assert set(minutes(results, changed, "desk")) == {10}
    assert set(minutes(results, changed, "desk_declared")) == {5}
    assert len(quick) + len(slow) == 40
    assert len(quick) == pytest.approx(0.6 * 40, abs=9)
    assert set(quick["station"]) == set(slow["station"]) == {"desk"}
    assert (trace[trace["stage"] == "booth"]["outcome"] == "cleared").sum() >= 39


def test_the_share_goes_on_to_where_the_stage_leads(plan, under, results):
    """Every lorry goes through the booth once, whichever way it took before."""
    trace = results(under(plan, "service_change:stages=desk,factor=0.5,share=0.5")).trace

    assert trace[trace["stage"] == "booth"]["vehicle"].value_counts().max() == 1
    assert trace[trace["stage"] == "booth"]["vehicle"].nunique() == 40


def test_the_counterpart_gets_channels_places_and_a_cap(plan, under):
    """Channels are added, places and acceptance are new numbers; on some days only where dates are given."""
    gate = under(plan, "counterpart_capacity:servers=3,factor=0.5,places=60").loaded.border.gates["a"]
    dated = under(plan, "counterpart_capacity:accepts_per_day=5,places=9,from=2025-07-08").loaded.border.gates["a"]
    capped = under(plan, "shock:accepts_at_most=7,from=2025-07-08,to=2025-07-08").loaded.border.gates["a"]

    assert (gate.stations["china"].servers, gate.stations["booth"].servers) == (5, 9)
    assert (gate.yards["far"].places, gate.export.stages["china"].dates[0].factor) == (60, 0.5)
    assert [rule.places for rule in dated.yards["far"].places] == [40, 9]
    assert [(rule.first.day, rule.accepts_per_day) for rule in dated.yards["far"].accepts_per_day] == [(8, 5)]
    assert [(rule.last.day, rule.accepts_per_day) for rule in capped.yards["far"].accepts_per_day] == [(8, 7)]


def test_a_cap_lets_in_no_more_a_day(builder, under, by_day):
    """24 ask each day, 5 are let in on the second."""
    lorries = [f"{n // 24}+{n % 24:02d}:30" for n in range(48)]
    plan = make_plan(load_border(builder.write(BORDER, lorries)), "test")
    capped = under(plan, "counterpart_capacity:accepts_per_day=5,from=2025-07-08")

    assert by_day(capped, "cleared") == [24, 5]


def test_places_are_added_and_taken_away_in_any_order(plan, under):
    """Forty, ten more, and twenty fewer on one day."""
    texts = ["yard_places:yards=far,places=10", "yard_places:yards=far,places=-20,from=2025-07-08,to=2025-07-08"]
    places = [under(plan, *order).loaded.border.gates["a"].yards["far"] for order in (texts, texts[::-1])]

    for yard in places:
        assert [yard.places_on(day) for day in (plan.scenario.start, plan.scenario.start.replace(day=8))] == [50, 30]


def test_a_park_holds_so_many_and_calls_forward_at_another_level(builder, under):
    """Places of the park, and the level of the yard behind it."""
    park = (
        BORDER.replace('route = ["desk"', 'route = ["park", "desk"')
        + """
park.yard = "outside"
desk.yard = "near"
[gates.a.stations.park]
holds = true
[gates.a.yards.outside]
places = 100
"""
    )
    plan = make_plan(load_border(builder.write(park, ["08:00"])), "test")
    yards = under(plan, "off_site_hold:places=150,keep=3").loaded.border.gates["a"].yards

    assert (yards["outside"].places, yards["near"].keep) == (150, 3)


def test_a_gate_closes_later_by_a_rule(builder, under, by_day):
    """Three wait at 17:30 and one would do: the gate closes an hour later, and one more is cleared."""
    border = """
[calendars.day]
hours = [{ open = ["08:00-18:00"] }]
[gates.a]
calendar = "day"
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = <60 min>
"""
    plan = make_plan(load_border(builder.write(border, ["15:00"] * 5, days=1)), "test")
    later = under(plan, "responsive_hours:over=1,later=1")

    assert by_day(plan, "cleared") == [3]
    assert by_day(later, "cleared") == [4]


def test_servers_go_over_to_the_longer_queue(builder, under, results):
    """Imports stand idle: one of their two booths goes over to the exports."""
    border = """
[gates.a.stations]
out.servers = 1
in.servers = 2
[gates.a.export.stages.out]
service = <30 min>
[gates.a.import.stages.in]
service = <30 min>
"""
    arrivals = {"a export": ["08:00"] * 8, "a import": ["07:00"]}
    plan = make_plan(load_border(builder.write(border, arrivals, days=1)), "test")
    tidal = under(plan, "reversible_servers:between=[out, in],over=2,check_every=15")
    last = [results(p).trace["finished_us"].max() / 3_600e6 for p in (plan, tidal)]

    assert last[0] == pytest.approx(12, abs=0.02)
    assert last[1] < 10.6
