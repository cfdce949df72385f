"""The simulator's commands."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gatewatch.config.errors import one_fault
from gatewatch.config.loader import load_border
from gatewatch.config.terminal import STOPPED, progress, telling_faults
from gatewatch.simulator.cli_shadow import answer_of, headline
from gatewatch.simulator.cli_tables import show_results
from gatewatch.simulator.experiment import prepare
from gatewatch.simulator.replications import DEFAULT_ENGINE, Replication, get_engine, run_replications
from gatewatch.simulator.report import ReportFile
from gatewatch.simulator.report.study import study_alone
from gatewatch.simulator.report.writing import report_text
from gatewatch.simulator.results import Results, combine
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.shadow import beside
from gatewatch.simulator.trace_files import TraceFile, write_results


def simulate(
    scenario: Annotated[str | None, typer.Argument(help="Name of a scenario, or a TOML file with one.")] = None,
    border: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder or file of another border.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Measured days.")] = None,
    warmup_days: Annotated[int | None, typer.Option(min=0, help="Days before them, left out.")] = None,
    replications: Annotated[int | None, typer.Option(min=1, help="Repetitions.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Root seed of every stream.")] = 1,
    engine: Annotated[str, typer.Option(help="Name of the engine.")] = DEFAULT_ENGINE,
    initial_state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file with the vehicles inside at the start.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Replications at once; without it, one for each core. Results do not change."),
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on a Dask cluster: its scheduler's tcp://host:port.")
    ] = None,
    trace: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every vehicle's record: .parquet or .csv.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write all tables into this folder.")] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a report to read and print, as one HTML file.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no tables.")] = False,
) -> None:
    """Run a scenario and print its measures with intervals."""
    with telling_faults(), ExitStack() as stack:
        plan, n = prepare(
            _only_scenario(scenario, border), border, days, warmup_days, replications, seed, initial_state
        )
        get_engine(engine)
        show = not (quiet or as_json)
        if out is not None and out.exists() and not out.is_dir():
            raise one_fault("--out", "", f'"{out}"', "it is a file; name a folder")
        if cluster is not None and workers is not None:
            raise one_fault("--workers", "", str(workers), "leave it out: with --cluster, the cluster's workers run")
        file = stack.enter_context(ReportFile(report)) if report is not None else None
        theory = answer_of(plan, is_quiet=not show)
        if show and Console().is_terminal:
            Console().print(headline(theory, plan))
        results = run_with_progress(plan, n, engine, workers, trace, cluster, is_quiet=not show)
        results = replace(results, shadow=beside(results.measures, theory, results.censored))
        if out is not None:
            write_results(out, results)
        if file is not None:
            file.write(report_text(study_alone(results, (), None)))
        if as_json:
            typer.echo(results.to_json())
        elif not quiet:
            show_results(Console(), results, gate_titles(plan))


def _only_scenario(scenario: str | None, border: Path | None) -> str:
    """Return the scenario asked for, or the only one that the border has."""
    if scenario is not None:
        return scenario
    known = sorted(load_border(border).border.scenarios)
    if len(known) == 1:
        return known[0]
    raise one_fault("SCENARIO", "", "missing", f"name one of: {', '.join(known) or 'none; the border has no scenario'}")


def gate_titles(plan: Plan) -> dict[str, str]:
    """Return the titles of the gates that are not dormant, by id."""
    gates = plan.loaded.border.gates
    return {name: gate.title or name for name, gate in gates.items() if not gate.dormant}


def run_with_progress(
    plan: Plan,
    n: int,
    engine: str,
    workers: int | None,
    trace: Path | None,
    cluster: str | None = None,
    *,
    is_quiet: bool,
) -> Results:
    """
    Run the replications with a progress bar on the error stream and return the results.

    Raises:
        ConfigError: The trace cannot be written, or the cluster cannot be used.
        typer.Exit: Ctrl-C was pressed; nothing is left behind.
    """
    n_workers = min(n, workers or os.cpu_count() or 1)
    done: list[Replication] = []
    try:
        with ExitStack() as stack:
            if cluster is None:
                prepare_engine(engine, is_quiet=is_quiet)
            show = stack.enter_context(progress("replications", n, is_quiet=is_quiet))
            file = stack.enter_context(TraceFile(trace)) if trace is not None else None
            for replication in run_replications(
                plan,
                range(n),
                engine,
                n_workers,
                keep_trace=file is not None,
                cluster=cluster,
                on_done=lambda number: show(number + 1, n),
            ):
                if file is not None and replication.trace is not None:
                    file.add(replication.trace)
                done.append(replication.without_trace())
    except KeyboardInterrupt:
        typer.echo(f"Stopped after {len(done)} of {n} replications. Nothing was written.", err=True)
        raise typer.Exit(STOPPED) from None
    return combine(plan, engine, done)


def prepare_engine(engine: str, *, is_quiet: bool) -> None:
    """Compile the engine if it needs it, and say so while it lasts."""
    compile_engine = getattr(get_engine(engine), "prepare", None)
    if compile_engine is None:
        return
    console = Console(stderr=True, quiet=is_quiet)
    with console.status("Preparing the compiled engine (some 20 seconds the first time, then kept on disk) …"):
        compile_engine()


def add_commands(app: typer.Typer) -> None:
    """Put the simulator's commands into an application."""
    app.command("simulate")(simulate)
