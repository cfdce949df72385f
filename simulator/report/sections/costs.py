"""What it costs: vehicle hours, overtime, money, and the prices that the money is made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gatewatch.simulator.comparison.assembling import price_rows
from gatewatch.simulator.comparison.comparison import Comparison, Outcome
from gatewatch.simulator.comparison.digits import scale_of
from gatewatch.simulator.comparison.headline import TOTAL
from gatewatch.simulator.comparison.rows import Row
from gatewatch.simulator.report.blocks import Block, Cell, Figures, Mark, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.blocks import Figure as Chart
from gatewatch.simulator.report.charts.stacked import Bar, stacked
from gatewatch.simulator.report.sections.answer import mark
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import Words, capital

LINES: Final = ("waiting", "overtime", "spoilage")
_HOURS: Final = ("vehicle_hours_per_day", "overtime_server_hours_per_day")


def section(study: Study, words: Words) -> Section | None:
    """Return the costs; None where nothing is priced."""
    if study.measured(study.baseline, "cost_per_day", station=TOTAL) is None:
        return None
    prices = study.comparison.prices if study.comparison is not None else _prices(study)
    blocks: list[Block] = []
    if prices:
        bases = ", ".join(words.say(f"basis.{basis}") for basis in dict.fromkeys(str(row["basis"]) for row in prices))
        blocks.append(Paragraph(words.say("costs.assumed", bases=bases)))
    blocks += [Figures((_chart(study, words),)), _table(study, words)]
    if prices:
        rows = tuple(_price(row, words) for row in prices)
        blocks.append(Table(words.say("costs.prices"), words.columns("costs.price_columns"), (Rows(rows),)))
    return Section("costs", words.say("section.costs"), "1.2", tuple(blocks))


def _prices(study: Study) -> list[dict[str, Any]]:
    """Return the prices of a scenario that is compared with nothing."""
    return [] if study.plan is None else price_rows(study.plan.loaded)


def _chart(study: Study, words: Words) -> Chart:
    costs = {o.name: [_cost(study, o, line) for line in LINES] for o in study.outcomes}
    known = [which for which in range(len(LINES)) if any(values[which] is not None for values in costs.values())]
    scale = scale_of("VND/day", max(sum(value or 0.0 for value in values) for values in costs.values()))
    bars = []
    for outcome in study.outcomes:
        total = study.measured(outcome, "cost_per_day", station=TOTAL)
        said = "" if total is None else words.bare(total["mean"], total["half_width"], scale)
        label = study.title(words) if study.comparison is None else study.label(outcome, words)
        bars.append(Bar(label, said, [(costs[outcome.name][which] or 0.0) / scale.factor for which in known]))
    caption = words.say("costs.chart", unit=words.unit(scale.unit))
    names = [words.known("cost", LINES[which]) for which in known]
    return Chart(stacked(caption, bars, names, words.plain), caption)


def _cost(study: Study, outcome: Outcome, line: str) -> float | None:
    row = study.measured(outcome, "cost_per_day", station=line)
    return None if row is None else row["mean"]


def _table(study: Study, words: Words) -> Table:
    if study.comparison is None:
        rows = tuple(_alone(study, words))
        return Table(words.say("costs.caption"), words.columns("costs.columns_alone"), (Rows(rows),))
    groups = tuple(
        Rows(tuple(_compared(study.comparison, outcome, words)), study.label(outcome, words))
        for outcome in study.scenarios
    )
    return Table(words.say("costs.caption"), words.columns("costs.columns"), groups)


def _alone(study: Study, words: Words) -> Iterator[tuple[Cell | str, ...]]:
    for measure, station in [*((name, None) for name in _HOURS), *(("cost_per_day", n) for n in (*LINES, TOTAL))]:
        row = study.measured(study.baseline, measure, station=station)
        if row is not None and row["mean"] is not None:
            scale = scale_of(row["unit"], abs(row["mean"]))
            value = Cell(words.bare(row["mean"], row["half_width"], scale), row["mean"])
            yield _line(measure, station, words), words.unit(scale.unit), value


def _line(measure: str, station: str | None, words: Words) -> str:
    return capital(words.known("cost", station) if station is not None else words.known("measure", measure))


def _compared(comparison: Comparison, outcome: Outcome, words: Words) -> Iterator[tuple[Cell | str, ...]]:
    rows = [row for row in comparison.costs if row.gate is None and row.scenario == outcome.name]
    for row in sorted(rows, key=_order):
        if row.baseline is None or row.value is None or row.difference is None:
            continue
        scale = scale_of(row.unit, max(abs(row.baseline), abs(row.value)))
        yield (
            _line(row.measure, row.station, words),
            words.unit(scale.unit),
            Cell(words.bare(row.baseline, row.baseline_half_width, scale), row.baseline),
            Cell(words.bare(row.value, row.value_half_width, scale), row.value),
            Cell(words.bare(row.difference, row.half_width, scale, signed=True), row.difference),
            Cell("", mark=mark(row.verdict, words)),
        )


def _order(row: Row) -> tuple[int, int]:
    if row.measure in _HOURS:
        return _HOURS.index(row.measure), 0
    return len(_HOURS), LINES.index(row.station) if row.station in LINES else len(LINES)


def _price(row: dict[str, Any], words: Words) -> tuple[Cell | str, ...]:
    name = str(row["price"])
    for begins, key in (("load of ", "price.load_of"), ("shelf life of ", "price.shelf_life_of")):
        if name.startswith(begins):
            said = words.say(key, class_=words.vehicles(name.removeprefix(begins)))
            break
    else:
        said = words.known("price", name.replace(" ", "_"))
    basis = Cell("", mark=Mark(str(row["basis"]), words.say(f"basis.{row['basis']}")))
    return said, Cell(words.plain(row["value"]), row["value"]), words.unit(str(row["unit"])), basis, row["source"] or ""
