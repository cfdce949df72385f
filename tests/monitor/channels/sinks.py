"""What takes messages in tests: a mail server, an HTTP server, and a place in front of them where lines go wrong."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP, AuthResult

SOON_S = 60


class MailSink:
    """
    A mail server; what it took is in `mails`, and it answers with `answers` first.

    Args:
        tls: Everything is encrypted, from the first byte.
        starttls: Encrypted once it is asked for, and nothing is taken before.
        password: Who sends must give it.
    """

    def __init__(
        self, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, password: str | None = None
    ) -> None:
        self._tls, self._starttls, self._password = tls, starttls, password
        self.versions: list[str] = []  # of TLS, of each mail that came so
        self.mails: list[EmailMessage] = []
        self.answers: list[str] = []
        self.on_mail: Callable[[EmailMessage], None] = lambda _: None
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        ready = asyncio.run_coroutine_threadsafe(self._start(), self._loop)
        self._thread.start()
        self.port: int = ready.result(SOON_S)

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail, or answer what was asked for."""
        if self.answers:
            return self.answers.pop(0)
        secured = server.transport.get_extra_info("ssl_object")
        if secured is not None:
            self.versions.append(secured.version())
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.on_mail(mail)
        return "250 taken"

    def keys(self) -> list[str]:
        """Return the key of each mail, in order."""
        return [str(mail["X-Gatewatch-Key"]) for mail in self.mails]

    def close(self) -> None:
        """End the server."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(SOON_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SOON_S)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _start(self) -> int:
        self._server = await self._loop.create_server(self._speaker, "127.0.0.1", 0, ssl=self._tls)
        return int(self._server.sockets[0].getsockname()[1])

    def _speaker(self) -> SMTP:
        is_asked, is_late = self._password is not None, self._tls is None  # in the open at first
        return SMTP(
            self, hostname="sink", loop=self._loop, tls_context=self._starttls,
            require_starttls=self._starttls is not None, auth_required=is_asked and is_late,
            auth_require_tls=is_asked and is_late, authenticator=self._is_let_in if is_asked else None,
        )  # fmt: skip

    def _is_let_in(self, _server: Any, _session: Any, _envelope: Any, _way: str, given: Any) -> AuthResult:
        return AuthResult(success=given.password.decode() == self._password, handled=False)

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        sink: HttpSink = self.server.sink  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, text = sink.take(self.command, self.path, dict(self.headers.items()), body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = _answer  # noqa: N815 - the library's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing of a line that was cut."""


class Request:
    """A request as it came."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.path, self.body = method, path, body
        self.headers = {name.lower(): value for name, value in headers.items()}

    @property
    def query(self) -> dict[str, str]:
        """Return what the query says."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def json(self) -> Any:
        """Return the body."""
        return json.loads(self.body)


class HttpSink:
    """An HTTP server; what it took is in `requests`, and it answers with `answers` first."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.text = b"0: Accepted for delivery"
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.sink = self  # type: ignore[attr-defined]
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def take(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:  # fmt: skip
        """Take a request, or answer what was asked for."""
        with self._lock:
            if self.answers:
                return (*self.answers.pop(0), b"not now")
            self.requests.append(Request(method, path, headers, body))
            return 200, {}, self.text

    def keys(self) -> list[str]:
        """Return the key of each request, in order."""
        return [request.headers["webhook-id"] for request in self.requests]

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(SOON_S)


class Bad:
    """
    A place in front of a sink: each connection goes wrong as the next of `faults` says, and passes when none is left.

    `hang` accepts and says nothing, `reset` cuts off hard, `half` reads what comes and closes its own side, `drip`
    answers a byte now and then.
    """

    def __init__(self, port: int) -> None:
        self.faults: list[str] = []
        self._to = port
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """End it, with everything that hangs."""
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for held in self._held:
                with suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SOON_S)
        for held in self._held:
            held.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._held.append(client)
                fault = self.faults.pop(0) if self.faults else ""
            thread = threading.Thread(target=self._serve, args=(client, fault), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket, fault: str) -> None:
        with suppress(OSError):
            if fault == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
            elif fault == "half":
                client.shutdown(socket.SHUT_WR)
                while client.recv(4_096):
                    pass
            elif fault == "drip":
                while not self._over.wait(0.05):
                    client.sendall(b"2")
            elif not fault:
                self._pass(client)

    def _pass(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._to)) as server:
            with self._lock:
                self._held.append(server)
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join(SOON_S)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
