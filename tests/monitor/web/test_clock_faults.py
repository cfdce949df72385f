"""Wrong clocks, theirs and ours, do not corrupt history (promise P14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.monitor.stories import clock
from tests.monitor.web.sites import Site, passage

AHEAD, BEHIND = timedelta(days=2), timedelta(days=-2)


@pytest.fixture
def post(site: Site):
    """Return what posts an event and gives the answer's status of the item."""
    device = site.holder("device", sources=["camera/out"])

    def send(event: dict[str, object], **headers: str) -> str:
        answer = device.post("/v1/events", [event], headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["items"][0]["status"])

    return send


def test_a_device_two_days_ahead_is_kept_apart_and_one_behind_counts_as_late(site: Site, post) -> None:
    """The future is quarantined with the remedy; the past counts where it says, and live state goes on."""
    statuses = [post(passage("ahead", at=site.now + AHEAD)), post(passage("behind", at=site.now + BEHIND))]
    site.follow(1)
    viewer = site.holder("operator")
    (kept,) = viewer.get("/v1/quarantine").json()["items"]

    assert statuses == ["rejected", "accepted"]
    assert "in the future" in kept["reason"]
    assert "Set the clock of the device" in kept["reason"]
    assert viewer.get("/v1/live/north/export").json()["flow"]["cleared_today"]["value"] in {None, 0}


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-15T09:59:60+07:00", "2026-01-15T03:00:00Z"),  # a leap second is the next second
        ("2026-01-15T10:30:00+08:00", "2026-01-15T02:30:00Z"),  # the clock of the other side
        ("2026-01-14T21:30:00-05:00", "2026-01-15T02:30:00Z"),
    ],
)
def test_whatever_the_zone_says_the_instant_counts(site: Site, post, text: str, utc: str) -> None:
    """Both sides' hours differ by one; a zone is read and never guessed."""
    assert post({**passage("zoned"), "time": text}) == "accepted"
    kept = site.holder("viewer").get("/v1/events", params={"source": "camera/out", "id": "zoned"}).json()

    assert kept["event"]["time"] == utc


def test_our_own_clock_set_back_and_right_again_loses_nothing(site: Site, post) -> None:
    """Meanwhile what is new looks like the future and is kept apart; afterwards it is taken in. A retry is a retry."""
    now = site.now
    assert post(passage("before", at=now)) == "accepted"
    site.follow(1)
    site.now = now + BEHIND
    meanwhile = [post(passage("meanwhile", at=now)), post(passage("before", at=now))]
    live = site.holder("viewer").get("/v1/live")
    site.core.watch.evaluate(site.now)
    site.now = now + timedelta(minutes=1)
    after = post(passage("meanwhile", at=now))
    site.follow(2)

    assert meanwhile == ["rejected", "duplicate"]
    assert live.status_code == 200
    assert after == "accepted"
    assert site.core.journal.last_seq() == 2


def test_a_clock_that_jumps_is_told_by_its_source(site: Site, post) -> None:
    """Its batches come ten minutes after they say that they were sent."""
    sent = (clock("9:50")).isoformat()
    for n in range(3):
        post(passage(n, at=clock("9:49")), **{"X-Sent-At": sent})
    site.follow(3)
    feeds = site.holder("viewer").get("/v1/feeds").json()["sources"]

    assert [found["skew_s"] for found in feeds if found["source"] == "camera/out"] == [600.0]
