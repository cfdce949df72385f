"""Rows of a comparison: every figure of every scenario beside the baseline's, judged."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from gatewatch.simulator.comparison.paired import (
    Effect,
    paired_means,
    paired_percentiles,
    percentiles_of,
    t_limit,
)
from gatewatch.simulator.comparison.smallest import Smallest
from gatewatch.simulator.comparison.verdicts import Bound, Judgement, Verdict, judge
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.measures.base import Better
from gatewatch.simulator.output_analysis import CONFIDENCE, PERCENTILES, Summary
from gatewatch.simulator.replications import Key, Replication
from gatewatch.simulator.results import number

Statistic = Literal["mean", "p50", "p90", "p95"]
STATISTICS: Final[tuple[Statistic, ...]] = ("mean", "p50", "p90", "p95")
CENSORED: Final = "too many vehicles are still inside at the end"

# Nothing was offered or nobody came, so there is no ratio: not the same as nought.
_UNDEFINED_WHEN_ABSENT = frozenset({"load", "utilisation", "blocked_share", "capacity_per_day"})

Family = list[list[Summary | None]]  # one figure: of every plan, of every replication


@dataclass(frozen=True, slots=True)
class Row:
    """
    One figure of one scenario beside the baseline's. Numbers are in `unit`; None where a key does not apply.

    Args:
        scenario: Name of the scenario.
        measure: Name of the measure.
        gate: Gate; None for all of them.
        direction: Direction; None for both.
        class_: Vehicle class; None for all.
        station: Station, yard, or cause.
        statistic: `mean`, or a percentile of the vehicles' or days' values.
        unit: Unit of the figure.
        better: The better direction of the measure.
        baseline: Value of the baseline.
        baseline_half_width: Its 95 % half width.
        value: Value of the scenario.
        value_half_width: Its 95 % half width.
        difference: Scenario minus baseline.
        half_width: 95 % half width of the difference, paired.
        low: Lower limit at `level`; None where only an upper one is known.
        high: Upper limit at `level`.
        level: Confidence level at which Holm tests this scenario: 0 is outside `low` to `high` where it finds a
            difference.
        unpaired_half_width: 95 % half width that independent replications would have (Welch).
        reduction: Share of the variance that common random numbers take away; negative where they add to it.
        p: Two-sided p of no difference.
        p_adjusted: The same by Holm over the scenarios.
        p_same: p of a difference that matters (two one-sided tests), by Holm over the scenarios.
        smallest: Smallest difference that matters.
        verdict: `better`, `worse`, `more`, `less`, `same` (for practical purposes), `undecided`, or `unknown`.
        more_replications: About how many more it takes to tell; None where none are needed or none would do.
        replications: Pairs that were compared.
        bound: `exact`, or what the difference is where a mean is only a lower bound: `at least`, `at most`, `unknown`.
        method: Where the intervals come from, or why there are none.
    """

    scenario: str
    measure: str
    gate: str | None
    direction: str | None
    class_: str | None
    station: str | None
    statistic: Statistic
    unit: str
    better: Better
    baseline: float | None
    baseline_half_width: float | None
    value: float | None
    value_half_width: float | None
    difference: float | None
    half_width: float | None
    low: float | None
    high: float | None
    level: float | None
    unpaired_half_width: float | None
    reduction: float | None
    p: float | None
    p_adjusted: float | None
    p_same: float | None
    smallest: float | None
    verdict: Verdict
    more_replications: int | None
    replications: int
    bound: Bound
    method: str

    @property
    def key(self) -> Key:
        """What the figure is of."""
        return self.measure, self.gate, self.direction, self.class_, self.station


def make_rows(names: Sequence[str], done: Sequence[tuple[Replication, ...]], smallest: Smallest) -> list[Row]:
    """
    Return the rows of the scenarios, figure by figure in the order of the measures.

    Args:
        names: Scenarios, without the baseline.
        done: At least two replications, each of the baseline and of every scenario.
        smallest: Smallest differences that matter.
    """
    order = {name: n for n, name in enumerate(list_measures())}
    keys = dict.fromkeys(key for replications in done for r in replications for key in r.summaries)
    rows: list[Row] = []
    for key in sorted(keys, key=lambda key: (order[key[0]], *(part or "" for part in key[1:]))):
        rows += _of_figure(key, names, done, smallest)
    return rows


def _of_figure(
    key: Key, names: Sequence[str], done: Sequence[tuple[Replication, ...]], smallest: Smallest
) -> Iterator[Row]:
    plans: Family = [[replications[n].summaries.get(key) for replications in done] for n in range(len(names) + 1)]
    is_sample = any(s is not None and s.n for plan in plans for s in plan)
    bounds = [_bound(plans[0], plan) for plan in plans[1:]]
    effects = [_mean_effect(key[0], plans[0], plan, is_sample=is_sample) for plan in plans[1:]]
    yield from _judged(key, "mean", names, effects, bounds, smallest)
    if not is_sample:
        return
    found = [percentiles_of([s for s in plan if s is not None]) if _is_enough(plan) else None for plan in plans]
    for which, percentile in enumerate(PERCENTILES):
        baseline, statistic = found[0], STATISTICS[1 + which]
        assert statistic == f"p{percentile}"
        effects = [
            None
            if baseline is None or scenario is None or bound != "exact"
            else paired_percentiles(baseline, scenario, which)
            for scenario, bound in zip(found[1:], bounds, strict=True)
        ]
        yield from _judged(key, statistic, names, effects, ["exact"] * len(names), smallest)


def _is_enough(plan: Sequence[Summary | None]) -> bool:
    """Return whether two replications or more, and each of them, have the sample: percentiles are paired."""
    return len(plan) >= 2 and all(s is not None and s.percentiles is not None for s in plan)


def _bound(baseline: Sequence[Summary | None], scenario: Sequence[Summary | None]) -> Bound:
    """Return what a difference of means says of the true one where the means may be lower bounds."""
    first, second = (any(s is not None and s.is_bound for s in plan) for plan in (baseline, scenario))
    if first and second:
        return "unknown"
    return "at most" if first else "at least" if second else "exact"


def _mean_effect(
    measure: str, baseline: Sequence[Summary | None], scenario: Sequence[Summary | None], *, is_sample: bool
) -> Effect | None:
    """Return the effect on the mean, or None where fewer than two replications say something of both."""
    if measure in _UNDEFINED_WHEN_ABSENT and not (any(baseline) and any(scenario)):
        return None
    pairs = [
        (_mean(first, is_sample=is_sample), _mean(second, is_sample=is_sample))
        for first, second in zip(baseline, scenario, strict=True)
    ]
    pairs = [pair for pair in pairs if not any(map(math.isnan, pair))]
    return paired_means([first for first, _ in pairs], [second for _, second in pairs]) if len(pairs) >= 2 else None


def _mean(summary: Summary | None, *, is_sample: bool) -> float:
    """Return the mean; what a replication does not name did not happen in it, but an empty sample says nothing."""
    if summary is None:
        return math.nan if is_sample else 0.0
    return summary.mean


def _judged(
    key: Key,
    statistic: Statistic,
    names: Sequence[str],
    effects: Sequence[Effect | None],
    bounds: Sequence[Bound],
    smallest: Smallest,
) -> Iterator[Row]:
    measure = list_measures()[key[0]]
    baseline = next((effect.baseline for effect in effects if effect is not None), 0.0)
    margin = smallest.of(measure.name, baseline)
    judgements = judge(effects, margin, measure.better, bounds)
    for name, effect, bound, judgement in zip(names, effects, bounds, judgements, strict=True):
        yield Row(
            name, *key, statistic, measure.unit, measure.better,
            **_numbers(effect, bound, judgement),
            smallest=number(margin) if effect is not None else None,
            verdict=judgement.verdict, more_replications=judgement.more,
            replications=0 if effect is None else effect.replications,
            bound=bound, method=_method(effect, bound, statistic),
        )  # fmt: skip


def _method(effect: Effect | None, bound: Bound, statistic: Statistic) -> str:
    if bound == "unknown":
        return f"{CENSORED}, with and without the scenario"
    if bound != "exact":
        return CENSORED
    if effect is None:
        return "too few replications say something of both" if statistic == "mean" else CENSORED
    return effect.method


def _numbers(effect: Effect | None, bound: Bound, judgement: Judgement) -> dict[str, Any]:
    """Return the numbers of a row, rounded for JSON; what a bound does not tell is None."""
    if effect is None:
        names = ("baseline", "baseline_half_width", "value", "value_half_width", "difference", "half_width", "low")
        more = ("high", "level", "unpaired_half_width", "reduction", "p", "p_adjusted", "p_same")
        return dict.fromkeys((*names, *more))
    is_exact, is_known = bound == "exact", bound != "unknown"
    limit = t_limit(CONFIDENCE, effect.freedom)
    wide = effect.half_width(judgement.level) if judgement.level is not None else None
    values = {
        "baseline": effect.baseline,
        "baseline_half_width": limit * effect.baseline_error if bound in {"exact", "at least"} else None,
        "value": effect.value,
        "value_half_width": limit * effect.value_error if bound in {"exact", "at most"} else None,
        "difference": effect.difference if is_known else None,
        "half_width": limit * effect.error if is_known else None,
        "low": effect.difference - wide if wide is not None and bound in {"exact", "at least"} else None,
        "high": effect.difference + wide if wide is not None and bound in {"exact", "at most"} else None,
        "level": judgement.level,
        "unpaired_half_width": effect.unpaired_half_width() if is_exact else None,
        "reduction": effect.reduction if is_exact else None,
        "p": judgement.p,
        "p_adjusted": judgement.p_adjusted,
        "p_same": judgement.p_same if is_exact else None,
    }
    return {name: number(value) for name, value in values.items()}
