"""From a device's message to an event; a message that is none says why, without its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gatewatch.config.schema import Border
from gatewatch.monitor.feeds.bridge import TOPICS, Device
from gatewatch.monitor.feeds.delivery import Event
from gatewatch.monitor.feeds.plates import PlateKey
from gatewatch.monitor.observations import (
    Observation,
    check_against,
    from_us,
    instant_text,
    parse_event,
    parse_instant,
)

MOST_EVENTS: Final = 1_000
_NUMBERS: Final = ("seq", "count")
_TEXTS: Final = ("gate", "direction", "what", "stage", "yard", "lane", "vehicle_class", "track")
_MISSING: Final = object()


class MessageError(Exception):
    """A message is no observation; its reasons hold nothing of what it said but the names of keys."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def cloud_events(topic: str, payload: bytes, border: Border) -> list[Event]:
    """
    Return the CloudEvents of a message on `gatewatch/SOURCE`, one or a batch.

    Raises:
        MessageError: One of them is no observation of that source; none is taken.
    """
    raw = _json(payload)
    events: list[Event] = raw if isinstance(raw, list) else [raw]
    if not 0 < len(events) <= MOST_EVENTS:
        raise MessageError(f"the message holds {len(events)} events; send 1 to {MOST_EVENTS}.")
    source = topic.removeprefix(f"{TOPICS}/")
    reasons: list[str] = []
    for event in events:
        observation = parse_event(event)
        if not isinstance(observation, Observation):
            reasons += observation.reasons
        elif observation.source != source:
            reasons.append("source is not the topic's; publish on gatewatch/SOURCE, with the source that events name.")
        else:
            reasons += check_against(observation, border)
    if reasons:
        raise MessageError(*dict.fromkeys(reasons))
    return events


def device_event(
    device: Device, payload: bytes, received_at: datetime, plates: PlateKey | None, border: Border
) -> Event | None:
    """
    Return what a device's message says; None when it says nothing that is wanted.

    Without a number of its own a message is known by what it says, so that a second delivery is the same event.

    Args:
        device: How to read it.
        payload: JSON.
        received_at: Aware UTC; the time of messages of counters that carry none.
        plates: Turns plates into tokens; without it they are passed over.
        border: For the names in it.

    Raises:
        MessageError: It is no observation.
    """
    message = _json(payload)
    if any(str(_at(message, place)) not in allowed for place, allowed in device.only.items()):
        return None
    values = _values(device, message)
    at = _instant(device, "time", values["time"]) if "time" in values else received_at
    data: dict[str, Any] = device.fixed.model_dump(exclude_none=True)
    data |= {name: values[name] for name in (*_TEXTS, "seq", "laden") if name in values}
    if device.kind == "device.heartbeat":
        data = {name: data[name] for name in ("seq",) if name in data}
        if "sent_at" in values:
            data["sent_at"] = instant_text(_instant(device, "sent_at", values["sent_at"]))
    what, kind = data.get("what"), str(device.kind)
    if device.kind == "passage":
        kind = f"vehicle.{data.pop('what', None)}"
        data |= _of_a_vehicle(values, at, plates)
    elif device.kind.startswith("count."):
        data = {name: value for name, value in data.items() if name not in {"lane", "track", "laden"}}
        data["value"] = values["count"]
        if device.kind == "count.interval":
            data["from"] = instant_text(_instant(device, "begins", values["begins"]))
            data["to"] = instant_text(_instant(device, "ends", values["ends"]))
            at = _instant(device, "time", values["time"]) if "time" in values else parse_instant(data["to"])
    event = {"specversion": "1.0", "source": device.source, "type": kind, "time": instant_text(at), "data": data}
    event["id"] = _identity(values, what, at) or hashlib.sha256(_canonical(event)).hexdigest()[:32]
    observation = parse_event(event)
    reasons = check_against(observation, border) if isinstance(observation, Observation) else observation.reasons
    if reasons:
        raise MessageError(*reasons)
    return event


def _values(device: Device, message: object) -> dict[str, Any]:
    """Return the values of a message by field; what is absent or null is left out, unless the kind needs it."""
    values: dict[str, Any] = {}
    needed = {"count", "begins", "ends"} | ({"time"} if device.fields.time else set())
    for name, place in device.fields.model_dump(exclude_none=True).items():
        value = _at(message, place)
        if value is _MISSING or value is None or value == "":
            if name in needed:
                raise MessageError(f"{place} is missing; fields.{name} says that {name} stands there.")
            continue
        values[name] = _read(device, name, place, value)
    return values


def _read(device: Device, name: str, place: str, value: object) -> object:
    if isinstance(value, dict | list):
        raise MessageError(f"{place} is no single value; name the key inside it in fields.{name}.")
    if name in device.words:
        words = device.words[name]
        if str(value) not in words:
            raise MessageError(f"{place} is a word that words.{name} does not have; add it there.")
        return words[str(value)]
    if name in _NUMBERS:
        return _whole(place, value)
    if name == "laden":
        return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower(), str(value))
    if name == "confidence":
        return _share(place, value, device.confidence_of)
    return str(value) if name in _TEXTS or name in {"id", "plate"} else value


def _of_a_vehicle(values: Mapping[str, Any], at: datetime, plates: PlateKey | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "confidence" in values:
        found["confidence"] = values["confidence"]
    if plates is not None and "plate" in values and (token := plates.token(values["plate"], at)) is not None:
        found["plate_token"] = token
    return found


def _identity(values: Mapping[str, Any], what: str | None, at: datetime) -> str | None:
    """Return the id that the device's own numbers give; a number may start anew after a day or a power cut."""
    if "id" in values:
        return str(values["id"])
    if "seq" in values:
        return f"{instant_text(at)}/{what or 'alive'}/{values['seq']}"
    return None


def _instant(device: Device, name: str, value: object) -> datetime:
    try:
        match device.time_is:
            case "rfc3339":
                return parse_instant(value)
            case "local":
                local = datetime.fromisoformat(str(value))
                return parse_instant(local.replace(tzinfo=ZoneInfo(device.timezone)))
            case "unix_s":
                return parse_instant(from_us(round(float(str(value)) * 1e6)))
            case "unix_ms":
                return parse_instant(from_us(round(float(str(value)) * 1e3)))
    except (ValueError, OverflowError):
        raise MessageError(f"{getattr(device.fields, name)} is no time; time_is says {device.time_is}.") from None


def _whole(place: str, value: object) -> int:
    try:
        number = float(str(value))
        if isinstance(value, bool) or not number.is_integer():
            raise ValueError  # noqa: TRY301 - one message for all of them
    except (ValueError, OverflowError):
        raise MessageError(f"{place} is no whole number.") from None
    return int(number)


def _share(place: str, value: object, full: int) -> float:
    try:
        return float(str(value)) / full
    except ValueError:
        raise MessageError(f"{place} is no number.") from None


def _at(message: object, place: str) -> object:
    """Return what stands at a place."""
    for key in place.split("."):
        if isinstance(message, Mapping) and key in message:
            message = message[key]
        elif isinstance(message, list) and key.isdecimal() and int(key) < len(message):
            message = message[int(key)]
        else:
            return _MISSING
    return message


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        raise MessageError("the message is no JSON; send one object.") from None


def _canonical(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
