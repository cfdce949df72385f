"""Corrections and voids: an observation about an earlier observation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, Field, InstanceOf, SerializeAsAny

from gatewatch.monitor.observations.bulletins import BULLETINS
from gatewatch.monitor.observations.counts import COUNTS
from gatewatch.monitor.observations.fields import Facts, Name, Text
from gatewatch.monitor.observations.instants import Instant
from gatewatch.monitor.observations.passages import PASSAGES
from gatewatch.monitor.observations.readings import READINGS

REPLACEABLE: Final[Mapping[str, type[Facts]]] = {**PASSAGES, **COUNTS, **READINGS, **BULLETINS}


def _replaceable(name: str) -> str:
    if name not in REPLACEABLE:
        raise ValueError(f"use one of {', '.join(sorted(REPLACEABLE))}")
    return name


class Identity(Facts):
    """What tells one observation from every other."""

    source: Name = Field(description="Its source.")
    id: Name = Field(description="Its id.")


class Replacement(Facts):
    """What takes the place of a wrong observation, as a whole."""

    type: Annotated[str, AfterValidator(_replaceable)] = Field(description="Its type, also when it stays the same.")
    time: Instant | None = Field(default=None, description="Its time; without it, the time of the wrong one.")
    data: SerializeAsAny[InstanceOf[Facts]] = Field(description="Its data, complete.")


class Correction(Facts):
    """
    An observation was wrong.

    Of several corrections and voids of one observation the one with the greatest time, source and id holds. One that
    comes before its target waits for it.
    """

    of: Identity = Field(description="The wrong observation.")
    replacement: Replacement = Field(alias="with", description="What takes its place.")


class Void(Facts):
    """An observation never happened."""

    of: Identity = Field(description="The wrong observation.")
    reason: Text = Field(description="Why, in words.")


CORRECTIONS: Final[Mapping[str, type[Facts]]] = {"event.corrected": Correction, "event.voided": Void}
