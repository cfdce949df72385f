"""Rules of opening hours with other hours; what was not open before counts as overtime."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatewatch.config.calendars import HoursRule
from gatewatch.config.opening_hours import DAY_MIN
from gatewatch.config.units import Span
from gatewatch.simulator.policies.kinds import refused


def with_open(rule: HoursRule, spans: list[Span]) -> HoursRule:
    """Return a rule that is open at other hours: the added ones are overtime, and so is what was and still is open."""
    if spans == rule.open:
        return rule
    kept = overlaps(rule.overtime_spans, spans)
    return with_overtime(rule.model_copy(update={"open": spans}), [*kept, *without(spans, rule.open)])


def with_overtime(rule: HoursRule, spans: Iterable[Span]) -> HoursRule:
    """Return a rule with other overtime."""
    overtime = joined(spans)
    return rule.model_copy(update={"overtime": overtime[0] if len(overtime) == 1 else overtime or None})


def overlaps(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return what lies in both."""
    others = list(others)
    pairs = ((max(a.from_min, b.from_min), min(a.to_min, b.to_min)) for a in some for b in others)
    return [Span(begins, ends) for begins, ends in pairs if begins < ends]


def without(some: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return what lies in the first and not in the second."""
    left = list(some)
    for cut in taken:
        pieces = ((max(s.from_min, a), min(s.to_min, b)) for s in left for a, b in _around(s, cut))
        left = [Span(begins, ends) for begins, ends in pieces if begins < ends]
    return left


def _around(span: Span, cut: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.from_min, cut.from_min), (cut.to_min, span.to_min)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the union in order."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: span.from_min):
        if result and span.from_min <= result[-1].to_min:
            result[-1] = Span(result[-1].from_min, max(result[-1].to_min, span.to_min))
        else:
            result.append(span)
    return result


def shifted(spans: Sequence[Span], minutes: int) -> list[Span]:
    """
    Return spans on a clock that is so much ahead.

    Raises:
        ConfigError: One of them begins on another day there.
    """
    for span in spans:
        check_same_day(span.from_min + minutes, "hours", str(span))
    return [Span(span.from_min + minutes, span.to_min + minutes) for span in spans]


def check_same_day(begins_min: int, key: str, found: str) -> None:
    """
    Refuse an opening that lies outside its day [min after local midnight].

    Raises:
        ConfigError: It does.
    """
    if not 0 <= begins_min < DAY_MIN:
        raise refused(key, found, "a side opens between 00:00 and 24:00 of its own day; choose another opening")
