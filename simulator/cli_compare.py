"""The command that compares policies with the baseline."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gatewatch.config.errors import one_fault
from gatewatch.config.terminal import STOPPED, progress, telling_faults
from gatewatch.simulator.cli import gate_titles, prepare_engine
from gatewatch.simulator.cli_compare_tables import show_comparison, show_verdicts
from gatewatch.simulator.cli_shadow import answer_of
from gatewatch.simulator.comparison.assembling import Experiment
from gatewatch.simulator.comparison.comparing import prepare_comparison, run_comparison
from gatewatch.simulator.comparison.comparison import Comparison
from gatewatch.simulator.comparison.files import ComparisonFolder
from gatewatch.simulator.replications import DEFAULT_ENGINE
from gatewatch.simulator.report import ReportFile
from gatewatch.simulator.report.kept_sensitivity import read_sensitivity
from gatewatch.simulator.report.study import study_of
from gatewatch.simulator.report.writing import report_text
from gatewatch.simulator.shadow import Shadow


def compare(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a TOML file with one: the baseline.")],
    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE[:key=value,…]",
            help='One scenario each: a ready policy, a kind with settings, or a file; several joined by "+".',
        ),
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="A+B", help="A combination as one more scenario; names alone are enough."),
    ] = None,
    border: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder or file of another border.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Measured days.")] = None,
    warmup_days: Annotated[int | None, typer.Option(min=0, help="Days before them, left out.")] = None,
    replications: Annotated[int | None, typer.Option(help="Repetitions, at least 2.")] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Instead: go on until the half widths are this share of the differences (0.02 is 2 %), or of the "
            "baseline's values where the differences are too small to matter.",
        ),
    ] = None,
    measure: Annotated[
        list[str] | None, typer.Option(help="Measure for which the precision is wanted; without it, the headline's.")
    ] = None,
    max_replications: Annotated[
        int | None, typer.Option(help="Replications at which the precision is given up; 500 without it.")
    ] = None,
    smallest: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE=NUMBER",
            help="Smallest difference that matters, in the unit of the measure (wait=600) or as a share of the "
            "baseline's value (cleared_per_day=2%).",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Root seed of every stream.")] = 1,
    engine: Annotated[str, typer.Option(help="Name of the engine.")] = DEFAULT_ENGINE,
    initial_state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file with the vehicles inside at the start.")
    ] = None,
    demand_response: Annotated[
        str,
        typer.Option(
            metavar="fixed|shifts|latent",
            help="What demand does when opening hours change: nothing, shift into the new hours, or grow with them.",
        ),
    ] = "fixed",
    elasticity: Annotated[
        float | None, typer.Option(help="For latent demand: its change over the change of the open hours; 1 without.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Tasks at once; without it, one for each core. Results do not change.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler whose workers run it, tcp://host:port.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write all tables into this folder, as CSV and Parquet.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a report to read and print, as one HTML file.")
    ] = None,
    sensitivity: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="What `gatewatch sensitivity --json` printed, for the report; repeatable."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="The verdicts alone: no bar, no tables.")] = False,
) -> None:
    """
    Compare policies with the baseline on common random numbers.

    For each scenario: what gets better, worse, stays the same for practical purposes, or takes more replications
    to tell. Ctrl-C shows what is finished.
    """
    with telling_faults(), ExitStack() as stack:
        experiment = prepare_comparison(
            scenario, policy or [], border, with_=with_ or [], days=days, warmup_days=warmup_days,
            replications=replications, precision=precision, measures=measure, max_replications=max_replications,
            smallest=smallest or [], seed=seed, engine=engine, initial_state=initial_state,
            demand_response=demand_response, elasticity=elasticity,
        )  # fmt: skip
        if cluster is not None and workers is not None:
            raise one_fault("--workers", "", str(workers), "leave it out: with --cluster, the cluster's workers run")
        if sensitivity and report is None:
            raise one_fault("--sensitivity", "", f'"{sensitivity[0]}"', "it goes into a report; name one by --report")
        studies = [read_sensitivity(path, experiment.plan.name) for path in sensitivity or []]
        folder = stack.enter_context(ComparisonFolder(out)) if out is not None else None
        file = stack.enter_context(ReportFile(report)) if report is not None else None
        comparison = _run(experiment, workers, cluster, is_quiet=quiet or as_json)
        if folder is not None:
            folder.write(comparison)
        if file is not None:
            file.write(report_text(study_of(comparison, studies, _theory(comparison, is_quiet=quiet or as_json))))
        if as_json:
            typer.echo(comparison.to_json())
        else:
            show = show_verdicts if quiet else show_comparison
            show(Console(), comparison, gate_titles(experiment.plan))
    if comparison.is_cut_short:
        n = comparison.manifest["replications"]
        typer.echo(f"Stopped: this is the comparison of the {n} replications that were finished.", err=True)
        raise typer.Exit(STOPPED)


def _theory(comparison: Comparison, *, is_quiet: bool) -> dict[str, Shadow]:
    """Return what theory says of the baseline and of every scenario."""
    plans = {outcome.name: outcome.results.plan for outcome in (comparison.baseline, *comparison.scenarios)}
    return {name: answer_of(plan, is_quiet=is_quiet) for name, plan in plans.items() if plan is not None}


def _run(experiment: Experiment, workers: int | None, cluster: str | None, *, is_quiet: bool) -> Comparison:
    """
    Run a comparison with a progress bar on the error stream.

    Raises:
        typer.Exit: Ctrl-C was pressed too early for an interval.
    """
    try:
        if cluster is None:
            prepare_engine(experiment.engine, is_quiet=is_quiet)
        total = experiment.replications if experiment.precision is None else None
        with progress("replications", total, is_quiet=is_quiet) as show:
            return run_comparison(experiment, workers or os.cpu_count() or 1, cluster, show)
    except KeyboardInterrupt:
        typer.echo("Stopped with nothing to compare yet: that takes two replications. Nothing was written.", err=True)
        raise typer.Exit(STOPPED) from None
