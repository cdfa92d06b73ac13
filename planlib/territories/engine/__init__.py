"""The alignment engine: who owns whom, within limits, at the least cost, with a proven bound."""

from planlib.territories.engine.assign import assign
from planlib.territories.engine.result import Assignment, CostProvider, Progress, Violation

__all__ = ["Assignment", "CostProvider", "Progress", "Violation", "assign"]
