"""What the answer hangs on: the assumptions that move it most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gatewatch.simulator.comparison.digits import scale_of
from gatewatch.simulator.report.blocks import Block, Cell, Figure, Figures, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.charts.tornado import Swing, tornado
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import NOTHING, Words, capital
from gatewatch.simulator.sensitivity import Sensitivity

_MOST: Final = 8


def section(study: Study, words: Words) -> Section | None:
    """Return the sensitivities; None where none was asked for."""
    blocks = tuple(block for answer in study.sensitivity for block in _blocks(answer, words))
    return Section("hanging", words.say("section.hanging"), "3.4, 4.3", blocks) if blocks else None


def _blocks(answer: Sensitivity, words: Words) -> Iterator[Block]:
    measure, place = words.figure(answer.measure), words.place(answer.gate, answer.direction)
    what = words.say("hanging.value")
    if answer.policies:
        what = words.say("hanging.changes", policies=" + ".join(answer.policies))
    base = words.told(answer.base, None, answer.unit, signed=bool(answer.policies))
    yield Paragraph(words.say("hanging.intro", what=what, measure=measure, place=place, base=base), "lead")
    rows = answer.top(_MOST)
    if not rows:
        yield Paragraph(words.say("hanging.nothing"))
        return
    drawn = [row for row in rows if row["value_at_low"] is not None and row["value_at_high"] is not None]
    if drawn:
        yield Figures((_chart(answer, drawn, measure, words),))
    scale = scale_of(answer.unit, max(abs(row["strength"] or 0.0) for row in rows))
    table = tuple(
        (
            _short(row["parameter"]),
            _range(row, words),
            words.unit(row["unit"]),
            words.bare(row["strength"], row["strength_half_width"], scale),
            _share(row, words),
            words.bare(row["value_at_low"], None, scale),
            words.bare(row["value_at_high"], None, scale),
        )
        for row in rows
    )
    caption = f"{words.say('hanging.caption')} [{words.unit(scale.unit)}]"
    yield Table(caption, words.columns("hanging.columns"), (Rows(table),))
    for row in answer.switches:
        yield Paragraph(
            words.say(
                "hanging.switch",
                parameter=_short(row["parameter"]),
                at=_three(row["at"], words),
                unit=words.unit(row["unit"]),
                base=_three(row["base"], words),
            )
        )
    if answer.policies and not answer.switches:
        yield Paragraph(words.say("hanging.no_switch"))
    key = "hanging.by_theory" if answer.is_fast else "hanging.by_runs"
    said = {"n": words.count(answer.runs), "days": answer.days, "replications": answer.replications}
    yield Paragraph(words.say(key, **said), "note")


def _chart(answer: Sensitivity, rows: list[dict[str, Any]], measure: str, words: Words) -> Figure:
    ends = [abs(row[key]) for row in rows for key in ("value_at_low", "value_at_high")]
    scale = scale_of(answer.unit, max([abs(answer.base), *ends]))
    swings = [
        Swing(
            _short(row["parameter"]),
            f"{_range(row, words)} {words.unit(row['unit'])}",
            row["value_at_low"] / scale.factor,
            row["value_at_high"] / scale.factor,
        )
        for row in rows
    ]
    caption = words.say("hanging.chart", measure=capital(measure), unit=words.unit(scale.unit))
    names = (words.say("name.low_end"), words.say("name.high_end"))
    return Figure(tornado(caption, swings, answer.base / scale.factor, names, words.plain), caption)


def _short(parameter: str) -> str:
    return parameter.removeprefix("gates.")


def _range(row: dict[str, Any], words: Words) -> str:
    return f"{_three(row['low'], words)} … {_three(row['high'], words)}"


def _three(value: float, words: Words) -> str:
    return words.digits(f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}")


def _share(row: dict[str, Any], words: Words) -> Cell | str:
    if row["total_share"] is None:
        return NOTHING
    return words.told(row["total_share"], row["total_share_half_width"], "share")
