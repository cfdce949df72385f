"""The shadow beside the simulated shipped scenarios: the gaps that the tolerances promise."""

import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan, simulate
from gatewatch.simulator.shadow import BESIDE_KEYS, TOLERANCES, beside, shadow

LOADED = load_border()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LOADED.border.scenarios))
def test_a_shipped_scenario_lies_within_the_tolerances(name):
    """Cleared, capacity, backlog, waits and who turns back, by gate and direction, with six replications."""
    results = simulate(name, LOADED, replications=6, workers=2)
    rows = beside(results.measures, shadow(make_plan(LOADED, name)), results.censored)
    outside = [row for row in rows if not row["is_within"]]

    assert len(rows) >= 20
    assert all(tuple(row) == BESIDE_KEYS for row in rows)
    assert [(row["gate"], row["direction"], row["measure"], row["gap"]) for row in outside] == []


def test_a_gap_above_the_tolerance_is_flagged_in_words():
    """Simulated values that are nothing like the shadow are all flagged, each with a reason."""
    answer = shadow(make_plan(LOADED, "h1_2025"), exact=False)
    wrong = [
        {"measure": row["measure"], "gate": row["gate"], "direction": row["direction"], "class": None,
         "station": None, "mean": row["fluid"] * 3 + 9_999, "half_width": 0.0}
        for row in answer.rows
        if row["measure"] in TOLERANCES
    ]  # fmt: skip
    rows = beside(wrong, answer)

    assert len(rows) == len(wrong)
    assert all(not row["is_within"] and row["why"] for row in rows)


def test_every_tolerance_has_its_reason():
    """One place says how much, and why so much."""
    assert all(tolerance.reason and 0 < tolerance.share <= 0.25 for tolerance in TOLERANCES.values())
