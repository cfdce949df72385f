"""A service in a process of its own, on a port of its own, for tests over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from gatewatch.monitor.access import Role
from gatewatch.monitor.core import start_core
from gatewatch.monitor.processes import with_settings
from gatewatch.monitor.settings import Settings, load_settings

SOON_S = 60
SOURCE = "huu_nghi/camera/export-out"


class Service:
    """
    A core's process and what it logs; it is ready when this returns.

    Args:
        settings: How it runs.
        options: Of its program.
    """

    def __init__(self, settings: Settings, *options: str) -> None:
        command = [sys.executable, "-m", "gatewatch.monitor.serving", *options]
        variables = with_settings(settings, os.environ)
        self.process = subprocess.Popen(
            command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.log: list[dict[str, Any]] = []
        self.url = str(self.logged("serving").get("url", ""))

    def logged(self, event: str) -> dict[str, Any]:
        """Return the next line of the log about something, empty when the log ends before."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(json.loads(line) if line.startswith("{") else {"event": line.strip()})
            if self.log[-1]["event"] == event:
                return self.log[-1]
        return {}

    def end(self, number: int = signal.SIGTERM) -> int:
        """Return the exit status after a signal."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Return the exit status once it has ended, by itself or otherwise."""
        self.logged("")
        return self.process.wait(SOON_S)

    def close(self) -> None:
        """Have it gone."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stderr):
            assert pipe is not None
            pipe.close()


def settings_in(home: Path, **more: Any) -> Settings:
    """Return the settings of a service that keeps everything in a folder and takes any free port."""
    return load_settings({}, home=home, **{"port": 0, "requests_per_minute": 1_000_000, **more})


def new_key(settings: Settings, role: Role = "device") -> str:
    """Return a key for every source and gate; the store is made, and nobody leads it afterwards."""
    now = datetime.now(UTC)
    core = start_core(settings, now)
    text, _ = core.register.make_key("test", role, None, None, None, "test", now)
    core.stop()
    return text


def client_of(service: Service, key: str) -> httpx.Client:
    """Return a client that posts as a device."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=service.url, headers=headers, timeout=SOON_S, trust_env=False)


def clearance(number: int, source: str = SOURCE) -> dict[str, Any]:
    """Return an event that is like no other of its source."""
    return {
        "specversion": "1.0",
        "id": f"{number:07d}",
        "source": source,
        "type": "vehicle.gate_out",
        "time": datetime.now(UTC).isoformat(),
        "data": {"gate": "huu_nghi", "direction": "export", "vehicle_class": "fruit", "seq": number},
    }
