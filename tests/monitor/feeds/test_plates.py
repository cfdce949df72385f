"""Plates into tokens: the same vehicle within a month, and never the plate."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gatewatch.monitor.feeds.plates import PlateKey
from gatewatch.monitor.observations import Observation, parse_event
from tests.monitor.feeds.ingests import passage

KEY = PlateKey(b"a secret of the province", ZoneInfo("Asia/Ho_Chi_Minh"))
AT = datetime(2026, 1, 31, 16, 59, tzinfo=UTC)  # one minute before February in Hanoi


@pytest.mark.parametrize("read", ["12C-123.45", "12c 12345", "I2C-12345", "1ZC-123.4S"])
def test_readings_that_differ_by_what_looks_alike_have_one_token(read):
    """I is 1; O, D and Q are 0; S is 5; Z is 2."""
    assert KEY.token(read, AT) == KEY.token("12C-123.45", AT)


def test_another_plate_key_or_month_has_another_token():
    """The month is that of Hanoi."""
    tokens = {
        KEY.token("12C-123.45", AT),
        KEY.token("12C-123.46", AT),
        KEY.token("12C-123.45", AT.replace(day=1, month=2)),
        KEY.token("12C-123.45", datetime(2026, 1, 31, 17, 0, tzinfo=UTC)),
        PlateKey(b"another", KEY.zone).token("12C-123.45", AT),
    }

    assert len(tokens) == 4  # the two instants of February are one month


@pytest.mark.parametrize("read", ["", "unknown", "NONE", "--", "???", "12C"])
def test_what_is_no_plate_has_no_token(read):
    """Or all unread plates would be one vehicle."""
    assert KEY.token(read, AT) is None


def test_a_token_is_what_the_ingest_takes_and_the_key_tells_nothing():
    """Nothing of the secret stands in its text."""
    assert isinstance(parse_event(passage(1, plate_token=KEY.token("12C-123.45", AT))), Observation)
    assert "secret" not in repr(KEY)
