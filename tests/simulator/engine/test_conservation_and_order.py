"""What holds on every border: random small ones run, and their traces are checked from outside."""

import json
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, note, reject, settings
from hypothesis import strategies as st

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import LoadedBorder, load_border
from gatewatch.config.opening_hours import Window, both_open, windows
from gatewatch.config.schema import Gate, Station
from gatewatch.simulator import make_plan, run_record
from gatewatch.simulator.draws import Draws, draw
from gatewatch.simulator.engines import kernel
from gatewatch.simulator.engines.trace import Outcome, Trace
from gatewatch.simulator.hourly import count_vehicles, hourly_counts
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.measures.base import Sample
from gatewatch.simulator.network import NONE, Network, StationNode, build_network
from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.replications import ENGINES, get_engine
from gatewatch.simulator.stretches import in_stretches, run_stretches
from gatewatch.simulator.timetable import segment_at
from gatewatch.simulator.trace_table import trace_table, yard_table

DAYS = 2
DAY_US = 86_400_000_000
NEVER = 1 << 62
START = datetime(2025, 7, 7, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
SECOND_DAY = date(2025, 7, 8)
CALENDARS = {
    "day": {"hours": [{"open": ["08:00-18:00"]}]},
    "lunch": {"hours": [{"open": ["07:00-19:00"], "lunch": "11:30-13:30"}]},
    "night": {"hours": [{"open": ["20:00-02:00"]}]},
    "tet": {"hours": [{"open": ["06:00-20:00"]}], "days": [{"state": "preregistered"}]},
    "theirs": {"timezone": "Asia/Shanghai", "hours": [{"open": ["09:00-17:00"]}]},
}
Rows = pd.DataFrame


# ------------------------------------------------------------------------------------- random borders


def toml(value: Any) -> str:
    """Return a value as TOML on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value)


def minutes(value: float) -> dict[str, Any]:
    """Return a constant law."""
    return {"law": "constant", "value": float(value), "unit": "min"}


laws = st.one_of(
    st.sampled_from([30, 60, 45, 90, 10, 240, 0]).map(minutes),
    st.sampled_from([{"law": "exponential", "mean": 20.0, "unit": "min"}]),
)
opens_with = st.sampled_from(["gate", "gate", "both", "both", "counterpart", "always"])
rosters = st.one_of(
    st.integers(1, 2),
    st.integers(1, 3),
    st.sampled_from([1, "unlimited"]),
    st.lists(
        st.fixed_dictionaries(
            {"hours": st.sampled_from(["08:00-12:00", "09:00-20:00", "22:00-03:00", "00:00-24:00"])},
            optional={"servers": st.integers(0, 3)},
        ).map(lambda rule: {"servers": 1} | rule),
        min_size=1,
        max_size=3,
    ),
)


@st.composite
def stations(draw: st.DrawFn) -> dict[str, Any]:
    """Return a station that serves."""
    rules = ["finish", "freeze", "hand_back", "last_start"]
    found = {"opens_with": draw(opens_with), "closing_rule": draw(st.sampled_from(rules))}
    servers = draw(rosters)
    if isinstance(servers, list) and not any(rule["servers"] for rule in servers):
        servers = 1
    found["servers"] = servers
    if servers != "unlimited":
        if draw(st.booleans()):
            found |= {
                "queue_places": draw(st.integers(0, 3)),
                "when_full": draw(st.sampled_from(["block", "lose"])),
            }
        if draw(st.booleans()):
            found["priority"] = ["fruit"]
        if draw(st.integers(0, 5)) == 0:
            found["breakdown"] = {"up": minutes(300), "down": minutes(45)}
    return found


@st.composite
def yards(draw: st.DrawFn, called: bool) -> dict[str, Any]:
    """Return a yard; one that calls vehicles forward may have a level."""
    found: dict[str, Any] = {}
    if draw(st.integers(0, 2)) > 0:
        found["places"] = draw(st.integers(1, 4))
    if called and draw(st.booleans()):
        found["keep"] = min(draw(st.integers(1, 3)), found.get("places", 3))
    if draw(st.integers(0, 3)) == 0:
        found["accepts_per_day"] = draw(st.integers(1, 8))
    for key in found.keys() & {"places", "accepts_per_day"}:
        if draw(st.booleans()):
            found[key] = [{key: found[key]}, {"from": SECOND_DAY, key: draw(st.integers(0, 8))}]
    if draw(st.integers(0, 3)) == 0:
        found["opens_with"] = draw(opens_with)
    return found


@st.composite
def gates(draw: st.DrawFn) -> dict[str, Any]:
    """Return a gate: perhaps a park, up to four stages out, perhaps one back, perhaps imports."""
    gate: dict[str, Any] = {"stations": {}, "yards": {}, "export": {"stages": {}}}
    if draw(st.integers(0, 4)) > 0:
        gate["calendar"] = draw(st.sampled_from(["tet", "tet", *CALENDARS]))
    if draw(st.booleans()):
        gate["counterpart"] = {"calendar": "theirs"}
    n_stages = draw(st.integers(1, 4))
    add_way_out(draw, gate, n_stages)
    export = gate["export"]
    if draw(st.integers(0, 3)) == 0:
        back = draw(st.integers(0, n_stages - 1))
        export["stages"][f"s{n_stages - 1}"]["next"] = [{"to": f"s{back}", "share": 0.3}]
    if draw(st.integers(0, 3)) == 0:
        export["stages"][f"s{draw(st.integers(0, n_stages - 1))}"]["clears"] = True
    if draw(st.booleans()):
        export["stages"]["home"] = {"station": "s0", "leg": "back", "service": draw(laws)}
    if draw(st.booleans()):
        export["patience"] = {"*": minutes(draw(st.sampled_from([0, 20, 120, 600])))}
    export["preregistered"] = {"fruit": 1.0, "*": 0.5}
    if draw(st.booleans()):
        gate["import"] = {"stages": {f"s{n_stages - 1}": {"service": draw(laws)}}}
    return gate


def add_way_out(draw: st.DrawFn, gate: dict[str, Any], n_stages: int) -> None:
    """Add a park, perhaps, and the stages of the way out with their stations and yards."""
    export, has_park, yard = gate["export"], draw(st.booleans()), 0
    if has_park:
        gate["stations"]["park"] = {"holds": True, "opens_with": draw(opens_with)}
        if draw(st.booleans()):
            gate["stations"]["park"]["priority"] = ["fruit"]
        export["stages"]["park"] = {}
    for n in range(n_stages):
        gate["stations"][f"s{n}"] = draw(stations())
        stage: dict[str, Any] = {"service": draw(laws)}
        is_called = n == 0 and has_park
        change = "new" if is_called else draw(st.sampled_from(["none", "same", "new"]))
        before = export["stages"].get(f"s{n - 1}", {}).get("yard")
        if change == "new":
            yard += 1
            gate["yards"][f"y{yard}"] = draw(yards(is_called))
            stage["yard"] = f"y{yard}"
        elif change == "same" and before:
            stage["yard"] = before
        if n > 0 and draw(st.integers(0, 3)) == 0:
            stage["classes"] = ["general"]
        if draw(st.integers(0, 2)) == 0:
            stage["dates"] = [{"factor": draw(st.sampled_from([0.5, 2.0])), "classes": ["fruit"]}, {"factor": 1.5}]
            stage["dates"][draw(st.integers(0, 1))]["from"] = SECOND_DAY
        export["stages"][f"s{n}"] = stage


@st.composite
def inside(draw: st.DrawFn, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return up to three entries of vehicles inside at the start."""
    entries = []
    for _ in range(draw(st.integers(0, 3))):
        gate = draw(st.sampled_from(sorted(found)))
        stage = draw(st.sampled_from(list(found[gate]["export"]["stages"])))
        entry = {"gate": gate, "direction": "export", "stage": stage}
        entry |= {"waited": minutes(draw(st.integers(1, 90))), "count": draw(st.integers(1, 2))}
        if stage != "park" and draw(st.booleans()):
            entry |= {"in_service": minutes(draw(st.integers(0, 30))), "count": 1}
        entries.append(entry)
    return entries


@st.composite
def later_closes(draw: st.DrawFn, gate: str) -> dict[str, Any]:
    """Return a rule by which a gate closes later."""
    steps = [{"over": draw(st.integers(0, 2)), "later": draw(st.sampled_from([0.5, 1.0]))}]
    if draw(st.booleans()):
        steps.append({"over": draw(st.integers(3, 6)), "later": draw(st.sampled_from([1.5, 2.25]))})
    rule = {"gate": gate, "decides_at": draw(st.sampled_from(["10:00", "12:00", "15:45", "18:00"])), "steps": steps}
    if draw(st.booleans()):
        rule["direction"] = "export"
    if draw(st.booleans()):
        rule["with_counterpart"] = False
    return rule


def most_servers(gate: dict[str, Any]) -> int:
    """Return the most servers of the first two stations, 0 where they cannot share them."""
    servers = [gate["stations"].get(name, {}).get("servers", "unlimited") for name in ("s0", "s1")]
    if "unlimited" in servers:
        return 0
    return max(max(rule["servers"] for rule in n) if isinstance(n, list) else n for n in servers)


@st.composite
def server_changes(draw: st.DrawFn, gate: str, most: int) -> dict[str, Any]:
    """Return a rule by which the servers of the first two stations change sides."""
    rule = {"gate": gate, "between": ["s0", "s1"], "servers": draw(st.integers(1, 2))}
    rule["keep"] = draw(st.integers(0, min(1, most - 1)))
    rule["check_every"] = draw(st.sampled_from([5.0, 15.0, 60.0]))
    rule["changeover"] = min(rule["check_every"], draw(st.sampled_from([0.0, 5.0, 60.0])))
    rule["over"] = draw(st.integers(0, 2))
    if rule["over"] and draw(st.booleans()):
        rule["back_below"] = rule["over"] - 1
    if draw(st.booleans()):
        rule["hours"] = draw(st.sampled_from(["09:00-16:00", "20:00-04:00"]))
    return rule


@st.composite
def borders(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Return the TOML of a border and its CSV files by name."""
    found = {name: draw(gates()) for name in "abc"[: draw(st.integers(1, 3))]}
    flows, files = {}, {}
    for name, gate in found.items():
        # In quarters of an hour, close enough together to meet: seven hours around a time of the first day.
        first = draw(st.sampled_from([28, 36, 64]))
        times = draw(st.lists(st.integers(first, first + 28), min_size=10, max_size=30))
        classes = draw(st.lists(st.sampled_from(["fruit", "general"]), min_size=len(times), max_size=len(times)))
        lines = [f"{900 * at},{kind}" for at, kind in zip(times, classes, strict=True)]
        files[f"{name}.csv"] = "\n".join(["arrived_s,class", *lines, "1000000000.5,"]) + "\n"
        flows[name] = {
            "gate": name,
            "direction": "export",
            "arrivals": {"kind": "trace", "file": f"{name}.csv"},
        }
        if "import" in gate:
            arrivals = {"kind": "poisson", "per_day": draw(st.sampled_from([5.0, 20.0]))}
            mix = {"general": 1.0, "fruit": 1.0}
            flows[f"{name}_in"] = {"gate": name, "direction": "import", "arrivals": arrivals, "mix": mix}
    border: dict[str, Any] = {"calendars": CALENDARS, "gates": found, "demand": {"test": {"flows": flows}}}
    if len(found) > 1 and draw(st.booleans()):
        rule = {"gate": "a", "to": "b", "when_backlog_over": draw(st.integers(0, 4)), "travel": minutes(30)}
        if "park" in found["a"]["stations"] and draw(st.booleans()):
            rule["decides"] = "while_held"
        border["diversions"] = {"over": rule | {"compliance": 0.8}}
    border["responsive_hours"] = {
        f"{name}_later": draw(later_closes(name))
        for name, gate in found.items()
        if gate.get("calendar", "night") != "night" and draw(st.integers(0, 2)) > 0
    }
    border["reversible_servers"] = {
        f"{name}_tidal": draw(server_changes(name, most))
        for name, gate in found.items()
        if (most := most_servers(gate)) and draw(st.booleans())
    }
    begins = draw(st.sampled_from(["00:00", "09:00", "18:30"]))
    border["scenarios"] = {
        "test": {"starts_at": begins, "demand": "test", "initial": {"vehicles": draw(inside(found))}}
    }
    # Dates are no JSON: TOML writes them bare.
    text = "\n".join(f"{key} = {toml(value)}" for key, value in border.items())
    return text.replace('"test" = { "starts_at"', f'"test" = {{ "start" = {START.date()}, "starts_at"'), files


# ------------------------------------------------------------------------------------- what was seen


@dataclass
class Seen:
    """A run as its tables show it, with the border for what was allowed."""

    record: RunRecord
    known: dict[tuple[str, str], list[tuple[int, int, bool]] | None] = field(default_factory=dict)

    def node(self, gate: str, station: str) -> StationNode:
        """Return a station as the run made of it."""
        return next(n for n in self.record.network.stations if (n.gate, n.name) == (gate, station))

    @cached_property
    def rows(self) -> Rows:
        """The trace with numbers in place of missing times, and with the yard entry of each visit."""
        table = trace_table(self.record, 0)
        for name in ("started_us", "finished_us", "left_us"):
            table[name] = table[name].fillna(NEVER).astype("int64")
        for name in ("gate", "direction", "class", "stage", "station", "outcome"):
            table[name] = table[name].astype(str)
        return table

    @cached_property
    def yards(self) -> Rows:
        """The yard entries with numbers in place of missing times."""
        table = yard_table(self.record, 0)
        for name in ("entered_us", "left_us"):
            table[name] = table[name].fillna(NEVER).astype("int64")
        return table[table["entered_us"] < NEVER]

    @cached_property
    def work_us(self) -> np.ndarray:
        """The whole service of every visit, what was served before the start included."""
        record = self.record
        visits = np.arange(len(record.draws.visits.service_us))
        served = record.draws.served_us[record.vehicle_of_visit]
        is_first = record.first_visit[record.vehicle_of_visit] == visits
        return record.draws.visits.service_us + np.where(is_first, served, 0)

    @property
    def begin_us(self) -> int:
        """Start of the run."""
        return self.record.network.clock.begin_us

    @property
    def end_us(self) -> int:
        """End of the run."""
        return self.record.network.clock.end_us

    def gate(self, name: str) -> Gate:
        """Return the data of a gate."""
        return self.record.network.border.gates[name]

    def stations(self) -> list[tuple[str, str, Station, Rows]]:
        """Return gate, name, data and visits of every station."""
        rows = self.rows
        return [
            (gate, name, station, rows[(rows["gate"] == gate) & (rows["station"] == name)])
            for gate, data in self.record.network.border.gates.items()
            for name, station in data.stations.items()
        ]

    def open_windows(self, gate: str, station: str) -> list[tuple[int, int, bool]] | None:
        """Return begin, end and "registered only" of the openings of a station, or None when it never closes."""
        side = self.gate(gate).stations[station].opens_with
        if (gate, side) not in self.known:
            self.known[gate, side] = self._open_windows(gate, side)
        usual, node = self.known[gate, side], self.node(gate, station)
        if usual is None or not node.added_us:
            return usual
        # A close that was moved: the hours before it say who is served.
        added = [(begins, ends, segment_at(node.segments, begins).preregistered_only) for begins, ends in node.added_us]
        joined: list[tuple[int, int, bool]] = []
        for begins, ends, only in sorted([*usual, *added]):
            if joined and joined[-1][1:] == (begins, only):
                joined[-1] = (joined[-1][0], ends, only)
            else:
                joined.append((begins, ends, only))
        return joined

    def _open_windows(self, gate: str, side: str) -> list[tuple[int, int, bool]] | None:
        data, border = self.gate(gate), self.record.network.border
        first, last = START.astimezone(UTC), START.astimezone(UTC) + timedelta(days=DAYS + 2)
        found: list[Window] | None = None
        for name, used in (
            (data.calendar, ("gate", "both")),
            (data.counterpart.calendar, ("counterpart", "both")),
        ):
            if name is not None and side in used:
                more = windows(border.calendars[name], first, last)
                found = more if found is None else both_open(found, more)
        if found is None:
            return None
        return [(_us(window.begins), _us(window.ends), window.preregistered_only) for window in found]


def _us(at: datetime) -> int:
    return (at - START) // timedelta(microseconds=1)


def on_duty(station: Station, us: int) -> int:
    """Return the servers on the roster at a time."""
    if not isinstance(station.servers, list):
        return 1 << 40 if station.servers == "unlimited" else int(station.servers)
    minute, servers = us % DAY_US // 60_000_000, 0
    for rule in station.servers:
        assert rule.hours is not None
        begins, ends = rule.hours.from_min, rule.hours.to_min
        if begins <= minute < ends or begins <= minute + 1_440 < ends:
            servers = rule.servers
    return servers


def at_once(begins: pd.Series, ends: pd.Series) -> int:
    """Return the most intervals [begin, end) that hold the same instant."""
    begins, ends = begins.to_numpy(), ends.to_numpy()
    lasting = ends > begins
    begins, ends = np.sort(begins[lasting]), np.sort(ends[lasting])
    return int(max((bisect_right(begins, t) - bisect_right(ends, t) for t in begins), default=0))


# ------------------------------------------------------------------------------------- what must hold


def check_conservation(seen: Seen) -> None:
    """Each vehicle of a gate has one end; who came is cleared, gone or inside, by direction and class."""
    came: Counter[tuple[str, str, str]] = Counter()
    ended: Counter[tuple[str, str, str]] = Counter()
    for (gate, _), visits in seen.rows.groupby(["gate", "vehicle"], sort=False):
        outcomes = visits["outcome"].tolist()
        group = (str(gate), visits["direction"].iloc[0], visits["class"].iloc[0])
        came[group] += 1
        ended[group] += outcomes[-1] in ("inside", "cleared", "returned", "turned_back", "diverted", "lost")
        assert set(outcomes[:-1]) <= {"passed", "cleared"}
        assert outcomes.count("cleared") <= 1
        assert "cleared" not in outcomes or outcomes[-1] not in ("turned_back", "diverted")
    assert came == ended


def check_ways(seen: Seen) -> None:
    """Times ascend, and a vehicle joins a queue when it leaves the one before; services last as drawn."""
    rows, record = seen.rows, seen.record
    first = rows["started_us"] == NEVER
    assert (rows["joined_us"] <= rows["started_us"]).all()
    assert ((rows["started_us"] <= rows["finished_us"]) & (rows["finished_us"] <= rows["left_us"]) | first).all()
    assert (rows["left_us"][rows["left_us"] < NEVER] < seen.end_us).all()
    follows = (rows["vehicle"] == rows["vehicle"].shift()) & (rows["gate"] == rows["gate"].shift())
    assert (rows["left_us"].shift()[follows] == rows["joined_us"][follows]).all()

    done = np.flatnonzero(record.trace.finished_us >= 0)
    work = seen.work_us[done]
    took = record.trace.finished_us[done] - record.trace.started_us[done]
    nodes = [record.network.stations[n] for n in record.station_of_visit[done]]
    is_steady = np.array(
        [node.closing_rule in ("finish", "last_start") and node.breakdown is None for node in nodes],
        dtype=bool,
    )
    is_park = np.array([node.holds for node in nodes], dtype=bool)
    assert (took >= work).all()
    assert (took[is_steady & ~is_park] == work[is_steady & ~is_park]).all()


def check_patience(seen: Seen) -> None:
    """On the way out nobody waits longer in one queue than its patience; who turns back has done so."""
    record, trace = seen.record, seen.record.trace
    visits = np.arange(len(record.reached))
    vehicle = record.vehicle_of_visit
    patience, clears = record.draws.patience_us[vehicle], record.draws.clear_visit[vehicle]
    served = (record.draws.inside[vehicle] == 2) & (record.first_visit[vehicle] == visits)
    waits = record.reached & (patience != NONE) & (visits <= clears) & ~served
    until_us = np.where(trace.left_us >= 0, trace.left_us, seen.end_us)
    until_us = np.where(trace.started_us >= 0, trace.started_us, until_us)
    waited = (until_us - trace.joined_us)[waits]
    went = waits & (trace.outcome == Outcome.TURNED_BACK)
    gave_up = np.maximum(seen.begin_us, trace.joined_us + patience)

    assert (waited <= patience[waits]).all()
    assert (trace.left_us[went] == gave_up[went]).all()


def check_hours(seen: Seen) -> None:
    """Nobody starts while the station is closed, nor unregistered on a day for registered vehicles."""
    registered = seen.record.draws.preregistered
    for gate, name, station, visits in seen.stations():
        spans = seen.open_windows(gate, name)
        if spans is None or station.holds:
            continue
        starts = visits[(visits["started_us"] < NEVER) & (visits["started_us"] >= seen.begin_us)]
        for start, vehicle, visit_gate in zip(starts["started_us"], starts["vehicle"], starts["gate"], strict=True):
            if start == seen.begin_us and seen.record.draws.inside[vehicle] == 2:
                continue
            window = [span for span in spans if span[0] <= start < span[1]]
            assert len(window) == 1
            number = number_at(seen, int(vehicle), visit_gate)
            assert not window[0][2] or registered[number]


def check_closing(seen: Seen) -> None:
    """What is begun under `last_start` ends before closing; what closing stops is done in open hours."""
    trace = seen.record.trace
    for n in np.flatnonzero(trace.finished_us >= seen.begin_us).tolist():
        node = seen.record.network.stations[seen.record.station_of_visit[n]]
        station = seen.gate(node.gate).stations[node.name]
        spans = seen.open_windows(node.gate, node.name)
        started, finished, work = int(trace.started_us[n]), int(trace.finished_us[n]), int(seen.work_us[n])
        if spans is None or station.holds or station.breakdown is not None or started <= seen.begin_us:
            continue
        worked = sum(max(0, min(ends, finished) - max(begins, started)) for begins, ends, _ in spans)
        if station.closing_rule == "last_start":
            assert worked == work
        elif station.closing_rule != "finish" and isinstance(station.servers, int) and not is_shared(seen, node):
            # With a tet morning a vehicle handed back may have to wait for another day.
            assert worked == work or any(only for _, _, only in spans)


def is_shared(seen: Seen, node: StationNode) -> bool:
    """Return whether the servers of a station may change sides."""
    rules = seen.record.network.border.reversible_servers.values()
    return any(node.gate == rule.gate and node.name in rule.between for rule in rules)


def number_at(seen: Seen, vehicle: int, gate: str) -> int:
    """Return the number that a vehicle has at a gate: its own, or its stand-in's."""
    draws = seen.record.draws
    if seen.record.network.groups[draws.group[vehicle]].gate == gate:
        return vehicle
    return int(np.flatnonzero(draws.stand_in_for == vehicle)[0])


def check_servers(seen: Seen) -> None:
    """A vehicle is begun only where fewer are at servers, working or blocked, than servers on duty."""
    for gate, name, station, visits in seen.stations():
        if station.holds or station.servers == "unlimited" or station.closing_rule == "hand_back":
            continue
        node = seen.node(gate, name)
        begun = visits[(visits["started_us"] < NEVER) & (visits["left_us"] > visits["started_us"])]
        starts, ends = np.sort(begun["started_us"].to_numpy()), np.sort(begun["left_us"].to_numpy())
        for start in starts[starts > seen.begin_us]:
            taken = bisect_right(starts.tolist(), start) - bisect_right(ends.tolist(), start)
            by_rule = any(begins <= start < ends for begins, ends in node.added_us) or is_shared(seen, node)
            servers = segment_at(node.segments, int(start)).servers if by_rule else on_duty(station, int(start))
            assert taken <= servers, (gate, start)


def check_idleness(seen: Seen) -> None:
    """While a station is open no server is idle and a vehicle in the queue waits."""
    for gate, name, station, visits in seen.stations():
        found = seen.open_windows(gate, name)
        spans = [(0, seen.end_us, False)] if found is None else found
        is_plain = isinstance(station.servers, int) and not any(only for _, _, only in spans)
        is_plain &= not is_shared(seen, seen.node(gate, name))
        if not is_plain or station.holds or station.breakdown is not None or station.closing_rule == "last_start":
            continue
        waiting = visits[visits["entry_us"] < NEVER]
        entered, gone = waiting["entry_us"], waiting[["started_us", "left_us"]].min(axis=1)
        opens_and_closes = [edge for begins, ends, _ in spans for edge in (begins, ends)]
        times = [visits[name] for name in ("joined_us", "started_us", "left_us")]
        edges = np.concatenate([*times, opens_and_closes]).astype(np.int64)
        edges = np.unique(np.clip(edges, seen.begin_us, seen.end_us))
        for at in (edges[1:] + edges[:-1]) // 2:
            if any(begins <= at < ends for begins, ends, _ in spans) and ((entered <= at) & (gone > at)).any():
                assert ((visits["started_us"] <= at) & (visits["left_us"] > at)).sum() >= station.servers


def check_yards(seen: Seen) -> None:
    """No yard holds more than its places, calls above its level, or accepts more than it may in a day."""
    for (gate, name), entries in seen.yards.groupby(["gate", "yard"], observed=True):
        yard = seen.gate(str(gate)).yards[str(name)]
        later = entries.loc[entries["entered_us"] > seen.begin_us, "entered_us"]
        for at in later if yard.places is not None else ():
            places = yard.places_on((START + timedelta(microseconds=at)).date())
            # One that enters and leaves at one instant makes room for the next.
            inside = ((entries["entered_us"] <= at) & (entries["left_us"] > at)).sum()
            assert places is not None
            assert inside <= places or not (entries["left_us"] > at)[entries["entered_us"] == at].any()
        if yard.keep is not None:
            check_level(seen, str(gate), entries, yard.keep)
        if yard.accepts_per_day is not None:
            calendar = seen.gate(str(gate)).counterpart.calendar
            zone = ZoneInfo("Asia/Shanghai" if calendar else "Asia/Ho_Chi_Minh")
            entered = [at for at in entries["entered_us"] if at >= seen.begin_us]
            days = Counter((START + timedelta(microseconds=at)).astimezone(zone).date() for at in entered)
            for day, accepted in days.items():
                most = yard.accepts_on(day)
                assert most is not None
                assert accepted <= most


def check_level(seen: Seen, gate: str, entries: Rows, keep: int) -> None:
    """A park releases a vehicle only while fewer than the level are in the yard."""
    parked = set(seen.rows.loc[(seen.rows["gate"] == gate) & (seen.rows["stage"] == "park"), "vehicle"])
    # A vehicle that is sent back to the yard later is let in, not called.
    called = entries.sort_values("asked_us", kind="stable").drop_duplicates("vehicle")
    called = called[called["vehicle"].isin(parked) & (called["left_us"] > called["entered_us"])]
    for at in called["entered_us"]:
        before = ((entries["entered_us"] < at) & (entries["left_us"] > at)).sum()
        assert before + (called["entered_us"] == at).sum() <= keep


def check_queues(seen: Seen) -> None:
    """No more wait at a station than it has places, but for those handed back at closing."""
    for gate, name, station, visits in seen.stations():
        if station.queue_places is None or station.closing_rule == "hand_back":
            continue
        # Before the first stage a vehicle may be on the road: the trace does not tell when it was let in.
        # One let in at the very instant of a closing or a breakdown was let in while a server was free.
        inner = visits[(visits["entry_us"] < NEVER) & ~visits["entry_us"].isin(changes_of(seen, gate, name))]
        gone = inner[["started_us", "left_us"]].min(axis=1)
        assert at_once(inner["entry_us"], gone) <= station.queue_places


def changes_of(seen: Seen, gate: str, name: str) -> set[int]:
    """Return the times at which something about a station changes."""
    nodes = seen.record.network.stations
    number = next(n for n, node in enumerate(nodes) if (node.gate, node.name) == (gate, name))
    downs = {edge for down in seen.record.draws.breakdowns[number] for edge in down}
    return downs | {segment.begins_us for segment in nodes[number].segments}


def check_turns(seen: Seen) -> None:
    """In a class, who joined the queue first is begun first, unless it left or was not admitted."""
    for _, _, station, visits in seen.stations():
        if station.holds:
            continue
        inner = visits[visits["entry_us"] < NEVER]
        keys = ["is_registered"] + (["class"] if station.priority else [])
        for _, alike in inner.groupby(keys, observed=True):
            assert is_in_turn(alike["entry_us"].to_numpy(), alike)
    # Those let into a yard together ask for room together, by their numbers; a stand-in's is not by its arrival.
    outer = seen.rows[seen.rows["is_first"] & ~seen.rows["is_stand_in"]]
    for _, alike in outer.groupby(["gate", "direction", "stage", "class", "is_registered"], observed=True):
        if alike["station"].iloc[0] != "park":
            assert is_in_turn(alike["joined_us"].to_numpy(), alike)


def is_in_turn(entered: np.ndarray, alike: Rows) -> bool:
    """Return whether nobody was begun before one who was there earlier and still waited."""
    order = np.argsort(entered, kind="stable")
    entered, started = entered[order], alike["started_us"].to_numpy()[order]
    gone = np.minimum(started, alike["left_us"].to_numpy()[order])
    return all(
        gone[:n][entered[:n] < entered[n]].max(initial=0) <= started[n] for n in range(len(order)) if started[n] < NEVER
    )


def with_entries(seen: Seen) -> None:
    """Add when each visit entered its queue, where the trace tells it, and what was drawn of the vehicle."""
    rows, draws, network = seen.rows, seen.record.draws, seen.record.network
    number = [number_at(seen, v, gate) for v, gate in zip(rows["vehicle"], rows["gate"], strict=True)]
    same = (rows["vehicle"] == rows["vehicle"].shift()) & (rows["gate"] == rows["gate"].shift())
    firsts = {(network.groups[s.group].gate, network.groups[s.group].direction): None for s in network.stages}
    for key in firsts:
        group = network.group_number(*key)
        firsts[key] = network.stages[network.groups[group].stages[0]].name
    stage_is_first = [
        firsts[gate, direction] == stage
        for gate, direction, stage in zip(rows["gate"], rows["direction"], rows["stage"], strict=True)
    ]
    is_served = (draws.inside[number] == 2) & ~same
    is_placed = (draws.inside[number] == 1) & ~same & ~np.array(stage_is_first, dtype=bool)
    rows["is_first"] = ~same & ~is_served & ~is_placed
    rows["is_registered"] = draws.preregistered[number]
    rows["is_stand_in"] = draws.stand_in_for[number] != NONE
    nodes = {(network.groups[s.group].gate, network.groups[s.group].direction, s.name): s for s in network.stages}
    stages = [nodes[at] for at in zip(rows["gate"], rows["direction"], rows["stage"], strict=True)]
    has_road = [s.yard != NONE or network.stations[s.station].queue_places != NONE for s in stages]
    is_hidden = (rows["is_first"] & np.array(has_road, dtype=bool)) | is_served
    rows["entry_us"] = np.where(is_hidden, NEVER, rows["joined_us"])


def check_little(seen: Seen) -> None:
    """The integral of those present over time is the sum of the times they were present."""
    first = seen.rows.groupby(["gate", "vehicle"], sort=False)["joined_us"].first()
    last = seen.rows.groupby(["gate", "vehicle"], sort=False)["left_us"].last().clip(upper=seen.end_us)
    edges = np.unique(np.concatenate([first, last]))
    present = [((first <= at) & (last > at)).sum() for at in edges[:-1]]

    assert int((np.array(present, dtype=np.int64) * np.diff(edges)).sum()) == int((last - first).sum())


def check_arrivals(seen: Seen) -> None:
    """Every vehicle that was drawn comes once, at its time; stand-ins come where others were sent away."""
    draws, trace = seen.record.draws, seen.record.trace
    visits = np.diff(draws.visits.start) > 0
    joined = trace.joined_us[draws.visits.start[:-1][visits]]
    own = (draws.stand_in_for == NONE)[visits]
    assert np.array_equal(joined[own], draws.arrival_us[visits][own])
    sent = {int(v) for v in seen.rows.loc[seen.rows["outcome"] == "diverted", "vehicle"]}
    came = {int(v) for v in draws.stand_in_for[visits][~own][joined[~own] >= 0]}
    assert came <= sent


def check_decisions(seen: Seen) -> None:
    """The step that held is the one of the backlog at the decision, and what it adds ends by the latest close."""
    record, network = seen.record, seen.record.network
    rules = list(network.border.responsive_hours.values())
    counted = record.is_present & (record.draws.clear_visit != NONE)
    gone = np.where(record.gone_us >= 0, record.gone_us, NEVER)
    asked = [(at, rule, level) for at, rule, level in record.trace.decisions.tolist() if rule < len(rules)]
    assert asked == sorted(asked)
    for at, number, level in asked:
        rule, groups = rules[number], network.hours[number].groups
        mine = counted & np.isin(record.draws.group, groups)
        # What happens at the same instant may come before or after the decision.
        least = int((mine & (record.arrived_us < at) & (gone > at)).sum())
        most = int((mine & (record.arrived_us <= at) & (gone >= at)).sum())
        steps = [sum(backlog > step.over for step in rule.steps) for backlog in (least, most)]
        assert steps[0] <= level <= steps[1]
        assert at // 60_000_000 % 1_440 == rule.decides_at
    added = {node.gate for node in network.stations if node.added_us}
    assert added <= {rules[number].gate for _, number, level in asked if level}


def check_shared_servers(seen: Seen) -> None:
    """Two stations together never have more servers than their rosters, and each keeps its own few."""
    network = seen.record.network
    usual = build_network(seen.record.plan.loaded, seen.record.plan).stations
    for rule in network.servers:
        first, second = rule.stations
        edges = {s.begins_us for n in rule.stations for s in network.stations[n].segments}
        for at in sorted(edges):
            now = [segment_at(network.stations[n].segments, at) for n in rule.stations]
            if network.stations[first].added_us or network.stations[second].added_us:
                continue
            own = [segment_at(usual[n].segments, at) for n in rule.stations]
            assert sum(s.servers for s in now) <= sum(s.servers for s in own)
            assert all(s.servers >= min(o.servers, rule.keep) for s, o in zip(now, own, strict=True))
            assert all(abs(s.servers - o.servers) <= rule.servers for s, o in zip(now, own, strict=True))


CHECKS = (
    check_decisions,
    check_shared_servers,
    check_conservation,
    check_ways,
    check_patience,
    check_hours,
    check_closing,
    check_servers,
    check_idleness,
    check_yards,
    check_queues,
    check_turns,
    check_little,
    check_arrivals,
)


def until(table: Rows, cut_us: int) -> Rows:
    """Return the table as it stood at a time: what happened later has not happened."""
    known = table[table["joined_us"] < cut_us].reset_index(drop=True)
    for name in ("started_us", "finished_us", "left_us"):
        known[name] = known[name].where(known[name] < cut_us, NEVER)
    known["outcome"] = known["outcome"].where(known["left_us"] < cut_us, "inside")
    return known


@contextmanager
def checked(border: tuple[str, dict[str, str]]) -> Iterator[LoadedBorder]:
    """Yield a border in a folder of its own; one that the checks refuse does not count."""
    text, files = border
    note(text)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "border.toml")
        file.write_text(text)
        for name, content in files.items():
            Path(folder, name).write_text(content)
        try:
            loaded = load_border(file)
        except ConfigError:
            reject()
        yield loaded


def on_random_borders(n: int) -> settings:
    """Return the settings for a property of `n` borders, the same ones on every machine."""
    return settings(
        max_examples=n,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )


@on_random_borders(80)
@given(border=borders())
def test_what_holds_on_every_border_holds(border):
    """Conservation, order, hours, servers, places; one trace in all engines; a longer run begins alike."""
    with checked(border) as loaded:
        seen = Seen(run_record(make_plan(loaded, "test", DAYS), 0, "reference"))
        again = [run_record(make_plan(loaded, "test", DAYS), 0, engine) for engine in ENGINES]
        longer = Seen(run_record(make_plan(loaded, "test", DAYS + 1), 0))

    assert all(record.trace.same_as(seen.record.trace) for record in again)
    pd.testing.assert_frame_equal(until(longer.rows, seen.end_us), until(seen.rows, seen.end_us))
    with_entries(seen)
    for check in CHECKS:
        check(seen)


@pytest.mark.parametrize("n", [300, pytest.param(2_000, marks=pytest.mark.slow)])
def test_the_engines_give_one_trace_on_random_borders(n, record_property):
    """Row for row and bit for bit, decisions too; how many were compared is told at the end of the run."""
    n_compared = 0

    @on_random_borders(n)
    @given(border=borders())
    def compare(border):
        nonlocal n_compared
        with checked(border) as loaded:
            plan = make_plan(loaded, "test", DAYS)
            network = build_network(plan.loaded, plan)
            draws = draw(network, plan, 0)
            first, *others = (get_engine(engine).run(network, draws) for engine in ENGINES)

        assert all(trace.same_as(first) for trace in others)
        n_compared += 1

    compare()
    record_property("compared: random borders by both engines", n_compared)

    assert n_compared >= n


# ------------------------------------------------------------------------------------- in stretches

HOUR_US = 3_600_000_000
CUTS = ([24, 48], [20, 30], range(0, 72, 5))  # hours at which stretches end


def edges_us(network: Network, hours: Iterable[int]) -> list[int]:
    """Return where stretches begin, a microsecond past some hours, and the end of the last."""
    begin_us, end_us = network.clock.begin_us, network.clock.end_us
    return [begin_us, *(at for hour in hours if begin_us < (at := hour * HOUR_US + 1) < end_us), end_us]


def told(draws: Draws, trace: Trace, rank: np.ndarray, some: Iterable[int]) -> list[list[Any]]:
    """Return all that was drawn of some vehicles and all that happened to them, whatever their numbers are."""
    start, visits = draws.visits.start, draws.visits
    columns = [getattr(draws, name) for name in ("arrival_us", "group", "classes", "channels", "patience_us", "heeds")]
    by_visit = [visits.stage, visits.service_us, visits.number, trace.joined_us, trace.started_us, trace.finished_us,
                trace.left_us, trace.outcome, trace.yard_asked_us, trace.yard_entered_us]  # fmt: skip
    return [
        [rank[v], *(column[v] for column in columns), *(x[start[v] : start[v + 1]].tolist() for x in by_visit)]
        for v in some
    ]


def figures(record: RunRecord) -> dict[Any, Any]:
    """Return all figures of a run; samples in order."""
    found: dict[Any, Any] = {"vehicles": float(count_vehicles(record)), "hourly": hourly_counts(record)}
    for measure in list_measures().values():
        for value in measure.values(record):
            key, what = (measure.name, value.gate, value.direction, value.class_, value.station), value.value
            if isinstance(what, Sample):
                censored = np.empty(0) if what.censored is None else what.censored
                found[key] = [np.sort(what.values).tolist(), np.sort(censored).tolist()]
            else:
                found[key] = what
    return found


@pytest.mark.parametrize("n", [25, pytest.param(150, marks=pytest.mark.slow)])
def test_a_run_in_stretches_gives_the_trace_of_the_run_in_one_piece(n):
    """Every vehicle has the same draws and the same times, and every decision is the same, wherever it is cut."""

    @on_random_borders(n)
    @given(border=borders())
    def compare(border):
        with checked(border) as loaded:
            plan = make_plan(loaded, "test", DAYS + 1)
            network = build_network(plan.loaded, plan)
            draws = draw(network, plan, 0)
            trace = kernel.run(network, draws)
            pieces = [list(run_stretches(network, plan, 0, edges_us(network, cuts))) for cuts in CUTS]

        rank = np.zeros(len(draws.group), dtype=np.int64)
        for number, stand_ins in enumerate(draws.stand_ins):
            rank[stand_ins[stand_ins != NONE]] = number + 1
        whole = sorted(told(draws, trace, rank, range(len(rank))))
        for piece in pieces:
            over = [np.flatnonzero(stretch.is_over) for stretch in piece[:-1]] + [range(len(piece[-1].is_over))]
            rows = [told(s.crowd.draws, s.trace, s.crowd.rank, some) for s, some in zip(piece, over, strict=True)]

            assert sorted(row for part in rows for row in part) == whole
            assert np.array_equal(piece[-1].trace.decisions, trace.decisions)

    compare()


@pytest.mark.parametrize("n", [10, pytest.param(60, marks=pytest.mark.slow)])
def test_a_run_in_stretches_gives_the_figures_of_the_run_in_one_piece(n):
    """Samples and counts are the same, shares and means up to the order in which they are added."""

    @on_random_borders(n)
    @given(border=borders(), warmup_days=st.integers(0, 1))
    def compare(border, warmup_days):
        with checked(border) as loaded:
            plan = make_plan(loaded, "test", DAYS + 1 - warmup_days, warmup_days)
            network = build_network(plan.loaded, plan)
            whole = figures(run_record(plan, 0))
            pieces = [in_stretches(network, plan, 0, edges_us(network, cuts), figures) for cuts in CUTS]

        for piece in pieces:
            assert list(piece) == list(whole)
            for key, value in whole.items():
                if isinstance(value, float):
                    assert piece[key] == pytest.approx(value, rel=1e-12, abs=1e-15)
                elif key == "hourly":
                    for what in ("backlog", "arrived", "cleared"):
                        counts, others = getattr(value, what), getattr(piece[key], what)
                        assert {k: v.tolist() for k, v in others.items()} == {k: v.tolist() for k, v in counts.items()}
                else:
                    assert piece[key] == value

    compare()
