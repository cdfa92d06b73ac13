"""
Every table of a workbook, declared once.

Validation, the data dictionary, blank input files and generated test data come from here. Input
tables come from outside through intake; each output table has one step that writes it.
"""

from __future__ import annotations

from planlib.errors import PlanError, nearest
from planlib.tables import (
    inputs_customers,
    inputs_people,
    inputs_pipeline,
    overrides,
)
from planlib.tables.contract import Column, Table, require_columns

_MODULES = (
    inputs_customers,
    inputs_people,
    inputs_pipeline,
    overrides,
)

#: Every table by name.
TABLES: dict[str, Table] = {
    table.name: table for module in _MODULES for table in module.TABLES
}


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


__all__ = ["TABLES", "Column", "Table", "require_columns", "table"]
