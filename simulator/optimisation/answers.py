"""What the answers give on fresh streams, which had no part in choosing them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from scipy import stats

from gatewatch.simulator.optimisation.amounts import Amounts
from gatewatch.simulator.optimisation.search import Search
from gatewatch.simulator.optimisation.target import Target
from gatewatch.simulator.output_analysis import t_interval
from gatewatch.simulator.results import number

_SURE: Final = 0.95


def answer_row(
    search: Search, role: str, n: int, amounts: Sequence[Amounts], base: Sequence[Amounts]
) -> dict[str, Any]:
    """Return means, half widths and bounds of one candidate on fresh streams, and its differences from the baseline."""
    figures = [a.figure for a in amounts]
    mean, half = _interval(figures)
    row: dict[str, Any] = {
        "role": role,
        "candidate": search.candidates[n].name,
        "policies": [policy.text for policy in search.candidates[n].policies],
        "replications": len(amounts),
        "figure": number(mean),
        "figure_half_width": number(half),
        "figure_bound": number(_bound(search, figures)),
        "unknown_runs": sum(math.isnan(x) for x in figures),
    }
    costs: dict[str, Callable[[Amounts], float]] = {
        "gate_cost": lambda a: a.gate_cost(search.prices),
        "total_cost": lambda a: a.total_cost(search.prices),
        "paid_hours": lambda a: a.paid_hours,
        "vehicle_hours": lambda a: a.vehicle_hours,
        "spoilage": lambda a: a.spoilage,
    }
    for name, what in costs.items():
        mine = [what(a) for a in amounts]
        row[name], row[f"{name}_half_width"] = map(number, _interval(mine))
        change = [x - what(b) for x, b in zip(mine, base, strict=True)]
        row[f"{name}_change"], row[f"{name}_change_half_width"] = map(number, _interval(change))
    row["is_missed"] = misses(search.target, row)
    row["is_confirmed"] = row["figure_bound"] is not None and search.target.keeps(row["figure_bound"])
    return row


def misses(target: Target, row: Mapping[str, Any]) -> bool:
    """Return whether the mean figure of an answer is beyond the limit, or not known as too many were still inside."""
    return row["figure"] is None or not target.keeps(row["figure"])


def standing(target: Target, row: Mapping[str, Any]) -> str:
    """Return for people what the re-run says of an answer and the target."""
    if misses(target, row):
        return "it misses the target"
    return "it meets the target" if row["is_confirmed"] else "it was not shown to meet the target"


def _interval(values: Sequence[float]) -> tuple[float, float | None]:
    if any(math.isnan(x) for x in values):
        return float("nan"), None
    return t_interval(values)


def _bound(search: Search, figures: Sequence[float]) -> float:
    """Return the one-sided bound of the mean figure on the side of the limit."""
    array = np.array(figures)
    if len(array) < 2:
        return float("nan")
    error = float(stats.t.ppf(_SURE, len(array) - 1)) * array.std(ddof=1) / np.sqrt(len(array))
    return float(array.mean() + search.target.sign * error)


def binding_rows(amounts: Sequence[Amounts]) -> list[dict[str, Any]]:
    """Return the largest causes of waiting in each direction, and the highest load of the gate."""
    rows: list[dict[str, Any]] = []
    for direction in sorted({key[0] for a in amounts for key in a.causes}):
        shares = {
            cause: float(np.mean([a.causes.get((direction, cause), 0.0) for a in amounts]))
            for cause in sorted({key[1] for a in amounts for key in a.causes if key[0] == direction})
        }
        top = sorted(shares, key=lambda cause: -shares[cause])[:3]
        rows += [{"direction": direction, "cause": cause, "share": number(shares[cause])} for cause in top]
    loads = {name: float(np.mean([a.loads.get(name, 0.0) for a in amounts])) for name in amounts[0].loads}
    if loads:
        fullest = max(sorted(loads), key=lambda name: loads[name])
        rows.append({"direction": None, "cause": f"{fullest}: load", "share": number(loads[fullest])})
    return rows
