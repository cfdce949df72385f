"""Each import rule is seen to fail: a rule that cannot fail holds nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest


class Breach(NamedTuple):
    """One import that a contract forbids."""

    contract: str
    importer: str
    imported: str


BREACHES = [
    Breach("rooms", "gatewatch.config.loader", "gatewatch.simulator"),
    Breach("rooms", "gatewatch.config.loader", "gatewatch.monitor"),
    Breach("rooms", "gatewatch.simulator.experiment", "gatewatch.monitor"),
    Breach("inside-the-simulator", "gatewatch.simulator.engines.reference", "gatewatch.simulator.measures"),
    Breach("inside-the-simulator", "gatewatch.simulator.engines.reference", "gatewatch.simulator.cli"),
    Breach("inside-the-simulator", "gatewatch.simulator.measures.waits", "gatewatch.simulator.verification"),
    Breach("simpy", "gatewatch.simulator.engines.kernel", "simpy"),
    Breach("simpy", "gatewatch.monitor.forecasts", "simpy"),
    Breach("tables", "gatewatch.simulator.engines.reference", "pandas"),
    Breach("terminal", "gatewatch.config.loader", "rich"),
    Breach("terminal", "gatewatch.simulator.experiment", "typer"),
    Breach("no-service-below", "gatewatch.simulator.experiment", "fastapi"),
    Breach("no-service-below", "gatewatch.simulator.experiment", "sqlalchemy"),
    Breach("no-service-below", "gatewatch.simulator.experiment", "apscheduler"),
    Breach("no-service-below", "gatewatch.config.loader", "urllib.request"),
    Breach("inside-the-simulator", "gatewatch.simulator.policies.shock", "gatewatch.simulator.comparison"),
    Breach("inside-the-monitor", "gatewatch.monitor.projection.counts", "gatewatch.monitor.live"),
    Breach("inside-the-monitor", "gatewatch.monitor.live.snapshot", "gatewatch.monitor.store"),
    Breach("inside-the-monitor", "gatewatch.monitor.store.journal", "gatewatch.monitor.web"),
    Breach("libraries-of-the-monitor", "gatewatch.monitor.projector", "fastapi"),
    Breach("libraries-of-the-monitor", "gatewatch.monitor.live.snapshot", "sqlalchemy"),
    Breach("libraries-of-the-monitor", "gatewatch.monitor.projector", "apscheduler"),
]

ALLOWED = [
    Breach("simpy", "gatewatch.simulator.engines.reference", "simpy"),
    Breach("tables", "gatewatch.simulator.measures.waits", "pandas"),
    Breach("terminal", "gatewatch.config.terminal", "rich"),
    Breach("terminal", "gatewatch.simulator.cli", "typer"),
    Breach("inside-the-simulator", "gatewatch.simulator.cli", "gatewatch.simulator.engines"),
    Breach("rooms", "gatewatch.monitor.forecasts", "gatewatch.simulator"),
    Breach("no-service-below", "gatewatch.monitor.app", "fastapi"),
    Breach("libraries-of-the-monitor", "gatewatch.monitor.store.journal", "sqlalchemy"),
    Breach("libraries-of-the-monitor", "gatewatch.monitor.jobs", "apscheduler"),
]


@pytest.fixture
def skeleton(tmp_path: Path, project: dict[str, Any]) -> Path:
    """Our packages, empty, and the modules that the rules name."""
    modules = {name for breach in [*BREACHES, *ALLOWED] for name in (breach.importer, breach.imported)}
    packages = set(project["tool"]["setuptools"]["packages"])
    for name in packages:
        folder = tmp_path.joinpath(*name.split("."))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    for name in modules - packages:
        if name.startswith("gatewatch."):
            tmp_path.joinpath(*name.split(".")).with_suffix(".py").touch()
    return tmp_path


def lint(skeleton: Path, root: Path) -> tuple[int, str]:
    """Return the exit status and the words of import-linter on a tree, under our own rules."""
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"),
            *("--config", str(root / "pyproject.toml"), "--no-cache", "--no-logo"),
        ],
        cwd=skeleton,
        env={**os.environ, "PYTHONPATH": str(skeleton), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def plant(skeleton: Path, breach: Breach) -> None:
    """Write one import into the skeleton."""
    module = skeleton.joinpath(*breach.importer.split(".")).with_suffix(".py")
    with module.open("a") as handle:
        handle.write(f"import {breach.imported}\n")


def contract_names(project: dict[str, Any]) -> dict[str, str]:
    """Return each contract's sentence by its id."""
    return {contract["id"]: contract["name"] for contract in project["tool"]["importlinter"]["contracts"]}


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: f"{breach.importer}->{breach.imported}")
def test_a_planted_breach_breaks_its_contract_and_no_other(
    breach: Breach, skeleton: Path, root: Path, project: dict[str, Any]
) -> None:
    """The report names the rule and the import, so that the remedy is plain."""
    plant(skeleton, breach)
    status, words = lint(skeleton, root)

    broken = {key for key, name in contract_names(project).items() if f"{name} BROKEN" in words}
    assert broken == {breach.contract}, words
    assert status == 1
    assert breach.importer in words.split("Broken contracts")[1]


def test_every_contract_has_a_breach(project: dict[str, Any]) -> None:
    """A new rule comes with an import that breaks it."""
    assert {breach.contract for breach in BREACHES} == set(contract_names(project))


def test_what_the_rules_allow_passes(skeleton: Path, root: Path) -> None:
    """The rules forbid what they say and nothing more."""
    for allowed in ALLOWED:
        plant(skeleton, allowed)
    status, words = lint(skeleton, root)

    assert status == 0, words
