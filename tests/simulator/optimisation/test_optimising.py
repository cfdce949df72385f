"""The optimiser finds what the exact solution says, says so when there is nothing to find, and repeats itself."""

import json
import math
from itertools import pairwise

import pytest

from gatewatch.simulator.optimisation import Limits, optimise
from gatewatch.simulator.optimisation.search import Search
from gatewatch.simulator.policies import find_policy

CLOSES = range(16, 23)
SHORT = Limits(first=5, most=20, fresh=5)


def closing_hour(name):
    """Return the hour of a candidate's name; the present one is 16."""
    return int(name.removeprefix("closes ").partition(":")[0]) if name.startswith("closes") else 16


def test_the_cheapest_schedule_is_the_one_that_the_exact_chain_names(found, exact):
    """Six closings later than now: the forward equations give each its mean wait, the extra hours their price."""
    feasible = [hour for hour in CLOSES if exact.wait_s(hour) <= 5.4 * 3_600]
    right = min(feasible, key=exact.gate_cost)

    assert right == 18  # neither the first nor the last of the menu, and no closer to the target than the tolerance
    assert found.is_met
    assert closing_hour(found.find("cheapest")["candidate"]) == right
    assert closing_hour(found.find("runner_up")["candidate"]) == right + 1
    assert found.sureness["is_cheapest_sure"]
    assert found.sureness["cheapest_right_again"] == 1.0


def test_each_candidate_is_judged_as_the_exact_chain_judges_it(found, exact):
    """None lies within the tolerance of the target here, so every status is known."""
    said = {closing_hour(row["candidate"]): row["status"] for row in found.candidates}

    assert said == {hour: "meets" if exact.wait_s(hour) <= 5.4 * 3_600 else "fails" for hour in CLOSES}


def test_the_re_run_agrees_with_the_exact_chain(found, exact):
    """Mean wait within three half widths, cost to the gate exactly, total cost within three half widths."""
    row = found.find("cheapest")

    assert row["figure"] == pytest.approx(exact.wait_s(18), abs=3 * row["figure_half_width"])
    assert row["gate_cost"] == exact.gate_cost(18) == 600_000
    assert row["total_cost"] == pytest.approx(exact.total_cost(18), abs=3 * row["total_cost_half_width"])
    assert row["is_confirmed"]
    assert row["figure"] < row["figure_bound"] < 5.4 * 3_600


def test_the_least_total_cost_is_the_exact_one_up_to_the_indifference(found, exact):
    """Waiting is dear here: the latest closing costs least in all."""
    chosen = closing_hour(found.find("least_total")["candidate"])

    assert exact.total_cost(chosen) - min(map(exact.total_cost, CLOSES)) <= found.question["indifference"]


def test_the_front_and_its_shadow_prices_follow_the_exact_ones(found, exact):
    """Every closing is on the front; a minute of mean wait costs what the exact waits say, within a tenth."""
    hours = [closing_hour(point["candidate"]) for point in found.front]
    exact_prices = [
        (exact.gate_cost(b) - exact.gate_cost(a)) / (exact.wait_s(a) - exact.wait_s(b)) * 60 for a, b in pairwise(hours)
    ]

    assert hours == list(CLOSES)
    assert found.shadow_unit == "VND/day per min of wait"
    assert [point["shadow_price"] for point in found.front[1:]] == pytest.approx(exact_prices, rel=0.1)


def test_two_candidates_cost_the_same_at_the_price_that_parts_them(found):
    """At each edge of a region both neighbours cost the same, by the amounts in the table of candidates."""
    rows = {row["candidate"]: row for row in found.candidates}
    regions = [row for row in found.switches if row["price"] == "vehicle_hour" and row["among"] == "all"]

    assert len(regions) > 2
    for before, after in pairwise(regions):
        a, b = rows[before["candidate"]], rows[after["candidate"]]
        gap = (150_000 * (b["paid_hours"] - a["paid_hours"])) / (a["vehicle_hours"] - b["vehicle_hours"])

        assert before["high"] == after["low"] == pytest.approx(gap, rel=1e-6)
    assert [row["candidate"] for row in regions if row["is_now"]] == [found.find("least_total")["candidate"]]


def test_the_verdict_says_what_to_do_and_how_sure_it_is(found):
    """Schedule, cost, runner-up, least total cost, probability, and what may be taken as equal."""
    said = " ".join(found.verdict)

    for words in (
        "Cheapest that meets wait<5.4h: closes 18:00. It costs the gate 600,000 VND/day",
        "Runner-up: closes 19:00, +300,000 VND/day to the gate beside the cheapest; wait ",
        "Least total cost:",
        "right with a probability of at least 95%",
        "A tighter target costs",
    ):
        assert words in said


def test_an_answer_can_be_run_again_as_policies(found):
    """Each candidate is a list of policies in the words of `gatewatch compare`."""
    texts = [text for row in found.candidates for text in row["policies"]]

    assert len(texts) == 6
    assert [find_policy(text).text for text in texts] == texts


def test_the_cheapest_roster_is_the_one_that_the_exact_chain_names(border, exact):
    """Servers added to the only station until the mean wait is below 5.6 h: two more."""
    result = optimise("servers", "base", border, gate="a", target="wait<5.6h", workers=2)
    right = next(n for n in range(2, 7) if exact.wait_s(servers=n) <= 5.6 * 3_600)
    row = result.find("cheapest")

    assert right == 4
    assert row["candidate"] == f"+{right - 2} check"
    assert row["gate_cost"] == exact.gate_cost(servers=right) == 2 * 9 * 150_000
    assert row["figure"] == pytest.approx(exact.wait_s(servers=right), abs=3 * row["figure_half_width"])
    assert [gain["station"] for gain in result.gains] == ["check"]
    assert result.gains[0]["figure_change"] == pytest.approx(exact.wait_s(servers=3) - exact.wait_s(), rel=0.1)


def test_it_says_so_when_nothing_meets_the_target(border):
    """An hour of mean wait is out of reach of every closing; the nearest, what binds, and that more hours would do."""
    result = optimise("hours", "base", border, gate="a", target="wait<1h", candidates="closes=18:00,22:00")
    said = " ".join(result.verdict)

    assert not result.is_met
    assert {row["status"] for row in result.candidates} == {"fails"}
    assert "No candidate was shown to meet wait<1h. Nearest: closes 22:00" in said
    assert "What binds there, by waiting: check: shut here (export" in said
    assert "hours alone can do it" in said
    with pytest.raises(KeyError):
        result.find("cheapest")


def test_the_present_schedule_is_enough_where_it_is(border):
    """Nothing costs less than leaving the hours as they are."""
    result = optimise("hours", "base", border, gate="a", target="wait<9h", candidates="closes=18:00", limits=SHORT)

    assert result.find("cheapest")["candidate"] == "as it is"
    assert result.verdict[0].startswith("The schedule as it is meets wait<9h.")


def test_a_gate_that_is_left_with_a_growing_queue_fails_and_says_why(write):
    """At eight in the evening it is still too short: the waits seen are only a lower bound."""
    file = write(("per_day = 84.0", "per_day = 170"))
    result = optimise(
        "hours", "base", file, gate="a", target="p95_wait<40h", candidates="closes=20:00", limits=SHORT
    )  # fmt: skip
    row = result.candidates[0]

    assert row["status"] == "unknown"
    assert row["figure"] is None
    assert row["reason"].startswith("too many vehicles are still inside at the end of 5 of 5 runs")
    assert json.loads(result.to_json())["candidates"][0]["figure"] is None


COUNTERPART = """
[calendars.other]
timezone = "Asia/Shanghai"
hours = [{ open = ["08:00-17:00"] }]
"""


def test_hours_of_one_side_are_worth_nothing_without_the_other(write):
    """A crossing needs both: alone no closing meets the target, with the other side's consent the exact one does."""
    both = ("[gates.a.stations.check]\n", '[gates.a.stations.check]\nopens_with = "both"\n')
    side = ('[gates.a]\ncalendar = "daytime"', '[gates.a]\ncalendar = "daytime"\ncounterpart = { calendar = "other" }')
    file = write(both, side, more=COUNTERPART)
    asked = {"gate": "a", "target": "wait<5.4h", "candidates": "closes=17:00..19:00/60", "limits": SHORT}
    alone = optimise("hours", "base", file, **asked, with_counterpart=False)
    together = optimise("hours", "base", file, **asked)

    assert not alone.is_met
    assert alone.find("around_the_clock")["figure"] == pytest.approx(alone.find("as_it_is")["figure"])
    assert together.find("cheapest")["candidate"] == "closes 18:00"


def test_only_who_was_shown_to_meet_the_target_is_priced_as_one_who_does(found):
    """Among those that meet it in the table of prices, nobody failed, was undecided, or missed it in the re-run."""
    status = {row["candidate"]: row["status"] for row in found.candidates}
    priced = {row["candidate"] for row in found.switches if row["among"] == "shown to meet the target"}

    assert priced
    assert {status[name] for name in priced} == {"meets"}


def test_nobody_is_priced_as_one_who_meets_it_where_nobody_does(border):
    """An hour of mean wait is out of reach: one table, no cheapest, no share of resamples for it, no runner-up."""
    result = optimise("hours", "base", border, gate="a", target="wait<1h", candidates="closes=18:00", limits=SHORT)

    assert {row["among"] for row in result.switches} == {"all"}
    assert result.sureness["cheapest_right_again"] is None
    assert "right in this sense is the least total in" in " ".join(result.verdict)


def test_a_missing_runner_up_is_said(border):
    """Only 18:00 meets it: there is no second."""
    result = optimise("hours", "base", border, gate="a", target="wait<5.4h", candidates="closes=18:00", limits=SHORT)

    assert "No runner-up: no other candidate was shown to meet the target." in result.verdict


def test_a_runner_up_says_whether_it_meets_the_target(found):
    """In the words of the re-run."""
    row = found.find("runner_up")

    assert row["is_confirmed"]
    assert any(said.startswith("Runner-up: ") and said.endswith("; it meets the target.") for said in found.verdict)


def test_figures_that_are_not_told_apart_have_no_price(border):
    """With a tolerance of ten hours no two mean waits differ: the front has no shadow price, and none is said."""
    limits = Limits(tolerance=36_000, first=5, most=20, fresh=5)
    result = optimise("hours", "base", border, gate="a", target="wait<20h", candidates="closes=18:00", limits=limits)

    assert len(result.front) == 2
    assert [point["shadow_price"] for point in result.front] == [None, None]
    assert "tighter" not in " ".join(result.verdict)


def test_hours_that_differ_on_no_day_of_the_run_are_one_candidate(write):
    """Closing at 16:00, as now, changes rules of other years alone: it is the schedule as it is."""
    hours = 'hours = [{ open = ["07:00-16:00"] }, { open = ["07:00-17:00"], first = 2030-01-01 }]'
    file = write(('hours = [{ open = ["07:00-16:00"] }]', hours))
    result = optimise(
        "hours", "base", file, gate="a", target="wait<9h", candidates="closes=16:00,18:00", limits=SHORT
    )  # fmt: skip

    assert [row["candidate"] for row in result.candidates] == ["as it is", "closes 18:00"]


def test_two_workers_give_the_bytes_of_one(border, found):
    """Whoever runs them, the candidates meet the same vehicles, and the answer is the same text."""
    again = optimise(
        "hours", "base", border, gate="a", target="wait<5.4h", candidates="closes=17:00..22:00/60", workers=2
    )  # fmt: skip

    assert again.to_json() == found.to_json()


def test_the_table_has_a_row_for_each_candidate(found):
    """With everything that a notebook would plot."""
    table = found.to_pandas()

    assert len(table) == 7
    assert table["figure"].is_monotonic_decreasing
    assert table["gate_cost"].is_monotonic_increasing


def test_a_higher_target_is_met_from_below(border):
    """Cleared a day is better when higher: the target is met where it is reached."""
    result = optimise(
        "hours", "base", border, gate="a", target="cleared_per_day>80", candidates="closes=18:00", limits=SHORT
    )

    assert result.find("cheapest")["candidate"] == "as it is"
    assert result.find("cheapest")["figure"] > result.find("cheapest")["figure_bound"] > 80


@pytest.mark.parametrize("after", [1, 2, 3])
def test_ctrl_c_keeps_what_is_finished(border, monkeypatch, after):
    """Stopped in the search: the candidates seen so far are there, nothing is promised."""
    real, calls = Search._rows, []

    def stopping(self, numbers, replications):
        calls.append(replications)
        for n, row in enumerate(real(self, numbers, replications)):
            if len(calls) > after and n == 3:
                raise KeyboardInterrupt
            yield row

    monkeypatch.setattr(Search, "_rows", stopping)
    result = optimise("hours", "base", border, gate="a", target="wait<5.4h", candidates="closes=17:00..19:00/60")

    assert not result.is_finished
    assert min(row["replications"] for row in result.candidates) >= 2
    assert all(math.isfinite(row["gate_cost"]) for row in result.candidates)
    assert result.to_json()
