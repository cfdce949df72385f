"""How demand is spread over the hours, the weekdays and the months."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gatewatch.config.records import Record
from gatewatch.config.units import Factor, Weight


class _Profile(Record):
    title: str = Field(default="", description="Name for people.")


class HourProfile(_Profile):
    """How a day's arrivals are spread over equal parts of the day, local time of the border."""

    weights: list[Weight] = Field(
        description="Equal parts of the day from 00:00: 24 for hours, 12 for pairs of hours; scaled to sum to one."
    )

    @model_validator(mode="after")
    def _parts_of_a_day(self) -> Self:
        if len(self.weights) not in (1, 2, 3, 4, 6, 8, 12, 24, 48, 96):
            raise ValueError("weights must cut the day into 1, 2, 3, 4, 6, 8, 12, 24, 48 or 96 equal parts")
        if sum(self.weights) <= 0:
            raise ValueError("weights must not all be zero")
        return self


class WeekdayProfile(_Profile):
    """Factors on the daily level by weekday."""

    factors: Annotated[list[Factor], Field(min_length=7, max_length=7)] = Field(
        description="Monday to Sunday; 1 is an average day."
    )


class Season(_Profile):
    """Factors on the daily level by month."""

    factors: Annotated[list[Factor], Field(min_length=12, max_length=12)] = Field(
        description="January to December; 1 is an average month."
    )
