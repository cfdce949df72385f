"""From finished replications to a comparison: the manifest, the rows, what binds, the prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gatewatch.config.loader import LoadedBorder, fingerprint
from gatewatch.simulator.binding_names import binding_resources
from gatewatch.simulator.comparison.comparison import Comparison, Outcome
from gatewatch.simulator.comparison.duty import delays_before, server_hours_on_duty
from gatewatch.simulator.comparison.rows import make_rows
from gatewatch.simulator.comparison.scenarios import BASELINE, FIXED, DemandResponse, PolicyScenario
from gatewatch.simulator.comparison.sequential import Precision
from gatewatch.simulator.comparison.smallest import Smallest
from gatewatch.simulator.replications import Replication
from gatewatch.simulator.results import combine, manifest_of
from gatewatch.simulator.scenario import Plan


@dataclass(frozen=True)
class Experiment:
    """
    A comparison that is checked and not yet run.

    Args:
        plan: The baseline.
        scenarios: What it is compared with.
        smallest: Smallest differences that matter.
        replications: Replications, or the most of them where a precision is wanted.
        precision: The precision wanted.
        engine: Name of the engine.
        response: What demand does when opening hours change.
    """

    plan: Plan
    scenarios: tuple[PolicyScenario, ...]
    smallest: Smallest
    replications: int
    precision: Precision | None
    engine: str
    response: DemandResponse = FIXED


def assemble(
    experiment: Experiment,
    done: Sequence[tuple[Replication, ...]],
    precision: list[dict[str, Any]],
    *,
    is_cut_short: bool,
) -> Comparison:
    """
    Return the comparison of the replications that are finished.

    Args:
        experiment: What was run.
        done: At least two replications, each of the baseline and of every scenario.
        precision: The half widths reached beside those wanted.
        is_cut_short: Whether it was stopped before all were done.
    """
    plan, scenarios, engine = experiment.plan, experiment.scenarios, experiment.engine
    baseline = Outcome(BASELINE, "", "", (), (), combine(plan, engine, [r[0] for r in done]))
    outcomes = tuple(
        Outcome(
            name=scenario.name,
            title=" + ".join(policy.title.rstrip(".") for policy in scenario.policies),
            title_vi=" + ".join((policy.title_vi or policy.title).rstrip(".") for policy in scenario.policies),
            policies=tuple(policy.text for policy in scenario.policies),
            gates=scenario.gates,
            results=combine(scenario.plan, engine, [r[n] for r in done]),
            chosen=scenario.policies,
        )
        for n, scenario in enumerate(scenarios, start=1)
    )
    return Comparison(
        manifest=_manifest(experiment, len(done), is_cut_short=is_cut_short),
        baseline=baseline,
        scenarios=outcomes,
        rows=tuple(make_rows([scenario.name for scenario in scenarios], done, experiment.smallest)),
        binding=list(_binding_rows(baseline, outcomes)),
        prices=price_rows(plan.loaded),
        smallest=experiment.smallest.rows(),
        precision=precision,
        is_cut_short=is_cut_short,
    )


def _manifest(experiment: Experiment, n_done: int, *, is_cut_short: bool) -> dict[str, Any]:
    own = manifest_of(experiment.plan, n_done, experiment.engine)
    wanted = experiment.precision
    return {
        **own,
        "comparison": {
            "scenarios": {
                s.name: {"policies": [p.text for p in s.policies], "border_sha256": s.plan.loaded.sha256}
                for s in experiment.scenarios
            },
            "pairing": "the n-th replications of all scenarios have the same streams",
            "demand_response": str(experiment.response),
            "adjustment": "Holm over the scenarios, for each figure",
            "smallest_sha256": fingerprint(experiment.smallest.rows()),
            "precision": None
            if wanted is None
            else {"wanted": wanted.wanted, "measures": list(wanted.measures), "at_most": wanted.at_most},
            "replications_asked_for": None if wanted is not None else experiment.replications,
            "is_cut_short": is_cut_short,
            "server_hours_on_duty_per_day": {
                BASELINE: server_hours_on_duty(experiment.plan),
                **{s.name: server_hours_on_duty(s.plan) for s in experiment.scenarios},
            },
            "delays_before_servers_h": {
                f"{gate} {direction}": dict(stages)
                for (gate, direction), stages in delays_before(experiment.plan).items()
            },
        },
    }


def _binding_rows(baseline: Outcome, outcomes: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    before = binding_resources(baseline.results.measures)
    for outcome in outcomes:
        after = binding_resources(outcome.results.measures)
        for place in dict.fromkeys([*before, *after]):
            first, second = before.get(place, (None, None)), after.get(place, (None, None))
            yield {
                "scenario": outcome.name, "gate": place[0], "direction": place[1], "before": first[0],
                "before_share": first[1], "after": second[0], "after_share": second[1],
                "is_changed": first[0] != second[0],
            }  # fmt: skip


def price_rows(loaded: LoadedBorder) -> list[dict[str, Any]]:
    """Return the prices of the border with where they come from; those of loads by class."""
    prices = loaded.border.prices
    found: list[tuple[str, float | None, str, tuple[str | int, ...]]] = [
        ("vehicle hour", prices.vehicle_hour, "VND/h", ("prices", "vehicle_hour")),
        ("overtime server hour", prices.overtime_server_hour, "VND/h", ("prices", "overtime_server_hour")),
    ]
    for name, class_ in loaded.border.vehicle_classes().items():
        if class_.perishable and class_.shelf_life and class_.load_value:
            found.append((f"load of {name}", class_.load_value, "VND", ("classes", name, "load_value")))
            found.append((f"shelf life of {name}", class_.shelf_life, "h", ("classes", name, "shelf_life")))
    rows = []
    for name, value, unit, path in found:
        origin = loaded.document.origin(path)
        rows.append(
            {
                "price": name, "value": value, "unit": unit,
                "basis": (origin.basis if origin else None) or "assumed", "source": origin.source if origin else None,
            }
        )  # fmt: skip
    return rows
