"""Comparisons: a baseline and scenarios on common random numbers, with verdicts that hold for all of them."""

from gatewatch.simulator.comparison.comparing import compare
from gatewatch.simulator.comparison.comparison import Comparison, Outcome
from gatewatch.simulator.comparison.rows import Row

__all__ = ["Comparison", "Outcome", "Row", "compare"]
