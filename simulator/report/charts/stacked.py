"""Bars of parts: the causes of waiting before and after, or the lines of a cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from gatewatch.simulator.report.charts.svg import (
    LEFT,
    RIGHT,
    Number,
    axis_below,
    chart,
    fitted,
    line_of_words,
    scale,
    tag,
    text,
)

_ROW: Final = 36
_BAR: Final = 16
_LINE: Final = 15
TONES: Final = 6  # tones of the parts; each carries its number too


@dataclass(frozen=True, slots=True)
class Bar:
    """
    A bar.

    Args:
        label: What it is of.
        said: Its sum in words.
        parts: Size of each part, in the order of the parts' names.
    """

    label: str
    said: str
    parts: Sequence[float]


def stacked(title: str, bars: Sequence[Bar], names: Sequence[str], number: Number) -> Markup:
    """
    Return bars of parts one under the other; a part is told by its number, its tone, and its place.

    Args:
        title: What is read aloud.
        bars: The bars.
        names: What the parts are, in the order in which they are drawn.
        number: How a number of the axis is written.
    """
    across, ticks = scale([0, *(sum(bar.parts) for bar in bars)], LEFT, RIGHT, wanted=4)
    bottom = 4 + _ROW * len(bars)
    parts = axis_below(across, ticks, 4, bottom, number)
    for n, bar in enumerate(bars):
        top = 4 + _ROW * n
        parts += line_of_words(bar.label, bar.said, top + 12)
        begun = 0.0
        for which, size in enumerate(bar.parts):
            left, right = across.at(begun), across.at(begun + size)
            begun += size
            parts += _part(which, left, right, top + 16)
    key = bottom + 30
    for which, name in enumerate(names):
        y = key + which * _LINE
        parts += [*_part(which, LEFT, LEFT + 14, y - 11, height=13), text(LEFT + 20, y, fitted(name, 320), "label")]
    return chart(title, key + _LINE * (len(names) - 1) + 6, parts)


def _part(which: int, left: float, right: float, top: float, height: float = _BAR) -> list[str]:
    if right - left < 0.3:
        return []
    tone = which % TONES
    parts = [tag("rect", x=left, y=top, width=right - left, height=height, class_=f"part p{tone}")]
    if right - left >= 11:
        parts.append(text((left + right) / 2, top + height - 3.5, str(which + 1), f"on p{tone}", "middle"))
    return parts
