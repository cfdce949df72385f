"""The command line of Gatewatch: every room's commands under one name."""

from __future__ import annotations

import typer

from gatewatch.config.cli import app as config_app
from gatewatch.config.cli_reported import reported
from gatewatch.simulator.cli import add_commands
from gatewatch.simulator.cli_verify import verify

app = typer.Typer(
    name="gatewatch",
    help="Watch the border gates of Lang Son, and try out policies on a simulated border.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
add_commands(app)
app.command("verify")(verify)
app.command("reported")(reported)
app.add_typer(config_app, name="config")


def main() -> None:
    """Run the command line."""
    app()
