"""
The notifier's process: it asks the core of its own machine for messages, and delivers them.

Run as a program, it takes its settings from the environment. `--supervised` has it end when its standard input does.
It ends only when it is told to, or in a way after which another start may help: a notifier that cannot run must not
take the core with it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Final, TextIO

import httpx
import structlog
from pydantic import TypeAdapter, ValidationError

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border
from gatewatch.config.teams import LoadedTeams
from gatewatch.monitor.channels.teams import load_told
from gatewatch.monitor.detectors.kinds import list_detectors
from gatewatch.monitor.lent import Lent, read_lent
from gatewatch.monitor.logs import set_up_logs
from gatewatch.monitor.notifier import CoreAwayError, Job, Notifier, Outcome
from gatewatch.monitor.settings import Settings, load_settings
from gatewatch.monitor.supervisor import DONE, UNAVAILABLE, stop_when_left_alone

LOCK: Final = "notifier.lock"
_TIMEOUT_S: Final = 30.0
_JOBS: Final = TypeAdapter(list[Job])

_log: Final = structlog.get_logger("gatewatch.monitor.notifying")


class HttpCore:
    """
    The core's outbox over HTTP, found by the file that the core writes; a core that starts anew is found again.

    Args:
        home: Folder of the service.
        holder: A word for this start of the notifier.
        transport: What carries requests; without it, the network.
    """

    def __init__(self, home: Path, holder: str, transport: httpx.BaseTransport | None = None) -> None:
        self._home, self._holder = home, holder
        self._client = httpx.Client(timeout=_TIMEOUT_S, trust_env=False, transport=transport)
        self._lent: Lent | None = None

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def lease(self, most: int, under_way: Sequence[int]) -> list[Job]:
        """
        Return messages to be delivered now.

        Raises:
            CoreAwayError: The core cannot be asked.
        """
        answer = self._post("/v1/outbox/lease", {"holder": self._holder, "most": most, "under_way": list(under_way)})
        try:
            return _JOBS.validate_python(answer.json()["messages"])
        except (ValueError, KeyError, ValidationError) as error:
            raise CoreAwayError(f"the core answers what no core of this version does: {error}.") from None

    def settle(self, job: Job, outcome: Outcome, retry_after_s: float) -> None:
        """
        Tell what became of a try; a lease that is not known any more is somebody else's by now.

        Raises:
            CoreAwayError: The core cannot be told.
        """
        content = {
            "lease": job.lease, "result": outcome.result, "said": outcome.said[:2_000],
            "retry_after_s": retry_after_s, "waits_all": outcome.waits_all,
        }  # fmt: skip
        self._post(f"/v1/outbox/{job.number}/settle", content)

    def _post(self, path: str, content: object) -> httpx.Response:
        lent = self._lent or read_lent(self._home)  # a name of our own: other threads set the attribute meanwhile
        if lent is None:
            raise CoreAwayError("the core has not said yet where it is.")
        self._lent = lent
        try:
            answer = self._client.post(
                f"{lent.url}{path}", json=content, headers={"Authorization": f"Bearer {lent.key}"}
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._lent = None  # it may come back elsewhere
            raise CoreAwayError(f"the core does not answer: {str(error) or type(error).__name__}.") from None
        if answer.status_code in {HTTPStatus.OK, HTTPStatus.CONFLICT}:
            return answer
        self._lent = None  # it may have started anew, with another key
        raise CoreAwayError(f"the core answers {answer.status_code} to {path}.")


def told_of(settings: Settings) -> LoadedTeams:
    """
    Return who is told, by the settings of a service.

    Raises:
        ConfigError: The border or the teams file cannot be used.
    """
    border = load_border(settings.border).border
    return load_told(border, list_detectors(), settings.teams, settings.border)


def run(settings: Settings) -> int:
    """Deliver until told to end, and return the exit status."""
    told: list[Notifier] = []
    is_ending: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        is_ending.append(number)
        for notifier in told:
            notifier.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hear)
    lock = _lock(settings.home)
    if lock is None:
        _log.error("another notifier delivers for this service", home=str(settings.home))
        return UNAVAILABLE
    with lock:
        try:
            loaded = told_of(settings)
        except ConfigError as error:
            _log.error("nobody is told: the teams file cannot be used", reason=str(error))
            return UNAVAILABLE
        core = HttpCore(settings.home, secrets.token_hex(6))
        notifier = Notifier(core, loaded.channels)
        told.append(notifier)
        if not is_ending:
            _log.info("delivering", channels=sorted(loaded.channels), teams=str(loaded.file))
            notifier.run()
        core.close()
    _log.info("ended")
    return DONE


def _lock(home: Path) -> TextIO | None:
    """Return the locked file that keeps a second notifier out, None while another holds it."""
    home.mkdir(parents=True, exist_ok=True)
    file = (home / LOCK).open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def main(arguments: Sequence[str]) -> int:
    """Deliver with the settings of the environment, and return the exit status."""
    os.umask(0o077)
    set_up_logs()
    if "--supervised" in arguments:
        stop_when_left_alone()
    try:
        settings = load_settings()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return UNAVAILABLE
    return run(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
