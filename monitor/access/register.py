"""The register: accounts, keys and sessions, held in memory over the store; every change is in the audit with it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection

from gatewatch.monitor.access.callers import Caller, Role
from gatewatch.monitor.access.credentials import Passwords, is_key, new_key, new_password, password_fault, sha256
from gatewatch.monitor.access.lockout import Lockout
from gatewatch.monitor.store import Account, Accounts, ApiKey, Audit, Deed, Session
from gatewatch.monitor.writer import Writer

FIRST_ACCOUNT = "admin"
_SERVICE = "gatewatch"
_NO_PERSONS = frozenset({"device", "notifier", "wall"})


class RefusedError(Exception):
    """The change cannot be made; the message says why and what to do."""


class NotKnownError(Exception):
    """There is no such account or key."""


class LockedOutError(Exception):
    """Too many wrong passwords; `wait_s` says how long to wait [s]."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many wrong passwords; wait {wait_s:.0f} s, or ask an admin for a new password.")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just begun: the caller, the cookie's value, told once, and its end."""

    caller: Caller
    token: str
    ends_at: datetime


class Register:
    """
    Knows who may come in.

    One core writes a store, so that what is held in memory is what is kept. Changes wait for the disk: they are called
    from worker threads, look-ups from anywhere.

    Args:
        accounts: What is kept.
        writer: Keeps it.
        passwords: Makes and proves passwords.
        session_length: How long a person stays signed in.
    """

    def __init__(self, accounts: Accounts, writer: Writer, passwords: Passwords, session_length: timedelta) -> None:
        self._accounts, self._writer, self._passwords = accounts, writer, passwords
        self._session_length = session_length
        self._lockout = Lockout()
        self._lock = threading.RLock()
        self._people: dict[str, Account] = {}
        self._keys: dict[bytes, ApiKey] = {}
        self._sessions: dict[bytes, Session] = {}

    def start(self, now: datetime) -> str | None:
        """Read what is kept; return the password of the first account when there was none, to be told once."""
        with self._lock:
            self._people = {kept.name: kept for kept in self._accounts.accounts()}
            self._keys = {kept.sha256: kept for kept in self._accounts.api_keys()}
            self._sessions = {kept.sha256: kept for kept in self._accounts.sessions() if kept.ends_at > now}
        if self._people:
            return None
        return self.add_account(FIRST_ACCOUNT, "admin", None, None, _SERVICE, now)

    def key_caller(self, text: str, now: datetime) -> Caller | None:
        """Return who comes with a key, or None."""
        key = self._keys.get(sha256(text)) if is_key(text) else None
        if key is None or (key.ends_at is not None and key.ends_at <= now):
            return None
        return Caller(f"key:{key.id}", cast(Role, key.role), _set(key.gates), _set(key.sources))

    def networks_of(self, text: str) -> tuple[str, ...] | None:
        """Return the networks from which a key opens; None where it opens from everywhere."""
        key = self._keys.get(sha256(text))
        return None if key is None else key.networks

    def session_caller(self, token: str, now: datetime) -> Caller | None:
        """Return who comes with a cookie, or None."""
        session = self._sessions.get(sha256(token)) if token.isascii() else None
        if session is None or session.ends_at <= now:
            return None
        person = self._people.get(session.account)
        if person is None or person.is_disabled:
            return None
        return _person(person, session)

    def sign_in(self, name: str, password: str, address: str, now: datetime) -> SignedIn | None:
        """
        Begin a session, or return None for a wrong name or password, which are not told apart.

        Raises:
            LockedOutError: Too many were wrong before; this one was not looked at.
        """
        names = (f"account:{name}", f"address:{address}")
        if wait_s := self._lockout.waits_s(names, now):
            raise LockedOutError(wait_s)
        person = self._people.get(name)
        is_right = self._passwords.is_right(person.password if person else None, password)
        if person is None or not is_right or person.is_disabled:
            self._lockout.failed(names, now)
            self._keep([], Deed(f"account:{name[:100]}", "session.refused", name[:100], {}, address), now)
            return None
        self._lockout.succeeded(names[0])
        token = secrets.token_urlsafe(32)
        ends_at = now + self._session_length
        session = Session(sha256(token), name, secrets.token_urlsafe(32), now, ends_at)
        steps = [lambda c: Accounts.save_session(c, session)]
        if self._passwords.is_outdated(person.password):
            person = replace(person, password=self._passwords.hash(password))
            renewed = person
            steps.append(lambda c: Accounts.save_account(c, renewed))
        self._keep(steps, Deed(f"account:{name}", "session.begun", name, {}, address), now)
        with self._lock:
            self._people[name] = person
            self._sessions[session.sha256] = session
        return SignedIn(_person(person, session), token, ends_at)

    def sign_out(self, caller: Caller, address: str, now: datetime) -> None:
        """End the caller's session; one who came with a key has none."""
        ended = caller.session
        if ended is None:
            return
        deed = Deed(caller.id, "session.ended", caller.name, {}, address)
        self._keep([lambda c: Accounts.end_session(c, ended)], deed, now)
        with self._lock:
            self._sessions.pop(ended, None)

    def accounts(self) -> list[Account]:
        """Return every account, by name."""
        return sorted(self._people.values(), key=lambda person: person.name)

    def add_account(
        self, name: str, role: Role, gates: Sequence[str] | None, password: str | None, by: str, now: datetime,
        address: str = "",
    ) -> str | None:  # fmt: skip
        """
        Add an account; return the password made for it when none was given.

        Raises:
            RefusedError: The name is taken, or the password too weak.
        """
        if role in _NO_PERSONS:
            raise RefusedError(f'a person is no "{role}"; make an API key for it.')
        made = new_password() if password is None else None
        chosen = made or self._good(password or "", name)
        with self._lock:
            if name in self._people:
                raise RefusedError(f'there is an account "{name}" already; choose another name, or change that one.')
            kept = self._passwords.hash(chosen)
            person = Account(name, role, _names(gates), kept, is_disabled=False, created_at=now, changed_at=now)
            detail = {"role": role, "gates": _names(gates)}
            deed = Deed(by, "account.made", name, detail, address)
            self._keep([lambda c: Accounts.save_account(c, person)], deed, now)
            self._people[name] = person
        return made

    def change_account(self, name: str, changes: dict[str, Any], by: str, now: datetime, address: str = "") -> Account:
        """
        Change role, gates, `is_disabled` or password of an account; its sessions end.

        Raises:
            NotKnownError: There is no such account.
            RefusedError: Nobody would be left who can manage accounts, or the password is too weak.
        """
        with self._lock:
            person = self._people.get(name)
            if person is None:
                raise NotKnownError(f'there is no account "{name}".')
            values = dict(changes)
            if "password" in values:
                values["password"] = self._passwords.hash(self._good(values["password"], name))
            if "gates" in values:
                values["gates"] = _names(values["gates"])
            changed = replace(person, **values, changed_at=now)
            if changed.role in _NO_PERSONS:
                raise RefusedError(f'a person is no "{changed.role}"; make an API key for it.')
            others = [p for p in self._people.values() if p.name != name]
            if not any(_manages(p) for p in [*others, changed]):
                raise RefusedError(f'"{name}" is the last admin for every gate; make another one first.')
            detail = {key: "changed" if key == "password" else changes[key] for key in sorted(changes)}
            steps: list[Callable[[Connection], None]] = [
                lambda c: Accounts.save_account(c, changed),
                lambda c: Accounts.end_sessions_of(c, name),
            ]
            self._keep(steps, Deed(by, "account.changed", name, detail, address), now)
            self._people[name] = changed
            self._sessions = {key: s for key, s in self._sessions.items() if s.account != name}
        return changed

    def change_own_password(self, caller: Caller, old: str, new: str, address: str, now: datetime) -> None:
        """
        Change the caller's password; his sessions end.

        Raises:
            LockedOutError: Too many were wrong before.
            RefusedError: The old one is wrong, the new one too weak, or the caller is a key.
        """
        person = self._people.get(caller.name) if caller.session is not None else None
        if person is None:
            raise RefusedError("a key has no password; sign in as a person.")
        names = (f"account:{person.name}",)
        if wait_s := self._lockout.waits_s(names, now):
            raise LockedOutError(wait_s)
        if not self._passwords.is_right(person.password, old):
            self._lockout.failed(names, now)
            raise RefusedError("the old password is wrong; ask an admin for a new one if it is lost.")
        self.change_account(person.name, {"password": new}, caller.id, now, address)

    def api_keys(self) -> list[ApiKey]:
        """Return every key, oldest first."""
        return sorted(self._keys.values(), key=lambda key: (key.created_at, key.id))

    def make_key(
        self, title: str, role: Role, gates: Sequence[str] | None, sources: Sequence[str] | None,
        ends_at: datetime | None, by: str, now: datetime, address: str = "", networks: Sequence[str] | None = None,
    ) -> tuple[str, ApiKey]:  # fmt: skip
        """Make a key and return its text, told once, and what is kept of it."""
        made = new_key()
        bound = _names(networks)
        kept = ApiKey(made.id, sha256(made.text), title, role, _names(gates), _names(sources), now, ends_at, bound)
        self._keep_key(kept, Deed(by, "key.made", made.id, _told(kept), address), now)
        return made.text, kept

    def lend_key(self, title: str, sources: Sequence[str], now: datetime, role: Role = "device") -> str:
        """Return a key that is only held in memory, for what this service starts itself; by default a device's."""
        made = new_key()
        kept = ApiKey(made.id, sha256(made.text), title, role, None, _names(sources), now)
        self._keep([], Deed(_SERVICE, "key.lent", made.id, _told(kept)), now)
        with self._lock:
            self._keys[kept.sha256] = kept
        return made.text

    def rotate_key(
        self, key_id: str, overlap: timedelta, by: str, now: datetime, address: str = ""
    ) -> tuple[str, ApiKey]:
        """
        Make a key of the same rights; the old one opens for `overlap` more, so that devices can be changed over.

        Raises:
            NotKnownError: There is no such key.
            RefusedError: It has ended.
        """
        old = self._key(key_id)
        if old.ends_at is not None and old.ends_at <= now:
            raise RefusedError(f"key {key_id} has ended; make a new one.")
        ends_at = now + overlap if old.ends_at is None else min(old.ends_at, now + overlap)
        made = new_key()
        kept = replace(old, id=made.id, sha256=sha256(made.text), created_at=now, ends_at=None)
        detail = {"by": made.id, "ends_at": ends_at.isoformat()}
        self._keep_key(kept, Deed(by, "key.made", made.id, {**_told(kept), "instead_of": key_id}, address), now)
        self._keep_key(replace(old, ends_at=ends_at), Deed(by, "key.replaced", key_id, detail, address), now)
        return made.text, kept

    def revoke_key(self, key_id: str, by: str, now: datetime, address: str = "") -> ApiKey:
        """
        End a key now.

        Raises:
            NotKnownError: There is no such key.
        """
        ended = replace(self._key(key_id), ends_at=now)
        self._keep_key(ended, Deed(by, "key.revoked", key_id, {}, address), now)
        return ended

    def note(self, deed: Deed, now: datetime) -> Future[None]:
        """Have a deed written into the audit."""
        return self._writer.write(lambda c: Audit.append(c, deed, now))

    def _key(self, key_id: str) -> ApiKey:
        found = next((key for key in self.api_keys() if key.id == key_id), None)
        if found is None:
            raise NotKnownError(f'there is no key "{key_id}".')
        return found

    def _keep_key(self, kept: ApiKey, deed: Deed, now: datetime) -> None:
        self._keep([lambda c: Accounts.save_key(c, kept)], deed, now)
        with self._lock:
            self._keys[kept.sha256] = kept

    def _keep(self, steps: Sequence[Callable[[Connection], None]], deed: Deed, now: datetime) -> None:
        """Write changes and their deed in one transaction, and wait until they are durable."""

        def work(connection: Connection) -> None:
            for step in steps:
                step(connection)
            Audit.append(connection, deed, now)

        self._writer.write(work).result()

    @staticmethod
    def _good(password: str, name: str) -> str:
        fault = password_fault(password, name)
        if fault is not None:
            raise RefusedError(f"{fault}.")
        return password


def _person(person: Account, session: Session) -> Caller:
    return Caller(
        f"account:{person.name}", cast(Role, person.role), _set(person.gates), None, session.csrf, session.sha256
    )


def _manages(person: Account) -> bool:
    return person.role == "admin" and person.gates is None and not person.is_disabled


def _told(key: ApiKey) -> dict[str, Any]:
    ends = key.ends_at.isoformat() if key.ends_at is not None else None
    return {
        "title": key.title,
        "role": key.role,
        "gates": key.gates,
        "sources": key.sources,
        "ends_at": ends,
        "networks": key.networks,
    }


def _names(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(set(names)))


def _set(names: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
