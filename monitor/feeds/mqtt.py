"""The MQTT bridge: messages into a spool, and only then acknowledged to the broker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion

from gatewatch.config.errors import one_fault
from gatewatch.config.schema import Border
from gatewatch.monitor.feeds.bridge import TOPICS, Bridge, Broker, Device
from gatewatch.monitor.feeds.delivery import Event
from gatewatch.monitor.feeds.messages import MessageError, cloud_events, device_event
from gatewatch.monitor.feeds.plates import PlateKey
from gatewatch.monitor.feeds.posting import RefusedLog
from gatewatch.monitor.feeds.spool import Spool, SpoolError

_QOS: Final = 1  # at least once; what comes twice has the same id
_PAUSE_S: Final = 2.0
_LONGEST_RECONNECT_S: Final = 60

_log: Final = structlog.get_logger(__name__)


class MqttBridge:
    """
    Hears devices over MQTT and keeps what they say until the ingest has it.

    A broker may acknowledge before its disk has a message, so the promise of the ingest begins here: a message is
    acknowledged when the spool has it. While the spool takes nothing, messages are not acknowledged, the connection
    goes to sleep, and the broker keeps them under the bridge's `client_id` and sends them again.

    Args:
        bridge: Broker and devices.
        border: For the names that messages give.
        spool: Where events are kept.
        refused: Where it is noted that a message was none; its content is not, since it may hold a plate.
        plates: Turns plates into tokens; without it they are passed over.
        now: Aware UTC.
        wait: Waits for a time [s] and returns whether to stop.
        client: Connection; without it, one for the broker.
    """

    def __init__(
        self,
        bridge: Bridge,
        border: Border,
        spool: Spool,
        refused: RefusedLog,
        plates: PlateKey | None,
        now: Callable[[], datetime],
        wait: Callable[[float], bool],
        client: paho.Client | None = None,
    ) -> None:
        self._bridge, self._border, self._plates = bridge, border, plates
        self._spool, self._refused = spool, refused
        self._now, self._wait = now, wait
        self._devices = {device.topic: device for device in bridge.devices}
        self.n_heard = self.n_refused = 0
        self.is_connected = False
        self.trouble: str | None = None
        self._client = make_client(bridge.broker) if client is None else client
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Begin to listen on a thread of its own; a broker that is not there is tried again and again."""
        broker = self._bridge.broker
        self._client.connect_async(broker.host, broker.port, keepalive=broker.keepalive_s)
        self._client.loop_start()

    def stop(self) -> None:
        """End; the broker keeps what comes from now on."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: paho.Client, _user: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self.trouble = f"the broker refuses the connection: {reason}"
            return
        self.is_connected, self.trouble = True, None
        topics = [f"{TOPICS}/#"] if self._bridge.cloudevents else []
        client.subscribe([(topic, _QOS) for topic in (*topics, *self._devices)])

    def _on_disconnect(self, _client: paho.Client, _user: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.is_connected = False
        if reason.is_failure:
            self.trouble = f"the connection to the broker was lost: {reason}"

    def _on_message(self, client: paho.Client, _user: Any, message: paho.MQTTMessage) -> None:
        self.n_heard += 1
        try:
            if self._keep(message.topic, bytes(message.payload), is_retained=message.retain):
                client.ack(message.mid, message.qos)
        except Exception:  # noqa: BLE001 - it would end the thread that listens
            _log.exception("message not taken", topic=message.topic)

    def _keep(self, topic: str, payload: bytes, *, is_retained: bool) -> bool:
        """Return whether a message was kept, or noted as none; False when the bridge ends before."""
        now = self._now()
        while True:
            try:
                try:
                    self._spool.append(self._events(topic, payload, now, is_retained=is_retained))
                except MessageError as error:
                    self.n_refused += 1
                    _log.warning("message is no observation", topic=topic, reasons=error.reasons)
                    self._refused.add(error.reasons, {"topic": topic, "n_bytes": len(payload)})
            except SpoolError as error:
                self.trouble = str(error)
                if self._wait(_PAUSE_S):
                    return False
            else:
                self.trouble = None
                return True

    def _events(self, topic: str, payload: bytes, now: datetime, *, is_retained: bool) -> list[Event]:
        device: Device | None = self._devices.get(topic)
        if device is None:
            return cloud_events(topic, payload, self._border)
        if is_retained and device.fields.time is None and device.kind != "count.interval":
            return []  # said at some time before we listened, and it does not say when
        event = device_event(device, payload, now, self._plates, self._border)
        return [] if event is None else [event]


def make_client(broker: Broker) -> paho.Client:
    """
    Return a connection that is not yet opened, for a session that the broker keeps.

    Raises:
        ConfigError: The password's or the authority's file cannot be read.
    """
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=broker.client_id,
        clean_session=False,
        protocol=paho.MQTTv311,
        manual_ack=True,
    )
    client.reconnect_delay_set(1, _LONGEST_RECONNECT_S)
    if broker.username is not None:
        client.username_pw_set(broker.username, _password(broker))
    if broker.tls:
        try:
            client.tls_set(ca_certs=broker.ca_file)
        except (OSError, ValueError) as error:
            raise one_fault("broker.ca_file", "", f'"{broker.ca_file}"', f"not readable: {error}") from None
    return client


def _password(broker: Broker) -> str | None:
    if broker.password_file is None:
        return None
    try:
        return Path(broker.password_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise one_fault("broker.password_file", "", f'"{broker.password_file}"', f"not readable: {error}") from None
