"""What an experiment of one scenario found: measures with intervals, counts by the clock, and the manifest."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from gatewatch.config.demand import Flow, TraceArrivals
from gatewatch.config.loader import fingerprint
from gatewatch.config.scenarios import Target
from gatewatch.simulator.demand import is_moved, recorded_arrivals
from gatewatch.simulator.hourly import Place
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.output_analysis import CONFIDENCE, PERCENTILES, percentile_interval, t_interval
from gatewatch.simulator.replications import Key, Replication
from gatewatch.simulator.reported_path import path_rows
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.streams import BIT_GENERATOR

MEASURE_KEYS = (
    "measure", "gate", "direction", "class", "station", "unit", "mean", "half_width", "confidence",
    "p50", "p90", "p95", "replications",
)  # fmt: skip
_LIBRARIES = ("numpy", "scipy", "simpy", "pandas")


@dataclass(frozen=True)
class Results:
    """
    The results of a scenario.

    Args:
        manifest: Everything needed to get the same bytes again.
        measures: Rows with the keys of `MEASURE_KEYS`; null where a key does not apply.
        censored: Rows `measure, gate, direction, class, station, share, is_lower_bound` of times that were not over
            at the end for some vehicles; above a tenth the mean is a lower bound and has no interval.
        percentiles: Rows `measure, gate, direction, class, station, percentile, value, low, high, method`.
        daily: Rows `date, gate, direction, arrived, cleared, backlog_2000` with half widths, means over replications.
        hourly: Rows `gate, direction, hour, mean, p10, p90` of the backlog over days and replications [veh].
        targets: Reported figures beside the simulated ones.
        shadow: What theory says beside the simulated values, rows of `shadow.beside`; empty where it was not asked.
        path: The backlog day by day where one is reported; rows of `reported_path.path_rows`.
        plan: What was run; a report reads its assumptions from it.
        trace: The trace of every replication, when it was kept.
        yards: The yard entries of every replication, when the trace was kept.
    """

    manifest: dict[str, Any]
    measures: list[dict[str, Any]]
    percentiles: list[dict[str, Any]]
    censored: list[dict[str, Any]]
    daily: list[dict[str, Any]]
    hourly: list[dict[str, Any]]
    targets: list[dict[str, Any]]
    shadow: list[dict[str, Any]] = field(default_factory=list)
    path: list[dict[str, Any]] = field(default_factory=list)
    plan: Plan | None = field(default=None, repr=False, compare=False)
    trace: pd.DataFrame | None = field(default=None, repr=False)
    yards: pd.DataFrame | None = field(default=None, repr=False)

    def table(self) -> pd.DataFrame:
        """Return the measures as a table."""
        return pd.DataFrame(self.measures, columns=list(MEASURE_KEYS))

    def to_pandas(self) -> pd.DataFrame:
        """Return the measures as a table, under the name that every result has."""
        return self.table()

    def find(
        self, measure: str, gate: str | None = None, direction: str | None = None, class_: str | None = None,
        station: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Return the row of a measure; raises KeyError when there is none."""
        wanted = (measure, gate, direction, class_, station)
        for row in self.measures:
            if (row["measure"], row["gate"], row["direction"], row["class"], row["station"]) == wanted:
                return row
        raise KeyError(wanted)

    def to_json(self) -> str:
        """Return everything but the trace as JSON; the same results give the same bytes."""
        body = {
            "manifest": self.manifest,
            "measures": self.measures,
            "percentiles": self.percentiles,
            "censored": self.censored,
            "daily": self.daily,
            "hourly": self.hourly,
            "targets": self.targets,
            "shadow": self.shadow,
            "path": self.path,
        }
        return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False)


def manifest_of(plan: Plan, replications: int, engine: str) -> dict[str, Any]:
    """Return what makes a run repeatable: border, scenario, seed, streams, engine, versions."""
    flows = plan.loaded.border.demand[plan.scenario.demand].flows
    return {
        "gatewatch": version("gatewatch"),
        "scenario": plan.name,
        "policies": list(plan.policies),
        "border_sha256": plan.loaded.sha256,
        "scenario_sha256": fingerprint(plan.scenario.model_dump(mode="json", by_alias=True)),
        "initial_state_sha256": fingerprint(plan.initial.model_dump(mode="json", by_alias=True)),
        "start": plan.scenario.start.isoformat(),
        "starts_at_min": plan.scenario.starts_at,
        "timezone": plan.loaded.border.border.timezone,
        "days": plan.days,
        "warmup_days": plan.warmup_days,
        "replications": replications,
        "seed": plan.seed,
        "engine": engine,
        "bit_generator": BIT_GENERATOR,
        "streams": "seed, (names of flow and purpose by blake2b-64, replication), day",
        "flows": sorted(flows),
        "minute_offsets": sorted(name for name, flow in flows.items() if _is_moved(plan, flow)),
        "confidence": CONFIDENCE,
        "versions": {name: version(name) for name in _LIBRARIES},
        "waits": "scenario, not calibrated",
        "counts": "laden vehicles",
    }


def _is_moved(plan: Plan, flow: Flow) -> bool:
    """Return whether the recorded times of a flow get offsets within their minutes."""
    if not isinstance(flow.arrivals, TraceArrivals):
        return False
    times_us, _ = recorded_arrivals(plan.clock, plan.loaded.root, flow.arrivals)
    return is_moved(flow.arrivals, times_us)


def combine(plan: Plan, engine: str, replications: Sequence[Replication]) -> Results:
    """Return the results over replications, which are taken in the order of their numbers."""
    done = sorted(replications, key=lambda r: r.number)
    keys = list(dict.fromkeys(key for replication in done for key in replication.summaries))
    names = list(list_measures())
    keys.sort(key=lambda key: names.index(key[0]))
    measures, percentiles = [], []
    for key in keys:
        row, more = _measure_rows(key, done)
        measures.append(row)
        percentiles.extend(more)
    return Results(
        manifest=manifest_of(plan, len(done), engine),
        measures=measures,
        percentiles=percentiles,
        censored=[found for key in keys if (found := _censored_row(key, done)) is not None],
        daily=_daily_rows(done),
        hourly=_hourly_rows(done),
        targets=_target_rows(plan, done),
        path=path_rows(plan.scenario.targets, done),
        plan=plan,
        trace=_joined([r.trace for r in done]),
        yards=_joined([r.yards for r in done]),
    )


def _joined(tables: Sequence[pd.DataFrame | None]) -> pd.DataFrame | None:
    kept = [table for table in tables if table is not None]
    return pd.concat(kept, ignore_index=True) if kept else None


def _measure_rows(key: Key, done: Sequence[Replication]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    name, gate, direction, class_, station = key
    place = {"measure": name, "gate": gate, "direction": direction, "class": class_, "station": station}
    summaries = [r.summaries[key] for r in done if key in r.summaries]
    known = [s.mean for s in summaries if not math.isnan(s.mean)]
    is_sample = any(s.n for s in summaries)
    if not is_sample:
        known += [0.0] * (len(done) - len(summaries))  # what a replication does not name did not happen in it
    mean, half = t_interval(known) if known else (float("nan"), None)
    if any(s.is_bound for s in summaries):
        half = None  # the mean is a lower bound, and no interval covers what is not known
    found = [percentile_interval(summaries, which) for which in range(len(PERCENTILES))]
    row = {
        **place, "unit": list_measures()[name].unit, "mean": number(mean), "half_width": number(half),
        "confidence": CONFIDENCE if half is not None else None,
        **{f"p{p}": None if f is None else number(f["value"]) for p, f in zip(PERCENTILES, found, strict=True)},
        "replications": len(summaries) if is_sample else len(done),
    }  # fmt: skip
    more = [
        {**place, "percentile": p, **{k: number(v) if k != "method" else v for k, v in f.items()}}
        for p, f in zip(PERCENTILES, found, strict=True)
        if f is not None
    ]
    return row, more


def _censored_row(key: Key, done: Sequence[Replication]) -> dict[str, Any] | None:
    summaries = [r.summaries[key] for r in done if key in r.summaries]
    if not any(s.n_censored for s in summaries):
        return None
    share = sum(s.n_censored for s in summaries) / sum(s.n for s in summaries)
    place = dict(zip(("measure", "gate", "direction", "class", "station"), key, strict=True))
    return {**place, "share": number(share), "is_lower_bound": any(s.is_bound for s in summaries)}


def number(value: float | None) -> float | None:
    """Return a value for JSON: ten significant digits, null for what is not known."""
    if value is None or math.isnan(value):
        return None
    return float(f"{value:.10g}")


def _places(done: Sequence[Replication]) -> list[Place]:
    return list(dict.fromkeys(place for r in done for place in r.hourly.backlog))


def _stacked(done: Sequence[Replication], what: str, place: Place) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the counts of all replications, shape (replications, days, ...); zero where a place saw nobody."""
    like = next(getattr(r.hourly, what)[place] for r in done if place in getattr(r.hourly, what))
    return np.stack([getattr(r.hourly, what).get(place, np.zeros_like(like)) for r in done]).astype(float)


def _daily_rows(done: Sequence[Replication]) -> list[dict[str, Any]]:
    rows = []
    for gate, direction in _places(done):
        counts = {what: _stacked(done, what, (gate, direction)) for what in ("arrived", "cleared")}
        counts["backlog_2000"] = _stacked(done, "backlog", (gate, direction))[:, :, 20]
        for day, iso in enumerate(done[0].hourly.dates):
            row: dict[str, Any] = {"date": iso, "gate": gate, "direction": direction}
            for what, array in counts.items():
                mean, half = t_interval(array[:, day])
                row[what], row[f"{what}_half_width"] = number(mean), number(half)
            rows.append(row)
    return rows


def _hourly_rows(done: Sequence[Replication]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for gate, direction in _places(done):
        backlog = _stacked(done, "backlog", (gate, direction)).reshape(-1, 24)
        low, high = np.quantile(backlog, [0.1, 0.9], axis=0)
        rows += [
            {
                "gate": gate, "direction": direction, "hour": hour, "unit": "veh",
                "mean": number(float(backlog[:, hour].mean())),
                "p10": number(float(low[hour])), "p90": number(float(high[hour])),
            }
            for hour in range(24)
        ]  # fmt: skip
    return rows


def _target_rows(plan: Plan, done: Sequence[Replication]) -> list[dict[str, Any]]:
    """Return each reported figure with the simulated one beside it."""
    rows = []
    for n, target in enumerate(plan.scenario.targets):
        origin = plan.loaded.document.origin(("scenarios", plan.name, "targets", n, "value"))
        mean, half = _beside(target, done)
        rows.append(
            {
                "measure": target.measure, "gate": target.gate, "direction": target.direction,
                "from": _iso(target.first), "to": _iso(target.last), "on": _iso(target.on), "at_min": target.at,
                "reported": target.value, "basis": origin.basis if origin else None,
                "source": origin.source if origin else None, "simulated": mean, "half_width": half,
            }
        )  # fmt: skip
    return rows


def _beside(target: Target, done: Sequence[Replication]) -> tuple[float | None, float | None]:
    """Return mean and half width of what a target is about; None when the run does not say."""
    place, dates = (target.gate, target.direction), [date.fromisoformat(d) for d in done[0].hourly.dates]
    if place not in _places(done):
        return None, None
    if target.measure == "cleared_per_day":
        days = [n for n, day in enumerate(dates) if target.covers(day)]
        values = _stacked(done, "cleared", place)[:, days]
    else:
        days = [n for n, day in enumerate(dates) if day == target.on]
        values = _stacked(done, "backlog", place)[:, days, target.at // 60 % 24]
    if not days:
        return None, None
    mean, half = t_interval(values.mean(axis=1))
    return number(mean), number(half)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
