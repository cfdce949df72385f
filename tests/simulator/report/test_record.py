"""Reported counts over the simulated band, and the error in words, good or bad."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from gatewatch.config.scenarios import Target
from gatewatch.simulator import simulate
from gatewatch.simulator.reported_path import path_rows
from tests.simulator.report.html_tree import read


def replication(*counts):
    """Return what a replication kept of the backlog of gate a at 08:00, day by day."""
    backlog = np.zeros((len(counts), 24))
    backlog[:, 8] = counts
    dates = tuple(f"2025-01-{6 + n:02d}" for n in range(len(counts)))
    return SimpleNamespace(hourly=SimpleNamespace(dates=dates, backlog={("a", "export"): backlog}))


def test_the_path_is_the_mean_and_eight_of_ten_replications():
    """Of eleven replications with 0 to 10 waiting the band goes from 1 to 9, around 5; at the full hour before."""
    target = Target(measure="backlog", gate="a", direction="export", value=6, on=date(2025, 1, 7), at="08:40")
    rows = path_rows([target, target], [replication(2, n) for n in range(11)])

    assert [(row["date"], row["p10"], row["mean"], row["p90"]) for row in rows] == [
        ("2025-01-06", 2, 2, 2), ("2025-01-07", 1, 5, 9)
    ]  # fmt: skip
    assert rows[0]["at_min"] == 8 * 60 + 40


def test_a_place_that_nobody_came_to_has_no_path():
    """Nor has a clearance a path: it is no count at a moment."""
    cleared = Target(measure="cleared_per_day", gate="a", value=6)
    elsewhere = Target(measure="backlog", gate="b", direction="export", value=6, on=date(2025, 1, 7))

    assert path_rows([cleared, elsewhere], [replication(1), replication(2)]) == []


def test_the_error_is_told_good_or_bad(page_alone, results):
    """Within a tenth is close, within a quarter fair, beyond it off; the furthest off is named."""
    first = {**results.targets[0], "reported": 100.0, "half_width": 4.0}
    targets = [{**first, "simulated": value} for value in (91.0, 120.0, 41.0, None)]
    tree = read(page_alone(replace(results, targets=targets)))
    version = tree.all("main", lang="en")[0]
    marks = [row.all("td")[5].text for row in version.all("section", class_="record")[0].all("tr") if row.all("td")]
    answer = version.all("section", class_="answer")[0].text

    assert marks == ["close", "fair", "off", "–"]
    assert "Of 3 reported figures the simulated ones come within 10 % of 1, within 25 % of 1, and miss 1" in answer
    assert (
        "The furthest off: Gate A, export, 2025-01-08 08:00: 100 veh reported, 41 ±4 veh simulated (−59 %)." in answer
    )
    assert "1 reported figures lie outside" in answer


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "n_paths"), [("winter_2021", 4), ("spring_2023", 2)])
def test_an_episode_is_drawn_over_its_simulated_band(page_alone, scenario, n_paths):
    """Every reported backlog is a point of the chart of its place; the height of the first is that of its count."""
    results = simulate(scenario, replications=2)
    section = read(page_alone(results)).all("main", lang="en")[0].all("section", class_="record")[0]
    points = [circle for circle in section.all("circle", class_="reported") if circle.attributes["cy"] != "9"]

    assert len(section.all("figure")) == n_paths
    assert len(points) == len(results.targets)
    assert len(section.all("polygon")) == n_paths
