"""What the draws of a replication depend on: plans with the same key meet the same vehicles."""

from __future__ import annotations

from typing import Any

from gatewatch.simulator.scenario import Plan

# What is left out of the key, and nothing else is: engines read it, drawing does not. A new field of a border belongs
# to the key until it is named here.
_STATION = {
    "title": True, "title_vi": True, "servers": True, "holds": True, "opens_with": True, "hours_of": True,
    "closing_rule": True, "priority": True, "queue_places": True, "when_full": True,
}  # fmt: skip
_GATE = {
    "title": True, "title_vi": True, "note": True, "calendar": True, "counterpart": True, "yards": True,
    "stations": {"__all__": _STATION},
}  # fmt: skip
_BORDER: Any = {
    "calendars": True, "demand": True, "intake_halts": True, "responsive_hours": True, "reversible_servers": True,
    "prices": True, "sources": True, "scenarios": True,
    "gates": {"__all__": _GATE},
}  # fmt: skip


def draw_key(plan: Plan) -> str:
    """
    Return a text that is the same for plans whose draws are the same in every replication.

    Some plans with the same draws have different keys: they are then drawn once for each.
    """
    border, clock = plan.loaded.border, plan.clock
    return "\n".join(
        (
            border.model_dump_json(exclude=_BORDER),  # in the order of the file: it numbers gates and stations
            border.demand[plan.scenario.demand].model_dump_json(),
            plan.initial.model_dump_json(),
            str(plan.loaded.root),  # laws and arrivals may name files
            repr((clock.timezone, clock.first_day, clock.days, clock.begin_us, plan.seed)),
        )
    )
