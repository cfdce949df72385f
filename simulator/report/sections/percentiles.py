"""Percentiles of waits and crossing times, without and with each policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gatewatch.simulator.comparison.comparison import Outcome
from gatewatch.simulator.comparison.digits import Scale, scale_of
from gatewatch.simulator.comparison.rows import Statistic
from gatewatch.simulator.report.blocks import Cell, Rows, Section, Table
from gatewatch.simulator.report.study import Place, Study
from gatewatch.simulator.report.words import NOTHING, Words, capital

MEASURES: Final = ("wait", "crossing_time")
_STATISTICS: Final[tuple[Statistic, ...]] = ("p50", "p90", "p95")

Found = tuple[float | None, float | None]  # value and half width


def section(study: Study, words: Words) -> Section | None:
    """Return the percentiles where there are any."""
    groups = tuple(
        Rows(rows, capital(words.place(*place)))
        for place in [*study.touched, (None, None)]
        if (rows := tuple(_rows(study, place, words)))
    )
    if not groups:
        return None
    table = Table(words.say("percentiles.caption"), words.columns("percentiles.columns"), groups)
    return Section("percentiles", words.say("section.percentiles"), "1.2", (table,))


def _rows(study: Study, place: Place, words: Words) -> Iterator[tuple[Cell | str, ...]]:
    for measure in MEASURES:
        found = [(outcome, _found(study, outcome, measure, place)) for outcome in _moving(study, place)]
        values = [abs(value) for _, three in found for value, _ in three if value is not None]
        if not values:
            continue
        scale, name = scale_of("s", max(values)), capital(words.known("measure", measure))
        for outcome, three in found:
            which = study.label(outcome, words)
            label = name if study.comparison is None else words.say("percentiles.change", name=name, which=which)
            yield label, words.unit(scale.unit), *(_cell(value, half, scale, words) for value, half in three)


def _moving(study: Study, place: Place) -> list[Outcome]:
    """Return the baseline and the scenarios that change something at a place."""
    return [
        study.baseline,
        *(o for o in study.scenarios if any((row.gate, row.direction) == place for row in study.headline(o))),
    ]


def _cell(value: float | None, half: float | None, scale: Scale, words: Words) -> Cell | str:
    return NOTHING if value is None else Cell(words.bare(value, half, scale), value)


def _found(study: Study, outcome: Outcome, measure: str, place: Place) -> list[Found]:
    """Return value and half width of each percentile; of the baseline of a comparison as its rows have it."""
    if study.comparison is None:
        rows = {
            row["percentile"]: row
            for row in outcome.results.percentiles
            if (row["measure"], row["gate"], row["direction"], row["class"], row["station"])
            == (measure, *place, None, None)
        }
        three = [rows.get(int(statistic[1:])) for statistic in _STATISTICS]
        return [(None, None) if row is None else (row["value"], _half(row["low"], row["high"])) for row in three]
    found: list[Found] = []
    for statistic in _STATISTICS:
        if outcome is study.baseline:
            rows_of = [study.compared(scenario, measure, place, statistic) for scenario in study.scenarios]
            known = next((row for row in rows_of if row is not None and row.baseline is not None), None)
            found.append((None, None) if known is None else (known.baseline, known.baseline_half_width))
        else:
            row = study.compared(outcome, measure, place, statistic)
            found.append((None, None) if row is None else (row.value, row.value_half_width))
    return found


def _half(low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else (high - low) / 2
