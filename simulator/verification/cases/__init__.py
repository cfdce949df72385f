"""The shipped cases: one file a subject, found by scanning this folder; the borders lie in `../borders/`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from gatewatch.simulator.verification.case import Case, registered


@cache
def list_cases() -> dict[str, Case]:
    """Return every case by name, in the order of files and of functions within them."""
    for module in sorted(m.name for m in iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
    return registered()
