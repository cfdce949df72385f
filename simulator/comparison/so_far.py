"""What a comparison says while it still runs: the headline of the replications that are finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gatewatch.simulator.comparison.assembling import Experiment
from gatewatch.simulator.comparison.headline import HEADLINE, headline_rows
from gatewatch.simulator.comparison.rows import Row, make_rows
from gatewatch.simulator.replications import Replication


def rows_so_far(experiment: Experiment, done: Sequence[tuple[Replication, ...]]) -> list[Row]:
    """
    Return the headline of every scenario, scenario by scenario; the same rows as the comparison of just these has.

    Args:
        experiment: What runs.
        done: At least two replications, each of the baseline and of every scenario.
    """
    kept = [tuple(_headline_only(replication) for replication in replications) for replications in done]
    rows = make_rows([scenario.name for scenario in experiment.scenarios], kept, experiment.smallest)
    return [row for s in experiment.scenarios for row in headline_rows(rows, s.name, s.gates)]


def _headline_only(replication: Replication) -> Replication:
    """Return a replication with what is told only: all of its figures take a while to judge."""
    told = {key: summary for key, summary in replication.summaries.items() if key[0] in HEADLINE and key[3] is None}
    return replace(replication, summaries=told)
