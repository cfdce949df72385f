"""What is particular to each kind of channel: signatures, where it may reach, how long a text message is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from gatewatch.monitor.channels import Message, NotNowError, RefusedError, apprise, list_kinds, sms, smtp, webhook
from gatewatch.monitor.channels.line import find_fault_in_url
from gatewatch.monitor.cli import app
from tests.monitor.channels.sinks import HttpSink
from tests.monitor.channels.test_contract import AT, LONG_S, TOLD


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    """A program with a hook."""
    with ExitStack() as stack:
        found = HttpSink()
        stack.callback(found.close)
        yield found


def hook(tmp_path: Path, *allow: str) -> webhook.Settings:
    """Return the settings of a webhook."""
    secret = tmp_path / "secret"
    secret.write_text("open sesame\n")
    return webhook.Settings.model_validate({"allow": list(allow), "secret_file": str(secret)})


def told(address: str, **more: Any) -> Message:
    """Return the message to an address."""
    return Message(replace(TOLD, address=address, **more), False, AT)


def test_a_receiver_can_check_who_signed_and_when(sink: HttpSink, tmp_path: Path) -> None:
    """Worked out anew from the specification: HMAC-SHA256 of id, timestamp and body, joined by full stops."""
    webhook.send(told(f"http://127.0.0.1:{sink.port}/hook"), hook(tmp_path, "127.0.0.1"), LONG_S)
    (request,) = sink.requests
    signed = b".".join([TOLD.key.encode(), str(int(AT.timestamp())).encode(), request.body])
    expected = base64.b64encode(hmac.new(b"open sesame", signed, hashlib.sha256).digest()).decode()

    assert request.headers["webhook-id"] == TOLD.key
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert request.json()["data"]["subject"] == TOLD.subject


def test_a_redirect_is_not_followed(sink: HttpSink, tmp_path: Path) -> None:
    """It could lead to where nobody said that we may go."""
    sink.answers = [(302, {"Location": f"http://127.0.0.1:{sink.port}/elsewhere"})]
    with pytest.raises(RefusedError, match="redirects are not followed"):
        webhook.send(told(f"http://127.0.0.1:{sink.port}/hook"), hook(tmp_path, "127.0.0.1"), LONG_S)

    assert sink.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data", "http://127.0.0.1:8000/v1/keys", "http://[::1]/", "ftp://allowed.vn/",
        "http://allowed.vn@10.0.0.1/", "https://other.vn/", "http://allowed.vn/\r\nX: y", "http://2130706433/", "file:///x",
    ],
)  # fmt: skip
def test_only_hosts_that_are_named_are_reached(url: str) -> None:
    """No metadata service, no port of this machine, no user before the host, no other protocol."""
    assert find_fault_in_url(url, ["allowed.vn"]) is not None


def test_a_named_host_with_an_address_that_is_not_public_is_not_reached(sink: HttpSink, tmp_path: Path) -> None:
    """A name may point anywhere: what it points to must be named as well."""
    settings = hook(tmp_path, "localhost")
    with pytest.raises(RefusedError, match="is not public; add it to `allow`"):
        webhook.send(told(f"http://localhost:{sink.port}/"), settings, LONG_S)
    webhook.send(told(f"http://localhost:{sink.port}/"), hook(tmp_path, "localhost", "127.0.0.0/8", "::1"), LONG_S)

    assert len(sink.requests) == 1


def test_a_secret_that_is_missing_is_told(tmp_path: Path) -> None:
    """And the message waits until it is there."""
    settings = hook(tmp_path, "127.0.0.1").model_copy(update={"secret_file": tmp_path / "none"})

    with pytest.raises(NotNowError, match="the file of the secret"):
        webhook.send(told("http://127.0.0.1:1/"), settings, LONG_S)


def test_a_text_message_is_one_part(sink: HttpSink) -> None:
    """With marks 70 characters, without them 160; the number and the text are encoded as the place needs it."""
    given = {"url": f"http://127.0.0.1:{sink.port}/send?to={{to}}&text={{text}}", "allow": ["127.0.0.1"]}
    marked = sms.Settings.model_validate(given)
    plain = sms.Settings.model_validate({**given, "marks": False})
    message = told("+84900000000")
    for settings in (marked, plain):
        sms.send(message, settings, LONG_S)
    texts = [request.query["text"] for request in sink.requests]

    assert texts[0] == TOLD.brief
    assert len(texts[0]) <= 70
    assert texts[1] == (
        "Un u: Huu Nghi, chieu xuat, ton 412 xe, tuong duong 1,7 ngay thong quan, du bao day bai luc 17:40"
    )
    assert sink.requests[0].query["to"] == "+84900000000"


def test_a_place_in_a_text_is_no_place(sink: HttpSink) -> None:
    """What an alert says is filled in once: it cannot ask for the password, nor leave its string in JSON."""
    body = '{"to": "{to}", "text": "{text}"}'
    settings = sms.Settings.model_validate(
        {
            "url": f"http://127.0.0.1:{sink.port}/send", "method": "POST", "body": body, "body_type": "json",
            "allow": ["127.0.0.1"],
        }
    )  # fmt: skip
    nasty = '{password} {to} ", "to": "+1'
    sms.send(told("+84900000000", short=nasty, brief=nasty), settings, LONG_S)

    assert sink.requests[0].json() == {"to": "+84900000000", "text": nasty}


def test_a_gateway_that_answers_otherwise_has_not_taken_it(sink: HttpSink) -> None:
    """Some answer 200 whatever happens: the word of success must be there."""
    sink.text = b"3: no route"
    url = f"http://127.0.0.1:{sink.port}/?to={{to}}&text={{text}}"
    settings = sms.Settings.model_validate({"url": url, "allow": ["127.0.0.1"], "success": "Accepted"})

    with pytest.raises(RefusedError, match="3: no route"):
        sms.send(told("+84900000000"), settings, LONG_S)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sender": "nobody"}, "sender is no mail address"),
        ({"user": "gatewatch"}, "give user and password_file together"),
        ({"user": "gatewatch", "password_file": "/x", "security": "none"}, "not sent without encryption"),
        ({"password_file": "x", "user": "gatewatch"}, "write the whole path"),
        ({"sender_title": "x\r\nBcc: all@example.vn"}, "pattern"),
    ],
)
def test_mail_settings_that_are_unsafe_are_refused(given: dict[str, Any], said: str) -> None:
    """When the file is read, before anything is sent."""
    with pytest.raises(ValidationError, match=said):
        smtp.Settings.model_validate({"host": "mail.example.vn", "sender": "gatewatch@example.vn", **given})


def test_a_mail_carries_its_key_and_no_second_head() -> None:
    """The same key gives the same Message-ID; a line break cannot come into a head."""
    settings = smtp.Settings(host="mail.example.vn", sender="gatewatch@example.vn")
    mail = smtp.mail_of(told("lan@example.vn"), settings)
    again = smtp.mail_of(told("lan@example.vn"), settings)

    assert mail["Message-ID"] == again["Message-ID"]
    assert mail["X-Gatewatch-Key"] == TOLD.key
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        smtp.mail_of(told("lan@example.vn", subject="x\r\nBcc: all@example.vn"), settings)


def test_telegram_ships_off() -> None:
    """No service is used that the channel does not list."""
    settings = apprise.Settings(schemes=["ntfys"])

    assert "may not use" in str(apprise.fault_in_address("tgram://token/chat", settings))
    assert apprise.fault_in_address("ntfys://ntfy.example.vn/gates", settings) is None


def test_the_command_lists_what_there_is_and_tries_a_contact(tmp_path: Path) -> None:
    """As shipped: screens alone; a contact that is unknown is refused with those that are known."""
    run = CliRunner()
    listed = run.invoke(app, ["channel", "list", "--home", str(tmp_path)])
    tried = run.invoke(app, ["channel", "test", "duty_screen", "--home", str(tmp_path), "--json"])
    unknown = run.invoke(app, ["channel", "test", "duty_scren", "--home", str(tmp_path)])
    team = run.invoke(app, ["channel", "test", "management_center", "--home", str(tmp_path)])

    assert listed.exit_code == tried.exit_code == 0
    assert all(f'kind = "{kind}"' in listed.output for kind in list_kinds())
    assert '"failure": null' in tried.output
    assert unknown.exit_code == 1
    assert 'Did you mean "duty_screen"?' in unknown.output
    assert "that is a team; name one of its contacts: duty_screen" in " ".join(team.output.split())
