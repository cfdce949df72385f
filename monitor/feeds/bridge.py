"""What an MQTT bridge listens to: the broker, and how the messages of plain devices become observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError, model_validator

from gatewatch.config import faults
from gatewatch.config.calendars import DirectionName
from gatewatch.config.checks_names import unknown
from gatewatch.config.errors import ConfigError, Fault
from gatewatch.config.origins import Document, Leaf, Origin
from gatewatch.config.origins import Path as Keys
from gatewatch.config.reading import read_toml
from gatewatch.config.records import Record
from gatewatch.config.schema import Border
from gatewatch.monitor.observations.fields import Name
from gatewatch.monitor.observations.passages import OF_A_STAGE, OF_A_YARD, Point

TOPICS = "gatewatch"


def _a_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('write a zone by its name, such as "Asia/Ho_Chi_Minh"') from None
    return name


def _plain_topic(topic: str) -> str:
    if "+" in topic or "#" in topic:
        raise ValueError("a device has a topic of its own, without + and #")
    if topic.startswith(f"{TOPICS}/"):
        raise ValueError(f'topics below "{TOPICS}/" carry CloudEvents and need no mapping')
    return topic


Place = Annotated[str, Field(min_length=1, max_length=200)]  # keys of nested objects, joined by dots


class Broker(Record):
    """Where the messages come from."""

    host: Annotated[str, Field(min_length=1)] = Field(default="127.0.0.1", description="Its address.")
    port: Annotated[int, Field(ge=1, le=65_535)] = Field(default=1883, description="Its port.")
    client_id: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="Name of this bridge; the broker keeps messages under it while the bridge is away."
    )
    username: str | None = Field(default=None, description="Of the bridge; without it, none is sent.")
    password_file: str | None = Field(default=None, description="File that holds the password and nothing else.")
    tls: bool = Field(default=False, description="Speak TLS.")
    ca_file: str | None = Field(default=None, description="Authority that signs the broker's certificate.")
    keepalive_s: Annotated[int, Field(ge=5, le=3_600)] = Field(default=60, description="Longest silence [s].")


class Places(Record):
    """Where in a message a value stands, as keys joined by dots, numbers for entries of lists."""

    time: Place | None = Field(default=None, description="When it happened.")
    id: Place | None = Field(default=None, description="The device's own number of the message.")
    seq: Place | None = Field(default=None, description="Running number.")
    track: Place | None = Field(default=None, description="Number of the vehicle in view.")
    plate: Place | None = Field(default=None, description="Plate; becomes a token and is not kept.")
    confidence: Place | None = Field(default=None, description="How sure the device is.")
    gate: Place | None = Field(default=None, description="Gate.")
    direction: Place | None = Field(default=None, description="Direction.")
    what: Place | None = Field(default=None, description="Passage.")
    stage: Place | None = Field(default=None, description="Stage.")
    yard: Place | None = Field(default=None, description="Yard.")
    lane: Place | None = Field(default=None, description="Lane.")
    vehicle_class: Place | None = Field(default=None, description="Class of the vehicle.")
    laden: Place | None = Field(default=None, description="With goods.")
    count: Place | None = Field(default=None, description="Vehicles counted, or the counter's reading.")
    begins: Place | None = Field(default=None, description="Start of the interval.")
    ends: Place | None = Field(default=None, description="End of the interval.")
    sent_at: Place | None = Field(default=None, description="The device's clock, for heartbeats.")


class Fixed(Record):
    """What is the same in every message of a device."""

    gate: Name | None = Field(default=None, description="Gate by permanent id.")
    direction: DirectionName | None = Field(default=None, description="Seen from Vietnam.")
    what: Point | None = Field(default=None, description="Passage.")
    stage: Name | None = Field(default=None, description="Stage, for `check_…`.")
    yard: Name | None = Field(default=None, description="Yard, for `yard_…`.")
    lane: Name | None = Field(default=None, description="Lane.")
    vehicle_class: Name | None = Field(default=None, description="Class, for a device that sees one only.")
    laden: bool | None = Field(default=None, description="With goods.")


class Device(Record):
    """A device that sends JSON of its own."""

    topic: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_plain_topic)] = Field(
        description="Where it publishes."
    )
    source: Name = Field(description="Its name among the feeds.")
    kind: Literal["passage", "count.interval", "count.cumulative", "device.heartbeat"] = Field(
        description="What a message says."
    )
    fields: Places = Field(default=Places(), description="Where values stand in a message.")
    fixed: Fixed = Field(default=Fixed(), description="What every message says alike.")
    words: dict[str, dict[str, str]] = Field(default={}, description="By field, what the device's words mean.")
    only: dict[str, list[str]] = Field(default={}, description="By place, values without which a message is left out.")
    time_is: Literal["rfc3339", "unix_s", "unix_ms", "local"] = Field(
        default="rfc3339", description="How times are written; `local` has no offset."
    )
    timezone: Annotated[str, AfterValidator(_a_zone)] = Field(
        default="Asia/Ho_Chi_Minh", description="Zone of `local` times."
    )
    confidence_of: Literal[1, 100] = Field(default=1, description="What full confidence is.")

    @model_validator(mode="after")
    def _tells_apart(self) -> Self:
        at = self.fields
        if self.kind == "passage" and at.time is None:
            raise ValueError("a passage needs its time: give fields.time")
        if self.kind == "passage" and not (at.id or at.seq or at.track):
            raise ValueError(
                "a passage needs a number, so that a message that comes twice counts once and two vehicles of one "
                "second count twice: give fields.id, fields.seq or fields.track"
            )
        if self.kind.startswith("count.") and at.count is None:
            raise ValueError("a count needs its figure: give fields.count")
        if self.kind == "count.interval" and not (at.begins and at.ends):
            raise ValueError("an interval needs its ends: give fields.begins and fields.ends")
        return self

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if self.kind == "device.heartbeat":
            return self
        for name in ("gate", "direction", "what"):
            if getattr(self.fields, name) is None and getattr(self.fixed, name) is None:
                raise ValueError(f"what the device counts has no {name}: give fixed.{name} or fields.{name}")
        for name, whats in (("yard", OF_A_YARD), ("stage", OF_A_STAGE)):
            if self.fixed.what in whats and not (getattr(self.fields, name) or getattr(self.fixed, name)):
                raise ValueError(f"{self.fixed.what} needs the {name}: give fixed.{name} or fields.{name}")
        for name in self.words:
            if getattr(self.fields, name, None) is None:
                raise ValueError(f"words.{name} has no use: fields.{name} is not given")
        return self


class Bridge(Record):
    """A bridge between a broker and the ingest."""

    broker: Broker = Field(description="Where the messages come from.")
    cloudevents: bool = Field(
        default=True, description=f"Take CloudEvents from `{TOPICS}/SOURCE`, the source that they name."
    )
    devices: list[Device] = Field(default=[], description="Devices that send JSON of their own.")


def read_bridge(path: Path, border: Border) -> Bridge:
    """
    Return a bridge from its TOML file.

    Raises:
        ConfigError: With every fault.
    """
    raw, _ = read_toml(path, path.name)
    document = Document(_marked(raw, path.name, ()))
    try:
        bridge = Bridge.model_validate(document.tree)
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document, Bridge, path.name)) from None
    found = list(_faults(bridge, border, document))
    if found:
        raise ConfigError(found)
    return bridge


def _faults(bridge: Bridge, border: Border, document: Document) -> Iterator[Fault]:
    taken: dict[str, int] = {}
    for n, device in enumerate(bridge.devices):
        at = ("devices", n, "fixed")
        first = taken.setdefault(device.topic, n)
        if first != n:
            expected = f"device {first + 1} has that topic; a device has a topic of its own"
            yield faults.fault_at(document, ("devices", n, "topic"), faults.shown(device.topic), expected)
        fixed = device.fixed
        yield from unknown(document, (*at, "gate"), "gate", fixed.gate, border.gates)
        yield from unknown(
            document, (*at, "vehicle_class"), "vehicle class", fixed.vehicle_class, border.vehicle_classes()
        )
        gate = border.gates.get(fixed.gate or "")
        if gate is None:
            continue
        side = gate.direction(fixed.direction) if fixed.direction is not None else None
        yield from unknown(document, (*at, "yard"), "yard of this gate", fixed.yard, gate.yards)
        if side is not None:
            yield from unknown(document, (*at, "stage"), "stage of this direction", fixed.stage, side.stages)
        elif fixed.direction is not None:
            expected = "the gate has no such direction"
            yield faults.fault_at(document, (*at, "direction"), faults.shown(fixed.direction), expected)


def _marked(node: Any, file: str, path: Keys) -> Any:
    """Return the tree with the place of each value; here, unlike in a border, `source` is a key like any other."""
    if isinstance(node, Mapping) and node:
        return {key: _marked(value, file, (*path, key)) for key, value in node.items()}
    if isinstance(node, list) and any(isinstance(item, dict | list) for item in node):
        return [_marked(item, file, (*path, n)) for n, item in enumerate(node)]
    return Leaf(node, Origin(file, key=path))
