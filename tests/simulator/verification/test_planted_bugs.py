"""Bugs planted into the simulator, each of which a shipped case has to catch."""

import heapq

import numpy as np
import pytest

from gatewatch.config import opening_hours
from gatewatch.simulator import demand, results
from gatewatch.simulator.engines import reference
from gatewatch.simulator.engines.order import NUMBERS, Kind
from gatewatch.simulator.engines.places import StationState
from gatewatch.simulator.measures import times
from gatewatch.simulator.measures.base import Sample
from gatewatch.simulator.output_analysis import PERCENTILES, t_interval
from gatewatch.simulator.streams import Streams
from gatewatch.simulator.variates import Variate
from gatewatch.simulator.verification.runner import verify


def lifo_release(patch):
    """Who was blocked last goes on first."""
    patch.setattr(reference, "heappush", lambda heap, key: heapq.heappush(heap, (*(-k for k in key[:-1]), key[-1])))


def last_come_first_served(patch):
    """The queue is served from its end."""

    def turned(key):
        return key[0], -key[1], -key[2]

    def put(station, key, is_preregistered):
        heapq.heappush(station.queues[is_preregistered], turned(key))
        station.n_waiting += 1

    def first(station, still_waits):
        queue = station.queues[True]
        while queue and not still_waits(turned(queue[0])):
            heapq.heappop(queue)
        return turned(queue[0]) if queue else None

    def take(station, key, is_preregistered):  # noqa: ARG001
        heapq.heappop(station.queues[is_preregistered])
        station.n_waiting -= 1

    for method in (put, first, take):
        patch.setattr(StationState, method.__name__, method)


def lost_blocked_server(patch):
    """The server of a vehicle that was blocked is never free again."""
    close = reference._Run._close

    def close_and_keep(run, vehicle, outcome):
        row = run.visit[vehicle]
        was_blocked = run.where[vehicle] == reference._Where.BLOCKED and run.finished[row] < run.env.now
        close(run, vehicle, outcome)
        if was_blocked:
            run.stations[run.network.stages[run.stage_of[row]].station].n_blocked += 1

    patch.setattr(reference._Run, "_close", close_and_keep)


def restart_at_reopening(patch):
    """Frozen work begins anew."""

    def stop(run, station, vehicle):
        run.service_number[vehicle] += 1
        del station.active[vehicle]

    patch.setattr(reference._Run, "_stop_work", stop)


def start_at_the_closing_instant(patch):
    """Timetables change after services began."""
    patch.setattr(reference, "priority", lambda kind, n: (9 if kind == Kind.CHANGE else int(kind)) * NUMBERS + n)


def first_started_stops_first(patch):
    """A smaller roster stops the wrong servers."""

    def stop(run, station, n_kept):
        by_start = sorted(station.active, key=lambda v: (station.active[v], v), reverse=True)
        for vehicle in by_start[n_kept:]:
            started = station.active[vehicle]
            run._stop_work(station, vehicle)
            run.where[vehicle] = reference._Where.STOPPED
            heapq.heappush(station.frozen, (started, vehicle))

    patch.setattr(reference._Run, "_stop_all_but", stop)


def priority_that_interrupts(patch):
    """A vehicle of a higher class takes the server of a lower one."""
    stand = reference._Run._stand

    def stand_and_interrupt(run, vehicle, row):
        stand(run, vehicle, row)
        station = run.stations[run.network.stages[run.stage_of[row]].station]
        rank = station.node.rank
        lower = [v for v in station.active if rank[run.class_of[v]] > rank[run.class_of[vehicle]]]
        if lower and station.n_free <= 0:
            run._stop_work(station, lower[0])
            run.where[lower[0]] = reference._Where.IN_QUEUE
            station.put(run._queue_key(lower[0], run.visit[lower[0]]), run.registered[lower[0]])

    patch.setattr(reference._Run, "_stand", stand_and_interrupt)


def lognormal_parameters_swapped(patch):
    """Mean and cv are taken for those of the logarithm."""
    patch.setattr("gatewatch.simulator.variates.lognormal_parameters", lambda law: (np.log(law.mean or 1), law.cv or 1))


def rate_at_now(patch):
    """Gaps between arrivals are drawn at the rate of the moment, as if it would last."""

    def by_level(network, name, flow, arrivals, streams):
        clock, luck = network.clock, streams.generator(name, "gaps")
        weights = np.array(network.border.hour_profiles[arrivals.hours].weights)
        found, counts = [], []
        for start, level in zip(clock.day_starts_us(), demand.daily_levels(network, flow, arrivals), strict=False):
            hour, n = 0.0, 0
            while (hour := hour + luck.exponential(weights.sum() / weights[int(hour)] / level)) < 24:
                found.append(start + round(hour * 3_600e6))
                n += 1
            counts.append(n)
        return demand.FlowArrivals(np.array(found, dtype=np.int64), counts)

    patch.setattr(demand, "_by_level", by_level)


def shared_stream(patch):
    """Every purpose draws the same numbers."""
    generator = Streams.generator
    patch.setattr(Streams, "generator", lambda self, *names: generator(self, "all"))  # noqa: ARG005


def no_luck_of_the_day(patch):
    """All days are alike."""
    patch.setattr(demand, "day_factors", lambda *arguments: np.ones(arguments[-1]))


def fresh_services_at_the_start(patch):
    """What was served before the start is forgotten."""
    patch.setattr(Variate, "residual_s", lambda self, uniforms, served: self.quantile_s(uniforms))  # noqa: ARG005


def one_zone_for_all(patch):
    """The calendar of the other side is read in Hanoi time."""
    instant = opening_hours.instant
    patch.setattr(
        opening_hours,
        "instant",
        lambda calendar, day, minute: instant(
            calendar.model_copy(update={"timezone": "Asia/Ho_Chi_Minh"}), day, minute
        ),
    )


def unfinished_vehicles_dropped(patch):
    """Only vehicles that got through count."""
    patch.setattr(times, "Sample", lambda values, censored=None: Sample(values))  # noqa: ARG005


def population_deviation(patch):
    """Half widths divide by n and not by n - 1."""

    def interval(values, confidence=0.95):
        mean, half = t_interval(values, confidence)
        return mean, None if half is None else half * ((len(values) - 1) / len(values)) ** 0.5

    patch.setattr(results, "t_interval", interval)


def percentile_of_means(patch):
    """The 90th percentile of waits is that of the replications' mean waits."""

    def interval(summaries, which, confidence=0.95):  # noqa: ARG001
        value = float(np.percentile([s.mean for s in summaries], PERCENTILES[which]))
        return {"value": value, "low": value, "high": value, "method": "wrong"}

    patch.setattr(results, "percentile_interval", interval)


SLOW = pytest.mark.slow
PLANTED = [
    (lifo_release, "jams", "reference"),
    (last_come_first_served, "recursions", "reference"),
    (lost_blocked_server, "jams", "reference"),
    (restart_at_reopening, "closing_rules", "reference"),
    (start_at_the_closing_instant, "closing_rules", "reference"),
    (first_started_stops_first, "roster_fall", "reference"),
    (priority_that_interrupts, "same_instant", "reference"),
    (lognormal_parameters_swapped, "laws", "kernel"),
    (fresh_services_at_the_start, "services_under_way", "kernel"),
    (one_zone_for_all, "two_zones", "kernel"),
    (unfinished_vehicles_dropped, "unfinished", "kernel"),
    (percentile_of_means, "unfinished", "kernel"),
    (shared_stream, "mm1", "kernel"),
    pytest.param(rate_at_now, "counts", "kernel", marks=SLOW),
    pytest.param(no_luck_of_the_day, "day_factor", "kernel", marks=SLOW),
    pytest.param(population_deviation, "intervals", "kernel", marks=SLOW),
]


@pytest.mark.parametrize(("bug", "name", "engine"), PLANTED)
def test_a_planted_bug_is_caught(bug, name, engine, monkeypatch):
    """A check that no bug can fail is no check: each of these is caught by a case that passes without it."""
    bug(monkeypatch)
    figures = verify([name], engine=engine)

    assert [figure for figure in figures if not figure.passed] != []
