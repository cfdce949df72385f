"""A comparison as a page shows it, in both languages, and as files; loaded by workers only."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from gatewatch.config.schema import Border
from gatewatch.simulator.comparison.assembling import Experiment
from gatewatch.simulator.comparison.comparison import Comparison, Outcome
from gatewatch.simulator.comparison.digits import scale_of
from gatewatch.simulator.comparison.rows import Row
from gatewatch.simulator.comparison.so_far import rows_so_far
from gatewatch.simulator.replications import Replication
from gatewatch.simulator.report.study import study_of
from gatewatch.simulator.report.telling import sentence
from gatewatch.simulator.report.words import LANGUAGES, Words, capital
from gatewatch.simulator.report.writing import report_text

COMPARISON: Final = "comparison.json"
TABLE_CSV: Final = "table.csv"
TABLE_PARQUET: Final = "table.parquet"
REPORT: Final = "report.html"

InBoth = dict[str, str]


def headline_of(experiment: Experiment, done: Sequence[tuple[Replication, ...]]) -> list[dict[str, Any]]:
    """Return the headline of the replications that are finished, at least two."""
    names = [scenario.name for scenario in experiment.scenarios]
    return _headline(rows_so_far(experiment, done), names, experiment.plan.loaded.border)


def page_of(comparison: Comparison, titles: Sequence[str]) -> dict[str, Any]:
    """
    Return what a page shows of a comparison; scenarios are numbered, 0 is doing nothing.

    Args:
        comparison: The comparison.
        titles: Names that its asker gave to the scenarios; empty where he gave none.
    """
    plan = comparison.baseline.results.plan
    assert plan is not None
    border = plan.loaded.border
    names = [outcome.name for outcome in comparison.scenarios]
    outcomes = (comparison.baseline, *comparison.scenarios)
    return {
        "manifest": comparison.manifest,
        "scenario": _in_both(lambda w: _title(plan.scenario, w) or plan.name, border),
        "alternatives": [_alternative(o, t) for o, t in zip(comparison.scenarios, titles, strict=True)],
        "headline": [
            row for name in names for row in _headline(comparison.headline(name), names, border)
        ],
        "hourly": list(_hourly(outcomes, border)),
        "binding": list(_binding(comparison, names, border)),
        "costs": [_row(r, names, border) for r in comparison.costs if r.gate is None],
        "prices": comparison.prices,
        "precision": comparison.precision,
    }  # fmt: skip


def files_of(comparison: Comparison) -> dict[str, bytes]:
    """Return the comparison whole as JSON, its rows as tables, and a report to print; the same bytes each time."""
    table = comparison.to_pandas()
    parquet = io.BytesIO()
    table.to_parquet(parquet, index=False)
    return {
        COMPARISON: (comparison.to_json() + "\n").encode(),
        TABLE_CSV: table.to_csv(index=False).encode("utf-8-sig"),
        TABLE_PARQUET: parquet.getvalue(),
        REPORT: report_text(study_of(comparison, [], None)).encode(),
    }


def summary_of(comparison: Comparison) -> dict[str, Any]:
    """Return a few figures for lists: of each scenario how many of its headline figures get better, worse, …."""
    found = []
    for outcome in comparison.scenarios:
        counts: dict[str, int] = {}
        for row in comparison.headline(outcome.name):
            if row.baseline != row.value:
                counts[row.verdict] = counts.get(row.verdict, 0) + 1
        found.append(counts)
    return {"replications": comparison.manifest["replications"], "verdicts": found}


def _headline(rows: Iterable[Row], names: Sequence[str], border: Border) -> list[dict[str, Any]]:
    """Return the rows that a scenario moves, and those of the border as a whole."""
    rows = list(rows)
    moved = {(row.scenario, row.gate, row.direction) for row in rows if row.baseline != row.value}
    return [
        _row(row, names, border)
        for row in rows
        if row.gate is None or ((row.scenario, row.gate, row.direction) in moved and row.baseline != row.value)
    ]


def _row(row: Row, names: Sequence[str], border: Border) -> dict[str, Any]:
    values = [abs(x) for x in (row.baseline, row.value, row.difference) if x is not None]
    scale = scale_of(row.unit, max(values, default=0.0))
    before = "≥ " if row.bound in {"at most", "unknown"} else ""
    after = "≥ " if row.bound in {"at least", "unknown"} else ""
    bound = {"at least": "≥ ", "at most": "≤ "}.get(row.bound, "")
    shown: dict[str, Any] = {}
    for language in LANGUAGES:
        words = Words(language, border)
        figure = words.figure(row.measure, row.statistic, row.gate, row.station, row.class_)
        change = words.bare(row.difference, row.half_width, scale, signed=True)
        shown[language] = {
            "place": capital(words.place(row.gate, row.direction)),
            "figure": capital(figure),
            "unit": words.unit(scale.unit),
            "before": f"{before}{words.bare(row.baseline, row.baseline_half_width, scale)}",
            "after": f"{after}{words.bare(row.value, row.value_half_width, scale)}",
            "change": change if row.difference is None else f"{bound}{change}",
            "verdict": words.say(f"verdict.{row.verdict}"),
            "sentence": f"{sentence(row, words)}.",
        }
    return {
        "scenario": names.index(row.scenario) + 1, "measure": row.measure, "gate": row.gate,
        "direction": row.direction, "station": row.station, "statistic": row.statistic, "unit": row.unit,
        "better": row.better, "baseline": row.baseline, "value": row.value, "difference": row.difference,
        "half_width": row.half_width, "low": row.low, "high": row.high, "smallest": row.smallest,
        "verdict": row.verdict, "bound": row.bound, "more_replications": row.more_replications,
        "replications": row.replications, **shown,
    }  # fmt: skip


def _alternative(outcome: Outcome, title: str) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "title": {"vi": title or outcome.title_vi or outcome.name, "en": title or outcome.title or outcome.name},
        "gates": list(outcome.gates),
        "policies": [
            {
                "text": policy.text, "kind": policy.kind.name, "basis": policy.basis,
                "title": {"vi": policy.title_vi or policy.title, "en": policy.title},
                "conditions": {"vi": policy.conditions_vi or policy.conditions, "en": policy.conditions},
                "effect": {"vi": policy.effect_vi or policy.effect, "en": policy.effect},
            }
            for policy in outcome.chosen
        ],
    }  # fmt: skip


def _hourly(outcomes: Sequence[Outcome], border: Border) -> Iterable[dict[str, Any]]:
    """Yield the backlog by hour of the day, of each place where anybody ever was: mean, and eight of ten between."""
    found: dict[tuple[str | None, str | None], dict[int, list[dict[str, Any]]]] = {}
    for number, outcome in enumerate(outcomes):
        for row in outcome.results.hourly:
            found.setdefault((row["gate"], row["direction"]), {}).setdefault(number, []).append(row)
    for place, series in found.items():
        if not any(row["p90"] for rows in series.values() for row in rows):
            continue
        yield {
            "gate": place[0],
            "direction": place[1],
            "place": _place(*place, border),
            "unit": "veh",
            "series": [
                {"scenario": number, **{key: [row[key] for row in rows] for key in ("mean", "p10", "p90")}}
                for number, rows in series.items()
            ],
        }


def _binding(comparison: Comparison, names: Sequence[str], border: Border) -> Iterable[dict[str, Any]]:
    for row in comparison.binding:
        if row["before"] is None and row["after"] is None:
            continue
        yield {
            "scenario": names.index(row["scenario"]) + 1,
            "gate": row["gate"],
            "direction": row["direction"],
            "place": _place(row["gate"], row["direction"], border),
            "before": _cause(row["gate"], row["before"], border),
            "before_share": row["before_share"],
            "after": _cause(row["gate"], row["after"], border),
            "after_share": row["after_share"],
            "is_changed": row["is_changed"],
        }


def _place(gate: str | None, direction: str | None, border: Border) -> InBoth:
    return _in_both(lambda words: capital(words.place(gate, direction)), border)


def _cause(gate: str | None, cause: str | None, border: Border) -> InBoth | None:
    return None if cause is None else _in_both(lambda words: words.cause(gate, cause), border)


def _in_both(say: Callable[[Words], str], border: Border) -> InBoth:
    return {language: say(Words(language, border)) for language in LANGUAGES}


def _title(found: object, words: Words) -> str:
    title: str = getattr(found, "title", "")
    return (getattr(found, "title_vi", "") or title) if words.language == "vi" else title
