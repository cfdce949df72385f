"""The rules of a border that can matter on the days of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

from gatewatch.config.calendars import Calendar
from gatewatch.config.records import Dated
from gatewatch.config.schema import Border, Gate, Station
from gatewatch.simulator.policies.when import both

_BEFORE = timedelta(days=2)  # hours past midnight belong to the day before
_AFTER = timedelta(days=32)  # a run looks ahead to the next opening
_Rule = TypeVar("_Rule", bound=Dated)


def in_force(border: Border, first: date, last: date) -> Border:
    """
    Return the border without opening hours and rosters that are over before a run or begin long after it.

    A policy without dates is for the run: it is not to be refused for what a gate once had.
    """
    days = first - _BEFORE, last + _AFTER
    return border.model_copy(
        update={
            "calendars": {name: _calendar(calendar, *days) for name, calendar in border.calendars.items()},
            "gates": {name: _gate(gate, *days) for name, gate in border.gates.items()},
        }
    )


def _calendar(calendar: Calendar, first: date, last: date) -> Calendar:
    hours = _covering(calendar.hours, first, last)
    return calendar if hours == calendar.hours else calendar.model_copy(update={"hours": hours})


def _gate(gate: Gate, first: date, last: date) -> Gate:
    stations = {name: _station(station, first, last) for name, station in gate.stations.items()}
    return gate if stations == gate.stations else gate.model_copy(update={"stations": stations})


def _station(station: Station, first: date, last: date) -> Station:
    if not isinstance(station.servers, list):
        return station
    rules = _covering(station.servers, first, last)
    return station if rules == station.servers else station.model_copy(update={"servers": rules})


def _covering(rules: Sequence[_Rule], first: date, last: date) -> list[_Rule]:
    """Return the rules that hold on some day between two; all of them when none does."""
    return [rule for rule in rules if both(rule, first, last) is not None] or list(rules)
