"""A small workbook with text that tries to break out, for tests of report and Excel files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from planlib.store import Workbook, open_workbook
from planlib.tables import TABLES
from planlib.tables.contract import Sensitive

AS_OF = "2026-03-31"


def make_workbook(folder: Path, plan: str = "") -> Workbook:
    """A workbook with settings and no tables, opened for 2026Q1."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.yaml").write_text(f"name: Acme\n{plan}", encoding="utf-8")
    return open_workbook(folder, "2026Q1", as_of=AS_OF)


def example_rows(table: str, text: str) -> pd.DataFrame:
    """Two rows of a table that keep its contract; every free text is the given one."""
    contract = TABLES[table]
    data: dict[str, object] = {}
    for column in contract.columns:
        low, high = column.bounds
        if column.allowed:
            values: list[object] = [column.allowed[-1], column.allowed[0]]
        elif column.kind == "id":
            values = [f"{text}1", f"{text}2"] if column.name in contract.key else [text, text]
        elif column.kind in ("text", "category"):
            values = [text, f"{text} 2"]
        elif column.kind in ("date", "timestamp"):
            values = [pd.Timestamp("2026-01-05"), pd.Timestamp("2026-02-09")]
        elif column.kind == "bool":
            values = [True, False]
        else:
            first = max(low or 1, 1)
            values = [first, min(first + 1, high) if high is not None else first + 1]
            if column.kind != "int" and high is not None and high <= 1:
                values = [0.25, 0.75]
        data[column.name] = values
    return pd.DataFrame(data)


def mark_sensitive(monkeypatch: pytest.MonkeyPatch, kind: Sensitive) -> tuple[str, str]:
    """Declare a text column of some output table as sensitive; give table and column."""
    name = "pipeline_attention"
    table = TABLES[name]
    columns = tuple(
        replace(column, sensitive=kind) if column.name == "owner" else column
        for column in table.columns
    )
    monkeypatch.setitem(TABLES, name, replace(table, columns=columns))
    return name, "owner"
