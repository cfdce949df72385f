"""Settings as a person types them after a policy's name: `key=value,…`, values in TOML, quotes left out at will."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from gatewatch.config.errors import ConfigError, one_fault
from gatewatch.config.faults import shown

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_settings(text: str, place: str) -> dict[str, Any]:
    """
    Return settings by key.

    Raises:
        ConfigError: A part is no `key=value`, or a key is given twice.

    >>> read_settings("gate=huu_nghi, later=2, weekdays=[sat, sun]", "policy extended_hours")
    {'gate': 'huu_nghi', 'later': 2, 'weekdays': ['sat', 'sun']}
    """
    settings: dict[str, Any] = {}
    for part in _split(text):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not value or _KEY.fullmatch(key) is None:
            raise _refused(place, part)
        if key in settings:
            raise one_fault(place, key, "given twice", "give it once")
        settings[key] = _value(value)
    if not settings:
        raise _refused(place, text)
    return settings


def _refused(place: str, part: str) -> ConfigError:
    return one_fault(place, "", f"followed by {shown(part.strip())}", "give settings as key=value, with commas between")


def _split(text: str) -> list[str]:
    """Return the parts between commas that stand in no brackets and no quotes."""
    parts, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        if sign == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += sign
    return [part for part in parts if part.strip()]


def _value(text: str) -> Any:
    """Return a value; what TOML cannot read is a text, or a list of such."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        if text.startswith("[") and text.endswith("]"):
            return [_value(part.strip()) for part in _split(text[1:-1])]
        return text
