"""Read a source of any kind as text: delimited files, Excel, Parquet, databases."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from planlib.errors import InputError
from planlib.intake.delimited import read_delimited
from planlib.intake.excel import read_excel
from planlib.intake.sheet import MAX_BYTES, Sheet, refuse_width, text_frame, unique_headers

if TYPE_CHECKING:
    from planlib.settings.inputs import Source

TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".tab")
EXCEL_ENDINGS = (".xlsx", ".xlsm")
PARQUET_ENDINGS = (".parquet", ".pq")
DUCKDB_ENDINGS = (".duckdb", ".db")
ENDINGS = (*TEXT_ENDINGS, *EXCEL_ENDINGS, *PARQUET_ENDINGS)
_FETCH = 50_000


def read_file(path: Path, source: Source, name: str = "") -> list[Sheet]:
    """
    Read a file as text.

    Parameters
    ----------
    path
        The file.
    source
        What is declared about it.
    name
        Its name in messages; blank: the file's own.

    Returns
    -------
    list of Sheet
        One, or one per sheet of an Excel file.

    Raises
    ------
    InputError
        If the file is missing, of an unknown kind, or cannot be read; naming row and column.
    """
    name = name or path.name
    if not path.is_file():
        raise InputError(name, [f"the file does not exist; {_beside(path)}"])
    if path.stat().st_size > MAX_BYTES:
        raise InputError(
            name,
            [
                f"{path.stat().st_size:,} bytes; at most {MAX_BYTES:,} are read; "
                "give a Parquet file or a database instead"
            ],
        )
    ending = path.suffix.lower()
    if source.query and ending in DUCKDB_ENDINGS:
        return [_read_duckdb(path, source.query, name)]
    if ending in PARQUET_ENDINGS:
        return [_read_parquet(path, name)]
    data = _bytes(path, name)
    if ending in EXCEL_ENDINGS or data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        sheets = (source.sheet,) if source.sheet else ()
        return read_excel(
            data,
            name,
            sheets=sheets,
            header_row=source.header_row,
            fill_merged=source.merged == "fill",
        )
    if ending in TEXT_ENDINGS:
        return [
            read_delimited(
                data,
                name,
                encoding=source.encoding,
                separator=source.delimiter,
                header_row=source.header_row,
            )
        ]
    raise InputError(
        name, [f"files of kind '{ending or 'no ending'}' are not read; use {', '.join(ENDINGS)}"]
    )


def read_database(source: Source) -> Sheet:
    """
    Run a query on a database whose address stands in an environment variable.

    Parameters
    ----------
    source
        ``url`` as env:NAME and ``query``.

    Raises
    ------
    InputError
        If the variable is not set or the query fails; the address is never printed.
    """
    from sqlalchemy import create_engine, text

    variable = source.url.removeprefix("env:")
    address = os.environ.get(variable, "")
    where = f"query on {source.url}"
    if not address:
        raise InputError(
            where, [f"environment variable {variable} is not set; set it to a SQLAlchemy address"]
        )
    try:
        engine = create_engine(address)
        with engine.connect() as connection:
            result = connection.execution_options(stream_results=True).execute(text(source.query))
            names = list(result.keys())
            columns = _columns(result, len(names))
        engine.dispose()
    except Exception as error:  # drivers raise what they like, with the address in their words
        kind = type(getattr(error, "orig", None) or error).__name__
        raise InputError(
            where,
            [
                f"the query failed ({kind}); check the address in {variable}, "
                "the driver and the query"
            ],
        ) from None
    return _sheet(columns, names, where)


def cell_text(value: object) -> str:
    """
    Write a value of a database or spreadsheet as text.

    Examples
    --------
    >>> cell_text(None), cell_text(2.0), cell_text(datetime.date(2026, 3, 5)), cell_text("007")
    ('', '2', '2026-03-05', '007')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    return str(value)


def _columns(rows: Any, width: int) -> list[pa.ChunkedArray]:
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    while part := rows.fetchmany(_FETCH):
        for at, values in enumerate(zip(*part, strict=True)):
            chunks[at].append(pa.array([cell_text(value) for value in values], type=pa.string()))
    return [pa.chunked_array(parts, type=pa.string()) for parts in chunks]


def _read_parquet(path: Path, name: str) -> Sheet:
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            name, [f"not a Parquet file, or damaged ({type(error).__name__})"]
        ) from None
    return _arrow_sheet(table, name)


def _read_duckdb(path: Path, query: str, name: str) -> Sheet:
    import duckdb

    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("SET enable_external_access = false")
            table = connection.execute(query).to_arrow_table()
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise InputError(name, [f"the query failed: {first}"]) from None
    return _arrow_sheet(table, name)


def _arrow_sheet(table: pa.Table, name: str) -> Sheet:
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    columns = [
        _arrow_text(table[at], field.type)
        for at, field in enumerate(table.schema)
        if field.name not in nested
    ]
    names = [field for field in table.column_names if field not in nested]
    return _sheet(columns, names, name)


def _arrow_text(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_dictionary(kind):
        values = pc.cast(values, kind.value_type)
        kind = kind.value_type
    if pa.types.is_floating(kind):
        plain = values.to_numpy()
        texts = np.array([cell_text(float(number)) for number in np.unique(plain)], dtype=object)
        at = np.searchsorted(np.unique(plain), plain)
        return pa.chunked_array([pa.array(texts[at] if len(texts) else [], type=pa.string())])
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pc.cast(values, pa.string(), safe=False)
    return pc.cast(values, pa.string())


def _sheet(columns: Iterable[pa.ChunkedArray], raw: list[str], name: str) -> Sheet:
    arrays = list(columns)
    names, repeated = unique_headers(raw)
    refuse_width(len(names), name)
    if not names:
        raise InputError(name, ["there is no column"])
    frame = text_frame(arrays, names)
    return Sheet(
        file=name, frame=frame, rows=np.arange(2, len(frame) + 2), repeated=repeated, typed=True
    )


def _bytes(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(name, [f"cannot be read: {error.strerror or error}"]) from None


def _beside(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return "nor does its folder"
    names = sorted(one.name for one in folder.iterdir() if one.is_file())[:10]
    return f"the folder holds {', '.join(names) or 'no files'}"
