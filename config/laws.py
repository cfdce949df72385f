"""Laws of random durations: service times, stays, patience, gaps between arrivals."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gatewatch.config.records import Record

TimeUnit = Literal["s", "min", "h", "day"]
SECONDS: dict[str, float] = {"s": 1.0, "min": 60.0, "h": 3_600.0, "day": 86_400.0}

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False, json_schema_extra={"unit": "as `unit`"})]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra={"unit": "as `unit`"})]
Number = Annotated[float, Field(gt=0, allow_inf_nan=False, json_schema_extra={"unit": "-"})]


class _Law(Record):
    unit: TimeUnit = Field(description="Unit of every duration in this law.")
    at_most: Positive | None = Field(
        default=None, description="Longer draws are cut to this, such as a legal time limit."
    )

    @property
    def unit_s(self) -> float:
        """Return the length of one unit [s]."""
        return SECONDS[self.unit]


class Constant(_Law):
    """Always the same duration."""

    law: Literal["constant"]
    value: NotNegative = Field(description="The duration.")


class Exponential(_Law):
    """Memoryless durations."""

    law: Literal["exponential"]
    mean: Positive = Field(description="Mean duration.")


class Erlang(_Law):
    """The sum of equal exponential phases."""

    law: Literal["erlang"]
    phases: Annotated[int, Field(ge=1, le=1_000, json_schema_extra={"unit": "phases"})] = Field(
        description="Number of phases."
    )
    mean: Positive = Field(description="Mean of the whole duration, not of a phase.")


class _MeanCvOr(_Law):
    """A law given either by mean and cv or by its own two parameters, never by a mixture."""

    mean: Positive | None = Field(default=None, description="Mean duration; needs `cv`.")
    cv: Number | None = Field(default=None, description="Standard deviation over mean; needs `mean`.")

    def _own(self) -> tuple[str, str]:
        raise AssertionError("each law names its own parameters")

    @model_validator(mode="after")
    def _one_way_of_giving_it(self) -> Self:
        own = self._own()
        given = {name for name in ("mean", "cv", *own) if getattr(self, name) is not None}
        if given not in ({"mean", "cv"}, set(own)):
            raise ValueError(f"give either mean and cv, or {own[0]} and {own[1]}, and nothing else")
        return self


class Gamma(_MeanCvOr):
    """Gamma durations."""

    law: Literal["gamma"]
    shape: Number | None = Field(default=None, description="Shape; needs `scale`.")
    scale: Positive | None = Field(default=None, description="Scale; needs `shape`.")

    def _own(self) -> tuple[str, str]:
        return "shape", "scale"


class Lognormal(_MeanCvOr):
    """Lognormal durations."""

    law: Literal["lognormal"]
    mu: Annotated[float, Field(allow_inf_nan=False, json_schema_extra={"unit": "log of `unit`"})] | None = Field(
        default=None, description="Mean of the logarithm of the duration in `unit`; needs `sigma`."
    )
    sigma: Number | None = Field(default=None, description="Standard deviation of the logarithm; needs `mu`.")

    def _own(self) -> tuple[str, str]:
        return "mu", "sigma"


class Weibull(_MeanCvOr):
    """Weibull durations."""

    law: Literal["weibull"]
    shape: Number | None = Field(default=None, description="Shape; needs `scale`.")
    scale: Positive | None = Field(default=None, description="Scale; needs `shape`.")

    def _own(self) -> tuple[str, str]:
        return "shape", "scale"


class Triangular(_Law):
    """A shortest, a most likely and a longest duration."""

    law: Literal["triangular"]
    low: NotNegative = Field(description="Shortest duration.")
    mode: NotNegative = Field(description="Most likely duration.")
    high: Positive = Field(description="Longest duration.")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError("low, mode and high must ascend, and low must be below high")
        return self


class Uniform(_Law):
    """Every duration between two bounds is equally likely."""

    law: Literal["uniform"]
    low: NotNegative = Field(description="Shortest duration.")
    high: Positive = Field(description="Longest duration.")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.low < self.high:
            raise ValueError("low must be below high")
        return self


class Hyperexponential(_Law):
    """A mixture of exponential durations, more variable than one of them."""

    law: Literal["hyperexponential"]
    means: list[Positive] = Field(min_length=1, description="Mean of each branch.")
    weights: list[Number] = Field(min_length=1, description="Weight of each branch; scaled to sum to one.")

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        if len(self.means) != len(self.weights):
            raise ValueError("means and weights must have the same number of entries")
        return self


class Empirical(_Law):
    """Durations drawn from measured ones, each as likely as it occurs."""

    law: Literal["empirical"]
    values: list[NotNegative] | None = Field(default=None, min_length=1, description="Measured durations.")
    file: str | None = Field(
        default=None,
        description="CSV file with a column `value`, its path taken from the border's folder; instead of `values`.",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.values is None) == (self.file is None):
            raise ValueError("give either values or file")
        return self


Law = Annotated[
    Constant | Exponential | Erlang | Gamma | Lognormal | Weibull | Triangular | Uniform | Hyperexponential | Empirical,
    Field(discriminator="law"),
]
