"""
Territories: who should own which account, balanced within a tolerance, with a proven bound.

The public names load the module behind them at first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planlib.territories.alignment import Alignment, align, tabulate
    from planlib.territories.block import Block
    from planlib.territories.engine import Assignment, Progress, Violation, assign
    from planlib.territories.places import locate
    from planlib.territories.solving import Answer, solve_statement, with_rep
    from planlib.territories.statement import Statement, state
    from planlib.territories.whatif import preview, what_if

__all__ = [
    "Alignment",
    "Answer",
    "Assignment",
    "Block",
    "Progress",
    "Statement",
    "Violation",
    "align",
    "assign",
    "locate",
    "preview",
    "solve_statement",
    "state",
    "tabulate",
    "what_if",
    "with_rep",
]

_MODULES = {
    "Alignment": "alignment",
    "Answer": "solving",
    "Assignment": "engine",
    "Block": "block",
    "Progress": "engine",
    "Statement": "statement",
    "Violation": "engine",
    "align": "alignment",
    "assign": "engine",
    "locate": "places",
    "preview": "whatif",
    "solve_statement": "solving",
    "state": "statement",
    "tabulate": "alignment",
    "what_if": "whatif",
    "with_rep": "solving",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
