"""The watch: detectors and alerts over the running service, and what people do about alerts."""

from gatewatch.monitor.watch.board import Board, WatchHealth
from gatewatch.monitor.watch.deeds import By
from gatewatch.monitor.watch.evaluating import Evaluator
from gatewatch.monitor.watch.own import OwnState
from gatewatch.monitor.watch.watch import Watch

__all__ = ["Board", "By", "Evaluator", "OwnState", "Watch", "WatchHealth"]
