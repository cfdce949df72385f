"""What will happen from now on: the simulator started on what stands at the border."""

from gatewatch.simulator.forecasting.bands import BAND_LEVELS, LEVELS, Forecast, doubts, refusal
from gatewatch.simulator.forecasting.baselines import BASELINES
from gatewatch.simulator.forecasting.forecast import (
    DO_NOTHING,
    HORIZON_H,
    MOST_POLICIES,
    REPLICATIONS,
    SCENARIO,
    forecast,
    forecast_in_parts,
    most_replications,
)
from gatewatch.simulator.forecasting.now import (
    Arrived,
    Band,
    FlowNow,
    HoursOn,
    Now,
    OnDuty,
    VehiclesAt,
    YardNow,
    whole_minute,
)
from gatewatch.simulator.forecasting.scoring import Score, score

__all__ = [
    "BAND_LEVELS",
    "BASELINES",
    "DO_NOTHING",
    "HORIZON_H",
    "LEVELS",
    "MOST_POLICIES",
    "REPLICATIONS",
    "SCENARIO",
    "Arrived",
    "Band",
    "FlowNow",
    "Forecast",
    "HoursOn",
    "Now",
    "OnDuty",
    "Score",
    "VehiclesAt",
    "YardNow",
    "doubts",
    "forecast",
    "forecast_in_parts",
    "most_replications",
    "refusal",
    "score",
    "whole_minute",
]  # fmt: skip
