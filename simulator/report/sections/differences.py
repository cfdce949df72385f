"""The headline figures of each policy beside the baseline's: interval plots, then the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from gatewatch.simulator.comparison.comparison import Comparison
from gatewatch.simulator.comparison.digits import Scale, decimals_of, rounded, scale_of
from gatewatch.simulator.comparison.rows import Row
from gatewatch.simulator.report.blocks import Block, Cell, Figure, Figures, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.charts.intervals import Interval, intervals
from gatewatch.simulator.report.sections.answer import mark
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import NOTHING, Words, capital


def section(study: Study, words: Words) -> Section | None:
    """Return the paired differences; None where nothing is compared."""
    comparison = study.comparison
    if comparison is None:
        return None
    blocks: list[Block] = [Paragraph(words.say("differences.intro"))]
    if charts := tuple(_charts(study, comparison, words)):
        blocks.append(Figures(charts))
    groups = tuple(
        Rows(
            tuple(_row(row, words) for row in here),
            f"{study.label(outcome, words)} — {capital(words.place(*place))}",
        )
        for outcome in comparison.scenarios
        for place, here in groupby(study.headline(outcome), key=lambda row: (row.gate, row.direction))
    )
    if not groups:
        blocks = [Paragraph(words.say("differences.none"))]
        return Section("differences", words.say("section.differences"), "1.2, 4.3", tuple(blocks))
    blocks += [
        Table(
            words.say("differences.caption"), words.columns("differences.columns"), groups,
            f"{words.say('differences.note')} {words.say('differences.all_tables')}",
        )
    ]  # fmt: skip
    return Section("differences", words.say("section.differences"), "1.2, 4.3", tuple(blocks))


def _charts(study: Study, comparison: Comparison, words: Words) -> Iterator[Figure]:
    """Yield a chart for each figure of the headline, with every scenario that has it."""
    by_figure: dict[tuple[object, ...], list[Row]] = {}
    for outcome in comparison.scenarios:
        for row in study.headline(outcome):
            by_figure.setdefault((*row.key, row.statistic), []).append(row)
    whole_first = sorted(by_figure.values(), key=lambda rows: rows[0].gate is not None)
    for rows in whole_first:
        if all(row.difference is None for row in rows):
            continue
        first = rows[0]
        scale = _scale(rows)
        smallest = max(row.smallest or 0.0 for row in rows)
        caption = words.say(
            "differences.chart",
            place=capital(words.place(first.gate, first.direction)),
            figure=words.figure(first.measure, first.statistic, first.gate, first.station, first.class_),
            unit=words.unit(scale.unit), smallest=words.told(smallest, None, first.unit),
        )  # fmt: skip
        bars = [_interval(study, row, scale, words) for row in rows]
        yield Figure(intervals(caption, bars, smallest / scale.factor, words.plain), caption)


def _scale(rows: Sequence[Row]) -> Scale:
    known = [abs(x) for r in rows for x in (r.difference, r.half_width, r.smallest) if x is not None]
    return scale_of(rows[0].unit, max(known, default=0.0))


def _interval(study: Study, row: Row, scale: Scale, words: Words) -> Interval:
    outcome = next(outcome for outcome in study.scenarios if outcome.name == row.scenario)
    verdict = words.say(f"verdict.{row.verdict}")
    numbers = words.bare(row.difference, row.half_width if row.bound == "exact" else None, scale, signed=True)
    half = None if row.half_width is None or row.bound != "exact" else row.half_width / scale.factor
    value, low, high = (None if x is None else x / scale.factor for x in (row.difference, row.low, row.high))
    return Interval(study.label(outcome, words), f"{verdict}: {numbers}", row.verdict, value, half, low, high)


def _row(row: Row, words: Words) -> tuple[Cell | str, ...]:
    figure = capital(words.figure(row.measure, row.statistic, row.gate, row.station, row.class_))
    values = [abs(x) for x in (row.baseline, row.value, row.difference) if x is not None]
    scale = scale_of(row.unit, max(values, default=0.0))
    is_exact = row.bound == "exact"
    before = "≥ " if row.bound in {"at most", "unknown"} else ""
    after = "≥ " if row.bound in {"at least", "unknown"} else ""
    bound = {"at least": "≥ ", "at most": "≤ "}.get(row.bound, "")
    return (
        figure,
        words.unit(scale.unit),
        Cell(f"{before}{words.bare(row.baseline, row.baseline_half_width, scale)}", row.baseline),
        Cell(f"{after}{words.bare(row.value, row.value_half_width, scale)}", row.value),
        Cell(f"{bound}{words.bare(row.difference, row.half_width, scale, signed=True)}", row.difference)
        if row.difference is not None
        else NOTHING,
        half_width(row.unpaired_half_width, scale, words) if is_exact else NOTHING,
        _p(row.p_adjusted, words) if is_exact else NOTHING,
        words.told(row.smallest, None, row.unit),
        Cell("", mark=mark(row.verdict, words)),
    )


def half_width(half: float | None, scale: Scale, words: Words) -> str:
    """Return a half width by itself, with the digits that it allows."""
    if half is None:
        return NOTHING
    small = half / scale.factor
    return words.digits(rounded(small, decimals_of(small))) if small else "0"


def _p(p: float | None, words: Words) -> str:
    if p is None:
        return NOTHING
    return words.digits("<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}")
