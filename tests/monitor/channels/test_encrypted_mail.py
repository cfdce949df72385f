"""Mail over TLS and STARTTLS: what is sent only to who the certificate says, and never in the open."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from gatewatch.monitor.channels import Message, NotNowError, smtp
from tests.monitor.channels.certificates import Certificate, make_certificate
from tests.monitor.channels.sinks import MailSink
from tests.monitor.channels.test_contract import AT, LONG_S, TOLD

Security = Literal["tls", "starttls"]
SECURITIES: tuple[Security, ...] = ("tls", "starttls")
SinkOf = Callable[..., MailSink]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The certificate of the mail server."""
    return make_certificate(tmp_path_factory.mktemp("office"), "127.0.0.1")


@pytest.fixture
def sink_of() -> Iterator[SinkOf]:
    """Start mail servers; they are ended after the test."""
    with ExitStack() as stack:

        def start(security: Security | None, certificate: Certificate | None = None, **more: Any) -> MailSink:
            context = None if certificate is None else certificate.server()
            sink = MailSink(
                tls=context if security == "tls" else None, starttls=context if security == "starttls" else None, **more
            )
            stack.callback(sink.close)
            return sink

        yield start


def send(sink: MailSink, security: Security, ca_file: Path | None, **more: Any) -> None:
    """Mail the message."""
    settings = smtp.Settings.model_validate(
        {"host": "127.0.0.1", "port": sink.port, "security": security, "sender": "gatewatch@example.vn",
         "ca_file": ca_file, **more}
    )  # fmt: skip
    smtp.send(Message(replace(TOLD, address="lan@example.vn"), is_doubtful=False, at=AT), settings, LONG_S)


@pytest.mark.parametrize("security", SECURITIES)
def test_mail_arrives_encrypted(security: Security, office: Certificate, sink_of: SinkOf) -> None:
    """By the office's own certificate, in a version of TLS of today."""
    sink = sink_of(security, office)
    send(sink, security, office.certificate)

    assert sink.keys() == [TOLD.key]
    assert sink.versions == ["TLSv1.3"]


@pytest.mark.parametrize("security", SECURITIES)
def test_a_password_is_given_over_tls_only(
    security: Security, office: Certificate, sink_of: SinkOf, tmp_path: Path
) -> None:
    """The server offers to let people in once the line is encrypted; a wrong password is told as such."""
    secret = tmp_path / "password"
    secret.write_text("open sesame\n")
    sink = sink_of(security, office, password="open sesame")
    send(sink, security, office.certificate, user="gatewatch", password_file=secret)
    secret.write_text("open barley\n")
    with pytest.raises(NotNowError, match="does not let gatewatch in"):
        send(sink, security, office.certificate, user="gatewatch", password_file=secret)

    assert (sink.keys(), sink.versions) == ([TOLD.key], ["TLSv1.3"])


@pytest.mark.parametrize("security", SECURITIES)
@pytest.mark.parametrize("flaw", ["nobody vouches for it", "it names another"])
def test_a_certificate_that_proves_nothing_gets_no_mail(
    flaw: str, security: Security, office: Certificate, sink_of: SinkOf, tmp_path: Path
) -> None:
    """One of an authority that is not trusted, and one of another host: it is tried again, and somebody is told why."""
    other = make_certificate(tmp_path / "other", "mail.example.vn")
    sink = sink_of(security, office if flaw == "nobody vouches for it" else other)
    with pytest.raises(NotNowError, match="certificate") as caught:
        send(sink, security, other.certificate)

    assert not caught.value.is_doubtful
    assert sink.mails == []


def test_a_server_that_does_not_encrypt_gets_no_mail(sink_of: SinkOf, office: Certificate) -> None:
    """It offers no STARTTLS: nothing is sent in the open instead."""
    sink = sink_of(None)
    with pytest.raises(NotNowError, match="STARTTLS") as caught:
        send(sink, "starttls", office.certificate)

    assert not caught.value.is_doubtful
    assert sink.mails == []


def test_the_certificate_is_what_openssl_made(office: Certificate) -> None:
    """So that the tests above are about what they say."""
    ssl.create_default_context(cafile=office.certificate)
    (found,) = ssl.create_default_context(cafile=office.certificate).get_ca_certs()

    assert ("IP Address", "127.0.0.1") in found["subjectAltName"]
