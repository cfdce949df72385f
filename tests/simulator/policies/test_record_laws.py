"""What the record of the gates shows, on borders small enough to work out by hand."""

import pytest

from gatewatch.config.loader import shipped_border_folder

APRIL_2020 = [
    str(shipped_border_folder() / "policies" / f"{name}.toml") for name in ("five_hours_a_day", "weekends_shut")
]
BOOTH = """
[calendars.here]
hours = [{{ open = ["{hours}"] }}]
[calendars.there]
timezone = "Asia/Shanghai"
hours = [{{ open = ["{there}"] }}]
[gates.a]
calendar = "here"
counterpart = {{ calendar = "there" }}
[gates.a.stations.booth]
servers = {servers}
opens_with = "both"
{more}
[gates.a.export.stages.booth]
service = <{minutes} min>
clears = true
{stages}
[demand.test.flows.a]
gate = "a"
direction = "export"
arrivals = {{ kind = "{arrivals}", per_day = {per_day} }}
{mix}
"""
FAR_YARD = """
[gates.a.stations.unloading]
opens_with = "always"
[gates.a.yards.china]
kind = "counterpart"
"""
UNLOADING = """
[gates.a.export.stages.unloading]
service = <24 h>
yard = "china"
"""


def border(
    hours="07:00-17:00",
    there="08:00-18:00",
    servers=4,
    minutes=4,
    per_day=1_200,
    more="",
    stages="",
    mix="",
    arrivals="appointments",
):
    """Return a gate with one kind of booth, by default 60 vehicles an hour for ten hours, and 1,200 that come."""
    return BOOTH.format(
        hours=hours, there=there, servers=servers, minutes=minutes, per_day=per_day, more=more, stages=stages, mix=mix,
        arrivals=arrivals,
    )  # fmt: skip


def test_two_hours_more_at_a_saturated_gate_clear_two_hours_of_capacity_more(builder, under, cleared):
    """60 an hour: 600 a day become 720."""
    plan = builder.plan(border(), days=5)

    assert cleared(plan) == pytest.approx(600, abs=5)
    assert cleared(under(plan, "extended_hours:later=2")) - cleared(plan) == pytest.approx(120, abs=2)


def test_hours_of_one_side_alone_clear_nothing_more(builder, under, cleared):
    """A crossing needs both sides."""
    plan = builder.plan(border(), days=5)

    assert cleared(under(plan, "extended_hours:later=2,with_counterpart=false")) == cleared(plan)


@pytest.mark.parametrize("limit", ["accepts_per_day = 300", "places = 300"])
def test_longer_hours_gain_nothing_while_the_far_yard_is_full(limit, builder, under, cleared):
    """2014 and 2018: the yard takes 300 a day, or holds 300 for a day each, and two hours more are lost."""
    plan = builder.plan(border(more=FAR_YARD + limit, stages=UNLOADING), days=10)
    longer = under(plan, "extended_hours:later=2")

    assert cleared(plan) < 360
    assert cleared(longer) == pytest.approx(cleared(plan), abs=3)
    assert cleared(under(builder.plan(border(), days=10), "extended_hours:later=2")) > 700


def test_what_a_saturated_gate_clears_goes_with_its_open_hours(builder, under, cleared):
    """April 2020: from 8 h on 7 days to 5 h on 5 days, 130 to 150 a day become 58 to 67."""
    for before in (130, 140, 150):
        gate = border("08:00-16:00", "09:00-17:00", servers=1, minutes=480 / before, per_day=2 * before)
        plan = builder.plan(gate, days=14)
        after = cleared(under(plan, *APRIL_2020))

        assert cleared(plan) == pytest.approx(before, abs=2)
        assert after == pytest.approx(before * 25 / 56, abs=2)


TWO_GATES = """
[gates.b.stations.booth]
servers = 4
[gates.b.export.stages.booth]
service = <4 min>
[travel.road]
gates = ["a", "b"]
minutes = <30 min>
[eligibility]
general = ["a"]
"""


def test_diversion_moves_no_more_than_eligibility_and_compliance_allow(builder, under, results):
    """Half of the lorries may use the other gate, and 40 % of their drivers follow: one in five leaves, no other."""
    mix = "mix = { fruit = 1, general = 1 }"
    plan = builder.plan(border(mix=mix, arrivals="poisson") + TWO_GATES, days=5)
    sent = {}
    for compliance in (0, 0.4, 1):
        rule = f"diversion:gate=a,to=b,when_backlog_over=0,compliance={compliance}"
        trace = results(under(plan, rule)).trace
        first = trace[(trace["gate"] == "a") & (trace["visit"] == 1)]
        sent[compliance] = first.groupby("class")["outcome"].apply(lambda outcome: (outcome == "diverted").mean())

    assert sent[0].to_dict() == {"fruit": 0, "general": 0}
    assert sent[0.4]["fruit"] == pytest.approx(0.4, abs=0.03)
    assert sent[1]["fruit"] > 0.99
    assert sent[0.4]["general"] == sent[1]["general"] == 0


def test_a_halt_that_not_all_heed_lets_the_backlog_grow(builder, under, by_day):
    """
    1,200 come for 600 that are cleared.

    With 40 % staying away 720 still come; with 90 % the backlog falls, but not before those on the road have come.
    """
    plan = builder.plan(border(), days=6)
    halt = "intake_halt:classes=general,from=2025-07-09,to=2025-07-20,on_the_road=24,compliance="

    def backlog(plan):
        return dict(zip(["07", "08", "09", "10", "11", "12"], by_day(plan, "backlog_2000"), strict=True))

    loose, strict = backlog(under(plan, f"{halt}0.4")), backlog(under(plan, f"{halt}0.9"))
    noticed = backlog(under(plan, f"{halt}0.9,notice=24"))

    assert loose["12"] > loose["11"] > loose["10"] > loose["09"] + 50
    assert strict["09"] > strict["08"] + 400
    assert strict["12"] < strict["11"] < strict["10"]
    assert noticed["09"] < strict["09"] - 400


def test_booking_moves_the_wait_and_not_the_capacity(builder, under, results):
    """
    480 come around the clock for 600 that could be cleared.

    Booked for the open hours they hardly wait, and as many are cleared; where 1,200 come, booking clears no more.
    """
    booked = "appointments:share=1,slots=07:00-16:00"
    easy, full = builder.plan(border(per_day=480), days=6), builder.plan(border(), days=6)
    before, after = results(easy), results(under(easy, booked))
    saturated = [results(plan).find("cleared_per_day")["mean"] for plan in (full, under(full, booked))]

    assert after.find("cleared_per_day")["mean"] == pytest.approx(before.find("cleared_per_day")["mean"], abs=40)
    assert after.find("wait", "a", "export")["mean"] < before.find("wait", "a", "export")["mean"] / 10
    assert saturated[1] == pytest.approx(saturated[0], abs=2)


def test_slots_that_are_sold_out_leave_lorries_at_home(builder, under, cleared, by_day):
    """600 slots for 1,200 lorries: as many are cleared as before, and nearly nobody waits on the road."""
    plan = builder.plan(border(), days=6)
    booked = under(plan, "appointments:share=1,slots=07:00-17:00,slots_per_day=600")

    assert cleared(booked) == pytest.approx(cleared(plan), abs=5)
    assert max(by_day(booked, "backlog_2000")) < 10
    assert max(by_day(plan, "backlog_2000")) > 3_000


def test_lanes_gain_nothing_where_booths_bind(builder, under, cleared):
    """Ten more places before a booth that is busy all day: as many are cleared; two more booths clear half more."""
    lane = '[gates.a.yards.lane]\nplaces = 12\n[gates.a.stations.gate_in]\nservers = 4\nopens_with = "both"'
    stages = 'yard = "lane"\n[gates.a.export.stages.gate_in]\nservice = <1 min>\nyard = "lane"\n'
    plan = builder.plan(border(more=lane, stages=stages) + '[gates.a.export]\nroute = ["gate_in", "booth"]', days=5)

    assert cleared(under(plan, "yard_places:yards=lane,places=10")) == pytest.approx(cleared(plan), abs=3)
    assert cleared(under(plan, "extra_servers:stations=booth,servers=2")) - cleared(plan) > 200
