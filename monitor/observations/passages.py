"""Passages: one vehicle seen at one point of its crossing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from pydantic import Field

from gatewatch.config.calendars import DirectionName
from gatewatch.config.units import Share
from gatewatch.monitor.observations.fields import Facts, Name, PlateToken, SequenceNumber, Track

Point = Literal[
    "declared",
    "en_route",
    "arrived",
    "yard_in",
    "yard_out",
    "weighed",
    "gate_in",
    "check_started",
    "check_ended",
    "gate_out",
    "returned",
    "turned_back",
    "diverted",
]
OF_A_YARD: Final = frozenset({"yard_in", "yard_out"})
OF_A_STAGE: Final = frozenset({"check_started", "check_ended"})


class Passage(Facts):
    """
    One vehicle at one point.

    `vehicle.arrived` is the arrival, at the back of the first queue; `vehicle.gate_out` is the clearance. The
    backlog grows with the first and shrinks with the second, with `turned_back` and with `diverted`.
    """

    gate: Name = Field(description="Gate by permanent id.")
    direction: DirectionName = Field(description="Seen from Vietnam.")
    stage: Name | None = Field(default=None, description="Stage of the route.")
    yard: Name | None = Field(default=None, description="Yard of the gate.")
    lane: Name | None = Field(default=None, description="Lane, as the gate names it.")
    vehicle_class: Name | None = Field(default=None, description="A class of the border; without it, unknown.")
    laden: bool | None = Field(default=None, description="With goods; bulletins count laden vehicles only.")
    seq: SequenceNumber | None = Field(default=None, description="Running number of the source; a gap is told.")
    track: Track | None = Field(default=None, description="The device's own number of the vehicle in view.")
    plate_token: PlateToken | None = Field(default=None, description="Keyed hash of the plate, never the plate.")
    confidence: Share | None = Field(default=None, description="How sure the device is.")


class YardPassage(Passage):
    """One vehicle in or out of a yard."""

    yard: Name = Field(description="Yard of the gate.")


class StagePassage(Passage):
    """One vehicle at the start or end of service at a stage."""

    stage: Name = Field(description="Stage of the route.")


def _facts_of(point: str) -> type[Passage]:
    return YardPassage if point in OF_A_YARD else StagePassage if point in OF_A_STAGE else Passage


PASSAGES: Final[Mapping[str, type[Facts]]] = {f"vehicle.{point}": _facts_of(point) for point in get_args(Point)}
