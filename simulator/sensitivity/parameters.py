"""Parameters of a border that may be other than assumed: which there are, between what, and a border with them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from gatewatch.config.loader import LoadedBorder
from gatewatch.config.origins import Document, Leaf, Origin, Path
from gatewatch.config.routes import DIRECTIONS
from gatewatch.config.schema import Border
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.sensitivity.amounts import Kind, base_of, scaled

RANGE = 0.25
"""Share of a value that it may be more or less where nobody says otherwise."""


_LEVELS: tuple[tuple[str, Kind, str], ...] = (
    ("per_day", "amount", "veh/day"),
    ("day_factor_cv", "amount", "-"),
    ("scatter", "amount", "min"),
    ("no_show", "share", "share"),
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    Something about a border that is varied as one: a value, or several by one factor.

    Args:
        name: Its path in the border; of several values, that of the table they stand in.
        unit: Of the base and the range; `factor` for several values.
        base: What the border has.
        low: Low end of the range.
        high: High end of the range.
        kind: How values follow the parameter.
        leaves: Paths of the values.
    """

    name: str
    unit: str
    base: float
    low: float
    high: float
    kind: Kind
    leaves: tuple[Path, ...]

    def between(self, low: float, high: float) -> Parameter:
        """Return the same parameter with another range."""
        return replace(self, low=low, high=high)


def touched(plan: Plan, gate: str) -> list[Parameter]:
    """Return the parameters of a gate whose values are assumed, those that the days of the plan use, by path."""
    return [found for found in every(plan, gate, assumed_only=True) if found.low < found.high]


def every(plan: Plan, gate: str, *, assumed_only: bool) -> Iterator[Parameter]:
    """Yield the parameters of a gate: servers, services, yards, patience, channels, demand and its hours."""
    book = _Book(plan, assumed_only=assumed_only)
    tree = plan.loaded.document.tree
    data = tree["gates"][gate]
    used = {
        stage.get("station", name)
        for side in DIRECTIONS
        for name, stage in data.get(side, {}).get("stages", {}).items()
    }
    for name in sorted(used & set(data.get("stations", {}))):
        yield from book.group(("gates", gate, "stations", name, "servers"), "amount", "servers", key="servers")
    for name in data.get("yards", {}):
        for key, unit in (("places", "places"), ("keep", "places"), ("accepts_per_day", "veh/day")):
            yield from book.group(("gates", gate, "yards", name, key), "amount", unit, key=key)
    for side in DIRECTIONS:
        for name in data.get(side, {}).get("stages", {}):
            yield from book.tables(("gates", gate, side, "stages", name, "service"), "law", "min", ("law",))
        yield from book.tables(("gates", gate, side, "patience"), "law", "min", ("law",))
        yield from book.tables(("gates", gate, side, "selectivity"), "channels", "factor", ("yellow", "red"))
        yield from book.group(("gates", gate, side, "laden_return"), "share", "share")
    yield from _demand(book, plan, tree, gate)


def _demand(book: _Book, plan: Plan, tree: dict[str, Any], gate: str) -> Iterator[Parameter]:
    at: Path = ("demand", plan.scenario.demand, "flows")
    profiles: dict[str, None] = {}
    for name, flow in tree["demand"][plan.scenario.demand]["flows"].items():
        if flow["gate"] == gate:
            arrivals = flow["arrivals"]
            profiles.update({arrivals["hours"]: None} if "hours" in arrivals else {})
            for key, kind, unit in _LEVELS:
                yield from book.group((*at, name, "arrivals", key), kind, unit)
            if "gap" in arrivals:
                yield from book.tables((*at, name, "arrivals", "gap"), "law", "min", ("law",))
    for profile in profiles:
        yield from book.group(("hour_profiles", profile, "weights"), "profile", "factor")


class _Book:
    """Finds the values under a path that may be varied."""

    def __init__(self, plan: Plan, *, assumed_only: bool) -> None:
        self.document, self.assumed_only, self.plan = plan.loaded.document, assumed_only, plan

    def group(self, at: Path, kind: Kind, unit: str, key: str | None = None) -> Iterator[Parameter]:
        """Yield the values under a path as one parameter, if there are any; of tables in a list those under `key`."""
        leaves = [
            path
            for path in self.document.origins
            if path[: len(at)] == at and (len(path) == len(at) or key is None or path[-1] == key)
        ]
        yield from self._parameter(at, kind, unit, leaves)

    def tables(self, at: Path, kind: Kind, unit: str, keys: tuple[str, ...]) -> Iterator[Parameter]:
        """Yield the tables under a path that have one of the keys, such as laws, as one parameter."""
        found = {path[:-1] for path in self.document.origins if path[: len(at)] == at and path[-1] in keys}
        yield from self._parameter(at, kind, unit, sorted(found, key=str))

    def _parameter(self, at: Path, kind: Kind, unit: str, leaves: list[Path]) -> Iterator[Parameter]:
        kept = tuple(path for path in leaves if self._may_vary(path, kind))
        values = [value_at(self.document, path) for path in kept]
        bases = [base_of(kind, value) for value in values]
        if not kept or any(base is None for base in bases) or not any(bases):
            return
        single = len(kept) == 1 and bases[0] is not None and unit != "factor"
        base = float(bases[0]) if single and bases[0] is not None else 1.0
        whole = kind == "amount" and all(isinstance(value, int) for value in values)
        low, high = _range(base if single else 1.0, [float(b) for b in bases if b], whole=whole, single=single)
        yield Parameter(path_text(at), unit if single else "factor", base, low, high, kind, kept)

    def _may_vary(self, path: Path, kind: Kind) -> bool:
        value = value_at(self.document, path)
        if kind == "amount" and (isinstance(value, bool | str) or value is None):
            return False
        origins = [origin for at, origin in self.document.origins.items() if at[: len(path)] == path]
        is_assumed = any(origin.basis in (None, "assumed") for origin in origins)
        return (is_assumed or not self.assumed_only) and is_in_days(self.plan, path)


def _range(base: float, values: list[float], *, whole: bool, single: bool) -> tuple[float, float]:
    """Return the usual range; whole numbers move by one at least, and stay above nought."""
    low, high = base * (1 - RANGE), base * (1 + RANGE)
    if whole and single:
        return max(1.0, min(math.floor(low), base - 1)), max(math.ceil(high), base + 1)
    if whole:
        least = min(value for value in values if value > 0)
        return low, max(high, (least + 1) / least)
    return low, high


def is_in_days(plan: Plan, path: Path) -> bool:
    """Return whether no table above a value says that it holds on other days only."""
    begins = plan.scenario.start
    ends = begins + timedelta(days=plan.clock.days - 1)
    for length in range(1, len(path)):
        table = value_at(plan.loaded.document, path[:length])
        if isinstance(table, dict):
            first, last = table.get("from"), table.get("to")
            if isinstance(first, date) and first > ends:
                return False
            if isinstance(last, date) and last < begins:
                return False
    return True


def path_text(path: Path) -> str:
    """
    Return a path as a person writes it.

    >>> path_text(("gates", "chi_ma", "stations", "gate_in", "servers", 0, "servers"))
    'gates.chi_ma.stations.gate_in.servers[0].servers'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def value_at(document: Document, path: Path) -> Any:
    """Return the plain value at a path; None where there is none."""
    node: Any = document.tree
    for part in path:
        if isinstance(node, list) and isinstance(part, int):
            node = node[part] if part < len(node) else None
        else:
            node = node.get(part) if isinstance(node, dict) else None
    return node


def with_values(plan: Plan, values: Mapping[Parameter, float]) -> Plan:
    """
    Return the plan of a border in which some parameters have other values.

    Raises:
        pydantic.ValidationError: A value is none that the border can have.
    """
    document = plan.loaded.document
    marked = document.marked
    for parameter, value in values.items():
        if value != parameter.base:
            for path in parameter.leaves:
                changed = scaled(parameter.kind, value_at(document, path), value / parameter.base)
                marked = _placed(marked, path, changed)
    if marked is document.marked:
        return plan
    yards = {path[:4] for parameter in values for path in parameter.leaves if path[2:3] == ("yards",)}
    for at in yards:
        marked = _kept_within(marked, at)
    changed_document = Document(marked)
    border = Border.model_validate(changed_document.tree)
    loaded: LoadedBorder = replace(plan.loaded, border=border, document=changed_document)
    return replace(plan, loaded=loaded)


def _kept_within(marked: Any, at: Path) -> Any:
    """Return a marked tree in which a yard is not kept fuller than its places."""
    yard = marked
    for part in at:
        yard = yard[part]
    places, keep = (leaf.value if isinstance(leaf := yard.get(key), Leaf) else None for key in ("places", "keep"))
    if isinstance(places, int) and isinstance(keep, int) and keep > places:
        return _placed(marked, (*at, "keep"), places)
    return marked


def narrowed(plan: Plan, gates: Sequence[str]) -> Plan:
    """
    Return the plan of some gates alone, with the same vehicles there; the plan itself where gates are tied together.

    Diversions and decisions during the run tie gates together, since they look at both.
    """
    tree = plan.loaded.document.tree
    if any(tree.get(section) for section in ("diversions", "responsive_hours", "reversible_servers")):
        return plan
    marked, demand = dict(plan.loaded.document.marked), plan.scenario.demand
    flows = marked["demand"][demand]["flows"]
    mine = [name for name, flow in tree["demand"][demand]["flows"].items() if flow["gate"] in gates]
    if not mine:
        return plan
    marked["gates"] = {gate: marked["gates"][gate] for gate in gates}
    marked["demand"] = {demand: {"flows": {name: flows[name] for name in mine}}}
    marked.pop("travel", None)
    marked.pop("scenarios", None)
    if allowed := tree.get("eligibility"):
        marked["eligibility"] = {
            name: Leaf([gate for gate in names if gate in gates], Origin("")) for name, names in allowed.items()
        }
    if halts := tree.get("intake_halts"):
        marked["intake_halts"] = {
            name: {**marked["intake_halts"][name], "gates": Leaf(kept, Origin(""))}
            for name, halt in halts.items()
            if (kept := [gate for gate in halt["gates"] if gate in gates])
        }
    document = Document(marked)
    loaded = replace(plan.loaded, border=Border.model_validate(document.tree), document=document)
    inside = [entry for entry in plan.initial.vehicles if entry.gate in gates]
    return replace(plan, loaded=loaded, initial=plan.initial.model_copy(update={"vehicles": inside}))


def _placed(node: Any, path: Path, value: Any) -> Any:
    """Return a marked tree with a value put at a path, its origin kept."""
    if not path:
        return _leaves(node, value)
    if isinstance(node, list):
        at = path[0]
        return [_placed(item, path[1:], value) if n == at else item for n, item in enumerate(node)]
    return {**node, path[0]: _placed(node[path[0]], path[1:], value)}


def _leaves(node: Any, value: Any) -> Any:
    if isinstance(node, Leaf):
        return Leaf(value, node.origin)
    return {key: _leaves(node.get(key, Leaf(None, Origin(""))), part) for key, part in value.items()}
