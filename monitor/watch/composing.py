"""Bundles into messages; one that cannot be put into words leaves all the same, in bare ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import structlog

from gatewatch.monitor.alerting import AlertKey, Bundle
from gatewatch.monitor.alerting.messages import Composer
from gatewatch.monitor.alerting.outgoing import News, Outgoing
from gatewatch.monitor.detectors import Finding
from gatewatch.monitor.live.snapshot import Snapshot

_log = structlog.get_logger(__name__)


def compose_all(
    composer: Composer, bundles: Iterable[Bundle], findings: Mapping[AlertKey, Finding], snapshot: Snapshot | None
) -> tuple[Outgoing, ...]:
    """
    Return the message of each bundle.

    Args:
        composer: Finds the words.
        bundles: What is to be delivered.
        findings: What the rules say now.
        snapshot: Live state, for the outlook; None when there is none.
    """
    return tuple(_composed(composer, bundle, findings, snapshot) for bundle in bundles)


def _composed(
    composer: Composer, bundle: Bundle, findings: Mapping[AlertKey, Finding], snapshot: Snapshot | None
) -> Outgoing:
    try:
        return composer.compose(bundle, findings, snapshot)
    except Exception:  # noqa: BLE001 - a message without good words is better than none
        _log.exception("no words for a message", destination=bundle.destination)
        return _bare(composer, bundle)


def _bare(composer: Composer, bundle: Bundle) -> Outgoing:
    """Return rule, place and level of every alert that is news, as they are."""
    contact = composer.loaded.teams.contacts.get(bundle.destination)
    news: list[News] = []
    for one in bundle.notifications:
        subjects = {subject.alert_id: subject for subject in (*one.firing, *one.resolved)}
        for notice in one.notices:
            subject = subjects[notice.alert_id]
            key, level = subject.key, "clear" if subject.resolved_at is not None else subject.level
            place = key.get("gate"), key.get("direction")
            news.append(News(notice.alert_id, notice.key, notice.reason, level, key.rule, *place))
    lines = [" ".join(filter(None, (one.gate, one.direction, one.rule, one.level, one.reason))) for one in news]
    return Outgoing(
        bundle.key,
        bundle.destination,
        contact.channel if contact is not None else next(iter(composer.loaded.channels)),
        contact.address if contact is not None else "",
        contact.language if contact is not None else "vi",
        f"Gatewatch: {lines[0]}"[:90],
        "\n".join(lines) + "\n",
        "; ".join(lines)[:160],
        news[0].level,
        is_urgent=any(one.is_urgent for one in bundle.notifications),
        news=tuple(news),
        brief=lines[0][:70],
    )
