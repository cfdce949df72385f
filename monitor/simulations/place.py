"""What a worker knows of the service it works for."""

from __future__ import annotations

import os
from functools import cache

from gatewatch.config.loader import LoadedBorder, load_border
from gatewatch.monitor.settings import load_settings


@cache
def watched_border() -> LoadedBorder:
    """
    Return the border of the service's settings, read once a process.

    Raises:
        ConfigError: It cannot be used any more.
    """
    return load_border(load_settings().border)


def cores() -> int:
    """Return how many threads a task may use: those of the machine, since a worker gives way to everything else."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
