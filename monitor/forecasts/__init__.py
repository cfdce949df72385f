"""
Forecasts of a running service: what it knows now, run forward by a worker, kept, scored, and decided on.

The simulator is loaded by workers only (`simulations/kinds/forecast.py`); here is what goes to them and what comes
back.
"""

from gatewatch.monitor.forecasts.decisions import Decisions
from gatewatch.monitor.forecasts.forecasts import Forecasts, NothingKnownError
from gatewatch.monitor.forecasts.misses import Misses
from gatewatch.monitor.forecasts.scorecard import Scorecard
from gatewatch.monitor.forecasts.skill import SkillBook
from gatewatch.monitor.forecasts.usual_days import UsualDays

__all__ = ["Decisions", "Forecasts", "Misses", "NothingKnownError", "Scorecard", "SkillBook", "UsualDays"]
