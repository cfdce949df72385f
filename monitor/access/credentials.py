"""Passwords, keys and cookies: made from the system's randomness, kept only as hashes."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_PASSWORD: Final = 12  # characters
MOST_PASSWORD: Final = 200  # a longer one would only keep us busy
_FEWEST_LETTERS: Final = 5  # different ones
_KEY = re.compile(r"gw_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")


class Passwords:
    """
    Makes and proves passwords by argon2id.

    Args:
        hasher: How hard; by default as the library advises.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return self._hasher.hash(password)

    def is_right(self, kept: str | None, password: str) -> bool:
        """Return whether a password is the one kept; for None it takes as long and is never so."""
        try:
            self._hasher.verify(kept or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Return whether a password was kept with easier parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)


def password_fault(password: str, name: str) -> str | None:
    """
    Return what is wrong with a new password, or None.

    >>> password_fault("secret", "minh")
    'the password has 6 characters; use 12 to 200, such as four words'
    """
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        found = f"the password has {len(password)} characters"
        return f"{found}; use {LEAST_PASSWORD} to {MOST_PASSWORD}, such as four words"
    if len(set(password)) < _FEWEST_LETTERS or name.lower() in password.lower():
        return "the password is easily guessed; use four words that have nothing to do with your name"
    return None


def new_password() -> str:
    """Return a password that nobody can guess, in groups that can be typed."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


class NewKey(NamedTuple):
    """A key, told once, and its beginning."""

    text: str
    id: str


def new_key() -> NewKey:
    """Return a key of 32 random bytes behind a prefix."""
    prefix = secrets.token_hex(4)
    return NewKey(f"gw_{prefix}_{secrets.token_urlsafe(32)}", prefix)


def is_key(text: str) -> bool:
    """Return whether a text has the form of a key."""
    return _KEY.fullmatch(text) is not None


def sha256(text: str) -> bytes:
    """Return what is kept of a key or a cookie; 32 random bytes need no slow hash [32 bytes]."""
    return hashlib.sha256(text.encode()).digest()
