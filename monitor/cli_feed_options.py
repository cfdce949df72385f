"""What the feeds' commands have in common: options, the ingest, and how they end."""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gatewatch.config.errors import one_fault
from gatewatch.config.feeds import Feed, load_feeds
from gatewatch.config.loader import LoadedBorder, load_border
from gatewatch.config.terminal import STOPPED
from gatewatch.monitor.feeds.delivery import RefusedError, StoppedError
from gatewatch.monitor.feeds.posting import TAKEN
from gatewatch.monitor.feeds.spool import Spool, SpoolError
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import StoreError

_TERMINATED = 128 + signal.SIGTERM

Url = Annotated[str, typer.Option("--url", metavar="URL", help="Address of the service.")]
KeyFile = Annotated[Path | None, typer.Option("--key-file", metavar="FILE", help="File that holds the API key.")]
BorderFolder = Annotated[Path | None, typer.Option("--border", metavar="DIR", help="Folder or file of another border.")]
SpoolFolder = Annotated[
    Path | None, typer.Option("--spool", metavar="DIR", help="Folder for what is not yet acknowledged.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what goes wrong.")]


@contextmanager
def ending(stopped: str = "What was not acknowledged waits for the next start.") -> Iterator[threading.Event]:
    """
    End a command that feeds: status 130 after Ctrl-C, 143 when a supervisor says so, 1 when it cannot go on.

    Args:
        stopped: What became of the command, said after Ctrl-C.

    Yields:
        What threads wait on; set when the command ends.
    """
    stop = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    try:
        yield stop
    except (KeyboardInterrupt, StoppedError):
        stop.set()
        typer.echo(f"Stopped. {stopped}", err=True)
        raise typer.Exit(STOPPED) from None
    except (RefusedError, SpoolError, StoreError) as error:
        stop.set()
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    finally:
        stop.set()
        signal.signal(signal.SIGTERM, before)


def complain(text: str) -> None:
    """Tell on the error stream what goes wrong."""
    typer.echo(text, err=True)


def open_spool(folder: Path | None, name: str) -> Spool:
    """Return the spool in a folder, or in one of that name under the service's own, and tell what is damaged."""
    spool = Spool(folder or load_settings().home / "spool" / name)
    if spool.n_damaged:
        complain(f"{spool.n_damaged} damaged lines of the spool were set aside as {spool.folder}/damaged-….txt.")
    return spool


def border_with_feeds(root: Path | None) -> tuple[LoadedBorder, dict[str, Feed]]:
    """
    Return a border and its feeds.

    Raises:
        ConfigError: They cannot be read, or there are no feeds.
    """
    loaded = load_border(root)
    feeds = load_feeds(loaded.border, root)
    if not feeds:
        raise one_fault("--border", "", f'"{root}"', "it declares no feeds; put TOML files into its folder feeds")
    return loaded, feeds


def counts_text(counted: Counter[str]) -> str:
    """
    Return in words what became of events.

    >>> counts_text(Counter(accepted=1200, conflict=1))
    '1,201 events: 1,200 accepted, 1 conflict'
    """
    named = [f"{counted[status]:,} {status}" for status in ("accepted", "duplicate", "conflict", "rejected")]
    parts = [text for text in named if not text.startswith("0 ")]
    return f"{counted.total():,} events" + (f": {', '.join(parts)}" if parts else "")


def n_refused(counted: Counter[str]) -> int:
    """Return how many events were not taken."""
    return sum(n for status, n in counted.items() if status not in TAKEN)
