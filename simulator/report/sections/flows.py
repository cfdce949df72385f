"""What one scenario lets through: offered, cleared, capacity, turned back, and the times."""

from __future__ import annotations

from typing import Final

from gatewatch.simulator.comparison.digits import scale_of
from gatewatch.simulator.report.blocks import Cell, Rows, Section, Table
from gatewatch.simulator.report.study import Place, Study
from gatewatch.simulator.report.words import NOTHING, Words, capital

COLUMNS: Final = (
    "offered_per_day", "cleared_per_day", "capacity_per_day", "turned_back_per_day", "diverted_per_day", "backlog",
    "wait", "crossing_time",
)  # fmt: skip


def section(study: Study, words: Words) -> Section | None:
    """Return the figures of the only scenario by place; None where scenarios are compared."""
    if study.comparison is not None:
        return None
    places: list[Place] = [*study.touched, *((gate, None) for gate in study.gates), (None, None)]
    order = sorted(places, key=lambda place: (place[0] is None, study.gates.index(place[0]) if place[0] else 0))
    rows = tuple(
        (capital(words.place(*place)), *(_cell(study, measure, place, words) for measure in COLUMNS))
        for place in order
        if study.measured(study.baseline, "offered_per_day", *place) is not None
    )
    names = (words.say("flows.place"), *(f">{words.figure(measure)}" for measure in COLUMNS))
    table = Table(words.say("flows.caption"), names, (Rows(rows),), words.say("flows.note"))
    return Section("flows", words.say("section.flows"), "1.2", (table,))


def _cell(study: Study, measure: str, place: Place, words: Words) -> Cell | str:
    row = study.measured(study.baseline, measure, *place)
    if row is None or row["mean"] is None:
        return NOTHING
    scale = scale_of(row["unit"], abs(row["mean"]))
    bound = "≥ " if study.is_bound(study.baseline, measure, *place) else ""
    unit = f" {words.unit(scale.unit)}" if row["unit"] == "s" else ""
    return Cell(f"{bound}{words.bare(row['mean'], row['half_width'], scale)}{unit}", row["mean"])
