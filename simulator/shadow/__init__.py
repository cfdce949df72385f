"""An analytic shadow beside every run: a fluid model, and exact chains where a gate is small enough."""

from gatewatch.simulator.shadow.answer import Shadow, shadow
from gatewatch.simulator.shadow.beside import BESIDE_KEYS, TOLERANCES, Tolerance, beside

__all__ = ["BESIDE_KEYS", "TOLERANCES", "Shadow", "Tolerance", "beside", "shadow"]
