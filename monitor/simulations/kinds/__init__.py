"""
Kinds of tasks: one file each, found by scanning this folder.

A file has a pydantic class `Request`, a function `work(request, tell, is_cancelled)` that returns a dictionary, and
`IS_PUBLIC` where people may ask for it by `POST /v1/runs`. The core reads `Request` only, so a file loads the simulator
inside `work`, which runs in a worker's process.

`tell` takes a dictionary of progress that JSON can hold, whose keys stay until they are told anew; what comes too fast
is left out, which `tell` returns. `is_cancelled` is to be
asked often; `Cancelled` may be raised from anywhere. What `work` returns is kept as `result.json`; under "files" it may
name further files with their bytes, and under "summary" a few figures for lists. `Refused` and `ConfigError` are the
asker's fault and told as such; any other exception is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from gatewatch.config.scanning import description, modules_with

Tell = Callable[[dict[str, Any]], bool]
IsCancelled = Callable[[], bool]

RESULT: Final = "result.json"


class Cancelled(Exception):  # noqa: N818 - no error: somebody wished it
    """Raised by a task that was told to stop."""


class Refused(Exception):  # noqa: N818 - told, not raised to anybody
    """
    Raised by a task whose request is at fault.

    Args:
        faults: `place` (where in the request, keys joined by dots), `key`, `found`, `expected` and `text` of each.
    """

    def __init__(self, faults: Sequence[Mapping[str, str]]) -> None:
        super().__init__("\n".join(fault["text"] for fault in faults))
        self.faults = [dict(fault) for fault in faults]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A kind of task.

    Args:
        name: Name of its module.
        request: What can be asked for.
        work: Does it, in a worker.
        is_public: Whether people may ask for it by `POST /v1/runs`.
        description: What it does, as the docstring of its module says.
    """

    name: str
    request: type[BaseModel]
    work: Callable[[dict[str, Any], Tell, IsCancelled], dict[str, Any]]
    is_public: bool
    description: str


@cache
def list_kinds() -> Mapping[str, Kind]:
    """Return every kind by name: the modules of this folder that have `Request` and `work`."""
    return {
        name: Kind(
            name, module.Request, module.work, bool(getattr(module, "IS_PUBLIC", False)), description(module)
        )
        for name, module in modules_with(__name__, "Request", "work").items()
    }  # fmt: skip
