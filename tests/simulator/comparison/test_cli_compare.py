"""`gatewatch compare`: what a planner reads, and what is left behind when something goes wrong."""

import json

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from gatewatch.simulator.cli_compare import compare
from gatewatch.simulator.comparison.digits import decimals_of, told

LONGER = "extended_hours:gate=a,later=1"
STAFFED = "extra_servers:gate=a,stations=[booth],servers=1"


@pytest.fixture
def run(border):
    """Call `gatewatch compare base --border` with arguments; the result."""
    app = typer.Typer()
    app.command()(compare)
    return lambda *arguments, **more: CliRunner().invoke(
        app, ["base", "--border", str(border), *map(str, arguments)], **more
    )


@pytest.mark.parametrize("columns", [80, 120])
def test_the_terminal_shows_verdicts_first_and_fits(run, columns):
    """Sentences come before the tables, every line fits, and units, prices and the caveat are there."""
    shown = run("--policy", LONGER, "--policy", STAFFED, "--replications", 5, env={"COLUMNS": str(columns)}).stdout
    verdicts, _, tables = shown.partition("Differences from the baseline")

    assert max(map(len, shown.splitlines())) <= columns
    assert all(
        word in verdicts for word in ("a export", "mean wait", "p95 wait", "backlog at close", "cleared", "cost")
    )
    assert all(word in tables for word in ("What binds", "Costs", "vehicle hour 50,000 VND/h (assumed)", "[veh/day]"))
    assert "waits: scenario, not calibrated" in verdicts
    assert "better" in verdicts


def test_a_replication_more_or_less_is_no_reason_for_a_traceback(run):
    """A single replication has no interval: refused with the remedy, status 1."""
    result = run("--policy", LONGER, "--replications", 1)

    assert result.exit_code == 1
    assert "use 2 or more" in result.stderr


def test_json_is_the_comparison(run):
    """The manifest comes first; each row has every key, null where it does not apply."""
    answer = json.loads(run("--policy", LONGER, "--replications", 3, "--json").stdout)
    keys = {tuple(row) for row in answer["rows"]}

    assert list(answer)[:3] == ["manifest", "scenarios", "rows"]
    assert answer["manifest"]["replications"] == 3
    assert len(keys) == 1
    assert {"class", "difference", "p_adjusted", "verdict", "more_replications"} <= set(next(iter(keys)))


def test_out_has_every_table_twice(run, tmp_path):
    """CSV and Parquet hold the same rows; nothing else is left in the folder."""
    folder = tmp_path / "new" / "out"
    result = run("--policy", LONGER, "--replications", 3, "--out", folder, "--quiet")
    tables = {path.stem for path in folder.glob("*.csv")}

    assert result.exit_code == 0
    assert {"comparison", "costs", "binding", "prices", "smallest", "hourly"} <= tables
    assert {path.name for path in folder.iterdir()} == {
        "comparison.json", *(f"{name}{suffix}" for name in tables for suffix in (".csv", ".parquet"))
    }  # fmt: skip
    assert len(pd.read_csv(folder / "comparison.csv")) == len(pd.read_parquet(folder / "comparison.parquet"))
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_an_unwritable_folder_is_refused_before_the_run(run, tmp_path, monkeypatch):
    """A file in the way, or below a file: status 1, nothing run, nothing left behind."""
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr("gatewatch.simulator.cli_compare.run_comparison", None)
    results = [run("--policy", LONGER, "--out", tmp_path / "file" / below) for below in ("", "deeper")]

    assert [result.exit_code for result in results] == [1, 1]
    assert all("--out" in result.stderr and "Nothing was started" in result.stderr for result in results)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_no_half_comparison(run, tmp_path, monkeypatch):
    """When a table cannot be written, none of them is there."""

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    result = run("--policy", LONGER, "--replications", 2, "--out", tmp_path / "out")

    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_shows_what_is_finished_and_says_so(run, stopped_after, tmp_path):
    """The comparison of the finished replications is shown and written; status 130."""
    stopped_after(3)
    result = run("--policy", LONGER, "--out", tmp_path / "out")

    assert result.exit_code == 130
    assert "3 replications on common random numbers, cut short" in " ".join(result.stdout.split())
    assert "Stopped: this is the comparison of the 3 replications that were finished." in result.stderr
    assert json.loads((tmp_path / "out" / "comparison.json").read_text())["manifest"]["comparison"]["is_cut_short"]


def test_ctrl_c_too_early_leaves_nothing(run, stopped_after, tmp_path):
    """One replication is no comparison; status 130, no file."""
    stopped_after(1)
    result = run("--policy", LONGER, "--out", tmp_path / "out")

    assert result.exit_code == 130
    assert "takes two replications" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_precision_is_shown_as_reached(run):
    """A sequential run prints the half width of each figure beside the one wanted."""
    result = run("--policy", LONGER, "--precision", 0.2, "--measure", "backlog_at_close", "--max-replications", 200)

    assert result.exit_code == 0
    assert "Precision: 20 % wanted" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--policy", "extended_ours:later=1"], 1),
        (["--policy", "extended_hours:gate=a,latr=1"], 1),
        (["--policy", "extended_hours:gate=a,opens=20:00"], 1),
        (["--policy", LONGER, "--smallest", "wait"], 1),
        (["--policy", LONGER, "--precision", "much"], 2),
        (["--policy", LONGER, "--cluster", "tcp://x:1", "--workers", "2"], 1),
        ([], 1),
    ],
)
def test_bad_input_is_told_without_a_traceback(run, arguments, status):
    """Status 1 for what is refused, 2 for what is no command; no traceback."""
    result = run(*arguments)

    assert result.exit_code == status
    assert "Traceback" not in result.output
    assert result.stderr


@pytest.mark.parametrize(
    ("half_width", "decimals"), [(0.0273, 3), (0.4, 1), (0.96, 1), (3.1, 1), (35, 0), (37, -1), (999, -2)]
)
def test_no_more_digits_than_the_half_width_allows(half_width, decimals):
    """A half width keeps two digits up to 35, one above; the value ends where it ends."""
    assert decimals_of(half_width) == decimals


def test_a_figure_and_its_half_width_end_at_the_same_digit():
    """1,234.5 ±37 vehicles are 1,230 ±40; nothing finer is said."""
    assert told(1234.5, 37, "veh") == "1,230 ±40 veh"
