"""When vehicles arrive: each kind of arrivals of config/demand.py, drawn for one flow and one replication."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from scipy import special

from gatewatch.config.demand import Appointments, Convoys, Flow, Poisson, Renewal, TraceArrivals
from gatewatch.config.errors import one_fault
from gatewatch.config.loader import read_rows
from gatewatch.config.schema import Border
from gatewatch.config.units import US_PER_MIN, US_PER_S
from gatewatch.simulator.kept import once
from gatewatch.simulator.streams import Streams
from gatewatch.simulator.timetable import Clock
from gatewatch.simulator.variates import Variate

if TYPE_CHECKING:
    from gatewatch.simulator.network import Network
    from gatewatch.simulator.timetable import Clock

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FlowArrivals:
    """
    The arrivals of one flow, day by day in the order in which they were drawn.

    Args:
        times_us: Simulated times, shape (n,) [us].
        counts: Vehicles that belong to each day, for the places of their draws; sums to n.
        classes: Class number where the flow itself says so (a recorded trace), else None.
    """

    times_us: Ints
    counts: list[int]
    classes: Ints | None = None


def draw_arrivals(network: Network, name: str, flow: Flow, streams: Streams) -> FlowArrivals:
    """Return the arrivals of a flow over the whole run."""
    match flow.arrivals:
        case Renewal():
            return _renewal(network, name, flow.arrivals, streams)
        case TraceArrivals():
            return _trace(network, name, flow.arrivals, streams)
        case Poisson() | Convoys() | Appointments():
            return _by_level(network, name, flow, flow.arrivals, streams)


def between_dates(clock: Clock, flow: Flow, times_us: Ints) -> Bools:
    """Return which arrivals lie between the dates of a flow; levels by day know their days themselves."""
    if not isinstance(flow.arrivals, Renewal | TraceArrivals):
        return np.ones(len(times_us), dtype=bool)
    covered = np.array([flow.covers(clock.first_day + timedelta(days=day)) for day in range(clock.days)])
    day = np.searchsorted(clock.day_starts_us(), times_us, side="right") - 1
    return np.asarray(covered[np.clip(day, 0, clock.days - 1)])


def daily_levels(network: Network, flow: Flow, arrivals: Poisson | Convoys | Appointments) -> Floats:
    """Return the mean arrivals of each day of the run before the luck of the day, shape (days,) [veh/day]."""
    border, clock = network.border, network.clock
    levels = np.zeros(clock.days)
    for n in range(clock.days):
        day = clock.first_day + timedelta(days=n)
        if not flow.covers(day):
            continue
        level = arrivals.per_day
        if arrivals.weekdays is not None:
            level *= border.weekday_profiles[arrivals.weekdays].factors[day.weekday()]
        if arrivals.season is not None:
            level *= border.seasons[arrivals.season].factors[day.month - 1]
        for dated in arrivals.dates:
            level *= dated.factor if dated.covers(day) else 1.0
        levels[n] = level
    return levels


def day_factors(name: str, flow: Flow, cv: float, shared_by: str, streams: Streams, days: int) -> Floats:
    """Return the gamma factor of each day, mean 1, shape (days,)."""
    if cv == 0:
        return np.ones(days)
    address = {"border": (), "gate": (flow.gate,), "flow": (flow.gate, name)}[shared_by]
    luck = streams.uniforms([1] * days, "day_factor", *address)
    return np.asarray(special.gammaincinv(cv**-2, luck) * cv**2)


def _by_level(
    network: Network, name: str, flow: Flow, arrivals: Poisson | Convoys | Appointments, streams: Streams
) -> FlowArrivals:
    clock, border = network.clock, network.border
    factors = day_factors(name, flow, arrivals.day_factor_cv, arrivals.day_factor_of, streams, clock.days)
    means = daily_levels(network, flow, arrivals) * factors
    luck = streams.uniforms([1] * clock.days, name, "count")
    starts = _day_starts_us(network)
    groups = np.zeros(clock.days, dtype=np.int64)
    if isinstance(arrivals, Appointments):
        groups[:] = np.floor(means + luck)
    else:
        size = arrivals.size if isinstance(arrivals, Convoys) else 1
        groups[:] = np.where(means > 0, _poisson(luck, means / size), 0)
    day_of = np.repeat(np.arange(clock.days), groups)
    if isinstance(arrivals, Appointments):
        before = np.repeat(np.cumsum(groups) - groups, groups)
        shares = (np.arange(len(day_of)) - before + 0.5) / groups[day_of]
    else:
        shares = streams.uniforms(groups.tolist(), name, "place")
    spread = _spread(shares, _profile_edges(border, arrivals.hours))
    times = np.rint(starts[day_of] + spread * np.diff(starts)[day_of])
    if isinstance(arrivals, Appointments):
        return _kept_appointments(arrivals, times, groups.tolist(), name, streams)
    if isinstance(arrivals, Convoys):
        within = np.tile(np.arange(arrivals.size) * arrivals.headway * US_PER_MIN, len(times))
        times = np.repeat(times, arrivals.size) + np.rint(within)
        groups = groups * arrivals.size
    return FlowArrivals(times.astype(np.int64), groups.tolist())


@once
def _day_starts_us(network: Network) -> Ints:
    return np.array(network.clock.day_starts_us(), dtype=np.int64)


def _poisson(luck: Floats, means: Floats) -> Floats:
    """Return the smallest numbers that are not exceeded with these chances."""
    above = np.ceil(special.pdtrik(luck, means))
    below = np.maximum(above - 1, 0)
    return np.asarray(np.where(special.pdtr(below, means) >= luck, below, above))


def _kept_appointments(
    arrivals: Appointments, times: Floats, counts: list[int], name: str, streams: Streams
) -> FlowArrivals:
    scatter = special.ndtri(np.maximum(streams.uniforms(counts, name, "scatter"), 2**-53))
    times = times + np.rint(scatter * arrivals.scatter * US_PER_MIN)
    kept = streams.uniforms(counts, name, "no_show") >= arrivals.no_show
    day_of = np.repeat(np.arange(len(counts)), counts)
    return FlowArrivals(
        times[kept].astype(np.int64), [int(n) for n in np.bincount(day_of[kept], minlength=len(counts))]
    )


def _profile_edges(border: Border, profile: str | None) -> Floats:
    """Return the share of the day's arrivals before each edge of the profile's parts."""
    weights = np.array([1.0] if profile is None else border.hour_profiles[profile].weights)
    return np.asarray(np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum())


def _spread(shares: Floats, edges: Floats) -> Floats:
    """Return the part of the day that has gone when these shares of its vehicles have arrived."""
    return np.interp(shares, edges, np.linspace(0, 1, len(edges))) if len(shares) else np.empty(0)


def _renewal(network: Network, name: str, arrivals: Renewal, streams: Streams) -> FlowArrivals:
    clock, gap = network.clock, Variate(arrivals.gap, network.root)
    span_s = (clock.end_us - clock.begin_us) / US_PER_S
    generator = streams.generator(name, "gap")
    times, last = [], 0
    chunk = max(64, min(1_000_000, int(span_s / max(gap.mean_s(), 1e-6) * 1.05)))
    while last < clock.end_us - clock.begin_us:
        gaps = np.rint(gap.quantile_s(generator.random(chunk)) * US_PER_S).astype(np.int64)
        if gaps.sum() == 0:
            raise one_fault(name, "arrivals.gap", "zero", "gaps between arrivals must be above zero")
        times.append(last + np.cumsum(gaps))
        last = int(times[-1][-1])
    all_times = np.concatenate(times) + clock.begin_us
    kept = all_times[all_times < clock.end_us]
    return FlowArrivals(kept, [len(kept)])


def _trace(network: Network, name: str, arrivals: TraceArrivals, streams: Streams) -> FlowArrivals:
    """
    Return recorded arrivals.

    Times that are all whole minutes get an offset within the minute, fixed for each vehicle, since ties between
    recorded minutes would otherwise decide who is served first; `exact` keeps them.
    """
    times, names = recorded_arrivals(network.clock, network.root, arrivals)
    if is_moved(arrivals, times):
        times = times + (streams.uniforms([len(times)], name, "within_minute") * US_PER_MIN).astype(np.int64)
    classes = np.array([network.classes.index(c) if c else -1 for c in names], dtype=np.int64)
    return FlowArrivals(times, [len(times)], classes if len(classes) > 0 else None)


def recorded_arrivals(clock: Clock, root: Path, arrivals: TraceArrivals) -> tuple[Ints, list[str]]:
    """Return the recorded times, shape (n,) [us], and the recorded classes, empty where none is recorded."""
    zone = ZoneInfo(clock.timezone)
    times, classes = [], []
    for row in read_rows(root, arrivals.file):
        if row.get("arrived_at"):
            times.append(clock.us(datetime.fromisoformat(row["arrived_at"]).replace(tzinfo=zone)))
        else:
            times.append(round(float(row["arrived_s"]) * US_PER_S))
        classes.append(row.get("class") or "")
    return np.array(times, dtype=np.int64), classes


def is_moved(arrivals: TraceArrivals, times_us: Ints) -> bool:
    """Return whether recorded times get an offset within their minute."""
    return not arrivals.exact and len(times_us) > 0 and not np.any(times_us % US_PER_MIN)
