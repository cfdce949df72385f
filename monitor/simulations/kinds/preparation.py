"""Load border and compiled engine, compiled where that was never done, so that the first who asks need not wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from gatewatch.monitor.simulations.kinds import IsCancelled, Tell


class Request(BaseModel):
    """Nothing is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def work(request: dict[str, Any], tell: Tell, is_cancelled: IsCancelled) -> dict[str, Any]:  # noqa: ARG001
    """Return nothing."""
    from gatewatch.monitor.simulations.place import watched_border
    from gatewatch.simulator import forecasting  # noqa: F401
    from gatewatch.simulator.comparison import comparing  # noqa: F401
    from gatewatch.simulator.engines import kernel

    watched_border()
    kernel.prepare()
    return {}
