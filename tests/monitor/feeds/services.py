"""A service on a port of its own, for commands that run as they are."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.monitor.feeds.ingests import MemoryIngest


class Service(ThreadingHTTPServer):
    """Answers `POST /v1/events` from an ingest in memory, or with a status."""

    daemon_threads = True

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.ingest = MemoryIngest()
        self.keys: set[str | None] = set()
        self.posted = threading.Event()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        """Answer a batch."""
        events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.keys.add(self.headers["Authorization"])
        if self.server.status == 200:
            items = [{"status": r.status, "reasons": r.reasons} for r in self.server.ingest.post(events)]
            answer = {"rev": 1, "items": items}
        else:
            answer = {"detail": "as the test says"}
        body = json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.posted.set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(status: int = 200) -> Iterator[Service]:
    """Run a service."""
    with Service(status) as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()
