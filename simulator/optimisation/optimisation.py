"""What an optimisation found: the answer, how sure it is, what it costs, and when another answer would be right."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

CANDIDATE_KEYS: Final = (
    "candidate", "policies", "status", "reason", "replications", "figure", "gate_cost", "total_cost", "paid_hours",
    "vehicle_hours", "spoilage",
)  # fmt: skip


@dataclass(frozen=True)
class Optimisation:
    """
    The result of `optimise`. Costs are in VND a day, figures in `question["unit"]`.

    Args:
        manifest: Everything needed to get the same bytes again.
        question: What was asked: gate, direction, target, the menu's consent, and the errors and differences allowed.
        prices: Rows `price, value, unit, basis, source`; a price without a basis is assumed.
        verdict: The answer in sentences.
        is_met: Whether a candidate was shown to meet the target.
        is_finished: Whether the search ran to its end; false after Ctrl-C.
        answers: Rows by `role` (`cheapest`, `runner_up`, `least_total`, `nearest`, `as_it_is`, `around_the_clock`) from
            a re-run on fresh streams: means with half widths, and the one-sided upper bound of the figure.
        candidates: Rows with the keys of `CANDIDATE_KEYS`, from the search: its streams chose the answer, so its
            figures flatter it.
        front: Rows `candidate, gate_cost, total_cost, figure, shadow_price`, dearest last: nobody costs the gate less
            and has a better figure. The shadow price is the cost of a unit of the figure on the way from the
            priced row before; a row without one, but for the first, gives less for its money than others, or a figure
            that is not told apart from that of the row before.
        shadow_unit: Unit of the shadow price.
        switches: Rows `price, among, low, high, candidate, is_now`: who has the least total cost at which price.
        sureness: Allowed error and whether the procedure ended by itself; shares of resamples in which the answers are
            right as it promises (`right_shares`), None where there is no cheapest.
        binding: Rows `direction, cause, share` of the waiting under the answer, or under the nearest.
        gains: Rows of added servers by station, for `servers` only.
    """

    manifest: dict[str, Any]
    question: dict[str, Any]
    prices: list[dict[str, Any]]
    verdict: list[str]
    is_met: bool
    is_finished: bool
    answers: list[dict[str, Any]]
    candidates: list[dict[str, Any]]
    front: list[dict[str, Any]]
    shadow_unit: str
    switches: list[dict[str, Any]]
    sureness: dict[str, Any]
    binding: list[dict[str, Any]]
    gains: list[dict[str, Any]]

    def find(self, role: str) -> dict[str, Any]:
        """Return the answer of a role; raises KeyError when there is none."""
        for row in self.answers:
            if row["role"] == role:
                return row
        raise KeyError(role)

    def to_pandas(self) -> pd.DataFrame:
        """Return the candidates as a table."""
        return pd.DataFrame(self.candidates, columns=list(CANDIDATE_KEYS))

    def to_json(self) -> str:
        """Return everything as JSON; the same optimisation gives the same bytes."""
        return json.dumps(vars(self), indent=1, ensure_ascii=False, allow_nan=False)
