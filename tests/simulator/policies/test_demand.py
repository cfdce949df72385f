"""Policies that change who comes: how many, where to, when, and back with what."""

from datetime import timedelta

import pytest

BORDER = """
[gates.a.stations.booth]
servers = 9
[gates.a.export.stages.booth]
service = <1 min>
[gates.a.import.stages.booth]
service = <1 min>
[gates.b.stations.booth]
servers = 9
[gates.b.export.stages.booth]
service = <1 min>
[demand.test.flows.a_out]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 300 }
mix = { fruit = 1, container = 1, general = 1 }
[demand.test.flows.a_in]
gate = "a"
direction = "import"
arrivals = { kind = "poisson", per_day = 200 }
[demand.test.flows.b_out]
gate = "b"
direction = "export"
arrivals = { kind = "poisson", per_day = 60 }
"""


@pytest.fixture
def plan(builder):
    """Return ten days at two gates."""
    return builder.plan(BORDER, days=10)


def levels(plan):
    """Return the vehicles a day of each flow."""
    return {name: flow.arrivals.per_day for name, flow in plan.loaded.border.demand["test"].flows.items()}


def came(results, plan, by="class"):
    """Return how many arrived over the run, by class or by day."""
    trace = results(plan).trace
    first = trace[trace["visit"] == 1].drop_duplicates(["vehicle"])
    if by == "day":
        return (first["joined_us"] // 86_400_000_000).value_counts()
    return first[first["gate"] == "a"].groupby(["direction", by]).size()


def test_a_factor_on_all_is_a_factor_on_the_level(plan, under):
    """Of the gates and directions that are meant."""
    assert levels(under(plan, "demand_change:factor=1.2,gate=a,direction=export")) == {
        "a_out": 360, "a_in": 200, "b_out": 60,
    }  # fmt: skip


def test_a_factor_on_one_class_leaves_the_others(plan, under):
    """Fruit doubles: 100 become 200, the others stay at 100 each."""
    changed = under(plan, "demand_change:factor=2,gate=a,classes=fruit")
    flow = changed.loaded.border.demand["test"].flows["a_out"]

    assert flow.arrivals.per_day == pytest.approx(400)
    assert flow.mix == pytest.approx({"fruit": 0.5, "container": 0.25, "general": 0.25})


def test_between_dates_the_same_vehicles_come_before_and_after(plan, under, results):
    """Nobody comes on two days; on the others as many as ever, to the vehicle."""
    none = under(plan, "demand_change:factor=0,from=2025-07-10,to=2025-07-11")
    before, after = came(results, plan, "day"), came(results, none, "day")

    assert set(before.index) - set(after.index) == {3, 4}
    assert all(after[day] == before[day] for day in after.index)


def test_a_class_between_dates_is_changed_on_these_days_alone(plan, under, results):
    """No fruit on two of ten days, so about a fifth of it is missing; the days before stay as they were."""
    none = under(plan, "demand_change:factor=0,gate=a,direction=export,classes=fruit,from=2025-07-10,to=2025-07-11")
    before, after = came(results, plan)["export"], came(results, none)["export"]
    by_day = came(results, plan, "day"), came(results, none, "day")

    assert after["fruit"] == pytest.approx(0.8 * before["fruit"], rel=0.06)
    assert after["container"] == pytest.approx(before["container"], rel=0.06)
    assert by_day[1][0] == by_day[0][0]


def test_changes_of_one_class_on_overlapping_days_multiply_in_any_order(plan, under):
    """Neither is a conflict with the other."""
    changed = under(
        plan,
        "demand_change:factor=2,gate=a,direction=export,classes=fruit,from=2025-07-10,to=2025-07-11",
        "demand_change:factor=3,gate=a,direction=export,classes=fruit,from=2025-07-10,to=2025-07-11",
    )
    fruit = levels(changed)

    assert fruit["a_out_fruit_20250710_20250711"] == pytest.approx(300 * (1 + 1 + 6) / 3)


def test_two_way_haulage_takes_the_lorries_it_stands_in_for_off_the_other_direction(plan, under):
    """A quarter of 300 come back laden: 75 of 200 imports need no lorry of their own."""
    changed = under(plan, "two_way_haulage:gate=a,share=0.25")

    assert changed.loaded.border.gates["a"].export.laden_return == 0.25
    assert levels(changed)["a_in"] == pytest.approx(125)
    assert levels(under(plan, "two_way_haulage:gate=a,share=0.25,replaces=0"))["a_in"] == 200


def test_a_longer_stay_of_laden_returns_is_a_longer_stay_on_average(plan, under):
    """Half stay half as long again: 1.25 times on average, in the last stage on the way out."""
    stage = under(plan, "two_way_haulage:gate=a,share=0.5,stay=1.5").loaded.border.gates["a"].export.stages["booth"]

    assert [factor.factor for factor in stage.dates] == [1.25]


def test_an_automated_lane_takes_a_share_of_the_containers(plan, under, results):
    """A gate of its own that never closes: 20 % of 100 containers a day, and nothing else."""
    changed = under(plan, "automated_lane:gate=a,direction=export,share=0.2,gate_in=1,trip=30")
    trace = results(changed).trace
    lane = trace[trace["gate"] == "a_automated"]

    assert levels(changed)["a_out"] == pytest.approx(280)
    assert levels(changed)["a_out_to_a_automated"] == pytest.approx(20)
    assert set(lane["class"]) == {"container"}
    assert set(lane["stage"]) == {"gate_in_export", "carrier_export"}


def test_an_automated_lane_is_open_to_its_classes_where_gates_are_listed(builder, under):
    """Both sides let containers use gate a; its lane is added to the list."""
    plan = builder.plan(BORDER + '[eligibility]\ncontainer = ["a"]\n')

    assert under(plan, "automated_lane:gate=a,share=0.2").loaded.border.eligibility["container"] == ["a", "a_automated"]


def test_a_lane_has_the_hours_it_is_given(plan, under):
    """Without any it never closes."""
    border = under(plan, "automated_lane:gate=a,share=0.2,hours=18:30-20:30").loaded.border

    assert [str(span) for span in border.calendars["a_automated"].hours[0].open] == ["18:30-20:30"]
    assert border.gates["a_automated"].calendar == "a_automated"


def test_a_reopened_gate_takes_a_share_of_what_it_may_take(builder, under):
    """A tenth of fruit and other goods: containers are not let in by both sides."""
    shut = """
[gates.c]
dormant = true
[gates.c.stations.booth]
servers = 1
[gates.c.export.stages.booth]
service = <1 min>
"""
    plan = builder.plan(BORDER + shut + '[eligibility]\ncontainer = ["a", "b"]\n')
    changed = under(plan, "reopen_gate:gate=c,takes_from=a,share=0.1,hours=[08:00-12:00, 13:00-16:00]")
    gate = changed.loaded.border.gates["c"]

    assert not gate.dormant
    assert [str(s) for s in changed.loaded.border.calendars[gate.calendar].hours[0].open] == [
        "08:00-12:00",
        "13:00-16:00",
    ]
    assert levels(changed) == pytest.approx({"a_out": 280, "a_in": 200, "b_out": 60, "a_out_to_c": 20})
    assert set(changed.loaded.border.demand["test"].flows["a_out_to_c"].mix) == {"fruit", "general"}


def test_no_shows_book_again(plan, under, results):
    """Of 300 a day half book; with a fifth of the slots unused 187.5 slots bring 150 lorries."""
    changed = under(plan, "appointments:gate=a,direction=export,share=0.5,no_show=0.2,scatter=20,slots=08:00-12:00")
    booked = changed.loaded.border.demand["test"].flows["a_out_booked"].arrivals

    assert (booked.kind, booked.per_day, booked.no_show, booked.scatter) == ("appointments", 187.5, 0.2, 20)
    assert levels(changed)["a_out"] == 150
    assert came(results, changed)["export"].sum() == pytest.approx(came(results, plan)["export"].sum(), rel=0.05)


def test_slots_are_spread_over_the_slot_hours(plan, under, results):
    """Without scatter nobody who booked comes at another time; there are four hours of slots."""
    changed = under(plan, "appointments:gate=b,share=1,slots=08:00-12:00")
    trace = results(changed).trace
    hours = trace[trace["gate"] == "b"]["joined_us"] % 86_400_000_000 / 3_600e6

    assert hours.min() >= 8
    assert hours.max() < 12
    assert hours.mean() == pytest.approx(10, abs=0.05)


def test_booked_vehicles_have_done_at_home_what_others_do_at_the_gate(builder, under, results):
    """They are a class like theirs that passes the stage by; served by the same rules everywhere else."""
    papers = BORDER.replace("[gates.a.export.stages.booth]\nservice = <1 min>", """
[gates.a.stations.papers]
[gates.a.export.stages.papers]
service = <120 min>
[[gates.a.export.stages.booth.service]]
classes = ["fruit"]
law = <3 min>
[[gates.a.export.stages.booth.service]]
law = <1 min>
""")  # fmt: skip
    plan = builder.plan(papers, days=3)
    trace = results(under(plan, "appointments:gate=a,direction=export,classes=fruit,share=0.5,at_home=papers")).trace
    booked = trace[trace["class"] == "fruit_booked"]
    took = (booked["finished_us"] - booked["started_us"]).dropna()

    assert set(booked["stage"]) == {"booth"}
    assert set(trace[trace["class"] == "fruit"]["stage"]) == {"papers", "booth"}
    assert set(took) == {timedelta(minutes=3) // timedelta(microseconds=1)}
