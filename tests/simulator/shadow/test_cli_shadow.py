"""`gatewatch shadow`, and the shadow in `gatewatch simulate`."""

import json

import pytest
import typer
from typer.testing import CliRunner

from gatewatch.simulator import cli
from gatewatch.simulator.cli_shadow import shadow

BORDER = """
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = { law = "exponential", mean = 4, unit = "min" }
[demand.base.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 200 }
[scenarios.base]
start = 2025-01-06
days = 2
demand = "base"
replications = 3
"""


@pytest.fixture
def run(tmp_path):
    """Call a command on a small border; the result."""
    path = tmp_path / "border.toml"
    path.write_text(BORDER, encoding="utf-8")
    app = typer.Typer()
    cli.add_commands(app)
    app.command("shadow")(shadow)
    return lambda command, *args: CliRunner().invoke(app, [command, *args, "--border", str(path)])


def test_the_answer_as_json_has_every_part(run):
    """Rows with every key; M/M/1 at load 0.56 is solved exactly."""
    answer = json.loads(run("shadow", "base", "--json").stdout)
    wait = next(row for row in answer["rows"] if row["measure"] == "wait")

    assert set(answer) == {"scenario", "rows", "hourly", "daily", "binding", "notes"}
    assert wait["exact"] == pytest.approx(240 * (200 / 360) / (1 - 200 / 360), rel=0.02)
    assert answer["binding"][0]["load"] == pytest.approx(200 / 360)


def test_the_table_names_what_binds(run):
    """A planner reads what binds and how hard."""
    shown = run("shadow", "base").stdout

    assert "booth" in shown
    assert "56%" in shown


def test_an_unknown_scenario_is_refused_in_words(run):
    """Exit status 1, the nearest name, no traceback."""
    answer = run("shadow", "bese")

    assert answer.exit_code == 1
    assert 'Did you mean "base"?' in answer.stderr


def test_simulated_results_carry_the_shadow(run):
    """`--json` has the rows of the comparison; the tables show it too."""
    answer = json.loads(run("simulate", "base", "--json").stdout)

    assert {row["measure"] for row in answer["shadow"]} >= {"cleared_per_day", "wait", "backlog"}
    assert "how far it lies" in run("simulate", "base").stdout
