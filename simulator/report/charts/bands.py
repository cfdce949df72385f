"""The backlog by hour of the day: the baseline's mean and band against a scenario's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from markupsafe import Markup

from gatewatch.simulator.report.charts.svg import (
    RIGHT,
    Number,
    Scale,
    axis_left,
    band,
    chart,
    fitted,
    line,
    scale,
    tag,
    text,
)

_LEFT: Final = 44
_TOP, _BOTTOM, _HEIGHT = 26, 176, 196
_EVERY: Final = 6  # hours between ticks


@dataclass(frozen=True, slots=True)
class HourlyBand:
    """
    Values at the full hours, 00:00 to 23:00.

    Args:
        label: Whose they are.
        kind: `base` or `new`: grey and dashed, or coloured and solid.
        mean: Means.
        low: Lower edge of the band.
        high: Upper edge.
    """

    label: str
    kind: str
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def hourly_bands(title: str, series: Sequence[HourlyBand], number: Number) -> Markup:
    """Return a chart of bands over the hours of the day, from nought."""
    up, ticks = scale([0, *chain.from_iterable(s.high for s in series)], _BOTTOM, _TOP, wanted=4)
    across = Scale(0, 23, _LEFT, RIGHT)
    parts = axis_left(up, ticks, _LEFT, RIGHT, number)
    for hour in range(0, 24, _EVERY):
        x = across.at(hour)
        parts += [
            tag("line", x1=x, y1=_BOTTOM, x2=x, y2=_BOTTOM + 4, class_="axis"),
            text(x, _BOTTOM + 15, f"{hour:02d}:00", "tick", "middle" if hour else "start"),
        ]
    for s in series:
        low, high = ([(across.at(h), up.at(v)) for h, v in enumerate(values)] for values in (s.low, s.high))
        parts.append(band(low, high, f"band {s.kind}"))
    for s in series:
        parts.append(line([(across.at(h), up.at(v)) for h, v in enumerate(s.mean)], f"mean {s.kind}"))
    return chart(title, _HEIGHT, [*parts, *legend([(s.label, s.kind) for s in series])])


def legend(entries: Sequence[tuple[str, str]], left: float = 4) -> list[str]:
    """Return names with a sample of their lines, in one row at the top."""
    room = (RIGHT - left) / max(len(entries), 1)
    parts = []
    for n, (label, kind) in enumerate(entries):
        x = left + n * room
        parts += [
            tag("line", x1=x, y1=9, x2=x + 22, y2=9, class_=f"mean {kind}"),
            text(x + 27, 13, fitted(label, room - 32), "label"),
        ]
    return parts
