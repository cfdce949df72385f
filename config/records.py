"""What every table of a border has in common."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Record(BaseModel):
    """A table: unknown keys are faults, no type is guessed from another, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Dated(Record):
    """A table that holds from one day to another."""

    first: date | None = Field(default=None, alias="from", description="First day; without it, always before.")
    last: date | None = Field(default=None, alias="to", description="Last day, included; without it, no end.")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.first and self.last and self.last < self.first:
            raise ValueError("to must not be before from")
        return self

    def covers(self, day: date) -> bool:
        """Return whether `day` lies between the first and the last day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
