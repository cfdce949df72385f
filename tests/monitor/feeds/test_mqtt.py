"""MQTT: kept before it is acknowledged, with a client that we play and with a broker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gatewatch.config.loader import load_border
from gatewatch.monitor.feeds.bridge import Bridge
from gatewatch.monitor.feeds.delivery import Delivery
from gatewatch.monitor.feeds.mqtt import MqttBridge
from gatewatch.monitor.feeds.posting import Poster, RefusedLog
from gatewatch.monitor.feeds.spool import Spool
from tests.monitor.feeds.ingests import NOW, MemoryIngest, passage
from tests.monitor.feeds.services import serving

BORDER = load_border().border
TOPIC = "gatewatch/huu_nghi/camera/export-out"
SOON_S = 20.0
LOOP = {
    "topic": "loops/7",
    "source": "huu_nghi/counter/export-out",
    "kind": "count.cumulative",
    "fields": {"count": "n"},
    "fixed": {"gate": "huu_nghi", "direction": "export", "what": "gate_out"},
}


class _Connection:
    """Stands in for a connection, and notes what is acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []
        self.topics: list[tuple[str, int]] = []
        self.on_message: Callable[..., None]
        self.on_connect: Callable[..., None]

    def ack(self, mid: int, _qos: int) -> None:
        self.acknowledged.append(mid)

    def subscribe(self, topics: list[tuple[str, int]]) -> None:
        self.topics = topics

    def say(self, mid: int, payload: object, topic: str = TOPIC, *, retain: bool = False) -> None:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.on_message(self, None, SimpleNamespace(topic=topic, payload=body, mid=mid, qos=1, retain=retain))


def _listen(
    spool: Spool, connection: Any, wait: Callable[[float], bool] = lambda _: True, port: int = 1883
) -> MqttBridge:
    bridge = Bridge.model_validate({"broker": {"client_id": "gate-pc", "port": port}, "devices": [LOOP]})
    refused = RefusedLog(spool.folder / "refused.jsonl", lambda: NOW)
    return MqttBridge(bridge, BORDER, spool, refused, None, lambda: NOW, wait, connection)


def test_a_message_is_acknowledged_when_the_spool_has_it(tmp_path):
    """A batch as one."""
    connection = _Connection()
    with Spool(tmp_path) as spool:
        _listen(spool, connection)
        connection.say(1, passage(1))
        connection.say(2, [passage(2), passage(3)])
        connection.say(3, {"n": 5}, "loops/7")

        assert connection.acknowledged == [1, 2, 3]
        assert [event["type"] for event in spool.peek(9, 99_999)] == ["vehicle.gate_out"] * 3 + ["count.cumulative"]


def test_a_message_that_the_spool_cannot_keep_is_not_acknowledged(tmp_path):
    """The broker keeps it and sends it again; when there is room in time, it is kept after all."""
    connection = _Connection()
    waits: list[float] = []
    with Spool(tmp_path, most_bytes=300) as spool:

        def wait(seconds: float) -> bool:
            waits.append(seconds)
            if len(waits) == 2:  # the second message finds room after a while
                spool.peek(9, 99_999)
                spool.release(1)
            return len(waits) == 1

        listener = _listen(spool, connection, wait)
        connection.say(1, passage(1))
        connection.say(2, passage(2))

        assert connection.acknowledged == [1]
        assert "the ingest takes nothing" in (listener.trouble or "")
        connection.say(2, passage(2))
        assert connection.acknowledged == [1, 2]
        assert listener.trouble is None
        assert [event["id"] for event in spool.peek(9, 99_999)] == ["2"]


def test_a_message_that_is_none_is_noted_without_its_content(tmp_path):
    """And acknowledged: it would come again for ever."""
    connection = _Connection()
    with Spool(tmp_path) as spool:
        listener = _listen(spool, connection)
        connection.say(1, passage(1, track="12C-123.45"))
        connection.say(2, b"12C-123.45")

        assert connection.acknowledged == [1, 2]
        assert (listener.n_heard, listener.n_refused, len(spool)) == (2, 2, 0)

    noted = (tmp_path / "refused.jsonl").read_text()
    assert "12C" not in noted
    assert [json.loads(line)["topic"] for line in noted.splitlines()] == [TOPIC, TOPIC]


def test_an_old_reading_without_a_time_is_left_out(tmp_path):
    """A broker hands retained messages to everyone who comes: they would seem to be of now."""
    connection = _Connection()
    with Spool(tmp_path) as spool:
        _listen(spool, connection)
        connection.say(1, {"n": 5}, "loops/7", retain=True)

        assert (connection.acknowledged, len(spool)) == ([1], 0)


def test_a_fault_of_ours_does_not_end_the_listening(tmp_path, monkeypatch):
    """The message is not acknowledged."""
    connection = _Connection()
    with Spool(tmp_path) as spool:
        _listen(spool, connection)
        monkeypatch.setattr(spool, "append", lambda _: 1 / 0)
        connection.say(1, passage(1))
        monkeypatch.undo()
        connection.say(2, passage(2))

    assert connection.acknowledged == [2]


def test_it_hears_cloud_events_and_each_device_at_every_connection(tmp_path):
    """A refusal is told."""
    connection = _Connection()
    with Spool(tmp_path) as spool:
        listener = _listen(spool, connection)
        refusal = SimpleNamespace(is_failure=True)
        connection.on_connect(connection, None, None, refusal, None)

        assert "refuses" in (listener.trouble or "")
        connection.on_connect(connection, None, None, SimpleNamespace(is_failure=False), None)
        assert connection.topics == [("gatewatch/#", 1), ("loops/7", 1)]
        assert (listener.is_connected, listener.trouble) == (True, None)


# --- with a broker --------------------------------------------------------------------------------


class _Broker:
    """Debian's Mosquitto in a folder of its own, with messages kept on disk."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._command = [program, "-c", str(folder / "mosquitto.conf")]
        (folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {folder}/\nuser root\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    @contextmanager
    def device(self) -> Iterator[Callable[[object], None]]:
        """A device that publishes, each message when the broker has it."""
        client = paho.Client(CallbackAPIVersion.VERSION2)
        connected = threading.Event()
        client.on_connect = lambda *_: connected.set()
        client.reconnect_delay_set(1, 1)
        client.connect_async("127.0.0.1", self.port)
        client.loop_start()
        assert connected.wait(SOON_S)

        def publish(payload: object) -> None:
            client.publish(TOPIC, json.dumps(payload), qos=1).wait_for_publish(SOON_S)

        yield publish
        client.disconnect()
        client.loop_stop()


@pytest.fixture
def broker(tmp_path_factory) -> Iterator[_Broker]:
    """A broker; without Mosquitto installed the test is skipped here and fails in CI."""
    program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing = "Mosquitto is not installed; on Debian: sudo apt-get install mosquitto"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    found = _Broker(program, tmp_path_factory.mktemp("broker"))
    found.start()
    yield found
    found.stop()


def _heard(spool: Spool, n: int) -> list[str]:
    """Return the ids in the spool when there are `n`, or after a while those that there are."""
    with spool._changed:
        spool._changed.wait_for(lambda: sum(s.n for s in spool._segments) >= n, SOON_S)
    return [event["id"] for event in spool.peek(99, 99_999)]


@pytest.mark.slow
def test_the_command_brings_messages_to_a_service_until_it_is_stopped(tmp_path, broker):
    """Ctrl-C ends it with status 130."""
    (tmp_path / "bridge.toml").write_text(f'[broker]\nclient_id = "gate-pc"\nport = {broker.port}\n')
    script = (
        "import typer; from gatewatch.monitor.cli_feeds import add_commands; a = typer.Typer(); add_commands(a); a()"
    )
    arguments = ["mqtt", "--config", str(tmp_path / "bridge.toml"), "--spool", str(tmp_path / "spool"), "--url"]
    with (
        serving() as service,
        broker.device() as publish,
        subprocess.Popen(
            [sys.executable, "-c", script, *arguments, service.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as bridge,
    ):
        assert bridge.stdout is not None
        said = bridge.stdout.readline()
        while not service.posted.wait(0.2):  # until it has subscribed, nothing that is published is for it
            publish(passage(1))
        bridge.send_signal(signal.SIGINT)
        _, errors = bridge.communicate()

    assert said == f"From 127.0.0.1:{broker.port} to {service.url}. Ctrl-C ends.\n"
    assert (bridge.returncode, errors) == (130, "Stopped. What was not acknowledged waits for the next start.\n")
    assert service.ingest.ids == ["1"]


@contextmanager
def _bridge(folder: Path, broker: _Broker) -> Iterator[tuple[MqttBridge, Spool]]:
    stop, connected = threading.Event(), threading.Event()
    with Spool(folder) as spool:
        listener = _listen(spool, None, stop.wait, broker.port)
        subscribe = listener._client.on_subscribe
        assert subscribe is None
        listener._client.on_subscribe = lambda *_: connected.set()
        listener.start()
        assert connected.wait(SOON_S)
        yield listener, spool
        stop.set()
        listener.stop()


def test_what_devices_publish_reaches_the_ingest_once(tmp_path, broker):
    """Also what they publish while the bridge is away, which the broker keeps for it."""
    ingest = MemoryIngest()
    with broker.device() as publish:
        with _bridge(tmp_path, broker) as (_, spool):
            publish(passage(1))
            first = _heard(spool, 1)
        publish(passage(2))
        publish(passage(2))
        with _bridge(tmp_path, broker) as (listener, spool):
            publish(passage(3))
            found = _heard(spool, 4)
            poster = Poster(spool, Delivery(ingest, lambda _: True), RefusedLog(tmp_path / "refused", lambda: NOW))
            poster.drain()

            assert listener.is_connected
            assert len(spool) == 0

    assert first == ["1"]
    assert found == ["1", "2", "2", "3"]  # the spool keeps what it hears; the ingest counts each once
    assert ingest.ids == ["1", "2", "3"]


def test_it_comes_back_when_the_broker_does(tmp_path, broker):
    """And hears what is published then."""
    with _bridge(tmp_path, broker) as (listener, spool):
        lost, back = threading.Event(), threading.Event()
        heard_of = listener._client.on_disconnect
        listener._client.on_disconnect = lambda *told: (heard_of(*told), lost.set())
        listener._client.on_subscribe = lambda *_: back.set()
        broker.stop()

        assert lost.wait(SOON_S)
        assert "lost" in (listener.trouble or "")
        broker.start()
        assert back.wait(SOON_S)
        with broker.device() as publish:
            publish(passage(7))

        assert _heard(spool, 1) == ["7"]
        assert listener.trouble is None
