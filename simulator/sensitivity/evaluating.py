"""One number for a border: a measure, or what policies change about it, on the same streams at every point."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from gatewatch.config.errors import known_names, one_fault
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.network import Network, build_network
from gatewatch.simulator.output_analysis import summarise
from gatewatch.simulator.policies import Policy, apply_policies
from gatewatch.simulator.replications import DEFAULT_ENGINE, run_record
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.sensitivity.parameters import Parameter, with_values
from gatewatch.simulator.shadow import TOLERANCES, shadow
from gatewatch.simulator.workers import Here, Threads, Workers

Floats = NDArray[np.float64]

IN_SHADOW = tuple(name for name in TOLERANCES if name != "lost_per_day")
"""Measures that the shadow has too."""

_TIMES = frozenset({"wait", "crossing_time"})


@dataclass(frozen=True, slots=True)
class Question:
    """
    What is asked of a border.

    Args:
        plan: The border and its days.
        policies: With them, what they change is asked; without, the measure.
        measure: Name of the measure.
        gate: Gate; None for all that are run.
        direction: Direction; None for both.
        replications: Runs at every point, on the same streams.
        is_fast: Whether the analytic shadow answers in place of runs.
        engine: Name of the engine.
    """

    plan: Plan
    policies: tuple[Policy, ...]
    measure: str
    gate: str | None
    direction: str | None
    replications: int
    is_fast: bool
    engine: str = DEFAULT_ENGINE

    def check(self) -> None:
        """
        Refuse a measure that there is not.

        Raises:
            ConfigError: There is no such measure, or the shadow has none.
        """
        known = IN_SHADOW if self.is_fast else tuple(list_measures())
        if self.measure not in known:
            kind = "measure of the shadow" if self.is_fast and self.measure in list_measures() else "measure"
            raise one_fault("--measure", "", f'"{self.measure}"', known_names(kind, self.measure, known))


def answer(question: Question, parameters: Sequence[Parameter], point: Floats) -> float:
    """
    Return the measure, or what the policies change about it, at a point; nan where nobody is measured there.

    Raises:
        ConfigError: A value is none that the border can have, or the policies do not fit it.
    """
    values = {parameter: float(value) for parameter, value in zip(parameters, point, strict=True)}
    try:
        plan = with_values(question.plan, values)
    except ValidationError as error:
        named = ", ".join(f"{parameter.name}={value:g}" for parameter, value in values.items())
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise one_fault("--parameter", key, named, f"no border can have that: {first['msg'].lower()}") from None
    before = _measured(question, plan)
    if not question.policies:
        return before
    return _measured(question, apply_policies(plan, question.policies)) - before


def _measured(question: Question, plan: Plan) -> float:
    network = build_network(plan.loaded, plan)
    if question.is_fast:
        return _of_shadow(question, plan, network)
    found = []
    measure = list_measures()[question.measure]
    for number in range(question.replications):
        record = run_record(plan, number, question.engine, network)
        values = [
            summary.mean
            for value in measure.values(record)
            if (value.gate, value.direction, value.class_, value.station)
            == (question.gate, question.direction, None, None)
            and (summary := summarise(value.value)) is not None
        ]
        found.append(values[0] if values else float("nan"))
    return float(np.mean(found))


def _of_shadow(question: Question, plan: Plan, network: Network) -> float:
    """Return the shadow's value, over several gates and directions their sum, or for a time the mean by vehicles."""
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for row in shadow(plan, network, exact=False).rows:
        is_asked = question.gate in (None, row["gate"]) and question.direction in (None, row["direction"])
        value = row["fluid"] if row["diffusion"] is None else row["diffusion"]
        if is_asked and value is not None:
            rows.setdefault((row["gate"], row["direction"]), {})[row["measure"]] = value
    parts = [found for found in rows.values() if question.measure in found]
    if not parts:
        return 0.0 if question.measure == "turned_back_per_day" else float("nan")
    if question.measure not in _TIMES:
        return float(sum(part[question.measure] for part in parts))
    came = np.array([part["offered_per_day"] for part in parts])
    times = np.array([part[question.measure] for part in parts])
    return float(times @ came / came.sum()) if came.sum() else float("nan")


def answers(
    question: Question, parameters: Sequence[Parameter], points: Floats, workers: int, done: Callable[[], None]
) -> Generator[float]:
    """Yield the answers at points, in order, whoever works them out; `done` is called after each."""
    hands: Workers = Here() if workers == 1 or len(points) == 1 else Threads(workers)
    for value in hands.each(answer, ((question, tuple(parameters), point) for point in points)):
        done()
        yield value


def in_short(question: Question, days: int, warmup_days: int) -> Question:
    """Return the question over fewer days."""
    plan = question.plan
    return replace(
        question,
        plan=replace(plan, days=min(plan.days, days), warmup_days=min(plan.warmup_days, warmup_days)),
    )
