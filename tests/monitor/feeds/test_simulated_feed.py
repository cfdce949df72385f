"""The simulated border as a feed: today's days, consistent with the clock, the same again after a restart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.feed_run import FeedRun, next_run, read_run, write_run
from gatewatch.monitor.feeds.mishaps import read_mishaps
from gatewatch.monitor.feeds.simulated import LONGEST_PAUSE_S, SimulatedFeed, play, simulate_feed
from gatewatch.monitor.observations import Observation, parse_event, parse_instant
from tests.monitor.feeds.ingests import Hands

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LOADED = load_border()
FEEDS = load_feeds(LOADED.border)
DAY = date(2026, 5, 21)  # a Thursday long after the scenario's own days
OUT = "huu_nghi/camera/export-out"


def _at(text: str, days: int = 0) -> datetime:
    return datetime.combine(DAY + timedelta(days=days), time.fromisoformat(text), HANOI)


@pytest.fixture(scope="module")
def feed() -> SimulatedFeed:
    """Return a day before and the day itself."""
    return simulate_feed(LOADED, FEEDS, "h1_2025", DAY - timedelta(days=1), 2, seed=3)


def _hands(at: datetime) -> Hands:
    return Hands(at.timestamp())


def test_the_days_are_those_asked_for(feed):
    """And gates work in the hours of those dates."""
    clearances = [s.event for s in feed.sendings if s.event["source"] == OUT and s.event["type"] == "vehicle.gate_out"]
    times = [parse_instant(event["time"]).astimezone(HANOI) for event in clearances]

    assert {at.date() for at in times} == {DAY - timedelta(days=1), DAY}
    assert feed.truth.begins == _at("00:00", -1)
    assert all(time(6, 30) < at.time() < time(22) for at in times)


def test_every_event_is_an_observation_under_an_id_of_the_run(feed):
    """Another run of the same days has other ids."""
    parsed = [parse_event(sending.event) for sending in feed.sendings]

    assert all(isinstance(found, Observation) for found in parsed)
    assert len({(found.source, found.id) for found in parsed}) == len(parsed)
    assert all(sending.event["id"].startswith("h1_2025-2026-05-20-3/") for sending in feed.sendings)


@pytest.mark.parametrize("speed", [1.0, 600.0])
def test_first_comes_all_that_is_past_then_each_event_in_its_time(feed, speed):
    """Nothing comes from the future, nothing late by more than the longest pause, nothing twice or never."""
    begins = _at("09:00")
    hands = _hands(begins)
    clock, late, sent = hands.clock(speed), timedelta(seconds=LONGEST_PAUSE_S * speed), []
    for now, events in play(feed, clock, None, hands.wait):
        times = [parse_instant(event["time"]) for event in events]

        assert all(at <= now == clock.now() for at in times)
        if sent:
            assert all(now - at <= late + timedelta(seconds=2) or at.hour == 13 for at in times)  # bulletins: 20:00
        else:
            assert len(events) == sum(sending.at <= begins for sending in feed.sendings) > 5_000
        sent += events
        if now > begins + timedelta(hours=1 if speed == 1 else 48):
            break
    known = Counter(event["id"] + event["source"] for event in sent)

    assert max(known.values()) == 1
    assert [event["id"] for event in sent] == [sending.event["id"] for sending in feed.sendings[: len(sent)]]
    if speed > 1:
        assert len(sent) == len(feed.sendings)


def test_a_feed_that_goes_on_sends_only_what_is_new(feed):
    """What arrived by the last sending of before is left out."""
    hands = _hands(_at("09:00"))
    _, events = next(iter(play(feed, hands.clock(), _at("08:00"), hands.wait)))

    assert events == [sending.event for sending in feed.sendings if _at("08:00") < sending.at <= _at("09:00")]


def test_it_ends_when_it_is_told_to(feed):
    """Without waiting for the next event."""
    hands = _hands(_at("09:00"))

    assert len(list(play(feed, hands.clock(), None, lambda _: True))) == 1


def test_the_truth_counts_who_was_inside(feed):
    """Those inside at the start stand first; arrivals less departures give the backlog at any time."""
    table = replace(feed, truth=replace(feed.truth, inside={("huu_nghi", "export"): 12})).truth_table()
    mine = table[(table["gate"] == "huu_nghi") & (table["direction"] == "export") & (table["at"] < _at("12:00"))]
    n = mine.groupby("what")["n"].sum()

    assert table["what"].iloc[0] == "inside"
    assert n["inside"] + n["arrived"] - n["gate_out"] == feed.truth.backlog("huu_nghi", "export", _at("12:00")) + 12


def test_a_scenario_whose_demand_has_other_dates_is_refused():
    """With the way out."""
    flow = {"from": date(2020, 1, 1), "to": date(2020, 1, 31)}
    demand = LOADED.border.demand["h1_2025"]
    dated = {
        name: one.model_copy(update={"first": flow["from"], "last": flow["to"]}) for name, one in demand.flows.items()
    }
    border = LOADED.border.model_copy(update={"demand": {"h1_2025": demand.model_copy(update={"flows": dated})}})
    with pytest.raises(ConfigError, match="--own-days"):
        simulate_feed(replace(LOADED, border=border), FEEDS, "h1_2025", DAY, 1, seed=3)


# --- mishaps --------------------------------------------------------------------------------------


def test_a_mishap_is_written_with_source_hours_and_day():
    """An end before its start lies on the next day; the first day when none is given."""
    silent, late = read_mishaps([f"silent:{OUT}:09:00-12:00", f"late:{OUT}:22:30-01:00@2"], FEEDS, DAY, HANOI)

    assert (silent.kind, silent.source, silent.begins, silent.ends) == ("silent", OUT, _at("09:00"), _at("12:00"))
    assert (late.begins, late.ends) == (_at("22:30", 1), _at("01:00", 2))


def test_wrong_mishaps_are_told_together():
    """With the source that was meant."""
    with pytest.raises(ConfigError) as caught:
        read_mishaps(
            ["silent:huu_nghi/camera/export-ot:09:00-12:00", "dead", f"late:{OUT}:25:00-26:00"], FEEDS, DAY, HANOI
        )

    assert len(caught.value.faults) == 3
    assert f'Did you mean "{OUT}"?' in str(caught.value)


def test_a_silent_camera_sends_nothing_in_its_hours():
    """And everything else does."""
    mishaps = read_mishaps([f"silent:{OUT}:09:00-12:00@1"], FEEDS, DAY, HANOI)
    broken = simulate_feed(LOADED, FEEDS, "h1_2025", DAY, 1, seed=3, mishaps=mishaps)
    heard = {
        s.event["source"] for s in broken.sendings if _at("09:01") <= parse_instant(s.event["time"]) < _at("12:00")
    }

    assert OUT not in heard
    assert "huu_nghi/counter/export-out" in heard


# --- runs -----------------------------------------------------------------------------------------


def _wanted(days: int = 0, seed: int = 1) -> FeedRun:
    return FeedRun("h1_2025", seed, DAY + timedelta(days=days - 2), 9, _at("00:00", days - 2))


def test_a_run_goes_on_the_next_day():
    """The same days are told again in the same words, from the start of the history on."""
    last = replace(_wanted(), until=_at("17:00"))

    assert next_run(last, _wanted(1), DAY + timedelta(days=1)) == replace(_wanted(1), first_day=last.first_day)


def test_another_run_begins_after_what_the_last_has_told():
    """Another seed tells another story: two of one moment would be counted twice."""
    last = replace(_wanted(), until=_at("17:00"))

    assert next_run(last, _wanted(1, seed=2), DAY + timedelta(days=1)) == replace(
        _wanted(1, seed=2), until=_at("17:00")
    )


def test_a_run_that_is_long_past_or_over_is_not_gone_on_with():
    """The first has nothing in common with the new one; the second has no days left."""
    n = _wanted().days - 2
    today = DAY + timedelta(days=n)
    over = replace(_wanted(), until=_at("00:00", n))

    assert next_run(None, _wanted(), DAY) == _wanted()
    assert next_run(replace(_wanted(), until=_at("17:00")), _wanted(n), today) == _wanted(n)
    assert next_run(over, _wanted(n - 1), today - timedelta(days=1)).first_day == over.first_day
    assert next_run(over, _wanted(n), today) == replace(_wanted(n), until=over.until)


def test_a_run_is_kept_beside_the_spool(tmp_path):
    """What is no run is none."""
    assert read_run(tmp_path) is None
    write_run(tmp_path, replace(_wanted(), until=_at("17:00")))
    assert read_run(tmp_path) == replace(_wanted(), until=_at("17:00"))
    (tmp_path / "run.json").write_text("[]")
    assert read_run(tmp_path) is None


def test_a_run_that_is_simulated_again_sends_the_same(feed):
    """So that a restart changes nothing."""
    again = simulate_feed(LOADED, FEEDS, "h1_2025", DAY - timedelta(days=1), 2, seed=3)

    assert again.sendings == feed.sendings
    assert [sending.event for sending in again.sendings] == [sending.event for sending in feed.sendings]


def test_the_clock_of_the_feed_may_be_any(feed):
    """Also one that shows another year than the machine."""
    clock = RunningClock(_at("09:00"), 60.0, began=0.0, ticks=lambda: 0.0)
    now, events = next(iter(play(feed, clock, None, lambda _: True)))

    assert now == _at("09:00")
    assert len(events) > 5_000


def test_what_falls_due_while_a_batch_is_posted_is_not_left_out(feed):
    """A service that takes half an hour to answer is told the rest afterwards."""
    hands, sent = _hands(_at("09:00")), []
    for now, events in play(feed, hands.clock(speed=60), None, hands.wait):
        sent += events
        if now > _at("12:00"):
            break
        hands.at += 30

    assert [event["id"] for event in sent] == [sending.event["id"] for sending in feed.sendings[: len(sent)]]
