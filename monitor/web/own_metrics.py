"""What the parts beside the journal tell of themselves, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import CounterMetricFamily, Metric

from gatewatch.monitor.core import Core
from gatewatch.monitor.retention import list_backups
from gatewatch.monitor.trial import last_trial


def own_metrics(core: Core, now: datetime) -> Iterator[Metric]:
    """Yield how sources, reckoning, simulations and backups do; what is not known is left out."""
    yield from _of_sources(core, now)
    yield from _of_simulations(core)
    yield from _of_backups(core, now)


def _of_sources(core: Core, now: datetime) -> Iterator[Metric]:
    snapshot = core.projector.live(now)
    lag = _by("source_lag_seconds", "How long ago the latest time lies that a source gave, by its clock.", "source")
    silent = _by("source_silent", "1 while a source is silent that must be heard.", "source")
    offset = _by("source_clock_offset_seconds", "How much later than sent a source's batches come.", "source")
    missing = _by("source_missing_numbers", "Sequence numbers of a source that never came.", "source")
    repeated = _by("source_repeated", "Vehicles that a source reported again under the same track.", "source")
    for source in snapshot.sources:
        if not source.is_declared:
            continue
        label = [source.source]
        silent.add_metric(label, float(source.silent_since is not None))
        missing.add_metric(label, source.n_missing)
        repeated.add_metric(label, source.n_repeated)
        if source.last_said is not None:
            lag.add_metric(label, (now - source.last_said).total_seconds())
        if source.skew_s is not None:
            offset.add_metric(label, source.skew_s)
    yield from (lag, silent, offset, missing, repeated)
    drift = GaugeMetricFamily(
        "gatewatch_backlog_drift_vehicles", "The last count of what is inside less the reckoning until then.",
        labels=["gate", "direction"],
    )  # fmt: skip
    for flow in snapshot.flows:
        if flow.stock.drift is not None:
            drift.add_metric([flow.gate, flow.direction], flow.stock.drift)
    yield drift


def _of_simulations(core: Core) -> Iterator[Metric]:
    pool = core.runs.pool.health()
    yield _gauge("simulations_running", "Simulations under way.", pool.running)
    yield _gauge("simulations_waiting", "Simulations that wait.", pool.waiting)
    workers = CounterMetricFamily("gatewatch_simulation_workers_replaced", "Workers that died or were killed.")
    workers.add_metric([], pool.replaced)
    yield workers


def _of_backups(core: Core, now: datetime) -> Iterator[Metric]:
    folder = core.settings.backups
    try:
        kept, trial = list_backups(folder), last_trial(folder)
    except OSError:
        return  # its disk is gone: what is not known is not told
    if kept:
        age_s = (now - kept[-1].made_at).total_seconds()
        yield _gauge("backup_age_seconds", "How old the newest backup is.", age_s)
    if trial is not None:
        age_s = (now - trial.at).total_seconds()
        yield _gauge("backup_trial_age_seconds", "How long ago a backup was restored for a trial with success.", age_s)


def _by(name: str, text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"gatewatch_{name}", text, labels=[label])


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gatewatch_{name}", text, float(value))
