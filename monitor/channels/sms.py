"""
Text messages over a gateway in the local network, such as Kannel or Gammu's, by one HTTP request each.

A message is one part: with Vietnamese marks 70 characters, without 160. `{to}`, `{text}` and `{password}` in `url` and
`body` are filled in, encoded as their place needs it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Final, Literal, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from gatewatch.config.records import Record
from gatewatch.monitor.channels.channel import Message, RefusedError, read_secret
from gatewatch.monitor.channels.line import Allowed, ask, find_fault_in_url
from gatewatch.monitor.channels.paths import FilePathText

LEAVES: Final = True
ADDRESS: Final = "telephone number, such as +84900000000"

_NUMBER: Final = re.compile(r"\+?[0-9]{3,15}")
_PLACES: Final = re.compile(r"\{(to|text|password)\}")
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_PLAIN: Final = str.maketrans({"đ": "d", "Đ": "D", "–": "-", "—": "-", "→": ">", "…": ".", "“": '"', "”": '"'})
MOST_PLAIN: Final = 160
MOST_MARKED: Final = 70


class Settings(Record):
    """The gateway."""

    url: str = Field(description="Where to ask, with {to} and {text} where a number and a text belong.")
    method: Literal["GET", "POST"] = Field(default="GET", description="How.")
    body: str = Field(default="", description="What is posted, with the same places.")
    body_type: Literal["form", "json"] = Field(default="form", description="What the body is, and how places in it are "
                                               "encoded.")  # fmt: skip
    password_file: FilePathText | None = Field(
        default=None, description="File with what stands for {password}, on one line."
    )
    success: str = Field(
        default="", description="What the answer must contain to be a success; without it, any answer 2xx is one."
    )
    marks: bool = Field(default=True, description="Whether Vietnamese is sent with its marks, in 70 characters.")
    allow: Allowed
    ca_file: FilePathText | None = Field(
        default=None, description="Certificates of the office's own authority; without it, the system's."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        both = self.url + self.body
        fault = find_fault_in_url(_PLACES.sub("0", self.url), self.allow)
        if fault is not None:
            raise ValueError(f"url: {fault}")
        if "{to}" not in both or "{text}" not in both:
            raise ValueError("put {to} and {text} into url or body")
        if ("{password}" in both) != (self.password_file is not None):
            raise ValueError("{password} and password_file belong together")
        if self.body and self.method == "GET":
            raise ValueError('only method = "POST" has a body')
        return self


def fault_in_address(address: str, _settings: Settings) -> str | None:
    """Return what an address should be, or None when it is one."""
    return None if _NUMBER.fullmatch(address) else "write a telephone number, such as +84900000000"


def send(message: Message, settings: Settings, within_s: float) -> None:
    """
    Hand a message to the gateway.

    Raises:
        NotNowError: The gateway takes nothing now.
        RefusedError: It will not take this.
    """
    password = read_secret(settings.password_file, "password") if settings.password_file is not None else ""
    values = {"to": message.outgoing.address, "text": text_of(message, settings.marks), "password": password}
    url = _filled(settings.url, values, lambda text: quote(text, safe=""))
    headers, body = {"User-Agent": "gatewatch"}, None
    if settings.method == "POST":
        is_json = settings.body_type == "json"
        encode = (lambda text: json.dumps(text)[1:-1]) if is_json else (lambda text: quote(text, safe=""))
        body = _filled(settings.body, values, encode).encode()
        headers["Content-Type"] = "application/json" if is_json else "application/x-www-form-urlencoded"
    answer = ask(settings.method, url, body, headers, within_s, settings.allow, settings.ca_file)
    if settings.success and settings.success not in answer.text:
        said = " ".join(answer.text.split())[:200]
        raise RefusedError(f'the gateway answers "{said}", without "{settings.success}".')


def text_of(message: Message, marks: bool) -> str:  # noqa: FBT001 - a setting
    """
    Return the text in one part: with marks 70 characters, without them 160.

    A text that needs no marks may have 160 in either case.
    """
    outgoing = message.outgoing
    again = {"vi": "(gửi lại) ", "en": "(again) "}.get(outgoing.language, "") if message.is_doubtful else ""
    short, brief = again + outgoing.short, again + (outgoing.brief or outgoing.short)
    if not marks:
        return unmarked(short)[:MOST_PLAIN]
    if all(c in _GSM for c in short):
        return short[:MOST_PLAIN]
    return brief[:MOST_MARKED] if any(c not in _GSM for c in brief) else brief[:MOST_PLAIN]


def unmarked(text: str) -> str:
    """
    Return a text in the letters that every telephone has.

    >>> unmarked("Nguy cơ ùn ứ tại Hữu Nghị: đầy bãi → 17:40")
    'Nguy co un u tai Huu Nghi: day bai > 17:40'
    """
    apart = unicodedata.normalize("NFD", text.translate(_PLAIN))
    return "".join(c if c in _GSM else "?" for c in apart if not unicodedata.combining(c))


def _filled(template: str, values: dict[str, str], encode: Callable[[str], str]) -> str:
    """Return a template with its places filled once: what stands in a value is never a place."""
    return _PLACES.sub(lambda place: encode(values[place[1]]), template)
