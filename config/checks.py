"""Faults that one field alone cannot show: one function each, all reported together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path as FilePath
from typing import get_args

from gatewatch.config import checks_demand, checks_gates, checks_responses, checks_routes
from gatewatch.config.checks_csv import csv_faults
from gatewatch.config.checks_initial import initial_state_faults
from gatewatch.config.errors import Fault, known_names
from gatewatch.config.faults import key_text, shown
from gatewatch.config.origins import Document
from gatewatch.config.schema import Basis, Border

__all__ = ["all_faults", "csv_faults", "initial_state_faults"]

Check = Callable[[Border, Document], Iterator[Fault]]
BASES = get_args(Basis)


def all_faults(border: Border, document: Document, root: FilePath, scenario: str | None = None) -> Iterator[Fault]:
    """
    Yield every fault of a border that is well-formed by itself.

    Args:
        border: The border.
        document: The same with the origin of each value.
        root: Folder or file that it was read from; CSV files are found from here.
        scenario: The scenario that restated this border. Without it, those that restate nothing are checked.
    """
    rooms = (CHECKS, checks_gates.CHECKS, checks_routes.CHECKS, checks_demand.CHECKS, checks_responses.CHECKS)
    for check in (check for room in rooms for check in room):
        yield from check(border, document)
    yield from csv_faults(border, document, root)
    for name, data in border.scenarios.items():
        if name == scenario if scenario is not None else not data.border:
            yield from checks_demand.scenario_faults(name, data, border, document)
            yield from initial_state_faults(data.initial, border, document, ("scenarios", name, "initial"))


def unknown_basis(border: Border, document: Document) -> Iterator[Fault]:
    """A `basis` is one of three words."""
    del border
    for origin in document.origins.values():
        if origin.basis is not None and origin.basis not in BASES:
            expected = "use one of " + ", ".join(f'"{basis}"' for basis in BASES)
            yield Fault(origin.file, key_text(origin.basis_key), shown(origin.basis), expected)


def basis_without_source(border: Border, document: Document) -> Iterator[Fault]:
    """A number that was reported, or inferred from one that was, says where."""
    del border
    for origin in document.origins.values():
        if origin.basis in ("reported", "inferred") and not origin.source:
            found = f'"{origin.basis}" without a source'
            yield Fault(origin.file, key_text(origin.basis_key), found, 'add source = "…" beside it')


def source_without_basis(border: Border, document: Document) -> Iterator[Fault]:
    """A source is named together with what was made of it."""
    del border
    for origin in document.origins.values():
        if origin.source and origin.basis is None:
            found = f"{shown(origin.source)} without a basis"
            yield Fault(origin.file, key_text(origin.source_key), found, 'add basis = "reported" or "inferred"')


def unknown_source(border: Border, document: Document) -> Iterator[Fault]:
    """A source key is explained in `sources`, once there are any."""
    for origin in document.origins.values():
        if border.sources and origin.source and origin.source not in border.sources:
            expected = known_names("source", origin.source, border.sources)
            yield Fault(origin.file, key_text(origin.source_key), shown(origin.source), expected)


CHECKS: tuple[Check, ...] = (unknown_basis, basis_without_source, source_without_basis, unknown_source)
