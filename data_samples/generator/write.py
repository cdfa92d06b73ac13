"""Write tables to files so that the same content gives the same file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from planlib.tables import table as contract


def arrange(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns of a table's contract, in its order, that hold any value."""
    known = [column.name for column in contract(name).columns if column.name in frame.columns]
    filled = [column for column in known if frame[column].notna().any()]
    return frame[filled].reset_index(drop=True)


def write_csv(folder: Path, name: str, frame: pd.DataFrame, *, is_text: bool = False) -> None:
    """Write ``<name>.csv`` with dates as 2026-03-31 and numbers without needless digits."""
    text = frame if is_text else as_text(name, frame)
    folder.mkdir(parents=True, exist_ok=True)
    text.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")


def write_parquet(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Write ``<name>.parquet``, dictionary-encoded and compressed by zstd."""
    data = arrange(name, frame)
    fields = []
    for column in data.columns:
        kind = contract(name).by_name[column].kind
        types = {
            "date": pa.date32(),
            "timestamp": pa.timestamp("us"),
            "int": pa.int32(),
            "number": pa.float64(),
            "amount": pa.float64(),
            "share": pa.float64(),
            "score": pa.float64(),
            "bool": pa.bool_(),
        }
        fields.append(pa.field(column, types.get(kind, pa.string())))
    table = pa.Table.from_pandas(data, preserve_index=False).cast(pa.schema(fields), safe=False)
    table = table.replace_schema_metadata(None)
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        folder / f"{name}.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=True,
    )


def write_excel(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Write ``<name>.xlsx`` with one sheet."""
    import datetime

    import xlsxwriter

    data = arrange(name, frame)
    folder.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(folder / f"{name}.xlsx") as book:
        book.set_properties({"created": datetime.datetime(2026, 4, 1)})
        sheet = book.add_worksheet(name)
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, list(data.columns), bold)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(data.itertuples(index=False), start=1):
            for place, value in enumerate(row):
                if not pd.isna(value):
                    sheet.write(line, place, value)
        sheet.set_column(0, len(data.columns) - 1, 18)


def as_text(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Write every value as the text that stands in the file; empty columns are left out."""
    data = arrange(name, frame)
    columns = {}
    for column in data.columns:
        values = data[column]
        kind = contract(name).by_name[column].kind
        if values.dtype == object or str(values.dtype) == "str":
            columns[column] = values
        elif kind == "date":
            columns[column] = values.dt.strftime("%Y-%m-%d")
        elif kind == "timestamp":
            columns[column] = values.dt.strftime("%Y-%m-%d %H:%M")
        elif kind == "bool":
            columns[column] = values.astype("boolean").map({True: "true", False: "false"})
        elif kind in ("int", "number", "amount", "share", "score"):
            columns[column] = pd.Series(
                [None if pd.isna(one) else f"{round(float(one), 5):.10g}" for one in values],
                index=values.index,
                dtype="object",
            )
        else:
            columns[column] = values
    return pd.DataFrame(columns)
