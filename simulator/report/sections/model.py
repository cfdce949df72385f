"""The model in short, where it is described in full, and where each item of STRESS-DES is answered."""

from __future__ import annotations

from gatewatch.config.routes import DIRECTIONS, route_of
from gatewatch.simulator.report.blocks import Block, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import Words, capital


def section(study: Study, words: Words) -> Section:
    """Return what kind of model it is; the items of STRESS-DES are added when all sections are there."""
    blocks: list[Block] = [
        Paragraph(words.say("model.what", engine=study.manifest["engine"])),
        Paragraph(words.say("model.described")),
    ]
    if study.plan is not None:
        rows = tuple(_routes(study, words))
        blocks.append(Table(words.say("model.routes"), words.columns("model.route_columns"), (Rows(rows),)))
    return Section("model", words.say("section.model"), "2.1, 2.2, 2.4, 2.5", tuple(blocks))


def _routes(study: Study, words: Words) -> list[tuple[str, str]]:
    """Return the stages of each gate and direction in order, those of a kind of gate together."""
    assert study.plan is not None
    places: dict[str, list[str]] = {}
    for name in study.gates:
        gate = study.plan.loaded.border.gates[name]
        for side in DIRECTIONS:
            direction = gate.direction(side)
            if direction is not None:
                stations = [direction.stages[stage].station or stage for stage in route_of(direction)]
                way = " → ".join(words.station(name, station) for station in stations)
                places.setdefault(way, []).append(words.place(name, side))
    return [(capital("; ".join(where)), way) for way, where in places.items()]


def stress_table(sections: list[Section], words: Words) -> Table:
    """Return where the items of STRESS-DES are answered."""
    rows = tuple((section.items, section.title) for section in sections)
    return Table(
        words.say("model.stress_caption"), words.columns("model.stress_columns"), (Rows(rows),), is_small=True
    )  # fmt: skip
