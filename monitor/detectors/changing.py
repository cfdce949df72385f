"""A rule with other settings, somewhere or everywhere: a value to try, that is in force nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from gatewatch.config import faults
from gatewatch.config.errors import ConfigError, known_names, one_fault
from gatewatch.config.origins import read_tree
from gatewatch.config.schema import Border
from gatewatch.config.thresholds import DIRECTIONS, STEPS, Placed, Rule, Thresholds
from gatewatch.monitor.detectors.kinds import list_detectors

Where = tuple[str | None, str | None]


def judging_rules() -> list[str]:
    """Return the rules that judge what was observed, which can be told of past days too; not the service itself."""
    return [name for name, detector in list_detectors().items() if detector.about != "service"]


def changed(thresholds: Thresholds, border: Border, rule: str, settings: Mapping[str, Any], where: Where) -> Thresholds:
    """
    Return the thresholds with settings of one rule changed at a gate, in a direction, or everywhere.

    Raises:
        ConfigError: There is no such rule, gate, direction or setting, or the values do not fit.
    """
    _check(border, rule, where)
    placed = thresholds[rule]
    gate, direction = where
    by_place: dict[Where, Rule] = {
        (at_gate, at_direction): _with(placed.at(at_gate, at_direction), settings)
        if gate in (None, at_gate) and direction in (None, at_direction)
        else placed.at(at_gate, at_direction)
        for at_gate in (None, *border.gates)
        for at_direction in (None, *DIRECTIONS)
        if (at_gate, at_direction) != (None, None)
    }
    _with(placed.at(gate, direction), settings)  # refused although no place may have it
    everywhere = _with(placed.everywhere, settings) if where == (None, None) else placed.everywhere
    return {**thresholds, rule: Placed(everywhere, by_place)}


def _check(border: Border, rule: str, where: Where) -> None:
    gate, direction = where
    if rule not in judging_rules():
        raise one_fault("rule", "", f'"{rule}"', known_names("rule that can be replayed", rule, judging_rules()))
    if gate is not None and gate not in border.gates:
        raise one_fault("gate", "", f'"{gate}"', known_names("gate", gate, border.gates))
    if direction not in (None, *DIRECTIONS):
        raise one_fault("direction", "", f'"{direction}"', "export or import")


def _with(rule: Rule, settings: Mapping[str, Any]) -> Rule:
    said = rule.model_dump(by_alias=True, exclude_none=True)
    try:
        return type(rule).model_validate({**said, **settings})
    except ValidationError as error:
        if reason := faults.at_odds(error):
            in_force = ", ".join(f"{name} {said[name]:g}" for name in STEPS if name in said)
            raise one_fault(
                "settings", "", "at odds with what is in force", f"{reason} (in force: {in_force})"
            ) from None
        document = read_tree(dict(settings), "settings")
        raise ConfigError(faults.from_validation(error, document, type(rule), "settings")) from None
