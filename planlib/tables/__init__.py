"""
Every table of a workbook, declared once.

Validation, the data dictionary, blank input files and generated test data come from here. Input
tables come from outside through intake; each output table has one step that writes it.
"""

from __future__ import annotations

import importlib
import pkgutil

from planlib.errors import PlanError, nearest
from planlib.tables.contract import Column, Table, is_filled, require_columns

#: Every module of this folder declares its tables in a list ``TABLES``, but these: what they are
#: declared and checked with.
_TOOLS = ("contract", "declare", "notes", "schema")
_MODULES = [
    importlib.import_module(f"{__name__}.{module.name}")
    for module in pkgutil.iter_modules(__path__)
    if module.name not in _TOOLS
]

#: Every table by name.
TABLES: dict[str, Table] = {table.name: table for module in _MODULES for table in module.TABLES}


def table(name: str) -> Table:
    """
    Give a table's contract.

    Raises
    ------
    PlanError
        If there is no such table; the message names the nearest one.
    """
    if name not in TABLES:
        near = nearest(name, TABLES)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise PlanError(f"there is no table '{name}'{hint}")
    return TABLES[name]


__all__ = ["TABLES", "Column", "Table", "is_filled", "require_columns", "table"]
