"""Territories: who should own which account, balanced within a tolerance, with a proven bound."""

from planlib.territories.alignment import Alignment, align
from planlib.territories.engine import Assignment, Progress, Violation, assign
from planlib.territories.places import locate
from planlib.territories.solve import Problem, Solution, solve
from planlib.territories.whatif import what_if

__all__ = [
    "Alignment",
    "Assignment",
    "Problem",
    "Progress",
    "Solution",
    "Violation",
    "align",
    "assign",
    "locate",
    "solve",
    "what_if",
]
