from __future__ import annotations

import csv
import io
import json

import pytest
import typer
from typer.testing import CliRunner, Result

from gatewatch.config.cli_reported import reported
from gatewatch.config.reported_record import OBSERVATION_COLUMNS, OBSERVATIONS_CSV, TABLE_COLUMNS

app = typer.Typer()
app.command("reported")(reported)

HALF_YEAR = ("--from", "2025-01-01", "--to", "2025-06-30")


def run(*arguments: str, columns: int = 200) -> Result:
    """Return what the command does at a terminal of that width."""
    return CliRunner().invoke(app, arguments, env={"COLUMNS": str(columns)})


def test_the_table_shows_what_was_reported_with_its_source() -> None:
    """The mean of Huu Nghi in the first half of 2025 stands there with unit, confidence, title and date."""
    result = run("--gate", "huu_nghi", "--metric", "cleared_per_day", *HALF_YEAR)
    head, *lines = result.stdout.splitlines()
    row = next(line for line in lines if " 750 " in line)

    assert result.exit_code == 0
    assert tuple(head.split()) == TABLE_COLUMNS
    assert row.startswith("2025-01-01  2025-06-30  huu_nghi  both")
    assert "vehicle_trips/day" in row
    assert "high" in row
    assert "404/BC-UBND" in row
    assert "(2025-07)" in row


def test_the_footer_counts_the_rows_and_says_what_they_are_not() -> None:
    """Nobody reads a reported number as a capacity."""
    result = run("--gate", "chi_ma", "--metric", "cleared_per_day", *HALF_YEAR)

    assert "1 of 505 rows; values are reported counts, never capacities" in result.stdout


def test_a_stated_capacity_is_marked_as_a_statement() -> None:
    """The one metric that is no count says so below the table."""
    stated = run("--metric", "capacity_per_day").stdout
    cleared = run("--metric", "cleared_per_day").stdout

    assert "capacity_per_day is what a source states" in stated
    assert "what a source states" not in cleared


@pytest.mark.parametrize("columns", [80, 100, 120, 160])
def test_a_narrow_terminal_loses_columns_and_no_digits(columns: int) -> None:
    """No line is wider than the terminal; days and values stay whole; what is hidden is named."""
    result = run("--gate", "huu_nghi", "--metric", "cleared_per_day", *HALF_YEAR, columns=columns)
    row = next(line for line in result.stdout.splitlines() if " 750 " in line)

    assert max(len(line) for line in result.stdout.splitlines()) <= columns
    assert "2025-01-01  2025-06-30" in row
    assert ("Hidden at this width" in result.stdout) == (columns < 160)


def test_a_pipe_gets_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal nothing is cut or hidden."""
    monkeypatch.delenv("COLUMNS", raising=False)
    result = CliRunner().invoke(app, ["--gate", "coc_nam"])

    assert "Hidden" not in result.stdout
    assert "…" not in result.stdout


def test_json_holds_the_rows_and_their_number() -> None:
    """A program gets every column, ISO days and null for an empty cell."""
    result = run("--gate", "coc_nam", "--metric", "cleared_per_day", "--json")
    answer = json.loads(result.stdout)

    assert answer["count"] == len(answer["rows"]) == 3
    assert set(answer["rows"][0]) == set(OBSERVATION_COLUMNS)
    assert answer["rows"][-1]["date_start"] == "2025-01-01"
    assert answer["rows"][-1]["value"] == 50
    assert answer["rows"][-1]["commodity"] is None


def test_csv_prints_the_rows_in_the_form_of_the_file() -> None:
    """The whole record as CSV is the shipped file; a part has the same columns."""
    part = list(csv.DictReader(io.StringIO(run("--gate", "coc_nam", "--csv").stdout)))

    assert run("--csv").stdout == OBSERVATIONS_CSV.read_text(encoding="utf-8")
    assert len(part) == 10
    assert list(part[0]) == list(OBSERVATION_COLUMNS)


def test_a_limit_says_how_many_rows_it_leaves_out() -> None:
    """A shortened table does not pass for the whole answer."""
    result = run("--gate", "coc_nam", "--limit", "4")

    assert "4 of 505 rows" in result.stdout
    assert "--limit leaves out 6 more that match." in result.stdout


def test_no_matching_row_is_said_and_is_no_failure() -> None:
    """An empty answer is an answer, in every form."""
    nothing = ("--gate", "coc_nam", "--metric", "waiting_days")
    as_text, as_json = run(*nothing), run(*nothing, "--json")

    assert (as_text.exit_code, as_json.exit_code) == (0, 0)
    assert "No row of 505 matches." in as_text.stdout
    assert json.loads(as_json.stdout) == {"rows": [], "count": 0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--gate", "huu_ngi"), '--gate is "huu_ngi"; no gate has that name. Did you mean "huu_nghi"?'),
        (("--metric", "backlog"), 'Did you mean "backlog_vehicles"?'),
        (("--direction", "exports"), 'Did you mean "export"?'),
        (("--confidence", "sure"), "Known: high, low, medium"),
        (("--from", "30/6/2025"), '--from is "30/6/2025"; write a day as YYYY-MM-DD'),
        (("--to", "2025-02-30"), '--to is "2025-02-30"; write a day as YYYY-MM-DD'),
        (("--from", "2025-07-01", "--to", "2025-06-30"), "--from is 2025-07-01; it must not be after --to"),
    ],
)
def test_a_refused_input_exits_1_with_place_value_and_way_out(arguments: tuple[str, ...], message: str) -> None:
    """Nothing is printed for a program to read, and the message tells what to write instead."""
    result = run(*arguments, "--json")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert message in result.stderr


def test_all_refused_inputs_are_told_at_once() -> None:
    """A planner mends the line once."""
    result = run("--gate", "huu_ngi", "--metric", "backlog", "--from", "2025-13-01")

    assert "3 faults" in result.stderr


@pytest.mark.parametrize("arguments", [("--json", "--csv"), ("--limit", "0")])
def test_a_line_that_cannot_be_meant_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    """Two forms at once, or no row at all, exit with status 2."""
    assert run(*arguments).exit_code == 2
