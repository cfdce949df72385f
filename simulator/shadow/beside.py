"""The shadow beside simulated results: how far apart they are, how far they may be, and why they can be further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatewatch.simulator.shadow.answer import Shadow

BESIDE_KEYS = (
    "gate", "direction", "measure", "unit", "simulated", "half_width", "shadow", "of", "gap", "tolerance", "is_within",
    "why",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tolerance:
    """
    How far the shadow may lie from the simulation before it is worth a look.

    Args:
        share: Of the larger of both.
        least: On top, in the unit of the measure.
        reason: Why so much.
    """

    share: float
    least: float
    reason: str


TOLERANCES: Mapping[str, Tolerance] = {
    "offered_per_day": Tolerance(0.03, 1, "the same levels; what differs is the luck of few days"),
    "cleared_per_day": Tolerance(0.05, 1, "a stable gate clears what comes; a saturated one its hours times its rate"),
    "capacity_per_day": Tolerance(0.05, 1, "the same work over the same hours, with mean services and mean mix"),
    "backlog": Tolerance(0.15, 2, "the fluid leaves out that few servers queue by chance, and knows no classes"),
    "backlog_at_close": Tolerance(0.20, 2, "as the backlog; at closing time the services under way weigh more"),
    "backlog_at_2000": Tolerance(0.20, 2, "as at closing time"),
    "turned_back_per_day": Tolerance(0.15, 2, "patience over a mean of ages, not vehicle by vehicle"),
    "lost_per_day": Tolerance(0.25, 2, "a queue is full by chance before it is full on average"),
    "wait": Tolerance(0.15, 600, "steps of three minutes, and chance within the hour only roughly"),
    "crossing_time": Tolerance(0.15, 600, "as the wait, added up over the stages"),
}
"""Measured on the shipped scenarios; `tests/simulator/shadow/test_shipped.py` holds them to it."""

EXACT = Tolerance(0.05, 0.2, "the chain is the whole gate and direction: what is left is the luck of the replications")


def beside(
    measures: Sequence[Mapping[str, Any]], shadow: Shadow, censored: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """
    Return the shadow beside the simulated values, rows with the keys of `BESIDE_KEYS`.

    `of` says which of the shadow's answers it is: `exact` where the chain is the whole gate and direction, else
    `diffusion` where there is one, else `fluid`. The gap is shadow less simulated. The tolerance is that of the
    measure plus the half width of the simulated mean. Above it, `why` says what can be behind it. A simulated mean
    that is only a lower bound is not compared.

    Args:
        measures: The measures of `Results`.
        shadow: The shadow of the same plan.
        censored: The censored rows of `Results`.
    """
    simulated = {
        (row["measure"], row["gate"], row["direction"]): row
        for row in measures
        if row["class"] is None and row["station"] is None
    }
    bounds = {(row["measure"], row["gate"], row["direction"]) for row in censored if row["is_lower_bound"]}
    rows = []
    for row in shadow.rows:
        key = (row["measure"], row["gate"], row["direction"])
        found = simulated.get(key)
        tolerance = TOLERANCES.get(row["measure"])
        if found is None or found["mean"] is None or tolerance is None or key in bounds:
            continue
        rows.append(_row(row, found, tolerance, shadow))
    return rows


def _row(row: Mapping[str, Any], found: Mapping[str, Any], tolerance: Tolerance, shadow: Shadow) -> dict[str, Any]:
    of = "exact" if row["exact"] is not None and _is_whole(row, shadow) else "diffusion"
    if row[of] is None:
        of = "fluid"
    value, mean, half = float(row[of]), float(found["mean"]), float(found["half_width"] or 0.0)
    allowed = EXACT if of == "exact" else tolerance
    most = allowed.share * max(abs(value), abs(mean)) + allowed.least + half
    is_within = abs(value - mean) <= most
    return {
        "gate": row["gate"], "direction": row["direction"], "measure": row["measure"], "unit": row["unit"],
        "simulated": mean, "half_width": found["half_width"], "shadow": value, "of": of,
        "gap": float(f"{value - mean:.10g}"), "tolerance": float(f"{most:.10g}"), "is_within": is_within,
        "why": "" if is_within else _why(row, value - mean, shadow),
    }  # fmt: skip


def _is_whole(row: Mapping[str, Any], shadow: Shadow) -> bool:
    texts = [n["text"] for n in shadow.notes if _is_of(n, row) and n["about"] == "exact"]
    return bool(texts) and not any("alone" in text for text in texts)


def _is_of(other: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return (other["gate"], other["direction"]) == (row["gate"], row["direction"])


def _why(row: Mapping[str, Any], gap: float, shadow: Shadow) -> str:
    """Return in words what can be behind a gap: what the fluid leaves out here, or what near load 1 does."""
    left_out = [n["text"] for n in shadow.notes if _is_of(n, row) and n["about"] == "fluid"]
    reasons = [text for text in left_out if text]
    binds = next((b for b in shadow.binding if _is_of(b, row)), None)
    if binds is not None and binds["load"] is not None and binds["load"] >= 0.9:
        near = f"{binds['resource']} is at load {binds['load']:.2f}, where days that differ count most"
        reasons.append(near)
        if ":" in binds["resource"]:
            reasons.append("a yard that blocks lets waits spread upstream")
    if not reasons:
        small = (
            "few vehicles: they come in ones and queue by chance" if gap < 0 else "the fluid takes all classes as one"
        )
        reasons.append(small)
    return "; ".join(reasons)
