"""The feeds' commands under their names."""

from __future__ import annotations

import typer

from gatewatch.monitor.cli_adapters import mqtt, watch_folder
from gatewatch.monitor.cli_feed import feed
from gatewatch.monitor.cli_recordings import record, replay


def add_commands(app: typer.Typer) -> None:
    """Put the feeds' commands into an application."""
    app.command("feed")(feed)
    app.command("record")(record)
    app.command("replay")(replay)
    app.command("watch-folder")(watch_folder)
    app.command("mqtt")(mqtt)
