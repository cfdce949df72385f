"""Which gates a study is about: those that policies change, or the busiest; and a border cut down to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from gatewatch.simulator.policies import Policy, apply_policies
from gatewatch.simulator.policies.horizon import in_force
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.sensitivity.evaluating import Question
from gatewatch.simulator.sensitivity.parameters import Parameter, narrowed


def busiest_gate(plan: Plan) -> str:
    """Return the gate with the most arrivals a day, by the levels of its flows."""
    levels: dict[str, float] = {}
    for flow in plan.loaded.border.demand[plan.scenario.demand].flows.values():
        levels[flow.gate] = levels.get(flow.gate, 0.0) + float(getattr(flow.arrivals, "per_day", 1.0))
    return max(levels, key=lambda name: levels[name])


def gates_changed(plan: Plan, policies: Sequence[Policy]) -> list[str]:
    """Return the gates that policies change: their stations, yards, calendars or demand."""
    if not policies:
        return []
    days = plan.scenario.start, plan.scenario.start + timedelta(days=plan.clock.days - 1)
    before, after = (in_force(one.loaded.border, *days) for one in (plan, apply_policies(plan, policies)))
    demand = plan.scenario.demand
    found = []
    for name, gate in after.gates.items():
        calendars = (gate.calendar, gate.counterpart.calendar)
        flows = [{k: f for k, f in b.demand[demand].flows.items() if f.gate == name} for b in (before, after)]
        is_same = (
            before.gates.get(name) == gate
            and all(c is None or before.calendars.get(c) == after.calendars[c] for c in calendars)
            and flows[0] == flows[1]
        )
        if not is_same and (flows[0] or flows[1]):
            found.append(name)
    for section in ("diversions", "intake_halts", "responsive_hours", "reversible_servers"):
        rules = getattr(after, section)
        for name, rule in rules.items():
            if getattr(before, section).get(name) != rule:
                named = [getattr(rule, "gate", None), getattr(rule, "to", None), *getattr(rule, "gates", [])]
                found += [gate for gate in named if gate is not None]
    return list(dict.fromkeys(found))


def narrowed_to(question: Question, gates: Sequence[str], chosen: Sequence[Parameter]) -> Question:
    """Return the question about the gates alone, where policies and parameters allow."""
    others = [p for p in chosen for path in p.leaves if path[0] == "gates" and path[1] not in gates]
    changed = gates_changed(question.plan, question.policies)
    rules = ("diversions", "responsive_hours", "reversible_servers")
    border = apply_policies(question.plan, question.policies).loaded.border if question.policies else None
    is_tied = border is not None and any(getattr(border, name) for name in rules)
    if others or is_tied or not set(changed) <= set(gates):
        return question
    small = narrowed(question.plan, gates)
    known = set(small.loaded.document.origins)
    if any(_is_missing(path, known) for p in chosen for path in p.leaves):
        return question
    return replace(question, plan=small)


def _is_missing(path: tuple[str | int, ...], known: set[tuple[str | int, ...]]) -> bool:
    return not any(at[: len(path)] == path for at in known)
