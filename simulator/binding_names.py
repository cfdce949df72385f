"""The binding resource of each gate and direction: the cause that most of the waiting goes back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def binding_resources(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[str, float]]:
    """
    Return for each gate and direction the largest cause of waiting and its share.

    Args:
        rows: The measures of `Results`; those of `waiting_share` are read.
    """
    found: dict[tuple[str, str], tuple[str, float]] = {}
    for row in rows:
        if row["measure"] != "waiting_share" or row["mean"] is None:
            continue
        place, share = (row["gate"], row["direction"]), float(row["mean"])
        if place not in found or share > found[place][1]:
            found[place] = (row["station"], share)
    return found
