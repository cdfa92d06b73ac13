"""SQL over a workbook's tables, in one thread so that sums are the same in every run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from planlib.errors import WorkbookError
from planlib.tables import TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_TYPES = {
    "str": "VARCHAR", "Int64": "BIGINT", "float64": "DOUBLE", "datetime64[us]": "TIMESTAMP",
    "boolean": "BOOLEAN",
}  # fmt: skip
Finder = Callable[[str], list[Path]]


def connect() -> DuckDBPyConnection:
    """Open a database in memory that computes with one thread."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute("SET threads = 1")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def relation(connection: DuckDBPyConnection, table: str, files: list[Path]) -> DuckDBPyRelation:
    """
    Give a table as a relation that reads only what a query needs.

    Parameters
    ----------
    connection
        Open database.
    table
        Name of the table; the columns are those of its contract, NULL where an earlier version
        did not write one.
    files
        Parquet files that hold it.
    """
    return connection.sql(_select(connection, table, files))


def _select(connection: DuckDBPyConnection, table: str, files: list[Path]) -> str:
    listed = ", ".join(_quoted(str(path)) for path in files)
    source = f"read_parquet([{listed}], union_by_name = true)"
    found = connection.sql(f"SELECT * FROM {source}").columns  # noqa: S608
    known = ", ".join(
        f'"{name}"' if name in found else f'CAST(NULL AS {_TYPES[column.dtype]}) AS "{name}"'
        for name, column in TABLES[table].by_name.items()
    )
    return f"SELECT {known} FROM {source}"  # noqa: S608


def query(connection: DuckDBPyConnection, text: str, find: Finder) -> DuckDBPyRelation:
    """
    Run a SELECT over the workbook's tables.

    Parameters
    ----------
    connection
        Open database.
    text
        SQL in duckdb's dialect.
    find
        Gives the files of a table.

    Raises
    ------
    WorkbookError
        If the SQL is wrong.
    """
    import duckdb

    try:
        with duckdb.connect(":memory:") as blank:  # one that has views looks into their files
            names = blank.get_table_names(text)
        for name in sorted(names):
            if name in TABLES:
                text_of = _select(connection, name, find(name))
                connection.execute(f'CREATE OR REPLACE VIEW "{name}" AS {text_of}')
        return connection.sql(text)
    except duckdb.Error as error:
        raise WorkbookError(f"the query cannot run: {error}") from None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
