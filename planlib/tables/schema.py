"""Contracts as schemas of pandera, which says in detail what breaks one; loaded only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandera.pandas as pa
from pandera.errors import SchemaErrors

if TYPE_CHECKING:
    import pandas as pd

    from planlib.tables.contract import Column, Table

_SHOWN = 3  # failing rows quoted per problem


def schema_of(table: Table) -> pa.DataFrameSchema:
    """Give a table's contract as a schema."""
    columns = {column.name: _pandera_column(column) for column in table.columns}
    return pa.DataFrameSchema(columns, name=table.name, strict=True)


def breaches(table: Table, coerced: pd.DataFrame, names: list[str]) -> list[str]:
    """
    Say what is wrong with some columns.

    Parameters
    ----------
    table
        The contract.
    coerced
        Rows in the table's shape.
    names
        Columns to look at.

    Returns
    -------
    list of str
        One line for each check of a column that fails: what is allowed, what was found, and in how
        many rows.
    """
    others = [name for name in table.by_name if name not in names]
    try:
        table.schema.remove_columns(others).validate(coerced[names], lazy=True)
    except SchemaErrors as errors:
        return _describe(errors.failure_cases, table)
    return []


def _pandera_column(column: Column) -> pa.Column:
    checks = []
    low, high = column.bounds
    if low is not None:
        checks.append(pa.Check.ge(low, error=f"at least {low:g}"))
    if high is not None:
        checks.append(pa.Check.le(high, error=f"at most {high:g}"))
    if column.allowed:
        allowed = "one of " + ", ".join(column.allowed)
        checks.append(pa.Check.isin(list(column.allowed), error=allowed))
    if column.dtype == "float64":
        checks.append(pa.Check(lambda values: values.abs() != float("inf"), error="finite"))
    return pa.Column(
        column.dtype, checks, nullable=not column.required, coerce=False, required=True
    )


def _describe(failures: pd.DataFrame, table: Table) -> list[str]:
    problems = []
    for (name, check), cases in failures.groupby(["column", "check"], dropna=False, sort=False):
        values = ", ".join(repr(value) for value in cases["failure_case"].head(_SHOWN))
        rows = ", ".join(str(index) for index in cases["index"].head(_SHOWN))
        allowed = "a value in every row" if check == "not_nullable" else str(check)
        unit = table.by_name[name].unit if name in table.by_name else ""
        problems.append(
            f"column '{name}': allowed {allowed}{f' ({unit})' if unit else ''}, found "
            f"{values} in {len(cases)} row(s), first at {rows}"
        )
    return problems


__all__ = ["breaches", "schema_of"]
