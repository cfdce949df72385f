"""What every kind of policy and every ready policy keeps; a new file is tested before it has tests of its own."""

import ast
import inspect
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.simulator import make_plan
from gatewatch.simulator.engines import kernel, reference
from gatewatch.simulator.policies import Policy, apply_policies, find_policy, list_kinds, list_policies
from gatewatch.simulator.replications import run_replication

KINDS = sorted(list_kinds())
READY = sorted(list_policies())
IN_FORCE = {"intake_halt": "from=2025-07-01,to=2025-07-02"}


def neutral(name):
    """Return a policy of a kind whose settings change nothing at Lang Son."""
    kind = list_kinds()[name]
    return Policy(name, kind, kind.settings.model_validate(dict(kind.neutral)), title=name)


def days_of(plan, policy, days):
    """Return the plan over days on which a policy is in force: from a day before its first one on."""
    starts = [getattr(policy.settings, key, None) for key in ("first", "begins")]
    first = next((day for day in starts if day is not None), plan.scenario.start)
    if first < plan.scenario.start - timedelta(days=400):
        first = plan.scenario.start  # in force since long ago
    if isinstance(first, datetime):
        first = first.date()
    return replace(plan, scenario=plan.scenario.model_copy(update={"start": first}), days=days, warmup_days=0)


@pytest.fixture(scope="module")
def july(shipped):
    """Return one day of July 2025 at the four gates."""
    plan = make_plan(shipped, "july_2025", days=1, warmup_days=0)
    return replace(plan, scenario=plan.scenario.model_copy(update={"start": plan.scenario.start + timedelta(days=5)}))


@pytest.fixture(scope="module")
def july_trace(july):
    """Return the trace of that day."""
    return run_replication(july, 0, "kernel", keep_trace=True).trace


@pytest.mark.parametrize("name", KINDS)
def test_neutral_settings_change_nothing_in_the_trace(name, july, july_trace):
    """Every kind names settings with which the run stays as it was, row for row."""
    changed = apply_policies(july, [neutral(name)])

    assert run_replication(changed, 0, "kernel", keep_trace=True).trace.equals(july_trace)


@pytest.mark.parametrize("name", KINDS)
def test_every_setting_says_its_unit_and_its_meaning(name):
    """A planner's form is drawn from the JSON schema."""
    schema = list_kinds()[name].schema()
    silent = [key for key, field in schema["properties"].items() if not (field.get("unit") and field["description"])]

    assert silent == []
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_describes_itself_in_a_sentence(name):
    """The first line of the module's docstring is what the list shows."""
    summary = list_kinds()[name].summary

    assert summary.endswith(".")
    assert len(summary) < 120


@pytest.mark.parametrize("name", KINDS)
def test_an_unknown_setting_is_refused_with_the_nearest(name, shipped):
    """A slip in the first key is found whatever the kind."""
    key = max(list_kinds()[name].schema()["properties"])

    with pytest.raises(ConfigError) as refused:
        find_policy(f"{name}:{key}x=1", shipped)
    assert f'Did you mean "{key}"?' in str(refused.value)


@pytest.mark.parametrize("name", KINDS)
def test_settings_come_back_from_the_text_that_a_manifest_keeps(name, shipped):
    """The text of a policy is read again by `find_policy`."""
    policy = neutral(name)

    assert find_policy(policy.text, shipped).settings == policy.settings


@pytest.mark.parametrize("name", READY)
def test_a_policy_leaves_the_border_it_was_given_as_it_was(name, shipped):
    """Applying is a pure function: the border before is the same value afterwards."""
    policy = list_policies()[name]
    border = shipped.border.model_copy(update={"demand": {"july_2025": shipped.border.demand["july_2025"]}})
    before = border.model_dump_json()
    first, second = (policy.kind.apply(border, policy.settings) for _ in range(2))

    assert border.model_dump_json() == before
    assert first == second


@pytest.mark.parametrize("name", READY)
def test_a_ready_policy_changes_the_border_and_says_so_in_the_origins(name, shipped):
    """What differs has its origin in the policy, on the policy's basis; the hash is another one."""
    policy = list_policies()[name]
    plan = days_of(make_plan(shipped, "july_2025"), policy, days=2)
    changed = apply_policies(plan, [policy])
    mine = [o for o in changed.loaded.document.origins.values() if o.file == f"policy {name}"]

    assert mine
    assert {origin.basis for origin in mine} == {policy.basis}
    assert changed.loaded.sha256 != plan.loaded.sha256
    assert changed.policies == (policy.text,)


@pytest.mark.parametrize("name", READY)
def test_a_ready_policy_tells_what_a_planner_has_to_know(name, shipped):
    """Two languages, a lever of the record, conditions, and sources that the border explains."""
    policy = list_policies()[name]

    assert policy.title
    assert policy.title_vi
    assert policy.conditions
    assert policy.conditions_vi
    assert bool(policy.effect) == bool(policy.effect_vi)
    assert policy.lever in {f"L{n}" for n in range(1, 22)}
    assert set(policy.sources) <= set(shipped.border.sources)
    assert set(policy.not_with) <= set(READY) - {name}
    assert name not in list_kinds()


def test_every_lever_of_the_record_but_fees_and_roads_has_a_ready_policy():
    """L19 is a price and L21 a road: both are other numbers of the border, no policies."""
    levers = {policy.lever for policy in list_policies().values()}

    assert levers == {f"L{n}" for n in range(1, 19)} | {"L20"}


@pytest.mark.slow
@pytest.mark.parametrize("name", READY)
def test_both_engines_give_the_same_trace_under_a_ready_policy(name, shipped):
    """Row for row, and no vehicle is made or lost (every run checks that itself)."""
    policy = list_policies()[name]
    plan = apply_policies(days_of(make_plan(shipped, "july_2025"), policy, days=1), [policy])
    one, other = (run_replication(plan, 0, engine, keep_trace=True) for engine in ("kernel", "reference"))

    assert one.trace.equals(other.trace)
    assert one.yards.equals(other.yards)


@pytest.mark.parametrize(
    "text",
    [
        "fruit_to_tan_thanh:when_backlog_over=20,while_backlog_below=9999,compliance=0.6",
        "huu_nghi_later_when_full:decides_at=12:00,steps=[{over=10,later=1.5}]",
        "tidal_border_guards:over=1,back_below=0,changeover=5",
    ],
)
def test_both_engines_give_the_same_trace_when_a_rule_acts(text, july, july_trace):
    """With low thresholds the rules act within a day, and both engines act alike."""
    plan = apply_policies(july, [find_policy(text, july.loaded)])
    one, other = (run_replication(plan, 0, engine, keep_trace=True) for engine in ("kernel", "reference"))

    assert one.trace.equals(other.trace)
    assert not one.trace.equals(july_trace)


def test_no_engine_contains_the_name_of_a_kind():
    """What a policy does is written in the border, in words that both engines know from there."""
    rules = {"responsive_hours", "reversible_servers", "priority"}  # words of the border too
    words = {
        node.id if isinstance(node, ast.Name) else node.attr
        for engine in (kernel, reference)
        for node in ast.walk(ast.parse(inspect.getsource(engine)))
        if isinstance(node, ast.Name | ast.Attribute)
    }

    assert words & (set(KINDS) - rules) == set()
