"""What is worth telling: detectors turn a snapshot into findings, and neither send nor remember anything."""

from gatewatch.monitor.detectors.finding import Evidence, Finding, Level, Step
from gatewatch.monitor.detectors.history import History, SelfState
from gatewatch.monitor.detectors.inspecting import Inspection, inspect_all
from gatewatch.monitor.detectors.kinds import Detector, list_detectors, settings_classes

__all__ = [
    "Detector",
    "Evidence",
    "Finding",
    "History",
    "Inspection",
    "Level",
    "SelfState",
    "Step",
    "inspect_all",
    "list_detectors",
    "settings_classes",
]
