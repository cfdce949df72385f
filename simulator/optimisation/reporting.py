"""From a search that has ended to the rows of its result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gatewatch.simulator.optimisation.amounts import Amounts
from gatewatch.simulator.optimisation.answers import answer_row, binding_rows, misses
from gatewatch.simulator.optimisation.asked import Question
from gatewatch.simulator.optimisation.fronts import pareto_front, price_regions, shadow_prices
from gatewatch.simulator.optimisation.optimisation import Optimisation
from gatewatch.simulator.optimisation.picking import RESAMPLES, right_shares
from gatewatch.simulator.optimisation.rosters import Added, gain_rows
from gatewatch.simulator.optimisation.search import BASELINE, Search
from gatewatch.simulator.optimisation.selection import Rules, Selection
from gatewatch.simulator.optimisation.verdicts import sentences
from gatewatch.simulator.output_analysis import t_interval
from gatewatch.simulator.results import manifest_of, number

SHOWN: Final = "shown to meet the target"


def figure_of(amounts: Amounts) -> float:
    """Return the figure of the target."""
    return amounts.figure


def candidate_rows(search: Search, selection: Selection) -> list[dict[str, Any]]:
    """Return what the search saw of each candidate."""
    rows = []
    for n, candidate in enumerate(search.candidates[: len(selection.status)]):
        rows.append(
            {
                "candidate": candidate.name,
                "policies": [policy.text for policy in candidate.policies],
                "status": "screened" if n in selection.screened else selection.status[n],
                "reason": _reason(search, selection, n),
                "replications": len(search.amounts[n]),
                "figure": number(search.level(n, figure_of)),
                "gate_cost": number(search.level(n, lambda a: a.gate_cost(search.prices))),
                "total_cost": number(search.level(n, lambda a: a.total_cost(search.prices))),
                "paid_hours": number(search.level(n, lambda a: a.paid_hours)),
                "vehicle_hours": number(search.level(n, lambda a: a.vehicle_hours)),
                "spoilage": number(search.level(n, lambda a: a.spoilage)),
            }
        )
    return rows


def _reason(search: Search, selection: Selection, n: int) -> str:
    if n in selection.screened:
        return f"screened out: {selection.screened[n]}"
    status = selection.status[n]
    if status == "unknown":
        unknown = sum(math.isnan(a.figure) for a in search.amounts[n])
        runs = f"{unknown} of {len(search.amounts[n])} runs"
        return f"too many vehicles are still inside at the end of {runs}: the figure is only a lower bound"
    if status == "fails" and search.target.keeps(search.level(n, figure_of)):
        return "keeps the limit by less than the tolerance: not shown to meet it"
    words = {"meets": "meets the target", "fails": "misses the target"}
    beaten = (
        "beaten on cost before it was decided" if selection.is_cheapest_sure else "not decided when the search ended"
    )
    return words.get(status, beaten)


def front_rows(search: Search, selection: Selection, rules: Rules) -> tuple[list[dict[str, Any]], str]:
    """Return the Pareto front of the gate's cost against the figure, and the unit of its shadow prices."""
    numbers = range(len(selection.status))
    gate = [search.level(n, lambda a: a.gate_cost(search.prices)) for n in numbers]
    figures = [search.target.sign * search.level(n, figure_of) for n in numbers]
    front = pareto_front(gate, figures)
    is_time = search.target.unit == "s"
    per = 60 if is_time else 1

    def differ(a: int, b: int) -> bool:
        """Return whether two mean figures differ by the tolerance and, on the same vehicles, from nought."""
        gaps = [x - y for x, y in zip(search.seen[a].values, search.seen[b].values, strict=False)]
        mean, half = t_interval(gaps)
        return half is not None and abs(mean) > half and abs(figures[a] - figures[b]) >= rules.tolerance

    steps = {n: price * per for n, price in shadow_prices(gate, figures, front, differ).items()}
    rows = [
        {
            "candidate": search.candidates[n].name,
            "gate_cost": number(gate[n]),
            "total_cost": number(search.level(n, lambda a: a.total_cost(search.prices))),
            "figure": number(search.target.sign * figures[n]),
            "shadow_price": number(steps.get(n)),
        }
        for n in front
    ]
    return rows, f"VND/day per {'min' if is_time else search.target.unit} of {search.target.name}"


def switch_rows(search: Search, selection: Selection, answers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return which candidate has the least total cost at which price, the other price as it is."""
    everyone = range(len(selection.status))
    hours, waits, spoilt = (
        [search.level(n, what) for n in everyone]
        for what in (lambda a: a.paid_hours, lambda a: a.vehicle_hours, lambda a: a.spoilage)
    )
    groups = {"all": list(everyone), SHOWN: shown_to_meet(search, selection, answers)}
    rows = []
    for among, numbers in groups.items():
        for price, fixed, slopes, now in (
            (
                "vehicle_hour",
                [search.prices.server_hour * hours[n] + spoilt[n] for n in numbers],
                [waits[n] for n in numbers],
                search.prices.vehicle_hour,
            ),
            (
                "server_hour",
                [search.prices.vehicle_hour * waits[n] + spoilt[n] for n in numbers],
                [hours[n] for n in numbers],
                search.prices.server_hour,
            ),
        ):
            if not numbers:
                continue
            rows += [
                {
                    "price": price,
                    "among": among,
                    "low": number(region.low),
                    "high": None if math.isinf(region.high) else number(region.high),
                    "candidate": search.candidates[numbers[region.candidate]].name,
                    "is_now": region.low <= now < region.high,
                }
                for region in price_regions(fixed, slopes)
            ]
    return rows


def shown_to_meet(search: Search, selection: Selection, answers: Sequence[Mapping[str, Any]]) -> list[int]:
    """
    Return the candidates shown to meet the target: by the search or the bound of the re-run, and not missed by either.

    The re-run has the last word: who misses the target there is not among them, whatever the search said.
    """
    again = {row["candidate"]: row for row in answers}
    found = []
    for n, status in enumerate(selection.status):
        row = again.get(search.candidates[n].name)
        is_missed = row is not None and misses(search.target, row)
        is_confirmed = status == "open" and row is not None and row["is_confirmed"]
        if (status == "meets" and not is_missed) or is_confirmed:
            found.append(n)
    return found


def runner_up(search: Search, selection: Selection) -> int | None:
    """
    Return the next candidate by cost to the gate among those that meet the target.

    Where no other was shown to meet it, among those that were beaten on cost first while their mean figure kept it.
    """
    others = [n for n, status in enumerate(selection.status) if status == "meets" and n != selection.cheapest]
    return min(
        others
        or [n for n, status in enumerate(selection.status) if status == "open" and _may_meet(search, selection, n)],
        key=lambda n: (
            round(search.level(n, lambda a: a.gate_cost(search.prices)), 3),
            search.level(n, lambda a: a.total_cost(search.prices)),
            n,
        ),
        default=None,
    )


def _may_meet(search: Search, selection: Selection, n: int) -> bool:
    return n not in selection.screened and search.target.keeps(search.level(n, figure_of))


def nearest(search: Search, selection: Selection) -> int:
    """Return the candidate that comes nearest to the target; where no figure is known, that with the least waiting."""

    def distance(n: int) -> tuple[bool, float, int]:
        figure = search.level(n, figure_of)
        is_unknown = math.isnan(figure)
        return is_unknown, search.level(n, lambda a: a.vehicle_hours) if is_unknown else search.target.sign * figure, n

    return min(range(len(selection.status)), key=distance)


def sureness(search: Search, selection: Selection, rules: Rules) -> dict[str, Any]:
    """Return what is known of having picked rightly, by the procedure and by resampling."""
    kept = [n for n in range(len(selection.status)) if n not in selection.screened]
    place = {n: place for place, n in enumerate(kept)}
    chosen = None if selection.cheapest is None else place[selection.cheapest]
    cheapest, least = right_shares([search.seen[n] for n in kept], rules, chosen, place[selection.least_total])
    return {
        "procedure": "Kim-Nelson with feasibility after Batur-Kim, common random numbers, Bonferroni",
        "probability_at_least": 1 - rules.alpha,
        "is_cheapest_sure": selection.is_cheapest_sure,
        "is_least_total_sure": selection.is_least_total_sure,
        "resamples": RESAMPLES,
        "cheapest_right_again": number(cheapest),
        "least_total_right_again": number(least),
    }


def report(
    search: Search,
    question: Question,
    selection: Selection,
    rules: Rules,
    roles: Mapping[str, int],
    price_rows: list[dict[str, Any]],
    tried: Mapping[int, Added],
    *,
    is_finished: bool,
) -> Optimisation:
    """Return the result of a search."""
    fresh = {n: amounts for n, amounts in search.fresh.items() if len(amounts) >= 2}
    n_fresh = min(map(len, fresh.values()), default=0)
    answers = [
        answer_row(search, role, n, fresh[n][:n_fresh], fresh[BASELINE][:n_fresh])
        for role, n in roles.items()
        if n in fresh
    ]
    shown = selection.cheapest if selection.cheapest is not None else roles.get("nearest", BASELINE)
    binding = binding_rows(fresh.get(shown) or search.amounts[shown])
    sure = sureness(search, selection, rules)
    front, unit = front_rows(search, selection, rules)
    switches = switch_rows(search, selection, answers)
    return Optimisation(
        manifest=manifest_of(question.plan, max(one.n for one in search.seen), search.engine),
        question=_question_row(question, rules, len(selection.status) - 1),
        prices=price_rows,
        verdict=sentences(search, question, selection, rules, answers, binding, front, unit, switches, sure),
        is_met=selection.cheapest is not None,
        is_finished=is_finished,
        answers=answers,
        candidates=candidate_rows(search, selection),
        front=front,
        shadow_unit=unit,
        switches=switches,
        sureness=sure,
        binding=binding,
        gains=gain_rows(search, tried) if question.what == "servers" else [],
    )


def _question_row(question: Question, rules: Rules, n_candidates: int) -> dict[str, Any]:
    return {
        "what": question.what,
        "gate": question.gate,
        "direction": question.direction,
        "target": question.target.text,
        "figure": question.target.name,
        "unit": question.target.unit,
        "limit": question.target.limit,
        "tolerance": rules.tolerance,
        "indifference": rules.indifference,
        "confidence": question.limits.confidence,
        "with_counterpart": question.with_counterpart,
        "hours_of": question.hours_of,
        "stations_that_stay": list(question.stay),
        "shift": question.shift,
        "candidates": n_candidates,
        "first_replications": question.limits.first,
        "most_replications": question.limits.most,
        "fresh_replications": question.limits.fresh,
    }
