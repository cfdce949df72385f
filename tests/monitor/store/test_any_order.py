"""An event counts once, whatever is retried, duplicated or reordered (P3)."""

from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from gatewatch.monitor.store import Journal, Leader, Store, Submitted
from gatewatch.monitor.store.tables import event, event_quarantine

Make = Callable[..., Submitted]
Plan = list[list[tuple[int, int, int]]]  # batches of (source, id, content)

SOURCES = ("huu_nghi/camera/a", "huu_nghi/camera/b")
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def deliveries(draw: st.DrawFn, contents: int) -> Plan:
    """Return facts in any order, some of them repeated, cut into batches."""
    told = draw(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, contents - 1)), max_size=20))
    order = draw(st.permutations(told + draw(st.lists(st.sampled_from(told), max_size=10)) if told else told))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=4)))
    return [order[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def empty(leader: Leader) -> None:
    """Begin again with an empty journal."""
    with leader.writing() as connection:
        connection.execute(delete(event))
        connection.execute(delete(event_quarantine))


@given(plan=deliveries(contents=1))
@quick
def test_any_delivery_of_the_same_facts_gives_the_same_entries(
    plan: Plan, leader: Leader, store: Store, submit: Make
) -> None:
    """Each fact is in the journal once; exactly one of its deliveries was accepted, the others were duplicates."""
    empty(leader)
    places: dict[tuple[int, int, int], set[int | None]] = {}
    statuses: Counter[tuple[tuple[int, int, int], str]] = Counter()
    for batch in plan:
        with leader.writing() as connection:
            items = [submit(number, SOURCES[source]) for source, number, _ in batch]
            appended = Journal.append(connection, items)
        for fact, receipt in zip(batch, appended.receipts, strict=True):
            places.setdefault(fact, set()).add(receipt.seq)
            statuses[fact, receipt.status] += 1
    told = Counter(fact for batch in plan for fact in batch)
    entries = Journal(store).read()

    assert {(entry.source, entry.id) for entry in entries} == {(SOURCES[s], str(n)) for s, n, _ in told}
    assert [entry.seq for entry in entries] == list(range(1, len(told) + 1))
    for fact, times in told.items():
        assert len(places[fact]) == 1
        assert statuses[fact, "accepted"] == 1
        assert statuses[fact, "duplicate"] == times - 1


@given(plan=deliveries(contents=3))
@quick
def test_of_contradicting_contents_the_first_stands_and_each_other_is_kept_once(
    plan: Plan, leader: Leader, store: Store, submit: Make
) -> None:
    """Nothing that was said is lost: it is in the journal or in quarantine."""
    empty(leader)
    first: dict[tuple[int, int], int] = {}
    for batch in plan:
        with leader.writing() as connection:
            items = [submit(number, SOURCES[source], seq=content) for source, number, content in batch]
            statuses = [receipt.status for receipt in Journal.append(connection, items).receipts]
        expected = []
        for source, number, content in batch:
            is_new = (source, number) not in first
            same = first.setdefault((source, number), content) == content
            expected.append("accepted" if is_new else "duplicate" if same else "conflict")

        assert statuses == expected
    journal = Journal(store)
    told = {fact for batch in plan for fact in batch}
    standing = {submit(n, SOURCES[s], seq=content).body for (s, n), content in first.items()}
    others = {submit(n, SOURCES[s], seq=content).body for s, n, content in told if first[s, n] != content}
    kept = [item.body for item in journal.quarantined()]

    assert {entry.body for entry in journal.read()} == standing
    assert len(kept) == len(set(kept))
    assert set(kept) == others
