"""
A worker's process: does one task after the other, and gives way to everything else on the machine.

Run as a program by the pool, with the service's settings in its environment. Tasks come on standard input and what
becomes of them goes to standard output, in frames; when standard input ends, so does the process.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Final

import structlog

from gatewatch.config.errors import ConfigError
from gatewatch.monitor.logs import set_up_logs
from gatewatch.monitor.simulations.frames import ClosedError, Frame, FrameReader, send
from gatewatch.monitor.simulations.kinds import RESULT, Cancelled, Refused, list_kinds

NICE: Final = 10
MOST_BYTES: Final = 64 * 1024 * 1024  # of all files of a task, compressed
_LEAST_BETWEEN_S: Final = 0.2  # between two tellings of progress

_log: Final = structlog.get_logger(__name__)


class Worker:
    """
    Does tasks.

    Args:
        tasks: Where they come from.
        answers: Where what becomes of them goes.
    """

    def __init__(self, tasks: int, answers: int) -> None:
        self._reader = FrameReader(tasks)
        self._answers = answers
        self._sending = threading.Lock()
        self._todo: SimpleQueue[Frame] = SimpleQueue()
        self._cancelled: set[str] = set()

    def run(self) -> None:
        """Do tasks until the process ends."""
        threading.Thread(target=self._listen, name="gatewatch-listener", daemon=True).start()
        while True:
            self._do(self._todo.get().head)

    def _listen(self) -> None:
        """Take in tasks and cancellations while one is being done."""
        try:
            while True:
                frame = self._reader.next()
                assert frame is not None
                if "stop" in frame.head:
                    self._cancelled.add(frame.head["stop"])
                else:
                    self._todo.put(frame)
        except ClosedError:
            os._exit(0)  # whoever wanted the task is gone, and compiled code cannot be interrupted

    def _do(self, head: Any) -> None:
        task = str(head["do"])
        try:
            files, summary = self._done(task, str(head["kind"]), dict(head["request"]))
        except Cancelled:
            self._send({"ended": task, "state": "cancelled"})
        except ConfigError as error:
            faults = [
                {"place": f.file, "key": f.key, "found": f.found, "expected": f.expected, "text": str(f)}
                for f in error.faults
            ]
            self._send({"ended": task, "state": "refused", "reason": str(error.args[0]), "faults": faults})
        except Refused as error:
            self._send({"ended": task, "state": "refused", "reason": str(error), "faults": error.faults})
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits is told
            _log.error("a task failed", task=task, kind=head["kind"], trace=traceback.format_exc())
            said = str(error).partition("\n")[0] or "no message"
            self._send({"ended": task, "state": "failed", "reason": f"{type(error).__name__}: {said}"})
        else:
            sizes = [[name, len(content)] for name, content in files.items()]
            body = b"".join(files.values())
            self._send({"ended": task, "state": "done", "summary": summary, "files": sizes}, body)
        self._cancelled.discard(task)

    def _done(self, task: str, kind: str, request: dict[str, Any]) -> tuple[dict[str, bytes], dict[str, Any]]:
        """Return the files of a task, compressed, and its summary."""
        last_s = 0.0

        def tell(progress: dict[str, Any]) -> bool:
            nonlocal last_s
            now_s = time.monotonic()
            if now_s - last_s < _LEAST_BETWEEN_S:
                return False
            last_s = now_s
            self._send({"told": task, "progress": progress})
            return True

        result = dict(list_kinds()[kind].work(request, tell, lambda: task in self._cancelled))
        files: dict[str, bytes] = result.pop("files", {})
        summary: dict[str, Any] = result.pop("summary", {})
        text = json.dumps(result, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        found = {name: packed(content) for name, content in {RESULT: text.encode(), **files}.items()}
        size = sum(map(len, found.values()))
        if size > MOST_BYTES:
            raise ValueError(f"the result has {size:,} bytes and at most {MOST_BYTES:,} are kept; ask for fewer days")
        return found, summary

    def _send(self, head: dict[str, Any], body: bytes = b"") -> None:
        with self._sending:
            send(self._answers, Frame(head, body))


def packed(content: bytes) -> bytes:
    """Return bytes as gzip writes them, the same each time."""
    return gzip.compress(content, 6, mtime=0)


def main(_arguments: Sequence[str]) -> None:
    """Do tasks until standard input ends."""
    os.nice(NICE)
    with suppress(AttributeError, OSError):  # Linux: it then never takes a core from one who wakes up
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    set_up_logs()
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints must not get between the frames
    with suppress(ClosedError):
        Worker(0, answers).run()


if __name__ == "__main__":
    main(sys.argv[1:])
