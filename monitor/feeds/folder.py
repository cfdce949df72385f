"""A folder of bulletins: new files are read and posted once, and moved aside with what became of them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from gatewatch.config.schema import Border
from gatewatch.monitor.bulletins import Sheet, UnreadableError, read_bulletin
from gatewatch.monitor.feeds.delivery import MOST_EVENTS, NotNowError, RefusedError, Sink
from gatewatch.monitor.feeds.folder_reasons import Trouble, reasons_text
from gatewatch.monitor.feeds.posting import TAKEN

TAKEN_FOLDER, REFUSED_FOLDER, REASONS_SUFFIX = "taken", "refused", ".reasons.txt"
LARGEST: Final = 16 * 1024 * 1024  # bytes
_READABLE: Final = frozenset({".csv", ".txt", ".tsv", ".xlsx"})
_UNFINISHED: Final = frozenset({".part", ".partial", ".tmp", ".crdownload", ".filepart"})

Seen = Mapping[str, tuple[int, int]]  # name: bytes and time of the last change [ns]


@dataclass(frozen=True, slots=True)
class Handled:
    """
    A file that was moved aside.

    Args:
        name: Its name before.
        path: Where it is now.
        n_taken: Figures that the ingest has.
        troubles: What was refused; empty when nothing was.
    """

    name: str
    path: Path
    n_taken: int
    troubles: tuple[Trouble, ...] = ()


@dataclass(slots=True)
class Look:
    """
    What a look into the folder found.

    Args:
        seen: To be given to the next look.
        handled: Files that were moved aside.
        problems: What could not be done now and will be tried at the next look, in words.
    """

    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    handled: list[Handled] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def look(folder: Path, sink: Sink, seen: Seen, now: datetime, border: Border) -> Look:
    """
    Take in the files of a folder whose size and time have rested since the look before, and return what was found.

    A file goes to `taken/` when the ingest has all its figures, else to `refused/` with a `.reasons.txt` beside it; the
    figures that are right were taken in either way, so a mended file can be put in again as a whole. Its new name
    carries a hash of its content. It is moved after the ingest has acknowledged: when the process ends between the two
    it is posted again, and the ingest knows the figures by their ids. Nothing is ever deleted.

    Args:
        folder: With the files; other folders in it and hidden files are left alone.
        sink: What takes events.
        seen: Of the look before.
        now: Written into the reasons.
        border: For the names of gates.
    """
    found = Look()
    is_answering = True
    try:
        paths = sorted(path for path in folder.iterdir() if _is_candidate(path))
    except OSError as error:
        found.problems.append(f"{folder} cannot be read: {error.strerror or error}.")
        return found
    for path in paths:
        state = _state(path)
        if state is None:
            continue
        found.seen[path.name] = state
        if not state[0] or seen.get(path.name) != state or not is_answering:
            continue
        try:
            handled = _handle(path, state, sink, now.astimezone(ZoneInfo(border.border.timezone)), border)
        except (NotNowError, RefusedError) as error:
            found.problems.append(f"{path.name} waits: {error}")
            is_answering = False
        except OSError as error:
            found.problems.append(f"{path.name} waits: {error.strerror or error}.")
        else:
            if handled is not None:
                found.handled.append(handled)
                del found.seen[path.name]
    return found


def _is_candidate(path: Path) -> bool:
    is_aside = path.name.startswith((".", "~$")) or path.suffix.lower() in _UNFINISHED
    return not is_aside


def _state(path: Path) -> tuple[int, int] | None:
    """Return size and time of the last change; None for what is no plain file, such as a link out of the folder."""
    try:
        found = path.lstat()
    except OSError:  # gone meanwhile
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _handle(path: Path, state: tuple[int, int], sink: Sink, now: datetime, border: Border) -> Handled | None:
    """Take a file in and move it aside; None when it changed meanwhile."""
    data = b"" if state[0] > LARGEST else path.read_bytes()
    if _state(path) != state:
        return None
    digest = hashlib.sha256(data).hexdigest()[:12] if data else f"{state[0]}-bytes"
    n_taken, troubles = 0, _unreadable(path, state[0])
    if not troubles:
        try:
            sheet = read_bulletin(data, border)
        except UnreadableError as error:
            troubles = [Trouble(0, "", str(error))]
        else:
            n_taken, troubles = _post(sheet, sink)
    target = path.parent / (REFUSED_FOLDER if troubles else TAKEN_FOLDER)
    target.mkdir(exist_ok=True)
    moved = _free_name(target, path, digest)
    if troubles:
        _write_durably(moved.with_name(moved.name + REASONS_SUFFIX), reasons_text(path.name, now, n_taken, troubles))
    path.rename(moved)
    return Handled(path.name, moved, n_taken, tuple(troubles))


def _unreadable(path: Path, size: int) -> list[Trouble]:
    if path.suffix.lower() not in _READABLE:
        return [Trouble(0, "", f"a file that ends in {path.suffix or 'nothing'} is not read; save it as .xlsx or .csv")]
    if size > LARGEST:
        return [Trouble(0, "", f"the file has {size} bytes and at most {LARGEST} are read; send only the bulletin")]
    return []


def _post(sheet: Sheet, sink: Sink) -> tuple[int, list[Trouble]]:
    """Return how many figures the ingest has, and what was refused, in the order of the file."""
    troubles = [Trouble(cell.row, cell.column, cell.reason) for cell in sheet.cells if cell.event is None]
    cells = [cell for cell in sheet.cells if cell.event is not None]
    n_taken = 0
    for first in range(0, len(cells), MOST_EVENTS):
        part = cells[first : first + MOST_EVENTS]
        receipts = sink.post([dict(cell.event or {}) for cell in part])
        for cell, receipt in zip(part, receipts, strict=True):
            if receipt.status in TAKEN:
                n_taken += 1
            else:
                troubles.append(Trouble(cell.row, cell.column, " ".join(receipt.reasons), receipt.status))
    if not sheet.cells:
        troubles.append(Trouble(0, "", "there is no row below the headings"))
    return n_taken, sorted(troubles, key=lambda trouble: trouble.row)


def _free_name(target: Path, path: Path, digest: str) -> Path:
    """Return where to move a file; one with the same name and content may be there already and stays."""
    free, n = target / f"{path.stem}-{digest}{path.suffix}", 1
    while free.exists():
        n += 1
        free = target / f"{path.stem}-{digest}-{n}{path.suffix}"
    return free


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8-sig", newline="\r\n") as file:  # as Notepad opens it
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
