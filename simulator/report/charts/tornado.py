"""What a value becomes when one assumption moves to either end of its range, the strongest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from markupsafe import Markup

from gatewatch.simulator.report.charts.svg import (
    LEFT,
    RIGHT,
    Number,
    axis_below,
    chart,
    line_of_words,
    scale,
    tag,
    text,
)

_ROW: Final = 34
_BAR: Final = 11


@dataclass(frozen=True, slots=True)
class Swing:
    """
    An assumption that is moved.

    Args:
        label: Which.
        said: Its range in words.
        at_low: The value at the low end of its range.
        at_high: The value at the high end.
    """

    label: str
    said: str
    at_low: float
    at_high: float


def tornado(title: str, swings: Sequence[Swing], base: float, names: tuple[str, str], number: Number) -> Markup:
    """
    Return bars around the value as it is.

    Args:
        title: What is read aloud.
        swings: The assumptions, the strongest first.
        base: The value with every assumption as it is.
        names: What the ends of a bar are called: low and high.
        number: How a number of the axis is written.
    """
    across, ticks = scale([base, *chain.from_iterable((s.at_low, s.at_high) for s in swings)], LEFT, RIGHT, wanted=4)
    top = 22
    bottom = top + _ROW * len(swings)
    parts = axis_below(across, ticks, top, bottom, number)
    for n, swing in enumerate(swings):
        y = top + _ROW * n
        parts += [
            *line_of_words(swing.label, swing.said, y + 12),
            *_half(across.at(base), across.at(swing.at_low), y + 17, "low"),
            *_half(across.at(base), across.at(swing.at_high), y + 17, "high"),
        ]
    parts.append(tag("line", x1=across.at(base), y1=top, x2=across.at(base), y2=bottom, class_="axis"))
    for n, name in enumerate(names):
        x = LEFT + n * 170
        kind = ("low", "high")[n]
        parts += [
            tag("rect", x=x, y=3, width=18, height=_BAR, class_=f"swing {kind}"), text(x + 24, 13, name, "label")
        ]  # fmt: skip
    return chart(title, bottom + 18, parts)


def _half(base: float, end: float, top: float, kind: str) -> list[str]:
    if abs(end - base) < 0.3:
        return []
    return [tag("rect", x=min(base, end), y=top, width=abs(end - base), height=_BAR, class_=f"swing {kind}")]
