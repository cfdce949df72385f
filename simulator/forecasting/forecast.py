"""A forecast: from what stands at a border now, under do nothing and up to four policies, on the same luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from gatewatch.config.errors import ConfigError, Fault
from gatewatch.config.loader import LoadedBorder
from gatewatch.simulator.draw_key import draw_key
from gatewatch.simulator.draws import Draws, draw
from gatewatch.simulator.forecasting.bands import Forecast, put_together
from gatewatch.simulator.forecasting.border_now import base_of
from gatewatch.simulator.forecasting.now import Now
from gatewatch.simulator.forecasting.places import Placing, moved_to
from gatewatch.simulator.forecasting.pools import find_pools
from gatewatch.simulator.forecasting.readings import Grid, Reading, grid_of, read, tags_of
from gatewatch.simulator.network import Network, build_network
from gatewatch.simulator.policies import apply_policies, find_policy
from gatewatch.simulator.replications import DEFAULT_ENGINE, run_record
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.workers import Here, Threads

HORIZON_H: Final = 24
REPLICATIONS: Final = (100, 75, 60, 50, 40)  # by the number of policies: what two cores run in ten seconds
SCENARIO: Final = "july_2025"
MOST_POLICIES: Final = 4
MOST_REPLICATIONS: Final = 10_000
LONGEST_H: Final = 7 * 24
DO_NOTHING: Final = "do nothing"
_FIRST_PART = 8
_STEP = 10


@dataclass(frozen=True, slots=True)
class Alternative:
    """
    What may be decided.

    Args:
        name: `do nothing`, or the policies as they were asked for.
        plan: What is run.
        network: The same, laid out in time.
        grid: When to look.
    """

    name: str
    plan: Plan
    network: Network
    grid: Grid


def forecast(
    now: Now,
    border: LoadedBorder,
    policies: Sequence[str] = (),
    *,
    scenario: str = SCENARIO,
    horizon_h: int = HORIZON_H,
    replications: int | None = None,
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    workers: int = 1,
) -> Forecast:
    """
    Return what is to be expected from now on.

    Args:
        now: What is known of the border.
        border: The border.
        policies: Up to four alternatives to doing nothing, each a policy as `find_policy` reads it, or several joined
            by ` + `.
        scenario: Scenario whose demand stands in where no arrivals were counted.
        horizon_h: How far it looks [h].
        replications: Repetitions; each starts from a draw inside the bands of what is known. Without it, as many as
            `most_replications` says.
        seed: Root seed of every stream, not negative.
        engine: Name of the engine.
        workers: Replications run at once; the result does not depend on it.

    Raises:
        ConfigError: What is known does not fit the border, or a policy cannot be used.
    """
    *_, last = forecast_in_parts(
        now, border, policies, scenario=scenario, horizon_h=horizon_h, replications=replications, seed=seed,
        engine=engine, workers=workers,
    )  # fmt: skip
    return last


def forecast_in_parts(
    now: Now,
    border: LoadedBorder,
    policies: Sequence[str] = (),
    *,
    scenario: str = SCENARIO,
    horizon_h: int = HORIZON_H,
    replications: int | None = None,
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    workers: int = 1,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Forecast]:
    """
    Yield forecasts of ever more replications, doing nothing first; the last one is whole, unless it was cancelled.

    The arguments are those of `forecast`; `is_cancelled` is asked now and then.
    """
    wanted = most_replications(len(policies)) if replications is None else replications
    _check(horizon_h, wanted, seed, policies)
    base = base_of(border, now, scenario, horizon_h, seed)
    alternatives = [_alternative(DO_NOTHING, base.plan, now, horizon_h)]
    crew = Threads(workers) if engine == DEFAULT_ENGINE and workers > 1 else Here()
    placing = Placing(alternatives[0].network, now, find_pools(base, now, engine, crew), seed)
    first = min(_FIRST_PART, wanted)
    # The course of things comes first, since it is asked for most and known soonest; what may be decided follows.
    done = list(crew.each(_Run(alternatives, placing, engine).replication, [(number, 0) for number in range(first)]))
    if policies or first < wanted:
        yield put_together(now, base, alternatives, done, wanted, seed, engine, horizon_h, is_final=False)
    for text in policies:
        found = [find_policy(part.strip(), base.plan.loaded) for part in text.split(" + ")]
        alternatives.append(_alternative(text, apply_policies(base.plan, found), now, horizon_h))
    run = _Run(alternatives, placing, engine)
    if policies:
        if is_cancelled():
            return
        others = crew.each(run.replication, [(number, 1) for number in range(first)])
        done = [[*mine, *rest] for mine, rest in zip(done, others, strict=True)]
    edges = sorted({first, *(n for n in (wanted // 3,) if n > first), wanted})
    for begins, ends in pairwise(edges):
        for number in range(begins, ends, _STEP):
            if is_cancelled():
                return
            done += crew.each(run.replication, [(n, 0) for n in range(number, min(number + _STEP, ends))])
        if ends < wanted:
            yield put_together(now, base, alternatives, done, wanted, seed, engine, horizon_h, is_final=False)
    yield put_together(now, base, alternatives, done, wanted, seed, engine, horizon_h, is_final=True)


def most_replications(n_policies: int) -> int:
    """Return how many replications fit into ten seconds of two cores, for as many policies beside doing nothing."""
    return REPLICATIONS[min(n_policies, MOST_POLICIES)]


class _Run:
    """Runs all alternatives on the streams of a replication; those that meet the same vehicles share their draws."""

    def __init__(self, alternatives: Sequence[Alternative], placing: Placing, engine: str) -> None:
        self._alternatives, self._placing, self._engine = alternatives, placing, engine
        self._keys = [draw_key(alternative.plan) for alternative in alternatives]

    def replication(self, number: int, first: int) -> list[Reading]:
        """Return the reading of each alternative from the number `first` on."""
        standing = self._placing.standing(number)
        drawn: dict[str, Draws] = {}
        found = []
        for key, each in list(zip(self._keys, self._alternatives, strict=True))[first:]:
            if key not in drawn:
                there = moved_to(each.network, self._alternatives[0].network, standing)
                drawn[key] = draw(each.network, each.plan, number, there)
            draws = drawn[key]
            record = run_record(each.plan, number, self._engine, each.network, draws)
            tags = tags_of(each.network, draws.group, draws.inside, draws.arrival_us)
            found.append(read(record, each.grid, tags))
        return found


def _alternative(name: str, plan: Plan, now: Now, horizon_h: int) -> Alternative:
    network = build_network(plan.loaded, plan)
    return Alternative(name, plan, network, grid_of(network, now, horizon_h))


def _check(horizon_h: int, replications: int, seed: int, policies: Sequence[str]) -> None:
    limits = (
        ("horizon_h", horizon_h, 1, LONGEST_H),
        ("replications", replications, 1, MOST_REPLICATIONS),
        ("seed", seed, 0, 2**63 - 1),
    )
    found = [
        Fault("forecast", name, str(value), f"use a whole number from {low} to {high}")
        for name, value, low, high in limits
        if not low <= value <= high
    ]
    if len(policies) > MOST_POLICIES:
        expected = f"compare up to {MOST_POLICIES} at a time with doing nothing"
        found.append(Fault("forecast", "policies", f"{len(policies)} policies", expected))
    twice = sorted({text for text in policies if list(policies).count(text) > 1})
    found += [Fault("forecast", "policies", text, "name each alternative once") for text in twice]
    if found:
        raise ConfigError(found)
