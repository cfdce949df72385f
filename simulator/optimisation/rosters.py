"""Which station gets more servers: a menu grown greedily where vehicles wait for servers, or as written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from gatewatch.config.errors import known_names, one_fault
from gatewatch.simulator.optimisation.amounts import SERVERS_BUSY, Amounts
from gatewatch.simulator.optimisation.menu import OPTION
from gatewatch.simulator.optimisation.search import BASELINE, Candidate, Search
from gatewatch.simulator.output_analysis import t_interval
from gatewatch.simulator.policies import find_policy
from gatewatch.simulator.results import number

LOOKS: Final = 5  # replications on which a step is chosen
STEPS: Final = 4  # servers added one after the other
_BRANCHES: Final = 3  # stations tried at each step after the first
_LEAST_SHARE: Final = 0.01  # of the waiting, for a station to be tried
_PART = re.compile(r"(\w+)\+(\d+)")

Added = dict[str, int]


def stations_with_servers(search: Search, *, with_counterpart: bool) -> list[str]:
    """Return the stations of the gate with servers to add to; the other side's only with its consent."""
    stations = search.plan.loaded.border.gates[search.gate].stations
    return [
        name
        for name, station in stations.items()
        if not (station.holds or station.servers == "unlimited")
        and (with_counterpart or station.opens_with != "counterpart")
    ]


def busiest_station(amounts: Amounts, stations: list[str]) -> str | None:
    """Return the station at which vehicles wait for servers most; None where they wait at none."""
    shares = {name: _busy(amounts, name) for name in stations}
    name = max(sorted(shares), key=lambda name: shares[name], default=None)
    return name if name is not None and shares[name] > 0 else None


def _busy(amounts: Amounts, station: str) -> float:
    return sum(share for (_, cause), share in amounts.causes.items() if cause == station + SERVERS_BUSY)


def parse_rosters(text: str, stations: list[str]) -> list[Added]:
    """
    Return the rosters that a text states.

    >>> parse_rosters("desk+1, desk+2, desk+1 & scale+1", ["desk", "scale"])
    [{'desk': 1}, {'desk': 2}, {'desk': 1, 'scale': 1}]

    Raises:
        ConfigError: A part is not understood, or the gate has no such station to add to.
    """
    found = []
    for part in (part.strip() for part in text.split(",")):
        added: Added = {}
        for piece in (piece.strip() for piece in part.split("&")):
            match = _PART.fullmatch(piece)
            if match is None or int(match[2]) == 0:
                example = f"{stations[0]}+1, {stations[0]}+2" if stations else "desk+1"
                raise one_fault(OPTION, "", f'"{part}"', f'write STATION+N with N from 1, such as "{example}"')
            if match[1] not in stations:
                raise one_fault(OPTION, "", f'"{part}"', known_names("station with servers", match[1], stations))
            added[match[1]] = added.get(match[1], 0) + int(match[2])
        found.append(added)
    return found


def roster(gate: str, added: Mapping[str, int], hours: str | None) -> Candidate:
    """Return the candidate with these servers added."""
    when = f",hours={hours}" if hours else ""
    texts = [f"extra_servers:gate={gate},stations=[{name}],servers={n}{when}" for name, n in sorted(added.items())]
    name = ", ".join(f"+{n} {station}" for station, n in sorted(added.items())) + (f" {hours}" if hours else "")
    return Candidate(name, tuple(find_policy(text) for text in texts))


def grow(search: Search, stations: list[str], hours: str | None, *, most: int = STEPS) -> dict[int, Added]:
    """
    Add rosters to a search, one more server at a time, and return what each adds; the baseline adds nothing.

    The first step tries every station for whose servers vehicles wait; later ones add to the best so far, at the
    stations waited for most there. A step is chosen on a few replications; the selection that follows decides anew
    among all that were tried.
    """
    tried: dict[int, Added] = {BASELINE: {}}
    search.observe([BASELINE], range(LOOKS))
    best = BASELINE
    for step in range(most):
        waited = sorted(stations, key=lambda name: (-_mean_busy(search, best, name), name))
        where = [name for name in waited if _mean_busy(search, best, name) >= _LEAST_SHARE]
        numbers = []
        for name in where if step == 0 else where[:_BRANCHES]:
            added = {**tried[best], name: tried[best].get(name, 0) + 1}
            n = search.add(roster(search.gate, added, hours))
            if n is not None:
                tried[n] = added
                numbers.append(n)
        if not numbers:
            break
        search.observe(numbers, range(LOOKS))
        best = min(numbers, key=lambda n: _merit(search, n))
    return tried


def _mean_busy(search: Search, n: int, station: str) -> float:
    return float(np.mean([_busy(amounts, station) for amounts in search.amounts[n]]))


def _merit(search: Search, n: int) -> tuple[bool, float]:
    """Return what a step is chosen by: the figure, or the waiting where no figure is known; lower is better."""
    figure = float(np.mean([a.figure for a in search.amounts[n]]))
    hours = float(np.mean([a.vehicle_hours for a in search.amounts[n]]))
    return math.isnan(figure), hours if math.isnan(figure) else search.target.sign * figure


def gain_rows(search: Search, tried: Mapping[int, Added]) -> list[dict[str, Any]]:
    """Return what one added server at each station changes against the baseline, on the same vehicles."""
    rows = []
    for n, added in tried.items():
        if sum(added.values()) != 1:
            continue
        mine = search.amounts[n]
        base = search.amounts[BASELINE][: len(mine)]
        row: dict[str, Any] = {"station": next(iter(added)), "replications": len(mine)}
        changes: dict[str, Callable[[Amounts], float]] = {
            "figure_change": lambda a: a.figure,
            "vehicle_hours_change": lambda a: a.vehicle_hours,
            "gate_cost_change": lambda a: a.gate_cost(search.prices),
            "total_cost_change": lambda a: a.total_cost(search.prices),
        }
        for key, what in changes.items():
            change = [what(a) - what(b) for a, b in zip(mine, base, strict=True)]
            mean, half = t_interval(change)
            row[key] = number(mean)
            row[f"{key}_half_width"] = None if math.isnan(mean) else number(half)
        rows.append(row)
    return sorted(rows, key=lambda row: (row["total_cost_change"], row["station"]))
