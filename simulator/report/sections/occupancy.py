"""How full yards and queues are, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gatewatch.simulator.comparison.comparison import Outcome
from gatewatch.simulator.comparison.digits import Scale
from gatewatch.simulator.report.blocks import Block, Cell, Figure, Figures, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.charts.dumbbells import Dumbbell, dumbbells
from gatewatch.simulator.report.study import Measured, Study
from gatewatch.simulator.report.words import NOTHING, Words

_LEAST: Final = 0.5  # vehicles on average: what is emptier is not shown
_MOST: Final = 8  # rows of a chart
_ROOM: Final = 3  # times the fullest: places up to there are drawn
_VEHICLES: Final = Scale(1, "veh")


@dataclass(frozen=True, slots=True)
class _Spot:
    """A yard or a queue of a gate; its places where it has some all the time."""

    gate: str
    station: str
    kind: str
    places: int | None


def section(study: Study, words: Words) -> Section | None:
    """Return yards and queues; None where all are empty."""
    spots = [spot for gate in study.gates for spot in _spots(study, gate)]
    if not spots:
        return None
    blocks: list[Block] = [Paragraph(words.say("occupancy.intro")), Figures(tuple(_charts(study, spots, words)))]
    groups = tuple(
        Rows(rows, study.label(outcome, words) if study.comparison is not None else "")
        for outcome in study.outcomes
        if (rows := tuple(_row(study, outcome, spot, words) for spot in _shown(study, outcome, spots)))
    )
    table = Table(words.say("occupancy.caption"), words.columns("occupancy.columns"), groups, is_small=True)
    return Section("occupancy", words.say("section.occupancy"), "1.2, 2.5", (*blocks, table))


def _spots(study: Study, gate: str) -> Iterator[_Spot]:
    """Yield yards and queues that hold half a vehicle or more on average, without or with a policy."""
    seen: set[str] = set()
    for kind, measure in (("yard", "yard_fill"), ("queue", "queue")):
        for row in study.baseline.results.measures:
            station = row["station"]
            if row["measure"] != measure or row["gate"] != gate or row["direction"] is not None or station in seen:
                continue
            if row["class"] is None and any(_mean(study, o, measure, gate, station) >= _LEAST for o in study.outcomes):
                seen.add(station)  # a park is a yard and a queue at once
                yield _Spot(gate, station, kind, _places(study, gate, station) if kind == "yard" else None)


def _places(study: Study, gate: str, yard: str) -> int | None:
    """Return the places of a yard on the first measured day."""
    plan = study.plan
    found = None if plan is None else plan.loaded.border.gates[gate].yards.get(yard)
    if plan is None or found is None:
        return None
    return found.places_on(plan.scenario.start + timedelta(days=plan.warmup_days))


def _mean(study: Study, outcome: Outcome, measure: str, gate: str, station: str) -> float:
    row = study.measured(outcome, measure, gate, station=station)
    return 0.0 if row is None else float(row["mean"] or 0.0)


def _of(spot: _Spot) -> str:
    return "yard_fill" if spot.kind == "yard" else "queue"


def _shown(study: Study, outcome: Outcome, spots: list[_Spot]) -> list[_Spot]:
    """Return the spots that a scenario changes; of the baseline those of the gates at which any does."""
    if study.comparison is None:
        return spots
    if outcome is study.baseline:
        changed = {gate for scenario in study.scenarios for gate in _changed_gates(study, scenario, spots)}
        return [spot for spot in spots if spot.gate in changed]
    gates = _changed_gates(study, outcome, spots)
    return [spot for spot in spots if spot.gate in gates and _is_changed(study, outcome, spot)]


def _changed_gates(study: Study, outcome: Outcome, spots: list[_Spot]) -> list[str]:
    changed = {spot.gate for spot in spots if _is_changed(study, outcome, spot)}
    return [gate for gate in study.gates if gate in changed]


def _is_changed(study: Study, outcome: Outcome, spot: _Spot) -> bool:
    before, after = (_mean(study, o, _of(spot), spot.gate, spot.station) for o in (study.baseline, outcome))
    return before != after


def _charts(study: Study, spots: list[_Spot], words: Words) -> Iterator[Figure]:
    names = [words.say("name.simulated").split(",")[0], words.say("name.places")]
    if study.comparison is None:
        for gate in study.gates:
            if here := _largest(study, study.baseline, [spot for spot in spots if spot.gate == gate]):
                caption = words.say("occupancy.chart_alone", gate=words.gate(gate))
                yield _figure(study, None, here, names, caption, words)
    for outcome in study.scenarios:
        names = [study.label(study.baseline, words), study.label(outcome, words), words.say("name.places")]
        for gate in _changed_gates(study, outcome, spots):
            here = _largest(study, outcome, [spot for spot in spots if spot.gate == gate])
            caption = words.say("occupancy.chart", scenario=study.label(outcome, words), gate=words.gate(gate))
            yield _figure(study, outcome, here, names, caption, words)


def _figure(
    study: Study, outcome: Outcome | None, spots: list[_Spot], names: list[str], caption: str, words: Words
) -> Figure:
    # Places far beyond what stands anywhere would press everything to the left; the table has them.
    shown = [study.baseline] if outcome is None else [study.baseline, outcome]
    most = _ROOM * max(_mean(study, o, _of(spot), spot.gate, spot.station) for o in shown for spot in spots)
    rows = [_dumbbell(study, outcome, spot, most, words) for spot in spots]
    return Figure(dumbbells(caption, rows, names, words.plain), caption)


def _largest(study: Study, outcome: Outcome, spots: list[_Spot]) -> list[_Spot]:
    """Return the fullest spots, in their order."""

    def size(spot: _Spot) -> float:
        return max(_mean(study, o, _of(spot), spot.gate, spot.station) for o in (study.baseline, outcome))

    kept = sorted(spots, key=size, reverse=True)[:_MOST]
    return [spot for spot in spots if spot in kept]


def _dumbbell(study: Study, outcome: Outcome | None, spot: _Spot, most: float, words: Words) -> Dumbbell:
    before = study.measured(study.baseline, _of(spot), spot.gate, station=spot.station)
    after = None if outcome is None else study.measured(outcome, _of(spot), spot.gate, station=spot.station)
    first = _told(before, words)
    said = first if outcome is None else f"{first} → {_told(after, words)}"
    value = float(before["mean"] or 0.0) if before is not None else 0.0
    second = float(after["mean"] or 0.0) if after is not None else None
    limit = spot.places if spot.places is not None and spot.places <= most else None
    return Dumbbell(words.station(spot.gate, spot.station), said, value, second, limit)


def _told(row: Measured | None, words: Words) -> str:
    return NOTHING if row is None else words.bare(row["mean"], row["half_width"], _VEHICLES)


def _row(study: Study, outcome: Outcome, spot: _Spot, words: Words) -> tuple[Cell | str, ...]:
    found = {
        name: study.measured(outcome, name, spot.gate, station=spot.station)
        for name in (_of(spot), "yard_peak", "yard_overflow_chance")
    }
    mean, overflow = found[_of(spot)], found["yard_overflow_chance"]
    return (
        f"{words.gate(spot.gate)}: {words.station(spot.gate, spot.station)}",
        words.say(f"name.{spot.kind}"),
        NOTHING if spot.places is None else Cell(words.count(spot.places), spot.places),
        NOTHING if mean is None else Cell(_told(mean, words), mean["mean"]),
        _told(found["yard_peak"], words) if spot.kind == "yard" else NOTHING,
        words.told(overflow["mean"], overflow["half_width"], "share")
        if overflow is not None and spot.kind == "yard"
        else NOTHING,
    )
