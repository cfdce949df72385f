"""What a verification case is: a border whose results are known exactly, and the figures compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CLOCK = "µs from midnight"
"""Unit of a figure that is a time of the clock; day 1 of the run begins at 0."""

Read = Callable[..., Any]  # one finished run for each scenario of the case, in their order


@dataclass(frozen=True, slots=True)
class Mean:
    """
    A figure whose mean over replications has a known value.

    Args:
        name: What it is, for people.
        unit: Its unit.
        exact: Gives the exact value, by another way than simulation.
        read: Takes the finished runs of a replication and returns the figure.
        precision: Standard error allowed, as a share of the exact value: noise must not pass.
    """

    name: str
    unit: str
    exact: Callable[[], float]
    read: Read
    precision: float = 0.01


@dataclass(frozen=True, slots=True)
class Same:
    """
    A figure without chance: it equals the exact value in every replication, times to the microsecond.

    Args:
        name: What it is, for people.
        unit: Its unit.
        exact: The value, worked out by hand.
        read: Takes the finished runs of a replication and returns the figure.
    """

    name: str
    unit: str
    exact: float
    read: Read


@dataclass(frozen=True, slots=True)
class Law:
    """
    Independent values that follow a known law: the largest gap between the distributions is compared.

    Args:
        name: What it is, for people.
        unit: Unit of the values.
        cumulative: Distribution function of the law, without jumps.
        read: Takes the finished runs of a replication and returns values, shape (n,).
        precision: Largest gap that the number of values must be able to show, as a probability.
    """

    name: str
    unit: str
    cumulative: Callable[[Floats], Floats]
    read: Read
    precision: float = 0.03


Quantity = Mean | Same | Law


@dataclass(frozen=True, slots=True)
class Case:
    """
    A border with known results. Days, warm-up and replications stand in the border's scenario.

    Args:
        name: Name of the case, and of its border in `borders/`.
        title: What it is, for people.
        quantities: Gives the figures that are compared.
        scenarios: Scenarios that are run in each replication on the same streams.
        experiment: Replications of the experiment that each replication of the case is, read as `Results`;
            0 for a single run, read as `RunRecord`.
    """

    name: str
    title: str
    quantities: Callable[[], list[Quantity]] = field(repr=False)
    scenarios: tuple[str, ...] = ("base",)
    experiment: int = 0


_found: dict[str, Case] = {}


def case(
    title: str, *, scenarios: tuple[str, ...] = ("base",), experiment: int = 0
) -> Callable[[Callable[[], list[Quantity]]], Callable[[], list[Quantity]]]:
    """Register a function that returns quantities as a case of its own name, with arguments of `Case`."""

    def register(quantities: Callable[[], list[Quantity]]) -> Callable[[], list[Quantity]]:
        name = quantities.__name__
        if name in _found:
            raise ValueError(f"there are two cases named {name!r}; rename one")
        _found[name] = Case(name, title, quantities, scenarios, experiment)
        return quantities

    return register


def registered() -> dict[str, Case]:
    """Return the cases registered so far, by name."""
    return dict(_found)
