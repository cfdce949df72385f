"""Rows of the authorities' daily bulletin, cut at 20:00 Hanoi."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, Tag

from gatewatch.config.calendars import DirectionName
from gatewatch.monitor.observations.fields import Edition, Facts, Name, Printed, Text
from gatewatch.monitor.observations.instants import Day, Instant

BulletinLine = Literal[
    "cleared",
    "cleared_fruit",
    "cleared_other",
    "cleared_cargo",
    "cleared_new_vehicle",
    "cleared_change",
    "arrived",
    "turned_back",
    "diverted",
    "remaining",
    "remaining_fruit",
    "remaining_other",
    "remaining_new_vehicle",
    "remaining_change",
    "undeclared",
    "rail_wagons",
]


def _kind_of_edition(value: object) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else "time of publication"


class BulletinRow(Facts):
    """One figure of one edition; a later edition of the day corrects an earlier one and both are kept."""

    day: Day = Field(alias="date", description="Hanoi day; it ends at 20:00 and begins at 20:00 of the day before.")
    edition: Annotated[
        Annotated[Edition, Tag("number")] | Annotated[Instant, Tag("time of publication")],
        Discriminator(_kind_of_edition),
    ] = Field(description="1 for the first, or the time of publication.")
    gate: Name | None = Field(default=None, description="Gate by permanent id; without it, the province.")
    direction: DirectionName | None = Field(default=None, description="Seen from Vietnam; without it, both.")
    line: BulletinLine = Field(description="What is counted.")
    value: Printed = Field(description="The figure, with its sign as printed.")
    text: Text = Field(description="The original cell.")
    sign_or_note: Text | None = Field(default=None, description="What stands beside it, such as a sign or a remark.")


BULLETINS: Final[Mapping[str, type[Facts]]] = {"bulletin.row": BulletinRow}
