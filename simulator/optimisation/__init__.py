"""The cheapest schedule or roster that meets a target, chosen by ranking and selection over simulated candidates."""

from gatewatch.simulator.optimisation.asked import Limits
from gatewatch.simulator.optimisation.optimisation import Optimisation
from gatewatch.simulator.optimisation.optimising import optimise

__all__ = ["Limits", "Optimisation", "optimise"]
