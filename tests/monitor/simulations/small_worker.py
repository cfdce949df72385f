"""A worker with small kinds of tasks, for tests of the pool: its program, in the place of ours."""

import os
import signal
import sys
import time
from pathlib import Path

from pydantic import BaseModel

from gatewatch.monitor.simulations import worker
from gatewatch.monitor.simulations.kinds import Cancelled, Kind, Refused


class Request(BaseModel):
    """Anything."""


def echo(request, tell, _is_cancelled):
    """Return what was asked, with a file."""
    tell({"phase": "running"})
    return {"asked": request, "pid": os.getpid(), "nice": os.nice(0), "files": {"table.csv": b"a,b\n1,2\n"}}


def wait(request, _tell, is_cancelled):
    """Wait to be cancelled; first make a file, so that a test knows."""
    Path(request["file"]).touch()
    while not is_cancelled():
        time.sleep(0.01)
    raise Cancelled


def stubborn(request, _tell, _is_cancelled):
    """Never end."""
    Path(request["file"]).touch()
    while True:
        time.sleep(0.01)


def die(_request, _tell, _is_cancelled):
    """End as if the machine had run out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(_request, _tell, _is_cancelled):
    """Fail by a mistake of ours."""
    raise ZeroDivisionError("nothing to divide by")


def refuse(_request, _tell, _is_cancelled):
    """Refuse what was asked."""
    raise Refused(
        [{"place": "days", "key": "", "found": "0", "expected": "1 or more", "text": "days is 0; 1 or more."}]
    )


def chatter(_request, tell, _is_cancelled):
    """Print, as libraries do, and say more than can be read."""
    print("a library greets you")  # noqa: T201 - as libraries do
    for n in range(1_000):
        tell({"done": n})
    return {}


KINDS = {f.__name__: Kind(f.__name__, Request, f, True, "") for f in (echo, wait, stubborn, die, fail, refuse, chatter)}

if __name__ == "__main__":
    worker.list_kinds = lambda: KINDS  # type: ignore[assignment]
    worker.main(sys.argv[1:])
