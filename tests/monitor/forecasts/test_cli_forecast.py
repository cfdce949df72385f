"""`gatewatch forecast` from a store: as a table, as JSON, and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gatewatch.monitor.cli import app
from tests.monitor.forecasts.conftest import morning
from tests.monitor.web.sites import Site

Make = Callable[..., Site]
Call = Callable[..., Any]

LATER = "extended_hours:gate=north,later=2"


@pytest.fixture
def run(tmp_path: Path, border_file: Path) -> Call:
    """Return how to call the command on the test's store."""
    at = ["--at", "2026-01-15T10:00", "--replications", "8"]
    place = ["--home", str(tmp_path / "home"), "--border", str(border_file)]
    return lambda *arguments: CliRunner().invoke(app, ["forecast", *at, *place, *arguments], env={"COLUMNS": "160"})


def test_the_same_store_and_time_give_the_same_forecast(
    make_site: Callable[..., Site], run: Callable[..., Any]
) -> None:
    """Read beside the running service, as JSON; a second call gives the same bytes."""
    make_site(morning(60))
    one, two = (run("--policy", LATER, "--json") for _ in range(2))

    assert one.exit_code == 0, one.output
    assert one.stdout == two.stdout
    found = json.loads(one.stdout)
    assert [row["alternative"] for row in found["flows"]] == ["do nothing", LATER]
    assert found["flows"][0]["hours"]["backlog"]["p50"][0] == 60


def test_the_table_tells_the_close_and_the_one_who_joins(
    make_site: Callable[..., Site], run: Callable[..., Any]
) -> None:
    """A row for each alternative, in local time."""
    make_site(morning(60))
    told = run()

    assert told.exit_code == 0, told.output
    assert "As of 2026-01-15 10:00, 8 replications" in told.stdout
    assert "Thu 18:00" in told.stdout


def test_what_cannot_be_foretold_is_refused(make_site: Make, run: Call) -> None:
    """No count of the backlog, a policy that is none, a time that is none: status 1 with the remedy."""
    make_site()
    nothing = run()

    assert nothing.exit_code == 1
    assert "count the vehicles inside once" in nothing.stderr
    assert run("--at", "noon").exit_code == 1
