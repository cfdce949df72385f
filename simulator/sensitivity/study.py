"""The public door: which of the assumed parameters a conclusion hangs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gatewatch.config.errors import known_names, one_fault
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.policies import Policy
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.sensitivity.asking import asked_parameters
from gatewatch.simulator.sensitivity.evaluating import Question, answers, in_short
from gatewatch.simulator.sensitivity.indices import (
    FEWEST_TRAJECTORIES,
    Effects,
    Shares,
    blocks_within,
    screening_effects,
    screening_points,
    share_points,
    shares,
)
from gatewatch.simulator.sensitivity.parameters import Parameter, touched
from gatewatch.simulator.sensitivity.places import busiest_gate, gates_changed, narrowed_to
from gatewatch.simulator.sensitivity.switching import Line, lines_at, switches

Floats = NDArray[np.float64]
Method = Literal["morris", "sobol", "both"]

METHODS: tuple[Method, ...] = ("morris", "sobol", "both")
KEPT = 6
"""Parameters that screening leaves for the shares of variance."""

TRAJECTORIES = 20
SHORT_DAYS, SHORT_WARMUP_DAYS = 7, 2
BUDGET, FAST_BUDGET = 512, 8_192
"""Runs for the shares of variance: of the simulation, and of the shadow."""

ROW_KEYS = (
    "rank", "parameter", "unit", "base", "low", "high", "strength", "strength_half_width", "mean_effect", "spread",
    "total_share", "total_share_half_width", "first_share", "value_at_low", "value_at_high",
)  # fmt: skip


@dataclass(frozen=True)
class Sensitivity:
    """
    What a measure, or what policies change about it, hangs on.

    Args:
        scenario: Name of the scenario.
        policies: Policies whose effect is asked for; empty for the measure itself.
        measure: Name of the measure.
        unit: Its unit.
        gate: Gate; None for all.
        direction: Direction; None for both.
        base: The value with every parameter as the border has it.
        method: What was asked for.
        is_fast: Whether the analytic shadow answered in place of runs.
        days: Measured days of each run.
        replications: Runs at every point, on the same streams.
        runs: Points at which the value was worked out.
        is_complete: Whether everything asked for was finished.
        rows: Rows with the keys of `ROW_KEYS`, the strongest first. `strength` is the mean absolute effect over the
            whole range [unit]; shares are of the variance, with 95 % bars; `value_at_low` and `value_at_high` stand
            in a tornado. Null where it was not worked out.
        switches: Rows `parameter, unit, base, at, effect_below, effect_above`: where the value changes its sign when
            one parameter moves alone.
    """

    scenario: str
    policies: tuple[str, ...]
    measure: str
    unit: str
    gate: str | None
    direction: str | None
    base: float
    method: Method
    is_fast: bool
    days: int
    replications: int
    runs: int
    is_complete: bool
    rows: list[dict[str, Any]]
    switches: list[dict[str, Any]]

    def top(self, n: int = 3) -> list[dict[str, Any]]:
        """Return the rows of the strongest parameters that move the value at all, for a report."""
        return [row for row in self.rows if row["strength"] or row["total_share"]][:n]

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a table."""
        return pd.DataFrame(self.rows, columns=list(ROW_KEYS))

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"policies": list(self.policies)}


@dataclass
class _Tally:
    """What is done of a study, and whether somebody stopped it."""

    total: int
    on_done: Callable[[int, int], None] | None
    done: int = 0
    is_stopped: bool = False

    def one_more(self) -> None:
        self.done += 1
        if self.on_done is not None:
            self.on_done(self.done, max(self.total, self.done))


def sensitivity(
    plan: Plan,
    policies: Sequence[Policy] = (),
    *,
    gate: str | None = None,
    direction: str | None = None,
    measure: str = "backlog_at_2000",
    parameters: Sequence[str] = (),
    method: Method = "both",
    trajectories: int = TRAJECTORIES,
    budget: int | None = None,
    days: int = SHORT_DAYS,
    replications: int = 1,
    is_fast: bool = False,
    workers: int = 1,
    on_done: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """
    Return which parameters a measure, or what policies change about it, hangs on.

    Every point is run on the same streams: the same vehicles meet another border, so that what differs is the border.

    Args:
        plan: What is run.
        policies: Policies whose effect is asked for.
        gate: Gate whose parameters and measure are meant; without it the one that the policies change, or the one
            with the most demand.
        direction: Direction of the measure; without it both.
        measure: Name of the measure.
        parameters: `PATH` or `PATH=low..high`; without any, every assumed one of the gate, within 25 %.
        method: `morris` to screen, `sobol` for shares of variance, `both` for the shares of the six strongest.
        trajectories: Of the screening.
        budget: Runs for the shares of variance.
        days: Measured days of each run at most; the warm-up is two days at most.
        replications: Runs at every point.
        is_fast: Let the analytic shadow answer in place of runs.
        workers: Points worked out at once; the results do not depend on it.
        on_done: Called with the points done and the points there are.

    Raises:
        ConfigError: A gate, measure or parameter is unknown or does not fit.
        KeyboardInterrupt: Stopped before the screening had anything to say.
    """
    gates = [gate] if gate is not None else list(gates_changed(plan, policies)) or [busiest_gate(plan)]
    _check(plan, gates, direction, method)
    place = gates[0] if len(gates) == 1 else None
    question = in_short(
        Question(plan, tuple(policies), measure, place, direction, replications, is_fast), days, SHORT_WARMUP_DAYS
    )
    question.check()
    chosen = asked_parameters(plan, gates, parameters) if parameters else [p for g in gates for p in touched(plan, g)]
    chosen = list({parameter.name: parameter for parameter in chosen}.values())
    if not chosen:
        raise one_fault("--parameter", "", "missing", f"nothing about {', '.join(gates)} is assumed; name some")
    question = narrowed_to(question, gates, chosen)
    return _Study(question, chosen, method, trajectories, budget, workers, on_done).run()


def _check(plan: Plan, gates: Sequence[str], direction: str | None, method: str) -> None:
    run = sorted({flow.gate for flow in plan.loaded.border.demand[plan.scenario.demand].flows.values()})
    for gate in gates:
        if gate not in run:
            raise one_fault("--gate", "", f'"{gate}"', known_names("gate that is run", gate, run))
    if direction not in (None, "export", "import"):
        raise one_fault(
            "--direction", "", f'"{direction}"', known_names("direction", str(direction), ("export", "import"))
        )
    if method not in METHODS:
        raise one_fault("--method", "", f'"{method}"', known_names("method", method, METHODS))


class _Study:
    """One study under way."""

    def __init__(
        self, question: Question, parameters: list[Parameter], method: Method, trajectories: int, budget: int | None,
        workers: int, on_done: Callable[[int, int], None] | None,
    ) -> None:  # fmt: skip
        self.question, self.parameters, self.method = question, parameters, method
        self.trajectories, self.workers = max(trajectories, FEWEST_TRAJECTORIES), workers
        self.budget = budget or (FAST_BUDGET if question.is_fast else BUDGET)
        self.seed = question.plan.seed % 2**31
        n = len(parameters)
        kept = min(n, KEPT) if method == "both" else n
        self.blocks = blocks_within(self.budget, kept)
        total = 1 + (self.trajectories * (n + 1) if method != "sobol" else 0)
        total += (self.blocks * (kept + 2) if method != "morris" else 0) + 4 * min(n, KEPT)
        self.tally = _Tally(total, on_done)

    def run(self) -> Sensitivity:
        """Return what was found; what was finished before a stop counts."""
        base = self._answers(self.parameters, np.array([[p.base for p in self.parameters]]))
        if not len(base) or np.isnan(base[0]):
            if self.tally.is_stopped:
                raise KeyboardInterrupt
            place = f"{self.question.gate or 'all gates'} {self.question.direction or ''}".strip()
            raise one_fault("--measure", "", f'"{self.question.measure}"', f"the run has no such value for {place}")
        effects = self._screen() if self.method != "sobol" else None
        order = self._order(effects)
        lines = self._lines(order[:KEPT], float(base[0]))
        found = None
        kept = order[:KEPT] if self.method == "both" else order
        if self.method != "morris" and not self.tally.is_stopped:
            found = self._shares(kept)
        if self.tally.is_stopped and effects is None and found is None:
            raise KeyboardInterrupt
        if effects is None and found is not None:
            order = sorted(order, key=lambda n: -float(found.total[kept.index(n)]))
        return self._result(float(base[0]), effects, found, kept, order, lines)

    def _answers(self, parameters: Sequence[Parameter], points: Floats) -> Floats:
        """Return the answers at the first points, as far as nobody stopped it; gaps take the mean of the others."""
        values: list[float] = []
        if self.tally.is_stopped:
            return np.empty(0)
        try:
            with closing(answers(self.question, parameters, points, self.workers, self.tally.one_more)) as found:
                for value in found:
                    values.append(value)  # noqa: PERF402 - what came before a stop is kept
        except KeyboardInterrupt:
            self.tally.is_stopped = True
        result = np.array(values, dtype=np.float64)
        if len(result) > 1 and np.isnan(result).any() and not np.isnan(result).all():
            result[np.isnan(result)] = np.nanmean(result)
        return result

    def _screen(self) -> Effects | None:
        bounds = [(p.low, p.high) for p in self.parameters]
        points = screening_points(bounds, self.trajectories, self.seed)
        return screening_effects(bounds, points, self._answers(self.parameters, points), self.seed)

    def _order(self, effects: Effects | None) -> list[int]:
        if effects is None:
            return list(range(len(self.parameters)))
        return sorted(range(len(self.parameters)), key=lambda n: -float(effects.strength[n]))

    def _lines(self, chosen: Sequence[int], base: float) -> dict[int, Line]:
        found = {}
        for n in chosen:
            parameter = self.parameters[n]
            places = lines_at(parameter)
            values = self._answers([parameter], places[:, None])
            if len(values) == len(places):
                found[n] = Line(parameter, np.append(places, parameter.base), np.append(values, base))
        return found

    def _shares(self, kept: Sequence[int]) -> Shares | None:
        chosen = [self.parameters[n] for n in kept]
        bounds = [(p.low, p.high) for p in chosen]
        points = share_points(bounds, self.blocks, self.seed)
        return shares(bounds, self._answers(chosen, points), self.seed)

    def _result(
        self, base: float, effects: Effects | None, found: Shares | None, kept: Sequence[int], order: Sequence[int],
        lines: dict[int, Line],
    ) -> Sensitivity:  # fmt: skip
        rows = []
        for rank, n in enumerate(order, start=1):
            parameter, line = self.parameters[n], lines.get(n)
            share = kept.index(n) if found is not None and n in kept else None
            rows.append(
                dict(
                    zip(
                        ROW_KEYS,
                        (
                            rank, parameter.name, parameter.unit, _number(parameter.base), _number(parameter.low),
                            _number(parameter.high), *_of(effects, n, "strength", "half_width", "mean", "spread"),
                            *_of(found, share, "total", "total_half_width", "first"),
                            None if line is None else _number(line.at_low),
                            None if line is None else _number(line.at_high),
                        ),
                        strict=True,
                    )
                )
            )  # fmt: skip
        question = self.question
        return Sensitivity(
            scenario=question.plan.name,
            policies=tuple(policy.name for policy in question.policies),
            measure=question.measure,
            unit=list_measures()[question.measure].unit,
            gate=question.gate,
            direction=question.direction,
            base=float(_number(base) or 0.0),
            method=self.method,
            is_fast=question.is_fast,
            days=question.plan.days,
            replications=0 if question.is_fast else question.replications,
            runs=self.tally.done,
            is_complete=not self.tally.is_stopped,
            rows=rows,
            switches=[row for n in order if n in lines for row in switches(lines[n])],
        )


def _of(found: Effects | Shares | None, n: int | None, *names: str) -> list[float | None]:
    return [None if found is None or n is None else _number(float(getattr(found, name)[n])) for name in names]


def _number(value: float) -> float | None:
    return float(f"{value:.10g}") if np.isfinite(value) else None
