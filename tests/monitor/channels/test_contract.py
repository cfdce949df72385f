"""What holds for every kind of channel that the scan finds: it delivers, or says in time that it did not."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gatewatch.config.records import Record
from gatewatch.monitor.alerting.outgoing import Outgoing
from gatewatch.monitor.channels import Kind, Message, NotNowError, RefusedError, list_kinds
from tests.monitor.channels.sinks import Bad, HttpSink, MailSink

KINDS = list_kinds()
AT = datetime(2026, 1, 15, 7, 0, tzinfo=UTC)
LONG_S, SHORT_S = 60.0, 0.5
TOLD = Outgoing(
    "4c25c2aedc6e447c-1/firing-20260115T070000000000/lan", "lan", "test", "", "vi",
    "[Ùn ứ] Hữu Nghị, chiều xuất, 412 xe",
    "Nguy cơ ùn ứ tại Hữu Nghị.\n\n" + 80 * "Tồn 412 xe; đầy bãi lúc 17:40. " + "\n.\n",
    "Ùn ứ: Hữu Nghị, chiều xuất, tồn 412 xe, tương đương 1,7 ngày thông quan, dự báo đầy bãi lúc 17:40", "congested",
    brief="Ùn ứ: Hữu Nghị, chiều xuất, tồn 412 xe, đầy bãi lúc 17:40",
)  # fmt: skip


class Place(NamedTuple):
    """A channel that is set up, an address on it, and what has arrived there."""

    kind: Kind
    settings: Any
    outgoing: Outgoing
    arrived: Callable[[], list[str]]
    sink: Any = None
    bad: Bad | None = None

    def send(self, within_s: float = LONG_S, *, is_doubtful: bool = False) -> None:
        """Send the message."""
        self.kind.send(Message(self.outgoing, is_doubtful, AT), self.settings, within_s)


class Places:
    """Sets up a channel of each kind in front of a sink."""

    def __init__(self, folder: Path, ending: ExitStack) -> None:
        self._folder, self._ending = folder, ending
        self._secret = folder / "secret"
        self._secret.write_text("open sesame\n")

    def of(self, kind: str) -> Place:
        """Return a place; a kind that has none here is missing from this table."""
        ways = {
            "in_app": self._screen,
            "smtp": self._mail,
            "webhook": self._hook,
            "sms": self._sms,
            "apprise": self._apprise,
        }
        return ways[kind]()

    def _open(self, sink: Any) -> tuple[Any, Bad]:
        bad = Bad(sink.port)
        self._ending.callback(sink.close)
        self._ending.callback(bad.close)
        return sink, bad

    def _place(self, kind: str, settings: dict[str, Any], address: str, arrived: Any, sink: Any, bad: Bad) -> Place:
        return Place(KINDS[kind], _checked(kind, settings), replace(TOLD, address=address), arrived, sink, bad)

    def _screen(self) -> Place:
        return Place(KINDS["in_app"], _checked("in_app", {}), TOLD, lambda: [TOLD.text])

    def _mail(self) -> Place:
        sink, bad = self._open(MailSink())
        settings = {"host": "127.0.0.1", "port": bad.port, "security": "none", "sender": "gatewatch@example.vn"}
        return self._place("smtp", settings, "lan@example.vn", lambda: _texts(sink), sink, bad)

    def _hook(self) -> Place:
        sink, bad = self._open(HttpSink())
        settings = {"allow": ["127.0.0.1"], "secret_file": str(self._secret)}
        address = f"http://127.0.0.1:{bad.port}/hook"
        arrived = lambda: [request.json()["data"]["text"] for request in sink.requests]  # noqa: E731 - as the others
        return self._place("webhook", settings, address, arrived, sink, bad)

    def _sms(self) -> Place:
        sink, bad = self._open(HttpSink())
        url = f"http://127.0.0.1:{bad.port}/sendsms?to={{to}}&text={{text}}"
        settings = {"url": url, "allow": ["127.0.0.0/8"], "success": "Accepted"}
        arrived = lambda: [request.query["text"] for request in sink.requests]  # noqa: E731 - as the others
        return self._place("sms", settings, "+84900000000", arrived, sink, bad)

    def _apprise(self) -> Place:
        sink, bad = self._open(HttpSink())
        arrived = lambda: [request.json()["message"] for request in sink.requests]  # noqa: E731 - as the others
        return self._place("apprise", {"schemes": ["json"]}, f"json://127.0.0.1:{bad.port}/", arrived, sink, bad)


def _checked(kind: str, settings: dict[str, Any]) -> Record:
    return KINDS[kind].settings.model_validate(settings)


def _texts(sink: MailSink) -> list[str]:
    return [mail.get_content().replace("\r\n", "\n") for mail in sink.mails]


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    """Where channels lead; closed after the test."""
    with ExitStack() as ending:
        yield Places(tmp_path, ending)


every_kind = pytest.mark.parametrize("kind", sorted(KINDS))
every_far_kind = pytest.mark.parametrize("kind", sorted(name for name, kind in KINDS.items() if kind.leaves))


@every_kind
def test_a_message_arrives_once_with_what_it_says(kind: str, places: Places) -> None:
    """Whatever the way, the words come through with their marks."""
    place = places.of(kind)
    place.send()

    (text,) = place.arrived()
    assert "Hữu Nghị" in text
    assert KINDS[kind].fault_in_address(place.outgoing.address, place.settings) is None


@every_kind
def test_a_message_that_may_have_come_before_says_so(kind: str, places: Places) -> None:
    """In its text or its head; one on a screen is the same one."""
    place = places.of(kind)
    place.send(is_doubtful=True)
    mails = getattr(place.sink, "mails", [])
    requests = getattr(place.sink, "requests", [])
    said = place.arrived()[0] + "".join(request.body.decode() for request in requests)

    if KINDS[kind].leaves:
        assert "gửi" in said or '"possible_duplicate":true' in said
    assert all(mail["X-Gatewatch-Possible-Duplicate"] == "yes" for mail in mails)


@pytest.mark.parametrize("fault", ["hang", "reset", "half", "drip"])
@every_far_kind
def test_a_line_that_goes_wrong_is_told_in_time_and_mends(kind: str, fault: str, places: Places) -> None:
    """Nobody waits longer than he said, whatever the other side does; the next try arrives."""
    place = places.of(kind)
    assert place.bad is not None
    place.bad.faults = [fault]
    with pytest.raises((NotNowError, RefusedError)) as error:
        place.send(SHORT_S)
    place.send()

    assert str(error.value).endswith(".")
    assert len(place.arrived()) == 1


@every_far_kind
def test_a_server_with_a_fault_of_its_own_is_asked_again(kind: str, places: Places) -> None:
    """500, or 451 in mail: not now, and certainly not delivered, where the kind can tell."""
    place = places.of(kind)
    place.sink.answers = ["451 later"] if kind == "smtp" else [(500, {})]
    with pytest.raises(NotNowError) as error:
        place.send()

    assert error.value.is_doubtful is (kind == "apprise")
    assert place.arrived() == []


@every_far_kind
def test_nobody_there_is_told(kind: str, places: Places) -> None:
    """A port on which nobody listens."""
    place = places.of(kind)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert place.bad is not None
    given = place.settings.model_dump()
    elsewhere = {"port": port} if "port" in given else {}
    if "url" in given:
        elsewhere = {"url": given["url"].replace(str(place.bad.port), str(port))}
    settings = place.settings.model_copy(update=elsewhere)
    there = place._replace(
        settings=settings,
        outgoing=replace(place.outgoing, address=place.outgoing.address.replace(str(place.bad.port), str(port))),
    )

    with pytest.raises(NotNowError):
        there.send()


@every_kind
def test_every_kind_says_what_it_is(kind: str) -> None:
    """For `gatewatch channel list` and the manual; each setting has its description."""
    found = KINDS[kind]

    assert found.description.endswith(".")
    assert found.address
    assert all(field.description for field in found.settings.model_fields.values())


@every_far_kind
@pytest.mark.parametrize("address", ["", "x\r\nBcc: all@example.vn", "a b", "file:relative", "lan@example.vn\n"])
def test_an_address_that_is_none_is_refused_when_it_is_read(kind: str, address: str, places: Places) -> None:
    """Before anything is sent, and so that no head can be split by it."""
    assert KINDS[kind].fault_in_address(address, places.of(kind).settings) is not None
