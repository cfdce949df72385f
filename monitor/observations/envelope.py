"""The envelope of an observation: CloudEvents 1.0 in JSON, in and out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from gatewatch.config.errors import known_names
from gatewatch.monitor.observations.corrections import CORRECTIONS, REPLACEABLE, Correction
from gatewatch.monitor.observations.fields import (
    LARGEST_EXACT,
    LONGEST_NAME,
    LONGEST_TEXT,
    Facts,
    Name,
    looks_like_plate,
    sized,
)
from gatewatch.monitor.observations.instants import Instant, instant_text, parse_instant
from gatewatch.monitor.observations.reasons import is_oversized, reasons_of

EVENT_TYPES: Final[Mapping[str, type[Facts]]] = {**REPLACEABLE, **CORRECTIONS}
MOST_EXTENSIONS: Final = 20
LONGEST_REASON: Final = 600

Extension = str | int | bool

_ATTRIBUTE = re.compile(r"[a-z0-9]{1,40}")
_URI_REFERENCE = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_JSON_MEDIA = re.compile(r"application/(?:[\w.-]+\+)?json(?:\s*;.*)?", re.IGNORECASE)


def _reference(text: str) -> str:
    if _URI_REFERENCE.fullmatch(text) is None:
        raise ValueError('write a URI reference without spaces, such as "huu_nghi/camera/export-out"')
    return text


def _known_type(name: str) -> str:
    if name not in EVENT_TYPES:
        raise ValueError(known_names("type", name, EVENT_TYPES))
    return name


def _no_plate(text: str) -> str:
    if looks_like_plate(text):
        raise ValueError("a number plate is personal data; give the event a number of its own")
    return text


class Envelope(BaseModel):
    """A CloudEvent as it comes in; attributes that it does not name are extensions."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    specversion: Literal["1.0"] = Field(description="Version of CloudEvents.")
    id: Annotated[Name, AfterValidator(_no_plate)] = Field(description="With the source, what makes it this event.")
    source: Annotated[
        str,
        AfterValidator(sized(LONGEST_NAME)),
        AfterValidator(_reference),
        Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST_NAME, "format": "uri-reference"}),
    ] = Field(description="Who reports, such as `huu_nghi/camera/export-out`.")
    type: Annotated[str, AfterValidator(_known_type), Field(json_schema_extra={"enum": sorted(EVENT_TYPES)})] = Field(
        description="What is reported."
    )
    time: Instant = Field(description="When it happened, by the reporter's clock.")
    data: dict[str, Any] = Field(description="The facts; their keys go with the type.")


_NAMED: Final = frozenset(Envelope.model_fields)


@dataclass(frozen=True, slots=True)
class Observation:
    """
    One reported fact.

    Args:
        source: Who reports, a URI reference.
        id: With the source, its identity.
        type: One of `EVENT_TYPES`.
        occurred_at: Aware UTC by the reporter's clock.
        data: The facts, of the class that `EVENT_TYPES` gives for the type.
        extensions: Further CloudEvents attributes, kept and not read.
    """

    source: str
    id: str
    type: str
    occurred_at: datetime
    data: Facts
    extensions: Mapping[str, Extension] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """
    Why something is no observation.

    Args:
        reasons: At least one sentence with key, value and remedy.
        source: Its source, as far as it has one.
        id: Its id, as far as it has one.
    """

    reasons: tuple[str, ...]
    source: str | None = None
    id: str | None = None


def parse_event(raw: object) -> Observation | Rejection:
    """Return the observation in a CloudEvent read from JSON, or every reason why there is none."""
    if not isinstance(raw, Mapping):
        return Rejection(("the event is no object; send { … } with specversion, id, source, type, time and data.",))
    given = {key: value for key, value in raw.items() if value is not None}
    if is_oversized(given):
        reason = "the event is larger, or nested deeper, than any observation; send one event for each fact."
        return _rejected(given, [reason])
    reasons: list[str] = []
    envelope, facts = None, None
    try:
        envelope = Envelope.model_validate(given)
    except ValidationError as error:
        reasons += reasons_of(error, Envelope, given)
    extensions = {key: value for key, value in given.items() if key not in _NAMED}
    if extensions:
        reasons += _extension_reasons(extensions)
    model, data = EVENT_TYPES.get(str(given.get("type"))), given.get("data")
    if model is not None and isinstance(data, Mapping):
        facts, found = _facts(model, data)
        reasons += found
    if envelope is None or facts is None or reasons:
        return _rejected(given, reasons)
    return Observation(envelope.source, envelope.id, envelope.type, envelope.time, facts, extensions)


def _facts(model: type[Facts], data: Mapping[str, Any]) -> tuple[Facts | None, list[str]]:
    given = {key: value for key, value in data.items() if value is not None}
    reasons: list[str] = []
    if model is Correction:
        given, reasons = _with_replacement(given)
    try:
        facts = model.model_validate(given)
    except ValidationError as error:
        return None, [*reasons_of(error, model, given, ("data",)), *reasons]
    return facts, reasons


def _with_replacement(given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a correction's data with the replacement's own data checked, and what is wrong with that."""
    replacement = given.get("with")
    if not isinstance(replacement, Mapping) or not isinstance(replacement.get("data"), Mapping):
        return given, []
    model = REPLACEABLE.get(str(replacement.get("type")))
    if model is None:
        return {**given, "with": {**replacement, "data": Facts()}}, []
    inner = {key: value for key, value in replacement["data"].items() if value is not None}
    try:
        facts, reasons = model.model_validate(inner), []
    except ValidationError as error:
        facts, reasons = Facts(), reasons_of(error, model, inner, ("data", "with", "data"))
    return {**given, "with": {**replacement, "data": facts}}, reasons


def _extension_reasons(extensions: Mapping[str, Any]) -> list[str]:
    reasons = []
    if len(extensions) > MOST_EXTENSIONS:
        reasons.append(f"the event has {len(extensions)} further attributes; send at most {MOST_EXTENSIONS}.")
        return reasons
    for name, value in extensions.items():
        if name == "data_base64":
            reasons.append("data_base64 is not taken; send the facts as an object in data.")
        elif _ATTRIBUTE.fullmatch(name) is None:
            reasons.append(
                f"{name[:40]!r} is no attribute; {known_names('attribute', name[:40], Envelope.model_fields)}."
            )
        elif name == "datacontenttype" and not (isinstance(value, str) and _JSON_MEDIA.fullmatch(value)):
            reasons.append("datacontenttype is not JSON; send application/json or leave it out.")
        elif isinstance(value, str):
            try:
                sized(LONGEST_TEXT, 0)(value)
            except ValueError as error:
                reasons.append(f"{name} is no attribute's value; {error}.")
        elif not isinstance(value, int) or abs(value) > LARGEST_EXACT:
            reasons.append(f"{name} is no attribute's value; use a text, a whole number, true or false.")
    return reasons


def rejection(raw: object, reason: str) -> Rejection:
    """Return a rejection of what was read from JSON, under its identity as far as it has one."""
    return _rejected(raw if isinstance(raw, Mapping) else {}, [reason])


def _rejected(given: Mapping[str, Any], reasons: list[str]) -> Rejection:
    source, name = given.get("source"), given.get("id")
    told = [reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}…" for reason in reasons]
    return Rejection(
        tuple(dict.fromkeys(told)),
        source[:LONGEST_NAME] if isinstance(source, str) else None,
        name[:LONGEST_NAME] if isinstance(name, str) else None,
    )


def canonical_body(observation: Observation) -> bytes:
    """Return the observation as a CloudEvent in UTF-8 JSON, one spelling for each observation."""
    return _json({**observation.extensions, **_attributes(observation)})


def content_sha256(observation: Observation) -> bytes:
    """
    Return the SHA-256 of what an observation says [32 bytes].

    Two deliveries of one event may differ in extensions, such as the trace of the request, and still say the same.
    """
    return body_and_sha256(observation)[1]


def body_and_sha256(observation: Observation) -> tuple[bytes, bytes]:
    """Return `canonical_body` and `content_sha256`, at the price of one."""
    attributes = _attributes(observation)
    content = _json(attributes)
    body = _json({**observation.extensions, **attributes}) if observation.extensions else content
    return body, hashlib.sha256(content).digest()


def read_body(body: bytes) -> Observation:
    """
    Return the observation of a canonical body.

    Raises:
        ValueError: The body is none; what we have kept is then damaged.
    """
    raw = json.loads(body.decode())  # of bytes, the library would first work out the encoding
    with suppress(KeyError, TypeError, AttributeError, ValueError):  # the long way tells what is wrong
        data = raw["data"]
        if raw["type"] not in CORRECTIONS:
            facts = EVENT_TYPES[raw["type"]].model_validate(data)  # the rest was checked when it came in
            extensions = {key: value for key, value in raw.items() if key not in _NAMED}
            at = parse_instant(raw["time"])
            return Observation(str(raw["source"]), str(raw["id"]), raw["type"], at, facts, extensions)
    parsed = parse_event(raw)
    if isinstance(parsed, Observation):
        return parsed
    raise ValueError(f"the kept body of {parsed.source} {parsed.id} is unreadable: {' '.join(parsed.reasons)}")


def _attributes(observation: Observation) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": observation.id,
        "source": observation.source,
        "type": observation.type,
        "time": instant_text(observation.occurred_at),
        "data": observation.data.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def _json(value: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(value).encode()


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
