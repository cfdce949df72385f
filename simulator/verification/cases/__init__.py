"""The shipped cases: one file a subject, found by scanning this folder; the borders lie in `../borders/`."""

from __future__ import annotations

from functools import cache

from gatewatch.config.scanning import modules_with
from gatewatch.simulator.verification.case import Case, registered


@cache
def list_cases() -> dict[str, Case]:
    """Return every case by name, in the order of files and of functions within them."""
    modules_with(__name__)  # each has registered its own by then
    return registered()
