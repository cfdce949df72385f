"""The command line of Gatewatch: every room's commands under one name."""

from __future__ import annotations

import sys

import typer
from pydantic_core import PydanticSerializationError

from gatewatch.config.cli import app as config_app
from gatewatch.config.cli_reported import reported
from gatewatch.config.terminal import STOPPED
from gatewatch.monitor.cli_account import app as account_app
from gatewatch.monitor.cli_channel import app as channel_app
from gatewatch.monitor.cli_demo import demo
from gatewatch.monitor.cli_feeds import add_commands as add_feed_commands
from gatewatch.monitor.cli_forecast import tell_forecast
from gatewatch.monitor.cli_rules import app as rules_app
from gatewatch.monitor.cli_sentinel import sentinel
from gatewatch.monitor.cli_serve import serve
from gatewatch.monitor.cli_store import add_commands as add_store_commands
from gatewatch.simulator.cli import add_commands
from gatewatch.simulator.cli_compare import compare
from gatewatch.simulator.cli_optimise import app as optimise_app
from gatewatch.simulator.cli_policies import app as policy_app
from gatewatch.simulator.cli_sensitivity import sensitivity
from gatewatch.simulator.cli_shadow import shadow
from gatewatch.simulator.cli_verify import verify

app = typer.Typer(
    name="gatewatch",
    help="Watch the border gates of Lang Son, and try out policies on a simulated border.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
add_commands(app)
app.command("compare")(compare)
app.command("shadow")(shadow)
app.command("sensitivity")(sensitivity)
app.command("verify")(verify)
app.command("reported")(reported)
app.add_typer(config_app, name="config")
app.add_typer(policy_app, name="policy")
app.add_typer(optimise_app, name="optimise")
app.add_typer(account_app, name="account")
app.add_typer(rules_app, name="rules")
app.command("forecast")(tell_forecast)
app.command("serve")(serve)
app.add_typer(channel_app, name="channel")
app.command("demo")(demo)
app.command("sentinel")(sentinel)
add_store_commands(app)
add_feed_commands(app)


def main() -> None:
    """Run the command line; Ctrl-C ends it with a word and status 130, wherever it strikes."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(_stopped())
    except PydanticSerializationError as error:
        # A library in Rust wraps what it did not expect.
        if "KeyboardInterrupt" not in str(error):
            raise
        sys.exit(_stopped())


def _stopped() -> int:
    typer.echo("Stopped.", err=True)
    return STOPPED
