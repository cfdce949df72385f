"""S2, one gate: the way through it with counts, the day as curves, measured waits, hours of both sides, its sources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from gatewatch.config.calendars import DirectionName
from gatewatch.config.schema import Direction, Gate, Station
from gatewatch.monitor.observations import instant_text
from gatewatch.monitor.web.auth import reach
from gatewatch.monitor.web.live import LiveText
from gatewatch.monitor.web.page import PEOPLE, Asked, Page, gate_title, gates_in_order, in_block
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.words import Words

PAGE = Page(
    "/g/{gate}", "Gate", "gate.html", PEOPLE, scripts=("pages/gate.js",), styles=("pages/gate.css",),
    example="/g/huu_nghi",
)  # fmt: skip
DIRECTIONS: Final[tuple[DirectionName, ...]] = ("export", "import")


def content(asked: Asked) -> dict[str, Any]:
    """Return the gate's way in the order in which a vehicle meets it, with live state."""
    core, gate_id = asked.services.core, asked.at["gate"]
    gate = core.border.gates.get(gate_id)
    if gate is None or gate.dormant:
        raise ProblemError(
            404, f'there is no gate "{gate_id[:100]}" that is watched; the overview lists those that are.'
        )
    reach(asked.who, gate_id)
    directions = [name for name in DIRECTIONS if gate.direction(name) is not None]
    asked_for = asked.request.query_params.get("direction", "")
    direction = next((name for name in directions if name == asked_for), directions[0])
    today = asked.now.astimezone(asked.services.zone).date()
    day = _day(asked.request.query_params.get("day", ""), today)
    midnight = datetime.combine(day, time(), asked.services.zone)
    way = gate.direction(direction)
    assert way is not None
    snapshot = core.projector.live(asked.now)
    return {
        "gate": gate_id,
        "gate_title": gate_title(core.border, gate_id, asked.words),
        "others": [
            (other, gate_title(core.border, other, asked.words)) for other in gates_in_order(core.border, asked.who)
        ],
        "direction": direction,
        "day": day.isoformat(),
        "today": today.isoformat(),
        "begins": instant_text(midnight.astimezone(UTC)),
        "ends": instant_text((midnight + timedelta(days=1)).astimezone(UTC)),
        "directions": directions,
        "way": list(_nodes(gate, way, today, asked.words)),
        "live": in_block(LiveText(snapshot, core.border).text(asked.who.gates).decode()),
        "may_act": asked.who.role in {"operator", "coordinator", "admin"},
    }


def _day(text: str, today: date) -> date:
    """Return the day that is asked for: today without one, and instead of one that is yet to come."""
    if not text:
        return today
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        raise ProblemError(422, f'day "{text[:40]}" is no date; write it like {today.isoformat()}.') from None


def _nodes(gate: Gate, way: Direction, day: date, words: Words) -> Iterator[dict[str, Any]]:
    """Yield each yard when it is first met, and the stages with servers in their order."""
    entered: set[str] = set()
    for name in way.route or list(way.stages):
        stage = way.stages[name]
        station = gate.stations[stage.station or name]
        yard = stage.yard
        if yard is not None and yard not in entered:
            entered.add(yard)
            found = gate.yards[yard]
            title = (found.title_vi if words.language == "vi" else None) or found.title or yard
            yield {"kind": "yard", "id": yard, "title": title, "where": found.kind, "places": found.places_on(day)}
        if station.servers != "unlimited" and not station.holds:
            yield {"kind": "stage", "id": name, "yard": yard, "servers": servers_on(station, day)}


def servers_on(station: Station, day: date) -> int | None:
    """Return the servers that the configuration gives a station on a day; None where that changes over the day."""
    if isinstance(station.servers, int):
        return station.servers
    if isinstance(station.servers, str):
        return None
    rules = [rule for rule in station.servers if rule.covers(day)]
    if not rules or rules[-1].hours is not None or rules[-1].days is not None:
        return None
    return rules[-1].servers
