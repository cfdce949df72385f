"""Backups made while the service writes serve: they restore, and their journal gives the same figures (P13)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatewatch.monitor.observations import Observation
from gatewatch.monitor.offline import Led, Watched, leading, rebuild
from gatewatch.monitor.retention import list_backups, make_backup, thin
from gatewatch.monitor.store import StoreError, Submitted, open_store
from gatewatch.monitor.store.condition import windows_sha256
from gatewatch.monitor.trial import last_trial, try_out
from tests.monitor.stories import BORDER, CAMERA_IN, CAMERA_OUT, FEEDS, PERSON, Story, clock

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
WATCHED = Watched(BORDER, FEEDS)
SOON_S = 60


@pytest.fixture
def led(address: str, cleanup) -> Led:
    """A store that is led, on each backend."""
    led: Led = cleanup.enter_context(leading(open_store(address), WATCHED, "test", NOW))
    return led


@pytest.fixture(scope="module")
def day() -> list[Observation]:
    """A morning with counts, passages of two cameras, and a correction of a vehicle that came before the snapshot."""
    story = Story().beats(CAMERA_IN, clock("0:00"), clock("12:00")).beats(CAMERA_OUT, clock("7:00"), clock("12:00"))
    story.counted(clock("8:00"), 40)
    story.vehicles("arrived", clock("8:00"), clock("10:00"), 60, CAMERA_IN)
    story.vehicles("gate_out", clock("8:00"), clock("10:00"), 48, CAMERA_OUT, vehicle_class="fruit")
    wrong = story.observations[-1]
    of = {"source": wrong.source, "id": wrong.id}
    story.tell("event.voided", clock("10:30"), PERSON, of=of, reason="a bus")
    return story.vehicles("gate_out", clock("10:40"), clock("12:00"), 20, CAMERA_OUT).observations


def take_in(led: Led, observations: list[Observation]) -> None:
    """Submit observations a second after they happened, ten at a time, and wait for the figures."""
    items = [Submitted.of(observation, observation.occurred_at + timedelta(seconds=1)) for observation in observations]
    for n in range(0, len(items), 10):
        receipts = led.writer.submit(items[n : n + 10]).result(SOON_S)
        assert {receipt.status for receipt in receipts} == {"accepted"}
        assert led.projector.wait_for(receipts[-1].seq or 0, SOON_S)


def test_a_backup_made_while_writing_gives_the_figures_of_its_journal(
    led: Led, day: list[Observation], tmp_path: Path
) -> None:
    """Half the day is in and half comes meanwhile; the copy is one of the states in between, whole."""
    half, folder = len(day) // 2, tmp_path / "backups"
    take_in(led, day[:half])
    led.projector.keep(NOW).result(SOON_S)
    rest = threading.Thread(target=take_in, args=(led, day[half:]))
    rest.start()
    copy = make_backup(led.store, folder, NOW)
    rest.join(SOON_S)
    trial = try_out(copy.path, led.store, WATCHED, folder, NOW, is_full=True)

    assert half <= trial.n_entries <= len(day)
    assert trial.is_rebuilt
    assert last_trial(folder) == trial
    assert sorted(path.name for path in folder.iterdir()) == [copy.path.name, "last-trial.json"]


def test_a_backup_at_rest_gives_the_same_digest_and_the_same_quarter_hours(
    led: Led, day: list[Observation], tmp_path: Path
) -> None:
    """What is on the screen, what a restore shows and what the journal alone says are one thing."""
    take_in(led, day)
    shown, windows = led.projector.digest(), windows_sha256(led.store)
    copy = make_backup(led.store, tmp_path / "backups", NOW)
    trial = try_out(copy.path, led.store, WATCHED, tmp_path / "backups", NOW, is_full=True)
    rebuilt = rebuild(led, NOW)

    assert trial.digest == rebuilt.digest == shown
    assert trial.n_windows == windows[0] > 0
    assert windows_sha256(led.store) == windows
    assert rebuilt.was_same
    assert rebuilt.n_entries == trial.n_entries == len(day)


def test_figures_that_differ_from_the_journal_are_found(led: Led, day: list[Observation], tmp_path: Path) -> None:
    """A window that somebody changed by hand: the trial fails, and a rebuild mends it."""
    take_in(led, day)
    led.projector.keep(NOW).result(SOON_S)  # from which a start goes on, without looking back
    led.writer.write(lambda c: c.exec_driver_sql("UPDATE window_15m SET n = n + 1 WHERE n > 3")).result(SOON_S)
    copy = make_backup(led.store, tmp_path, NOW)

    with pytest.raises(StoreError, match=r"other figures than its own journal.*gatewatch rebuild"):
        try_out(copy.path, led.store, WATCHED, tmp_path, NOW, is_full=True)
    assert last_trial(tmp_path) is None
    assert not rebuild(led, NOW).was_same
    assert rebuild(led, NOW).was_same


def test_a_damaged_backup_fails_its_trial(sqlite_address: str, cleanup, day: list[Observation], tmp_path: Path) -> None:
    """It is told, not noted as tried, and nothing is left behind."""
    led = cleanup.enter_context(leading(open_store(sqlite_address), WATCHED, "test", NOW))
    take_in(led, day)
    folder = tmp_path / "backups"
    copy = make_backup(led.store, folder, NOW)
    whole = copy.path.read_bytes()
    copy.path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(StoreError, match="is damaged and nothing was restored"):
        try_out(copy.path, led.store, WATCHED, folder, NOW, is_full=False)
    assert [path.name for path in folder.iterdir()] == [copy.path.name]


def test_the_oldest_backups_go_and_the_one_that_was_tried_stays(tmp_path: Path) -> None:
    """Files with other names are not ours to remove."""
    made = [NOW + timedelta(hours=n) for n in range(6)]
    names = [f"gatewatch-{at:%Y%m%dT%H%M%SZ}.db" for at in made]
    for name in [*names, "gatewatch-before-the-move.db", "notes.txt"]:
        (tmp_path / name).write_text("")
    (tmp_path / "last-trial.json").write_text(
        f'{{"file": "{names[0]}", "at": "2026-01-15T09:00:00Z", "n_entries": 1, "digest": "", "n_windows": 1, '
        '"is_rebuilt": true, "seconds": 1.0}'
    )
    removed = thin(tmp_path, most=3)

    assert [path.name for path in removed] == names[1:3]
    assert [kept.path.name for kept in list_backups(tmp_path)] == [names[0], *names[3:]]
    assert [kept.made_at for kept in list_backups(tmp_path)] == [made[0], *made[3:]]
    assert (tmp_path / "gatewatch-before-the-move.db").exists()
