"""What a store cannot do, said so that the operator can mend it."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError

_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)  # mistakes of the program, not of the place


class StoreError(Exception):
    """The store cannot be used as asked; the message says why and what to do."""


class StoreUnavailableError(StoreError):
    """The store takes nothing now: disk full, read-only, or not reachable. It may again later."""


class BusyError(StoreError):
    """More waits to be written than is allowed; nothing of the submission was kept."""


class LeaderPresentError(StoreError):
    """Another core leads this store."""


class LeaderLostError(StoreError):
    """Another core has taken this store over; this one must not write to it any more."""


def is_of_the_place(error: DBAPIError) -> bool:
    """Return whether the disk, the server or the connection failed, rather than the program."""
    code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_OK)
    # SQLite's driver calls a faulty statement operational too.
    return not isinstance(error, _OURS) and code != sqlite3.SQLITE_ERROR


def is_missing_table(error: DBAPIError) -> bool:
    """Return whether a table was read that is not there."""
    undefined_table = "42P01"
    return getattr(error.orig, "sqlstate", None) == undefined_table or str(error.orig).startswith("no such table")


def unavailable(error: BaseException) -> StoreUnavailableError:
    """Return the refusal for a failure of the disk, the server or the connection."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()
    said = cause[0] if cause else type(error).__name__
    return StoreUnavailableError(f"the store takes nothing now: {said}. Nothing of this was kept; send it again later.")
