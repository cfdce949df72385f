"""`gatewatch record` and `gatewatch replay`: what was observed, into a file and out of it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gatewatch.config.errors import one_fault
from gatewatch.config.terminal import progress, telling_faults
from gatewatch.monitor.cli_feed_options import KeyFile, Quiet, Url, complain, counts_text, ending, n_refused
from gatewatch.monitor.feeds.client import DEFAULT_URL, IngestClient, read_key
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.delivery import Delivery
from gatewatch.monitor.feeds.posting import TAKEN
from gatewatch.monitor.feeds.recording import (
    batches,
    first_received,
    from_journal,
    from_stream,
    read_recording,
    write_recording,
)
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import Journal, open_store

_MOST_TOLD = 20


def record(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Recording to write: JSON lines.")],
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Store to read; without it, the one of the settings.")
    ] = None,
    after_seq: Annotated[int, typer.Option(min=0, help="Leave out the journal up to this place.")] = 0,
    *,
    from_stdin: Annotated[
        bool, typer.Option("--stdin", help="Record CloudEvents from standard input instead, one a line, till it ends.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write observations with the times at which they were received: the whole journal, or what comes in."""
    with telling_faults(), ending("What was written up to here is whole."), ExitStack() as stack:
        if from_stdin and (database is not None or after_seq):
            raise one_fault("--stdin", "", "given with a store", "leave out --database and --after-seq, or --stdin")
        if from_stdin:
            found = from_stream(sys.stdin, lambda: datetime.now(UTC), complain)
        else:
            store = open_store(database or load_settings().database_url)
            stack.callback(store.close)
            found = from_journal(Journal(store), after_seq)
        show = stack.enter_context(progress("recording", is_quiet=quiet))
        n = write_recording(file, found, lambda done: show(done, done))
    if as_json:
        typer.echo(json.dumps({"file": str(file), "events": n}))
    elif not quiet:
        typer.echo(f"{n:,} events in {file}." if n else "There was nothing to record; no file was written.")


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Recording.")],
    speed: Annotated[
        float | None,
        typer.Option(min=0.01, max=1_000_000, help="1 as it was received; without it, as fast as it is taken."),
    ] = None,
    url: Url = DEFAULT_URL,
    key_file: KeyFile = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of it as JSON.")] = False,
    quiet: Quiet = False,
) -> None:
    """
    Send a recording through the public API; times stay as they are, so the figures become what they were.

    Sent again it changes nothing. Ends with status 1 when anything was refused.
    """
    counted: Counter[str] = Counter()
    with telling_faults(), ending("Sent again from the start, it goes on.") as stop, ExitStack() as stack:
        total = sum(1 for _ in read_recording(file))  # refuses a faulty file before anything is sent
        start = first_received(file)
        if start is None:
            raise one_fault("FILE", "", f'"{file}"', "it holds no event")
        sink = stack.enter_context(IngestClient(url, read_key(key_file), lambda: datetime.now(UTC)))
        clock = None if speed is None else replace(RunningClock.of_the_wall(speed), start=start)
        delivery = Delivery(sink, stop.wait, complain)
        show = stack.enter_context(progress("replaying", total, is_quiet=quiet or as_json))
        for events in batches(read_recording(file), clock, stop.wait):
            for event, receipt in zip(events, delivery.deliver(events), strict=True):
                if receipt.status not in TAKEN and n_refused(counted) < _MOST_TOLD:
                    complain(f"{event['source']} {event['id']}: {receipt.status}. {' '.join(receipt.reasons)}")
                counted[receipt.status] += 1
            show(counted.total(), total)
    if as_json:
        typer.echo(json.dumps({"file": str(file), "events": counted.total(), **counted}))
    elif not quiet:
        typer.echo(f"{counts_text(counted)}.")
    if n_refused(counted):
        raise typer.Exit(1)
