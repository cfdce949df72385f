"""Accounts, API keys and sessions: never a password, a key or a cookie is kept, only what proves one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.account_tables import account, api_key, session
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.nullable import at_or_none, us_or_none

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """
    A person who may sign in.

    Args:
        name: What he signs in with.
        role: What he may do.
        gates: Where; None: everywhere.
        password: Its argon2id hash.
        is_disabled: May not sign in.
        created_at: Aware UTC.
        changed_at: Aware UTC.
    """

    name: str
    role: str
    gates: Names | None
    password: str
    is_disabled: bool
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """
    A key for a device or a program.

    Args:
        id: Its beginning, which may be told.
        sha256: Hash of the whole key.
        title: What it is for.
        role: What it may do.
        gates: Where; None: everywhere.
        sources: For which sources it may report; None: every one.
        created_at: Aware UTC.
        ends_at: From then on it opens nothing; None: no end.
        networks: From where it opens, as CIDR; None: from everywhere.
    """

    id: str
    sha256: bytes
    title: str
    role: str
    gates: Names | None
    sources: Names | None
    created_at: datetime
    ends_at: datetime | None = None
    networks: Names | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """
    A person who is signed in.

    Args:
        sha256: Hash of the cookie's value.
        account: Who.
        csrf: What a page sends back with every change.
        begun_at: Aware UTC.
        ends_at: Aware UTC.
    """

    sha256: bytes
    account: str
    csrf: str
    begun_at: datetime
    ends_at: datetime


class Accounts:
    """Reads and writes who may come in."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accounts(self) -> list[Account]:
        """Return every account, by name."""
        with self._store.reading() as connection:
            return [
                Account(
                    row.name, row.role, _names(row.gates), row.password, bool(row.is_disabled),
                    from_us(row.created_us), from_us(row.changed_us),
                )
                for row in connection.execute(select(account).order_by(account.c.name))
            ]  # fmt: skip

    def api_keys(self) -> list[ApiKey]:
        """Return every key, oldest first."""
        query = select(api_key).order_by(api_key.c.created_us, api_key.c.id)
        with self._store.reading() as connection:
            return [
                ApiKey(
                    row.id, bytes(row.sha256), row.title, row.role, _names(row.gates), _names(row.sources),
                    from_us(row.created_us), at_or_none(row.ends_us), _names(row.networks),
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def sessions(self) -> list[Session]:
        """Return every session that was not ended."""
        with self._store.reading() as connection:
            return [
                Session(bytes(row.sha256), row.account, row.csrf, from_us(row.begun_us), from_us(row.ends_us))
                for row in connection.execute(select(session))
            ]

    @staticmethod
    def save_account(connection: Connection, kept: Account) -> None:
        """Keep an account, new or changed."""
        values = {
            "role": kept.role,
            "gates": _json(kept.gates),
            "password": kept.password,
            "is_disabled": kept.is_disabled,
            "created_us": to_us(kept.created_at),
            "changed_us": to_us(kept.changed_at),
        }
        changed = connection.execute(update(account).where(account.c.name == kept.name).values(**values))
        if not changed.rowcount:
            connection.execute(insert(account).values(name=kept.name, **values))

    @staticmethod
    def save_key(connection: Connection, kept: ApiKey) -> None:
        """Keep a key, new or with another end."""
        ends = us_or_none(kept.ends_at)
        changed = connection.execute(update(api_key).where(api_key.c.id == kept.id).values(ends_us=ends))
        if not changed.rowcount:
            values: dict[str, Any] = {
                "sha256": kept.sha256,
                "title": kept.title,
                "role": kept.role,
                "gates": _json(kept.gates),
                "sources": _json(kept.sources),
                "created_us": to_us(kept.created_at),
                "ends_us": ends,
                "networks": _json(kept.networks),
            }
            connection.execute(insert(api_key).values(id=kept.id, **values))

    @staticmethod
    def save_session(connection: Connection, kept: Session) -> None:
        """Keep a new session, and forget those that have run out."""
        connection.execute(delete(session).where(session.c.ends_us <= to_us(kept.begun_at)))
        connection.execute(
            insert(session).values(
                sha256=kept.sha256,
                account=kept.account,
                csrf=kept.csrf,
                begun_us=to_us(kept.begun_at),
                ends_us=to_us(kept.ends_at),
            )
        )

    @staticmethod
    def end_session(connection: Connection, sha256: bytes) -> None:
        """Forget a session."""
        connection.execute(delete(session).where(session.c.sha256 == sha256))

    @staticmethod
    def end_sessions_of(connection: Connection, name: str) -> None:
        """Forget every session of an account."""
        connection.execute(delete(session).where(session.c.account == name))


def _json(names: Names | None) -> str | None:
    return None if names is None else json.dumps(sorted(names))


def _names(text: str | None) -> Names | None:
    return None if text is None else tuple(json.loads(text))
