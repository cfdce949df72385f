"""Replications on a Dask cluster: the bytes of a run at home, and clear words when it cannot be used."""

import sys

import pytest
import typer
from distributed import LocalCluster
from typer.testing import CliRunner

from gatewatch.config.errors import ConfigError
from gatewatch.simulator import cli, cluster
from gatewatch.simulator.cluster import cluster_workers
from gatewatch.simulator.replications import run_paired

BORDER = """
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = { law = "empirical", file = "minutes.csv", unit = "min" }
[demand.base.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 150 }
[scenarios.base]
start = 2025-01-06
days = 2
demand = "base"
replications = 5
"""
NOBODY = "tcp://127.0.0.1:1"  # a port that no ordinary program may listen on


@pytest.fixture
def border(tmp_path):
    """Return the file of a small border with a CSV file beside it."""
    (tmp_path / "minutes.csv").write_text("value\n3\n5\n9\n14\n", encoding="utf-8")
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


@pytest.fixture(scope="module")
def address():
    """Return the address of a cluster of two processes that do one task at a time."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as local:
        yield local.scheduler_address


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_a_cluster_gives_the_bytes_of_one_worker(run, address, engine):
    """`--cluster` and `--workers 1` print the same JSON."""
    home = run("--json", "--engine", engine, "--workers", 1)
    away = run("--json", "--engine", engine, "--cluster", address)

    assert away.exit_code == 0, away.stderr
    assert away.stdout == home.stdout


@pytest.mark.slow
def test_paired_plans_on_a_cluster_give_what_they_give_here(builder, address):
    """More plans than replications: the workers share them, and they come back in order."""
    border = BORDER.replace("demand.base", "demand.test").replace('demand = "base"', 'demand = "test"')
    border = border.replace('law = "empirical", file = "minutes.csv"', 'law = "exponential", mean = 9.0')
    plans = [builder.plan(border.replace("servers = 1", f"servers = {n}"), days=1) for n in (1, 2, 3)]
    here = [[r.summaries for r in row] for row in run_paired(plans, range(2))]
    told = []
    away = [[r.summaries for r in row] for row in run_paired(plans, range(2), cluster=address, on_done=told.append)]

    assert repr(away) == repr(here)
    assert told == [0, 1]


@pytest.mark.slow
def test_a_worker_with_other_versions_is_refused(run, address, monkeypatch):
    """Results would differ in the last bits, or for good: the message names worker, package and our version."""
    ours = {**cluster.versions(), "numpy": "9.9", "a_package_of_ours": "1.0"}
    monkeypatch.setattr(cluster, "versions", lambda: ours)
    result = run("--cluster", address)
    words = " ".join(result.stderr.split())

    assert result.exit_code == 1
    assert "with numpy" in words
    assert "here it is 9.9" in words
    assert "without a_package_of_ours; here it is 1.0" in words


@pytest.mark.slow
def test_a_cluster_that_ends_meanwhile_ends_the_run(run, monkeypatch):
    """The scheduler is stopped when the first replications are back: said in words, nothing is kept."""
    local = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
    real = cli.run_replications

    def ending(*arguments, **options):
        for replication in real(*arguments, **options):
            yield replication
            local.close()

    monkeypatch.setattr(cli, "run_replications", ending)
    result = run("--cluster", local.scheduler_address, "--replications", 100, "--days", 300)

    assert result.exit_code == 1
    assert "its scheduler or workers ended meanwhile" in " ".join(result.stderr.split())
    assert "The run was stopped, and nothing of it is kept." in result.stderr


@pytest.mark.slow
def test_a_cluster_without_workers_is_refused(run):
    """Rather than waiting for one that nobody starts."""
    with LocalCluster(n_workers=0, dashboard_address=":0") as empty:
        result = run("--cluster", empty.scheduler_address)

    assert result.exit_code == 1
    assert f"start some with `dask worker {empty.scheduler_address}`" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (NOBODY, "no scheduler answers there within 0.2 s; start one with `dask scheduler`, or check the port"),
        ("gate-host", "missing port number in address 'gate-host'; give the scheduler's address, like tcp://"),
        ("http://127.0.0.1:8786", "unknown address scheme 'http'"),
    ],
)
def test_an_address_without_a_scheduler_is_refused(run, monkeypatch, address, message):
    """Within a stated time, with what to do."""
    monkeypatch.setattr(cluster, "CONNECT_S", 0.2)
    result = run("--cluster", address)

    assert result.exit_code == 1
    assert f'--cluster is "{address}"' in " ".join(result.stderr.split())
    assert message in " ".join(result.stderr.split())
    assert "Nothing was started." in result.stderr


def test_without_dask_the_message_names_the_extra(monkeypatch):
    """It is optional."""
    monkeypatch.setitem(sys.modules, "distributed", None)

    with (
        pytest.raises(ConfigError, match=r'pip install "gatewatch\[cluster\]" on every machine'),
        cluster_workers(NOBODY),
    ):
        pytest.fail("there is no cluster")


def test_workers_of_this_machine_and_of_a_cluster_are_not_mixed(run):
    """Whoever gives both is told which one counts."""
    result = run("--cluster", NOBODY, "--workers", 2)

    assert result.exit_code == 1
    assert "--workers is 2; leave it out" in " ".join(result.stderr.split())
