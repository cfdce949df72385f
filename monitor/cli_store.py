"""Commands for the store: rebuild, back up, restore, and look whether all is well."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gatewatch.config.terminal import telling_faults
from gatewatch.monitor.doctor import FEED, Check, examine, settings_in_force
from gatewatch.monitor.observations import instant_text
from gatewatch.monitor.offline import leading, load_watched
from gatewatch.monitor.offline import rebuild as rebuild_store
from gatewatch.monitor.retention import make_backup, thin
from gatewatch.monitor.settings import Settings, load_settings
from gatewatch.monitor.store import Store, StoreError, open_store
from gatewatch.monitor.store.backup import backup as write_copy
from gatewatch.monitor.store.backup import restore as restore_copy
from gatewatch.monitor.supervisor import REFUSED
from gatewatch.monitor.trial import Trial, try_out

Home = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder of everything that the service keeps: GATEWATCH_HOME.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

_WORDS = {"well": "[green]well [/]", "note": "[yellow]note [/]", "wrong": "[bold red]wrong[/]"}


def rebuild(home: Home = None, *, as_json: Json = False) -> None:
    """Make all figures and quarter hours anew from the journal; the service must not run meanwhile."""
    with telling() as console:
        settings = load_settings(home=home)
        watched, now = load_watched(settings), now_utc()
        store = present_store(settings)
        with leading(store, watched, "gatewatch rebuild", now) as led:
            done = rebuild_store(led, now)
        if as_json:
            print_json(asdict(done))
            return
        rate = f"{done.n_entries / done.seconds:,.0f} entries/s" if done.seconds else ""
        console.print(f"{done.n_entries:,} entries applied anew in {done.seconds:.1f} s ({rate}).")
        console.print(f"Figures {done.digest[:16]}…, {done.n_windows:,} versions of quarter hours.")
        console.print(
            "The same as before." if done.was_same else "[yellow]Different from before; the journal holds.[/]"
        )


def backup(
    path: Annotated[
        Path | None, typer.Argument(help="File to write; without it, one more in the folder of the backups.")
    ] = None,
    home: Home = None,
    *,
    as_json: Json = False,
) -> None:
    """Write a copy of the store, also while the service runs, and restore it into a scratch place as a trial."""
    with telling() as console:
        settings = load_settings(home=home)
        watched, now = load_watched(settings), now_utc()
        store = present_store(settings)
        try:
            copy = make_backup(store, settings.backups, now) if path is None else write_copy(store, path)
            trial = try_out(copy.path, store, watched, copy.path.parent, now, is_full=True)
        finally:
            store.close()
        if path is None:
            thin(settings.backups, settings.backups_kept)
        if as_json:
            print_json({"path": str(copy.path), "bytes": copy.size, "trial": _trial(trial)})
            return
        console.print(f"{copy.path}: {copy.size / 1e6:.1f} MB", soft_wrap=True)
        _tell_trial(console, trial)


def restore(
    path: Annotated[Path, typer.Argument(help="A file that `gatewatch backup` or the service made.")],
    home: Home = None,
    *,
    is_trial: Annotated[bool, typer.Option("--trial", help="Into a scratch place only, and throw that away.")] = False,
    is_quick: Annotated[
        bool, typer.Option("--quick", help="In a trial, do not make the figures anew from the journal.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the store from a copy; the place must be empty, so that nothing is overwritten."""
    with telling() as console:
        settings = load_settings(home=home)
        watched, now = load_watched(settings), now_utc()
        store = open_store(settings.database_url)
        try:
            if is_trial:
                folder = path.absolute().parent
                trial = try_out(path, store, watched, folder, now, is_full=not is_quick)
                if as_json:
                    print_json(_trial(trial))
                else:
                    _tell_trial(console, trial)
                return
            restore_copy(path, store)
        finally:
            store.close()
        with leading(open_store(settings.database_url), watched, "gatewatch restore", now) as led:
            led.projector.keep(now).result()
            n_entries, digest = led.projector.rev, led.projector.digest()
        if as_json:
            print_json({"store": str(store), "n_entries": n_entries, "digest": digest})
            return
        console.print(f"{store} holds {n_entries:,} entries, figures {digest[:16]}….", soft_wrap=True)
        console.print("What was acknowledged after the copy was made is not in it: have devices send it again.")


def doctor(
    home: Home = None,
    *,
    is_thorough: Annotated[bool, typer.Option("--thorough", help="Read every page of the store as well.")] = False,
    as_json: Json = False,
) -> None:
    """Look at settings, machine, store, backups and feeds; ends with status 1 when something is wrong."""
    with telling() as console:
        settings = load_settings(home=home)
        checks = examine(settings, load_watched(settings), now_utc(), is_thorough=is_thorough)
        in_force = settings_in_force(settings, os.environ)
        if as_json:
            print_json(
                {
                    "settings": [dict(zip(("key", "value", "origin"), row, strict=True)) for row in in_force],
                    "checks": [asdict(check) for check in checks],
                }
            )
        else:
            _tell_checks(console, checks, in_force)
        if any(check.verdict == "wrong" for check in checks):
            raise typer.Exit(REFUSED)


def add_commands(app: typer.Typer) -> None:
    """Put the store's commands into an application."""
    for command in (rebuild, backup, restore, doctor):
        app.command()(command)


@contextmanager
def telling() -> Iterator[Console]:
    """Yield the console for results; print faults of settings and store on the error stream, and end with status 1."""
    os.umask(0o077)  # what is written is read by the service's user alone
    with telling_faults():
        try:
            yield Console()
        except StoreError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(REFUSED) from None


def present_store(settings: Settings) -> Store:
    """Return the store of the settings, which is there."""
    store = open_store(settings.database_url)
    if store.backend == "sqlite" and not store.path.exists():
        raise StoreError(f"there is no store at {store}; name its folder with --home or GATEWATCH_HOME.")
    return store


def now_utc() -> datetime:
    """Return the time of the machine, aware UTC."""
    return datetime.now(UTC)


def print_json(content: Any) -> None:
    """Print a result as JSON."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))


def _trial(trial: Trial) -> dict[str, Any]:
    return {**asdict(trial), "at": instant_text(trial.at)}


def _tell_trial(console: Console, trial: Trial) -> None:
    rebuilt = "made anew from its journal, the same" if trial.is_rebuilt else "as they were kept"
    console.print(
        f"Restored for a trial in {trial.seconds:.1f} s: {trial.n_entries:,} entries, every page whole; "
        f"figures {trial.digest[:16]}… {rebuilt}.",
        soft_wrap=True,
    )


def _tell_checks(console: Console, checks: list[Check], in_force: list[tuple[str, str, str]]) -> None:
    table = Table("setting", "value", "from", box=None, pad_edge=False)
    for row in in_force:
        table.add_row(*row)
    console.print(table)
    console.print()
    n_feeds = sum(check.subject.startswith(FEED) and check.verdict == "well" for check in checks)
    for check in checks:
        if check.subject.startswith(FEED) and check.verdict == "well":
            continue
        remedy = f" → {check.remedy}" if check.remedy else ""
        console.print(f"{_WORDS[check.verdict]}  {escape(f'{check.subject}: {check.said}{remedy}')}", soft_wrap=True)
    if n_feeds:
        console.print(f"{_WORDS['well']}  {n_feeds} further feeds")
    n_wrong, n_notes = (sum(check.verdict == verdict for check in checks) for verdict in ("wrong", "note"))
    console.print(f"\n{n_wrong} wrong, {n_notes} to know, {len(checks)} looked at.")
