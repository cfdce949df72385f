"""P7: killed between every pair of steps, over lines that go wrong: every key arrives, and never more than twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatewatch.monitor.alerting.outgoing import News, Outgoing
from gatewatch.monitor.processes import with_settings
from gatewatch.monitor.settings import Settings
from gatewatch.monitor.store import Leader, Outbox, open_store
from tests.monitor.channels.sinks import Bad, HttpSink, MailSink
from tests.monitor.services import settings_in

PROGRAM = Path(__file__).with_name("killed.py")
SOON_S = 300
POINTS = [
    ("core", "outbox: leased"),
    ("notifier", "notifier: leased"),
    ("core", "outbox: to settle"),
    ("notifier", "notifier: sent"),
    ("core", "outbox: settled"),
    ("notifier", "notifier: settled"),
]
AFTER = 12  # passes: those in doubt since the last kill are settled by then, and lines have gone wrong
N_OF_A_CONTACT, CONTACTS = 40, ("lan", "minh", "hook", "other_hook")
TEAMS = """
[channels.mail]
kind = "smtp"
host = "127.0.0.1"
port = {mail}
security = "none"
sender = "gatewatch@example.vn"
[channels.hook]
kind = "webhook"
allow = ["127.0.0.1"]
secret_file = "{secret}"
[contacts.lan]
channel = "mail"
address = "lan@example.vn"
[contacts.minh]
channel = "mail"
address = "minh@example.vn"
[contacts.hook]
channel = "hook"
address = "http://127.0.0.1:{hook}/a"
[contacts.other_hook]
channel = "hook"
address = "http://127.0.0.1:{hook}/b"
[[routes]]
name = "all"
to = ["lan", "minh", "hook", "other_hook"]
"""


class Kept:
    """A process that is started again whenever it is killed, as the supervisor does."""

    def __init__(self, which: str, settings: Settings, arm: Path, log: Path) -> None:
        self._command = [sys.executable, str(PROGRAM), which, str(arm)]
        self._variables, self._log = with_settings(settings, os.environ), log
        self._is_ending = False
        self.n_kills = 0
        self.process = self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command, env=self._variables, stdin=subprocess.PIPE, stderr=log)

    def _keep(self) -> None:
        while True:
            status = self.process.wait()
            assert self.process.stdin is not None
            self.process.stdin.close()
            if self._is_ending or status != -signal.SIGKILL:
                return
            self.n_kills += 1
            self.process = self._start()

    def end(self) -> None:
        """Have it end in order, and wait for that."""
        self._is_ending = True
        self.process.send_signal(signal.SIGTERM)
        self._keeper.join(SOON_S)
        if self._keeper.is_alive():
            self.process.kill()
            self._keeper.join(SOON_S)


class Sinks:
    """A mail server and a program with a hook, behind lines that go wrong."""

    def __init__(self, ending: ExitStack) -> None:
        self.mail, self.hook = MailSink(), HttpSink()
        self.bad = Bad(self.mail.port), Bad(self.hook.port)
        for one in (self.mail, self.hook, *self.bad):
            ending.callback(one.close)

    def go_wrong(self) -> None:
        """Have the next lines hang, break and be cut, and the next answers be faults."""
        for bad in self.bad:
            bad.faults = ["reset", "", "half", "", "hang"]
        self.mail.answers = ["451 later"]
        self.hook.answers = [(500, {}), (503, {})]

    def keys(self) -> Counter[str]:
        """Return how often each key has arrived."""
        return Counter([*self.mail.keys(), *self.hook.keys()])


def message(n: int, contact: str, sinks: Sinks) -> Outgoing:
    """Return a message to a contact."""
    key = f"alert-{n}/firing/{contact}"
    channel = "hook" if "hook" in contact else "mail"
    path = "a" if contact == "hook" else "b"
    address = f"http://127.0.0.1:{sinks.bad[1].port}/{path}" if channel == "hook" else f"{contact}@example.vn"
    news = (News(f"alert-{n}", key, "firing", "congested", "backlog_sustained", "huu_nghi", "export"),)
    return Outgoing(key, contact, channel, address, "vi", "Nguy cơ ùn ứ", "Tồn 412 xe.", "Tồn", "congested", news=news)


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    """What must be gone after the test."""
    with ExitStack() as stack:
        yield stack


def put(settings: Settings, messages: list[Outgoing]) -> None:
    """Put messages into a store that nobody leads."""
    store = open_store(settings.database_url)
    leader = Leader(store, "test", datetime.now(UTC))
    with leader.writing() as connection:
        for one in messages:
            Outbox.put(connection, one, datetime.now(UTC))
    store.close()
    leader.close()


def logs_in(folder: Path) -> str:
    """Return the ends of the logs, for whoever has to find out."""
    return "\n".join(log.read_text()[-3_000:] for log in folder.glob("*.log"))


def wait_until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait until something is so."""
    tick = threading.Event()
    for _ in range(int(SOON_S / 0.05)):
        if condition():
            return
        tick.wait(0.05)
    raise AssertionError(what())


@pytest.mark.slow
def test_killed_between_every_pair_of_steps_every_key_arrives_once_or_twice(
    tmp_path: Path, ending: ExitStack, record_property: Callable[[str, int], None]
) -> None:
    """Core and notifier die at each step in turn while lines hang, break, half close and servers answer 500."""
    sinks = Sinks(ending)
    secret, arm, teams = tmp_path / "secret", tmp_path / "arm", tmp_path / "teams.toml"
    secret.write_text("open sesame")
    teams.write_text(TEAMS.format(mail=sinks.bad[0].port, hook=sinks.bad[1].port, secret=secret))
    settings = settings_in(tmp_path / "home", teams=teams)
    notifier = Kept("notifier", settings, arm, tmp_path / "notifier.log")
    ending.callback(notifier.end)
    messages = [message(n, contact, sinks) for n in range(N_OF_A_CONTACT) for contact in CONTACTS]
    put(settings, messages)
    core = Kept("core", settings, arm, tmp_path / "core.log")
    ending.callback(core.end)
    outbox = Outbox(open_store(settings.database_url))
    ending.callback(outbox._store.close)
    for _, point in POINTS:
        sinks.go_wrong()
        arm.with_suffix(".new").write_text(f"{point}|{AFTER}")
        arm.with_suffix(".new").replace(arm)
        wait_until(lambda: not arm.exists(), lambda at=point: f"{at}: {logs_in(tmp_path)}")
    wait_until(lambda: not outbox.condition(datetime.now(UTC)).waiting, lambda: logs_in(tmp_path))
    core.end()
    notifier.end()
    n_kills = core.n_kills, notifier.n_kills
    keys, expected = sinks.keys(), {one.key for one in messages}
    doubled = [key for key, n in keys.items() if n > 1]
    record_property("compared: kills of core and notifier between steps of a delivery", sum(n_kills))
    record_property("compared: keys at the sinks, each arrived once or twice", len(keys))
    record_property("compared: of them arrived twice", len(doubled))

    assert n_kills == (3, 3)
    assert expected <= set(keys)  # the core tells of silent feeds besides
    assert max(keys.values()) <= 2
    marked = [mail for mail in sinks.mail.mails if mail["X-Gatewatch-Possible-Duplicate"] == "yes"]
    marked_keys = {str(mail["X-Gatewatch-Key"]) for mail in marked}
    marked_keys |= {r.headers["webhook-id"] for r in sinks.hook.requests if r.json()["data"]["possible_duplicate"]}
    assert set(doubled) <= marked_keys
