"""The feeds' commands at a terminal, against a service that answers over HTTP."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from gatewatch.monitor.cli_feeds import add_commands
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.control import Control, ControlFolder
from gatewatch.monitor.feeds.spool import Spool
from gatewatch.monitor.store import Journal, Leader, Submitted
from tests.monitor.feeds.ingests import NOW, passage
from tests.monitor.feeds.services import Service, serving
from tests.monitor.stories import CAMERA_OUT, Story, clock

APP = typer.Typer()
add_commands(APP)


@pytest.fixture
def service() -> Iterator[Service]:
    """A service that takes everything."""
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWATCH_HOME", str(tmp_path / "home"))


def _run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(APP, [str(argument) for argument in arguments])
    return done.exit_code, done.stdout, done.stderr


def _over() -> str:
    """Return a clock that shows a day after the scenario's own ones."""
    return f"2025-03-05T00:00:00Z*1@{time.time()}"


@pytest.mark.slow
def test_a_feed_sends_its_days_and_keeps_the_truth(service, tmp_path):
    """Sent again it changes nothing."""
    (tmp_path / "key").write_text("gw_key\n")
    arguments = ["feed", "h1_2025", "--own-days", "--days", 1, "--history-days", 0, "--clock", _over()]
    arguments += ["--url", service.url, "--key-file", tmp_path / "key", "--truth", tmp_path / "truth.parquet"]
    status, said, _ = _run(*arguments)
    n = len(service.ingest.taken)
    again, _, _ = _run(*arguments)
    truth = pd.read_parquet(tmp_path / "truth.parquet")

    assert (status, again) == (0, 0)
    assert "h1_2025 as of 2025-03-03 to 2025-03-03" in said
    assert f"{n:,} accepted" in said
    assert n == len(service.ingest.taken) > 8_000
    assert service.keys == {"Bearer gw_key"}
    assert 1_000 < truth.loc[truth["what"] == "gate_out", "n"].sum() < 2_000


@pytest.mark.slow
def test_a_demonstration_sets_off_when_its_past_is_told(service, tmp_path):
    """Until then its clock runs like ours, so that no source seems silent for as long as it takes."""
    control = ControlFolder(tmp_path)
    control.write(Control((RunningClock.from_text(_over()),)))
    arguments = ["feed", "h1_2025", "--own-days", "--days", 1, "--history-days", 0, "--speed", 60, "--quiet"]
    status, _, _ = _run(*arguments, "--control", tmp_path, "--url", service.url)

    assert (status, [leg.speed for leg in control.read().legs]) == (0, [1.0, 60.0])
    assert len(service.ingest.taken) > 8_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["h1_2052"], 'Did you mean "h1_2025"'),
        (["--mishap", "dead"], '--mishap is "dead"'),
        (["--clock", "noon"], "--clock"),
        (["--url", "here"], "--url"),
        (["--key-file", "no such file"], "--key-file"),
        (["--truth", "truth.doc"], "--truth"),
    ],
)
def test_what_is_asked_wrongly_is_told_before_anything_is_sent(arguments, said):
    """With status 1 and without a traceback."""
    status, _, errors = _run("feed", *arguments)

    assert status == 1
    assert said in errors


def test_a_key_that_is_refused_ends_the_feed_and_keeps_what_it_has(tmp_path):
    """With the remedy."""
    with serving(401) as service:
        arguments = ["--own-days", "--days", 1, "--history-days", 0, "--clock", _over(), "--url", service.url]
        status, _, errors = _run("feed", *arguments, "--spool", tmp_path / "spool")

    assert status == 1
    assert "answers 401: as the test says. Give the API key of this feed with --key-file." in errors
    with Spool(tmp_path / "spool") as spool:
        assert len(spool) > 8_000


@pytest.mark.slow
@pytest.mark.parametrize(("told", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_feed_that_is_told_to_end_loses_nothing(tmp_path, told, status):
    """By Ctrl-C or by a supervisor, while the service takes nothing; the next start sends what waits."""
    script = "import typer\nfrom gatewatch.monitor.cli_feeds import add_commands\napp = typer.Typer()\n"
    arguments = ["feed", "--own-days", "--days", "1", "--history-days", "0", "--clock", _over(), "--spool"]
    command = [sys.executable, "-c", f"{script}add_commands(app)\napp()", *arguments, str(tmp_path / "spool"), "--url"]
    with (
        serving(503) as service,
        subprocess.Popen([*command, service.url], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as feed,
    ):
        assert feed.stderr is not None
        first = feed.stderr.readline()
        feed.send_signal(told)
        rest = feed.stderr.read()
    with Spool(tmp_path / "spool") as spool:
        n = len(spool)
    with serving() as service:
        done, _, _ = _run(*arguments, tmp_path / "spool", "--url", service.url, "--quiet")

    assert "answers 503: as the test says. Trying again in" in first
    assert (feed.returncode, "Traceback" in rest) == (status, False)
    assert (done, len(service.ingest.taken)) == (0, n)


def test_a_journal_is_recorded_and_replayed(service, tmp_path, sqlite_address, open_at, lead):
    """What is refused is told, with status 1."""
    leader: Leader = lead(open_at(sqlite_address))
    story = Story().vehicles("gate_out", clock("8:10"), clock("9:00"), 30, CAMERA_OUT).observations
    with leader.writing() as connection:
        Journal.append(connection, [Submitted.of(o, NOW) for o in story])
    file = tmp_path / "journal.jsonl"
    written = _run("record", file, "--database", sqlite_address, "--json")
    first = _run("replay", file, "--url", service.url, "--json")
    again = _run("replay", file, "--url", service.url)
    file.write_text(file.read_text().replace('"north"', '"south"', 1))
    other = _run("replay", file, "--url", service.url)

    assert json.loads(written[1]) == {"file": str(file), "events": 30}
    assert json.loads(first[1]) == {"file": str(file), "events": 30, "accepted": 30}
    assert again[:2] == (0, "30 events: 30 duplicate.\n")
    assert other[0] == 1
    assert "camera/out 0: conflict." in other[2]


def test_standard_input_is_recorded(tmp_path):
    """One event a line."""
    lines = "\n".join(json.dumps(passage(n)) for n in range(3))
    done = CliRunner().invoke(APP, ["record", str(tmp_path / "r"), "--stdin"], input=lines)

    assert (done.exit_code, len((tmp_path / "r").read_text().splitlines())) == (0, 3)


def test_a_store_that_is_none_is_told(tmp_path):
    """Without a traceback."""
    status, _, errors = _run("record", tmp_path / "r", "--database", f"sqlite:///{tmp_path / 'none.db'}")

    assert (status, "Traceback" in errors) == (1, False)
    assert not (tmp_path / "r").exists()


def test_a_folder_is_taken_in_once(service, tmp_path):
    """With status 1 when something was refused."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.csv").write_text("Ngày;Cửa khẩu;Tồn\n15/01/2026;Chi Ma;7\n")
    arguments = ["watch-folder", tmp_path / "in", "--once", "--every", 0.1, "--url", service.url]
    good = _run(*arguments)
    (tmp_path / "in" / "bad.csv").write_text("hello")
    bad = _run(*arguments)

    assert good[:2] == (0, "good.csv: 1 figures taken in.\n")
    assert bad[0] == 1
    assert "bad.csv: 0 figures taken in, 1 refused; see " in bad[1]
    assert len(service.ingest.taken) == 1


def test_a_bridges_file_is_checked_before_it_listens(tmp_path):
    """As every file of ours."""
    (tmp_path / "bridge.toml").write_text("[broker]\nclient_id = 7\n")
    status, _, errors = _run("mqtt", "--config", tmp_path / "bridge.toml")

    assert status == 1
    assert "bridge.toml: broker.client_id is 7" in errors
