"""
What the border would do: simulate a scenario and read off its measures.

A name is loaded when it is first asked for: who only needs a part, as the monitor does, starts sooner.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatewatch.simulator.comparison import Comparison, compare
    from gatewatch.simulator.experiment import simulate
    from gatewatch.simulator.forecasting import Forecast, Now, forecast
    from gatewatch.simulator.replications import run_record
    from gatewatch.simulator.results import Results
    from gatewatch.simulator.scenario import Plan, make_plan

__all__ = [
    "Comparison", "Forecast", "Now", "Plan", "Results", "compare", "forecast", "make_plan", "run_record", "simulate",
]  # fmt: skip

_PLACES = {
    "comparison": ("Comparison", "compare"),
    "experiment": ("simulate",),
    "forecasting": ("Forecast", "Now", "forecast"),
    "replications": ("run_record",),
    "results": ("Results",),
    "scenario": ("Plan", "make_plan"),
}


def __getattr__(name: str) -> Any:
    for module, names in _PLACES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
