"""Policies applied to a plan: in order, checked, with origins; conflicts and what does not fit are refused."""

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan
from gatewatch.simulator.policies.conflicts import first_difference


@pytest.fixture
def july(shipped):
    """Return the plan of July 2025 at the four gates."""
    return make_plan(shipped, "july_2025")


def refused(under, plan, *texts):
    """Return what is said of policies that cannot be applied."""
    with pytest.raises(ConfigError) as error:
        under(plan, *texts)
    return [str(fault) for fault in error.value.faults]


def test_policies_that_commute_compose_in_any_order(july, under):
    """Hours, servers, demand and service times of one gate together, in five orders: the same border."""
    texts = [
        "extended_hours:gate=huu_nghi,later=1",
        "extra_servers:gate=huu_nghi,stations=quarantine,servers=3,hours=08:00-12:00",
        "demand_change:gate=huu_nghi,factor=1.1",
        "service_change:gate=huu_nghi,stages=quarantine,factor=0.8",
    ]
    orders = [*(texts[n:] + texts[:n] for n in range(len(texts))), texts[::-1]]
    borders = [under(july, *order).loaded.border for order in orders]

    assert [first_difference(borders[0], border, july.clock) for border in borders] == [None] * len(borders)


def test_the_plan_names_its_policies_in_order(july, under):
    """Each as `find_policy` reads it; the hash depends on them."""
    plan = under(july, "huu_nghi_two_hours_later", "lunch_worked")

    assert [text.partition(":")[0] for text in plan.policies] == ["extended_hours", "work_through_lunch"]
    assert plan.loaded.sha256 != under(july, "huu_nghi_two_hours_later").loaded.sha256
    assert plan.loaded.sha256 == under(july, "huu_nghi_two_hours_later", "lunch_worked").loaded.sha256


def test_policies_are_applied_to_a_plan_that_has_some(july, under):
    """The second call goes on where the first ended."""
    at_once = under(july, "huu_nghi_two_hours_later", "more_quarantine")
    in_turn = under(under(july, "huu_nghi_two_hours_later"), "more_quarantine")

    assert in_turn == at_once


def test_two_policies_that_set_one_thing_differently_are_in_conflict(july, under):
    """Both are named, and what they both change."""
    (fault,) = refused(under, july, "extended_hours:gate=huu_nghi,closes=21:00", "extended_hours:gate=huu_nghi,later=2")

    assert fault.startswith(
        "policy extended_hours:gate=huu_nghi,closes=21:00 is in conflict with policy extended_hours"
    )
    assert "gate=huu_nghi,later=2: both change gates.huu_nghi.calendar, and their order matters" in fault


@pytest.mark.parametrize(
    ("first", "second", "thing"),
    [
        ("call_forward_early", "off_site_hold:gate=huu_nghi,keep=90", "gates.huu_nghi.yards.export_yard.keep"),
        ("fruit_first", "priority:gate=chi_ma,classes=container", "gates.chi_ma.stations.gate_in.priority"),
        ("puzhai_cap_300", "puzhai_cap_300:accepts_per_day=250", "gates.tan_thanh.yards.counterpart_yard"),
        ("more_border_guards", "shock:stages=border_guard,servers_at_most=3", "stations.border_guard_out.servers"),
        ("fruit_to_tan_thanh", "fruit_to_tan_thanh:compliance=0.4", "diversions.huu_nghi_to_tan_thanh_export_fruit"),
        ("two_way_quarter", "two_way_quarter:share=0.5", "export.laden_return"),
        ("huu_nghi_later_when_full", "huu_nghi_later_when_full:decides_at=16:00", "responsive_hours"),
    ],
)
def test_a_conflict_is_found_whatever_the_kinds(first, second, thing, july, under):
    """There is one mechanism for all: the same two in the other order give another border."""
    (fault,) = refused(under, july, first, second)

    assert f"both change {thing}" in fault or thing in fault.partition("both change ")[2]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("lunch_kept", "lunch_worked", "one keeps the lunch hours that the other works through"),
        ("work_through_lunch:works=false,gate=[huu_nghi,chi_ma]", "lunch_worked:gate=huu_nghi", "one keeps the lunch"),
        ("huu_nghi_six_lanes", "huu_nghi_fourteen_lanes", "they are the same thing done in two ways"),
        ("shared_data:factor=0.9", "without_shared_data", "they are the same thing done in two ways"),
    ],
)
def test_policies_that_say_the_opposite_are_in_conflict_though_their_order_would_not_matter(
    first, second, said, july, under
):
    """Lunch kept and worked through, four lanes made six and fourteen: both are named, in either order."""
    for pair in ((first, second), (second, first)):
        (fault,) = refused(under, july, *pair)

        assert fault == f"policy {pair[0]} is in conflict with policy {pair[1]}: {fault.split(': ')[-1]}"
        assert said in fault
        assert fault.endswith("; leave one of them out.")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("work_through_lunch:works=false,gate=huu_nghi", "lunch_worked:gate=tan_thanh"),
        ("work_through_lunch:works=false,weekdays=[sat,sun]", "lunch_worked:weekdays=[mon,tue,wed,thu,fri]"),
        ("work_through_lunch:works=false,to=2025-07-10", "lunch_worked:from=2025-07-11"),
    ],
)
def test_lunch_may_be_kept_at_one_gate_or_time_and_worked_through_at_another(first, second, july, under):
    """Nothing is said twice of one gate and day."""
    assert len(under(july, first, second).policies) == 2


def test_what_differs_in_gate_or_dates_is_no_conflict(july, under):
    """One gate each, then one week each."""
    under(july, "extended_hours:gate=huu_nghi,closes=21:00", "extended_hours:gate=tan_thanh,closes=20:00")
    plan = under(
        july,
        "extended_hours:gate=huu_nghi,closes=21:00,from=2025-07-01,to=2025-07-07",
        "extended_hours:gate=huu_nghi,closes=22:00,from=2025-07-08,to=2025-07-14",
    )

    assert len(plan.policies) == 2


def test_a_policy_may_need_the_one_before_it(july, under):
    """The lane of a policy is a gate like others for those after it, and unknown to those before it."""
    more = "extra_servers:gate=huu_nghi_automated,stations=carrier_export,servers=5"
    plan = under(july, "agv_lane_huu_nghi", more)

    assert plan.loaded.border.gates["huu_nghi_automated"].stations["carrier_export"].servers == 15
    assert "no gate has that name" in refused(under, july, more, "agv_lane_huu_nghi")[0]


def test_unchanged_values_keep_where_they_come_from(july, under):
    """Of a restated rule only what is new is the policy's: the lunch of the rule keeps its source."""
    plan = under(july, "extended_hours:gate=huu_nghi,later=1,from=2025-07-05")
    rules = plan.loaded.document.tree["calendars"]["huu_nghi"]["hours"]
    n = next(n for n, rule in enumerate(rules) if rule.get("open") == ["07:00-21:00"] and rule["from"].year == 2025)
    origin = {key: plan.loaded.document.origins["calendars", "huu_nghi", "hours", n, key] for key in ("lunch", "open")}

    assert (origin["lunch"].basis, origin["lunch"].source) == ("reported", "EVR2504")
    assert origin["open"].file == "policy extended_hours:gate=huu_nghi,later=1,from=2025-07-05"
    assert origin["open"].basis == "assumed"


def test_a_ready_policy_gives_its_basis_and_source(july, under):
    """A reported cap stays a reported number."""
    plan = under(july, "puzhai_cap_300")
    origin = plan.loaded.document.origins["gates", "tan_thanh", "yards", "counterpart_yard", "accepts_per_day"]

    assert (origin.file, origin.basis, origin.source) == ("policy puzhai_cap_300", "reported", "VNS1403")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extended_hours:gate=huu_ngi,later=1", 'gate is "huu_ngi"; no gate has that name. Did you mean "huu_nghi"?'),
        ("extended_hours:gate=huu_nghi,closes=05:00", "closes is 05:00, before the opening 07:00"),
        ("extended_hours:gate=huu_nghi,opens=21:00", "opens is 21:00, after the closing 20:00"),
        ("extended_hours:gate=huu_nghi,earlier=8", "earlier is 8 h before an opening"),
        ("extended_hours:gate=huu_nghi,later=12", "later is 12 h; a gate is open for at most 24 hours of a day"),
        ("extra_servers:gate=huu_nghi,stations=quarantin,servers=1", 'Did you mean "quarantine"?'),
        (
            "extra_servers:gate=huu_nghi,stations=quarantine,servers=-21",
            "servers is -21; quarantine of huu_nghi has 20",
        ),
        ("extra_servers:gate=huu_nghi,stations=crossing,servers=1", "crossing of huu_nghi has no servers to add to"),
        ("demand_change:factor=1.1,classes=fruits", 'Did you mean "fruit"?'),
        ("demand_change:factor=1.1,from=2026-07-01", "from is 2026-07-01; the run lasts from 2025-06-26 to 2025-07-31"),
        ("demand_change:factor=1.1,to=2025-06-01", "to is 2025-06-01; the run lasts from 2025-06-26 to 2025-07-31"),
        ("diversion:gate=huu_nghi,to=coc_nam,classes=container,when_backlog_over=9", "eligibility does not let"),
        ("diversion:gate=huu_nghi,to=huu_nghi,when_backlog_over=9", "a diversion leads to another gate"),
        ("diversion:gate=huu_nghi,to=na_nua,when_backlog_over=9", "the gate is dormant"),
        ("intake_halt:classes=fruit,from=2025-09-01,to=2025-09-03", "from is 2025-09-01; the run lasts"),
        ("off_site_hold:gate=huu_nghi,keep=400", "keep is 400; it must not be above places, 250"),
        (
            "off_site_hold:gate=huu_nghi,direction=import,keep=4",
            "huu_nghi has no park with places on the way of imports",
        ),
        ("priority:gate=huu_nghi,classes=fruit,stations=customs_export,reserved=5", "leave at least one to the others"),
        ("priority:gate=huu_nghi,classes=fruit,stations=transload", None),
        ("reopen_gate:gate=huu_nghi,share=0.1", "it is open already"),
        ("reopen_gate:gate=na_nua,classes=container,share=0.1", "eligibility does not let this class use na_nua"),
        ("reversible_servers:gate=huu_nghi,between=[customs_export,crossing],over=3", "crossing"),
        ("service_change:gate=huu_nghi,stages=off_site,factor=0.5", "vehicles wait there and are not served"),
        (
            "service_change:gate=huu_nghi,stages=crossing,factor=0.5,share=0.5",
            "vehicles are cleared by one stage alone",
        ),
        ("service_change:gate=huu_nghi,stages=custom,factor=0.5", 'Did you mean "customs"?'),
        ("counterpart_capacity:gate=huu_nghi,servers=-7", "counterpart_gate has 6 at some hours; take no more"),
        ("yard_places:gate=huu_nghi,yards=counterpart_lane,places=-91", "counterpart_lane of huu_nghi has 90 places"),
        ("yard_places:gate=huu_nghi,yards=vehicle_park,places=9", "vehicle_park of huu_nghi has no limit to add to"),
        ("shock:gate=huu_nghi,stages=crossing,servers_at_most=1", "nobody serves there"),
        ("two_way_haulage:gate=coc_nam,share=1", "coc_nam has 33 imports a day to stand in for"),
        ("appointments:gate=huu_nghi,share=0.5,at_home=registraton", 'Did you mean "registration"?'),
        ("automated_lane:gate=huu_nghi,share=0.5,lanes=0", "lanes is 0"),
    ],
)
def test_what_does_not_fit_the_border_or_the_run_is_refused(text, said, july, under):
    """The fault names the policy, the setting, what is wrong and what to do."""
    if said is None:
        assert under(july, text).policies
        return
    found = refused(under, july, text)

    assert found[0].startswith(f"policy {text.partition(':')[0]}")
    assert said in " ".join(found)


def test_a_fault_of_a_ready_policy_names_its_file_and_key(tmp_path, july, under):
    """As every fault of a file does."""
    (tmp_path / "mine.toml").write_text(
        'kind = "extended_hours"\ntitle = "x"\n[settings]\ngate = "nowhere"\nlater = 1\n'
    )
    (fault,) = refused(under, july, str(tmp_path / "mine.toml"))

    assert fault.startswith(f'{tmp_path / "mine.toml"}: settings.gate is "nowhere"')


def test_recorded_arrivals_have_no_level_to_change(builder, under):
    """A factor on a trace is refused; naming another gate helps."""
    border = "[gates.a.stations.booth]\nservers = 1\n[gates.a.export.stages.booth]\nservice = <10 min>\n"
    plan = make_plan(load_border(builder.write(border, ["08:00"])), "test")

    assert "whose arrivals are of kind trace" in refused(under, plan, "demand_change:factor=2")[0]
