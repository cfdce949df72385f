"""Reported counts as points over the simulated path and its band, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from markupsafe import Markup

from gatewatch.simulator.report.charts.bands import legend
from gatewatch.simulator.report.charts.svg import RIGHT, Number, Scale, axis_left, band, chart, line, scale, tag, text

_LEFT: Final = 44
_TOP, _BOTTOM, _HEIGHT = 30, 206, 226
_MOST_TICKS: Final = 6
_ROOM, _LINE = 36.0, 14.0  # that a number takes


def reported_path(
    title: str,
    days: Sequence[date],
    simulated: Sequence[tuple[float, float, float]],
    reported: Sequence[tuple[date, float]],
    names: tuple[str, str],
    number: Number,
    day_text: Sequence[str],
) -> Markup:
    """
    Return a chart of the simulated path with its band, and the reported points over it.

    Args:
        title: What is read aloud.
        days: Days of the path, one after the other.
        simulated: Of each day lower edge, mean and upper edge.
        reported: Days and counts.
        names: What the line and the points are called.
        number: How a number of the axis is written.
        day_text: How each day is written on the axis.
    """
    tops = [*(high for _, _, high in simulated), *(value for _, value in reported)]
    up, ticks = scale([0, *tops], _BOTTOM, _TOP, wanted=4)
    across = Scale(0, max(len(days) - 1, 1), _LEFT, RIGHT - 6)
    parts = axis_left(up, ticks, _LEFT, RIGHT, number)
    every = -(-len(days) // _MOST_TICKS)
    for n in range(0, len(days), every):
        parts += [
            tag("line", x1=across.at(n), y1=_BOTTOM, x2=across.at(n), y2=_BOTTOM + 4, class_="axis"),
            text(across.at(n), _BOTTOM + 15, day_text[n], "tick", "middle" if n else "start"),
        ]
    low, mean, high = ([(across.at(n), up.at(row[which])) for n, row in enumerate(simulated)] for which in range(3))
    parts += [band(low, high, "band new"), line(mean, "mean new")]
    written = (-_ROOM, 0.0)  # where the last number stands; one too near to it is left to the table
    for day, value in reported:
        x, y = across.at(days.index(day)), up.at(value)
        parts.append(tag("circle", cx=x, cy=y, r=4, class_="reported"))
        if x - written[0] >= _ROOM or abs(y - written[1]) >= _LINE:
            parts.append(text(x + 5, y - 6, number(value), "value", "start" if x < RIGHT - 40 else "end"))
            written = x, y
    parts += legend([(names[0], "new")])
    parts += [tag("circle", cx=190, cy=9, r=4, class_="reported"), text(199, 13, names[1], "label")]
    return chart(title, _HEIGHT, parts)
