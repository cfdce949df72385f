"""Policies applied to a plan: in order, with everything checked again, and each changed value knowing its policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any

from pydantic import ValidationError

from gatewatch.config import checks, faults
from gatewatch.config.errors import ConfigError, Fault
from gatewatch.config.faults import shown
from gatewatch.config.loader import LoadedBorder, fingerprint
from gatewatch.config.origins import Document, Leaf, Origin, Path
from gatewatch.config.plain_words import key_of
from gatewatch.config.schema import Border
from gatewatch.simulator.policies.conflicts import conflicts
from gatewatch.simulator.policies.horizon import in_force
from gatewatch.simulator.policies.ready import Policy
from gatewatch.simulator.scenario import Plan


def apply_policies(plan: Plan, policies: Sequence[Policy]) -> Plan:
    """
    Return a plan whose border is changed by policies, in the order given.

    Raises:
        ConfigError: A policy does not fit the border or the days of the plan, what comes out is no sound border, or
            two policies change the same thing so that their order would matter.
    """
    outside = [fault for policy in policies for fault in _outside(plan, policy)]
    if outside:
        raise ConfigError(outside)
    loaded = plan.loaded
    for policy in policies:
        loaded = _loaded(loaded, policy, plan)
    found = list(conflicts(plan, policies, partial(apply_one, plan)))
    if found:
        raise ConfigError(found)
    return replace(plan, loaded=loaded, policies=(*plan.policies, *(policy.text for policy in policies)))


def apply_one(plan: Plan, border: Border, policy: Policy) -> Border:
    """
    Return a border changed by one policy: of its demand the set that is run, of its rules those of the days of the run.

    Raises:
        ConfigError: The settings do not fit the border.
    """
    run = {name: data for name, data in border.demand.items() if name == plan.scenario.demand}
    narrow = in_force(border, *plan.dates).model_copy(update={"demand": run})
    try:
        changed = policy.kind.apply(narrow, policy.settings)
    except ConfigError as error:
        raise ConfigError(_placed(fault, policy) for fault in error.faults) from None
    return changed.model_copy(update={"demand": {**border.demand, **changed.demand}})


def _placed(fault: Fault, policy: Policy) -> Fault:
    """Return a fault with the file and key in which the setting was written."""
    place = policy.document.place((fault.key,)) or (policy.place, (fault.key,))
    return replace(fault, file=policy.place if place[0] == policy.place else place[0], key=faults.key_text(place[1]))


def _outside(plan: Plan, policy: Policy) -> Iterator[Fault]:
    """Yield a fault for a policy that is over before the run or begins after it."""
    begins, ends = plan.dates
    for name in type(policy.settings).model_fields:
        day = getattr(policy.settings, name)
        if not isinstance(day, date):
            continue
        on = day.date() if isinstance(day, datetime) else day
        if (name in ("first", "begins") and on > ends) or (name in ("last", "ends") and on < begins):
            key = key_of(name, type(policy.settings))
            expected = f"the run lasts from {begins} to {ends}, warm-up included"
            yield _placed(Fault(policy.place, key, shown(day), expected), policy)


def _loaded(loaded: LoadedBorder, policy: Policy, plan: Plan) -> LoadedBorder:
    changed = apply_one(plan, loaded.border, policy)
    return with_border(loaded, changed, Origin(policy.place, policy.basis, policy.source), policy.text, plan.name)


def with_border(loaded: LoadedBorder, changed: Border, origin: Origin, text: str, scenario: str) -> LoadedBorder:
    """
    Return a loaded border with another one in its place, checked like one that was read from files.

    Args:
        loaded: The border before.
        changed: The border after; nothing in it need have been checked.
        origin: Who changed it, on what basis.
        text: The change in words that repeat it, for the hash.
        scenario: Name of the scenario to be run.

    Raises:
        ConfigError: The changed border is not sound.
    """
    document = restated(loaded.document, as_tree(loaded.border), as_tree(changed), origin)
    try:
        border = Border.model_validate(document.tree)
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document, root=origin.file)) from None
    found = list(checks.all_faults(border, document, loaded.root, scenario))
    if found:
        raise ConfigError(found)
    return replace(loaded, border=border, document=document, sha256=fingerprint([loaded.sha256, text]))


def as_tree(border: Border) -> dict[str, Any]:
    """Return a border as its files would state it."""
    return border.model_dump(by_alias=True, exclude_unset=True)


def restated(document: Document, old: dict[str, Any], new: dict[str, Any], origin: Origin) -> Document:
    """Return a document with the values of `new`; what differs from `old` has the given origin."""
    return Document(_marked(document.marked, old, new, (), origin))


def _marked(marked: Any, old: Any, new: Any, path: Path, origin: Origin) -> Any:
    if new == old and marked is not None:
        return marked
    if isinstance(new, dict) and new:
        under = marked if isinstance(marked, dict) else {}
        before = old if isinstance(old, dict) else {}
        return {
            key: _marked(under.get(key), before.get(key), value, (*path, key), origin) for key, value in new.items()
        }
    if isinstance(new, list) and any(isinstance(item, dict | list) for item in new):
        under_list = marked if isinstance(marked, list) else []
        before_list = old if isinstance(old, list) else []
        likes = _likes(new, before_list)
        return [
            _marked(under_list[like], before_list[like], item, (*path, n), origin)
            if like is not None and like < len(under_list)
            else _marked(None, None, item, (*path, n), origin)
            for n, (item, like) in enumerate(zip(new, likes, strict=True))
        ]
    return Leaf(new, replace(origin, key=path))


def _likes(new: list[Any], old: list[Any]) -> list[int | None]:
    """
    Return for each entry of a list the old entry most like it: a restated rule keeps what it did not change.

    Of several, the one that the entry before it is like: a restated rule stands right after the one it restates.
    """
    found: list[int | None] = []
    for item in new:
        previous = found[-1] if found else None
        likeness = [(_common(entry, item), n == previous, -n) for n, entry in enumerate(old)]
        best = max(likeness, default=(0, False, 0))
        found.append(-best[2] if best[0] else None)
    return found


def _common(old: Any, new: Any) -> int:
    """Return how many keys of two tables have the same value; the same table has one more."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return int(old == new)
    return sum(1 for key, value in new.items() if key in old and old[key] == value) + (old == new)
