from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewatch.config.units import parse_span
from gatewatch.monitor.alerting import AlertKey, Contact, Mailbox, Notice, Notification, Subject, WeeklyHours
from gatewatch.monitor.alerting.contacts import collect, put
from tests.monitor.alerting.play import PLAIN, QUEUE, Play, at, seconds

NIGHT = (WeeklyHours(parse_span("22:00-06:00")),)


def notification(n: int, second: float, level: str = "congested", destination: str = "board") -> Notification:
    """Return a message about one alert."""
    subject = Subject(AlertKey.of(alertname="queue", gate=f"gate_{n}"), f"alert-{n}", level, None, at(second))
    notice = Notice(subject.alert_id, "firing", destination, at(second))
    return Notification(destination, "all", (), "firing", (subject,), (), (notice,), at(second))


def delivered(contact: Contact, due: dict[int, list[Notification]], last: int, every: int = 1):
    """Return the deliveries as seconds and keys, when notifications fall due at given seconds."""
    mailboxes: tuple[Mailbox, ...] = ()
    found = []
    for second in range(0, last + 1, every):
        mailboxes, bundles = collect(put(mailboxes, due.get(second, [])), {contact.destination: contact}, at(second))
        found += [(second, [n.key for n in bundle.notifications]) for bundle in bundles]
    return found


def test_what_a_contact_cannot_take_comes_together_later():
    """Two in a minute: the third and fourth wait until the first is a minute old, and come as one."""
    due = {second: [notification(second, second)] for second in (0, 10, 20, 30)}
    found = delivered(Contact("board", most=2, within=seconds(60)), due, 100)

    keys = [notification(second, second).key for second in (0, 10, 20, 30)]
    assert found == [(0, keys[:1]), (10, keys[1:2]), (60, keys[2:])]


def test_what_falls_due_together_is_one_delivery():
    """Ten messages at once are not ten rings of a phone."""
    found = delivered(Contact("board", most=2), {0: [notification(n, 0) for n in range(10)]}, 10)

    assert [(second, len(keys)) for second, keys in found] == [(0, 10)]


def test_an_urgent_notification_passes_the_limit_and_takes_along_what_waits():
    """One in a minute; at 10 something waits, the critical one of 30 brings it."""
    due = {0: [notification(0, 0)], 10: [notification(1, 10)], 30: [notification(2, 30, "critical")]}
    found = delivered(Contact("board", most=1, within=seconds(600), urgent_gap=seconds(20)), due, 100)

    assert [(second, len(keys)) for second, keys in found] == [(0, 1), (30, 2)]


def test_urgent_notifications_are_bundled_among_themselves():
    """One a second for a minute, a gap of 20 s: at 0, 20, 40 and 60."""
    due = {second: [notification(second, second, "critical")] for second in range(60)}
    found = delivered(Contact("board", most=1, within=seconds(3_600), urgent_gap=seconds(20)), due, 100)

    assert [(second, len(keys)) for second, keys in found] == [(0, 1), (20, 20), (40, 20), (60, 19)]


def test_at_night_only_what_is_urgent_comes_and_the_rest_in_the_morning():
    """The play begins at 08:00 in Vietnam: 22:00 is second 50,400, 06:00 second 79,200."""
    due = {
        50_399: [notification(0, 50_399)],
        50_400: [notification(1, 50_400)],
        60_000: [notification(2, 60_000)],
        70_000: [notification(3, 70_000, "critical")],
        79_199: [notification(4, 79_199)],
    }
    mailboxes: tuple[Mailbox, ...] = ()
    found = []
    for second in (*due, 79_200):
        mailboxes, bundles = collect(
            put(mailboxes, due.get(second, [])), {"board": Contact("board", quiet_hours=NIGHT)}, at(second)
        )
        found += [(second, len(bundle.notifications)) for bundle in bundles]

    assert found == [(50_399, 1), (70_000, 3), (79_200, 1)]


def test_good_news_of_a_critical_alert_wakes_nobody():
    """Urgent is what still fires."""
    ended = replace(notification(0, 0, "critical"), firing=(), resolved=notification(0, 0, "critical").firing)

    assert notification(0, 0, "critical").is_urgent
    assert not ended.is_urgent
    assert not notification(0, 0, "congested").is_urgent


def test_a_contact_that_may_get_nothing_is_refused():
    """Everything for it would wait for ever."""
    with pytest.raises(ValueError, match="one delivery at least"):
        Contact("board", most=0)


def test_a_clock_that_was_set_back_blocks_no_contact():
    """A delivery that seems to lie ahead does not count against the limit."""
    contact = Contact("board", most=1, within=seconds(60))
    mailboxes, _ = collect(put((), [notification(0, 0)]), {"board": contact}, at(86_400))
    _, bundles = collect(put(mailboxes, [notification(1, 0)]), {"board": contact}, at(0))

    assert len(bundles) == 1


levels = st.sampled_from(["busy", "congested", "critical"])
fallen_due = st.lists(st.tuples(st.integers(0, 7_200), levels, st.sampled_from(["board", "customs"])), max_size=60)


@settings(max_examples=50, deadline=None)
@given(fallen_due, st.integers(1, 4), st.integers(1, 2_000), st.integers(1, 600), st.integers(1, 120), st.booleans())
def test_everything_that_falls_due_is_delivered_once_and_in_order(due, most, within_s, gap_s, every, is_night):
    """Whatever the limits: no notification is dropped, none comes twice, none overtakes another, and limits hold."""
    quiet = (WeeklyHours(parse_span("08:30-09:30")),) if is_night else ()
    limits = {
        name: Contact(name, most, timedelta(seconds=within_s), timedelta(seconds=gap_s), quiet)
        for name in ("board", "customs")
    }
    by_second: dict[int, list[Notification]] = {}
    for n, (second, level, name) in enumerate(sorted(due)):
        by_second.setdefault(-(-second // every) * every, []).append(notification(n, second, level, name))
    mailboxes: tuple[Mailbox, ...] = ()
    delivered_to: dict[str, list[str]] = {"board": [], "customs": []}
    instants: dict[str, list[int]] = {"board": [], "customs": []}
    is_urgent: dict[tuple[str, int], bool] = {}
    for second in range(0, 7_200 + 2 * 2_000 + 2 * every, every):
        mailboxes, bundles = collect(put(mailboxes, by_second.get(second, [])), limits, at(second))
        for bundle in bundles:
            delivered_to[bundle.destination] += [n.key for n in bundle.notifications]
            instants[bundle.destination].append(second)
            is_urgent[bundle.destination, second] = any(n.is_urgent for n in bundle.notifications)

    for name, keys in delivered_to.items():
        fell_due = [n.key for second in sorted(by_second) for n in by_second[second] if n.destination == name]
        assert keys == fell_due
        for second in instants[name]:
            before = [s for s in instants[name] if 0 < second - s < within_s]
            is_held = len(before) >= most or limits[name].is_quiet(at(second))
            assert not is_held or is_urgent[name, second]
    assert not any(mailbox.waiting for mailbox in mailboxes)


def test_the_limits_of_a_contact_bundle_what_the_groups_tell():
    """Twenty gates, each with its own group, and one delivery an hour: two deliveries with all forty messages."""
    limited = replace(PLAIN, contacts=(Contact("board", most=1, within=seconds(3_600)),))
    play = Play(limited)
    gates = [AlertKey.of(alertname="queue", gate=f"gate_{n}") for n in range(20)]
    for key in gates:
        play.says(key, "true")
    play.run(0, 400, 5)
    for key in gates:
        play.says(key, "false")
    play.run(405, 4_000, 5)

    assert [(second, len(told)) for second, told in play.deliveries] == [(30, 20), (3_630, 20)]
    assert QUEUE not in gates
