"""What is to be run: a border, its demand, the days, and the state at the start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from gatewatch.config.loader import LoadedBorder
from gatewatch.config.scenarios import InitialState, Scenario
from gatewatch.config.units import US_PER_MIN
from gatewatch.simulator.timetable import Clock


@dataclass(frozen=True, slots=True)
class Plan:
    """
    A scenario with the border as it restates it, and the horizon settled.

    Args:
        name: Id of the scenario.
        loaded: The border as the scenario restates it.
        scenario: The scenario as configured.
        days: Measured days.
        warmup_days: Days before them that are left out of the measures.
        initial: Vehicles inside at the start.
        seed: Root seed of every stream.
        policies: What changed the border, in order, each as `find_policy` reads it.
    """

    name: str
    loaded: LoadedBorder
    scenario: Scenario
    days: int
    warmup_days: int
    initial: InitialState
    seed: int
    policies: tuple[str, ...] = ()

    @property
    def clock(self) -> Clock:
        """Return the clock of the run: time 0 is the midnight that begins the first day."""
        return Clock(
            timezone=self.loaded.border.border.timezone,
            first_day=self.scenario.start,
            days=self.days + self.warmup_days,
            begin_us=self.scenario.starts_at * US_PER_MIN,
        )

    @property
    def dates(self) -> tuple[date, date]:
        """Return the first and the last day of the run, warm-up included."""
        first = self.scenario.start
        return first, first + timedelta(days=self.days + self.warmup_days - 1)

    @property
    def measured_from_us(self) -> int:
        """Return the time from which measures count [us]."""
        clock = self.clock
        return max(clock.begin_us, clock.us(clock.midnight(self.warmup_days)))


def make_plan(
    loaded: LoadedBorder,
    name: str,
    days: int | None = None,
    warmup_days: int | None = None,
    seed: int = 1,
    initial: InitialState | None = None,
) -> Plan:
    """
    Return the plan of a named scenario, with what the caller restates.

    Raises:
        ConfigError: There is no such scenario, or what it restates is at fault.
    """
    own, scenario = loaded.scenario(name)
    return Plan(
        name=name,
        loaded=own,
        scenario=scenario,
        days=scenario.days if days is None else days,
        warmup_days=scenario.warmup_days if warmup_days is None else warmup_days,
        initial=scenario.initial if initial is None else initial,
        seed=seed,
    )
