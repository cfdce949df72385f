"""What a restart, a second start and a replay change: nothing (P8, P9, invariants 2 and 26)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from gatewatch.monitor.alerting import Alerting, Contact, Route, Settings, Step, completed, rules_of, to_json
from gatewatch.monitor.core import Core, start_core
from gatewatch.monitor.observations import from_us
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import LeaderLostError, LeaderPresentError, StoreError, Submitted
from gatewatch.monitor.store.outbox_tables import outbox
from gatewatch.monitor.watch import By
from tests.monitor.stories import BORDER, FEEDS, Story, clock
from tests.monitor.watch.guards import DEVICES, MINUTE, SOON_S, THRESHOLDS, Guard, tell, watch_over
from tests.monitor.web.sites import EASY

SECOND = timedelta(seconds=1)
QUICK = completed(
    Settings(
        rules_of(THRESHOLDS),
        (Route("all", ("board",), group_wait=10 * SECOND, group_interval=25 * SECOND),),
        steps=(Step(20 * SECOND, "head"), Step(40 * SECOND, "chair"), Step(60 * SECOND, "province")),
        contacts=tuple(Contact(name, 1_000) for name in ("board", "head", "chair", "province")),
    )
)
Begin = Callable[[], Core]


def told(core: Core) -> list[tuple[str, str, datetime]]:
    """Return what was put into the outbox: keys, destinations, evaluations."""
    kept = outbox.c
    with core.store.reading() as connection:
        rows = connection.execute(select(kept.key, kept.destination, kept.made_us).order_by(kept.number))
        return [(row.key, row.destination, from_us(row.made_us)) for row in rows]


def shut(core: Core) -> None:
    """Have the gate reported shut, which is critical at once; the feeds are heard."""
    story = Story().tell("gate.state", clock("9:59"), "person", gate="north", side="own", state="shut")
    for source in DEVICES:
        story.beats(source, clock("9:30"), clock("10:00")).tell("device.heartbeat", clock("10:00"), source)
    tell(core, story.observations)


def escalated(begin: Begin, seconds: int, restarts_at: Callable[[int], bool]) -> tuple[list[Any], str]:
    """Return what is told of a closure that is taken on after 50 s for a minute, and what is remembered at the end."""
    core = begin()
    shut(core)
    guard = Guard(core, watch_over(core, QUICK))
    for second in range(seconds):
        now = clock("10:00") + second * SECOND
        guard.watch.evaluate(now)
        if second == 50:
            alert_id = guard.alert("unplanned_closure").id
            guard.watch.acknowledge(alert_id, MINUTE, "", By("account:lan"), now)
        if restarts_at(second):
            guard.watch = watch_over(core, QUICK)
    return told(core), to_json(guard.watch.board.alerting)


@pytest.mark.slow
def test_a_restart_at_each_second_of_an_escalation_changes_nothing(
    tmp_path: Path, begin: Begin, begin_in: Callable[[Path], Core]
) -> None:
    """Two steps, an acknowledgement that runs out, all steps anew: told to the second as without restarts."""
    without, remembered = escalated(begin, 175, lambda _: False)
    with_each = escalated(lambda: begin_in(tmp_path / "again"), 175, lambda _: True)

    steps = [(destination, (at - clock("10:00")) // SECOND) for _, destination, at in without if destination != "board"]
    assert steps == [
        ("head", 20), ("chair", 40), ("head", 130), ("chair", 150), ("province", 170),
    ]  # fmt: skip
    assert with_each == (without, remembered)


def test_a_core_that_is_started_anew_goes_on_with_the_schedule(begin: Begin) -> None:
    """The whole core ends and starts between two evaluations; late evaluations take each step once."""
    core = begin()
    shut(core)
    for second in (0, 15, 25, 50, 65):
        watch_over(core, QUICK).evaluate(clock("10:00") + second * SECOND)
        core = begin()

    found = [(destination, (at - clock("10:00")) // SECOND) for _, destination, at in told(core)]
    assert found == [("board", 15), ("head", 25), ("chair", 50), ("province", 65)]


def test_a_second_start_is_refused_and_evaluates_nothing(begin: Begin, tmp_path: Path) -> None:
    """While a core runs on the store, there is no other."""
    core = begin()
    watch_over(core).evaluate(clock("10:00"))

    with pytest.raises(LeaderPresentError, match="another core leads"):
        start_core(load_settings({}, home=tmp_path), clock("10:00"), EASY, BORDER, FEEDS)
    assert core.watch.book.remembered().rev == 1


def test_a_core_that_slept_through_a_take_over_evaluates_nothing(guard: Guard) -> None:
    """Its token is old: neither state nor records nor messages are written, and it says so."""
    shut(guard.core)
    guard.watch.evaluate(guard.now)
    before = guard.watch.book.remembered(), told(guard.core)
    guard.core.writer.write(lambda c: c.execute(text("UPDATE leader SET token = token + 1"))).result(SOON_S)
    for _ in range(2):
        guard.now += MINUTE
        with pytest.raises((LeaderLostError, StoreError)):
            guard.watch.evaluate(guard.now)

    assert (guard.watch.book.remembered(), told(guard.core)) == before
    assert guard.watch.board.rev == before[0].rev


@pytest.mark.slow
def test_replaying_the_journal_gives_the_same_findings_and_alerts(
    begin: Begin, begin_in: Callable[[Path], Core], tmp_path: Path
) -> None:
    """Evaluated at the same instants over what was known then, another store remembers the same to the last clock."""
    core = begin()
    guard = Guard(core, watch_over(core))
    guard.hear(clock("10:00"), queue=320)
    instants, seqs = [], []
    for minute in range(1, 40):
        if minute == 20:
            guard.silent = frozenset({"camera/out"})
        if minute == 30:
            guard.hear(guard.now, queue=700)
        guard.pass_by(MINUTE)
        instants.append(guard.now)
        seqs.append(core.journal.last_seq())
    entries = core.journal.read()
    first = guard.watch.book.remembered().alerting, told(core)
    again = begin_in(tmp_path / "again")
    watch, done = watch_over(again), 0
    for now, seq in zip(instants, seqs, strict=True):
        items = [Submitted.of(e.observation(), e.received_at, None, e.sent_at) for e in entries[done:seq]]
        if items:
            again.writer.submit(items).result(SOON_S)
            assert again.projector.wait_for(seq, SOON_S)
        done = seq
        watch.evaluate(now)

    assert {key.rule for key in (alert.key for alert in first[0].alerts.firing())} >= {"backlog_peak", "silent_feed"}
    assert (watch.book.remembered().alerting, told(again)) == first


def test_an_alerting_without_memory_begins_anew(guard: Guard) -> None:
    """As in a store that no core has evaluated yet."""
    remembered = guard.watch.book.remembered()

    assert (remembered.rev, remembered.alerting) == (0, Alerting())
    assert guard.watch.board.at is None


def test_what_is_remembered_and_was_damaged_is_refused(guard: Guard) -> None:
    """It is not taken for another state."""
    guard.watch.evaluate(guard.now)
    guard.core.writer.write(lambda c: c.execute(text("UPDATE alerting SET body = '{}'"))).result(SOON_S)

    with pytest.raises(StoreError, match="damaged; restore the last backup"):
        watch_over(guard.core)
