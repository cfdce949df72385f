"""Charts: where things are drawn, by hand, and that words are words."""

import pytest

from gatewatch.simulator.report.charts.dumbbells import Dumbbell, dumbbells
from gatewatch.simulator.report.charts.intervals import Interval, intervals
from gatewatch.simulator.report.charts.stacked import Bar, stacked
from gatewatch.simulator.report.charts.svg import scale
from tests.simulator.report.html_tree import read


def drawn(markup):
    """Return the chart as a tree."""
    return read(str(markup)).all("svg")[0]


def number(value):
    """Return a number of an axis."""
    return f"{value:g}"


def test_an_interval_lies_where_its_numbers_say():
    """On an axis from -10 to 10, 344 wide from 8: -5 ±2 is drawn at 94, from 59.6 to 128.4; the limits at -8 and -2."""
    row = Interval("longer", "better: -5 ±2", "better", -5, 2, -8, -2)
    chart = drawn(intervals("Wait", [row, Interval("fixed", "same", "same", 9, 1, 8, 10)], 2, number))
    (whisker,) = chart.all("line", class_="whisker v-better")
    (spread,) = chart.all("line", class_="spread v-better")
    (dot,) = chart.all("circle", class_="dot v-better")
    (margin,) = chart.all("rect", class_="margin")

    assert float(dot.attributes["cx"]) == pytest.approx(8 + 344 * 5 / 20)
    assert [float(spread.attributes[key]) for key in ("x1", "x2")] == pytest.approx([59.6, 128.4])
    assert [float(whisker.attributes[key]) for key in ("x1", "x2")] == pytest.approx([42.4, 145.6])
    assert float(margin.attributes["width"]) == pytest.approx(344 * 4 / 20)


def test_verdicts_differ_in_shape_and_not_only_in_colour():
    """Better is a disc, worse a square, the same a diamond, undecided a ring; each has its word beside it."""
    verdicts = ["better", "worse", "same", "undecided"]
    chart = drawn(intervals("Wait", [Interval("x", v, v, 1, 1, 0, 2) for v in verdicts], 1, number))
    shapes = [e.name + e.attributes["class"][3:] for e in chart.every() if e.attributes.get("class", "")[:3] == "dot"]

    assert shapes == ["circle v-better", "rect v-worse", "path v-same", "circle v-undecided open"]
    assert [e.text for e in chart.all("text", class_="said")] == verdicts


def test_what_is_not_known_is_not_drawn():
    """A difference without a value is words alone; a limit that is not known runs to the edge."""
    chart = drawn(intervals("Wait", [Interval("x", "not known", "unknown", None, None, None, None)], 1, number))
    bound = drawn(intervals("Wait", [Interval("x", "≤ -3", "better", -3, None, None, -1)], 1, number))
    (whisker,) = bound.all("line", class_="whisker v-better")

    assert not [e for e in chart.every() if e.attributes.get("class", "").startswith(("dot", "whisker"))]
    assert float(whisker.attributes["x1"]) == 8


def test_parts_of_a_bar_fill_it_in_proportion():
    """Shares of 0.75 and 0.25 are drawn three to one, one after the other, each with its number."""
    chart = drawn(stacked("Causes", [Bar("before", "1: 75 %", [0.75, 0.25])], ["shut", "busy"], number))
    first, second = (chart.all("rect", class_=f"part p{n}")[0] for n in range(2))
    left, width = (float(first.attributes[key]) for key in ("x", "width"))

    assert width == pytest.approx(3 * float(second.attributes["width"]), abs=0.05)
    assert float(second.attributes["x"]) == pytest.approx(left + width, abs=0.02)
    assert [e.text for e in chart.all("text") if e.attributes["class"].startswith("on ")][:2] == ["1", "2"]


def test_places_are_drawn_beside_what_stands_there():
    """20 before, 10 after, 40 places: at a half, a quarter, and the end of the axis."""
    chart = drawn(dumbbells("Yards", [Dumbbell("lot", "20 → 10", 20, 10, 40)], ["before", "after", "places"], number))
    before, after = (
        next(e for e in chart.all("circle", class_=c) if float(e.attributes["cy"]) > 20)
        for c in ("dot base open", "dot new")
    )

    assert float(before.attributes["cx"]) == pytest.approx(8 + 344 / 2)
    assert float(after.attributes["cx"]) == pytest.approx(8 + 344 / 4)
    assert any(e.attributes["d"].startswith("M352.0") for e in chart.all("path", class_="limit"))


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 47], [0, 10, 20, 30, 40, 50]),
        ([-7, 3], [-8, -6, -4, -2, 0, 2, 4]),
        ([0, 0.013], [0, 0.005, 0.01, 0.015]),
        ([5, 5], [5, 5.2, 5.4, 5.6, 5.8, 6]),
        ([], [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_ticks_are_round_and_hold_the_values(values, ticks):
    """Steps are 1, 2 or 5 times a power of ten; equal values and none at all have an axis too."""
    assert scale(values, 0, 100)[1] == pytest.approx(ticks)


def test_words_in_a_chart_are_no_markup():
    """What a border calls its yards is escaped, in the title and in the labels."""
    hostile = '"><script>alert(1)</script>'
    chart = drawn(dumbbells(hostile, [Dumbbell("<b>", "&", 1, 2, None)], [hostile], number))

    assert chart.all("script") == []
    assert chart.all("title")[0].text == hostile
    assert "<b>" in chart.text
