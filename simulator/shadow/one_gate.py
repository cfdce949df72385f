"""What theory says of one gate and direction, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_DAY, US_PER_H, US_PER_S
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.shadow.diffusion import Stock, stock
from gatewatch.simulator.shadow.exact import ExactAnswer, exact_answer
from gatewatch.simulator.shadow.fluid import Course, Fluid
from gatewatch.simulator.shadow.layout import STEPS_PER_H
from gatewatch.simulator.shadow.loads import Demanded, binding
from gatewatch.simulator.shadow.queues import queues
from gatewatch.simulator.timetable import open_windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHARED_LOAD = 0.8
"""Load from which on it matters whom a station that both directions share serves first."""

_BULLETIN_CUT_H = 20
_LIKELY = 1.2816  # the 90 % point of a normal law


class Times:
    """The midnights of a run, shape (days + 1,), and its full hours, shape (days, 24) [us]."""

    def __init__(self, plan: Plan) -> None:
        clock = plan.clock
        self.plan = plan
        self.day_starts = np.array(clock.day_starts_us(), dtype=np.int64)
        self.hours = self.day_starts[:-1, None] + US_PER_H * np.arange(24)

    def at_hour(self, hour: int) -> Ints:
        """Return the times of an hour of the day within the measured days [us]."""
        times = self.hours[self.plan.warmup_days :, hour]
        return np.asarray(times[(times >= self.plan.measured_from_us) & (times <= self.plan.clock.end_us)])


class OneGate:
    """One gate and direction."""

    def __init__(
        self, network: Network, plan: Plan, fluid: Fluid, course: Course, resources: list[Demanded],
        times: Times, waits: dict[int, Floats], *, exact: bool,
    ) -> None:  # fmt: skip
        self.network, self.plan, self.fluid, self.course = network, plan, fluid, course
        self.resources = resources
        self.place = {
            "gate": network.groups[course.number].gate,
            "direction": network.groups[course.number].direction,
        }
        self.laden = course.asks.laden
        self.times = times
        self.measured = slice(plan.warmup_days, None)
        self.binds = binding(resources, course.number, self.measured)
        self.backlog = course.backlog * self.laden
        self.stock, self.extra, self.spread = self._chance()
        self.queues = queues(network, course, waits)
        self.exact = exact_answer(network, plan, fluid, course, resources) if exact else "not asked for"

    # --- what chance adds ------------------------------------------------------------------------

    def _chance(self) -> tuple[Stock | None, Floats, Floats]:
        """Return the walk of the stock, what it adds to the fluid and the band about it by day, [veh, laden]."""
        days = self.plan.clock.days
        starts = np.maximum(self.times.day_starts, self.plan.clock.begin_us)
        came = np.diff(self.fluid.at(self.course.came, starts)) * self.laden
        inflow = self.course.inflow
        usual = max(float(self.backlog[1:].mean()), 0.0)
        around = np.full(days, np.sqrt(usual * inflow.batch + (inflow.day_cv * min(usual, came.mean())) ** 2))
        if self.binds is None or not np.isfinite(self.binds.load(self.measured)) or self.course.asks.may_leave.any():
            return None, np.zeros(days), around
        share = np.divide(self.binds.offered, self.binds.asked, out=np.zeros(days), where=self.binds.asked > 0)
        usual_share = self.binds.offered.sum() / max(self.binds.asked.sum(), 1e-9)
        capacity = np.where(self.binds.asked > 0, came * share, came.mean() * usual_share)
        variance = came * (inflow.batch + self._scv()) + (inflow.day_cv * came) ** 2
        walk = stock(came, capacity, variance)
        return walk, walk.mean - walk.fluid, np.hypot(around, np.maximum(walk.high - walk.low, 0) / 2 / _LIKELY)

    def _scv(self) -> float:
        assert self.binds is not None
        stages = self.network.groups[self.course.number].stages
        places = [p for p, s in enumerate(stages) if self.network.stages[s].station == self.binds.station]
        return float(self.course.asks.scv[places].mean()) if places else 0.0

    # --- rows -------------------------------------------------------------------------------------

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what Shadow.rows holds of this part."""
        clock, fluid = self.plan.clock, self.fluid
        window = np.array([self.plan.measured_from_us, clock.end_us])
        days = (window[1] - window[0]) / US_PER_DAY

        def per_day(curve: Floats) -> float:
            return float(np.diff(fluid.at(curve, window))[0] * self.laden / days)

        offered = per_day(self.course.came)
        yield self._row("offered_per_day", "veh/day", offered, exact=offered)
        yield self._row("cleared_per_day", "veh/day", per_day(self.course.cleared))
        capacity = self._capacity(offered)
        if capacity is not None:
            yield self._row("capacity_per_day", "veh/day", capacity)
        if self.course.turned_back[-1] > 1e-9:
            yield self._row("turned_back_per_day", "veh/day", per_day(self.course.turned_back))
        if self.course.lost[-1] > 1e-9:
            yield self._row("lost_per_day", "veh/day", per_day(self.course.lost))
        inside = fluid.edges_us >= window[0]
        yield self._backlog_row("backlog", fluid.edges_us[inside], is_mean=True)
        closes = self._closes()
        if len(closes):
            yield self._backlog_row("backlog_at_close", closes)
        yield self._backlog_row("backlog_at_2000", self.times.at_hour(_BULLETIN_CUT_H))
        yield from self._times()

    def _row(
        self, measure: str, unit: str, fluid: float | None, diffusion: float | None = None, low: float | None = None,
        high: float | None = None, exact: float | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        values = {"fluid": fluid, "diffusion": diffusion, "low": low, "high": high, "exact": exact}
        return {**self.place, "measure": measure, "unit": unit, **{k: _number(v) for k, v in values.items()}}

    def _backlog_row(self, measure: str, times_us: Ints, *, is_mean: bool = False) -> dict[str, Any]:
        value, corrected, low, high = self._backlog_at(times_us)
        if is_mean:  # the mean over the days, and the middle of the bands
            low = high = None
        return self._row(measure, "veh", value, corrected, low, high, self._exact_at(times_us))

    def _backlog_at(self, times_us: Ints) -> tuple[float, float, float | None, float | None]:
        """Return the fluid, what chance makes of it, and its band, on average over some times."""
        value = self.fluid.at(self.backlog, times_us)
        day = np.clip(np.searchsorted(self.times.day_starts, times_us, side="left") - 1, 0, None)
        day = np.minimum(day, len(self.extra) - 1)
        hour = np.clip((times_us - 1 - self.plan.clock.begin_us) // US_PER_H, 0, len(self.queues.vehicles) - 1)
        corrected = value + self.extra[day] + self.queues.vehicles[hour] * self.laden
        low = np.maximum(corrected - _LIKELY * self.spread[day], 0.0)
        high = corrected + _LIKELY * self.spread[day]
        return float(value.mean()), float(corrected.mean()), float(low.mean()), float(high.mean())

    def _exact_at(self, times_us: Ints) -> float | None:
        if isinstance(self.exact, str):
            return None
        return float(np.interp(times_us, self._exact_hours(), self.exact.backlog).mean() * self.laden)

    def _exact_hours(self) -> Ints:
        assert isinstance(self.exact, ExactAnswer)
        begin = self.plan.clock.begin_us
        first = begin // US_PER_H + 1
        return np.append(begin, (first + np.arange(len(self.exact.backlog) - 1)) * US_PER_H).astype(np.int64)

    def _capacity(self, offered: float) -> float | None:
        highest = 0.0 if self.binds is None else self.binds.load(self.measured)
        return offered / highest if 0 < highest < np.inf else None

    def _times(self) -> Iterator[dict[str, Any]]:
        """Yield wait, crossing time and time to clear, from the cumulated curves."""
        course = self.course
        leaves = float(course.turned_back[-1] + course.lost[-1]) > 0.02 * max(float(course.came[-1]), 1.0)
        if not leaves:
            served = course.asks.served
            if served > 0:
                came = course.initial_unserved + course.came * served
                seconds = self._between(came, course.started)
                exact = None
                if isinstance(self.exact, ExactAnswer) and self.exact.is_whole:
                    exact = self.exact.wait_s
                yield self._row("wait", "s", seconds, _sum(seconds, self._extra_s(first_only=True)), exact=exact)
            seconds = self._between(course.initial + course.came, course.cleared)
            yield self._row("crossing_time", "s", seconds, _sum(seconds, self._extra_s(first_only=False)))
        if course.initial > 0:
            gone = course.cleared + course.turned_back + course.lost
            after = np.flatnonzero(gone >= course.initial - 0.5)
            if len(after):
                seconds = float(self.fluid.edges_us[after[0]] - self.fluid.edges_us[0]) / US_PER_S
                yield self._row("time_to_clear", "s", seconds)

    def _extra_s(self, *, first_only: bool) -> float:
        """Return what chance makes vehicles wait, in all or for the station that serves them first [s]."""
        measured = slice((self.plan.measured_from_us - self.plan.clock.begin_us) // US_PER_H, None)
        came = float(self.course.inflow.came.sum()) / max(self.plan.clock.days, 1) * self.laden
        of_stock = float(self.extra[self.measured].mean()) / came * 24 if came > 0 else 0.0
        if not first_only:
            joined = float(self.course.inflow.came[measured.start * STEPS_PER_H :].sum())
            return 3_600 * (of_stock + float(self.queues.waited_h[measured].sum()) / max(joined, 1e-9))
        served = float(self.queues.served_first[measured].sum())
        more = float(self.queues.waited_first_h[measured].sum()) / max(served, 1e-9)
        return 3_600 * (more + of_stock * self._binds_first())

    def _binds_first(self) -> bool:
        """Return whether the binding resource is the station that serves vehicles first, or the way to it."""
        if self.binds is None or not self.binds.is_before.get(self.course.number, False):
            return False
        stages = self.network.groups[self.course.number].stages
        mine = [p for p, s in enumerate(stages) if self.network.stages[s].station == self.binds.station]
        return not mine or bool(self.course.asks.first_served[mine].max() > 0.5)

    def _between(self, came: Floats, went: Floats) -> float | None:
        """Return the mean time between two cumulated curves, of those who came in the measured time [s]."""
        edges = self.fluid.edges_us
        since = self.fluid.at(came, np.array([self.plan.measured_from_us]))[0]
        if came[-1] - since < 1e-6:
            return None
        levels = since + (np.arange(2_000) + 0.5) / 2_000 * (came[-1] - since)
        begins = _inverse(came, edges, levels)
        ends = np.where(levels < went[-1], _inverse(went, edges, levels), edges[-1])
        return float(np.maximum(ends - begins, 0).mean() / US_PER_S)

    def _closes(self) -> Ints:
        """Return the last closing of each measured day [us]."""
        clock, network = self.plan.clock, self.network
        group = network.groups[self.course.number]
        windows = open_windows(network.border, network.border.gates[group.gate], "gate", clock, group.direction)
        if windows is None:
            return np.empty(0, dtype=np.int64)
        opens = {clock.us(w.begins) for w in windows}
        closes = np.array([at for w in windows if (at := clock.us(w.ends)) not in opens], dtype=np.int64)
        edges = np.append(self.plan.measured_from_us, self.times.day_starts)
        edges = np.unique(edges[edges >= self.plan.measured_from_us])
        found = np.searchsorted(closes, edges[1:], side="right") - 1
        last = closes[np.unique(found[found >= 0])]
        return np.asarray(last[(last > self.plan.measured_from_us) & (last <= clock.end_us)])

    def hourly(self) -> Iterator[dict[str, Any]]:
        """Yield what Shadow.hourly holds of this part."""
        for hour in range(24):
            times = self.times.at_hour(hour)
            if len(times):
                value, corrected, low, high = self._backlog_at(times)
                row = self._row("backlog", "veh", value, corrected, low, high, self._exact_at(times))
                yield {**self.place, "hour": hour, **{k: row[k] for k in row if k not in (*self.place, "measure")}}

    def daily(self) -> Iterator[dict[str, Any]]:
        """Yield what Shadow.daily holds of this part."""
        clock = self.plan.clock
        starts = self.times.day_starts
        came, cleared = (
            np.diff(self.fluid.at(c, starts)) * self.laden for c in (self.course.came, self.course.cleared)
        )
        for day in range(self.plan.warmup_days, clock.days):
            at = self.times.hours[day, _BULLETIN_CUT_H]
            stands = float(self.fluid.at(self.backlog, np.array([at]))[0]) if at >= clock.begin_us else None
            yield {
                "date": (clock.first_day + timedelta(days=day)).isoformat(), **self.place,
                "arrived": _number(float(came[day])), "cleared": _number(float(cleared[day])),
                "backlog_2000": _number(stands),
            }  # fmt: skip

    def binding(self) -> Iterator[dict[str, Any]]:
        """Yield what Shadow.binding holds of this part."""
        if self.binds is None:
            return
        offered = float(self.course.inflow.came.sum()) * self.laden / self.plan.clock.days
        highest = self.binds.load(self.measured)
        capacity = offered / highest if 0 < highest < np.inf else 0.0
        spare = capacity - offered
        yield {
            **self.place, "resource": self.binds.name, "load": _number(highest),
            "demand_per_day": _number(offered), "capacity_per_day": _number(capacity),
            "days_to_clear": _number(self.course.initial * self.laden / spare) if spare > 0 else None,
        }  # fmt: skip

    def notes(self) -> Iterator[dict[str, Any]]:
        """Yield what Shadow.notes holds of this part."""
        whole = isinstance(self.exact, ExactAnswer)
        text = self.exact.model if isinstance(self.exact, ExactAnswer) else f"not given: {self.exact}"
        yield {**self.place, "about": "exact" if whole else "no exact answer", "text": text}
        number = self.course.number
        for text in self._left_out(number):
            yield {**self.place, "about": "fluid", "text": text}

    def _left_out(self, number: int) -> Iterator[str]:
        network = self.network
        nodes = [network.stations[network.stages[s].station] for s in network.groups[number].stages]
        if any(number in (rule.source, rule.target) for rule in network.diversions):
            yield "diversions are left out"
        if network.hours or network.servers:
            yield "what is decided during the run (later closing, servers that change) is left out"
        if self.course.asks.may_leave.any():
            yield "patience is that of a queue whose vehicles are of all ages up to twice the mean"
        shared = {network.stages[s].station for s in network.groups[number].stages if not network.stages[s].is_back}
        for resource in self.resources:
            others = any(before for user, before in resource.is_before.items() if user != number)
            if resource.station in shared and others and resource.load(self.measured) > SHARED_LOAD:
                yield f"{resource.name} serves both directions, and the fluid serves them alike, not the oldest first"
        if any(node.queue_places != NONE for node in nodes):
            yield "a limited queue is full by chance before it is full on average"
        if any(node.breakdown is not None for node in nodes):
            yield "breakdowns come by chance, and the fluid has fewer servers all the time"


def _inverse(curve: Floats, times_us: Ints, levels: Floats) -> Floats:
    """Return when a rising curve reaches some levels [us]; of a level part both ends are kept, and nothing within."""
    rises = np.diff(curve) > 1e-12
    kept = np.concatenate([[True], rises]) | np.concatenate([rises, [True]])
    return np.asarray(np.interp(levels, curve[kept], times_us[kept]))


def _sum(value: float | None, more: float) -> float | None:
    return None if value is None else value + more


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.10g}")
