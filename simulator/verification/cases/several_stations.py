"""Stations one after the other: blocking, a yard around two of them, coming back, customs channels."""

from __future__ import annotations

from functools import cache

from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.record import Ints, RunRecord
from gatewatch.simulator.verification.case import Mean, Quantity, case
from gatewatch.simulator.verification.networks import (
    JacksonNetwork,
    feedback_mm1_mean_sojourn,
    jackson_network,
)
from gatewatch.simulator.verification.readings import (
    cleared_per_day,
    crossing_times_min,
    duration_min,
    mean_backlog,
    mean_number,
    mean_wait_min,
    settled,
    share_of_outcome,
    share_of_time,
    visits,
)
from gatewatch.simulator.verification.tandems import BlockingTandem, blocking_tandem
from gatewatch.simulator.verification.yards import YardTandem, yard_tandem


@case("Two stations, one place between them: blocking after service")
def blocking() -> list[Quantity]:
    """Markov chain of those before, blocked at, and after the first station."""

    @cache
    def exact() -> BlockingTandem:
        return blocking_tandem(0.7, servers=(2, 1), service_rates=(0.5, 0.8), buffer=1, places=5)

    return [
        Mean(
            "share lost", "-", lambda: exact().turned_back_share,
            lambda run: share_of_outcome(run, Outcome.LOST, "papers"),
        ),
        Mean("throughput", "veh/day", lambda: exact().throughput * 1_440, cleared_per_day),
        Mean(
            "mean backlog, first", "veh", lambda: exact().mean_backlogs[0],
            lambda run: mean_backlog(run, "papers"),
        ),
        Mean(
            "mean backlog, second", "veh", lambda: exact().mean_backlogs[1],
            lambda run: mean_backlog(run, "goods"),
        ),
        Mean(
            "blocked servers", "servers", lambda: exact().mean_blocked,
            lambda run: mean_number(run, *_blocked(run)),
        ),
        Mean(
            "share of time blocked", "-", lambda: exact().blocked,
            lambda run: share_of_time(run, *_blocked(run)),
        ),
    ]  # fmt: skip


def _blocked(run: RunRecord) -> tuple[Ints, Ints]:
    """Return begin and end of the stretches in which served vehicles kept a server of the first station."""
    mine = visits(run, "papers") & (run.trace.finished_us != NOT_YET)
    return run.trace.finished_us[mine], run.trace.left_us[mine]


@case("Two stations inside a yard of four places")
def yard() -> list[Quantity]:
    """Markov chain of those outside and at both stations."""

    @cache
    def exact() -> YardTandem:
        return yard_tandem(0.5, servers=(1, 2), service_rates=(1.0, 0.5), yard_places=4)

    def inside(run: RunRecord) -> tuple[Ints, Ints]:
        entered = run.trace.yard_entered_us != NOT_YET
        last = run.draws.visits.start[1:][run.vehicle_of_visit[entered]] - 1
        return run.trace.yard_entered_us[entered], run.trace.left_us[last]

    def wait_outside(run: RunRecord) -> float:
        mine = settled(run, "papers")
        return float(duration_min(run.trace.yard_asked_us[mine], run.trace.yard_entered_us[mine]).mean())

    return [
        Mean("mean wait outside", "min", lambda: exact().mean_wait_outside, wait_outside, 0.015),
        Mean(
            "mean number in the yard", "veh", lambda: sum(exact().mean_backlogs),
            lambda run: mean_number(run, *inside(run)),
        ),
        Mean(
            "mean backlog, second station", "veh", lambda: exact().mean_backlogs[1],
            lambda run: mean_backlog(run, "goods"),
        ),
        Mean(
            "share of time that the yard is full", "-", lambda: exact().full,
            lambda run: share_of_time(run, *inside(run), at_least=4),
        ),
    ]  # fmt: skip


@case("One server to which a quarter of the vehicles come again")
def feedback() -> list[Quantity]:
    """Bernoulli feedback: a Jackson network of one station."""

    def n_visits(run: RunRecord) -> float:
        mine = settled(run)
        return float(mine.sum() / (mine & (run.draws.visits.number == 1)).sum())

    return [
        Mean(
            "mean crossing time", "min", lambda: feedback_mm1_mean_sojourn(0.45, 1.0, 0.25),
            lambda run: float(crossing_times_min(run).mean()),
        ),
        Mean("visits of a vehicle", "-", lambda: 4 / 3, n_visits),
        Mean(
            "mean wait of a visit", "min",
            lambda: jackson_network([0.45], [[0.25]], [1], [1.0]).mean_waits[0], mean_wait_min, 0.015,
        ),
    ]  # fmt: skip


@case("Three stations, one of them for the red channel only")
def channels() -> list[Quantity]:
    """A Jackson network: 30 of 100 go round by inspection."""

    @cache
    def exact() -> JacksonNetwork:
        return jackson_network(
            [0.6, 0.0, 0.0],
            [[0.0, 0.3, 0.7], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]],
            servers=[2, 1, 1],
            service_rates=[0.5, 1 / 3, 1.0],
        )

    return [
        *(
            Mean(
                f"mean wait, {name}", "min", lambda n=n: exact().mean_waits[n],  # type: ignore[misc]
                lambda run, name=name: mean_wait_min(run, name), 0.015,
            )
            for n, name in enumerate(("customs", "inspection", "exit"))
        ),
        Mean(
            "mean crossing time", "min", lambda: exact().mean_crossing_time,
            lambda run: float(crossing_times_min(run).mean()),
        ),
    ]  # fmt: skip
