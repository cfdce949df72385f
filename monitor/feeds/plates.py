"""Plates into tokens: the same vehicle is known again within a month, and nobody can tell its plate."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

_ALIKE = str.maketrans("IODQSZ", "100052")  # what cameras confuse (FHWA's border wait study)
_SHORTEST, _FEWEST_DIGITS = 4, 2  # less than that is a word of the camera's, such as "unknown"


@dataclass(frozen=True)
class PlateKey:
    """
    Turns plates into tokens; keeps and tells neither plate nor key.

    Each month has a key of its own, so that tokens of two months cannot be joined.

    Args:
        secret: From the settings.
        zone: Decides where a month begins.
    """

    secret: bytes = field(repr=False)
    zone: ZoneInfo

    def token(self, plate: str, at: datetime) -> str | None:
        """Return the token of a plate in the month of `at` [32 hex digits]; None when it is no readable plate."""
        folded = fold(plate)
        if len(folded) < _SHORTEST or sum(character.isdigit() for character in plate) < _FEWEST_DIGITS:
            return None
        month = hmac.digest(self.secret, f"plates {at.astimezone(self.zone):%Y-%m}".encode(), hashlib.sha256)
        return hmac.new(month, folded.encode(), hashlib.sha256).hexdigest()[:32]


def fold(plate: str) -> str:
    """
    Return a plate as every camera would read it: without marks, and with one sign for those that look alike.

    >>> fold("12C-123.45"), fold("I2c 12345"), fold("桂F-S0Z12")
    ('12C12345', '12C12345', '桂F50212')
    """
    plain = unicodedata.normalize("NFKC", plate).upper().replace("Đ", "D")
    return "".join(c for c in plain if c.isalnum()).translate(_ALIKE)
