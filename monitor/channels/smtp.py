"""
Mail over an SMTP server.

`Message-ID` is made of the key by which a double is known, `X-Gatewatch-Key` carries it. A server is asked over TLS
unless the settings say otherwise; a password is never sent without it.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from contextlib import closing
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from gatewatch.config.records import Record
from gatewatch.monitor.channels.channel import Message, NotNowError, RefusedError, read_secret
from gatewatch.monitor.channels.line import Line, said
from gatewatch.monitor.channels.paths import FilePathText
from gatewatch.monitor.channels.webhook import header_key

LEAVES: Final = True
ADDRESS: Final = "mail address, such as lan@example.vn"

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}
_POLICY: Final = SMTP.clone(cte_type="7bit")  # lines end as the protocol has them, and any server can carry them
_DOUBLES: Final = {
    "vi": "(Thư này có thể đã được gửi trước đó.)",
    "en": "(This message may have been sent before.)",
}


class Settings(Record):
    """The server, and who sends."""

    host: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:-]+$", description="Mail server.")
    port: Annotated[int, Field(ge=1, le=65_535, json_schema_extra={"unit": "port"})] | None = Field(
        default=None, description="Port; without it, 465 for `tls`, 587 for `starttls`, 25 for `none`."
    )
    security: Literal["tls", "starttls", "none"] = Field(default="starttls", description="How it is encrypted.")
    sender: str = Field(description="Address that it comes from.")
    sender_title: str = Field(
        default="Gatewatch", max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$", description="Name of the sender."
    )
    user: str | None = Field(default=None, description="Who signs in; without it, nobody does.")
    password_file: FilePathText | None = Field(default=None, description="File with the password, on one line.")
    ca_file: FilePathText | None = Field(
        default=None, description="Certificates of the office's own authority; without it, the system's."
    )

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if _ADDRESS.fullmatch(self.sender) is None:
            raise ValueError("sender is no mail address; write one such as gatewatch@example.vn")
        if (self.user is None) != (self.password_file is None):
            raise ValueError("give user and password_file together, or neither")
        if self.user is not None and self.security == "none":
            raise ValueError('a password is not sent without encryption; use security = "starttls" or "tls"')
        return self


def fault_in_address(address: str, _settings: Settings) -> str | None:
    """Return what an address should be, or None when it is one."""
    return None if _ADDRESS.fullmatch(address) else "write a mail address, such as lan@example.vn"


def send(message: Message, settings: Settings, within_s: float) -> None:
    """
    Mail a message.

    Raises:
        NotNowError: The server takes nothing now.
        RefusedError: It will not take this.
    """
    password = read_secret(settings.password_file, "password") if settings.password_file is not None else None
    content = mail_of(message, settings).as_bytes(policy=_POLICY)
    with Line(within_s) as line, closing(smtplib.SMTP(timeout=within_s)) as server:
        is_sent = False
        try:
            _connect(server, line, settings)
            if settings.user is not None and password is not None:
                server.login(settings.user, password)
            server.ehlo_or_helo_if_needed()
            _take(server.mail(settings.sender), settings.host)
            _take(server.rcpt(message.outgoing.address), settings.host)
            is_sent = True  # from here on nobody can say
            _take(server.data(content), settings.host)
        except smtplib.SMTPAuthenticationError as error:
            raise NotNowError(f"{settings.host} does not let {settings.user} in: {_text(error.smtp_error)}.") from None
        except smtplib.SMTPDataError as error:
            _take((error.smtp_code, error.smtp_error), settings.host)
        except (OSError, ValueError, smtplib.SMTPException) as error:
            reason = line.reason(error) if isinstance(error, OSError) else said(error)
            raise NotNowError(f"{settings.host} gives no answer: {reason}.", is_doubtful=is_sent) from None


def mail_of(message: Message, settings: Settings) -> EmailMessage:
    """Return the mail of a message; the library refuses a line break in a head."""
    outgoing = message.outgoing
    key = header_key(outgoing.key)
    user, _, domain = settings.sender.partition("@")
    mail = EmailMessage(_POLICY)
    mail["From"] = Address(settings.sender_title, user, domain)
    mail["To"] = outgoing.address
    mail["Subject"] = outgoing.subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{hashlib.sha256(outgoing.key.encode()).hexdigest()[:40]}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Gatewatch-Key"] = key
    if outgoing.is_urgent:
        mail["Importance"] = "high"
    text = outgoing.text
    if message.is_doubtful:
        mail["X-Gatewatch-Possible-Duplicate"] = "yes"
        text = f"{_DOUBLES[outgoing.language if outgoing.language in _DOUBLES else 'en']}\n\n{text}"
    mail.set_content(text)
    return mail


def _connect(server: smtplib.SMTP, line: Line, settings: Settings) -> None:
    """Connect a client and, where asked for, encrypt; the line watches its connection."""
    port = settings.port or _PORTS[settings.security]
    connected = line.connect(settings.host, port)
    if settings.security == "tls":
        connected = line.secure(connected, settings.host, settings.ca_file)
    server.sock = connected
    server._host = settings.host  # type: ignore[attr-defined]  # noqa: SLF001 - whose name starttls checks
    code, greeting = server.getreply()
    if code != 220:
        raise NotNowError(f"{settings.host} answers {code}: {_text(greeting)}.")
    if settings.security == "starttls":
        server.starttls(context=ssl.create_default_context(cafile=settings.ca_file))
        assert server.sock is not None
        line.watch(server.sock)


def _take(answer: tuple[int, bytes | str], host: str) -> None:
    """
    Let an answer of success pass.

    Raises:
        NotNowError: It says later.
        RefusedError: It says never.
    """
    code, text = answer
    if 200 <= code < 300:
        return
    told = f"{host} answers {code}: {_text(text)}."
    raise (RefusedError if 500 <= code < 600 else NotNowError)(told)


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200].removesuffix(".")
