"""Whether the border has what an observation names."""

from __future__ import annotations

from collections.abc import Iterator

from gatewatch.config.errors import known_names
from gatewatch.config.schema import Border, Gate
from gatewatch.monitor.observations.corrections import Correction
from gatewatch.monitor.observations.envelope import Observation
from gatewatch.monitor.observations.fields import Facts


def check_against(observation: Observation, border: Border) -> list[str]:
    """Return a sentence for every gate, direction, stage, yard and class that the border does not have."""
    data = observation.data
    if isinstance(data, Correction):
        return list(_unknown(data.replacement.data, border, "data.with.data"))
    return list(_unknown(data, border, "data"))


def _unknown(data: Facts, border: Border, at: str) -> Iterator[str]:
    vehicle_class = getattr(data, "vehicle_class", None)
    if vehicle_class is not None and vehicle_class not in border.vehicle_classes():
        known = known_names("vehicle class", vehicle_class, border.vehicle_classes())
        yield f'{at}.vehicle_class is "{vehicle_class}"; {known}.'
    name = getattr(data, "gate", None)
    if name is None:
        return
    gate = border.gates.get(name)
    if gate is None:
        yield f'{at}.gate is "{name}"; {known_names("gate", name, border.gates)}.'
        return
    yield from _unknown_to_gate(data, name, gate, at)


def _unknown_to_gate(data: Facts, name: str, gate: Gate, at: str) -> Iterator[str]:
    wanted = getattr(data, "direction", None)
    direction = gate.direction(wanted) if wanted is not None else None
    if wanted is not None and direction is None:
        yield f'{at}.direction is "{wanted}"; {name} has no such direction.'
    stage = getattr(data, "stage", None)
    if stage is not None and direction is not None and stage not in direction.stages:
        yield f'{at}.stage is "{stage}"; {known_names(f"{wanted} stage of {name}", stage, direction.stages)}.'
    yard = getattr(data, "yard", None)
    if yard is not None and yard not in gate.yards:
        yield f'{at}.yard is "{yard}"; {known_names(f"yard of {name}", yard, gate.yards)}.'
