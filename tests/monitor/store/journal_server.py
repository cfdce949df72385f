"""
A core without the web: takes events over a Unix socket and answers when they are durable. To be killed by tests.

    python journal_server.py STORE SOCKET

A request is one line, a JSON array of CloudEvents; the answer is one line, an array of statuses, or the class of error
that refused them. It says "ready" on standard output once it answers.
"""

import json
import socketserver
import sys
import threading
from datetime import UTC, datetime

from gatewatch.monitor.observations import Observation, parse_event
from gatewatch.monitor.store import Journal, Leader, StoreError, Submitted, open_store
from gatewatch.monitor.writer import Writer

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)


class Handler(socketserver.StreamRequestHandler):
    """One connection of a reporter."""

    server: "Server"

    def handle(self) -> None:
        """Answer requests until the other side is gone."""
        for line in self.rfile:
            parsed = [parse_event(raw) for raw in json.loads(line)]
            items = [Submitted.of(item, NOW) for item in parsed if isinstance(item, Observation)]
            try:
                answer: object = [receipt.status for receipt in self.server.writer.submit(items).result()]
            except StoreError as error:
                answer = type(error).__name__
            self.wfile.write(json.dumps(answer).encode() + b"\n")


class Server(socketserver.ThreadingUnixStreamServer):
    """Keeps a thread for each connection."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: str, writer: Writer) -> None:
        self.writer = writer
        super().__init__(path, Handler)


def main(address: str, path: str) -> None:
    """Lead the store and serve until the end of standard input, or until killed."""
    store = open_store(address)
    leader = Leader(store, "journal_server", NOW, patience_s=20)
    writer = Writer(leader, Journal(store))
    writer.start()
    with Server(path, writer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
        sys.stdin.read()
        server.shutdown()
    writer.stop()
    store.close()
    leader.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
