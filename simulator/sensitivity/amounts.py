"""How values of a border follow a factor: amounts, laws of durations, shares, channels, profiles of the day."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import TypeAdapter

from gatewatch.config.laws import SECONDS, Empirical, Law
from gatewatch.simulator.variates import Variate

Kind = Literal["amount", "law", "share", "channels", "profile"]

_LAW: TypeAdapter[Law] = TypeAdapter(Law)
_DURATIONS = ("value", "mean", "scale", "low", "mode", "high")  # of a law; `at_most`, a legal limit, stays


def base_of(kind: Kind, value: Any) -> float | None:
    """Return what a value counts as: a number itself, a law by its mean [min], else 1; None where it cannot vary."""
    if kind in ("amount", "share"):
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if kind == "law":
        law = _LAW.validate_python(value)
        if isinstance(law, Empirical) and law.values is None:
            return None
        return Variate(law).mean_s() / SECONDS["min"]
    if kind == "channels":
        return 1.0 if isinstance(value, dict) and (value.get("yellow") or value.get("red")) else None
    return 1.0 if isinstance(value, list) else None


def scaled(kind: Kind, value: Any, factor: float) -> Any:
    """
    Return a value times a factor, as its kind takes it.

    Whole numbers are rounded, and those above nought stay so. A share stays below 1. Of the channels yellow and red are
    scaled, and green is the rest. A profile of the day keeps its
    total: its departures from an even day are scaled, none below nought.

    >>> scaled("amount", 5, 1.25), scaled("share", 0.9, 1.25), scaled("profile", [1.0, 3.0], 2.0)
    (6, 1.0, [0.0, 4.0])
    """
    if kind == "amount" and isinstance(value, int):
        return max(min(value, 1), math.floor(value * factor + 0.5))
    if kind == "amount":
        return value * factor
    if kind == "share":
        return min(1.0, value * factor)
    if kind == "channels":
        return _stricter(value, factor)
    if kind == "law":
        return _longer(value, factor)
    mean = sum(value) / len(value)
    return [max(0.0, mean + factor * (weight - mean)) for weight in value]


def _stricter(shares: dict[str, float], factor: float) -> dict[str, float]:
    """Return channel shares with yellow and red times a factor, 1 together at most, and green for the rest."""
    checked = shares.get("yellow", 0.0) + shares.get("red", 0.0)
    times = min(factor, 1.0 / checked) if checked > 0 else 1.0
    changed: dict[str, float] = {name: shares[name] * times for name in ("yellow", "red") if name in shares}
    return {"green": max(0.0, 1.0 - sum(changed.values())), **changed}


def _longer(law: dict[str, Any], factor: float) -> dict[str, Any]:
    changed = {key: part * factor if key in _DURATIONS else part for key, part in law.items()}
    if "mu" in law:
        changed["mu"] = law["mu"] + math.log(factor)
    for name in ("means", "values"):
        if name in law:
            changed[name] = [part * factor for part in law[name]]
    return changed
