"""The values that a run used: key, value, unit, file, basis, source; each once, however many gates inherit it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from gatewatch.config.faults import key_text
from gatewatch.config.origins import Origin, Path
from gatewatch.config.plain_words import annotations_at, unit_of
from gatewatch.config.schema import Basis, Border
from gatewatch.simulator.scenario import Plan

_ALWAYS: Final = (
    "border", "classes", "prices", "diversions", "intake_halts", "responsive_hours", "reversible_servers",
)  # fmt: skip
# Names and references: they say what a value is of, and are none themselves.
_NO_VALUES: Final = frozenset(
    {
        "title", "title_vi", "note", "note_vi", "kind", "station", "yard", "gate", "gates", "direction", "class",
        "classes", "channels", "stage", "to", "from", "station_from", "station_to", "calendar", "hours", "weekdays",
        "season", "day_factor_of", "leg", "route", "clears", "dormant", "timezone", "unit", "laden", "perishable",
        "selectivity", "reason", "latitude", "longitude",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A value that was used.

    Args:
        key: Its key in its file.
        value: As the file states it.
        unit: Its unit; empty where it has none.
        file: Its file.
        basis: Where it comes from.
        source: Key of its source.
    """

    key: str
    value: str
    unit: str
    file: str
    basis: Basis
    source: str


def used_values(plan: Plan) -> list[Entry]:
    """Return the values of the gates, calendars, demand and prices of a run that hold on its days, by file and key."""
    found: dict[tuple[str, Path], Entry] = {}
    for path, origin in plan.loaded.document.origins.items():
        if not _is_used(plan, path) or not _holds(plan, path):
            continue
        law = _law_at(plan, path)
        place = origin.key[: len(origin.key) - (len(path) - len(law))] if law else origin.key
        if (origin.file, place) in found:
            continue
        entry = _entry(plan, path, law, origin, place)
        if entry is not None:
            found[origin.file, place] = entry
    return sorted(found.values(), key=lambda entry: (entry.file, entry.key))


def _is_used(plan: Plan, path: Path) -> bool:
    border, section = plan.loaded.border, path[0]
    if section == "gates":
        return not border.gates[str(path[1])].dormant
    if section == "demand":
        return path[1] == plan.scenario.demand
    if section == "calendars":
        return path[1] in _calendars(plan)
    if section in {"hour_profiles", "weekday_profiles", "seasons"}:
        return path[1] in _profiles(plan)
    if section == "scenarios":
        return path[1] == plan.name and path[2] == "initial"
    if section in {"travel", "eligibility"}:
        return bool(border.diversions)
    return section in _ALWAYS


def _holds(plan: Plan, path: Path) -> bool:
    """Return whether no table above a value says that it holds on other days only."""
    begins = plan.scenario.start
    ends = begins + timedelta(days=plan.clock.days - 1)
    node: Any = plan.loaded.document.tree
    for part in path[:-1]:
        node = node[part]
        first, last = (_day(node.get(key)) if isinstance(node, dict) else None for key in ("from", "to"))
        if (first is not None and first > ends) or (last is not None and last < begins):
            return False
    return True


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


def _calendars(plan: Plan) -> set[str]:
    gates = [gate for gate in plan.loaded.border.gates.values() if not gate.dormant]
    return {name for gate in gates for name in (gate.calendar, gate.counterpart.calendar) if name is not None}


def _profiles(plan: Plan) -> set[object]:
    flows = plan.loaded.border.demand[plan.scenario.demand].flows.values()
    keys = ("hours", "weekdays", "season")
    return {getattr(flow.arrivals, key, None) for flow in flows for key in keys}


def _law_at(plan: Plan, path: Path) -> Path:
    """Return the path of the law that a value is part of; empty where it is part of none."""
    node: Any = plan.loaded.document.tree
    for length, part in enumerate(path):
        node = node[part]
        if isinstance(node, dict) and "law" in node and isinstance(node["law"], str):
            return path[: length + 1]
    return ()


def _entry(plan: Plan, path: Path, law: Path, origin: Origin, place: Path) -> Entry | None:
    tree = plan.loaded.document.tree
    at = law or path
    node: Any = tree
    for part in at:
        node = node[part]
    if law:
        value, unit = _law_text(node), str(node.get("unit", ""))
    elif path[-1] in _NO_VALUES or not (_is_number(node) or (origin.basis and not isinstance(node, bool | dict))):
        return None
    else:
        value, unit = _text(node), next(filter(None, map(unit_of, annotations_at(Border, at, tree))), "")
    basis: Basis = "reported" if origin.basis == "reported" else "inferred" if origin.basis == "inferred" else "assumed"
    return Entry(key_text(place), value, unit, origin.file, basis, origin.source or "")


def _is_number(node: object) -> bool:
    if isinstance(node, list):
        return bool(node) and all(map(_is_number, node))
    return isinstance(node, int | float) and not isinstance(node, bool)


def _text(node: object) -> str:
    if isinstance(node, list):
        return ", ".join(map(_text, node))
    return f"{node:.10g}" if isinstance(node, float) else str(node)


def _law_text(law: dict[str, Any]) -> str:
    numbers = ", ".join(f"{key} {_text(value)}" for key, value in law.items() if key not in {"law", "unit"})
    return f"{law['law']}: {numbers}" if numbers else str(law["law"])


def sources_of(plan: Plan, keys: Iterator[str] | list[str]) -> list[tuple[str, str, str, str]]:
    """Return key, title, date and address of sources, each once, by key."""
    known = plan.loaded.border.sources
    return [
        (key, known[key].title, known[key].date, known[key].url) if key in known else (key, "", "", "")
        for key in sorted(set(keys))
    ]
