"""Alerting as text that a store can keep, and back."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter

from gatewatch.monitor.alerting.evaluation import Alerting


@cache
def _adapter() -> TypeAdapter[Alerting]:
    return TypeAdapter(Alerting)


def to_json(alerting: Alerting) -> str:
    """Return JSON that `from_json` turns into an equal value; the same value gives the same text."""
    return _adapter().dump_json(alerting).decode()


def from_json(text: str) -> Alerting:
    """
    Return the alerting that a text stands for.

    Raises:
        ValueError: `to_json` did not write the text.
    """
    return _adapter().validate_json(text)
