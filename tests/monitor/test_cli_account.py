"""A lost password is made anew at the machine, and the audit says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from gatewatch.monitor.access import Passwords
from gatewatch.monitor.cli import app
from gatewatch.monitor.core import start_core
from gatewatch.monitor.settings import load_settings

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)


def test_a_lost_password_is_made_anew_and_audited(tmp_path: Path) -> None:
    """The old one opens nothing any more; the deed names the machine."""
    settings = load_settings({}, home=tmp_path)
    core = start_core(settings, NOW, Passwords())
    lost = core.first_password
    core.stop()

    done = CliRunner().invoke(app, ["account", "reset-password", "admin", "--home", str(tmp_path), "--json"])

    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    core = start_core(settings, NOW, Passwords())
    try:
        assert lost is not None
        assert core.register.sign_in("admin", lost, "here", NOW) is None
        assert core.register.sign_in("admin", told["password"], "here", NOW) is not None
        deeds = [row.deed for row in core.audit.rows() if row.deed.action == "account.changed"]
        assert [deed.who.split(",")[0].split(" on ")[0] for deed in deeds] == ["gatewatch account"]
    finally:
        core.stop()


def test_an_unknown_account_is_named_with_those_there_are(tmp_path: Path) -> None:
    """A typing mistake changes nothing."""
    start_core(load_settings({}, home=tmp_path), NOW).stop()

    done = CliRunner().invoke(app, ["account", "reset-password", "amdin", "--home", str(tmp_path)])

    assert done.exit_code == 1
    assert '"amdin"' in done.stderr
    assert "admin" in done.stderr


def test_a_folder_without_a_store_is_refused(tmp_path: Path) -> None:
    """Nothing is made there."""
    done = CliRunner().invoke(app, ["account", "reset-password", "--home", str(tmp_path / "none")])

    assert done.exit_code == 1
    assert "there is no store" in done.stderr
    assert not (tmp_path / "none").exists()
