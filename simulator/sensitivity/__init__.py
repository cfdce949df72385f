"""Which of the assumed parameters a conclusion hangs on: screening, shares of variance, switch points."""

from gatewatch.simulator.sensitivity.parameters import Parameter, touched, with_values
from gatewatch.simulator.sensitivity.study import METHODS, ROW_KEYS, Sensitivity, sensitivity

__all__ = ["METHODS", "ROW_KEYS", "Parameter", "Sensitivity", "sensitivity", "touched", "with_values"]
