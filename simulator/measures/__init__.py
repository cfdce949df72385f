"""Measures: one file a family, found by scanning this folder."""

from __future__ import annotations

from functools import cache

from gatewatch.config.scanning import modules_with
from gatewatch.simulator.measures.base import Measure, registered


@cache
def list_measures() -> dict[str, Measure]:
    """Return every measure by name, in the order of files and of functions within them."""
    modules_with(__name__)  # each has registered its own by then
    return registered()
