"""The way of a store from one version of the program to the next; run at start by the leader."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gatewatch.monitor.store.errors import StoreError, is_of_the_place


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def list_revisions() -> list[str]:
    """Return the ids of all revisions, oldest first."""
    script = ScriptDirectory.from_config(_config())
    return [revision.revision for revision in script.walk_revisions()][::-1]


def current_revision(connection: Connection) -> str | None:
    """Return the revision a store is at, or None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """
    Bring a store up to a revision, in the transaction under way.

    Raises:
        StoreError: The store was written by a newer program, or something in it is in the way.
    """
    current = current_revision(connection)
    if current is not None and current not in list_revisions():
        raise StoreError(
            f"the store was written by a newer Gatewatch (revision {current}, known up to {list_revisions()[-1]}). "
            "Install that version, or restore a backup made by this one."
        )
    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except (CommandError, DBAPIError) as error:
        if isinstance(error, DBAPIError) and is_of_the_place(error):
            raise
        raise StoreError(f"the store cannot be brought to revision {revision}: {_said(error)}.") from error


def _said(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
