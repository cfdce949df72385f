"""
Compare policies with the baseline on common random numbers.

Partial results come as replications do: the headline with intervals, from the second one on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from gatewatch.config.errors import Fault
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell
    from gatewatch.simulator.replications import Replication

IS_PUBLIC: Final = True
_LEAST_BETWEEN_S: Final = 0.7  # between two partial results, each of which takes a moment to judge

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(max_length=60, pattern=r'^[^"+\\\x00-\x1f]*$')]  # as it stands in a policy's text
Value = bool | int | float | Text | None
Setting = Value | list[Value] | dict[str, Value | list[Value]]

_FEWEST_TO_STOP: Final = 15  # replications without which no precision is judged
_OPTIONS: Final = {"--days": "days", "--warmup-days": "warmup_days", "--replications": "replications", "--seed": "seed"}


class PolicyRequest(BaseModel):
    """A policy: a ready one or a kind by name, and its settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Name = Field(description="Name of a ready policy, or of a kind.")
    settings: dict[Name, Setting] = Field(default={}, max_length=40, description="Settings; none: as its file says.")


class Alternative(BaseModel):
    """What is set beside doing nothing: a policy, or several together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(default="", max_length=100, description="Name for people; without it, the policies' titles.")
    policies: list[PolicyRequest] = Field(min_length=1, max_length=6, description="Applied in this order.")


class Request(BaseModel):
    """A comparison."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: Name = Field(description="Scenario that everything is set beside.")
    alternatives: list[Alternative] = Field(min_length=1, max_length=4, description="At most four.")
    days: int = Field(default=7, ge=1, le=92, description="Measured days.")
    warmup_days: int | None = Field(default=None, ge=0, le=31, description="Days before them that are left out.")
    replications: int = Field(default=20, ge=2, le=500, description="Repetitions.")
    precision: float | None = Field(
        default=None, gt=0, lt=1, description="Stop when half widths are this share of the differences."
    )
    seed: int = Field(default=1, ge=0, le=2**53 - 1, description="Root seed of every stream.")
    demand_response: Literal["fixed", "shifts", "latent"] = Field(
        default="fixed", description="What demand does when opening hours change."
    )


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:
    """Return the comparison for a page in both languages, and as files: JSON, CSV, Parquet, and a report to print."""
    from gatewatch.config.errors import ConfigError
    from gatewatch.monitor.simulations.kinds import Refused
    from gatewatch.monitor.simulations.place import cores, watched_border
    from gatewatch.monitor.simulations.showing import files_of, headline_of, page_of, summary_of
    from gatewatch.simulator.comparison.comparing import prepare_comparison, run_comparison
    from gatewatch.simulator.engines import kernel

    asked = Request.model_validate(request)
    tell({"phase": "checking", "done": 0, "total": asked.replications})
    texts = [[policy_text(part.policy, part.settings) for part in a.policies] for a in asked.alternatives]
    options: dict[str, Any] = {
        "days": asked.days, "warmup_days": asked.warmup_days, "seed": asked.seed,
        "demand_response": asked.demand_response, "precision": asked.precision,
        "replications": None if asked.precision is not None else asked.replications,
        "max_replications": None if asked.precision is None else max(asked.replications, _FEWEST_TO_STOP),
    }  # fmt: skip
    prepare = partial(prepare_comparison, asked.scenario, border=watched_border(), **options)
    try:
        experiment = prepare(policies=["+".join(parts) for parts in texts])
    except ConfigError as error:
        raise Refused(_placed(error.faults, texts, prepare)) from None
    stop_if(is_cancelled)
    tell({"phase": "preparing", "done": 0, "total": asked.replications})
    kernel.prepare()
    last_s = time.monotonic() - _LEAST_BETWEEN_S

    def listen(done: Sequence[tuple[Replication, ...]], total: int) -> None:
        nonlocal last_s
        stop_if(is_cancelled)
        progress: dict[str, Any] = {"phase": "running", "done": len(done), "total": total}
        if len(done) >= 2 and time.monotonic() - last_s >= _LEAST_BETWEEN_S:
            progress["headline"] = headline_of(experiment, done)
        if tell(progress) and "headline" in progress:
            last_s = time.monotonic()

    comparison = run_comparison(experiment, cores(), on_replications=listen)
    stop_if(is_cancelled)
    n_done = comparison.manifest["replications"]
    tell({"phase": "writing", "done": n_done, "total": n_done})
    page = page_of(comparison, [a.title for a in asked.alternatives])
    return {**page, "files": files_of(comparison), "summary": summary_of(comparison)}


def stop_if(is_cancelled: IsCancelled) -> None:
    """
    Go on, unless the task was cancelled.

    Raises:
        Cancelled: It was.
    """
    from gatewatch.monitor.simulations.kinds import Cancelled

    if is_cancelled():
        raise Cancelled


def policy_text(policy: str, settings: Mapping[str, Any]) -> str:
    """Return a policy with settings in the form that `find_policy` reads."""
    from gatewatch.simulator.policies.ready import shown_whole

    pairs = ",".join(f"{key}={shown_whole(value)}" for key, value in settings.items() if value is not None)
    return f"{policy}:{pairs}" if pairs else policy


def _placed(
    faults: Sequence[Fault], texts: Sequence[Sequence[str]], prepare: Callable[..., object]
) -> list[dict[str, str]]:
    """Return faults with the place in the request where each belongs: each policy is tried after those before it."""
    from gatewatch.config.errors import ConfigError

    found = []
    for n, parts in enumerate(texts):
        for k in range(len(parts)):
            try:
                prepare(policies=["+".join(parts[: k + 1])])
            except ConfigError as error:
                found += [(fault, f"alternatives.{n}.policies.{k}") for fault in error.faults]
                break
    if not found or any(fault.file in _OPTIONS for fault in faults):
        found = [(fault, _OPTIONS.get(fault.file, "")) for fault in faults]
    return [
        {"place": place, "key": fault.key, "found": fault.found, "expected": fault.expected, "text": str(fault)}
        for fault, place in found
    ]
