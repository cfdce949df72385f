"""Jams made on a simulated border: what was told stays true, and what comes shows them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.monitor.feeds.changing import ChangingFeed
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.control import Control, ControlFolder, ControlledClock, first_begin
from gatewatch.monitor.feeds.devices import Sending
from gatewatch.monitor.feeds.jams import Jam
from gatewatch.monitor.feeds.passings import COLUMNS, Truth
from gatewatch.monitor.feeds.simulated import SimulatedFeed, simulate_feed

DAY = date(2026, 3, 4)
TEN = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)  # 10:00 in Hanoi
PATIENCE_S = 60.0


class Ticks:
    """Seconds of a machine that stand still until they are moved."""

    def __init__(self) -> None:
        self.s = 1_000.0

    def __call__(self) -> float:
        """Return them."""
        return self.s


def _jam(kind: str, begins: datetime = TEN, number: int = 1, **more: object) -> Jam:
    return Jam(number, kind, "huu_nghi", "export", begins, begins + timedelta(hours=3), **more)  # type: ignore[arg-type]


@pytest.fixture
def ticks() -> Ticks:
    """Return the machine's seconds."""
    return Ticks()


@pytest.fixture
def folder(tmp_path: Path, ticks: Ticks) -> ControlFolder:
    """Return a demonstration that runs sixty times as fast, from ten o'clock on."""
    found = ControlFolder(tmp_path, ticks)
    found.write(Control((RunningClock(TEN, 60.0, ticks.s, ticks),)))
    return found


@pytest.mark.slow
def test_a_jam_leaves_what_was_told_as_it_was_and_shows_afterwards() -> None:
    """A day simulated with each jam tells, until it begins, event for event what the day without it tells."""
    loaded = load_border()
    feeds = load_feeds(loaded.border)
    camera = "huu_nghi/camera/export-out"

    def play(*jams: Jam) -> SimulatedFeed:
        return simulate_feed(loaded, feeds, "h1_2025", DAY, 1, 1, (), jams)

    def after(feed: SimulatedFeed, what: str) -> int:
        return feed.truth.n("huu_nghi", "export", what, TEN, TEN + timedelta(hours=3))

    plain = play()
    full, booths, surge, silent = (
        play(_jam("counterpart_full")), play(_jam("booths_out")), play(_jam("arrivals_surge", factor=4.0)),
        play(_jam("camera_silent", source=camera)),
    )  # fmt: skip
    for feed in (full, booths, surge, silent):
        told = [(sending.at, sending.event) for sending in feed.sendings if sending.at <= TEN]
        assert told == [(sending.at, sending.event) for sending in plain.sendings if sending.at <= TEN]

    assert after(full, "gate_out") < 0.3 * after(plain, "gate_out")
    assert after(booths, "gate_out") < 0.8 * after(plain, "gate_out")
    assert after(surge, "arrived") > 1.5 * after(plain, "arrived")
    assert after(silent, "gate_out") == after(plain, "gate_out")
    within = (TEN + timedelta(minutes=1), TEN + timedelta(hours=3))
    assert not [e for e in silent.between(*within) if e["source"] == camera]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["counterpart_full", "booths_out", "arrivals_surge", "camera_silent"])
def test_a_jam_that_ends_early_leaves_what_it_did_and_does_no_more(kind: str) -> None:
    """Until its new end every event is that of the longer jam; then the border recovers, and the camera sees."""
    loaded = load_border()
    feeds = load_feeds(loaded.border)
    camera = "huu_nghi/camera/export-out"
    jam = _jam(kind, factor=4.0, source=camera if kind == "camera_silent" else None)
    end = TEN + timedelta(minutes=67)
    whole, ended = (
        simulate_feed(loaded, feeds, "h1_2025", DAY, 1, 1, (), [each]) for each in (jam, replace(jam, ends=end))
    )
    told = [[(s.at, s.event) for s in feed.sendings if s.at <= end] for feed in (whole, ended)]

    assert told[0] == told[1]
    later = (end + timedelta(minutes=15), jam.ends)
    if kind == "camera_silent":
        assert [e for e in ended.between(*later) if e["source"] == camera]
        return
    what = "arrived" if kind == "arrivals_surge" else "gate_out"
    n_whole, n_ended = (feed.truth.n("huu_nghi", "export", what, *later) for feed in (whole, ended))
    assert n_ended < n_whole if kind == "arrivals_surge" else n_ended > n_whole


def test_the_speed_changes_in_a_moment_and_never_jumps(folder: ControlFolder, ticks: Ticks) -> None:
    """Whoever reads of it meanwhile has the same clock when it begins."""
    clock = ControlledClock(folder, ticks)
    ticks.s += 10
    before = clock.now()
    folder.set_speed(600.0)
    assert (clock.now(), clock.speed) == (before, 60.0)
    ticks.s += 1.5
    assert clock.now() == before + timedelta(seconds=90)
    ticks.s += 1

    assert (clock.now(), clock.speed) == (before + timedelta(seconds=690), 600.0)


def test_it_sets_off_once_and_never_against_what_somebody_chose(folder: ControlFolder, ticks: Ticks) -> None:
    """Until the days are told the clock runs like ours, then at its speed."""
    folder.write(Control((RunningClock(TEN, 1.0, ticks.s, ticks),)))
    clock = ControlledClock(folder, ticks)
    ticks.s += 30
    folder.set_off(60.0)
    ticks.s += 1.5
    assert (clock.now(), clock.speed) == (TEN + timedelta(seconds=31.5), 60.0)
    folder.set_off(600.0)
    ticks.s += 10

    assert clock.speed == 60.0


@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_it_has_begun_when_its_past_is_told(folder: ControlFolder, ticks: Ticks, speed: float) -> None:
    """At whatever speed, and a moment later, so that what was sent last is taken in."""
    folder.write(Control((RunningClock(TEN, 1.0, ticks.s, ticks),)))
    assert not folder.has_begun()
    folder.set_off(speed)
    ticks.s += 1.5

    assert folder.has_begun()
    assert ControlFolder(folder.folder, ticks).read().has_begun


def test_what_is_asked_at_once_is_all_kept(tmp_path: Path, ticks: Ticks, folder: ControlFolder) -> None:
    """Two processes ask, each with a view of its own of what was asked before."""
    others = [ControlFolder(tmp_path, ticks) for _ in range(4)]
    asking = [
        threading.Thread(target=other.add_jam, args=(_jam("booths_out", number=4 * k + n),))
        for k in range(10)
        for n, other in enumerate(others)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()

    assert sorted(jam.id for jam in ControlFolder(tmp_path, ticks).read().jams) == list(range(40))
    assert folder.read().legs[0].speed == 60.0


def test_what_is_asked_is_read_again(folder: ControlFolder, tmp_path: Path, ticks: Ticks) -> None:
    """The file carries clock and jams from process to process."""
    jam = _jam("camera_silent", source="huu_nghi/camera/export-out")
    folder.add_jam(jam)
    folder.note_played([jam])
    again = ControlFolder(tmp_path, ticks)

    assert again.read().jams == again.played() == (jam,)
    assert ControlledClock(again, ticks).now() == TEN


def test_a_jam_begins_on_a_whole_minute_that_is_still_to_come() -> None:
    """At high speeds later, so that it can be read of before it begins."""
    now = TEN + timedelta(seconds=20)

    assert first_begin(now, 1.0) == TEN + timedelta(minutes=2)
    assert first_begin(now, 600.0) > now + timedelta(minutes=15)


def _feed(*minutes: int, name: str) -> SimulatedFeed:
    begins, ends = TEN - timedelta(hours=10), TEN + timedelta(hours=14)
    sendings = [Sending(TEN + timedelta(minutes=m), n, {"id": f"{name}{m}"}) for n, m in enumerate(minutes)]
    return SimulatedFeed(Truth(pd.DataFrame(columns=COLUMNS), {}, begins, ends), sendings)


def test_the_play_goes_over_to_the_new_story_where_the_jam_begins(folder: ControlFolder, ticks: Ticks) -> None:
    """While that is not ready, what comes after the jam's begin is held back; nothing is told twice or left out."""
    ready, simulated = threading.Event(), list[Sequence[Jam]]()

    def simulate(jams: Sequence[Jam]) -> SimulatedFeed:
        simulated.append(jams)
        assert ready.wait(PATIENCE_S)
        return _feed(1, 3, 6, 9, name="new")

    told: list[str] = []
    play = ChangingFeed(_feed(1, 3, 5, 9, name="old"), folder, simulate).play(
        ControlledClock(folder, ticks), TEN, _steps(folder, ticks, ready)
    )
    for _, events in play:
        told += [event["id"] for event in events]

    assert told == ["old1", "old3", "new6", "new9"]
    (jams,) = simulated
    assert jams == folder.played()
    assert jams[0].begins == TEN + timedelta(minutes=4)


def _steps(folder: ControlFolder, ticks: Ticks, ready: threading.Event) -> Callable[[float], bool]:
    """Return a wait that moves the clock by a minute, asks for a jam after two, and lets it be ready after eight."""
    steps = 0

    def wait(_seconds: float) -> bool:
        nonlocal steps
        steps += 1
        ticks.s += 1
        if steps == 2:
            folder.add_jam(_jam("booths_out", TEN + timedelta(minutes=4)))
        if steps == 8:
            ready.set()
        if steps > 8:
            threading.Event().wait(0.01)  # the other thread is to finish
        return steps > 2_000

    return wait


def test_a_jam_that_is_heard_of_late_begins_after_what_was_told(folder: ControlFolder, ticks: Ticks) -> None:
    """What was sent cannot be unsaid: it begins with the next minute and lasts as long."""
    folder.add_jam(_jam("booths_out", TEN - timedelta(hours=1)))
    clock = ControlledClock(folder, ticks)
    play = ChangingFeed(_feed(1, name="old"), folder, lambda _: _feed(1, name="new")).play(
        clock, TEN, _steps(folder, ticks, threading.Event())
    )
    list(play)

    (jam,) = folder.played()
    assert jam.begins == TEN + timedelta(minutes=1)
    assert jam.ends - jam.begins == timedelta(hours=3)


def test_the_play_goes_over_to_the_new_story_where_a_jam_ends_early(folder: ControlFolder, ticks: Ticks) -> None:
    """Once, and never before what was told; a jam that is over stays as it was."""
    jam, over = _jam("booths_out", TEN - timedelta(hours=1)), _jam("booths_out", TEN - timedelta(hours=9), number=2)
    for each in (jam, over):
        folder.add_jam(each)
    simulated = list[Sequence[Jam]]()

    def simulate(jams: Sequence[Jam]) -> SimulatedFeed:
        simulated.append(jams)
        return _feed(1, 4, 6, name="new")

    folder.end_jam(1, TEN - timedelta(minutes=5), "account:tuan")
    old = _feed(1, 5, name="old")
    steps = iter(range(2_000))

    def wait(_seconds: float) -> bool:
        ticks.s += 1
        threading.Event().wait(0.01)  # the other thread is to finish
        return next(steps, None) is None

    play = ChangingFeed(old, folder, simulate, (jam, over)).play(ControlledClock(folder, ticks), TEN, wait)
    told = [event["id"] for _, events in play for event in events]

    assert told[-2:] == ["new4", "new6"]
    assert simulated == [folder.played()]
    assert folder.played() == (replace(jam, ends=TEN + timedelta(minutes=1), ended_by="account:tuan"), over)
