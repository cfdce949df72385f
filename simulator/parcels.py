"""Plans on their way to another process or machine, with the CSV files that their borders name."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from gatewatch.config.csv_files import csv_path
from gatewatch.config.loader import named_csv_files
from gatewatch.simulator.scenario import Plan


@dataclass(frozen=True, slots=True)
class Parcel:
    """
    Plans that can be run where none of their files is.

    Args:
        plans: The plans.
        files: For each plan, name and content of every CSV file of its border.
    """

    plans: tuple[Plan, ...]
    files: tuple[tuple[tuple[str, bytes], ...], ...]


def pack(plans: Sequence[Plan]) -> Parcel:
    """Return plans with the files that they need."""
    return Parcel(tuple(plans), tuple(_files(plan) for plan in plans))


def unpack(parcel: Parcel) -> tuple[Plan, ...]:
    """Return the plans of a parcel, with their files where they can be read."""
    return tuple(
        replace(plan, loaded=replace(plan.loaded, root=Path(_folder_with(files).name))) if files else plan
        for plan, files in zip(parcel.plans, parcel.files, strict=True)
    )


def _files(plan: Plan) -> tuple[tuple[str, bytes], ...]:
    loaded = plan.loaded
    names = sorted(set(named_csv_files(loaded.document.tree)))
    paths = [csv_path(loaded.root, name) for name in names]
    return tuple((name, path.read_bytes()) for name, path in zip(names, paths, strict=True) if path.is_file())


@lru_cache(maxsize=32)
def _folder_with(files: tuple[tuple[str, bytes], ...]) -> tempfile.TemporaryDirectory[str]:
    """Return a folder with these files, which goes when the process does."""
    folder = tempfile.TemporaryDirectory(prefix="gatewatch-")
    for name, content in files:
        path = Path(folder.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
