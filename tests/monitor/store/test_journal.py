from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gatewatch.monitor.observations import Observation, parse_event
from gatewatch.monitor.store import Journal, Leader, Receipt, Store, Submitted

Make = Callable[..., Submitted]


def take_in(leader: Leader, *items: Submitted) -> list[Receipt]:
    """Append in a transaction of its own."""
    with leader.writing() as connection:
        return Journal.append(connection, items).receipts


def test_what_was_taken_in_is_read_back_in_its_order(leader: Leader, store: Store, submit: Make) -> None:
    """The journal counts from one, without gaps, and keeps both times to the microsecond."""
    received = datetime(2026, 1, 15, 3, 0, 0, 123_457, tzinfo=UTC)
    receipts = take_in(leader, *(replace(submit(n), received_at=received) for n in range(3)))
    journal = Journal(store)
    entries = journal.read()

    assert receipts == [Receipt("accepted", 1), Receipt("accepted", 2), Receipt("accepted", 3)]
    assert [(entry.seq, entry.id) for entry in entries] == [(1, "0"), (2, "1"), (3, "2")]
    assert {entry.occurred_at for entry in entries} == {datetime(2026, 1, 15, 2, 30, tzinfo=UTC)}
    assert {entry.received_at for entry in entries} == {received}
    assert entries[1].observation() == submit(1).observation
    assert journal.last_seq() == 3


def test_reading_goes_on_after_a_place(leader: Leader, store: Store, submit: Make) -> None:
    """A reader pages through the journal by the last place it has seen."""
    take_in(leader, *(submit(n) for n in range(5)))
    journal = Journal(store)

    assert [entry.seq for entry in journal.read(after_seq=1, limit=2)] == [2, 3]
    assert [entry.seq for entry in journal.read(after_seq=3)] == [4, 5]
    assert journal.read(after_seq=5) == []


def test_an_empty_journal_has_no_last_entry(leader: Leader, store: Store) -> None:
    """Nothing was taken in; an append of nothing changes that in no way."""
    assert take_in(leader) == []
    assert Journal(store).last_seq() == 0
    assert Journal(store).read() == []


def test_the_same_again_changes_nothing(leader: Leader, store: Store, submit: Make) -> None:
    """A device that repeats itself, in one batch or in the next, is told the place that its event has."""
    first = take_in(leader, submit("a"), submit("a"))
    second = take_in(leader, submit("b"), submit("a"))

    assert first == [Receipt("accepted", 1), Receipt("duplicate", 1)]
    assert second == [Receipt("accepted", 2), Receipt("duplicate", 1)]
    assert Journal(store).last_seq() == 2


def test_an_id_belongs_to_its_source(leader: Leader, submit: Make) -> None:
    """Two devices may number alike."""
    receipts = take_in(leader, submit(1, "huu_nghi/camera/a"), submit(1, "huu_nghi/camera/b"))

    assert [receipt.status for receipt in receipts] == ["accepted", "accepted"]


def test_another_content_under_a_known_id_is_kept_apart(leader: Leader, store: Store, submit: Make) -> None:
    """The first one stands; the other waits in quarantine for people, once however often it comes."""
    take_in(leader, submit(1, laden=True))
    other = submit(1, laden=False)
    receipts = take_in(leader, other, other, submit(1, laden=True))
    take_in(leader, other)
    journal = Journal(store)
    kept = journal.quarantined()

    assert [receipt.status for receipt in receipts] == ["conflict", "conflict", "duplicate"]
    assert "event.corrected" in receipts[0].reasons[0]
    assert [(item.cause, item.id, item.body) for item in kept] == [("conflict", "1", other.body)]
    assert [entry.body for entry in journal.read()] == [submit(1, laden=True).body]


def test_a_conflict_inside_one_batch_is_found(leader: Leader, submit: Make) -> None:
    """The first of a batch stands, as if they had come one after the other."""
    receipts = take_in(leader, submit(1, laden=True), submit(1, laden=False))

    assert [receipt.status for receipt in receipts] == ["accepted", "conflict"]


def test_extensions_make_no_conflict(leader: Leader, store: Store) -> None:
    """A delivery that is repeated with another trace of the request says the same."""
    raw = {
        "specversion": "1.0",
        "id": "1",
        "source": "a/b",
        "type": "device.heartbeat",
        "time": "2026-01-15T03:00:00Z",
        "data": {},
    }
    first, second = parse_event({**raw, "traceparent": "00-01"}), parse_event({**raw, "traceparent": "00-02"})
    assert isinstance(first, Observation)
    assert isinstance(second, Observation)
    receipts = take_in(leader, *(Submitted.of(item, datetime(2026, 1, 15, tzinfo=UTC)) for item in (first, second)))

    assert [receipt.status for receipt in receipts] == ["accepted", "duplicate"]
    assert Journal(store).read()[0].observation().extensions == {"traceparent": "00-01"}


def test_what_carries_a_refusal_waits_in_quarantine(leader: Leader, store: Store, submit: Make) -> None:
    """A time in the future does not count; the same event is taken in once it is no longer refused."""
    refused = replace(submit(1), refusal="time is two days ahead of our clock; set the device's clock.")
    receipts = take_in(leader, refused, submit(1))
    journal = Journal(store)

    assert [receipt.status for receipt in receipts] == ["rejected", "accepted"]
    assert receipts[0].reasons == (
        "time is two days ahead of our clock; set the device's clock. It is kept in quarantine.",
    )
    assert [(item.cause, item.reason) for item in journal.quarantined()] == [("refused", refused.refusal)]
    assert journal.quarantined(after_number=journal.quarantined()[0].number) == []


def test_an_entry_is_found_by_its_identity(leader: Leader, store: Store, submit: Make) -> None:
    """Source and id find one entry or none."""
    take_in(leader, submit(1), submit(2))
    journal = Journal(store)
    found = journal.find("huu_nghi/camera/export-out", "2")

    assert found is not None
    assert (found.seq, found.id) == (2, "2")
    assert journal.find("huu_nghi/camera/export-out", "3") is None
    assert journal.find("elsewhere", "2") is None


def test_a_transaction_that_fails_leaves_nothing_behind(leader: Leader, store: Store, submit: Make) -> None:
    """An acknowledgement is all or nothing, and the place is free for the next."""

    class CutShortError(Exception):
        pass

    def cut_short() -> None:
        with leader.writing() as connection:
            Journal.append(connection, [submit(1)])
            raise CutShortError

    for _ in range(2):
        try:
            cut_short()
        except CutShortError:
            continue

    assert Journal(store).read() == []
    assert take_in(leader, submit(2)) == [Receipt("accepted", 1)]


def test_texts_of_every_script_and_the_largest_batch_are_kept(leader: Leader, store: Store, submit: Make) -> None:
    """Ids are any text; a thousand of them go in at once, and are all found again."""
    items = [submit(f"Hữu Nghị 友谊 '{n}\" \\ %s :x") for n in range(1_000)]
    first, again = take_in(leader, *items), take_in(leader, *items)

    assert [receipt.status for receipt in first] == ["accepted"] * 1_000
    assert again == [Receipt("duplicate", seq) for seq in range(1, 1_001)]
    assert Journal(store).read(999)[0].observation() == items[-1].observation


def test_a_reader_sees_one_state_and_cannot_write(leader: Leader, store: Store, submit: Make) -> None:
    """What is written while a reader reads is not mixed into what it reads."""
    take_in(leader, submit(1))
    journal = Journal(store)
    with store.reading() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one()
        take_in(leader, submit(2))
        after = connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one()

    assert (before, after) == (1, 1)
    assert journal.last_seq() == 2


def test_sent_at_and_key_are_kept(leader: Leader, store: Store, submit: Make) -> None:
    """Who brought an event, and what the device's clock said, is there for whoever looks into a fault."""
    sent = datetime(2026, 1, 15, 2, 59, tzinfo=UTC)
    take_in(leader, replace(submit(1), key_id="k1", sent_at=sent))
    with store.reading() as connection:
        key_id, sent_us = connection.exec_driver_sql("SELECT key_id, sent_us FROM event").one()

    assert key_id == "k1"
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=sent_us) == sent
