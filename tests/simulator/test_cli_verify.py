"""`gatewatch verify`."""

import json
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner

from gatewatch.simulator import cli_verify
from gatewatch.simulator.verification.case import CLOCK
from gatewatch.simulator.verification.cases import list_cases
from gatewatch.simulator.verification.judging import Figure
from gatewatch.simulator.verification.runner import verify


@pytest.fixture
def run():
    """Call the command with arguments; the result."""
    app = typer.Typer()
    app.command("verify")(cli_verify.verify)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_the_command_shows_every_figure_and_the_sum(run):
    """Exact value, found value and rule of each figure, then how many agree."""
    result = run("closing_rules", "full_queue", "--workers", "1")

    assert result.exit_code == 0
    assert "13:15:00" in result.output
    assert "share lost" in result.output
    assert "s.e. ≤ 1.0%" in result.output
    assert result.output.splitlines()[-1] == "20 of 20 figures agree (2 cases)"


def test_a_figure_that_does_not_agree_ends_the_command_with_one(run, monkeypatch):
    """The fault stands beside the figure, also when only faults are asked for."""
    figures = verify(["roster_fall"])
    figures[2] = replace(figures[2], found=figures[2].found + 1, passed=False, fault="off by 1 µs")
    monkeypatch.setattr(cli_verify, "run_cases", lambda *_, **__: figures)
    result = run("roster_fall", "--quiet")

    assert result.exit_code == 1
    assert "10:45:30.000001" in result.output
    assert "off by 1 µs" in result.output
    assert "10:10:00" not in result.output
    assert result.output.splitlines()[-1] == "7 of 8 figures agree (1 case)"


def test_figures_come_as_json(run):
    """For other tools: the fields of a figure, and how many agree."""
    result = run("two_zones", "--json", "--workers", "1")
    answer = json.loads(result.output)

    assert (answer["agree"], answer["count"]) == (11, 11)
    assert answer["figures"][0] == {
        "case": "two_zones", "figure": "both: vehicle 1 started", "unit": CLOCK, "exact": 28_800e6,
        "found": 28_800e6, "half_width": 0.0, "rule": "equal", "passed": True, "fault": "",
    }  # fmt: skip


def test_json_has_no_number_that_is_none(run, monkeypatch):
    """NaN is no JSON; a value that is not known is null."""
    figures = [replace(verify(["jams"])[0], found=float("nan"), passed=False)]
    monkeypatch.setattr(cli_verify, "run_cases", lambda *_, **__: figures)

    assert json.loads(run("jams", "--json").output)["figures"][0]["found"] is None


def test_the_list_names_every_case_and_runs_none(run, monkeypatch):
    """`--list` is how to find a name."""
    monkeypatch.setattr(cli_verify, "run_cases", lambda *_, **__: pytest.fail("a case was run"))
    result = run("--list")

    assert result.exit_code == 0
    assert all(name in result.output for name in list_cases())


def test_an_unknown_case_on_the_command_line_ends_with_one(run):
    """The message is the same as from Python."""
    result = run("mmm1")

    assert result.exit_code == 1
    assert 'CASE is "mmm1"' in result.output


@pytest.mark.parametrize(
    ("found", "half_width", "exact", "text"),
    [
        (1.4975, 0.0284, 1.5, ("1.500", "1.498", "0.028")),
        (1213.02, 8.2, 1211.8, ("1,211.8", "1,213.0", "8.2")),
    ],
)
def test_no_more_digits_than_the_half_width_allows(found, half_width, exact, text):
    """Two digits of the half width, and the values to the same place."""
    figure = Figure("mm1", "mean wait", "min", exact, found, half_width, "Student", passed=True)

    assert cli_verify.shown(figure) == text
