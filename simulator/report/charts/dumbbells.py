"""How full yards and queues are, before and after, against their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from markupsafe import Markup

from gatewatch.simulator.report.charts.intervals import marker
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

_ROW: Final = 32
_TOP: Final = 22


@dataclass(frozen=True, slots=True)
class Dumbbell:
    """
    A value before and after.

    Args:
        label: What it is.
        said: Its numbers in words.
        before: Value of the baseline.
        after: Value of the scenario; None where there is only one.
        limit: Places there are; None without a limit, or where it is far beyond the others.
    """

    label: str
    said: str
    before: float
    after: float | None
    limit: float | None


def dumbbells(title: str, rows: Sequence[Dumbbell], names: Sequence[str], number: Number) -> Markup:
    """
    Return a chart of values before and after on one axis from nought.

    Args:
        title: What is read aloud.
        rows: The values.
        names: What the open marker, the filled one and the limit are called; as many as are needed.
        number: How a number of the axis is written.
    """
    values = chain.from_iterable((row.before, row.after, row.limit) for row in rows)
    across, ticks = scale([0, *(v for v in values if v is not None)], LEFT, RIGHT, wanted=4)
    bottom = _TOP + _ROW * len(rows) + 2
    parts = axis_below(across, ticks, _TOP, bottom, number)
    for n, row in enumerate(rows):
        y = _TOP + _ROW * n + 23
        parts += line_of_words(row.label, row.said, y - 10)
        if row.limit is not None:
            x = across.at(row.limit)
            parts.append(tag("path", d=f"M{x:.1f} {y - 6:.1f}v12", class_="limit"))
        before = across.at(row.before)
        if row.after is None:
            parts.append(tag("line", x1=across.at(0), y1=y, x2=before, y2=y, class_="joint"))
            parts.append(marker("circle", before, y, "dot new"))
            continue
        after = across.at(row.after)
        parts += [
            tag("line", x1=before, y1=y, x2=after, y2=y, class_="joint"),
            marker("circle", after, y, "dot new"),
            marker("open", before, y, "dot base"),
        ]
    return chart(title, bottom + 18, [*parts, *_key(names, has_after=any(row.after is not None for row in rows))])


def _key(names: Sequence[str], *, has_after: bool) -> list[str]:
    kinds = [("open", "dot base"), ("circle", "dot new"), ("", "limit")] if has_after else [
        ("circle", "dot new"), ("", "limit")
    ]  # fmt: skip
    room, parts = (RIGHT - LEFT) / 3, []
    for n, (name, (shape, class_)) in enumerate(zip(names, kinds, strict=False)):
        x = LEFT + 5 + n * room
        sample = marker(shape, x, 9, class_) if shape else tag("path", d=f"M{x:.1f} 3v12", class_=class_)
        parts += [sample, text(x + 9, 13, fitted(name, room - 14), "label")]
    return parts
