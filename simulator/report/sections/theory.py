"""Theory beside the simulation: how far apart they are, how far they may be, and what can be behind it."""

from __future__ import annotations

import re
from typing import Any, Final

from gatewatch.simulator.comparison.digits import scale_of
from gatewatch.simulator.report.blocks import Block, Cell, Items, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import Words, capital

_NEAR: Final = re.compile(r"(?P<what>.+) is at load (?P<load>[\d.]+), where days that differ count most")
_SHARED: Final = re.compile(
    r"(?P<what>.+) serves both directions, and the fluid serves them alike, not the oldest first"
)


def section(study: Study, words: Words) -> Section | None:
    """Return the shadow beside the simulated values; None where it was not asked."""
    blocks: list[Block] = [Paragraph(words.say("theory.intro"))]
    for outcome in study.outcomes:
        rows = study.theory.get(outcome.name)
        if not rows:
            continue
        if outcome is not study.baseline:
            # Elsewhere it says what it says of the baseline.
            moved = study.moved(outcome)
            rows = [row for row in rows if (row["gate"], row["direction"]) in moved]
            if not rows:
                continue
        name = study.title(words) if study.comparison is None else study.label(outcome, words)
        n_within = sum(row["is_within"] for row in rows)
        blocks.append(Paragraph(words.say("theory.summary", scenario=name, n=n_within, all=len(rows)), "lead"))
        caption = words.say("theory.caption", scenario=name)
        table = (Rows(tuple(_row(row, words) for row in rows)),)
        blocks.append(Table(caption, words.columns("theory.columns"), table, is_small=True))
        beyond = [row for row in rows if not row["is_within"]]
        if beyond:
            blocks.append(Items(tuple(Cell(_why(row, words)) for row in beyond)))
    return Section("theory", words.say("section.theory"), "4.3", tuple(blocks)) if len(blocks) > 1 else None


def _row(row: dict[str, Any], words: Words) -> tuple[Cell | str, ...]:
    scale = scale_of(row["unit"], max(abs(row["simulated"]), abs(row["shadow"])))
    return (
        capital(words.place(row["gate"], row["direction"])),
        words.figure(row["measure"]),
        words.unit(scale.unit),
        Cell(words.bare(row["simulated"], row["half_width"], scale), row["simulated"]),
        Cell(words.bare(row["shadow"], None, scale), row["shadow"]),
        words.bare(row["gap"], None, scale, signed=True),
        words.bare(row["tolerance"], None, scale),
        words.say("theory.within" if row["is_within"] else "theory.beyond"),
        words.known("method", row["of"]),
    )


def _why(row: dict[str, Any], words: Words) -> str:
    place, figure = capital(words.place(row["gate"], row["direction"])), words.figure(row["measure"])
    said = "; ".join(_reason(part, row["gate"], words) for part in row["why"].split("; "))
    return words.say("theory.why", place=place, figure=figure, why=said)


def _reason(part: str, gate: str, words: Words) -> str:
    """Return one of the reasons that the shadow gives, in the language."""
    if near := _NEAR.fullmatch(part):
        return words.say("theory.near", what=_resource(near["what"], gate, words), load=words.digits(near["load"]))
    if shared := _SHARED.fullmatch(part):
        return words.say("theory.shared", what=_resource(shared["what"], gate, words))
    return words.known("why", part)


def _resource(name: str, gate: str, words: Words) -> str:
    """Return the name of a station, or of what a yard runs out of."""
    return words.cause(gate, name) if ":" in name else words.station(gate, name)
