"""Our grouping beside Debian's Alertmanager, a real one on loopback that posts to a sink: the other engine."""

import json
import os
import random
import shutil
import socket
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatewatch.monitor.alerting import (
    Alerting,
    AlertKey,
    Clocks,
    Contact,
    Inhibition,
    Judgement,
    Route,
    Settings,
    Silence,
    evaluate,
    parse_matcher,
)

# Things happen at even seconds and groups look at odd ones, so that a busy machine has a second to be late.
SLOT_S, N_SLOTS = 2, 15
GROUP_WAIT_S, GROUP_INTERVAL_S, REPEAT_INTERVAL_S = 3, 4, 6
N_GATES = 120
NAMES = ("closed", "lane", "queue", "wait")

ALERTMANAGER = {
    "route": {
        "receiver": "sink",
        "group_by": ["gate"],
        "group_wait": f"{GROUP_WAIT_S}s",
        "group_interval": f"{GROUP_INTERVAL_S}s",
        "repeat_interval": f"{REPEAT_INTERVAL_S}s",
    },
    "inhibit_rules": [
        {
            "source_matchers": ['alertname="closed"'],
            "target_matchers": ['alertname=~"queue|wait"'],
            "equal": ["gate"],
        }
    ],
}
OURS = Settings(
    rules={name: Clocks() for name in NAMES},
    routes=(
        Route(
            "all",
            ("sink",),
            group_wait=timedelta(seconds=GROUP_WAIT_S),
            group_interval=timedelta(seconds=GROUP_INTERVAL_S),
            repeat_interval=timedelta(seconds=REPEAT_INTERVAL_S),
        ),
    ),
    inhibitions=(
        Inhibition("closed", (parse_matcher('alertname="closed"'),), (parse_matcher('alertname=~"queue|wait"'),)),
    ),
    contacts=(Contact("sink", most=1_000_000),),
)

Message = tuple[int, tuple[str, ...], tuple[str, ...]]  # second, names that fire, names that ended


@dataclass(frozen=True, slots=True)
class Story:
    """What happens at a gate: which alerts hold in each slot, and the slots of a silence of one of them."""

    gate: str
    holds: dict[str, list[bool]]
    silenced: tuple[str, int, int] | None


def random_story(gate: str, chance: random.Random) -> Story:
    """Return a random story at whose end nothing holds any more."""
    holds = {}
    for name in NAMES:
        stays, now, found = chance.choice([0.5, 0.75, 0.9]), chance.random() < 0.3, []
        for slot in range(N_SLOTS):
            now = slot < N_SLOTS - 3 and (now if chance.random() < stays else not now)
            found.append(now)
        holds[name] = found
    begins = chance.randrange(N_SLOTS - 4)
    silenced = (chance.choice(NAMES), begins, begins + chance.randrange(1, 5)) if chance.random() < 0.3 else None
    return Story(gate, holds, silenced)


def told_by_us(story: Story) -> tuple[list[Message], int]:
    """Return our messages about a gate, and how many groups came into being for it."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    alerting, messages, n_groups = Alerting(), [], 0
    if story.silenced is not None:
        name, begins, ends = story.silenced
        matchers = (parse_matcher(f'gate="{story.gate}"'), parse_matcher(f'alertname="{name}"'))
        at = [start + timedelta(seconds=slot * SLOT_S) for slot in (begins, ends)]
        alerting = Alerting(silences=(Silence("one", matchers, "a person", "a test", *at),))
    for second in range((N_SLOTS + 6) * SLOT_S):
        now, slot = start + timedelta(seconds=second), min(second // SLOT_S, N_SLOTS - 1)
        judgements = [
            Judgement(AlertKey.of(alertname=n, gate=story.gate), "true" if held[slot] else "false", "busy", None, now)
            for n, held in story.holds.items()
        ]
        was_empty = not alerting.groups
        evaluated = evaluate(alerting, judgements, OURS, now)
        alerting = evaluated.alerting
        n_groups += was_empty and bool(alerting.groups)
        for notification in (n for bundle in evaluated.bundles for n in bundle.notifications):
            firing, ended = (
                tuple(sorted(s.key.rule for s in part)) for part in (notification.firing, notification.resolved)
            )
            messages.append((second, firing, ended))
    return messages, n_groups


@dataclass(slots=True)
class Sink:
    """A webhook that keeps what it is sent, with the instant [s]."""

    received: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    url: str = ""

    def serve(self) -> ThreadingHTTPServer:
        """Return the server, not yet running."""
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                at = time.monotonic()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                received.append((at, body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 1_000  # all groups look at once; one that is not let in comes a second later

        server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/"
        return server


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A webhook on loopback."""
    found = Sink()
    server = found.serve()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def alertmanager(sink: Sink, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of an Alertmanager that posts to the sink; without one the test is skipped here and fails in CI."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        missing = "Alertmanager is not installed; on Debian: sudo apt-get install prometheus-alertmanager"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    receivers = [{"name": "sink", "webhook_configs": [{"url": sink.url}]}]
    (tmp_path / "config.yaml").write_text(json.dumps({**ALERTMANAGER, "receivers": receivers}))
    address = f"127.0.0.1:{free_port()}"
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={tmp_path / 'config.yaml'}",
                f"--storage.path={tmp_path / 'data'}",
                f"--web.listen-address={address}",
                "--cluster.listen-address=",
            ],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    with httpx.Client(base_url=f"http://{address}") as client:
        try:
            wait_until_ready(client)
            yield client
        finally:
            process.terminate()
            process.wait(10)


def is_ready(client: httpx.Client) -> bool:
    """Return whether Alertmanager answers."""
    try:
        return client.get("/-/ready").is_success
    except httpx.TransportError:
        return False


def wait_until_ready(client: httpx.Client) -> None:
    """Wait for another process, which has its own clock."""
    ends = time.monotonic() + 30
    while not is_ready(client):
        assert time.monotonic() < ends, "Alertmanager is not ready after 30 s"
        time.sleep(0.05)


def sleep_until(at_s: float) -> None:
    """Wait for an instant: Alertmanager lives in real time."""
    time.sleep(max(at_s - time.monotonic(), 0))


def tell(stories: list[Story], alertmanager: httpx.Client) -> float:
    """Let the stories happen in real time, as Prometheus would tell them, and return when they began [s]."""
    began, wall = time.monotonic(), datetime.now(UTC)
    fired_at: dict[tuple[str, str], str] = {}
    for slot in range(N_SLOTS):
        sleep_until(began + slot * SLOT_S)
        now = wall + timedelta(seconds=slot * SLOT_S)
        alerts = []
        for story in stories:
            if story.silenced is not None and story.silenced[1] == slot:
                name, begins, ends = story.silenced
                silence = {
                    "matchers": [
                        {"name": "gate", "value": story.gate, "isRegex": False},
                        {"name": "alertname", "value": name, "isRegex": False},
                    ],
                    "startsAt": now.isoformat(),
                    "endsAt": (now + timedelta(seconds=(ends - begins) * SLOT_S)).isoformat(),
                    "createdBy": "a person",
                    "comment": "a test",
                }
                alertmanager.post("/api/v2/silences", json=silence).raise_for_status()
            for name, held in story.holds.items():
                was = slot > 0 and held[slot - 1]
                if held[slot] == was:
                    continue
                if held[slot]:
                    fired_at[story.gate, name] = now.isoformat()
                ends_at = now + timedelta(hours=1) if held[slot] else now
                alerts.append(
                    {
                        "labels": {"alertname": name, "gate": story.gate},
                        "startsAt": fired_at[story.gate, name],
                        "endsAt": ends_at.isoformat(),
                    }
                )
        alertmanager.post("/api/v2/alerts", json=alerts).raise_for_status()
    sleep_until(began + (N_SLOTS + 6) * SLOT_S - 1)
    return began


@pytest.mark.slow
def test_every_group_is_told_as_alertmanager_tells_it(alertmanager, sink, record_property):
    """
    Grouping, waits, repeats, ends, inhibition and silences: the same messages at the same second, gate by gate.

    Left out are stories in which a group comes into being twice: Alertmanager keeps an empty group for up to thirty
    seconds with its old looks, and remembers what it told; ours begins anew.
    """
    chance, stories, expected = random.Random(6), [], {}
    while len(stories) < N_GATES:
        story = random_story(f"gate_{len(stories)}", chance)
        messages, n_groups = told_by_us(story)
        if n_groups == 1:
            stories.append(story)
            expected[story.gate] = messages

    began = tell(stories, alertmanager)
    told: dict[str, list[Message]] = defaultdict(list)
    for at, body in sorted(sink.received, key=lambda one: one[0]):
        firing, ended = (
            tuple(sorted(a["labels"]["alertname"] for a in body["alerts"] if a["status"] == status))
            for status in ("firing", "resolved")
        )
        told[body["groupLabels"]["gate"]].append((int(at - began), firing, ended))

    assert {gate: told.get(gate, []) for gate in expected} == expected
    n_inhibited = sum(any(s.holds["closed"]) for s in stories)
    assert n_inhibited > N_GATES / 3
    assert sum(s.silenced is not None for s in stories) > N_GATES / 10
    record_property("compared: groups with Alertmanager", len(stories))
    record_property("compared: messages of them", sum(len(messages) for messages in expected.values()))
