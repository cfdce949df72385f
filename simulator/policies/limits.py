"""Limits of yards by date: places, and vehicles let in a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from gatewatch.config.schema import AcceptanceRule, PlacesRule, Yard
from gatewatch.simulator.policies.when import both

_Rule = TypeVar("_Rule", PlacesRule, AcceptanceRule)


def with_places(yard: Yard, first: date | None, last: date | None, change: Callable[[int | None], int]) -> Yard:
    """Return a yard with other places between two days; `None` stands for no limit."""
    if not isinstance(yard.places, list) and first is None and last is None:
        return yard.model_copy(update={"places": change(yard.places)})
    rules = yard.places if isinstance(yard.places, list) else []
    if isinstance(yard.places, int):
        rules = [PlacesRule(places=yard.places)]
    changed = _restated(rules, "places", first, last, change, PlacesRule(places=change(None) if not rules else 0))
    return yard.model_copy(update={"places": changed})


def with_acceptance(yard: Yard, first: date | None, last: date | None, change: Callable[[int | None], int]) -> Yard:
    """Return a yard that lets in another number a day between two days; `None` stands for no limit."""
    if not isinstance(yard.accepts_per_day, list) and first is None and last is None:
        return yard.model_copy(update={"accepts_per_day": change(yard.accepts_per_day)})
    rules = yard.accepts_per_day if isinstance(yard.accepts_per_day, list) else []
    if isinstance(yard.accepts_per_day, int):
        rules = [AcceptanceRule(accepts_per_day=yard.accepts_per_day)]
    anew = AcceptanceRule(accepts_per_day=change(None) if not rules else 0)
    return yard.model_copy(update={"accepts_per_day": _restated(rules, "accepts_per_day", first, last, change, anew)})


def _restated(
    rules: list[_Rule],
    key: str,
    first: date | None,
    last: date | None,
    change: Callable[[int | None], int],
    anew: _Rule,
) -> list[_Rule]:
    """Return rules with a change between two days; days that no rule covers had no limit."""
    dates = {"first": first, "last": last}
    result = [] if rules else [anew.model_copy(update=dates)]
    for rule in rules:
        common = both(rule, first, last)
        value = change(getattr(rule, key))
        changed = rule.model_copy(update={key: value})
        if common is None or changed == rule:
            result.append(rule)
        elif common == (rule.first, rule.last):
            result.append(changed)
        else:
            result += [rule, changed.model_copy(update={"first": common[0], "last": common[1]})]
    return result
