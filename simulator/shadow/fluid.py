"""The fluid model of a plan: what the border does on average if vehicles were a continuous quantity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_S
from gatewatch.simulator.network import Network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.shadow import stepping
from gatewatch.simulator.shadow.inflow import Inflow, inflows
from gatewatch.simulator.shadow.layout import STEP_S, STEPS_PER_H, Layout
from gatewatch.simulator.shadow.routes import Averages, averages

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Course:
    """
    One group over a run; curves are cumulated from the start, shape (steps + 1,) [veh, laden or not].

    Args:
        number: Number of the group.
        inflow: Its demand.
        asks: What its vehicles ask of the stages.
        came: Arrivals, refused ones too, after the vehicles inside at the start that were not yet served.
        initial: Vehicles inside at the start, not yet cleared.
        initial_unserved: Those of them that wait for their first service, or stand before it.
        started: Starts of service that end a wait.
        cleared: Clearances.
        turned_back: Vehicles that left, or were refused.
        lost: Vehicles turned away at a full queue.
        present: Vehicles at each stage on each full hour, shape (stages, hours + 1).
        joined: Vehicles that joined each stage in each hour, shape (stages, hours).
        waited_h: Time waited at each stage in the measured time, shape (stages,) [veh h].
    """

    number: int
    inflow: Inflow
    asks: Averages
    came: Floats
    initial: float
    initial_unserved: float
    started: Floats
    cleared: Floats
    turned_back: Floats
    lost: Floats
    present: Floats
    joined: Floats
    waited_h: Floats

    @property
    def backlog(self) -> Floats:
        """Vehicles that have arrived and are neither cleared nor gone, shape (steps + 1,) [veh]."""
        return self.initial + self.came - self.cleared - self.turned_back - self.lost


@dataclass(frozen=True, slots=True)
class Fluid:
    """The courses of a run, with the edges of the steps, shape (steps + 1,) [us]."""

    edges_us: Ints
    courses: tuple[Course, ...]

    def at(self, curve: Floats, times_us: Ints | Floats) -> Floats:
        """Return a curve at some times [us]."""
        return np.asarray(np.interp(times_us, self.edges_us, curve))


def run_fluid(network: Network, plan: Plan) -> Fluid:
    """Return the fluid of a plan, all gates together since stations serve both directions."""
    clock = plan.clock
    step_us = STEP_S * US_PER_S
    n_steps = -(-(clock.end_us - clock.begin_us) // step_us)
    edges_us = clock.begin_us + step_us * np.arange(n_steps + 1, dtype=np.int64)
    coming = inflows(network, plan, edges_us)
    asked = {number: averages(network, network.groups[number], inflow.mix) for number, inflow in coming.items()}
    layout = Layout(network, plan, asked)
    day_of_step = np.searchsorted(clock.day_starts_us(), edges_us[:-1], side="right").astype(np.int64) - 1
    arguments: list[Any] = [
        n_steps, STEPS_PER_H, clock.begin_us, step_us,
        np.array([coming[g].came for g in coming]).reshape(len(coming), n_steps),
        np.array([coming[g].refused for g in coming]).reshape(len(coming), n_steps),
        *layout.of_stages(), *layout.of_stations(), *layout.of_yards(), day_of_step,
        layout.queue.copy(), layout.in_phases(), layout.aged.copy(),
        (plan.measured_from_us - clock.begin_us) // step_us,
    ]  # fmt: skip
    counts, hourly, waited = stepping.advance(*arguments)
    courses = []
    for place, (number, inflow) in enumerate(coming.items()):
        mine = layout.group_of == place
        before = mine & layout.per_stage("is_before")
        initial = float((layout.queue + layout.serving)[before].sum())
        unserved = float(layout.queue[mine & layout.waits_first].sum() + layout.serving[mine & layout.is_ahead].sum())
        refused = np.concatenate([[0.0], np.cumsum(inflow.refused)])
        courses.append(
            Course(
                number=number,
                inflow=inflow,
                asks=asked[number],
                came=np.concatenate([[0.0], np.cumsum(inflow.came)]),
                initial=initial,
                initial_unserved=unserved,
                started=counts[0, place],
                cleared=counts[1, place],
                turned_back=counts[2, place] + refused,
                lost=counts[3, place],
                present=_with_start(hourly[0, mine], (layout.queue + layout.serving)[mine]),
                joined=hourly[1, mine, :-1],
                waited_h=waited[mine] / STEPS_PER_H,
            )
        )
    return Fluid(edges_us, tuple(courses))


def _with_start(present: Floats, at_start: Floats) -> Floats:
    present[:, 0] = at_start
    return present
