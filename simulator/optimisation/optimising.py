"""The public door: the cheapest schedule or roster that meets a target."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import ConfigError, one_fault
from gatewatch.config.loader import LoadedBorder
from gatewatch.simulator.experiment import prepare
from gatewatch.simulator.optimisation import rosters
from gatewatch.simulator.optimisation.asked import DEFAULT_LIMITS, Limits, Question, What, ask, prices_of
from gatewatch.simulator.optimisation.hours import PresentHours
from gatewatch.simulator.optimisation.menu import OPTION, default_menu, is_bookable, parse_menu
from gatewatch.simulator.optimisation.menu import candidates as schedules
from gatewatch.simulator.optimisation.optimisation import Optimisation
from gatewatch.simulator.optimisation.reporting import nearest, report, runner_up
from gatewatch.simulator.optimisation.search import BASELINE, Candidate, Search
from gatewatch.simulator.optimisation.selection import BATCH, SCREEN_FIRST, Rules, Selection, select
from gatewatch.simulator.policies import find_policy
from gatewatch.simulator.replications import DEFAULT_ENGINE, get_engine

_INDIFFERENT: Final = 0.05  # of the baseline's waiting and overtime
_TOLERATED: Final = 0.025  # of the limit


def optimise(
    what: What,
    scenario: str,
    border: LoadedBorder | Path | str | None = None,
    *,
    gate: str,
    target: str,
    direction: DirectionName | None = None,
    candidates: str | None = None,
    with_counterpart: bool = True,
    hours: str | None = None,
    vehicle_hour: float | None = None,
    server_hour: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
    days: int | None = None,
    warmup_days: int | None = None,
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    workers: int = 1,
    cluster: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Optimisation:
    """
    Return the cheapest schedule (`hours`) or roster (`servers`) of a gate that meets a target.

    Ctrl-C during the search returns what is finished, as `is_finished` says.

    Args:
        what: `hours` or `servers`.
        scenario: Name of a scenario of the border, or path of a TOML file with one.
        border: A loaded border, or the folder or file of one; without it, the border of Lang Son.
        gate: Gate whose schedule or roster is sought.
        target: Such as `p95_wait<6h`: measure, sign, limit.
        direction: Direction of the target, and of the hours that change; without it, both.
        candidates: The menu; without it, a sensible one.
        with_counterpart: Whether the other side consents and does the same.
        hours: For `servers`, when the added ones are on duty; without it, always.
        vehicle_hour: Price of a waiting vehicle hour [VND]; without it, the border's.
        server_hour: Price of a server hour that the present regular hours do not hold [VND]; without it, the border's
            price of overtime.
        limits: How sure, and how long.
        days: Measured days; without it, the scenario's.
        warmup_days: Days before them; without it, the scenario's.
        seed: Root seed of every stream.
        engine: Name of the engine.
        workers: Replications at once; the result does not depend on it.
        cluster: Address of a Dask scheduler, whose workers run them instead.
        on_progress: Called with the runs that are finished and those there will be, as far as is known.

    Raises:
        ConfigError: Border, scenario, gate, target, menu or limits are at fault.
        KeyboardInterrupt: Ctrl-C before there was anything to keep.
    """
    plan, _ = prepare(scenario, border, days, warmup_days, None, seed, None)
    get_engine(engine)
    question = ask(
        what, plan, gate, direction, target, hours, limits, with_counterpart=with_counterpart
    )  # fmt: skip
    prices, price_rows = prices_of(plan, vehicle_hour, server_hour)
    count = _Count(on_progress)
    search = Search(plan, gate, direction, question.target, prices, engine, workers, cluster, on_runs=count.add)
    tried = _take_in(search, question, candidates)
    search.observe([BASELINE], range(SCREEN_FIRST))
    rules = _rules(search, limits)
    after = 4 * limits.fresh
    count.expect(len(search.candidates) * limits.first + after)
    selection = select(
        len(search.candidates),
        search.observe,
        search.seen,
        rules,
        kept=(BASELINE,),
        on_round=lambda left, _: count.expect(count.done + left * BATCH + after),
    )
    roles = _roles(search, question, selection)
    is_stopped = selection.is_stopped or search.rerun(list(roles.values()), limits.fresh)
    return report(search, question, selection, rules, roles, price_rows, tried, is_finished=not is_stopped)


def _take_in(search: Search, question: Question, text: str | None) -> dict[int, rosters.Added]:
    """Put the candidates into the search, everything that was written checked first; return what rosters add."""
    stations = rosters.stations_with_servers(search, with_counterpart=question.with_counterpart)
    if question.now is not None:
        _take_in_schedules(search, question, question.now, text, stations)
        return {}
    if text is None:
        return rosters.grow(search, stations, question.shift)
    wanted = rosters.parse_rosters(text, stations)
    numbers = [(search.add(rosters.roster(question.gate, added, question.shift)), added) for added in wanted]
    return {n: added for n, added in numbers if n is not None}


def _take_in_schedules(
    search: Search, question: Question, now: PresentHours, text: str | None, stations: list[str]
) -> None:
    may_book = is_bookable(question.plan, question.gate, question.direction)
    menu = default_menu(now, may_book=may_book) if text is None else parse_menu(text)

    def listed(busiest: tuple[str, int] | None) -> list[Candidate]:
        consent = question.with_counterpart
        return schedules(menu, question.gate, question.hours_of, now, busiest, with_counterpart=consent)

    busiest = None
    if any(not officers.station for officers in menu.officers):
        listed(None)  # refuses what cannot be before anything runs
        search.observe([BASELINE], range(1))
        name = rosters.busiest_station(search.amounts[BASELINE][0], stations)
        busiest = None if name is None else (name, _servers_of(question, name))
    for candidate in listed(busiest):
        search.add(candidate)
    if len(search.candidates) == 1:
        expected = "it changes nothing on the days of the run; name other times, or another gate"
        raise one_fault(OPTION, "", f'"{text or "the menu"}"', expected)


class _Count:
    """Counts finished runs against those expected."""

    def __init__(self, tell: Callable[[int, int], None] | None) -> None:
        self.done, self._of, self._tell = 0, 0, tell

    def add(self, runs: int) -> None:
        """Count finished runs."""
        self.done += runs
        self._of = max(self._of, self.done)
        if self._tell is not None:
            self._tell(self.done, self._of)

    def expect(self, total: int) -> None:
        """Say how many runs there will be, as far as is known."""
        self._of = total


def _rules(search: Search, limits: Limits) -> Rules:
    costs = [
        search.prices.vehicle_hour * a.vehicle_hours + a.gate_cost(search.prices) for a in search.amounts[BASELINE]
    ]
    indifference = limits.indifference or float(f"{max(_INDIFFERENT * np.mean(costs), search.prices.server_hour):.0e}")
    tolerance = limits.tolerance or _TOLERATED * search.target.limit
    limit = search.target.sign * search.target.limit
    return Rules(limit, tolerance, indifference, 1 - limits.confidence, limits.first, limits.most)


def _servers_of(question: Question, station: str) -> int:
    """Return the most servers on duty at a station."""
    servers = question.plan.loaded.border.gates[question.gate].stations[station].servers
    return max(rule.servers for rule in servers) if isinstance(servers, list) else int(servers)


def _roles(search: Search, question: Question, selection: Selection) -> dict[str, int]:
    """Return who is run again, by role; where nothing meets the target, opening around the clock too."""
    roles = {"as_it_is": BASELINE, "least_total": selection.least_total}
    if selection.cheapest is not None:
        second = runner_up(search, selection)
        return {"cheapest": selection.cheapest, **({} if second is None else {"runner_up": second}), **roles}
    roles = {"nearest": nearest(search, selection), **roles}
    if question.now is not None and not selection.is_stopped:
        number = _around_the_clock(search, question)
        roles |= {} if number is None else {"around_the_clock": number}
    return roles


def _around_the_clock(search: Search, question: Question) -> int | None:
    """Return the number of the gate open all day but for a minute; None where its calendars do not allow it."""
    way = "" if question.hours_of is None else f"direction={question.hours_of},"
    text = f"extended_hours:gate={question.gate},{way}opens=00:00,closes=23:59,"
    policy = find_policy(text + f"with_counterpart={str(question.with_counterpart).lower()}")
    try:
        return search.add(Candidate("open around the clock", (policy,)))
    except ConfigError:
        return None
