"""Each figure comes from a process of its own: its memory is its own, and no other figure warms it up."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
MIB = 1 << 10  # ru_maxrss counts KiB


def apart(
    subject: Callable[..., Any], cores: int = 1, variables: dict[str, str] | None = None, **arguments: Any
) -> Any:
    """
    Return what a function of `subjects.py` returns in a process of its own.

    Args:
        subject: The function.
        cores: Cores that the process may use; libraries get one thread.
        variables: More of its environment.
        arguments: For the function.
    """
    order = json.dumps([subject.__name__, cores, arguments])
    command = [sys.executable, str(Path(__file__).with_name("run.py")), "--one", order]
    environment = {**os.environ, **ONE_THREAD, **(variables or {})}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def hold_to(cores: int) -> None:
    """Keep this process on so many of its cores, as far as there are that many."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


def peak_mib() -> float:
    """Return the most memory that this process, or the largest of its ended children, has held."""
    of = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(whose).ru_maxrss for whose in of) / MIB
