"""Paired differences with their intervals, against the smallest difference that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from markupsafe import Markup

from gatewatch.simulator.report.charts.svg import (
    LEFT,
    RIGHT,
    Number,
    Scale,
    axis_below,
    chart,
    line_of_words,
    scale,
    tag,
)

_ROW, _TOP = 36, 8
_SHAPES = {"better": "circle", "worse": "square", "more": "circle", "less": "circle", "same": "diamond"}


@dataclass(frozen=True, slots=True)
class Interval:
    """
    A difference in the unit of the chart.

    Args:
        label: What is compared.
        said: The verdict and the numbers in words.
        verdict: Gives the shape of the marker.
        value: The difference; None where nothing is known.
        half_width: Its 95 % half width.
        low: Lower limit at the adjusted level; None where it is not known.
        high: Upper limit.
    """

    label: str
    said: str
    verdict: str
    value: float | None
    half_width: float | None
    low: float | None
    high: float | None


def intervals(title: str, rows: Sequence[Interval], smallest: float, number: Number) -> Markup:
    """
    Return a chart of differences on one axis around nought.

    Args:
        title: What is read aloud.
        rows: The differences.
        smallest: Smallest difference that matters: the shaded middle.
        number: How a number of the axis is written.
    """
    known = chain.from_iterable((r.value, r.low, r.high, _end(r, -1), _end(r, 1)) for r in rows)
    across, ticks = scale([-smallest, smallest, *(v for v in known if v is not None)], LEFT, RIGHT, wanted=4)
    bottom = _TOP + _ROW * len(rows)
    parts = [
        tag(
            "rect", x=across.at(-smallest), y=_TOP, width=across.at(smallest) - across.at(-smallest),
            height=bottom - _TOP, class_="margin",
        ),
        *axis_below(across, ticks, _TOP, bottom, number),
        tag("line", x1=across.at(0), y1=_TOP, x2=across.at(0), y2=bottom, class_="axis"),
    ]  # fmt: skip
    for n, row in enumerate(rows):
        parts += _row(row, across, _TOP + _ROW * n)
    return chart(title, bottom + 18, parts)


def _end(row: Interval, side: int) -> float | None:
    return None if row.value is None or row.half_width is None else row.value + side * row.half_width


def _row(row: Interval, across: Scale, top: float) -> list[str]:
    y = top + 24
    parts = line_of_words(row.label, row.said, top + 12)
    if row.value is None:
        return parts
    # A side that is not known is drawn to the edge of the chart, without an end.
    low = across.start if row.low is None else across.at(row.low)
    high = across.end if row.high is None else across.at(row.high)
    if row.low is not None or row.high is not None:
        parts.append(tag("line", x1=low, y1=y, x2=high, y2=y, class_=f"whisker v-{row.verdict}"))
    left, right = _end(row, -1), _end(row, 1)
    if left is not None and right is not None and row.low is not None and row.high is not None:
        parts.append(tag("line", x1=across.at(left), y1=y, x2=across.at(right), y2=y, class_=f"spread v-{row.verdict}"))
    parts.append(marker(_SHAPES.get(row.verdict, "open"), across.at(row.value), y, f"dot v-{row.verdict}"))
    return parts


def marker(shape: str, x: float, y: float, class_: str) -> str:
    """Return a marker: `circle`, `square`, `diamond`, or `open` for a circle that is not filled."""
    match shape:
        case "square":
            return tag("rect", x=x - 4, y=y - 4, width=8, height=8, class_=class_)
        case "diamond":
            return tag("path", d=f"M{x:.1f} {y - 5.5:.1f}l5.5 5.5-5.5 5.5-5.5-5.5z", class_=class_)
        case "open":
            return tag("circle", cx=x, cy=y, r=4, class_=f"{class_} open")
    return tag("circle", cx=x, cy=y, r=4.5, class_=class_)
