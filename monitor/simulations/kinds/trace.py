"""Film one replication at one gate, to be watched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from gatewatch.monitor.simulations.kinds.comparison import Name, PolicyRequest, policy_text, stop_if

if TYPE_CHECKING:
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell

IS_PUBLIC: Final = True


class Request(BaseModel):
    """A replication to be watched at one gate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: Name = Field(description="Scenario that is run.")
    policies: list[PolicyRequest] = Field(default=[], max_length=6, description="What is done; none: nothing.")
    gate: Name = Field(description="Gate that is watched.")
    warmup_days: int | None = Field(
        default=None, ge=0, le=31, description="Days before them; without it, the scenario's."
    )
    skip_days: int = Field(default=0, ge=0, le=60, description="Measured days before the first that is shown.")
    days: int = Field(default=1, ge=1, le=3, description="Days that are shown.")
    replication: int = Field(default=0, ge=0, le=499, description="Which repetition.")
    seed: int = Field(default=1, ge=0, le=2**53 - 1, description="Root seed of every stream.")
    demand_response: str = Field(default="fixed", pattern="^(fixed|shifts|latent)$", description="What demand does.")


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:
    """Return the film as the file `film.json`."""
    import json

    from gatewatch.config.errors import ConfigError
    from gatewatch.monitor.simulations.films import film_of
    from gatewatch.monitor.simulations.kinds import Refused
    from gatewatch.monitor.simulations.place import watched_border
    from gatewatch.simulator.comparison.comparing import prepare_comparison
    from gatewatch.simulator.engines import kernel
    from gatewatch.simulator.experiment import prepare
    from gatewatch.simulator.replications import run_record

    asked = Request.model_validate(request)
    tell({"phase": "checking"})
    loaded = watched_border()
    days = asked.skip_days + asked.days
    text = "+".join(policy_text(part.policy, part.settings) for part in asked.policies)
    try:
        if text:
            plan = (
                prepare_comparison(
                    asked.scenario, [text], loaded, days=days, warmup_days=asked.warmup_days, seed=asked.seed,
                    demand_response=asked.demand_response,
                )
                .scenarios[0]
                .plan
            )  # fmt: skip
        else:
            plan, _ = prepare(asked.scenario, loaded, days, asked.warmup_days, None, asked.seed, None)
    except ConfigError as error:
        raise Refused(
            [
                {"place": "policies", "key": f.key, "found": f.found, "expected": f.expected, "text": str(f)}
                for f in error.faults
            ]
        ) from None
    known = [name for name, gate in plan.loaded.border.gates.items() if gate.export or gate.import_]
    if asked.gate not in known:
        said = f"gate is {asked.gate}; gates are {', '.join(known)}."
        raise Refused([{"place": "gate", "key": "", "found": asked.gate, "expected": ", ".join(known), "text": said}])
    tell({"phase": "preparing"})
    kernel.prepare()
    stop_if(is_cancelled)
    tell({"phase": "running"})
    record = run_record(plan, asked.replication)
    stop_if(is_cancelled)
    film = film_of(record, asked.gate, plan.warmup_days + asked.skip_days, asked.days)
    body = json.dumps(film, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return {"files": {"film.json": body}, "summary": {"vehicles": len(film["vehicles"]["class"])}}
