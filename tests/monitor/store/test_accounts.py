"""Accounts, keys, sessions and the audit are read back as they were kept, on both backends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from gatewatch.monitor.store import Account, Accounts, ApiKey, Audit, Deed, Leader, Session, Store
from gatewatch.monitor.store.account_tables import audit

NOW = datetime(2026, 1, 15, 3, 0, 0, 123_456, tzinfo=UTC)
MINH = Account("minh", "operator", ("huu_nghi",), "$argon2id$…", is_disabled=False, created_at=NOW, changed_at=NOW)
KEY = ApiKey("3f9a01bc", b"\x00" * 32, "camera", "device", None, ("a/b", "c"), NOW)


def test_accounts_and_keys_are_read_back_as_they_are(leader: Leader, store: Store) -> None:
    """Kept again they are changed and not doubled; of a key only the end changes."""
    later = NOW + timedelta(hours=1)
    with leader.writing() as connection:
        Accounts.save_account(connection, MINH)
        Accounts.save_account(connection, replace(MINH, name="an", gates=None))
        Accounts.save_key(connection, KEY)
    with leader.writing() as connection:
        Accounts.save_account(connection, replace(MINH, is_disabled=True, changed_at=later))
        Accounts.save_key(connection, replace(KEY, ends_at=later, title="other"))
    kept = Accounts(store)

    assert kept.accounts() == [
        replace(MINH, name="an", gates=None),
        replace(MINH, is_disabled=True, changed_at=later),
    ]
    assert kept.api_keys() == [replace(KEY, ends_at=later)]


def test_sessions_end_one_by_one_or_all_of_an_account(leader: Leader, store: Store) -> None:
    """A new one clears away those that have run out; there is none without an account."""
    hour = timedelta(hours=1)
    first, second, third = (Session(bytes([n]) * 32, "minh", "token", NOW, NOW + n * hour) for n in (1, 2, 3))
    with leader.writing() as connection:
        Accounts.save_account(connection, MINH)
        for session in (first, second, third):
            Accounts.save_session(connection, session)
        Accounts.end_session(connection, second.sha256)
    two = Accounts(store).sessions()
    with leader.writing() as connection:
        Accounts.save_session(connection, replace(second, begun_at=NOW + 2 * hour, ends_at=NOW + 4 * hour))
    later = Accounts(store).sessions()
    with leader.writing() as connection:
        Accounts.end_sessions_of(connection, "minh")

    assert {session.sha256 for session in two} == {first.sha256, third.sha256}
    assert {session.sha256 for session in later} == {second.sha256, third.sha256}
    assert Accounts(store).sessions() == []
    with pytest.raises(IntegrityError), leader.writing() as connection:
        Accounts.save_session(connection, replace(first, account="nobody"))


def test_the_audit_is_a_chain(leader: Leader, store: Store) -> None:
    """Every row hangs on the one before; a changed one is found by its number."""
    deeds = [Deed("account:minh", "lane.state", f"gate {n}", {"n": n, "why": "đóng"}, "10.0.0.1") for n in range(5)]
    with leader.writing() as connection:
        for deed in deeds:
            Audit.append(connection, deed, NOW)
    found = Audit(store)
    whole = found.verify()
    with leader.writing() as connection:
        connection.execute(update(audit).where(audit.c.number == 3).values(subject="gate 9"))

    assert [(row.number, row.deed, row.at) for row in found.rows(3)] == [(4, deeds[3], NOW), (5, deeds[4], NOW)]
    assert (whole.n, whole.broken_at) == (5, None)
    assert (found.verify().n, found.verify().broken_at) == (2, 3)
    assert found.verify().head == found.rows()[1].sha256
