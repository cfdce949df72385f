"""The command that runs the service."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gatewatch.config.terminal import telling_faults
from gatewatch.monitor.cli_store import Home
from gatewatch.monitor.logs import set_up_logs
from gatewatch.monitor.offline import load_watched
from gatewatch.monitor.processes import programs
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.supervisor import Supervisor


def serve(
    home: Home = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; this machine only, unless told otherwise: GATEWATCH_HOST.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes any that is free: GATEWATCH_PORT.")] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Address of the store, without a password: GATEWATCH_DATABASE.")
    ] = None,
    border: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder or file of another border: GATEWATCH_BORDER.")
    ] = None,
    *,
    open_to_others: Annotated[
        bool | None, typer.Option("--open-to-others", help="Allow an address that other machines reach.")
    ] = None,
) -> None:
    """
    Take observations in and tell what is so now, until Ctrl-C or SIGTERM.

    Every setting can stand in the environment (GATEWATCH_…) or in the file that GATEWATCH_SETTINGS names; `gatewatch
    doctor` shows those in force.
    """
    with telling_faults():
        settings = load_settings(
            home=home, host=host, port=port, database=database, border=border, open_to_others=open_to_others
        )
        load_watched(settings)
        os.umask(0o077)
        settings.home.mkdir(parents=True, exist_ok=True)  # told once, before each process stumbles over it
    set_up_logs()
    sys.exit(Supervisor(programs(settings, os.environ)).run())
