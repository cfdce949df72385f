"""What the printed figures say of each other: the identity of the stock, the sums over gates and parts, the signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from gatewatch.monitor.projection.projecting import Projection

Kind = Literal["identity", "change", "sign", "sum", "parts", "negative"]

_PARTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "cleared": (("cleared_fruit", "cleared_other"), ("cleared_cargo", "cleared_new_vehicle")),
    "remaining": (("remaining_fruit", "remaining_other"),),
}
_CHANGES = {"remaining_change": "remaining", "cleared_change": "cleared"}
_MAY_BE_NEGATIVE = frozenset(_CHANGES)


@dataclass(frozen=True, slots=True)
class BulletinFinding:
    """
    Figures of a bulletin that do not agree with each other: a finding about the data, not a fault of the program.

    Args:
        day: Day of the bulletin.
        gate: Gate; None for the province.
        direction: Direction; None for both.
        kind: `identity` (stock of the day before, in and out), `change` (printed against reckoned change), `sign` (the
            same with the sign turned), `sum` (gates against province), `parts` (kinds of goods against the total),
            `negative`.
        line: The line that was checked.
        printed: The figure as printed.
        reckoned: The figure that the others give.
    """

    day: date
    gate: str | None
    direction: str | None
    kind: Kind
    line: str
    printed: int
    reckoned: int

    @property
    def residual(self) -> int:
        """Printed less reckoned [veh]."""
        return self.printed - self.reckoned


_Place = tuple[str | None, str | None]
_Figures = dict[tuple[date, _Place, str], int]


def check_bulletins(projection: Projection, begins: date, ends: date) -> list[BulletinFinding]:
    """Return what does not agree in the last editions of the days from `begins` to `ends`, both included."""
    figures = _figures(projection)
    places = sorted({place for _, place, _ in figures}, key=str)
    found: list[BulletinFinding] = []
    day = begins
    while day <= ends:
        found += [finding for place in places for finding in _of_place(figures, day, place)]
        found += _sums(figures, day)
        day += timedelta(days=1)
    return found


def _figures(projection: Projection) -> _Figures:
    """Return the last edition of every figure; of several sources the last by name."""
    found: _Figures = {}
    for subject, editions in sorted(projection.bulletins.by_subject.items()):
        _, day, gate, direction, line = subject
        found[date.fromisoformat(day), (gate or None, direction or None), line] = editions[-1].said["value"]
    return found


def _of_place(figures: _Figures, day: date, place: _Place) -> Iterator[BulletinFinding]:
    def at(line: str, on: date = day) -> int | None:
        return figures.get((on, place, line))

    for (on, where, line), value in figures.items():
        if (on, where) == (day, place) and value < 0 and line not in _MAY_BE_NEGATIVE:
            yield BulletinFinding(day, *place, "negative", line, value, abs(value))
    for total, groups in _PARTS.items():
        for group in groups:
            parts, whole = [at(line) for line in group], at(total)
            known = [part for part in parts if part is not None]
            if whole is not None and len(known) == len(parts) and sum(known) != whole:
                yield BulletinFinding(day, *place, "parts", total, whole, sum(known))
    before = day - timedelta(days=1)
    change = _flows(figures, day, place)
    remaining, stood = at("remaining"), at("remaining", before)
    if change is not None and remaining is not None and stood is not None and remaining != stood + change:
        yield BulletinFinding(day, *place, "identity", "remaining", remaining, stood + change)
    yield from _changes(figures, day, place, change)


def _flows(figures: _Figures, day: date, place: _Place) -> int | None:
    """Return by how much the stock of exports changes by what is printed to come and go; None when that is not."""
    gate, direction = place
    came = figures.get((day, place, "arrived"))
    went = figures.get((day, (gate, direction or "export"), "cleared"))
    if came is None or went is None or direction == "import":
        return None
    left = [figures.get((day, place, line), 0) for line in ("turned_back", "diverted")]
    return came - went - sum(left)


def _changes(figures: _Figures, day: date, place: _Place, flows: int | None) -> Iterator[BulletinFinding]:
    """Compare each printed change with the flows, or else with the two days' figures."""
    for line, of in _CHANGES.items():
        printed = figures.get((day, place, line))
        if printed is None:
            continue
        now, then = figures.get((day, place, of)), figures.get((day - timedelta(days=1), place, of))
        reckoned = now - then if now is not None and then is not None else flows if of == "remaining" else None
        if reckoned is None or printed == reckoned:
            continue
        kind: Kind = "sign" if printed == -reckoned else "change"
        yield BulletinFinding(day, *place, kind, line, printed, reckoned)


def _sums(figures: _Figures, day: date) -> Iterator[BulletinFinding]:
    """Compare the province with the sum of its gates, where every gate that is printed that day has the line."""
    gates = {place[0] for on, place, _ in figures if on == day and place[0] is not None}
    for (on, (gate, direction), line), printed in sorted(figures.items(), key=str):
        if on != day or gate is not None or not gates:
            continue
        parts = [figures.get((day, (name, direction), line)) for name in gates]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts) and sum(known) != printed:
            yield BulletinFinding(day, None, direction, "sum", line, printed, sum(known))
