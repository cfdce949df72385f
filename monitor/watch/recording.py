"""What an evaluation changes in the records of alerts and in their timelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gatewatch.monitor.alerting import AlertKey, Bundle, Evaluated, Transition, is_background
from gatewatch.monitor.live.level import Level
from gatewatch.monitor.store.alert_book import AlertEvent, KeptAlert, Saying


@dataclass(frozen=True, slots=True)
class Recorded:
    """
    The records after an evaluation.

    Args:
        alerts: Those that wait, fire or recover, by id.
        changed: Records to be kept.
        events: Lines of timelines, in their order.
    """

    alerts: Mapping[str, KeptAlert]
    changed: tuple[KeptAlert, ...]
    events: tuple[AlertEvent, ...]


def record(before: Mapping[str, KeptAlert], evaluated: Evaluated, sayings: Mapping[AlertKey, Saying]) -> Recorded:
    """
    Return the records after an evaluation.

    An alert that has never fired is on the board while it waits and leaves no record. While nobody can say whether an
    alert holds, what its rule said last stays.

    Args:
        before: Those that waited, fired or recovered.
        evaluated: The evaluation.
        sayings: What each rule says.
    """
    levels_before = {t.alert.id: t.level_before for t in evaluated.transitions if _is_other_level(t)}
    found: dict[str, KeptAlert] = {}
    for alert in evaluated.alerting.alerts.alerts:
        if alert.phase == "inactive" or is_background(alert.key):
            continue
        old = before.get(alert.id, KeptAlert(alert))
        saying = old.saying if alert.doubt else sayings.get(alert.key, old.saying)
        level_before = levels_before.get(alert.id, old.level_before)
        found[alert.id] = replace(old, alert=alert, saying=saying, level_before=level_before)
    told = [t for t in evaluated.transitions if t.alert.fired_at is not None and t.alert.id in found]
    changed = {t.alert.id: found[t.alert.id] for t in told}
    events = [event for t in told for event in _events(t, found[t.alert.id].saying)]
    events += [event for bundle in evaluated.bundles for event in _told(bundle)]
    active = {id_: kept for id_, kept in found.items() if kept.alert.phase != "resolved"}
    return Recorded(active, tuple(changed.values()), tuple(events))


def _is_other_level(transition: Transition) -> bool:
    return transition.level_before is not None and transition.level_before != transition.alert.level


def _events(transition: Transition, saying: Saying) -> Iterator[AlertEvent]:
    alert, now = transition.alert, transition.at
    level: Level = alert.level
    if alert.fired_at == now and alert.phase == "firing" and alert.active_at < now:
        yield AlertEvent(alert.id, alert.active_at, "pending")
    if transition.before == transition.after:
        yield AlertEvent(alert.id, now, "level", text=transition.level_before or "", saying=saying, level=level)
        return
    said = saying if transition.after in {"firing", "recovering", "resolved"} else Saying()
    yield AlertEvent(alert.id, now, transition.after, saying=said, level=level)


def _told(bundle: Bundle) -> Iterator[AlertEvent]:
    """Yield a line for each alert of a delivery that goes to the outbox; a step of the escalation is one of its own."""
    for notification in bundle.notifications:
        keys = {one.alert_id: one.key for one in (*notification.firing, *notification.resolved)}
        for notice in notification.notices:
            if not is_background(keys[notice.alert_id]):
                kind = "escalated" if notice.reason == "escalated" else "told"
                yield AlertEvent(notice.alert_id, bundle.at, kind, text=f"{bundle.destination}: {notice.reason}")
