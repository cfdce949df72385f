"""The command: tables for people, JSON for programs, faults with a remedy, and Ctrl-C."""

import json
import shlex

import pytest
from typer.testing import CliRunner

from gatewatch.config.terminal import STOPPED
from gatewatch.monitor.cli import app
from gatewatch.simulator.optimisation.search import Search

BORDER = """
[prices]
vehicle_hour = { value = 50_000, basis = "inferred", source = "x" }
overtime_server_hour = 150_000
[sources.x]
title = "A survey"
[calendars.daytime]
hours = [{ open = ["07:00-16:00"] }]
[gates.a]
calendar = "daytime"
[gates.a.stations.check]
servers = 2
[gates.a.export.stages.check]
service = { law = "exponential", mean = 10, unit = "min" }
[gates.always]
[gates.always.stations.check]
servers = 1
[gates.always.export.stages.check]
service = { law = "exponential", mean = 10, unit = "min" }
[gates.shut]
dormant = true
[gates.shut.stations.check]
servers = 1
[gates.shut.export.stages.check]
service = { law = "exponential", mean = 10, unit = "min" }
[demand.base.flows.lorries]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 84 }
[demand.base.flows.others]
gate = "always"
direction = "export"
arrivals = { kind = "poisson", per_day = 100 }
[scenarios.base]
start = 2025-01-06
days = 14
warmup_days = 7
demand = "base"
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return what runs `gatewatch optimise` on a small border."""
    (tmp_path / "border.toml").write_text(BORDER)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    short = ("--border", "border.toml", "--first", "5", "--most", "20", "--fresh", "5", "--workers", "1")
    return lambda *arguments: CliRunner().invoke(app, ["optimise", *map(str, arguments), *short])


HOURS = ("hours", "base", "--gate", "a", "--direction", "export")


def test_tables_say_what_to_do_and_why(run):
    """Verdict, answers, candidates, front, prices, what binds, and the labels of the prices."""
    result = run(*HOURS, "--target", "wait<5.4h", "--candidates", "closes=17:00..20:00/60")
    said = " ".join(result.stdout.split())

    assert result.exit_code == 0
    for words in (
        "Cheapest that meets wait<5.4h: closes 18:00.",
        "Runner-up: closes 19:00",
        "Re-run on fresh streams, 5 replications: wait [h], costs [million VND/day]",
        "shadow price",
        "Least total cost by price",
        "What binds then",
        "vehicle hour 50,000 VND/h (inferred, x); server hour 150,000 VND/h (assumed)",
    ):
        assert words in said


def test_servers_have_a_table_of_gains(run):
    """One more server at the only station that binds."""
    result = run("servers", "base", "--gate", "a", "--target", "wait<6.2h")

    assert result.exit_code == 0
    assert "Cheapest that meets wait<6.2h: +" in result.stdout
    assert "One more server, against the present" in result.stdout


def test_json_is_the_whole_result(run):
    """Nothing but JSON on the output; with a price given on the spot, which is then assumed."""
    result = run(*HOURS, "--target", "wait<5.4h", "--candidates", "closes=18:00", "--vehicle-hour", "70000", "--json")
    body = json.loads(result.stdout)

    assert result.exit_code == 0
    assert body["prices"][0] == {
        "price": "vehicle_hour", "value": 70_000, "unit": "VND/h", "basis": "assumed", "source": None,
    }  # fmt: skip
    assert [row["candidate"] for row in body["candidates"]] == ["as it is", "closes 18:00"]
    assert body["manifest"]["scenario"] == "base"


def test_the_line_that_compares_the_answer_is_printed_and_runs(run):
    """One line, to be copied; it gives the answer's measures beside the present's."""
    result = run(*HOURS, "--target", "wait<5.4h", "--candidates", "closes=18:00", "--seed", "7")
    line = next(line for line in result.stdout.splitlines() if "gatewatch compare" in line)
    words = shlex.split(line)
    again = CliRunner().invoke(app, [*words[1:], "--replications", "2", "--quiet"])

    assert words[:4] == ["gatewatch", "compare", "base", "--policy"]
    assert words[5:] == ["--border", "border.toml", "--seed", "7"]
    assert again.exit_code == 0, again.output
    assert "extended_hours" in again.stdout


@pytest.mark.parametrize("command", ["hours", "servers"])
def test_help_fits_eighty_columns(monkeypatch, command):
    """Nothing is cut off."""
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(app, ["optimise", command, "--help"])

    assert result.exit_code == 0
    assert "…" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hours", "bsae", "--gate", "a", "--target", "wait<5h"], 'Did you mean "base"?'),
        (["hours", "base", "--gate", "aa", "--target", "wait<5h"], '--gate is "aa"; no gate in use has that name.'),
        (["hours", "base", "--gate", "shut", "--target", "wait<5h"], "it is not in use; name one that is: a, always"),
        (["hours", "base", "--gate", "a", "--target", "wiat<5h"], 'Did you mean "wait"?'),
        (["hours", "base", "--gate", "a", "--target", "wait"], "--target is"),
        (["hours", "base", "--gate", "a", "--target", "p95_backlog<5"], "has no percentiles"),
        ([*HOURS, "--target", "wait<5h", "--candidates", "closes=06:00"], "before the opening 07:00"),
        ([*HOURS, "--target", "wait<5h", "--candidates", "closes=16:00"], "it changes nothing on the days of the run"),
        ([*HOURS, "--target", "wait<5h", "--candidates", "officers=chek+1"], 'Did you mean "check"?'),
        ([*HOURS, "--target", "wait<5h", "--direction", "exprot"], 'Did you mean "export"?'),
        ([*HOURS, "--target", "wait<5h", "--direction", "import"], "no direction of a has that name"),
        ([*HOURS, "--target", "wait<5h", "--confidence", "1.5"], "use a share from 0.5 to below 1"),
        ([*HOURS, "--target", "wait<5h", "--tolerance", "0"], "use a width above 0"),
        ([*HOURS, "--target", "wait<5h", "--server-hour", "0"], "--server-hour is 0"),
        ([*HOURS, "--target", "wait<5h", "--engine", "kernal"], 'Did you mean "kernel"?'),
        (["hours", "base", "--gate", "always", "--target", "wait<5h"], "it is open around the clock"),
        (["servers", "base", "--gate", "a", "--target", "wait<5h", "--candidates", "chek+1"], 'Did you mean "check"?'),
        (["servers", "base", "--gate", "a", "--target", "wait<5h", "--candidates", "check"], "write STATION+N"),
        (["servers", "base", "--gate", "a", "--target", "wait<5h", "--hours", "7-9"], "--hours is"),
    ],
)
def test_a_refused_input_ends_with_one_and_says_why(run, arguments, message):
    """Option, value and remedy; nothing is printed on the output."""
    result = run(*arguments)

    assert result.exit_code == 1, result.output
    assert message in " ".join(result.stderr.split())
    assert "Nothing was started." in result.stderr
    assert result.stdout == ""


def test_ctrl_c_shows_what_is_finished_and_ends_with_130(run, monkeypatch):
    """Stopped in the re-run: the search's answer stands, and says that it was not run again."""
    monkeypatch.setattr(Search, "rerun", lambda *_: True)
    result = run(*HOURS, "--target", "wait<5.4h", "--candidates", "closes=18:00")

    assert result.exit_code == STOPPED
    assert "Cheapest so far: closes 18:00; it was not run on fresh streams." in result.stdout


def test_ctrl_c_before_there_is_anything_says_so(run, monkeypatch):
    """Nothing was found, nothing is printed on the output."""

    def stopping(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "observe", stopping)
    result = run(*HOURS, "--target", "wait<5.4h", "--candidates", "closes=18:00")

    assert result.exit_code == STOPPED
    assert "Nothing was found." in result.stderr
    assert result.stdout == ""
