"""Silent death is noticed: who is told what, and when (P19)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from gatewatch.monitor.channels import Message, smtp
from gatewatch.monitor.cli import app
from gatewatch.monitor.sentinel import LOOKS_EVERY_S, REPEATS_S, NoAnswerError, Sentinel, Sign, ask, outgoing
from tests.monitor.channels.sinks import MailSink
from tests.monitor.services import SOON_S, Service, client_of, new_key, settings_in


@dataclass
class Play:
    """A service that is well until it is made otherwise, and what the sentinel tells of it, by the second."""

    rev: int = 1
    sign: Callable[[Play], Sign] = lambda play: Sign(play.rev, is_mute=False)
    now_s: float = 0.0
    told: list[tuple[float, str]] = field(default_factory=list)
    is_cut_off: bool = False

    def run(self, sentinel: Sentinel, seconds: float, *, is_evaluating: bool = True) -> None:
        """Let time go by, with a look and an evaluation every quarter of a minute."""
        for _ in range(int(seconds / LOOKS_EVERY_S)):
            self.now_s += LOOKS_EVERY_S
            self.rev += is_evaluating
            sentinel.look()

    def tell(self, _vi: str, en: str) -> None:
        """Be told by the sentinel's channel."""
        if self.is_cut_off:
            raise OSError("no route to the gateway")
        self.told.append((self.now_s, en))


def dead(_play: Play) -> Sign:
    """Give no sign of life."""
    raise NoAnswerError("ConnectError")


@pytest.fixture
def play() -> Play:
    """A service that has been well for five minutes."""
    return Play()


@pytest.fixture
def sentinel(play: Play) -> Sentinel:
    """A sentinel that looks at it."""
    found = Sentinel(lambda: play.sign(play), play.tell, lambda: play.now_s)
    play.run(found, 300)
    assert play.told == []
    return found


def test_a_service_that_dies_is_told_within_90_seconds_and_once(play: Play, sentinel: Sentinel) -> None:
    """And that it is well again."""
    play.sign = dead
    play.run(sentinel, 900)
    play.sign = Play.sign
    play.run(sentinel, 60)

    (at, text), (_, again) = play.told
    assert at - 300 <= 90
    assert text.startswith("Gatewatch has not answered for 1 min: ConnectError.")
    assert again == "Gatewatch works again."


def test_a_service_that_answers_without_evaluating_is_told(play: Play, sentinel: Sentinel) -> None:
    """The process lives, the rules do not."""
    play.run(sentinel, 300, is_evaluating=False)

    ((at, text),) = play.told
    assert at - 300 <= 90
    assert "evaluated no alerts" in text


def test_a_service_whose_notifier_is_stuck_is_told(play: Play, sentinel: Sentinel) -> None:
    """It cannot tell so itself."""
    play.sign = lambda now: Sign(now.rev, is_mute=True)
    play.run(sentinel, 60)

    ((_, text),) = play.told
    assert text.startswith("Gatewatch cannot deliver its messages.")


def test_a_short_restart_is_no_news(play: Play, sentinel: Sentinel) -> None:
    """Half a minute without an answer."""
    play.sign = dead
    play.run(sentinel, 30)
    play.sign = Play.sign
    play.run(sentinel, 60)

    assert play.told == []


def test_what_could_not_be_told_is_told_at_the_next_look_and_trouble_again_every_hour(
    play: Play, sentinel: Sentinel
) -> None:
    """A channel that is cut off costs a look, not the word."""
    play.sign, play.is_cut_off = dead, True
    play.run(sentinel, 120)
    play.is_cut_off = False
    play.run(sentinel, REPEATS_S + 60)

    assert [at for at, _ in play.told] == [435.0, 435.0 + REPEATS_S]


@pytest.mark.parametrize(
    ("response", "found"),
    [
        (httpx.Response(200, json={"rev": 7, "alerts": []}), Sign(7, is_mute=False)),
        (
            httpx.Response(200, json={"rev": 7, "alerts": [{"rule": "notifier_stuck", "state": "firing"}]}),
            Sign(7, is_mute=True),
        ),
    ],
)
def test_a_sign_of_life_is_the_revision_of_the_alerts(response: httpx.Response, found: Sign) -> None:
    """And whether the service says itself that its messages do not leave."""
    client = httpx.Client(base_url="http://gatewatch", transport=httpx.MockTransport(lambda _: response))

    assert ask(client) == found


@pytest.mark.parametrize(
    "response",
    [httpx.Response(503), httpx.Response(401), httpx.Response(200, text="<html>"), httpx.Response(200, json=[])],
)
def test_anything_else_is_no_answer(response: httpx.Response) -> None:
    """A proxy's page is no sign of life."""
    client = httpx.Client(base_url="http://gatewatch", transport=httpx.MockTransport(lambda _: response))

    with pytest.raises(NoAnswerError):
        ask(client)


def test_the_word_is_in_the_contact_s_language_first() -> None:
    """And urgent."""
    word = outgoing("Không trả lời.", "No answer.", "vi", "lan", "phone", "+84900000000")

    assert (word.subject, word.text) == ("Không trả lời.", "Không trả lời.\n\nNo answer.\n")
    assert (word.is_urgent, word.level, word.address) == (True, "critical", "+84900000000")


@pytest.mark.parametrize(("contact", "said"), [("nobody", "no contact"), ("duty_screen", "stays on the screens")])
def test_a_contact_that_cannot_serve_is_refused(contact: str, said: Any) -> None:
    """Before it is relied on."""
    done = CliRunner().invoke(app, ["sentinel", "--to", contact])

    assert done.exit_code == 1
    assert said in " ".join(done.output.split())


@pytest.mark.slow
def test_a_core_that_is_really_killed_is_told_by_mail_and_so_is_its_return(tmp_path: Path) -> None:
    """By SIGKILL, as a system does that runs out of memory; only the clock of the looks is the test's."""
    settings = settings_in(tmp_path)
    key, mails, now_s = new_key(settings, "viewer"), MailSink(), 0.0
    channel = smtp.Settings(host="127.0.0.1", port=mails.port, security="none", sender="sentinel@example.vn")
    services = [Service(settings)]

    def asking() -> Sign:
        with client_of(services[-1], key) as client:
            return ask(client)

    def tell(vi: str, en: str) -> None:
        word = outgoing(vi, en, "vi", "lan", "mail", "lan@example.vn")
        smtp.send(Message(word, is_doubtful=False, at=datetime.now(UTC)), channel, SOON_S)

    sentinel = Sentinel(asking, tell, lambda: now_s)
    try:
        alive = sentinel.look()
        services[-1].process.kill()
        services[-1].process.wait(SOON_S)
        states = []
        while not mails.mails and now_s < 900:
            now_s += LOOKS_EVERY_S
            states.append(sentinel.look())
        told_at_s = now_s
        services.append(Service(settings))
        ends_s = time.monotonic() + SOON_S
        while len(mails.mails) < 2:
            assert time.monotonic() < ends_s
            states.append(sentinel.look())
            time.sleep(0.1)
    finally:
        for service in services:
            service.close()
        mails.close()
    texts = [str(mail.get_content()) for mail in mails.mails]
    sys.stdout.write(f"a killed core is told after {told_at_s:.0f} s\n")

    assert alive == "well"
    assert told_at_s <= 90
    assert set(states[:-1]) == {"well", "silent"}
    assert (states[0], states[-1]) == ("well", "well")
    assert "Gatewatch không trả lời từ 1 phút" in texts[0]
    assert "Gatewatch has not answered for 1 min" in texts[0]
    assert "Gatewatch hoạt động trở lại." in texts[1]
