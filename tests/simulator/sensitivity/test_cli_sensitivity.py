"""`gatewatch sensitivity`: what a planner types, what comes back."""

import json

import pytest
import typer
from typer.testing import CliRunner

from gatewatch.simulator.cli_sensitivity import sensitivity

BORDER = """
[gates.a.stations.booth]
servers = 2
[gates.a.export.stages.booth]
service = { law = "constant", value = 10, unit = "min" }
[demand.base.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 400 }
[scenarios.base]
start = 2025-01-06
days = 3
demand = "base"
"""


@pytest.fixture
def run(tmp_path):
    """Call the command on a small border; the result."""
    path = tmp_path / "border.toml"
    path.write_text(BORDER, encoding="utf-8")
    app = typer.Typer()
    app.command()(sensitivity)
    return lambda *args: CliRunner().invoke(app, ["base", "--border", str(path), "--fast", *args])


def test_the_table_names_the_strongest_first(run):
    """What the measure hangs on, in its unit."""
    shown = run("--measure", "cleared_per_day", "--trajectories", "4", "--budget", "64").stdout

    assert "stations.booth.servers" in shown
    assert "it hangs on" in shown


def test_json_carries_every_row(run):
    """Rows, switch points, and how it was found."""
    answer = json.loads(run("--measure", "cleared_per_day", "--method", "morris", "--json").stdout)

    assert answer["is_complete"] is True
    assert answer["rows"][0]["strength"] > 0
    assert answer["switches"] == []


def test_bad_input_is_refused_in_words(run):
    """Exit status 1, the value and the nearest name."""
    answer = run("--parameter", "gates.a.stations.boot.servers")

    assert answer.exit_code == 1
    assert 'Did you mean "gates.a.stations.booth.servers"?' in answer.stderr


def test_an_unknown_method_is_refused_in_words(run):
    """The known ones are named."""
    answer = run("--method", "moris")

    assert answer.exit_code == 1
    assert 'Did you mean "morris"?' in answer.stderr
