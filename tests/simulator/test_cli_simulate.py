"""`gatewatch simulate`: what a planner types, what comes back, and what is left behind when something goes wrong."""

import errno
import json

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from gatewatch.simulator import cli, replications
from gatewatch.simulator.results import MEASURE_KEYS
from gatewatch.simulator.trace_table import COLUMNS

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
def border(tmp_path):
    """Return the file of a small border."""
    path = tmp_path / "border.toml"
    path.write_text(BORDER, encoding="utf-8")
    return path


@pytest.fixture
def run(border):
    """Call `gatewatch simulate --border` with arguments; the result."""
    app = typer.Typer()
    app.callback()(lambda: None)  # keeps the name of an only command
    cli.add_commands(app)
    return lambda *arguments: CliRunner().invoke(app, ["simulate", "--border", str(border), *map(str, arguments)])


def test_json_has_a_manifest_and_rows_with_the_same_keys(run):
    """Every row has every key; a key that does not apply is null."""
    answer = json.loads(run("base", "--json").stdout)

    assert answer["manifest"]["scenario"] == "base"
    assert answer["manifest"]["replications"] == 3
    assert all(tuple(row) == MEASURE_KEYS for row in answer["measures"])
    cleared = [row for row in answer["measures"] if row["measure"] == "cleared_per_day" and row["gate"] == "a"]
    assert cleared[0]["mean"] == pytest.approx(200, rel=0.1)
    assert cleared[0]["station"] is None


def test_the_only_scenario_of_a_border_needs_no_name(run):
    """A border with one scenario is enough said."""
    result = run("--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["manifest"]["scenario"] == "base"


def test_options_override_the_scenario(run):
    """Days, warm-up, replications and seed of the command line hold, and the manifest says so."""
    options = ["--days", 1, "--warmup-days", 1, "--replications", 2, "--seed", 7]
    manifest = json.loads(run("base", "--json", *options).stdout)["manifest"]

    assert [manifest[key] for key in ("days", "warmup_days", "replications", "seed")] == [1, 1, 2, 7]


def test_engine_and_workers_do_not_change_the_results(run):
    """The figures are the same; only the manifest names the engine."""
    first = json.loads(run("base", "--json", "--engine", "kernel", "--workers", 1).stdout)
    second = json.loads(run("base", "--json", "--engine", "reference", "--workers", 2).stdout)

    assert first["measures"] == second["measures"]
    assert first["daily"] == second["daily"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_trace_lists_every_replication(run, tmp_path, suffix):
    """The file has the documented columns and all replications."""
    path = tmp_path / f"trace{suffix}"
    result = run("base", "--quiet", "--trace", path)
    trace = pd.read_csv(path) if suffix == ".csv" else pd.read_parquet(path)

    assert result.exit_code == 0
    assert result.stdout == ""
    assert tuple(trace.columns) == COLUMNS
    assert set(trace["replication"]) == {0, 1, 2}


def test_out_writes_every_table(run, tmp_path):
    """One JSON file with everything, and each table that has rows as CSV and Parquet."""
    result = run("base", "--quiet", "--out", tmp_path / "results")

    assert result.exit_code == 0
    tables = {path.stem for path in (tmp_path / "results").glob("*.csv")}
    names = {path.name for path in (tmp_path / "results").iterdir()}
    assert {"measures", "percentiles", "daily", "hourly"} <= tables
    assert names == {"results.json", *(f"{name}{suffix}" for name in tables for suffix in (".csv", ".parquet"))}
    assert len(pd.read_csv(tmp_path / "results" / "daily.csv")) == len(
        pd.read_parquet(tmp_path / "results" / "daily.parquet")
    )


def test_a_person_gets_tables_with_units(run):
    """Offered, cleared, capacity, waits, what binds, and that waits are not calibrated."""
    result = run("base")

    assert result.exit_code == 0
    for words in ("veh/day", "capacity", "What binds", "Backlog by hour", "scenario, not calibrated"):
        assert words in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mine.yaml"], "mine.yaml is no scenario; the file of a scenario is TOML, and its name ends in .toml"),
        (["nothing"], 'scenarios is "nothing"; no scenario has that name. Known: base'),
        (["base", "--engine", "kernal"], 'Did you mean "kernel"?'),
        (["base", "--trace", "trace.txt"], "its name must end in .parquet or .csv"),
        (["base", "--trace", "no/such/folder/trace.csv"], "No such file or directory"),
        (["base", "--initial-state", "missing.toml"], "missing.toml is not readable"),
        (["base", "--days", "99999"], "--days is 99999; use a whole number from 1 to 36600"),
        (["base", "--replications", "100001"], "use a whole number from 1 to 100000"),
        (["base", "--out", __file__], "it is a file; name a folder"),
    ],
)
def test_a_refused_input_ends_with_one_and_says_why(run, arguments, message):
    """Place, value and remedy; nothing was started."""
    result = run(*arguments)

    assert result.exit_code == 1
    assert message in " ".join(result.stderr.split())
    assert "Nothing was started." in result.stderr


def test_a_wrong_use_ends_with_two(run):
    """Zero days is no run."""
    result = run("base", "--days", 0)

    assert result.exit_code == 2


def test_a_full_disk_is_told_and_leaves_no_half_file(run, tmp_path, monkeypatch):
    """The second replication does not fit any more."""
    folder = tmp_path / "traces"
    folder.mkdir()
    written = []

    def write(self, *_, **__):
        written.append(self)
        if len(written) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", write)
    result = run("base", "--trace", folder / "trace.csv")

    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert "The run was stopped, and nothing of it is kept." in result.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_a_run_and_leaves_nothing(run, tmp_path, monkeypatch, workers):
    """The command says how far it came, ends with 130, and no file is left."""
    folder = tmp_path / "traces"
    folder.mkdir()
    real = replications.run_replication

    def interrupted(plan, number, *arguments, **options):
        if number == 1:
            raise KeyboardInterrupt
        return real(plan, number, *arguments, **options)

    monkeypatch.setattr(replications, "run_replication", interrupted)
    result = run("base", "--trace", folder / "trace.csv", "--workers", workers)

    assert result.exit_code == cli.STOPPED
    assert "of 3 replications. Nothing was written." in result.stderr
    assert list(folder.iterdir()) == []
