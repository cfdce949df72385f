"""The projector: it follows the journal, starts where it stopped, and a rebuild gives the same figures and windows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from gatewatch.monitor.observations import Observation
from gatewatch.monitor.projector import Projector
from gatewatch.monitor.store import Journal, Leader, Submitted, open_store
from gatewatch.monitor.store.history import History, WindowRow
from gatewatch.monitor.store.snapshots import Snapshots
from gatewatch.monitor.writer import Writer
from tests.monitor.stories import BORDER, CAMERA_IN, CAMERA_OUT, FEEDS, PERSON, Story, clock

SOON_S = 30.0


@contextmanager
def _running(folder: Path) -> Iterator[tuple[Projector, Writer, History]]:
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    leader = Leader(store, "test", clock("0:00"))
    journal, history = Journal(store), History(store)
    writer = Writer(leader, journal)
    writer.start()
    projector = Projector(BORDER, FEEDS, journal, writer, history, Snapshots(store))
    projector.start()
    try:
        yield projector, writer, history
    finally:
        projector.stop()
        writer.stop()
        store.close()
        leader.close()


def _morning() -> Story:
    story = Story().beats(CAMERA_IN, clock("0:00"), clock("12:00")).beats(CAMERA_OUT, clock("7:00"), clock("12:00"))
    story.counted(clock("8:00"), 40)
    story.vehicles("arrived", clock("8:00"), clock("10:00"), 30, CAMERA_IN)
    story.vehicles("gate_out", clock("8:00"), clock("10:00"), 12, CAMERA_OUT, vehicle_class="fruit")
    wrong = story.observations[-1]
    of = {"source": wrong.source, "id": wrong.id}
    return story.tell("event.voided", clock("10:30"), PERSON, of=of, reason="a bus")


def _submit(projector: Projector, writer: Writer, observations: list[Observation], late: timedelta) -> None:
    for observation in observations:
        received: datetime = observation.occurred_at + late
        (receipt,) = writer.submit([Submitted.of(observation, received)]).result(SOON_S)
        assert receipt.status == "accepted"
    assert projector.wait_for(len(observations), SOON_S)


def _windows(history: History) -> list[WindowRow]:
    latest = history.latest(clock("0:00"), clock("24:00"), what="gate_out")
    return [version for row in latest for version in history.versions(row)]


def test_live_state_follows_what_is_submitted(tmp_path):
    """40 counted, 30 came, 12 went of which one was a bus."""
    with _running(tmp_path) as (projector, writer, history):
        _submit(projector, writer, _morning().observations, timedelta(seconds=1))
        flow = projector.live(clock("11:00")).flow("north", "export")

        assert flow.backlog.value == 40 + 30 - 11
        assert flow.cleared_by_class == {"fruit": 11}
        assert sum(row.n for row in history.latest(clock("0:00"), clock("24:00"), what="gate_out")) == 11


def test_it_starts_where_it_stopped_with_and_without_a_snapshot(tmp_path):
    """Half the morning, a snapshot, a restart, the other half: as if it had never stopped."""
    story = _morning().observations
    with _running(tmp_path) as (projector, writer, _):
        _submit(projector, writer, story[:150], timedelta(seconds=1))
        projector.keep(clock("9:00")).result(SOON_S)
    with _running(tmp_path) as (projector, writer, history):
        assert projector.rev == 150
        for observation in story[150:]:
            writer.submit([Submitted.of(observation, observation.occurred_at)]).result(SOON_S)
        assert projector.wait_for(len(story), SOON_S)
        digest, windows = projector.digest(), _windows(history)

        assert projector.rebuild() == digest
        assert _windows(history) == windows
        assert any(row.version == 2 for row in windows)


def test_a_clock_that_is_wrong_shows_in_what_was_sent_with_a_batch(tmp_path):
    """Sent at 07:58 by the camera's clock, received at 08:00 by ours: two minutes."""
    with _running(tmp_path) as (projector, writer, _):
        (beat,) = Story().beats(CAMERA_OUT, clock("7:58"), clock("7:59")).observations
        sent = Submitted.of(beat, clock("8:00"), sent_at=clock("7:58"))
        writer.submit([sent]).result(SOON_S)
        assert projector.wait_for(1, SOON_S)
        (state,) = [s for s in projector.live(clock("8:01")).sources if s.source == CAMERA_OUT]

        assert state.skew_s == 120
