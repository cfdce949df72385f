"""`gatewatch optimise hours` and `gatewatch optimise servers`: the cheapest change that meets a target."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import known_names, one_fault
from gatewatch.config.routes import DIRECTIONS
from gatewatch.config.terminal import STOPPED, progress, telling_faults
from gatewatch.simulator.cli import prepare_engine
from gatewatch.simulator.cli_optimise_commands import compare_commands
from gatewatch.simulator.cli_optimise_tables import show_optimisation
from gatewatch.simulator.optimisation import Limits, Optimisation, optimise
from gatewatch.simulator.replications import DEFAULT_ENGINE

app = typer.Typer(help="Find the cheapest hours, or the cheapest roster, that meet a target.", no_args_is_help=True)

Scenario = Annotated[str, typer.Argument(help="Name of a scenario, or a TOML file with one.")]
GateOption = Annotated[str, typer.Option("--gate", metavar="GATE", help="Gate whose schedule or roster is sought.")]
TargetOption = Annotated[
    str,
    typer.Option("--target", metavar="TARGET", help='What has to be met: "p95_wait<6h", "backlog_at_close<=50".'),
]
DirectionOption = Annotated[
    str | None, typer.Option("--direction", metavar="NAME", help="export or import; without it, both together.")
]
ConsentOption = Annotated[
    bool,
    typer.Option("--with-counterpart/--alone", help="Whether the other side consents and does the same."),
]
BorderOption = Annotated[Path | None, typer.Option("--border", metavar="DIR", help="Folder or file of another border.")]
DaysOption = Annotated[int | None, typer.Option("--days", metavar="N", min=1, help="Measured days.")]
WarmupOption = Annotated[
    int | None, typer.Option("--warmup-days", metavar="N", min=0, help="Days before them, left out.")
]
VehicleHour = Annotated[
    float | None,
    typer.Option("--vehicle-hour", metavar="VND", help="Price of a waiting vehicle hour; else the border's."),
]
ServerHour = Annotated[
    float | None,
    typer.Option("--server-hour", metavar="VND", help="Price of an added server hour; else the border's overtime."),
]
Confidence = Annotated[float, typer.Option("--confidence", metavar="SHARE", help="Probability of a right choice.")]
Indifference = Annotated[
    float | None,
    typer.Option("--indifference", metavar="VND", help="Difference in cost that does not matter [VND/day]."),
]
Tolerance = Annotated[
    float | None,
    typer.Option(
        "--tolerance",
        metavar="NUMBER",
        help="Half of the zone within the limit in which either answer is right, in the measure's unit.",
    ),
]
First = Annotated[int, typer.Option("--first", metavar="N", help="Replications before the first decision.")]
Most = Annotated[int, typer.Option("--most", metavar="N", help="Replications of a candidate at most.")]
Fresh = Annotated[int, typer.Option("--fresh", metavar="N", help="Replications of the re-run on fresh streams.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Root seed of every stream.")]
EngineOption = Annotated[str, typer.Option("--engine", metavar="NAME", help="Name of the engine.")]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, help="Runs at once; without it, one for each core.")
]
Cluster = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Run on a Dask cluster: tcp://host:port.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar; the verdict alone.")]


@app.command("hours")
def hours(
    scenario: Scenario,
    gate: GateOption,
    target: TargetOption,
    direction: DirectionOption = None,
    candidates: Annotated[
        str | None,
        typer.Option(
            metavar="MENU",
            help='What may change: "closes=18:00..22:00/60, opens=06:00, lunch, weekends, booking, officers=desk+1".',
        ),
    ] = None,
    border: BorderOption = None,
    days: DaysOption = None,
    warmup_days: WarmupOption = None,
    vehicle_hour: VehicleHour = None,
    server_hour: ServerHour = None,
    confidence: Confidence = 0.95,
    indifference: Indifference = None,
    tolerance: Tolerance = None,
    first: First = 10,
    most: Most = 60,
    fresh: Fresh = 20,
    seed: Seed = 1,
    engine: EngineOption = DEFAULT_ENGINE,
    workers: Workers = None,
    cluster: Cluster = None,
    *,
    with_counterpart: ConsentOption = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find the cheapest opening hours of a gate that meet a target."""
    limits = Limits(confidence, indifference, tolerance, first, most, fresh)
    asked = {
        "what": "hours", "scenario": scenario, "border": border, "gate": gate, "target": target,
        "candidates": candidates, "with_counterpart": with_counterpart, "days": days, "warmup_days": warmup_days,
        "vehicle_hour": vehicle_hour, "server_hour": server_hour, "limits": limits, "seed": seed,
    }  # fmt: skip
    _run(asked, direction, engine, workers, cluster, as_json=as_json, quiet=quiet)


@app.command("servers")
def servers(
    scenario: Scenario,
    gate: GateOption,
    target: TargetOption,
    direction: DirectionOption = None,
    candidates: Annotated[
        str | None,
        typer.Option(
            metavar="MENU",
            help='What may change: "gate_in+1, gate_in+2, gate_in+1 & customs_export+1"; without it, the stations '
            "at which vehicles wait for servers most.",
        ),
    ] = None,
    on_duty: Annotated[
        str | None, typer.Option("--hours", metavar="HH:MM-HH:MM", help="When the added are on duty; else always.")
    ] = None,
    border: BorderOption = None,
    days: DaysOption = None,
    warmup_days: WarmupOption = None,
    vehicle_hour: VehicleHour = None,
    server_hour: ServerHour = None,
    confidence: Confidence = 0.95,
    indifference: Indifference = None,
    tolerance: Tolerance = None,
    first: First = 10,
    most: Most = 60,
    fresh: Fresh = 20,
    seed: Seed = 1,
    engine: EngineOption = DEFAULT_ENGINE,
    workers: Workers = None,
    cluster: Cluster = None,
    *,
    with_counterpart: ConsentOption = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find the cheapest added servers that meet a target, and what one more gives at each station."""
    limits = Limits(confidence, indifference, tolerance, first, most, fresh)
    asked = {
        "what": "servers", "scenario": scenario, "border": border, "gate": gate, "target": target,
        "candidates": candidates, "with_counterpart": with_counterpart, "hours": on_duty, "days": days,
        "warmup_days": warmup_days, "vehicle_hour": vehicle_hour, "server_hour": server_hour, "limits": limits,
        "seed": seed,
    }  # fmt: skip
    _run(asked, direction, engine, workers, cluster, as_json=as_json, quiet=quiet)


def _run(
    asked: Mapping[str, Any],
    direction: str | None,
    engine: str,
    workers: int | None,
    cluster: str | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    is_quiet = as_json or quiet
    try:
        with telling_faults():
            if cluster is not None and workers is not None:
                raise one_fault(
                    "--workers", "", str(workers), "leave it out: with --cluster, the cluster's workers run"
                )
            way = _direction(direction)
            if cluster is None:
                prepare_engine(engine, is_quiet=is_quiet)
            with progress("trying candidates", is_quiet=is_quiet) as step:
                found = optimise(
                    **asked,
                    direction=way,
                    engine=engine,
                    workers=workers or os.cpu_count() or 1,
                    cluster=cluster,
                    on_progress=step,
                )
    except KeyboardInterrupt:
        typer.echo("Stopped before every candidate had been run twice. Nothing was found.", err=True)
        raise typer.Exit(STOPPED) from None
    _show(found, asked, engine, as_json=as_json, quiet=quiet)
    if not found.is_finished:
        raise typer.Exit(STOPPED)


def _direction(name: str | None) -> DirectionName | None:
    for known in DIRECTIONS:
        if known == name:
            return known
    if name is None:
        return None
    raise one_fault("--direction", "", f'"{name}"', known_names("direction", name, DIRECTIONS))


def _show(found: Optimisation, asked: Mapping[str, Any], engine: str, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        typer.echo(found.to_json())
    elif quiet:
        Console().print(*(Text(line) for line in found.verdict), sep="\n")
    else:
        console = Console()
        show_optimisation(console, found)
        commands = compare_commands(found, asked, None if engine == DEFAULT_ENGINE else engine)
        for words, line in commands.items():
            console.print(Text(f"\nEvery measure of {words}:\n  {line}"), soft_wrap=True)
