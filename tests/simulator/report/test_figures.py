"""The numbers of a report are those of the comparison, with no more digits than their half widths allow."""

import json
import math
import re
from dataclasses import replace

import pytest

from gatewatch.simulator.comparison.digits import decimals_of
from gatewatch.simulator.report import write_report
from gatewatch.simulator.report.study import study_of
from gatewatch.simulator.sensitivity import Sensitivity
from gatewatch.simulator.shadow import shadow
from tests.simulator.report.conftest import LONGER, STAFFED
from tests.simulator.report.html_tree import read


def version(text, language="en"):
    """Return one language of a page."""
    return read(text).all("main", lang=language)[0]


def rows_of(section):
    """Return the rows of the first table of a section as texts, group headings left out."""
    table = section.all("table")[0]
    return [
        [cell.text for cell in row.inside if not isinstance(cell, str)]
        for row in table.all("tr")
        if row.all("td")
    ]  # fmt: skip


def values_of(section, n):
    """Return the numbers behind the n-th table of a section."""
    return [float(data.attributes["value"]) for data in section.all("table")[n].all("data")]


def test_the_differences_are_those_of_the_comparison(page, comparison):
    """Baseline, scenario and difference of every headline figure that a policy moves, in order."""
    study = study_of(comparison, (), None)
    section = version(page()).all("section", class_="differences")[0]
    expected = [
        value
        for outcome in comparison.scenarios
        for row in study.headline(outcome)
        for value in (row.baseline, row.value, row.difference)
        if value is not None
    ]

    assert values_of(section, 0) == [float(f"{value:.10g}") for value in expected]
    assert len(expected) > 10


def test_what_a_policy_leaves_as_it_is_is_not_repeated(page):
    """Gate b sees the same vehicles with and without what is done at gate a: it is in no table of differences."""
    section = version(page()).all("section", class_="differences")[0]

    assert "Gate A" in section.text
    assert "Gate B" not in section.text


def test_a_policy_that_changes_nothing_is_told_in_one_sentence(tmp_path, comparison):
    """No figure of its headline differs: no table of differences repeats them, and the answer says so."""
    still = [
        replace(row, value=row.baseline, difference=0.0, half_width=0.0, verdict="same")
        if row.baseline is not None
        else row
        for row in comparison.rows
    ]  # fmt: skip
    write_report(tmp_path / "report.html", replace(comparison, rows=tuple(still)))
    found = version((tmp_path / "report.html").read_text("utf-8"))
    n = sum(row.baseline is not None for row in comparison.headline(LONGER))

    assert f"It changes nothing: all {n} headline figures" in found.all("section", class_="answer")[0].text
    assert found.all("section", class_="differences")[0].all("table") == []


def test_costs_and_prices_are_those_of_the_comparison(page, comparison):
    """Each line of all gates together, and each price with its basis."""
    section = version(page()).all("section", class_="costs")[0]
    lines = [row for row in comparison.costs if row.gate is None]

    assert sorted(values_of(section, 0)) == sorted(
        float(f"{value:.10g}") for row in lines for value in (row.baseline, row.value, row.difference)
    )
    assert values_of(section, 1) == [row["value"] for row in comparison.prices]
    assert "Money follows from prices that are assumed" in section.text


def test_what_binds_is_what_the_comparison_says(page, comparison):
    """The cause before and after, by scenario, where the policies change something."""
    section = version(page()).all("section", class_="binding")[0]
    expected = [
        share
        for row in comparison.binding
        if row["gate"] == "a"
        for share in (row["before_share"], row["after_share"])
    ]  # fmt: skip

    assert values_of(section, 0) == [float(f"{share:.10g}") for share in expected]


def test_percentiles_are_those_of_the_comparison(page, comparison):
    """The baseline's and each scenario's, at the places that move."""
    section = version(page()).all("section", class_="percentiles")[0]
    first = [
        value
        for name in (LONGER, STAFFED)
        for p in ("p50", "p90", "p95")
        if (value := comparison.find(name, "wait", "a", "export", statistic=p).value) is not None
    ]

    assert first
    assert {float(f"{value:.10g}") for value in first} <= set(values_of(section, 0))


def test_the_figures_of_one_scenario_are_those_of_its_results(page_alone, results):
    """Offered, cleared, capacity and times by place."""
    section = version(page_alone()).all("section", class_="flows")[0]
    whole = [results.find(name)["mean"] for name in ("offered_per_day", "cleared_per_day", "wait", "crossing_time")]

    assert {float(f"{value:.10g}") for value in whole} <= set(values_of(section, 0))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_more_digits_than_the_half_width_allows(page, language):
    """In every cell "value ±half width" both end at the same digit, and the half width has two digits at most."""
    told = [e.text for name in ("td", "text", "li") for e in version(page(), language).all(name)]
    found = [pair for text in told for pair in re.findall(r"([\d.,]*\d) ±([\d.,]*\d)", text)]
    point = "," if language == "vi" else "."

    assert len(found) > 20
    for value, half in found:
        decimals = [len(number.partition(point)[2]) for number in (value, half)]
        plain = float(half.replace("." if language == "vi" else ",", "").replace(point, "."))

        assert decimals[0] == decimals[1], (value, half)
        assert plain == 0 or decimals[1] == max(decimals_of(plain), 0), (value, half)


def test_vietnamese_writes_numbers_its_own_way(page_alone, results):
    """A thousand has a point and a tenth a comma; the day comes before the month."""
    many = replace(results, targets=[{**results.targets[0], "reported": 1_234.0, "simulated": 1_301.0}])
    vietnamese, english = (version(page_alone(many), language) for language in ("vi", "en"))

    assert "1.234 xe" in vietnamese.all("section", class_="record")[0].text
    assert "1,234 veh" in english.all("section", class_="record")[0].text
    assert "08/01/2025 08:00" in vietnamese.text
    assert "2025-01-08 08:00" in english.text
    assert "+5,4 %" in vietnamese.text


def test_the_gain_of_pairing_is_the_median_of_the_headline(page, comparison):
    """How many times narrower the intervals are, and how many replications that is worth."""
    rows = [row for name in (LONGER, STAFFED) for row in comparison.headline(name)]
    ratios = sorted(row.unpaired_half_width / row.half_width for row in rows if row.half_width)
    middle = len(ratios) // 2
    median = ratios[middle] if len(ratios) % 2 else (ratios[middle - 1] + ratios[middle]) / 2
    section = version(page()).all("section", class_="experiment")[0]

    assert f"make the intervals {median:.2g} times narrower (median of {len(ratios)} headline figures)" in section.text


def test_the_manifest_is_whole(page, comparison):
    """What is printed reads back as the manifest."""
    section = version(page()).all("section", class_="manifest")[0]
    printed = "".join(part for part in section.all("pre")[0].inside if isinstance(part, str))

    assert json.loads(printed) == json.loads(json.dumps(comparison.manifest))


def test_theory_stands_beside_the_simulation_when_it_is_given(page, comparison):
    """A row for every figure of the baseline that theory knows; what is too far off is marked and explained."""
    plan = comparison.baseline.results.plan
    section = version(page(shadow=shadow(plan))).all("section", class_="theory")[0]
    rows = rows_of(section)

    assert {row[0] for row in rows} == {"Gate A, export", "Gate B, export"}
    assert {row[7] for row in rows} <= {"yes", "! no"}
    assert len(section.all("li")) == sum(row[7] == "! no" for row in rows)


def test_what_the_answer_hangs_on_is_drawn_when_it_is_given(page):
    """A bar for each assumption from the value at its low end to that at its high end, and the switch point."""
    row = {
        "rank": 1, "parameter": "gates.a.stations.booth.servers", "unit": "servers", "base": 2.0, "low": 1.0,
        "high": 3.0, "strength": 9.0, "strength_half_width": 1.2, "mean_effect": 9.0, "spread": 1.0,
        "total_share": 0.7, "total_share_half_width": 0.1, "first_share": 0.6, "value_at_low": -8.0,
        "value_at_high": 4.0,
    }  # fmt: skip
    switch = {
        "parameter": "gates.a.stations.booth.servers", "unit": "servers", "base": 2.0, "at": 2.5, "effect_below": -1.0,
        "effect_above": 1.0,
    }  # fmt: skip
    study = Sensitivity(
        "base", (LONGER,), "backlog_at_2000", "veh", "a", None, -2.0, "both", False, 4, 1, 60, True, [row], [switch]
    )  # fmt: skip
    section = version(page(sensitivity=study)).all("section", class_="hanging")[0]
    bars = section.all("rect", height="11")[:2]

    assert rows_of(section)[0] == [
        "a.stations.booth.servers", "1 … 3", "servers", "9.0 ±1.2", "70 ±10 %", "−8", "4"
    ]  # fmt: skip
    assert "It changes its sign at a.stations.booth.servers = 2.5 servers (as things are: 2)." in section.text
    assert float(bars[0].attributes["width"]) == pytest.approx(float(bars[1].attributes["width"]))  # 6 either way
    assert not math.isclose(float(bars[0].attributes["x"]), float(bars[1].attributes["x"]))


def test_every_value_that_is_used_is_in_the_register_once(page):
    """Assumed, inferred and reported values by file and key, with unit and source; what is not used is left out."""
    section = version(page()).all("section", class_="assumptions")[0]
    tables = {table.all("caption")[0].text: table for table in section.all("table")}
    assumed, inferred, reported, sources = (
        [[c.text for c in row.inside if not isinstance(c, str)] for row in table.all("tr") if row.all("td")]
        for table in tables.values()
    )

    assert ["gates.a.export.stages.booth.service", "exponential: mean 6", "min"] in assumed
    assert ["demand.base.flows.a.arrivals.per_day", "200", "veh/day"] in assumed
    assert ["gates.a.stations.booth.servers", "2", "servers", "S1"] in inferred
    assert ["gates.a.yards.lot.places", "300", "places", "S1"] in reported
    assert not any("other" in row[0] for row in assumed)
    assert len(assumed) == len({tuple(row) for row in assumed})
    assert sources == [["S1", "A paper <of record>", "2025-01-01", "https://example.org/a?b=1&c=2"]]
