"""Planning workbook for sales organisations: segmentation, territories, key accounts, pipeline.

The public names below load the module behind them at first use, so that ``import planlib`` is
quick and brings in no solver, no charts and no database.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planlib.errors import (
        InfeasibleError,
        InputError,
        LockedError,
        MissingTableError,
        ParameterError,
        PeriodError,
        PlanError,
        RunError,
        SettingsError,
        TableError,
        WorkbookError,
    )
    from planlib.periods import FiscalYear, Period
    from planlib.plan import Plan, load_plan
    from planlib.steps import STEPS
    from planlib.store import Workbook, open_workbook
    from planlib.tables import TABLES, Column, Table
    from planlib.workdays import WorkCalendar

__version__ = "0.1.0"

__all__ = [
    "STEPS",
    "TABLES",
    "Column",
    "FiscalYear",
    "InfeasibleError",
    "InputError",
    "LockedError",
    "MissingTableError",
    "ParameterError",
    "Period",
    "PeriodError",
    "Plan",
    "PlanError",
    "RunError",
    "SettingsError",
    "Table",
    "TableError",
    "WorkCalendar",
    "Workbook",
    "WorkbookError",
    "load_plan",
    "open_workbook",
]

_MODULES = {
    "errors": [name for name in __all__ if name.endswith("Error")],
    "periods": ["FiscalYear", "Period"],
    "plan": ["Plan", "load_plan"],
    "steps": ["STEPS"],
    "store": ["Workbook", "open_workbook"],
    "tables": ["TABLES", "Column", "Table"],
    "workdays": ["WorkCalendar"],
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name from the module that defines it."""
    if name not in _HOME:
        raise AttributeError(f"module 'planlib' has no attribute '{name}'")
    value = getattr(import_module(f"planlib.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those that are not loaded yet."""
    return sorted({*globals(), *__all__})
