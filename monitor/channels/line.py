"""Connections of channels: only where the settings say, and cut at the deadline whatever the other side does."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Final, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

from gatewatch.monitor.channels.channel import NotNowError, RefusedError

_MOST_READ: Final = 4_096  # bytes of an answer: enough to say why
_RETRY: Final = frozenset({408, 425, 429})
_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


def _checked(text: str) -> str:
    if "/" in text:
        ip_network(text)
    elif not text or not all(c.isalnum() or c in ".-:" for c in text):
        raise ValueError("write a host such as hooks.example.vn, an address, or a network such as 10.0.0.0/24")
    return text.lower()


Allowed = Annotated[
    list[Annotated[str, AfterValidator(_checked)]],
    Field(
        min_length=1,
        description="Hosts, addresses or networks that may be reached. A host whose address is not public (10.…, "
        "192.168.…, this machine) needs that address or its network here as well.",
    ),
]


def find_fault_in_url(url: str, allow: Iterable[str]) -> str | None:
    """Return why a URL may not be used, or None."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "write a URL such as https://hooks.example.vn/gatewatch"
    if parts.scheme not in {"http", "https"} or not host or not url.isascii() or not url.isprintable() or " " in url:
        return "write a URL such as https://hooks.example.vn/gatewatch"
    if parts.username is not None or parts.password is not None:
        return "leave user and password out of the URL"
    if not _names(host, allow):
        return f'the channel may not reach "{host}"; add it to `allow` of the channel'
    return None


def _names(host: str, allow: Iterable[str]) -> bool:
    """Return whether a host is named as such, or lies as an address in a network that is."""
    host = host.lower()
    return any(host == one or _lies_in(host, one) for one in allow)


def _lies_in(host: str, network: str) -> bool:
    try:
        return ip_address(host) in ip_network(network)
    except ValueError:
        return False


def _may_reach(address: _Address, allow: Iterable[str]) -> bool:
    """Return whether an address is public, or named."""
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    return (plain.is_global and not plain.is_multicast) or any(_lies_in(str(plain), one) for one in allow)


class Line:
    """
    A connection that is cut when its time is over, even in the middle of a slow answer.

    Args:
        within_s: How long everything may take [s].
    """

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_over = False
        self._timer = threading.Timer(within_s, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            held, self._socket = self._socket, None
        if held is not None:
            held.close()

    def connect(self, host: str, port: int, allow: Iterable[str] | None = None) -> socket.socket:
        """
        Return a connection to a host.

        The address that is looked at is the one that is connected to: a name cannot point elsewhere in between.

        Args:
            host: Name or address.
            port: Port.
            allow: What may be reached; None where the operator has named the host himself.

        Raises:
            NotNowError: There is no such host now, or it does not take the connection.
            RefusedError: It may not be reached.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NotNowError(f"{host} has no address now: {said(error)}.") from None
        last: OSError | None = None
        for family, kind, protocol, _, where in found:
            if allow is not None and not _may_reach(ip_address(str(where[0]).partition("%")[0]), allow):
                raise RefusedError(
                    f"{host} has the address {where[0]}, which is not public; add it to `allow` of the channel if that "
                    "is meant."
                )
            tried = socket.socket(family, kind, protocol)
            try:
                tried.settimeout(self._within_s)
                self.watch(tried)
                tried.connect(where)
            except OSError as error:
                tried.close()
                last = error
            else:
                return tried
        raise NotNowError(f"{host}:{port} does not take the connection: {self.reason(last)}.")

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection at the deadline, in the place of the last one."""
        with self._lock:
            self._socket = connection
            if self.is_over:
                raise TimeoutError

    def secure(self, connection: socket.socket, host: str, ca_file: Path | None = None) -> ssl.SSLSocket:
        """
        Return a connection that is encrypted and whose other side has proved its name.

        Raises:
            NotNowError: It did not.
        """
        try:
            secured = ssl.create_default_context(cafile=ca_file).wrap_socket(connection, server_hostname=host)
            self.watch(secured)
        except (OSError, ValueError) as error:
            raise NotNowError(f"{host} does not prove who it is: {self.reason(error)}.") from None
        return secured

    def reason(self, error: BaseException | None) -> str:
        """Return why a connection failed, in words."""
        if self.is_over or isinstance(error, TimeoutError):
            return f"no answer within {self._within_s:g} s"
        return said(error)

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            if self._socket is not None:
                with suppress(OSError):  # the other side was quicker
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def said(error: BaseException | None) -> str:
    """Return what an error says, without a full stop."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    first = text[:1] if text[1:2].isupper() else text[:1].lower()  # an acronym stays
    return f"{first}{text[1:]}".removesuffix(".")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers: its status and the beginning of its body."""

    status: int
    text: str


def ask(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    within_s: float,
    allow: Iterable[str],
    ca_file: Path | None = None,
) -> Answer:
    """
    Return what a server answers with success; redirects are not followed.

    Raises:
        NotNowError: No connection, no answer in time, or a fault of the server.
        RefusedError: It may not be asked, or answers that it will not take this.
    """
    fault = find_fault_in_url(url, allow)
    if fault is not None:
        raise RefusedError(f"{fault}.")
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_safe = parts.scheme == "https"
    port = parts.port or (443 if is_safe else 80)
    kind = http.client.HTTPSConnection if is_safe else http.client.HTTPConnection
    with Line(within_s) as line:
        connected: Any = line.connect(host, port, allow)
        if is_safe:
            connected = line.secure(connected, host, ca_file)
        connection = kind(host, port, timeout=within_s)
        connection.sock = connected
        is_sent = False
        try:
            connection.request(method, _target(parts), body, dict(headers))
            is_sent = True
            with connection.getresponse() as response:
                status, text = response.status, response.read(_MOST_READ).decode("utf-8", "replace")
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NotNowError(f"{host} gives no answer: {line.reason(error)}.", is_doubtful=is_sent) from None
        finally:
            connection.close()
    return _success(host, status, text)


def _target(parts: SplitResult) -> str:
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def _success(host: str, status: int, text: str) -> Answer:
    if 200 <= status < 300:
        return Answer(status, text)
    why = " ".join(text.split())[:200]
    told = f"{host} answers {status}{': ' + why if why else ''}"
    if status in _RETRY or status >= 500:
        raise NotNowError(f"{told}.")
    if 300 <= status < 400:
        raise RefusedError(f"{told}; redirects are not followed: give the address that it leads to.")
    raise RefusedError(f"{told}.")
