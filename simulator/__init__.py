"""What the border would do: simulate a scenario and read off its measures."""

from gatewatch.simulator.comparison import Comparison, compare
from gatewatch.simulator.experiment import simulate
from gatewatch.simulator.forecasting import Forecast, Now, forecast
from gatewatch.simulator.replications import run_record
from gatewatch.simulator.results import Results
from gatewatch.simulator.scenario import Plan, make_plan

__all__ = [
    "Comparison", "Forecast", "Now", "Plan", "Results", "compare", "forecast", "make_plan", "run_record", "simulate",
]  # fmt: skip
