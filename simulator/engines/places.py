"""What a station and a yard know of themselves during a run of the reference engine. No clock, no rules of the road."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from gatewatch.simulator.network import NONE, StationNode, YardNode
from gatewatch.simulator.timetable import Segment

Key = tuple[int, int, int]  # rank (smaller first), time [us], vehicle
HEAD = -1  # rank of vehicles handed back: before every class


@dataclass(slots=True)
class StationState:
    """
    Servers and queue of a station.

    A server is at work (`active`), stopped with its work kept (`frozen`), or kept by a vehicle that cannot go on
    (`n_blocked`).
    """

    node: StationNode
    segment: Segment
    queues: tuple[list[Key], list[Key]] = field(default_factory=lambda: ([], []))  # not registered before, registered
    n_waiting: int = 0
    active: dict[int, int] = field(default_factory=dict)  # vehicle: start of its service [us]
    frozen: list[tuple[int, int]] = field(default_factory=list)  # start of service [us], vehicle
    n_blocked: int = 0
    n_gained: int = 0  # servers that came over from another station, negative for those that went
    wanting: list[tuple[int, int]] = field(default_factory=list)  # asked [us], vehicle: waits for room in the queue
    line_is_held: bool = False
    is_due: bool = False  # a start is to be looked for at this instant

    @property
    def capacity(self) -> int:
        """Return the servers that can work now."""
        is_shut = self.segment.is_broken or not self.segment.is_open
        return 0 if is_shut else self.segment.servers + self.n_gained

    @property
    def n_free(self) -> int:
        """Return the servers that could take a vehicle now, stopped work first."""
        return self.capacity - len(self.active) - self.n_blocked - len(self.frozen)

    def has_room(self, is_preregistered: bool, fits: bool) -> bool:
        """
        Return whether one more vehicle can stand here or go straight to a server.

        Args:
            is_preregistered: Whether the vehicle was registered before.
            fits: Whether it could be finished before closing, where the closing rule asks for that.
        """
        if self.node.queue_places == NONE:
            return True
        is_admitted = is_preregistered or not self.segment.preregistered_only
        can_start = fits and is_admitted and not self.line_is_held
        return self.n_waiting < self.node.queue_places + (max(0, self.n_free) if can_start else 0)

    def put(self, key: Key, is_preregistered: bool) -> None:
        """Add a vehicle to the queue."""
        heappush(self.queues[is_preregistered], key)
        self.n_waiting += 1

    def first(self, still_waits: Callable[[Key], bool]) -> Key | None:
        """Return the key of the vehicle that is next, those who have left taken out; None when nobody may start."""
        best = None
        for queue in self.queues[1:] if self.segment.preregistered_only else self.queues:
            while queue and not still_waits(queue[0]):
                heappop(queue)
            if queue and (best is None or queue[0] < best):
                best = queue[0]
        return best

    def take(self, key: Key, is_preregistered: bool) -> None:
        """Remove the vehicle that `first` returned."""
        taken = heappop(self.queues[is_preregistered])
        assert taken == key
        self.n_waiting -= 1


@dataclass(slots=True)
class YardState:
    """Places of a yard and the vehicles that want one."""

    node: YardNode
    is_open: bool
    places: int
    accepts: int
    n_inside: int = 0
    n_accepted: int = 0  # since the last local midnight of the counterpart
    direct: list[Key] = field(default_factory=list)
    called: dict[int, list[Key]] = field(default_factory=dict)  # by the station that holds them
    is_due: bool = False  # entries are to be looked for at this instant

    def next_entry(self, still_wants: Callable[[int], bool], releases: Callable[[int], bool]) -> int | None:
        """
        Take out and return the vehicle that is let in next, or None when nobody can be.

        Args:
            still_wants: Whether a vehicle still asks for a place here.
            releases: Whether a holding station may release vehicles now.
        """
        node = self.node
        if not self.is_open or (self.places != NONE and self.n_inside >= self.places):
            return None
        if self.accepts != NONE and self.n_accepted >= self.accepts:
            return None
        candidates = [self.direct]
        if node.keep == NONE or self.n_inside < node.keep:
            candidates += [queue for station, queue in self.called.items() if releases(station)]
        best: list[Key] | None = None
        for queue in candidates:
            while queue and not still_wants(queue[0][2]):
                heappop(queue)
            if queue and (best is None or queue[0] < best[0]):
                best = queue
        return None if best is None else heappop(best)[2]
