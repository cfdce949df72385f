"""A gate small enough for an exact answer: Poisson arrivals day and night, exponential services, frozen at close."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from gatewatch.simulator.optimisation import optimise
from gatewatch.simulator.verification.daily_cycle import DailyCycle, solve_daily_cycle
from gatewatch.simulator.verification.transient import Closing, Period

PER_HOUR = 3.5
SERVED_PER_HOUR = 6.0
OPENS = 7
VEHICLE_HOUR = 50_000
SERVER_HOUR = 150_000

BORDER = f"""
[prices]
vehicle_hour = {VEHICLE_HOUR}
overtime_server_hour = {SERVER_HOUR}

[calendars.daytime]
hours = [{{ open = ["07:00-16:00"] }}]

[gates.a]
calendar = "daytime"
[gates.a.stations.check]
servers = 2
closing_rule = "freeze"
[gates.a.export.stages.check]
service = {{ law = "exponential", mean = 10, unit = "min" }}

[demand.base.flows.lorries]
gate = "a"
direction = "export"
arrivals = {{ kind = "poisson", per_day = {24 * PER_HOUR} }}

[scenarios.base]
start = 2025-01-06
days = 28
warmup_days = 14
demand = "base"
"""


@dataclass(frozen=True)
class Exact:
    """The gate solved by its forward equations, for a closing hour and a number of servers."""

    def cycle(self, closes: int = 16, servers: int = 2) -> DailyCycle:
        """Return the day to which the gate settles."""
        day = [
            Period(OPENS, PER_HOUR, servers=0),
            Period(closes - OPENS, PER_HOUR, servers=servers),
            Period(24 - closes, PER_HOUR, servers=0),
        ]
        return solve_daily_cycle(day, SERVED_PER_HOUR, closing=Closing.FREEZE)

    def wait_s(self, closes: int = 16, servers: int = 2) -> float:
        """Return the mean wait [s]."""
        return self.cycle(closes, servers).mean_wait * 3_600

    def gate_cost(self, closes: int = 16, servers: int = 2) -> float:
        """Return what the added server hours cost [VND/day]."""
        return SERVER_HOUR * (servers * (closes - OPENS) - 2 * (16 - OPENS))

    def total_cost(self, closes: int = 16, servers: int = 2) -> float:
        """Return the same with the hours that vehicles are there and not served [VND/day]."""
        waiting = self.cycle(closes, servers).mean_sojourn - 1 / SERVED_PER_HOUR
        return self.gate_cost(closes, servers) + VEHICLE_HOUR * 24 * PER_HOUR * waiting


@pytest.fixture(scope="session")
def exact():
    """Return the exact solution."""
    return Exact()


@pytest.fixture(scope="session")
def border(tmp_path_factory):
    """Return the file of the gate's border."""
    file: Path = tmp_path_factory.mktemp("borders") / "daytime.toml"
    file.write_text(BORDER)
    return file


@pytest.fixture
def write(tmp_path):
    """Return what writes another border: the gate's with some text replaced, and more at the end."""

    def written(*changes: tuple[str, str], more: str = "") -> Path:
        text = BORDER
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file: Path = tmp_path / "border.toml"
        file.write_text(text + more)
        return file

    return written


@pytest.fixture(scope="session")
def found(border):
    """Return the cheapest closing hour for a mean wait below 5.4 h."""
    return optimise("hours", "base", border, gate="a", target="wait<5.4h", candidates="closes=17:00..22:00/60")
