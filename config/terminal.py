"""What every command does alike at a terminal: telling faults, showing progress, ending when it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gatewatch.config.errors import ConfigError

STOPPED = 130  # the exit status of a command that Ctrl-C ended


@contextmanager
def telling_faults() -> Iterator[None]:
    """Print faults of the input, and files and folders that cannot be used, on the error stream; end with status 1."""
    try:
        yield
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        if error.filename is None:  # nobody's file: the other end of a pipe, or ours to mend
            raise
        typer.echo(f"{error.filename} cannot be used: {error.strerror}.", err=True)
        raise typer.Exit(1) from None


@contextmanager
def progress(what: str, total: int | None = None, *, is_quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """
    Show a progress bar with the time left on the error stream, where that is a terminal.

    Args:
        what: What is under way.
        total: Steps, as far as they are known.
        is_quiet: Show nothing.

    Yields:
        A function to be told the steps that are done and the steps there are.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=is_quiet or not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, of: bar.update(task, completed=done, total=of)
