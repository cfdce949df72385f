"""What a finished run says of each vehicle: the common ground of all measures, and the conservation check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.draws import Draws
from gatewatch.simulator.engines.trace import NOT_YET, Outcome, Trace
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.slices import Leaves, Slices, slices_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Numbers = NDArray[np.int32]  # of things, for arrays as long as the visits

GONE = (Outcome.TURNED_BACK, Outcome.DIVERTED, Outcome.LOST)


class ConservationError(RuntimeError):
    """Vehicles were made or lost by the engine: a bug of ours, never a property of the border."""


@dataclass(frozen=True)
class RunRecord:
    """
    One replication, finished. Vehicle arrays have shape (vehicles,), visit arrays (visits,); times in [us].

    Args:
        plan: What was run.
        network: The border as the engine saw it.
        draws: Vehicles and itineraries.
        trace: What happened.
        so_far: Of a run in stretches, what the figures of vehicles let go of before have come to, by figure.
        seen_until_us: End of what is known, where it is not the end of the run [us].
        swept_us: Stretch of time that is swept through [us]; without it, the measured days.
        is_last: Whether its figures are those of the run.
    """

    plan: Plan
    network: Network
    draws: Draws
    trace: Trace
    so_far: Mapping[object, object] = field(default_factory=dict, repr=False, compare=False)  # see `folding.py`
    seen_until_us: int | None = None
    swept_us: tuple[int, int] | None = None
    is_last: bool = True
    kept: dict[object, object] = field(default_factory=dict, init=False, repr=False, compare=False)  # see `kept.py`

    @cached_property
    def from_us(self) -> int:
        """Start of the measured days."""
        return self.plan.measured_from_us

    @cached_property
    def to_us(self) -> int:
        """End of the measured days, or of what is known."""
        return self.network.clock.end_us if self.seen_until_us is None else self.seen_until_us

    @cached_property
    def between_us(self) -> tuple[int, int]:
        """From when to when the record is swept through; the stretches of a run put together are its measured days."""
        if self.swept_us is None:
            return self.from_us, self.to_us
        begins, ends = self.swept_us
        return max(begins, self.from_us), max(ends, self.from_us)

    @cached_property
    def days(self) -> float:
        """Measured time [days]."""
        return (self.to_us - self.from_us) / 86_400e6

    @cached_property
    def vehicle_of_visit(self) -> Numbers:
        """Vehicle of each visit."""
        return np.repeat(np.arange(len(self.draws.group), dtype=np.int32), np.diff(self.draws.visits.start))

    @cached_property
    def station_of_visit(self) -> Numbers:
        """Station of each visit."""
        stations = np.array([stage.station for stage in self.network.stages], dtype=np.int32)
        return stations[self.draws.visits.stage]

    @cached_property
    def reached(self) -> Bools:
        """Visits that happened."""
        return np.asarray(self.trace.joined_us != NOT_YET)

    @cached_property
    def first_visit(self) -> Ints:
        """First visit of each vehicle; NONE for a vehicle without any."""
        start = self.draws.visits.start
        return np.where(np.diff(start) > 0, start[:-1], NONE)

    @cached_property
    def is_present(self) -> Bools:
        """Vehicles that came, or were inside at the start."""
        has = self.first_visit != NONE
        result = np.zeros(len(has), dtype=bool)
        result[has] = self.reached[self.first_visit[has]]
        return result

    @cached_property
    def arrived_us(self) -> Ints:
        """When each vehicle joined; NOT_YET when it never came."""
        result = np.full(len(self.draws.group), NOT_YET, dtype=np.int64)
        result[self.is_present] = self.trace.joined_us[self.first_visit[self.is_present]]
        return result

    @cached_property
    def _clearances(self) -> Ints:
        return np.flatnonzero(self.trace.outcome == Outcome.CLEARED)

    @cached_property
    def _departures(self) -> Ints:
        """Visits at which vehicles left without crossing."""
        is_gone = np.isin(np.arange(len(Outcome)), GONE)
        return np.flatnonzero(is_gone[self.trace.outcome])

    @cached_property
    def cleared_us(self) -> Ints:
        """When each vehicle was cleared; NOT_YET when it was not."""
        result = np.full(len(self.draws.group), NOT_YET, dtype=np.int64)
        rows = self._clearances
        result[self.vehicle_of_visit[rows]] = self.trace.left_us[rows]
        return result

    @cached_property
    def end_kind(self) -> Ints:
        """What became of each vehicle on its way out: an Outcome; NOT_REACHED when it never came."""
        kind = np.full(len(self.draws.group), int(Outcome.NOT_REACHED), dtype=np.int64)
        kind[self.is_present] = Outcome.INSIDE
        rows = self._departures
        kind[self.vehicle_of_visit[rows]] = self.trace.outcome[rows]
        kind[self.cleared_us != NOT_YET] = Outcome.CLEARED
        kind[self.is_present & (self.draws.clear_visit == NONE)] = Outcome.RETURNED
        return kind

    @cached_property
    def gone_us(self) -> Ints:
        """When each vehicle stopped being backlog: cleared, turned back, diverted or lost; NOT_YET when inside."""
        result = self.cleared_us.copy()
        rows = self._departures
        vehicles = self.vehicle_of_visit[rows]
        open_end = result[vehicles] == NOT_YET
        result[vehicles[open_end]] = self.trace.left_us[rows[open_end]]
        return result

    @cached_property
    def is_laden(self) -> Bools:
        """Vehicles that carry goods on their way out."""
        return np.array([c.laden for c in self.network.class_data], dtype=bool)[self.draws.classes]

    @cached_property
    def is_measured(self) -> Bools:
        """Vehicles that arrived in the measured days."""
        return np.asarray(self.is_present & (self.arrived_us >= self.from_us) & (self.draws.inside == 0))

    @cached_property
    def was_inside(self) -> Bools:
        """Vehicles inside at the start that had not been cleared before it."""
        return np.asarray((self.draws.inside > 0) & (self.draws.clear_visit != NONE))

    @property
    def slices(self) -> Slices:
        """All vehicles, each direction, each gate, each gate and direction, and each of their classes."""
        return slices_of(self.network, by_class=True)

    @property
    def places(self) -> Slices:
        """The slices without those of a class."""
        return slices_of(self.network, by_class=False)

    @cached_property
    def leaves(self) -> Leaves:
        """Vehicles by group and class."""
        n_groups, n_classes = len(self.network.groups), len(self.network.classes)
        return Leaves(self.draws.group * n_classes + self.draws.classes, n_groups * n_classes)

    def check_conservation(self) -> None:
        """
        Check that initial + arrived = cleared + turned back + diverted + lost + inside, in every group and class.

        Raises:
            ConservationError: It does not hold; the message has the figures.
        """
        counted = self.is_present & (self.draws.clear_visit != NONE)
        times_cleared = np.bincount(self.vehicle_of_visit[self._clearances], minlength=len(counted))
        is_sound = (times_cleared <= 1) & ((self.gone_us == NOT_YET) == (self.end_kind == Outcome.INSIDE))
        kinds = (Outcome.CLEARED, *GONE, Outcome.INSIDE)
        came = self.slices.fold(self.leaves.count(counted))
        ends = np.stack([self.slices.fold(self.leaves.count(counted & (self.end_kind == kind))) for kind in kinds])
        unsound = self.slices.fold(self.leaves.count(counted & ~is_sound))
        for number, part in enumerate(self.slices):
            if ends[:, number].sum() != came[number] or unsound[number]:
                where = " ".join(str(x) for x in (part.gate, part.direction, part.class_) if x) or "all gates"
                found = {kind.name.lower(): int(n) for kind, n in zip(kinds, ends[:, number], strict=True)}
                raise ConservationError(
                    f"{where}: {came[number]} vehicles came, but {found}; "
                    f"{unsound[number]} of them cleared twice or both gone and inside"
                )
