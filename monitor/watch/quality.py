"""How good the alarms are, by the figures of EEMUA 191 and ISA-18.2: few, lasting, and looked after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from gatewatch.monitor.alerting import AlertKey
from gatewatch.monitor.store.alert_book import KeptAlert

CHATTERS: Final = 3  # times within an hour
STALE_AFTER: Final = timedelta(hours=24)
FLOOD: Final = 10  # alerts in ten minutes that one person can still follow
TOP: Final = 10
_HOUR: Final = timedelta(hours=1)
_SPAN: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A rule and place, how often it fired, and its share of all that fired."""

    key: AlertKey
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class RuleQuality:
    """A rule, how often it fired, and how often people found that useful, or of no use; of the others nobody said."""

    rule: str
    n_fired: int
    n_useful: int
    n_useless: int


@dataclass(frozen=True, slots=True)
class Quality:
    """
    How good the alarms of a period were.

    Args:
        begins: Start of the period, aware UTC.
        ends: Its end.
        n_fired: Alerts that began to fire within it, its end included.
        n_critical: Those among them that are, or were at last, critical.
        per_hour: Alerts per hour, for one operator at a time.
        busiest: Most within any ten minutes.
        flood_share: Share of the ten-minute spans of the period in which more than ten fired.
        chattering: Fired at least three times within an hour.
        stale: Have fired for more than a day at the end of the period.
        top: The ten that fired most often.
        rules: Each rule that fired, the most frequent first, with what people said of its alerts.
        acknowledged_share: Of those that fired; None when none did.
        to_acknowledge_s: Median time from firing to the first acknowledgement [s]; None when none was acknowledged.
    """

    begins: datetime
    ends: datetime
    n_fired: int
    n_critical: int
    per_hour: float
    busiest: int
    flood_share: float
    chattering: tuple[Repeated, ...]
    stale: tuple[KeptAlert, ...]
    top: tuple[Repeated, ...]
    rules: tuple[RuleQuality, ...]
    acknowledged_share: float | None
    to_acknowledge_s: float | None


def judge_quality(
    found: Sequence[KeptAlert],
    acknowledged_at: Mapping[str, datetime],
    begins: datetime,
    ends: datetime,
    useful: Mapping[str, bool] | None = None,
) -> Quality:
    """
    Return how good the alarms of a period were.

    Args:
        found: Alerts that fired up to its end and had not ended by its beginning.
        acknowledged_at: When each was first acknowledged, by id.
        begins: Aware UTC.
        ends: Aware UTC, after `begins`.
        useful: Whether people found each useful, by id, where they said so.
    """
    fired = [(at, kept) for kept in found if (at := kept.alert.fired_at) is not None and begins < at <= ends]
    times: dict[AlertKey, list[datetime]] = {}
    for at, kept in fired:
        times.setdefault(kept.alert.key, []).append(at)
    counted = Counter({key: len(some) for key, some in times.items()})
    spans = Counter((at - begins) // _SPAN for at, _ in fired)
    delays = [(acknowledged_at[kept.id] - at).total_seconds() for at, kept in fired if kept.id in acknowledged_at]
    return Quality(
        begins=begins,
        ends=ends,
        n_fired=len(fired),
        n_critical=sum(kept.alert.level == "critical" for _, kept in fired),
        per_hour=len(fired) / ((ends - begins) / _HOUR),
        busiest=_most_within(_SPAN, (at for at, _ in fired)),
        flood_share=sum(n > FLOOD for n in spans.values()) / max(1.0, (ends - begins) / _SPAN),
        chattering=_repeated({k: counted[k] for k, some in times.items() if _most_within(_HOUR, some) >= CHATTERS},
                             len(fired)),
        stale=tuple(kept for kept in found if _is_stale(kept, ends)),
        top=_repeated(counted, len(fired))[:TOP],
        rules=_by_rule([kept for _, kept in fired], useful or {}),
        acknowledged_share=len(delays) / len(fired) if fired else None,
        to_acknowledge_s=median(delays) if delays else None,
    )  # fmt: skip


def _most_within(span: timedelta, times: Iterable[datetime]) -> int:
    """
    Return the most instants within any stretch of a length.

    >>> noon = datetime(2026, 1, 15, 12)
    >>> _most_within(timedelta(minutes=10), [noon + timedelta(minutes=n) for n in (0, 4, 9, 12, 40)])
    3
    """
    ordered, first, most = sorted(times), 0, 0
    for last, at in enumerate(ordered):
        while at - ordered[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


def _repeated(counted: Mapping[AlertKey, int], n: int) -> tuple[Repeated, ...]:
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Repeated(key, times, times / n) for key, times in ordered)


def _by_rule(fired: Sequence[KeptAlert], useful: Mapping[str, bool]) -> tuple[RuleQuality, ...]:
    times = Counter(kept.alert.key.rule for kept in fired)
    said = Counter((kept.alert.key.rule, useful[kept.id]) for kept in fired if kept.id in useful)
    ordered = sorted(times.items(), key=lambda item: (-item[1], item[0]))
    return tuple(RuleQuality(rule, n, said[rule, True], said[rule, False]) for rule, n in ordered)


def _is_stale(kept: KeptAlert, ends: datetime) -> bool:
    one = kept.alert
    if one.fired_at is None or ends - one.fired_at <= STALE_AFTER:
        return False
    return one.resolved_at is None or one.resolved_at >= ends
