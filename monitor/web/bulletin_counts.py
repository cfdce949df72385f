"""What we counted for a bulletin's day, line by line, in the words of the authorities' table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gatewatch.monitor.core import Core
from gatewatch.monitor.live.over_time import flows_of, stock_at
from gatewatch.monitor.projection.projecting import EMPTY, Projection
from gatewatch.monitor.store.history import WindowRow
from gatewatch.monitor.web.bulletin_day import Counted, Place, hours_of

_COUNTED: Final[Mapping[str, str]] = {
    "cleared": "gate_out", "arrived": "arrived", "turned_back": "turned_back", "diverted": "diverted",
}  # fmt: skip
_FRUIT, _NEW, _UNTOLD = "fruit", "new_vehicle", ""
_JUST_BEFORE: Final = timedelta(minutes=1)

Stocks = Mapping[Place, float | None]


def counted_on(core: Core, day: date) -> Counted:
    """Return what we counted for a bulletin's day, as it is known now."""
    begins, ends = hours_of(day, ZoneInfo(core.border.border.timezone))

    # The authorities' own figure is an anchor at the cut: beside it, ours is what we knew just before.
    def stocks(projection: Projection) -> Stocks:
        at = ends - _JUST_BEFORE
        return {
            place: stock_at(core.border, core.feeds, projection, *place, at).value for place in flows_of(core.border)
        }

    return counted_of(core.history.latest(begins, ends), core.projector.read(stocks))


def counted_of(windows: list[WindowRow], stocks: Stocks) -> dict[tuple[Place, str], int]:
    """
    Return what we counted by place and line: of gates, of the province, and of both directions together.

    Args:
        windows: Quarter-hours of the day.
        stocks: Vehicles inside at its end, by gate and direction; None where they are not known [veh].
    """
    by_class: dict[tuple[Place, str], dict[str, int]] = {}
    for row in windows:
        if row.what not in _COUNTED.values() or row.vehicle_class == EMPTY:
            continue
        for place in ((row.gate, row.direction), (row.gate, None), (None, row.direction), (None, None)):
            sums = by_class.setdefault((place, row.what), {})
            sums[row.vehicle_class] = sums.get(row.vehicle_class, 0) + row.n
    found = {
        (place, name): sum(by_class[place, what].values())
        for name, what in _COUNTED.items()
        for place in {place for place, passed in by_class if passed == what}
    }
    for (at, passed), classes in by_class.items():
        if passed == "gate_out":
            found |= {(at, line): n for line, n in _parts(at[1], classes).items()}
    exports = {place: n for place, n in stocks.items() if place[1] == "export"}
    known = {place: round(n) for place, n in exports.items() if n is not None}
    found |= {(place, "remaining"): n for place, n in known.items()}
    if known and len(known) == len(exports):  # a sum with a gate left out would look like less than there is
        found[(None, "export"), "remaining"] = sum(known.values())
    return found


def _parts(direction: str | None, by_class: Mapping[str, int]) -> dict[str, int]:
    """Return the parts of what was cleared that the table names; none where a feed does not tell the class."""
    if direction is None or by_class.get(_UNTOLD):
        return {}
    total = sum(by_class.values())
    name, part, rest = (
        (_FRUIT, "cleared_fruit", "cleared_other")
        if direction == "export"
        else (_NEW, "cleared_new_vehicle", "cleared_cargo")
    )
    return {part: by_class.get(name, 0), rest: total - by_class.get(name, 0)}
