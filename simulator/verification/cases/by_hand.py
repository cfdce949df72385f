"""A few vehicles with constant services, worked out by hand: times are equal to the microsecond."""

from __future__ import annotations

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.results import Results
from gatewatch.simulator.verification.case import CLOCK, Quantity, Same, case
from gatewatch.simulator.verification.readings import cleared_per_day, clock_us, nth


def at(gate: str, number: int, what: str, time: str, day: int = 1, stage: str | None = None) -> Same:
    """
    Return a time of one vehicle as a figure.

    Args:
        gate: Gate.
        number: Vehicle of the gate, the first is 1.
        what: Column of the trace, without its unit.
        time: Exact time, HH:MM:SS.
        day: Day of the run, the first is 1.
        stage: Stage; any means the first of the vehicle.
    """
    where = f"{gate}, {stage}" if stage else gate
    return Same(
        f"{where}: vehicle {number} {what.replace('_', ' ')}", CLOCK, float(clock_us(time, day)),
        lambda run: float(nth(run, f"{what}_us", number, stage, gate)),
    )  # fmt: skip


@case("Closing rules over a lunch hour")
def closing_rules() -> list[Quantity]:
    """Services of 30 min (just_fits 15, free 5); vehicles at 11:45:00, 11:50:30, 12:00:00; shut till one."""
    return [
        at("finish", 1, "finished", "12:15:00"),
        at("finish", 2, "started", "13:00:00"),
        at("finish", 3, "finished", "14:00:00"),
        at("freeze", 1, "started", "11:45:00"),
        at("freeze", 1, "finished", "13:15:00"),
        at("freeze", 2, "started", "13:15:00"),
        at("freeze", 3, "finished", "14:15:00"),
        at("hand_back", 1, "started", "11:45:00"),
        at("hand_back", 1, "finished", "13:15:00"),
        at("hand_back", 2, "started", "13:15:00"),
        at("last_start", 1, "started", "13:00:00"),
        at("last_start", 2, "started", "13:30:00"),
        at("just_fits", 1, "finished", "12:00:00"),
        at("just_fits", 2, "started", "13:00:00"),
        at("free", 2, "finished", "11:55:30"),
        at("free", 3, "started", "13:00:00"),
    ]


@case("A roster that falls from three to one and rises again")
def roster_fall() -> list[Quantity]:
    """Freeze: those who started last stop, and go on before anybody starts. Finish: two servers run out."""
    return [
        at("freeze", 1, "finished", "10:10:00"),
        at("freeze", 2, "finished", "10:25:00"),
        at("freeze", 3, "finished", "10:45:30"),
        at("freeze", 4, "started", "10:45:30"),
        at("freeze", 5, "started", "11:00:00"),
        at("finish", 3, "finished", "10:20:30"),
        at("finish", 4, "started", "10:20:30"),
        at("finish", 5, "started", "10:50:30"),
    ]


@case("Jams: a full far yard, a station without a queue, and call-forward from a park")
def jams() -> list[Quantity]:
    """Vehicles at 08:00, 08:01, 08:02 and 08:03:30; who was blocked first goes on first."""
    return [
        at("far_yard", 1, "yard_entered", "08:10:00", stage="stay"),
        at("far_yard", 2, "finished", "08:11:00", stage="crossing"),
        at("far_yard", 2, "left", "09:10:00", stage="crossing"),
        at("far_yard", 3, "started", "08:10:00", stage="crossing"),
        at("far_yard", 3, "left", "10:10:00", stage="crossing"),
        at("far_yard", 4, "started", "09:10:00", stage="crossing"),
        at("no_queue", 2, "left", "09:10:00", stage="crossing"),
        at("no_queue", 3, "started", "10:10:00", stage="unloading"),
        at("no_queue", 4, "started", "09:10:00", stage="crossing"),
        at("park", 1, "left", "08:00:00", stage="park"),
        at("park", 2, "left", "08:01:00", stage="park"),
        at("park", 3, "left", "08:10:00", stage="park"),
        at("park", 4, "yard_entered", "08:20:00", stage="check"),
        at("park", 4, "finished", "08:40:00", stage="check"),
    ]


@case("Two calendars in two time zones")
def two_zones() -> list[Quantity]:
    """Services of 10 min; vehicles at 07:10:00, 10:59:30, 11:10:00 and 16:10:00 in Hanoi."""
    return [
        at("both", 1, "started", "08:00:00"),
        at("both", 2, "finished", "11:09:30"),
        at("both", 3, "started", "12:00:00"),
        at("both", 4, "started", "08:00:00", day=2),
        at("there", 1, "started", "08:00:00"),
        at("there", 4, "started", "08:00:00", day=2),
        at("here", 1, "started", "07:10:00"),
        at("here", 4, "started", "16:10:00"),
        at("cap", 2, "left", "11:09:30", stage="crossing"),
        at("cap", 3, "left", "23:00:00", stage="crossing"),
        at("cap", 4, "left", "23:10:00", stage="crossing"),
    ]


@case("Tet: a day that is shut, one for registered vehicles, one that is open")
def day_states() -> list[Quantity]:
    """Services of 10 min; only fruit is registered before."""
    return [
        at("a", 1, "finished", "17:09:30", day=1),
        at("a", 2, "started", "07:00:00", day=4),
        at("a", 3, "started", "07:00:00", day=3),
        at("a", 4, "started", "07:10:00", day=3),
        at("a", 5, "started", "07:10:00", day=4),
        at("a", 6, "started", "08:30:00", day=3),
    ]


@case("The order at one instant, and a priority that does not interrupt")
def same_instant() -> list[Quantity]:
    """Services and patience of 10 min; vehicles at 08:00:30 twice, and fruit at 08:05 and 08:06."""
    return [
        at("ties", 1, "started", "08:00:30"),
        at("ties", 2, "left", "08:10:30"),
        Same(
            "ties: services of vehicle 2", "services", 0.0,
            lambda run: float(nth(run, "started_us", 2, None, "ties") != NOT_YET),
        ),
        at("ties", 3, "started", "08:10:30"),
        at("ties", 4, "left", "08:16:00"),
        at("priority", 1, "finished", "08:10:30"),
        at("priority", 3, "started", "08:10:30"),
        at("priority", 4, "started", "08:20:30"),
        at("priority", 2, "started", "08:30:30"),
    ]  # fmt: skip


@case("A diversion, a halt of intake, and the way back")
def ways_round() -> list[Quantity]:
    """Vehicles at 08:00, 08:01, 08:02, 08:03:30 and 08:04; the gate that takes them is half an hour away."""
    return [
        at("sends", 2, "started", "09:00:00"),
        at("sends", 3, "left", "08:02:00"),
        at("takes", 1, "joined", "08:32:00"),
        at("takes", 1, "started", "08:32:00"),
        at("takes", 2, "joined", "08:33:30"),
        at("takes", 2, "started", "09:32:00"),
        at("sends", 5, "started", "10:00:00"),
        at("halts", 2, "started", "08:10:00"),
        at("halts", 3, "left", "08:02:00"),
        at("halts", 4, "started", "08:20:00"),
        at("returns", 1, "left", "08:10:00", stage="out"),
        at("returns", 3, "started", "08:20:00", stage="out"),
        at("returns", 1, "joined", "08:25:00", stage="home"),
        at("returns", 1, "started", "08:50:00", stage="home"),
        at("returns", 1, "finished", "08:55:00", stage="home"),
        at("returns", 2, "started", "08:55:00", stage="home"),
    ]


@case("Vehicles that are still there at the end", experiment=1)
def unfinished() -> list[Quantity]:
    """
    Six come, four are cleared by 11:00, two wait on: backlog, neither cleared nor forgotten.

    A third of the waits is not over, so their mean is given as a lower bound: 0, 50, 100 and 150 min are complete,
    979.5 and 970 min have passed by midnight. No percentile is known.
    """

    def of_day(what: str, exact: float) -> Quantity:
        def read(results: Results) -> float:
            return float(next(row[what] for row in results.daily if row["gate"] == "a"))

        return Same(what.replace("_2000", " at 20:00"), "veh", exact, read)

    return [
        of_day("arrived", 6.0),
        of_day("cleared", 4.0),
        of_day("backlog_2000", 2.0),
        Same("mean wait, at least", "s", 22_495.0, lambda r: r.find("wait", "a", "export")["mean"]),
        Same(
            "waits of which a percentile is known", "waits", 0.0,
            lambda r: float(any(r.find("wait", "a", "export")[p] is not None for p in ("p50", "p90", "p95"))),
        ),
    ]  # fmt: skip


@case("Two hours more gain what the far side takes", scenarios=("base", "longer"))
def longer_hours() -> list[Quantity]:
    """Six an hour where vehicles always wait; a full far yard leaves nothing to gain, as in 2014 and 2018."""

    def more(gate: str) -> Quantity:
        exact = 12.0 if gate == "in_need" else 0.0

        def read(base: RunRecord, longer: RunRecord) -> float:
            return round(cleared_per_day(longer, gate) - cleared_per_day(base, gate), 9)

        return Same(f"{gate}: gained by two hours more", "veh/day", exact, read)

    def cleared(gate: str, exact: float) -> Quantity:
        return Same(f"{gate}: cleared", "veh/day", exact, lambda base, _: cleared_per_day(base, gate))

    return [
        cleared("in_need", 60.0), cleared("capped", 30.0), cleared("full", 5.0),
        more("in_need"), more("capped"), more("full"),
    ]  # fmt: skip
