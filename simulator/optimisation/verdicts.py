"""The answer in sentences: what to do, what it costs, how sure it is; or that nothing meets the target, and why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gatewatch.simulator.optimisation.answers import standing
from gatewatch.simulator.optimisation.asked import Question
from gatewatch.simulator.optimisation.hours import delays_before_service
from gatewatch.simulator.optimisation.search import Search
from gatewatch.simulator.optimisation.selection import SCREEN_FIRST, Rules, Selection

Row = Mapping[str, Any]


def money(value: float | None, *, signed: bool = False) -> str:
    """
    Return an amount for people.

    >>> money(79_519_299), money(-450_000, signed=True)
    ('79.5 million VND/day', '-450,000 VND/day')
    """
    if value is None or math.isnan(value):
        return "not known"
    sign = "+" if signed else ""
    if abs(value) >= 1e6:
        return f"{value / 1e6:{sign},.1f} million VND/day"
    return f"{value:{sign}z,.0f} VND/day"


def sentences(
    search: Search,
    question: Question,
    selection: Selection,
    rules: Rules,
    answers: Sequence[Row],
    binding: Sequence[Row],
    front: Sequence[Row],
    shadow_unit: str,
    switches: Sequence[Row],
    sure: Row,
) -> list[str]:
    """Return the verdict, most important first."""
    by_role = {row["role"]: row for row in answers}
    if "cheapest" in by_role:
        found = [*_met(search, by_role), *_tighter(by_role["cheapest"], front, shadow_unit)]
    elif selection.cheapest is not None:
        found = [f"Cheapest so far: {search.candidates[selection.cheapest].name}; it was not run on fresh streams."]
    else:
        found = [*_not_met(search, selection, by_role, binding), *_delays(search, question)]
    if "least_total" in by_role:
        found.append(_least_total(search, selection, by_role["least_total"], switches))
    found += _close(search, selection)
    found.append(_sure(search, selection, rules, sure))
    if selection.screened:
        reasons = Counter(selection.screened.values())
        why = "; ".join(f"{n} because {reason}" for reason, n in sorted(reasons.items()))
        found.append(f"Screened out after {SCREEN_FIRST} replications, of {len(selection.status)} candidates: {why}.")
    if question.stay:
        found.append(
            f"Only the hours of {question.hours_of}s change: {', '.join(question.stay)} serve both directions and keep "
            "theirs."
        )
    if any("appointments:" in policy for row in answers for policy in row["policies"]):
        found.append("Waiting for a booked slot happens at home and is not counted: the vehicles' wait moves there.")
    if selection.is_stopped:
        found.append("Stopped before the end: what was finished is shown.")
    return found


def _met(search: Search, by_role: Mapping[str, Row]) -> list[str]:
    row, asked = by_role["cheapest"], search.target.text
    named = (
        f"The schedule as it is meets {asked}"
        if not row["policies"]
        else f"Cheapest that meets {asked}: {row['candidate']}"
    )
    bound = search.target.shown(row["figure_bound"])
    found = [
        (
            f"{named}. It costs the gate {money(row['gate_cost'])} ({money(row['gate_cost_change'], signed=True)} "
            f"against the present) and {money(row['total_cost_change'], signed=True)} in all; {search.target.name} "
            f"{search.target.shown(row['figure'])}, 95 % bound {bound}, on fresh streams."
        )
    ]
    if not row["is_confirmed"]:
        found.append(
            "The re-run does not confirm the target at 95 %: the bound lies beyond it. It is met in the mean only "
            "within the tolerance; ask for more fresh replications or a stricter target."
        )
    if "runner_up" in by_role:
        second = by_role["runner_up"]
        more = second["gate_cost"] - row["gate_cost"]
        found.append(
            f"Runner-up: {second['candidate']}, {money(more, signed=True)} to the gate beside the cheapest; "
            f"{search.target.name} {search.target.shown(second['figure'])}; {standing(search.target, second)}."
        )
    else:
        found.append("No runner-up: no other candidate was shown to meet the target.")
    return found


def _not_met(search: Search, selection: Selection, by_role: Mapping[str, Row], binding: Sequence[Row]) -> list[str]:
    undecided = [
        search.candidates[n].name
        for n, status in enumerate(selection.status)
        if status == "open" and n not in selection.screened
    ]
    found = [f"No candidate was shown to meet {search.target.text}."]
    if undecided:
        found.append(f"Not decided: {', '.join(undecided[:5])}{' and others' if len(undecided) > 5 else ''}.")
    if "nearest" in by_role:
        row = by_role["nearest"]
        unknown = f" (too many still inside in {row['unknown_runs']} runs)" if row["unknown_runs"] else ""
        found.append(
            f"Nearest: {row['candidate']}, {search.target.name} {search.target.shown(row['figure'])}{unknown}, "
            f"{money(row['gate_cost_change'], signed=True)} to the gate."
        )
        causes = [r for r in binding if r["direction"] is not None][:2]
        if causes:
            said = ", ".join(f"{r['cause']} ({r['direction']}, {r['share']:.0%} of the waiting)" for r in causes)
            found.append(f"What binds there, by waiting: {said}.")
    if "around_the_clock" in by_role:
        row = by_role["around_the_clock"]
        found.append(
            f"Open around the clock, {search.target.name} would be {search.target.shown(row['figure'])}: "
            + ("hours alone can do it." if row["is_confirmed"] else "hours alone cannot do it.")
        )
    return found


def _tighter(row: Row, front: Sequence[Row], shadow_unit: str) -> list[str]:
    """Return the shadow price of the target: what the next step along the front costs."""
    names = [point["candidate"] for point in front]
    place = names.index(row["candidate"]) + 1 if row["candidate"] in names else len(names)
    after = next((point for point in front[place:] if point["shadow_price"] is not None), None)
    if after is None:
        return []
    return [f"A tighter target costs {after['shadow_price']:,.0f} {shadow_unit} from there on ({after['candidate']})."]


def _close(search: Search, selection: Selection) -> list[str]:
    """Return a warning of cheaper candidates that may meet the target, but only just."""
    if selection.cheapest is None:
        return []

    def cost(n: int) -> float:
        return search.level(n, lambda amounts: amounts.gate_cost(search.prices))

    near = [
        search.candidates[n].name
        for n, status in enumerate(selection.status)
        if status == "fails"
        and n not in selection.screened
        and search.target.keeps(search.level(n, lambda amounts: amounts.figure))
        and cost(n) < cost(selection.cheapest)
    ]
    if not near:
        return []
    return [f"Cheaper, and within the limit by less than the tolerance, so not shown to meet it: {', '.join(near)}."]


def _delays(search: Search, question: Question) -> list[str]:
    """Return which part of a time neither hours nor servers shorten."""
    if question.direction is None or search.target.measure not in ("wait", "open_wait", "crossing_time"):
        return []
    found = delays_before_service(question.plan, question.gate, question.direction)
    if not found:
        return []
    return [f"Part of {search.target.name} is no waiting: {', '.join(found)} take their time whatever the schedule."]


def _least_total(search: Search, selection: Selection, row: Row, switches: Sequence[Row]) -> str:
    """Return the least total cost, and who is level with it: of equals the procedure may name either."""
    best = {r["candidate"] for r in switches if r["among"] == "all" and r["is_now"]} - {row["candidate"]}
    names = [candidate.name for candidate in search.candidates]

    def total(n: int) -> float:
        return search.level(n, lambda amounts: amounts.total_cost(search.prices))

    tied = "".join(
        f", tied with {name} ({money(total(names.index(name)) - total(selection.least_total), signed=True)} by the "
        "search's runs)"
        for name in sorted(best)
    )
    return (
        f"Least total cost: {row['candidate']}{tied}, {money(row['total_cost_change'], signed=True)} against the "
        f"present, of which {money(row['gate_cost_change'], signed=True)} to the gate; {standing(search.target, row)}."
    )


def _sure(search: Search, selection: Selection, rules: Rules, sure: Row) -> str:
    zone = search.target.shown(2 * rules.tolerance)
    if selection.is_cheapest_sure and selection.is_least_total_sure:
        said = f"Each choice is right with a probability of at least {1 - rules.alpha:.0%}"
    else:
        said = (
            f"The procedure was cut off at {max(one.n for one in search.seen)} replications, so that "
            f"{1 - rules.alpha:.0%} is not guaranteed"
        )
    again = [
        f"the {what} in {sure[key]:.0%}"
        for what, key in (("cheapest", "cheapest_right_again"), ("least total", "least_total_right_again"))
        if sure[key] is not None
    ]
    return (
        f"{said}, differences under {money(rules.indifference)} and figures up to {zone} inside the target taken as "
        f"equal; drawn again from the same runs {sure['resamples']:,} times, right in this sense is "
        f"{' and '.join(again)}."
    )
