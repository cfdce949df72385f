"""Paths in a file of settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator


def _path(value: object) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value:
        raise ValueError("write the path of a file")
    path = Path(value)
    if not path.is_absolute():
        raise ValueError("write the whole path, from / on: the service runs in a folder of its own")
    return path


FilePathText = Annotated[Path, BeforeValidator(_path)]
