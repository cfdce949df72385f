"""A verdict as a sentence."""

from __future__ import annotations

from typing import Final

from gatewatch.simulator.comparison.digits import pair
from gatewatch.simulator.comparison.rows import CENSORED, Row
from gatewatch.simulator.report.words import Words, capital

_MANY: Final = 10_000  # further replications that nobody waits for


def sentence(row: Row, words: Words) -> str:
    """Return what a figure was, what it is, by how much it differs, and how sure that is."""
    figure = capital(words.figure(row.measure, row.statistic, row.gate, row.station, row.class_))
    if row.baseline is None or row.value is None:
        return words.say("sentence.unknown", figure=figure, reason=_reason(row, words))
    if row.difference == 0 and not row.half_width:
        before = words.told(row.baseline, row.baseline_half_width, row.unit)
        return words.say("sentence.no_change", figure=figure, before=before)
    if row.bound != "exact" or row.difference is None:
        return _bounded(row, figure, row.baseline, row.value, words)
    values, unit = pair((row.baseline, row.baseline_half_width), (row.value, row.value_half_width), row.unit)
    before, after = (f"{words.digits(value)} {words.unit(unit)}" for value in values.split(" → "))
    difference = words.told(row.difference, row.half_width, row.unit, signed=True)
    smallest = words.told(row.smallest or 0.0, None, row.unit)
    if row.verdict == "same":
        close = {"difference": difference, "smallest": smallest}
        return words.say("sentence.same", figure=figure, before=before, after=after, **close)
    if row.verdict == "undecided":
        open_ = words.say("sentence.undecided", figure=figure, before=before, after=after, difference=difference)
        return f"{open_}; {_further(row, words)}"
    size = words.told(abs(row.difference), row.half_width, row.unit)
    key = "sentence.rose" if row.difference > 0 else "sentence.fell"
    said = words.say(key, figure=figure, before=before, after=after, size=size)
    is_sure = min(abs(row.low or 0.0), abs(row.high or 0.0)) >= (row.smallest or 0.0)
    return said if is_sure else f"{said}; {words.say('sentence.perhaps', smallest=smallest)}"


def _bounded(row: Row, figure: str, baseline: float, value: float, words: Words) -> str:
    """Return the sentence on values of which one or both are lower bounds."""
    before = words.told(baseline, row.baseline_half_width, row.unit)
    after = words.told(value, row.value_half_width, row.unit)
    if row.bound in {"at most", "unknown"}:
        before = words.say("sentence.at_least", value=before)
    if row.bound in {"at least", "unknown"}:
        after = words.say("sentence.at_least", value=after)
    said = {"figure": figure, "before": before, "after": after, "reason": _reason(row, words)}
    limit = {"at least": row.low, "at most": row.high}.get(row.bound)
    if row.verdict in {"undecided", "unknown"} or limit is None:
        return words.say("sentence.not_told", **said)
    return words.say("sentence.bounded", limit=words.told(abs(limit), None, row.unit), **said)


def _reason(row: Row, words: Words) -> str:
    if row.bound == "unknown":
        return words.say("reason.censored_both")
    return words.say("reason.censored" if row.method == CENSORED else "reason.too_few")


def _further(row: Row, words: Words) -> str:
    if row.more_replications is None:
        return words.say("sentence.more_none")
    if row.more_replications > _MANY:
        return words.say("sentence.more_many", n=words.count(_MANY))
    return words.say("sentence.more", n=words.count(row.more_replications))
