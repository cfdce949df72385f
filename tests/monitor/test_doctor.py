"""The doctor says what is wrong, what to do, and shows no secret."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from gatewatch.monitor import doctor, machine
from gatewatch.monitor.cli_store import add_commands
from gatewatch.monitor.doctor import Check, examine, settings_in_force
from gatewatch.monitor.offline import Led, Watched, leading
from gatewatch.monitor.retention import make_backup
from gatewatch.monitor.settings import Settings, load_settings
from gatewatch.monitor.store import Submitted, open_store
from gatewatch.monitor.trial import try_out
from tests.monitor.stories import BORDER, CAMERA_IN, CAMERA_OUT, FEEDS, Story, clock

WATCHED = Watched(BORDER, FEEDS)
NOON = clock("12:00").astimezone(UTC)
SOON_S = 60
app = Typer()
add_commands(app)


def settings_of(home: Path, **more: object) -> Settings:
    """Return settings whose port is any that is free."""
    return load_settings({}, home=home, **{"port": 0, **more})


def filled(settings: Settings, cleanup, *stories: Story) -> Led:
    """Lead a store that has taken stories in, each a second after it happened."""
    led: Led = cleanup.enter_context(leading(open_store(settings.database_url), WATCHED, "test", NOON))
    for story in stories:
        items = [Submitted.of(o, o.occurred_at.astimezone(UTC) + timedelta(seconds=1)) for o in story.observations]
        led.writer.submit(items).result(SOON_S)
    return led


def looked_at(settings: Settings, now: datetime = NOON, *, is_thorough: bool = False) -> dict[str, list[Check]]:
    """Return what the doctor finds, by subject."""
    found: dict[str, list[Check]] = {}
    for check in examine(settings, WATCHED, now, is_thorough=is_thorough):
        found.setdefault(check.subject, []).append(check)
    return found


def test_feeds_that_are_silent_are_told_from_those_that_are_heard(cleanup, tmp_path: Path) -> None:
    """The camera at the exit reports up to noon, the one at the entrance ended at nine."""
    settings = settings_of(tmp_path)
    story = Story().beats(CAMERA_OUT, clock("7:00"), clock("12:00")).beats(CAMERA_IN, clock("7:00"), clock("9:00"))
    filled(settings, cleanup, story)
    found = looked_at(settings)

    assert [(c.verdict, c.said) for c in found[f"feed {CAMERA_OUT}"]] == [("well", "heard 5 min ago")]
    assert [(c.verdict, c.said) for c in found[f"feed {CAMERA_IN}"]] == [("wrong", "silent: heard 3 h ago")]
    assert found["feed person"][0].verdict == "well"


def test_a_feed_that_nobody_declared_is_told(cleanup, tmp_path: Path) -> None:
    """What it says is taken in; its silence would not be noticed."""
    settings = settings_of(tmp_path)
    filled(settings, cleanup, Story().beats("camera/new", clock("11:00"), clock("12:00")))

    assert looked_at(settings)["feed camera/new"][0].verdict == "note"


def test_backups_are_told_by_age_and_by_their_last_trial(cleanup, tmp_path: Path) -> None:
    """None yet; one that was tried; and one that is too old."""
    settings = settings_of(tmp_path / "home")
    led = filled(settings, cleanup, Story().beats(CAMERA_OUT, clock("7:00"), clock("8:00")))
    none_yet = looked_at(settings)
    copy = make_backup(led.store, settings.backups, NOON)
    try_out(copy.path, led.store, WATCHED, settings.backups, NOON, is_full=True)
    fresh = looked_at(settings, NOON + timedelta(hours=1))
    old = looked_at(settings, NOON + timedelta(days=3))

    assert none_yet["trial"][0].verdict == "note"
    assert [c.verdict for c in fresh["trial"]] == ["well"]
    assert fresh["backups"][-1] == Check("backups", "well", "1, the last 60 min ago")
    assert [old[subject][-1].verdict for subject in ("backups", "trial")] == ["wrong", "wrong"]


def test_a_thorough_look_reads_every_page(cleanup, tmp_path: Path) -> None:
    """A gap in the journal is damage."""
    settings = settings_of(tmp_path)
    led = filled(settings, cleanup, Story().beats(CAMERA_OUT, clock("7:00"), clock("9:00")))
    whole = looked_at(settings, is_thorough=True)
    led.writer.write(lambda c: c.exec_driver_sql("DELETE FROM event WHERE seq = 3")).result(SOON_S)
    damaged = looked_at(settings, is_thorough=True)

    assert whole["integrity"] == [Check("integrity", "well", "24 entries without a gap, every page whole")]
    assert damaged["integrity"][0].verdict == "wrong"
    assert "1 are missing" in damaged["integrity"][0].said


def test_a_clock_that_went_back_is_noticed(cleanup, tmp_path: Path) -> None:
    """The journal has an entry from a time that is yet to come."""
    settings = settings_of(tmp_path)
    filled(settings, cleanup, Story().beats(CAMERA_OUT, clock("11:00"), clock("12:00")))

    assert "wrong" in {check.verdict for check in looked_at(settings, NOON - timedelta(days=2))["clock"]}


def test_what_others_may_read_is_told(cleanup, tmp_path: Path) -> None:
    """The journal is not everybody's."""
    settings = settings_of(tmp_path / "home")
    led = filled(settings, cleanup)
    settings.home.chmod(0o755)
    led.store.path.chmod(0o600)
    found = looked_at(settings)

    assert [check.remedy for check in found["permissions"]] == [f"chmod o-rwx {settings.home}"]


def test_a_slow_disk_and_one_that_is_too_fast_are_told(
    cleanup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow is bearable; faster than any disk means that a cache answers."""
    settings = settings_of(tmp_path)
    filled(settings, cleanup)
    found = []
    for rate in (10.0, 500.0, 90_000.0):
        monkeypatch.setattr(doctor, "fsyncs_per_s", lambda _, rate=rate: rate)
        found.append(looked_at(settings)["fsync"][0].verdict)

    assert found == ["note", "well", "note"]


def test_a_full_disk_is_told(cleanup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below a gibibyte it is wrong, below a tenth to be known."""
    settings = settings_of(tmp_path)
    filled(settings, cleanup)
    found = []
    for free in (1 << 29, 5 << 30, 50 << 30):
        monkeypatch.setattr(doctor, "room", lambda _, free=free: machine.Room(free, 100 << 30))
        found.append(looked_at(settings)["disk"][0].verdict)

    assert found == ["wrong", "note", "well"]


def test_no_store_yet_is_no_fault(tmp_path: Path) -> None:
    """Looking makes none."""
    found = looked_at(settings_of(tmp_path / "home"))

    assert found["store"][0].verdict == "note"
    assert "wrong" not in {check.verdict for checks in found.values() for check in checks}
    assert not (tmp_path / "home").exists()


def test_a_home_that_is_no_folder_is_wrong(tmp_path: Path) -> None:
    """Else everything about it would seem well, since there is nothing in it yet."""
    (tmp_path / "file").write_text("")
    [check] = looked_at(settings_of(tmp_path / "file"))["home"]

    assert (check.verdict, "is no folder" in check.said) == ("wrong", True)


def test_a_server_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    """The rest is looked at all the same."""
    found = looked_at(settings_of(tmp_path, database="postgresql+psycopg://nobody@/none?host=/nowhere"))

    assert found["store"][0].verdict == "wrong"
    assert "fsync" in found


def test_settings_are_shown_with_their_origin_and_without_secrets(tmp_path: Path) -> None:
    """Whoever reads over the shoulder, or gets the output by mail, learns no password."""
    file = tmp_path / "settings.toml"
    file.write_text('port = 8100\nplate_key = "very secret"\n')
    environment = {
        "GATEWATCH_SETTINGS": str(file),
        "GATEWATCH_DATABASE": "postgresql+psycopg://me:hunter2@server/gatewatch",
    }
    shown = settings_in_force(load_settings(environment), environment)
    rows = {key: (value, origin) for key, value, origin in shown}

    assert rows["port"] == ("8100", str(file))
    assert rows["database"] == ("set, not shown", "GATEWATCH_DATABASE")
    assert rows["plate_key"] == ("set, not shown", str(file))
    assert rows["host"] == ("127.0.0.1", "default")
    assert not {"hunter2", "very secret"} & set(str(shown).split())
    assert "hunter2" not in str(shown)


def test_the_disk_and_the_clocks_of_this_machine_are_measured(tmp_path: Path) -> None:
    """What is measured is a rate above zero, an offset near none, and room."""
    ahead = machine.file_clock_offset_s(tmp_path, lambda: time.time() - 3_600)

    assert machine.fsyncs_per_s(tmp_path, n=3) > 0
    assert abs(machine.file_clock_offset_s(tmp_path)) < 1
    assert ahead == pytest.approx(3_600, abs=5)
    assert 0 < machine.room(tmp_path).share < 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command; the environment has no settings."""
    for name in [name for name in os.environ if name.startswith("GATEWATCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GATEWATCH_PORT", "0")
    before = os.umask(0o077)
    os.umask(before)
    yield lambda *arguments: CliRunner().invoke(app, [str(part) for part in arguments])
    os.umask(before)


def test_the_commands_take_a_store_from_backup_to_restore(run, tmp_path: Path) -> None:
    """Rebuild, back up, restore elsewhere, look: the figures are the same throughout."""
    home, other = tmp_path / "home", tmp_path / "other"
    story = Story().beats(CAMERA_OUT, clock("7:00"), clock("12:00"))
    with leading(open_store(settings_of(home).database_url), WATCHED, "test", NOON) as led:
        led.writer.submit([Submitted.of(o, o.occurred_at.astimezone(UTC)) for o in story.observations]).result(SOON_S)
        assert led.projector.wait_for(len(story.observations), SOON_S)
        refused = run("rebuild", "--home", home)
    rebuilt = json.loads(run("rebuild", "--home", home, "--json").stdout)
    copied = json.loads(run("backup", "--home", home, "--json").stdout)
    tried = json.loads(run("restore", copied["path"], "--trial", "--home", home, "--json").stdout)
    restored = json.loads(run("restore", copied["path"], "--home", other, "--json").stdout)
    again = run("restore", copied["path"], "--home", other)
    looked = json.loads(run("doctor", "--home", other, "--json").stdout)

    assert refused.exit_code == 1
    assert "another core leads this store: test" in refused.stderr
    assert rebuilt["n_entries"] == len(story.observations)
    assert rebuilt["digest"] == copied["trial"]["digest"] == tried["digest"] == restored["digest"]
    assert again.exit_code == 1
    assert "is there already; move it away, or restore to another place" in again.stderr
    assert {check["subject"] for check in looked["checks"]} >= {"store", "fsync", "clock", "disk"}
    assert [path for path in other.iterdir() if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rebuild", "--home", "nowhere"], "there is no store at sqlite:"),
        (["backup", "--home", "nowhere"], "name its folder with --home or GATEWATCH_HOME"),
        (["restore", "absent.db", "--home", "nowhere"], "absent.db cannot be read: No such file"),
    ],
)
def test_what_is_not_there_is_told_with_a_remedy(
    run, arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback, status 1, and nothing is made."""
    monkeypatch.chdir(tmp_path)
    found = run(*arguments)

    assert found.exit_code == 1
    assert said in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_wrong_settings_are_told_together(run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each by the variable it stands in."""
    monkeypatch.setenv("GATEWATCH_PORT", "70000")
    monkeypatch.setenv("GATEWATCH_HOSTS", "::")
    found = run("doctor", "--home", tmp_path)

    assert found.exit_code == 1
    assert 'GATEWATCH_HOSTS is no setting; no setting has that name. Did you mean "host"?' in found.stderr
