"""
The reference engine: the model told in SimPy, written to be read. What it does is what the model means.

The page that it implements is simulator/README.md; the order of simultaneous occurrences is in order.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any

import numpy as np
import simpy

from gatewatch.simulator.draws import Draws
from gatewatch.simulator.engines.order import Kind, priority
from gatewatch.simulator.engines.places import HEAD, Key, StationState, YardState
from gatewatch.simulator.engines.trace import NOT_YET, Outcome, Trace
from gatewatch.simulator.initial_state import INSIDE_SERVED, ON_THE_ROAD
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.responses import Step
from gatewatch.simulator.timetable import Segment, with_breakdowns
from gatewatch.simulator.yard_node import YardChange

Story = Generator["_Occurrence", Any, None]


def run(network: Network, draws: Draws) -> Trace:
    """
    Return the trace of one replication.

    Args:
        network: The border laid out in time.
        draws: Everything random of the replication.
    """
    return _Run(network, draws).trace()


class _Where(IntEnum):
    """Where a vehicle is."""

    AWAY = 0
    ON_ROAD = 1  # arrived, and not yet let into its first yard or queue
    IN_QUEUE = 2
    IN_SERVICE = 3
    STOPPED = 4  # in service, work frozen
    BLOCKED = 5  # served, and cannot go on: keeps its server
    HELD = 6  # in a park, until it is called forward


class _Occurrence(simpy.Event):
    """Something that happens at a set time, in the written order among what happens at the same time."""

    def __init__(self, env: simpy.Environment, at_us: int, kind: Kind, number: int) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, priority(kind, number), at_us - env.now)  # type: ignore[arg-type]


class _Run:
    def __init__(self, network: Network, draws: Draws) -> None:
        self.network, self.draws = network, draws
        self.begin_us, self.end_us = network.clock.begin_us, network.clock.end_us
        self.env = simpy.Environment(initial_time=self.begin_us)
        self._read(draws)
        self._clear_records(len(self.stage_of), len(self.group))
        self.timetables = [
            with_breakdowns(list(node.segments), list(draws.breakdowns[n]), self.end_us)
            for n, node in enumerate(network.stations)
        ]
        self.stations = [StationState(node, self.timetables[n][0]) for n, node in enumerate(network.stations)]
        self.yards = [
            YardState(node, node.is_open_at(self.begin_us), node.places, node.accepts_per_day) for node in network.yards
        ]
        self.feeds: list[set[int]] = [set() for _ in self.stations]  # yards that a holding station fills
        self.due_yards: deque[int] = deque()
        self.held: list[set[int]] = [set() for _ in network.groups]
        self.backlog = [0] * len(network.groups)
        self.on_the_way = [0] * len(network.groups)
        self.timetable_number = [0] * len(self.stations)  # counts changes of plan, so that an old one is left
        self.entry_number = [0] * len(self.yards)
        self.shares = [0] * len(network.servers)  # servers that went over: to the second station, or negative
        self.wanted_shares = [0] * len(network.servers)
        self.rule_of = {station: n for n, rule in enumerate(network.servers) for station in rule.stations}
        self.decisions: list[tuple[int, int, int]] = []

    @property
    def now(self) -> int:
        """Simulated time [us]; SimPy's clock stays whole because every delay is."""
        return int(self.env.now)

    def _read(self, draws: Draws) -> None:
        """Turn arrays into lists: single elements of lists are read several times faster."""
        self.arrival_us: list[int] = draws.arrival_us.tolist()
        self.group: list[int] = draws.group.tolist()
        self.class_of: list[int] = draws.classes.tolist()
        self.registered: list[bool] = draws.preregistered.tolist()
        self.patience_us: list[int] = draws.patience_us.tolist()
        self.clear_visit: list[int] = draws.clear_visit.tolist()
        self.first_visit: list[int] = draws.visits.start.tolist()
        self.stage_of: list[int] = draws.visits.stage.tolist()
        self.work_us: list[int] = draws.visits.service_us.tolist()
        self.stand_ins: list[list[int]] = draws.stand_ins.tolist()

    def _clear_records(self, n_visits: int, n_vehicles: int) -> None:
        self.joined, self.started = [NOT_YET] * n_visits, [NOT_YET] * n_visits
        self.finished, self.left = [NOT_YET] * n_visits, [NOT_YET] * n_visits
        self.asked, self.entered = [NOT_YET] * n_visits, [NOT_YET] * n_visits
        self.outcome: list[int] = [Outcome.NOT_REACHED] * n_visits
        self.where = [_Where.AWAY] * n_vehicles
        self.visit = self.first_visit[:-1]
        self.due_us = [0] * n_vehicles  # when the service under way will be completed
        self.service_number = [0] * n_vehicles  # counts starts, so that a stopped service is not completed
        self.yard = [NONE] * n_vehicles  # whose place it holds
        self.next_yard = [NONE] * n_vehicles  # whose place it was given and has not driven to yet
        self.wants_yard = [NONE] * n_vehicles
        self.wants_station = [NONE] * n_vehicles

    # ------------------------------------------------------------------ the run

    def trace(self) -> Trace:
        for n in range(len(self.network.hours)):
            self.env.process(self._decide(n))
        for n, timetable in enumerate(self.timetables):
            self.env.process(self._keep_timetable(n, timetable[1:]))
        for n, node in enumerate(self.network.yards):
            self.env.process(self._keep_gates(n, node.changes(self.begin_us, self.end_us)))
        for n in range(len(self.network.diversions)):
            self.env.process(self._check_held(n))
        for n in range(len(self.network.servers)):
            self.env.process(self._check_servers(n))
        self.env.process(self._let_arrive())
        self._place_those_inside()
        self.env.run(until=self.end_us)
        for row, joined in enumerate(self.joined):
            if joined != NOT_YET and self.left[row] == NOT_YET:
                self.outcome[row] = Outcome.INSIDE
        records = (
            self.joined,
            self.started,
            self.finished,
            self.left,
            self.outcome,
            self.asked,
            self.entered,
        )
        found = [np.array(record, dtype=np.int64) for record in records]
        found.append(np.array(self.decisions, dtype=np.int64).reshape(-1, 3))
        return Trace(*found)

    def _at(self, at_us: int, kind: Kind, number: int) -> _Occurrence:
        return _Occurrence(self.env, at_us, kind, number)

    def _then(self, occurrence: _Occurrence, action: Callable[[], None]) -> None:
        """Do this when it occurs, and then let in whoever can now come in."""

        def happen(_: simpy.Event) -> None:
            action()
            self._let_in()

        assert occurrence.callbacks is not None
        occurrence.callbacks.append(happen)

    def _change_at(self, at_us: int, kind: str, number: int) -> _Occurrence:
        """Return a change of a timetable: those of the rules, stations and yards are numbered one after the other."""
        sizes = {
            "hours": len(self.network.hours),
            "station": len(self.stations),
            "yard": len(self.yards),
            "diversion": len(self.network.diversions),
            "servers": len(self.network.servers),
        }
        before = list(sizes)[: list(sizes).index(kind)]
        return self._at(at_us, Kind.CHANGE, sum(sizes[name] for name in before) + number)

    def _keep_timetable(self, number: int, segments: list[Segment]) -> Story:
        self.timetable_number[number] += 1
        mine = self.timetable_number[number]
        for segment in segments:
            yield self._change_at(segment.begins_us, "station", number)
            if self.timetable_number[number] != mine:
                return
            self._change(number, segment)
            self._let_in()

    def _keep_gates(self, number: int, changes: list[YardChange]) -> Story:
        """Open and shut the entry of a yard, begin its days of acceptance, and set its limits."""
        yard = self.yards[number]
        self.entry_number[number] += 1
        mine = self.entry_number[number]
        for change in changes:
            yield self._change_at(change.at_us, "yard", number)
            if self.entry_number[number] != mine:
                return
            yard.is_open, yard.places, yard.accepts = change.is_open, change.places, change.accepts
            if change.is_midnight:
                yard.n_accepted = 0
            self._look_at_yard(number)
            self._let_in()

    def _check_held(self, number: int) -> Story:
        rule = self.network.diversions[number]
        at_us = self.begin_us
        while not rule.on_arrival:
            at_us += rule.check_every_us
            yield self._change_at(at_us, "diversion", number)
            self._divert_held(number)
            self._let_in()

    def _let_arrive(self) -> Story:
        for vehicle, joined in enumerate(self.arrival_us):
            if self.draws.inside[vehicle] or self.draws.stand_in_for[vehicle] != NONE:
                continue
            if self.first_visit[vehicle] < self.first_visit[vehicle + 1]:
                yield self._at(joined, Kind.ARRIVAL, vehicle)
                self._arrive(vehicle)
                self._let_in()

    # ------------------------------------------------------------------ a vehicle's way

    def _arrive(self, vehicle: int) -> None:
        now, row, group = self.now, self.visit[vehicle], self.group[vehicle]
        self.joined[row] = now
        self.backlog[group] += 1
        if self._is_refused(vehicle):
            self._leave_border(vehicle, Outcome.TURNED_BACK)
        elif not self._is_diverted_on_arrival(vehicle):
            self.where[vehicle] = _Where.ON_ROAD
            self._watch_patience(vehicle, row)
            self._seek(vehicle, row)

    def _is_refused(self, vehicle: int) -> bool:
        return any(
            self.group[vehicle] == halt.group
            and self.class_of[vehicle] in halt.classes
            and halt.begins_us <= self.now < halt.ends_us
            and self.draws.heeds[vehicle] < halt.compliance
            for halt in self.network.halts
        )

    def _seek(self, vehicle: int, row: int) -> None:
        """Ask for what the visit at `row` needs: a place in its yard if it lies in another one, then room."""
        yard = self.network.stages[self.stage_of[row]].yard
        if yard in (NONE, self.yard[vehicle]):
            self._want_room(vehicle, row)
            return
        self.asked[row] = self.now
        self.wants_yard[vehicle] = yard
        if self.where[vehicle] == _Where.HELD:
            station = self.network.stages[self.stage_of[self.visit[vehicle]]].station
            self.feeds[station].add(yard)
            queue = self.yards[yard].called.setdefault(station, [])
            heappush(queue, self._queue_key(vehicle, self.visit[vehicle]))
        else:
            heappush(self.yards[yard].direct, (0, self.now, vehicle))
        self._look_at_yard(yard)

    def _want_room(self, vehicle: int, row: int) -> None:
        number = self.network.stages[self.stage_of[row]].station
        station = self.stations[number]
        if not station.wanting and station.has_room(self.registered[vehicle], self._fits(station, row)):
            self._enter(vehicle, row)
        elif station.node.loses:
            self._lose(vehicle, row)
        else:
            self.wants_station[vehicle] = number
            heappush(station.wanting, (self.now, vehicle))

    def _let_in(self) -> None:
        """Let vehicles into the yards in which something changed, one yard after the other."""
        while self.due_yards:
            number = self.due_yards.popleft()
            yard = self.yards[number]
            yard.is_due = False

            def still_wants(vehicle: int, number: int = number) -> bool:
                return self.wants_yard[vehicle] == number

            while (vehicle := yard.next_entry(still_wants, self._releases)) is not None:
                yard.n_inside += 1
                yard.n_accepted += 1
                row = self._row_sought(vehicle)
                self.wants_yard[vehicle], self.next_yard[vehicle] = NONE, number
                self.entered[row] = self.now
                self._want_room(vehicle, row)

    def _releases(self, station: int) -> bool:
        return self.stations[station].capacity > 0

    def _look_at_yard(self, number: int) -> None:
        if not self.yards[number].is_due:
            self.yards[number].is_due = True
            self.due_yards.append(number)

    def _row_sought(self, vehicle: int) -> int:
        return self.visit[vehicle] + (self.where[vehicle] != _Where.ON_ROAD)

    def _enter(self, vehicle: int, row: int) -> None:
        """Leave the stage before, if any, and join the queue of the visit at `row`."""
        now = self.now
        if self.where[vehicle] != _Where.ON_ROAD:
            self._close(vehicle, Outcome.PASSED)
            self.joined[row] = now
            self.visit[vehicle] = row
        stage = self.network.stages[self.stage_of[row]]
        if stage.yard != self.yard[vehicle]:
            self._give_up_place(self.yard[vehicle])
            self.yard[vehicle], self.next_yard[vehicle] = stage.yard, NONE
        if self.where[vehicle] != _Where.ON_ROAD:
            self._watch_patience(vehicle, row)
        self._stand(vehicle, row)

    def _stand(self, vehicle: int, row: int) -> None:
        """Stand in the queue of the visit at `row`, or be held there."""
        number = self.network.stages[self.stage_of[row]].station
        station = self.stations[number]
        if station.node.holds:
            self.where[vehicle] = _Where.HELD
            self.held[self.group[vehicle]].add(vehicle)
            self._move_on(vehicle)
            return
        self.where[vehicle] = _Where.IN_QUEUE
        station.put(self._queue_key(vehicle, row), self.registered[vehicle])
        self._look_at_station(number)

    def _queue_key(self, vehicle: int, row: int) -> Key:
        node = self.network.stations[self.network.stages[self.stage_of[row]].station]
        return node.rank[self.class_of[vehicle]], self.joined[row], vehicle

    def _move_on(self, vehicle: int) -> None:
        row = self.visit[vehicle] + 1
        if row < self.first_visit[vehicle + 1]:
            self._seek(vehicle, row)
        else:
            never_cleared = self.clear_visit[vehicle] == row
            self._close(vehicle, Outcome.TURNED_BACK if never_cleared else Outcome.RETURNED)
            self.backlog[self.group[vehicle]] -= never_cleared
            self.where[vehicle] = _Where.AWAY
            self._give_up_place(self.yard[vehicle])

    def _close(self, vehicle: int, outcome: Outcome) -> None:
        """End the visit under way: the vehicle gives up its server and drives off."""
        row, now = self.visit[vehicle], self.now
        number = self.network.stages[self.stage_of[row]].station
        if self.where[vehicle] == _Where.HELD:
            self.held[self.group[vehicle]].discard(vehicle)
            self.started[row] = self.finished[row] = now
        else:
            self.stations[number].n_blocked -= 1
            self._look_at_station(number)
        self.left[row] = now
        self.outcome[row] = outcome
        if row == self.clear_visit[vehicle]:
            self.outcome[row] = Outcome.CLEARED
            self.backlog[self.group[vehicle]] -= 1

    # ------------------------------------------------------------------ leaving without crossing

    def _watch_patience(self, vehicle: int, row: int) -> None:
        patience, stage = self.patience_us[vehicle], self.network.stages[self.stage_of[row]]
        if patience == NONE or not stage.may_turn_back or row > self.clear_visit[vehicle]:
            return
        at_us = max(self.now, self.joined[row] + patience)
        if at_us < self.end_us:
            self._then(self._at(at_us, Kind.ABANDONMENT, vehicle), lambda: self._lose_patience(vehicle, row))

    def _lose_patience(self, vehicle: int, row: int) -> None:
        waits = self.where[vehicle] in (_Where.ON_ROAD, _Where.IN_QUEUE, _Where.HELD)
        if waits and self.visit[vehicle] == row and self.started[row] == NOT_YET:
            self._leave_border(vehicle, Outcome.TURNED_BACK)

    def _leave_border(self, vehicle: int, outcome: Outcome) -> None:
        """Leave without crossing, from wherever the vehicle waits."""
        row = self.visit[vehicle]
        if self.where[vehicle] == _Where.IN_QUEUE:
            number = self.network.stages[self.stage_of[row]].station
            self.stations[number].n_waiting -= 1
            self._look_at_station(number)
        self.held[self.group[vehicle]].discard(vehicle)
        self.where[vehicle] = _Where.AWAY
        self.wants_yard[vehicle] = self.wants_station[vehicle] = NONE
        for yard in (self.yard[vehicle], self.next_yard[vehicle]):
            self._give_up_place(yard)
        self.left[row] = self.now
        self.outcome[row] = outcome
        self.backlog[self.group[vehicle]] -= 1

    def _lose(self, vehicle: int, row: int) -> None:
        """Turn a vehicle away that finds the queue of the visit at `row` full."""
        now = self.now
        is_counted = row <= self.clear_visit[vehicle]
        if self.where[vehicle] != _Where.ON_ROAD:
            self._close(vehicle, Outcome.PASSED)
            self.joined[row] = now
        self.where[vehicle] = _Where.AWAY
        for yard in (self.yard[vehicle], self.next_yard[vehicle]):
            self._give_up_place(yard)
        self.left[row] = now
        self.outcome[row] = Outcome.LOST
        self.backlog[self.group[vehicle]] -= is_counted

    def _give_up_place(self, yard: int) -> None:
        if yard != NONE:
            self.yards[yard].n_inside -= 1
            self._look_at_yard(yard)

    def _is_diverted_on_arrival(self, vehicle: int) -> bool:
        for number, rule in enumerate(self.network.diversions):
            if (
                rule.on_arrival
                and self.stand_ins[number][vehicle] != NONE
                and self.backlog[rule.source] - 1 > rule.over
                and self._has_space(number)
            ):
                self._divert(vehicle, number)
                return True
        return False

    def _divert_held(self, number: int) -> None:
        """Send those held last away, as many as the backlog is over the rule's threshold."""
        rule = self.network.diversions[number]
        excess = self.backlog[rule.source] - rule.over
        if excess <= 0:
            return
        able = [v for v in self.held[rule.source] if self.stand_ins[number][v] != NONE]
        for vehicle in sorted(able, key=lambda v: self._queue_key(v, self.visit[v]), reverse=True)[:excess]:
            if self._has_space(number):
                self._divert(vehicle, number)

    def _has_space(self, number: int) -> bool:
        rule = self.network.diversions[number]
        return rule.below == NONE or self.backlog[rule.target] + self.on_the_way[rule.target] < rule.below

    def _divert(self, vehicle: int, number: int) -> None:
        stand_in = self.stand_ins[number][vehicle]
        target = self.group[stand_in]
        self._leave_border(vehicle, Outcome.DIVERTED)
        self.on_the_way[target] += 1
        at_us = self.now + self.arrival_us[stand_in]

        def arrive() -> None:
            self.on_the_way[target] -= 1
            if self.first_visit[stand_in] < self.first_visit[stand_in + 1]:
                self._arrive(stand_in)

        self._then(self._at(at_us, Kind.ARRIVAL, stand_in), arrive)

    # ------------------------------------------------------------------ rules that act

    def _decide(self, number: int) -> Story:
        """Let the backlog decide at the set times how much later it closes."""
        rule = self.network.hours[number]
        for decision in rule.decisions:
            yield self._change_at(decision.at_us, "hours", number)
            backlog = sum(self.backlog[group] for group in rule.groups)
            level = sum(backlog > step.over for step in decision.steps)
            self.decisions.append((self.now, number, level))
            if level > 0:
                self._take(decision.steps[level - 1])
                self._let_in()

    def _take(self, step: Step) -> None:
        """Leave the usual timetables for those of a step, and go back to them after it."""
        for number, detour in step.stations:
            downs = list(self.draws.breakdowns[number])
            ahead = with_breakdowns(detour.segments, downs, self.end_us, detour.until_us)
            usual = [segment for segment in self.timetables[number] if segment.begins_us > detour.until_us]
            self._change(number, ahead[0])
            self.env.process(self._keep_timetable(number, [*ahead[1:], *usual]))
        for number, turn in step.yards:
            later = self.network.yards[number].changes(turn.until_us, self.end_us)
            self.env.process(self._keep_gates(number, [*turn.changes, *later]))

    def _check_servers(self, number: int) -> Story:
        """Let servers change sides: from the check on they are gone, after the changeover they serve."""
        rule = self.network.servers[number]
        for n, is_active in enumerate(rule.is_active, 1):
            at_us = self.begin_us + n * rule.check_every_us
            yield self._change_at(at_us, "servers", number)
            wanted = self._wanted_share(number) if is_active else 0
            if wanted == self.shares[number]:
                continue
            self.decisions.append((self.now, len(self.network.hours) + number, wanted))
            self.wanted_shares[number] = wanted
            if rule.changeover_us:
                self._move_servers(number)
                yield self._change_at(at_us + rule.changeover_us, "servers", number)
            self.shares[number] = wanted
            self._move_servers(number)

    def _wanted_share(self, number: int) -> int:
        """Return the servers that are to serve at the second station, negative for those at the first."""
        rule, share = self.network.servers[number], self.shares[number]
        first, second = (self.stations[station] for station in rule.stations)
        if not (first.segment.is_open and second.segment.is_open):
            return 0
        longer = self._n_waiting(rule.stations[1]) - self._n_waiting(rule.stations[0])
        if longer > rule.over:
            return max(0, min(rule.servers, first.segment.servers - rule.keep))
        if -longer > rule.over:
            return -max(0, min(rule.servers, second.segment.servers - rule.keep))
        holds = longer >= rule.back_below if share > 0 else -longer >= rule.back_below
        return share if holds else 0

    def _n_waiting(self, number: int) -> int:
        station = self.stations[number]
        outside = sum(self.wants_station[vehicle] == number for _, vehicle in station.wanting)
        return station.n_waiting + outside

    def _move_servers(self, number: int) -> None:
        self._share_servers(number)
        for station in self.network.servers[number].stations:
            self._keep_to_capacity(station)
        self._let_in()

    def _share_servers(self, number: int) -> None:
        """Settle how many servers two stations have by a rule."""
        rule = self.network.servers[number]
        first, second = (self.stations[station] for station in rule.stations)
        segments = (first.segment, second.segment)
        first.n_gained, second.n_gained = rule.shared(segments, self.shares[number], self.wanted_shares[number])

    # ------------------------------------------------------------------ stations

    def _look_at_station(self, number: int) -> None:
        station = self.stations[number]
        if not station.is_due:
            station.is_due = True
            self._then(self._at(self.now, Kind.START, number), lambda: self._start(number))

    def _start(self, number: int) -> None:
        """Put servers to work: stopped work first, then the queue; then let vehicles into the queue."""
        station, now = self.stations[number], self.now
        station.is_due = station.line_is_held = False
        while station.frozen and station.capacity > len(station.active) + station.n_blocked:
            self._work(station, heappop(station.frozen)[1])
        while station.n_free > 0 and (key := station.first(self._still_waits)) is not None:
            vehicle = key[2]
            if not self._fits(station, self.visit[vehicle]):
                station.line_is_held = True
                break
            station.take(key, self.registered[vehicle])
            if self.started[self.visit[vehicle]] == NOT_YET:
                self.started[self.visit[vehicle]] = now
            self._work(station, vehicle)
        self._let_into_queue(number)

    def _fits(self, station: StationState, row: int) -> bool:
        """Return whether the closing rule lets the visit at `row` start now."""
        if station.node.closing_rule != "last_start":
            return True
        return self.now + self.work_us[row] <= station.segment.closes_us

    def _still_waits(self, key: Key) -> bool:
        rank, joined, vehicle = key
        row = self.visit[vehicle]
        return self.where[vehicle] == _Where.IN_QUEUE and (rank == HEAD or self.joined[row] == joined)

    def _work(self, station: StationState, vehicle: int) -> None:
        row = self.visit[vehicle]
        self.where[vehicle] = _Where.IN_SERVICE
        station.active[vehicle] = self.started[row]
        self.due_us[vehicle] = self.now + self.work_us[row]
        self.service_number[vehicle] += 1
        number = self.service_number[vehicle]
        if self.due_us[vehicle] < self.end_us:
            self._then(
                self._at(self.due_us[vehicle], Kind.COMPLETION, vehicle),
                lambda: self._complete(vehicle, number),
            )

    def _complete(self, vehicle: int, service_number: int) -> None:
        if self.service_number[vehicle] != service_number:
            return
        row = self.visit[vehicle]
        station = self.stations[self.network.stages[self.stage_of[row]].station]
        del station.active[vehicle]
        station.n_blocked += 1
        self.where[vehicle] = _Where.BLOCKED
        self.finished[row] = self.now
        self._move_on(vehicle)

    def _let_into_queue(self, number: int) -> None:
        station = self.stations[number]
        while station.wanting:
            vehicle = station.wanting[0][1]
            if self.wants_station[vehicle] != number:
                heappop(station.wanting)
            elif station.has_room(self.registered[vehicle], self._fits(station, self._row_sought(vehicle))):
                heappop(station.wanting)
                self.wants_station[vehicle] = NONE
                self._enter(vehicle, self._row_sought(vehicle))
            else:
                break

    def _change(self, number: int, segment: Segment) -> None:
        """Go over to the next segment of the timetable, by the closing rule of the station."""
        station = self.stations[number]
        closes = station.segment.is_open and not segment.is_open
        breaks = segment.is_broken and not station.segment.is_broken
        station.segment = segment
        if number in self.rule_of:
            self._share_servers(self.rule_of[number])
            first, second = self.network.servers[self.rule_of[number]].stations
            self._keep_to_capacity(second if number == first else first)
        if breaks:
            self._stop_all_but(station, 0)
        elif closes and station.node.closing_rule == "hand_back":
            self._hand_back(station)
        self._keep_to_capacity(number)
        for yard in sorted(self.feeds[number]):
            self._look_at_yard(yard)

    def _keep_to_capacity(self, number: int) -> None:
        """Stop the servers that are too many under `freeze`, and look for starts."""
        station = self.stations[number]
        if station.node.closing_rule == "freeze":
            self._stop_all_but(station, max(0, station.capacity - station.n_blocked))
        self._look_at_station(number)

    def _stop_all_but(self, station: StationState, n_kept: int) -> None:
        """Stop the servers that started last until `n_kept` are at work; their work is kept."""
        by_start = sorted(station.active, key=lambda v: (station.active[v], v))
        for vehicle in by_start[n_kept:]:
            started = station.active[vehicle]
            self._stop_work(station, vehicle)
            self.where[vehicle] = _Where.STOPPED
            heappush(station.frozen, (started, vehicle))

    def _hand_back(self, station: StationState) -> None:
        """Put the vehicles in service at the head of the queue, those begun first before the others."""
        for vehicle in sorted(station.active):
            self._stop_work(station, vehicle)
            self.where[vehicle] = _Where.IN_QUEUE
            key = (HEAD, self.started[self.visit[vehicle]], vehicle)
            station.put(key, self.registered[vehicle])

    def _stop_work(self, station: StationState, vehicle: int) -> None:
        self.work_us[self.visit[vehicle]] = self.due_us[vehicle] - self.now
        self.service_number[vehicle] += 1
        del station.active[vehicle]

    # ------------------------------------------------------------------ the start

    def _place_those_inside(self) -> None:
        """
        Put the vehicles of the initial state where they are, those who joined first before the others.

        Where the station is closed or broken at the start, what stops work at that moment has stopped it.
        """
        for vehicle in np.flatnonzero(self.draws.inside).tolist():
            row = self.visit[vehicle]
            if row == self.first_visit[vehicle + 1]:
                continue
            stage = self.network.stages[self.stage_of[row]]
            self.joined[row] = self.arrival_us[vehicle]
            self.backlog[self.group[vehicle]] += self.clear_visit[vehicle] != NONE
            if self.draws.inside[vehicle] == ON_THE_ROAD:
                self.where[vehicle] = _Where.ON_ROAD
                self._watch_patience(vehicle, row)
                self._seek(vehicle, row)
                continue
            if stage.yard != NONE:
                self.yard[vehicle] = stage.yard
                self.yards[stage.yard].n_inside += 1
                self.asked[row] = self.entered[row] = self.joined[row]
            if self.draws.inside[vehicle] == INSIDE_SERVED:
                self.started[row] = self.begin_us - int(self.draws.served_us[vehicle])
                self._work(self.stations[stage.station], vehicle)
            else:
                self._watch_patience(vehicle, row)
                self._stand(vehicle, row)
        for number, station in enumerate(self.stations):
            if station.segment.is_broken or station.node.closing_rule == "freeze":
                self._stop_all_but(station, station.capacity)
            elif not station.segment.is_open and station.node.closing_rule == "hand_back":
                self._hand_back(station)
            self._look_at_station(number)
        self._let_in()
