"""Measures: one file a family, found by scanning this folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from gatewatch.simulator.measures.base import Measure, registered


@cache
def list_measures() -> dict[str, Measure]:
    """Return every measure by name, in the order of files and of functions within them."""
    for module in sorted(m.name for m in iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
    return registered()
