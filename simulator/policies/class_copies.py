"""A vehicle class that is treated like another one in everything, so that a policy can tell the two apart."""

from __future__ import annotations

from typing import Any

from gatewatch.config.schema import Border, Direction, Gate, Stage


def with_class_like(border: Border, new: str, like: str, title: str, title_vi: str) -> Border:
    """Return the border with a class `new` wherever it speaks of `like`; in a priority it comes right behind."""
    classes = dict(border.vehicle_classes())
    classes[new] = classes[like].model_copy(update={"title": title, "title_vi": title_vi})
    return border.model_copy(
        update={
            "classes": classes,
            "eligibility": _keyed(border.eligibility, new, like),
            "gates": {name: _gate(gate, new, like) for name, gate in border.gates.items()},
            "diversions": {name: _listing(rule, new, like) for name, rule in border.diversions.items()},
            "intake_halts": {name: _listing(halt, new, like) for name, halt in border.intake_halts.items()},
        }
    )


def _gate(gate: Gate, new: str, like: str) -> Gate:
    stations = {
        name: station.model_copy(update={"priority": _named(station.priority, new, like)})
        for name, station in gate.stations.items()
    }
    sides = {
        key: _direction(side, new, like)
        for key, side in (("export", gate.export), ("import_", gate.import_))
        if side is not None
    }
    return gate.model_copy(update={"stations": stations, **sides})


def _direction(side: Direction, new: str, like: str) -> Direction:
    own = {key: _keyed(getattr(side, key), new, like) for key in ("selectivity", "patience", "preregistered")}
    stages = {name: _stage(stage, new, like) for name, stage in side.stages.items()}
    return side.model_copy(update={**own, "stages": stages})


def _stage(stage: Stage, new: str, like: str) -> Stage:
    update: dict[str, Any] = {"dates": [_listing(factor, new, like) for factor in stage.dates]}
    if isinstance(stage.service, list):
        update["service"] = [_listing(rule, new, like) for rule in stage.service]
    changed: Stage = _listing(stage.model_copy(update=update), new, like)
    return changed


def _listing(record: Any, new: str, like: str) -> Any:
    """Return a record whose `classes` name the new class where they name the old one."""
    if record.classes is None or like not in record.classes:
        return record
    return record.model_copy(update={"classes": _named(record.classes, new, like)})


def _named(names: list[str], new: str, like: str) -> list[str]:
    return [name for old in names for name in ([old, new] if old == like else [old])]


def _keyed(table: dict[str, Any], new: str, like: str) -> dict[str, Any]:
    return {**table, new: table[like]} if like in table else table
