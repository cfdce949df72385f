"""`gatewatch forecast`: what is to be expected, from what the store of a service knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.errors import one_fault
from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import LoadedBorder, load_border
from gatewatch.config.terminal import telling_faults
from gatewatch.monitor.cli_store import present_store
from gatewatch.monitor.forecasts.forecasts import NothingKnownError, gather
from gatewatch.monitor.forecasts.present import whole_minute
from gatewatch.monitor.offline import read_projection
from gatewatch.monitor.settings import Settings, load_settings
from gatewatch.monitor.store import StoreError
from gatewatch.monitor.store.history import History
from gatewatch.simulator.forecasting import DO_NOTHING, HORIZON_H, SCENARIO, Forecast, Now, forecast

_MOST_ENTRIES = 5_000_000
_DOUBTS = {
    "quality D": "the backlog is of quality D",
    "wide backlog": "the backlog is known roughly only",
    "no arrivals counted": "nobody counts arrivals: those of a scenario stand in",
}


def tell_forecast(
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="As of then, such as 2026-01-15T14:30; without it, now.")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="POLICY", help="Set beside doing nothing, up to four times; several as one: A + B."),
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, max=168, help="How far it looks, in hours.")] = HORIZON_H,
    replications: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Repetitions; without it, about ten seconds of two cores.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Root seed of every stream.")] = 1,
    scenario: Annotated[str, typer.Option(help="Whose demand stands in where no arrivals were counted.")] = SCENARIO,
    workers: Annotated[int, typer.Option(min=1, help="Replications at once; results do not change.")] = 2,
    home: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the service: GATEWATCH_HOME.")] = None,
    border: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Border that is watched; without it, the one of the settings.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the forecast as JSON.")] = False,
) -> None:
    """
    Tell what is to be expected from now on, under doing nothing and the policies named.

    It starts from what the store of a service knows, read beside the service; past times are as they are known now.
    """
    with telling_faults():
        settings = load_settings(home=home, border=border)
        loaded = load_border(settings.border)
        zone = ZoneInfo(loaded.border.border.timezone)
        now = _known(settings, loaded, datetime.now(UTC) if at is None else _instant(at, zone))
        found = forecast(
            now, loaded, policy or [], scenario=scenario, horizon_h=horizon, replications=replications, seed=seed,
            workers=workers,
        )  # fmt: skip
    if as_json:
        typer.echo(found.to_json())
        return
    _show(Console(), found, zone)


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise one_fault(
            "--at", "", f'"{text}"', "write a time such as 2026-01-15T14:30, local time of the border"
        ) from None
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)


def _known(settings: Settings, loaded: LoadedBorder, at: datetime) -> Now:
    """Return what the store of a service knows as of a time."""
    feeds = load_feeds(loaded.border, settings.border)
    store = present_store(settings)
    try:
        projection = read_projection(store, _MOST_ENTRIES)
        if projection is None:
            raise one_fault(str(store), "", "too many entries since the last snapshot", "start the service once")
        known = gather(loaded.border, feeds, lambda look: look(projection), History(store), whole_minute(at))
    except NothingKnownError as error:
        raise one_fault(str(store), "", "nothing to start from", str(error).rstrip(".")) from None
    except StoreError as error:
        raise one_fault(str(store), "", "not readable", str(error)) from None
    finally:
        store.close()
    return Now.model_validate_json(json.dumps(known))


def _show(console: Console, found: Forecast, zone: ZoneInfo) -> None:
    manifest = found.manifest
    console.print(
        f"As of {found.at.astimezone(zone):%Y-%m-%d %H:%M}, {manifest['replications']} replications, "
        f"seed {manifest['seed']}; backlog [veh] as p50 (p10-p90).",
        highlight=False,
        markup=False,
    )
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("gate", "direction", "alternative"):
        table.add_column(title, no_wrap=title != "alternative")
    for title in ("now", "closes", "at close", "> places", "at opening", "joins: crosses in h", "not today"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in sorted(found.flows, key=lambda r: (r["gate"], r["direction"], r["alternative"] != DO_NOTHING)):
        close, joining = row["close"], row["joining"]
        closes_at = "never" if close["never_closes"] else f"{_local(close['at'], zone):%a %H:%M}"
        table.add_row(
            row["gate"], row["direction"], row["alternative"], f"{row['hours']['backlog']['p50'][0]:.0f}", closes_at,
            _band(close["backlog"]), _percent(close["p_over_places"]), _band(row["opening"]["backlog"]),
            _hours(joining["crossing_s"]), _percent(joining["p_not_today"]),
        )  # fmt: skip
    console.print(table)
    for row in found.flows:
        if row["alternative"] == DO_NOTHING and row["doubts"]:
            said = "; ".join(_DOUBTS.get(doubt, doubt) for doubt in row["doubts"])
            console.print(f"{row['gate']} {row['direction']}: wide because {said}.", highlight=False)
    for row in found.skipped:
        console.print(f"{row['gate']} {row['direction']}: no forecast; the backlog is not known.", highlight=False)


def _local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).astimezone(zone)


def _band(band: dict[str, float]) -> str:
    return f"{band['p50']:.0f} ({band['p10']:.0f}-{band['p90']:.0f})"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _hours(times: dict[str, float | None] | None) -> str:
    if times is None:
        return "-"
    p10, p50, p90 = ("later" if (x := times[key]) is None else f"{x / 3600:.1f}" for key in ("p10", "p50", "p90"))
    return f"{p50} ({p10}-{p90})"
