"""
Territories: who should own which account, balanced within a tolerance, with a proven bound.

The public names load the module behind them at first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_MODULES = {
    "Alignment": "alignment",
    "Assignment": "engine",
    "Problem": "solve",
    "Progress": "engine",
    "Solution": "solve",
    "Violation": "engine",
    "align": "alignment",
    "assign": "engine",
    "locate": "places",
    "solve": "solve",
    "what_if": "whatif",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
