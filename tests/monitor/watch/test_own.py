"""What the service knows of itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gatewatch.monitor.core import Core
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.watch.own import FIRST_BACKUP, OwnState
from tests.monitor.stories import clock
from tests.monitor.watch.guards import Guard


@pytest.fixture
def core(guard: Guard) -> Core:
    """A core that has made no backup."""
    return guard.core


@pytest.mark.parametrize(("is_simulated", "n_backups"), [(False, 0), (True, None)])
def test_a_backup_is_missed_only_where_there_is_something_to_lose(
    core: Core, tmp_path: Path, n_backups: int | None, *, is_simulated: bool
) -> None:
    """Not of a simulated border: its hours pass by the minute, and backups are made by ours."""
    settings = load_settings({}, home=tmp_path, simulated=is_simulated)
    own = OwnState(settings, core.store, core.writer, clock("7:00"))
    just_begun, later = own(clock("7:01")), own(clock("7:00") + FIRST_BACKUP + timedelta(minutes=1))

    assert (just_begun.n_backups, later.n_backups) == (None, n_backups)
    assert later.backup_age_s is None
