"""The scenarios of a comparison: which policies each of them has, by the texts of the user, and what they touch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AnySet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gatewatch.config.calendars import Calendar
from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault
from gatewatch.config.schema import Border, Gate
from gatewatch.simulator.policies import Policy, apply_policies, find_policy
from gatewatch.simulator.policies.demand_response import MODES, respond
from gatewatch.simulator.policies.horizon import in_force
from gatewatch.simulator.scenario import Plan

BASELINE: Final = "baseline"
_MOST_ELASTIC: Final = 10
_JOINT = re.compile(r"\+(?=\s*[A-Za-z_./~])")  # "+" before a name or a path; "+2" and "+10%" are numbers


@dataclass(frozen=True, slots=True)
class PolicyScenario:
    """
    The baseline with policies.

    Args:
        name: The texts of the policies, joined by "+".
        policies: The policies, in the order in which they are applied.
        plan: What is run.
        gates: Gates that the policies change, by their own settings, calendars or demand.
    """

    name: str
    policies: tuple[Policy, ...]
    plan: Plan
    gates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemandResponse:
    """
    What demand does when opening hours change: an assumption that a comparison states.

    Args:
        mode: `fixed`, `shifts` (into the new hours) or `latent` (grows with them).
        elasticity: For `latent`: relative change of demand over relative change of the open hours.
    """

    mode: str = "fixed"
    elasticity: float | None = None

    def __str__(self) -> str:
        return self.mode if self.elasticity is None else f"{self.mode}, elasticity {self.elasticity:g}"

    def of(self, before: Plan, after: Plan) -> Plan:
        """Return the plan with policies as demand answers to it."""
        return respond(before, after, self.mode, 1.0 if self.elasticity is None else self.elasticity)


FIXED: Final = DemandResponse()


def demand_response(mode: str, elasticity: float | None) -> DemandResponse:
    """
    Return a checked response; the elasticity of `latent` is 1 where none is given.

    Raises:
        ConfigError: There is no such mode, or the elasticity has no meaning.
    """
    if mode not in MODES:
        raise one_fault("--demand-response", "", f'"{mode}"', known_names("demand response", mode, MODES))
    if elasticity is not None and mode != "latent":
        raise one_fault("--elasticity", "", f"{elasticity:g}", "it goes with --demand-response latent")
    if elasticity is not None and not 0 <= elasticity <= _MOST_ELASTIC:
        raise one_fault("--elasticity", "", f"{elasticity:g}", f"use a number from 0 to {_MOST_ELASTIC}")
    return DemandResponse(mode, 1.0 if mode == "latent" and elasticity is None else elasticity)


def policy_scenarios(
    baseline: Plan,
    policies: Sequence[str | Policy],
    with_: Sequence[str] = (),
    response: DemandResponse = FIXED,
) -> list[PolicyScenario]:
    """
    Return one scenario for each policy, then one for each combination.

    Args:
        baseline: The plan without policies.
        policies: Texts `NAME|FILE[:key=value,…]`, several joined by "+", or policies.
        with_: Combinations "A+B"; a part may be the name alone of a policy that is given in full elsewhere.
        response: What demand does.

    Raises:
        ConfigError: No policy at all, one is unknown or at fault, two are in conflict, or a scenario comes twice.
    """
    named = [
        (policy.name, (policy,)) if isinstance(policy, Policy) else _parsed(policy, baseline) for policy in policies
    ]
    short = _short_names([text for policy in policies if isinstance(policy, str) for text in _parts(policy)])
    for text in with_:
        parts = [short.get(part, part) for part in _parts(text)]
        if len(parts) < 2:
            raise one_fault("--with", "", f'"{text}"', 'join two policies or more by "+"')
        named.append(_parsed("+".join(parts), baseline))
    if not named:
        raise one_fault("--policy", "", "missing", "give at least one; `gatewatch policy list` shows them")
    _refuse_duplicates(named)
    scenarios, faults = [], list[Fault]()
    for name, found in named:
        try:
            changed = apply_policies(baseline, list(found))
            plan = response.of(baseline, changed)
        except ConfigError as error:
            faults += error.faults
        else:
            scenarios.append(PolicyScenario(name, found, plan, touched_gates(baseline, changed)))
    if faults:
        raise ConfigError(faults)
    return scenarios


def _parsed(text: str, baseline: Plan) -> tuple[str, tuple[Policy, ...]]:
    """Return the name of a scenario and its policies."""
    parts = _parts(text)
    found = tuple(find_policy(part, baseline.loaded) for part in parts)
    meant = [policy.text for policy in found]
    twice = next((parts[n] for n, same in enumerate(meant) if same in meant[:n]), None)
    if twice is not None:
        raise one_fault("--policy", "", f'"{text}"', f'"{twice}" is joined with itself; give each policy once')
    return "+".join(parts), found


def _parts(text: str) -> list[str]:
    """Return the policies of a text; a file whose name has a "+" is one."""
    return [text] if Path(text).exists() else [part.strip() for part in _JOINT.split(text)]


def _short_names(texts: Sequence[str]) -> dict[str, str]:
    """Return the texts by the name before their settings, where that says which is meant."""
    by_name: dict[str, set[str]] = {}
    for text in texts:
        by_name.setdefault(text.partition(":")[0], set()).add(text)
    return {name: next(iter(found)) for name, found in by_name.items() if len(found) == 1}


def _refuse_duplicates(named: Sequence[tuple[str, tuple[Policy, ...]]]) -> None:
    """Refuse a scenario that comes twice, by its name or by what it does."""
    faults = list[Fault]()
    for n, (name, policies) in enumerate(named):
        meant = [policy.text for policy in policies]
        for earlier, others in named[:n]:
            if earlier == name:
                faults.append(Fault("--policy", "", f'"{name}"', "it is given twice; give each scenario once"))
            elif [policy.text for policy in others] == meant:
                faults.append(
                    Fault("--policy", "", f'"{name}"', f'it does the same as "{earlier}"; give one of the two')
                )
    if faults:
        raise ConfigError(faults)


def touched_gates(before: Plan, after: Plan) -> tuple[str, ...]:
    """
    Return the gates of which a plan says something else, by their own tables, their calendars, demand or rules.

    What is over before the run or begins long after it does not count: policies drop it. A class that a policy adds is
    named at every gate, and touches those alone to which its vehicles come.
    """
    old, new = (in_force(plan.loaded.border, *plan.dates) for plan in (before, after))
    demand, added = after.scenario.demand, new.vehicle_classes().keys() - old.vehicle_classes().keys()
    return tuple(name for name in new.gates if _of_gate(old, name, demand, added) != _of_gate(new, name, demand, added))


def _of_gate(border: Border, name: str, demand: str, added: AnySet[str]) -> list[object]:
    """Return what a border says of a gate, but for the classes that a policy added; its flows are told whole."""
    gate = border.gates.get(name)
    rules = [
        {key: rule.model_dump() for key, rule in border.diversions.items() if name in {rule.gate, rule.to}},
        {key: rule.model_dump() for key, rule in border.intake_halts.items() if name in rule.gates},
        {key: rule.model_dump() for key, rule in border.responsive_hours.items() if rule.gate == name},
        {key: rule.model_dump() for key, rule in border.reversible_servers.items() if rule.gate == name},
    ]
    return [
        None if gate is None else _without(gate.model_dump(), added),
        [] if gate is None else list(_calendars(border, gate)),
        {key: flow for key, flow in border.demand[demand].flows.items() if flow.gate == name},
        *_without(rules, added),
    ]


def _without(tree: Any, names: AnySet[str]) -> Any:
    """Return a tree without the keys and entries of some names."""
    if isinstance(tree, dict):
        return {key: _without(value, names) for key, value in tree.items() if key not in names}
    if isinstance(tree, list):
        return [_without(item, names) for item in tree if not (isinstance(item, str) and item in names)]
    return tree


def _calendars(border: Border, gate: Gate) -> Iterator[Calendar]:
    for name in (gate.calendar, gate.counterpart.calendar):
        if name is not None:
            yield border.calendars[name]
