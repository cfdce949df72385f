"""Worked examples: a border as TOML, vehicles at times of the day, and the trace of the run as lines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator import Plan, Results, make_plan, simulate
from gatewatch.simulator.replications import DEFAULT_ENGINE, ENGINES

MONDAY = date(2025, 7, 7)
US_PER_S = 1_000_000
S_PER_DAY = 86_400
BEYOND_THE_RUN = 10 * 366 * S_PER_DAY + 0.5  # keeps recorded times exact: they are then not all whole minutes

_DURATION = re.compile(r"<([\d.]+) (s|min|h|day)>")
_CLOCK = re.compile(r"(?:(-?\d+)\+)?(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?")


def seconds(clock: str) -> float:
    """Return the seconds after the first midnight of "HH:MM", "HH:MM:SS" or, on day 1, "1+HH:MM"."""
    match = _CLOCK.fullmatch(clock)
    assert match is not None, clock
    day, hour, minute, second = (float(part or 0) for part in match.groups())
    return day * S_PER_DAY + hour * 3_600 + minute * 60 + second


def clock(us: Any) -> str:
    """Return simulated time [us] as `seconds` reads it; what did not happen is "-"."""
    if pd.isna(us):
        return "-"
    day, rest = divmod(int(us), S_PER_DAY * US_PER_S)
    minutes, within = divmod(rest, 60 * US_PER_S)
    second, fraction = divmod(within, US_PER_S)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    if within:
        text += f":{second:02d}" + (f".{fraction:06d}".rstrip("0") if fraction else "")
    return f"{day}+{text}" if day else text


@dataclass(frozen=True)
class Story:
    """What a run says, in lines to compare with a hand calculation."""

    results: Results

    @property
    def trace(self) -> pd.DataFrame:
        """The trace of all replications."""
        assert self.results.trace is not None
        return self.results.trace

    @property
    def rows(self) -> list[str]:
        """One line a visit: vehicle, stage, joined, started, finished, left, outcome."""
        return self.show("vehicle", "stage", "joined", "started", "finished", "left", "outcome")

    def at(self, stage: str) -> list[str]:
        """One line a visit to a stage: vehicle, joined, started, finished, left, outcome."""
        columns = ("vehicle", "joined", "started", "finished", "left", "outcome")
        return _lines(self.trace[self.trace["stage"] == stage], columns)

    def starts(self, stage: str) -> list[str]:
        """One line a visit to a stage in the order of the starts: vehicle, started."""
        mine = self.trace[(self.trace["stage"] == stage) & self.trace["started_us"].notna()]
        return _lines(mine.sort_values(["started_us", "vehicle"], kind="stable"), ("vehicle", "started"))

    def show(self, *columns: str) -> list[str]:
        """One line a visit with these columns; times without their `_us`."""
        return _lines(self.trace, columns)

    @property
    def yards(self) -> list[str]:
        """One line a vehicle that asked for a place: vehicle, yard, asked, entered, left."""
        assert self.results.yards is not None
        table = self.results.yards.sort_values(["vehicle", "asked_us"], kind="stable")
        return _lines(table, ("vehicle", "yard", "asked", "entered", "left"))


def _lines(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    cells = [
        [clock(us) for us in table[f"{name}_us"]] if f"{name}_us" in table else table[name].astype(str)
        for name in columns
    ]
    return [" ".join(row) for row in zip(*cells, strict=True)]


@dataclass(frozen=True)
class Builder:
    """Writes borders into a folder and runs them."""

    folder: Path
    engine: str

    def write(
        self,
        border: str,
        arrivals: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
        *,
        days: int = 2,
        start: date = MONDAY,
        starts_at: str = "00:00",
    ) -> Path:
        """
        Return the file of a border with a scenario `test`.

        Args:
            border: TOML; `<10 min>` stands for a constant law.
            arrivals: Lines "HH:MM[:SS] [class]" for exports of gate `a`, or such lists by "gate direction";
                without any, the border has its own demand named `test`.
            days: Length of the run.
            start: First day.
            starts_at: Time of the first day at which the run begins.
        """
        text = _DURATION.sub(r'{ law = "constant", value = \1, unit = "\2" }', border)
        if arrivals is not None:
            by_flow = arrivals if isinstance(arrivals, Mapping) else {"a export": arrivals}
            for n, (where, lines) in enumerate(by_flow.items()):
                gate, direction = where.split()
                self._write_arrivals(f"arrivals_{n}.csv", lines)
                text += f"\n[demand.test.flows.{gate}_{direction}]\n"
                text += f'gate = "{gate}"\ndirection = "{direction}"\n'
                text += f'arrivals = {{ kind = "trace", file = "arrivals_{n}.csv" }}\n'
        text += f'\n[scenarios.test]\nstart = {start}\nstarts_at = "{starts_at}"\ndays = {days}\n'
        text += 'demand = "test"\nreplications = 1\n'
        file = self.folder / "border.toml"
        file.write_text(text, encoding="utf-8")
        return file

    def _write_arrivals(self, name: str, lines: Sequence[str]) -> None:
        rows = ["arrived_s,class"]
        for line in lines:
            at, _, vehicle_class = line.partition(" ")
            rows.append(f"{seconds(at)},{vehicle_class}")
        rows.append(f"{BEYOND_THE_RUN},")
        (self.folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")

    def __call__(
        self,
        border: str,
        arrivals: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
        *,
        days: int = 2,
        start: date = MONDAY,
        starts_at: str = "00:00",
        **options: Any,
    ) -> Story:
        """Return the story of a run; options go to `simulate`."""
        file = self.write(border, arrivals, days=days, start=start, starts_at=starts_at)
        return Story(simulate("test", file, keep_trace=True, engine=self.engine, **options))

    def plan(self, border: str, **options: Any) -> Plan:
        """Return the plan of a border with its own demand, for draws without a run."""
        seed = options.pop("seed", 1)
        return make_plan(load_border(self.write(border, **options)), "test", seed=seed)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Return the name of each engine: what is worked out by hand holds for every one."""
    return str(request.param)


@pytest.fixture
def run(tmp_path: Path, engine: str) -> Builder:
    """Return a builder that writes a border and runs it."""
    return Builder(tmp_path, engine)


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    """Return a builder with the default engine, for what does not depend on the engine."""
    return Builder(tmp_path, DEFAULT_ENGINE)
