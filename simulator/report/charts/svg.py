"""Elements of SVG as text, scales with round ticks, and the frame that charts share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from markupsafe import Markup

WIDTH: Final = 360  # of every chart: as wide as a phone; wider screens set several side by side
LEFT: Final = 8
RIGHT: Final = WIDTH - 8
LETTER: Final = 6.6  # mean width of a letter at the charts' size, in the widest of the usual fonts
BOLD: Final = 7.4  # of a bold one

Number = Callable[[float], str]


def tag(name: str, *inside: str, **attributes: str | float | None) -> str:
    """
    Return an element; `_` in an attribute's name stands for `-`, and one that ends in `_` is a word of Python.

    >>> tag("line", x1=0, y1=2.50001, class_="axis")
    '<line x1="0" y1="2.5" class="axis"/>'
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{said}>{''.join(inside)}</{name}>" if inside else f"<{name}{said}/>"


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escape(value, quote=True)
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def text(x: float, y: float, words: str, class_: str = "", anchor: str | None = None) -> str:
    """Return words at a place."""
    return tag("text", escape(words), x=x, y=y, class_=class_ or None, text_anchor=anchor)


def chart(title: str, height: float, parts: Iterable[str]) -> Markup:
    """Return a whole chart; the title is what is read aloud."""
    return Markup(  # made of `tag`, which escapes
        tag(
            "svg",
            tag("title", escape(title)),
            *parts,
            viewBox=f"0 0 {WIDTH} {_value(height)}",
            role="img",
            class_="chart",
        )
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places: `low` is drawn at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a value, within the scale."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def scale(values: Iterable[float], start: float, end: float, *, wanted: int = 5) -> tuple[Scale, list[float]]:
    """
    Return a scale that holds some values, and its round ticks.

    >>> scale([0, 47], 0, 100)[1]
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]
    """
    known = list(values) or [0.0]
    low, high = min(known), max(known)
    if low == high:
        low, high = (low - 1, high + 1) if low < 0 else (low, low + 1)
    step = _step((high - low) / wanted)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [float(f"{n * step:.10g}") + 0.0 for n in range(first, last + 1)]
    return Scale(ticks[0], ticks[-1], start, end), ticks


def _step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= least * (1 - 1e-9))


def axis_below(across: Scale, ticks: Sequence[float], top: float, bottom: float, number: Number) -> list[str]:
    """Return vertical lines at the ticks, with their numbers below."""
    parts = []
    for tick in ticks:
        x = across.at(tick)
        anchor = "start" if x < LEFT + 12 else "end" if x > RIGHT - 12 else "middle"
        parts += [
            tag("line", x1=x, y1=top, x2=x, y2=bottom, class_="grid"),
            text(x, bottom + 12, number(tick), "tick", anchor),
        ]
    return parts


def axis_left(up: Scale, ticks: Sequence[float], left: float, right: float, number: Number) -> list[str]:
    """Return horizontal lines at the ticks, with their numbers on the left."""
    parts = []
    for tick in ticks:
        y = up.at(tick)
        parts += [
            tag("line", x1=left, y1=y, x2=right, y2=y, class_="grid"),
            text(left - 4, y + 3.5, number(tick), "tick", "end"),
        ]
    return parts


def line(points: Iterable[tuple[float, float]], class_: str) -> str:
    """Return a line through places."""
    return tag("polyline", points=" ".join(f"{_value(x)},{_value(y)}" for x, y in points), class_=class_)


def band(low: Sequence[tuple[float, float]], high: Sequence[tuple[float, float]], class_: str) -> str:
    """Return the area between two lines."""
    places = [*low, *reversed(high)]
    return tag("polygon", points=" ".join(f"{_value(x)},{_value(y)}" for x, y in places), class_=class_)


def fitted(words: str, width: float) -> str:
    """
    Return words that fit a width, cut with an ellipsis where they do not.

    >>> fitted("Plant quarantine, exports", 90)
    'Plant quaran…'
    """
    most = max(int(width / LETTER), 2)
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def line_of_words(left: str, right: str, y: float) -> list[str]:
    """Return a label on the left and what is said of it on the right, on one line; the label is cut where need be."""
    return [
        text(LEFT, y, fitted(left, RIGHT - LEFT - BOLD * len(right) - 8), "label"),
        text(RIGHT, y, right, "said", "end"),
    ]
