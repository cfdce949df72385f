"""List what can be planned: kinds of policies with the schema of their settings, ready policies, and scenarios."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from gatewatch.config.schema import Station
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell


class Request(BaseModel):
    """Nothing is asked: it is about the border that is watched."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:  # noqa: ARG001
    """Return kinds, ready policies and scenarios of the border."""
    from gatewatch.monitor.simulations.place import watched_border
    from gatewatch.simulator.policies import list_kinds, list_policies
    from gatewatch.simulator.policies.wording import kind_title, settings_titles, texts

    loaded = watched_border()
    border = loaded.border
    ready = sorted(list_policies(loaded).values(), key=lambda policy: (policy.lever_number, policy.name))
    return {
        "kinds": [
            {
                "name": kind.name,
                "title": kind_title(kind.name),
                "summary": kind.summary,
                "description": kind.description,
                "schema": kind.schema(),
                "settings": settings_titles(kind),
            }
            for kind in list_kinds().values()
        ],
        "ready": [
            {
                "name": policy.name,
                "kind": policy.kind.name,
                "lever": policy.lever,
                "title": {"en": policy.title, "vi": policy.title_vi or policy.title},
                "conditions": {"en": policy.conditions, "vi": policy.conditions_vi or policy.conditions},
                "effect": {"en": policy.effect, "vi": policy.effect_vi or policy.effect},
                "basis": policy.basis,
                "source": policy.source,
                "sources": list(policy.sources),
                "settings": _plain(policy.document.tree),
            }
            for policy in ready
        ],
        "scenarios": [
            {
                "name": name,
                "title": {"en": scenario.title or name, "vi": scenario.title_vi or scenario.title or name},
                "note": scenario.note,
                "start": scenario.start.isoformat(),
                "days": scenario.days,
                "warmup_days": scenario.warmup_days,
                "replications": scenario.replications,
            }
            for name, scenario in border.scenarios.items()
        ],
        "gates": [
            {
                "name": name,
                "title": {"en": gate.title or name, "vi": gate.title_vi or gate.title or name},
                "directions": [side for side in ("export", "import") if gate.direction(side) is not None],
                "stages": {
                    key: texts()["stage"].get(key) or _titles(gate.stations.get(stage.station or key), key)
                    for side in (gate.export, gate.import_)
                    if side is not None
                    for key, stage in side.stages.items()
                },
                "stations": {
                    key: {"en": s.title or key, "vi": s.title_vi or s.title or key} for key, s in gate.stations.items()
                },
                "yards": {
                    key: {"en": y.title or key, "vi": y.title_vi or y.title or key} for key, y in gate.yards.items()
                },
                "is_dormant": gate.dormant,
            }
            for name, gate in border.gates.items()
        ],
        "classes": {
            name: {"en": found.title or name, "vi": found.title_vi or found.title or name}
            for name, found in border.vehicle_classes().items()
        },
        "values": texts()["value"],
        "units": texts()["unit"],
    }


def _titles(found: Station | None, name: str) -> dict[str, str]:
    title = (found.title if found is not None else "") or name
    return {"en": title, "vi": (found.title_vi if found is not None else "") or title}


def _plain(value: Any) -> Any:
    """Return settings as a file states them, dates as text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value
