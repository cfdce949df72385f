"""
Ranking and selection on common random numbers: which candidates meet a target, and which of those costs least.

Fully sequential procedures: Kim & Nelson, ACM TOMACS 11 (2001) 251-273, for the comparison; Batur & Kim, ACM TOMACS 20
(2010) 13, and Andradottir & Kim, Naval Research Logistics 57 (2010) 403-421, for the target and for both at once.
Every probability is shared out by Bonferroni's inequality, which holds whatever the common random numbers do to the
dependence between candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final, Literal

import numpy as np
from scipy import stats

from gatewatch.simulator.optimisation.deciding import side_of

Status = Literal["meets", "fails", "unknown", "open"]

BATCH: Final = 5  # replications between two looks; a constant, so that the number of workers changes nothing
SCREENED_ABOVE: Final = 12  # candidates; a shorter menu is not screened
SCREEN_FIRST: Final = 5  # replications of the screen
_SCREEN_SHARE: Final = 0.2  # of the allowed error


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What a selection may get wrong, and how often.

    Args:
        limit: The target: a candidate meets it when its mean value is at or below this.
        tolerance: Width on either side of `limit - tolerance` in which either answer is taken for right. A candidate
            above the limit is thus called one that meets it with a probability of no more than `alpha`.
        indifference: Difference in cost that does not matter.
        alpha: Probability of a wrong selection, for each of the two selections.
        first: Replications before the first decision.
        most: Replications of a candidate at most.
    """

    limit: float
    tolerance: float
    indifference: float
    alpha: float = 0.05
    first: int = 10
    most: int = 60


@dataclass(slots=True)
class Observed:
    """What was seen of one candidate, one entry a replication, in the order of their numbers."""

    values: list[float] = field(default_factory=list)  # NaN: only a lower bound is known
    gate_costs: list[float] = field(default_factory=list)
    total_costs: list[float] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Return the replications."""
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Selection:
    """
    What the procedures chose; candidates by number.

    Args:
        status: Of each candidate: `meets` or `fails` the target, `unknown` where the value is only a lower bound
            (which fails), `open` where it was not decided, because the candidate was beaten before, or at the cap.
        screened: Candidates that were left out after the screen, with the reason.
        cheapest: Least cost to the gate among those that meet the target; None when none does.
        least_total: Least total cost in the whole menu.
        is_cheapest_sure: Whether the procedure ended by itself, so that `cheapest` is right with 1 - alpha.
        is_least_total_sure: The same of `least_total`.
        is_stopped: Whether Ctrl-C ended it.
    """

    status: tuple[Status, ...]
    screened: dict[int, str]
    cheapest: int | None
    least_total: int
    is_cheapest_sure: bool
    is_least_total_sure: bool
    is_stopped: bool = False


def target_status(values: Sequence[float], rules: Rules, n_candidates: int) -> Status:
    """Return what is known of one candidate and the target; a value that is only a lower bound fails it."""
    array = np.asarray(values, dtype=float)
    if np.isnan(array).any():
        return "unknown"
    error = rules.alpha / 2 / n_candidates
    side = side_of(array - (rules.limit - rules.tolerance), rules.first, rules.most, error, rules.tolerance)
    return "open" if side is None else "meets" if side <= 0 else "fails"


Cost = Literal["gate_costs", "total_costs"]


@dataclass(slots=True)
class Duels:
    """
    Comparisons of two candidates by one cost; what was decided once stays decided.

    Args:
        seen: What was seen of the candidates.
        rules: Errors and differences that matter.
        what: Which cost.
        error: Probability of a wrong decision in one duel.
    """

    seen: Sequence[Observed]
    rules: Rules
    what: Cost
    error: float
    _decided: dict[tuple[int, int], int] = field(default_factory=dict)

    def side(self, n: int, m: int) -> int | None:
        """Return 1 when n costs more than m, -1 when less, 0 for a tie, None while it is not decided."""
        if n > m:
            side = self.side(m, n)
            return None if side is None else -side
        if (n, m) not in self._decided:
            mine, other = getattr(self.seen[n], self.what), getattr(self.seen[m], self.what)
            common = min(len(mine), len(other))
            rules, differences = self.rules, np.asarray(mine[:common]) - np.asarray(other[:common])
            side = side_of(differences, rules.first, rules.most, self.error, rules.indifference)
            if side is None:
                return None
            self._decided[n, m] = side
        return self._decided[n, m]

    def is_beaten(self, n: int, rivals: Iterable[int]) -> bool:
        """Return whether one of these is known to cost less than n."""
        return any(m != n and self.side(n, m) == 1 for m in rivals)

    def is_settled(self, left: Iterable[int]) -> bool:
        """Return whether all duels among those left are decided: one is left, or equals."""
        return all(self.side(n, m) is not None for n, m in combinations(sorted(left), 2))


def select(
    n_candidates: int,
    observe: Callable[[Sequence[int], range], None],
    seen: Sequence[Observed],
    rules: Rules,
    *,
    kept: Sequence[int] = (),
    on_round: Callable[[int, int], None] | None = None,
) -> Selection:
    """
    Return the candidate that meets the target at the least cost to the gate, and the one of least total cost.

    A candidate is dropped from the first race when it fails the target, or is beaten by one that meets it (a
    comparison that is lost to a candidate not yet decided waits for that decision); from the second when it is
    beaten. It is run on while it is in either. Ctrl-C ends the selection with what is known by then, if every candidate
    was seen at least twice.

    Args:
        n_candidates: How many there are.
        observe: Runs these candidates for these replications and appends what it sees to `seen`.
        seen: One entry a candidate.
        rules: Errors, differences that matter, and limits.
        kept: Candidates that are run in every round, for comparison.
        on_round: Called after each round with the candidates left and the replications each has had.
    """
    screened: dict[int, str] = {}
    try:
        standing = _run(n_candidates, observe, seen, rules, screened, kept, on_round)
    except KeyboardInterrupt:
        if min(one.n for one in seen) < 2:
            raise
        there = [n for n in range(n_candidates) if n not in screened]
        return replace(_selection(seen, screened, _Races(seen, rules).standing(there)), is_stopped=True)
    return _selection(seen, screened, standing)


def _run(
    n_candidates: int,
    observe: Callable[[Sequence[int], range], None],
    seen: Sequence[Observed],
    rules: Rules,
    screened: dict[int, str],
    kept: Sequence[int],
    on_round: Callable[[int, int], None] | None,
) -> _Standing:
    """Run candidates until both races are over, or to the cap; writes down who was screened out."""
    everyone = list(range(n_candidates))
    reached = 0
    if n_candidates > SCREENED_ABOVE:
        reached = min(SCREEN_FIRST, rules.first)
        observe(everyone, range(reached))
        screened.update(_screen(seen, rules, kept))
        rules = replace(rules, alpha=rules.alpha * (1 - _SCREEN_SHARE))
    there = left = [n for n in everyone if n not in screened]
    races, until = _Races(seen, rules), rules.first
    while True:
        observe(sorted({*left, *kept}), range(reached, until))
        reached = until
        standing = races.standing(there)
        left = sorted(standing.in_first | standing.in_second)
        if on_round is not None:
            on_round(len(left), reached)
        if not left or reached >= rules.most:
            return standing
        until = min(reached + BATCH, rules.most)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Who is left in each race, and who of them still has to run; a race that is over has nobody to run."""

    status: tuple[Status, ...]
    first: frozenset[int]
    second: frozenset[int]
    in_first: frozenset[int]
    in_second: frozenset[int]


class _Races:
    """Both races over the same candidates."""

    def __init__(self, seen: Sequence[Observed], rules: Rules) -> None:
        self._seen, self._rules = seen, rules
        pairs = max(1, len(seen) - 1)
        self._gate = Duels(seen, rules, "gate_costs", rules.alpha / 2 / pairs)
        self._total = Duels(seen, rules, "total_costs", rules.alpha / pairs)
        self._status: dict[int, Status] = {}

    def standing(self, there: Sequence[int]) -> _Standing:
        """Return how the races stand among those that were not screened out."""
        status = tuple(self._status_of(n) for n in range(len(self._seen)))
        winners = [n for n in there if status[n] == "meets"]
        first = frozenset(n for n in there if status[n] in ("meets", "open") and not self._gate.is_beaten(n, winners))
        second = frozenset(n for n in there if not self._total.is_beaten(n, there))
        is_first_over = all(status[n] == "meets" for n in first) and self._gate.is_settled(first)
        nobody: frozenset[int] = frozenset()
        return _Standing(
            status,
            first,
            second,
            nobody if is_first_over else first,
            nobody if self._total.is_settled(second) else second,
        )

    def _status_of(self, n: int) -> Status:
        if self._status.get(n, "open") == "open" or np.isnan(self._seen[n].values).any():
            self._status[n] = target_status(self._seen[n].values, self._rules, len(self._seen))
        return self._status[n]


def _selection(seen: Sequence[Observed], screened: dict[int, str], standing: _Standing) -> Selection:
    meeting = [n for n in standing.first if standing.status[n] == "meets"]
    meeting = meeting or [n for n in range(len(seen)) if standing.status[n] == "meets"]

    def total(n: int) -> float:
        return level(seen[n].total_costs, seen[0].total_costs)

    cheapest = min(meeting, key=lambda n: (level(seen[n].gate_costs, seen[0].gate_costs), total(n), n), default=None)
    second = standing.second or frozenset(n for n in range(len(seen)) if n not in screened)
    least = min(second, key=lambda n: (total(n), n))
    return Selection(
        standing.status,
        screened,
        cheapest,
        least,
        is_cheapest_sure=not standing.in_first,
        is_least_total_sure=not standing.in_second,
    )


def _screen(seen: Sequence[Observed], rules: Rules, kept: Sequence[int]) -> dict[int, str]:
    """
    Return the candidates that are out of both races, with the reason.

    Screen-to-the-best (Nelson, Swann, Goldsman & Song, Operations Research 49 (2001) 950-963): one-sided Student
    bounds of paired differences, so that the best of either race is screened out with a probability of no more than
    its share of the error.
    """
    k, n = len(seen), seen[0].n
    error = rules.alpha * _SCREEN_SHARE / 2
    wide, single = (float(stats.t.ppf(1 - e, n - 1)) for e in (error / max(1, k - 1), error))
    totals = np.array([one.total_costs for one in seen])
    found: dict[int, str] = {}
    for number, one in enumerate(seen):
        gaps = totals[number] - totals
        sure = gaps.mean(axis=1) - wide * gaps.std(axis=1, ddof=1) / np.sqrt(n)
        if number in kept or not (sure > 0).any():
            continue
        values = np.array(one.values)
        if np.isnan(values).any():
            found[number] = "too many vehicles are still inside at the end and another costs less in all"
        elif values.mean() - single * values.std(ddof=1) / np.sqrt(n) > rules.limit:
            found[number] = "it misses the target by far and another costs less in all"
    return found


def level(values: Sequence[float], base: Sequence[float]) -> float:
    """
    Return the mean of a candidate's values, freed of the luck of the runs that it had.

    The mean difference from the baseline on the candidate's own runs, added to the baseline's mean over all of its
    runs; the plain mean where the baseline's is not known or the baseline had fewer runs.

    >>> level([1.0, 2.0], [2.0, 3.0, 7.0])
    3.0
    """
    mine, theirs = np.asarray(values, dtype=float), np.asarray(base, dtype=float)
    if np.isnan(theirs).any() or len(theirs) < len(mine):
        return float(mine.mean())
    return float(theirs.mean() + (mine - theirs[: len(mine)]).mean())
