"""Faults across files: one function each, all reported together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from gatewatch.config.errors import Fault
from gatewatch.config.origins import Document
from gatewatch.config.scenarios import InitialState
from gatewatch.config.schema import Border


def all_faults(border: Border, document: Document, root: FilePath) -> Iterator[Fault]:
    """Yield every fault that one field alone cannot show."""
    yield from ()


def initial_state_faults(state: InitialState, border: Border, file: str) -> Iterator[Fault]:
    """Yield the faults of an initial state read from a file of its own."""
    yield from ()
