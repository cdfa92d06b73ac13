"""Figures of one published cycle, cell by cell: in packs, Excel files of steps, and report."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from planlib.displays.values import Format, write
from planlib.exchange.packs.columns import (
    BALANCE,
    KEY_ACCOUNTS,
    QUOTAS,
    TERRITORIES,
    balance_columns,
    key_account_columns,
    quota_columns,
    territory_columns,
)
from planlib.store import Workbook
from planlib.tables import TABLES

#: One figure: table, key of the row, column.
Place = tuple[str, str, str]
_STEPS = {"territory_plan": "03_territories", "territory_balance": "03_territories",
          "territory_reps": "03_territories", "quota_levels": "04_quotas",
          "key_accounts": "05_key_accounts"}  # fmt: skip
_KEYS = {"territory_plan": ("account_id",), "territory_balance": ("rep_id", "measure"),
         "territory_reps": ("rep_id",), "quota_levels": ("node_id",),
         "key_accounts": ("account_id",)}  # fmt: skip
#: Tables of the report: title, table, who a row is about, and its figures by header.
REPORT: tuple[tuple[str, str, str, dict[str, tuple[str, Format]]], ...] = (
    ("What the plan means for each rep", "territory_reps", "reps",
     {"Accounts today": ("before_count", "count"), "In the plan": ("after_count", "count"),
      "Gained": ("gained_count", "count"),
      "Lost to others": ("lost_count", "count")}),
    ("What the plan means for each rep", "territory_balance", "reps",
     {"Potential off target": ("deviation_after|potential", "share"),
      "Workload hours off target": ("deviation_after|workload_hours", "share")}),
    ("Accounts that change owner", "territory_plan", "accounts",
     {"ACV": ("acv", "amount"), "Potential": ("potential", "amount")}),
    ("Target, bottom-up and quotas by level", "quota_levels", "reps",
     {"Blended target": ("target_amount", "amount"), "Stretch": ("stretch", "number"),
      "Bottom up amount": ("bottom_up_amount", "amount"),
      "Quotas of the plan": ("quota_amount", "amount")}),
    ("Key accounts by score", "key_accounts", "accounts",
     {"Score": ("score", "score"), "Sales": ("sales_amount", "amount"),
      "Place": ("rank", "count")}),
)  # fmt: skip


def pack_figures(files: list[Path], currency: str, measures: list[str]) -> dict[Place, Any]:
    """Give every figure of the packs that stands in a table of the cycle too."""
    found: dict[Place, Any] = {}
    for path in files:
        book = openpyxl.load_workbook(path, read_only=True)
        for name, table, columns in (
            (TERRITORIES, "territory_plan", territory_columns(currency)),
            (BALANCE, "territory_reps", balance_columns(currency, measures)),
            (QUOTAS, "quota_levels", quota_columns(currency)),
            (KEY_ACCOUNTS, "key_accounts", key_account_columns(currency)),
        ):
            if name not in book.sheetnames:
                continue
            names = {column.header: column.name for column in columns}
            head, *rows = book[name].iter_rows(values_only=True)
            for row in rows:
                named = {names[str(one)]: cell for one, cell in zip(head, row, strict=True)}
                for place, value in _placed(table, str(row[0]), named):
                    assert found.setdefault(place, value) == value, place  # packs agree
    return found


def _placed(table: str, key: str, row: dict[str, Any]) -> Iterator[tuple[Place, Any]]:
    if table == "quota_levels" and row.get("kind") not in ("own team", "team below"):
        return
    known = TABLES[table].by_name
    for name, value in row.items():
        measure, _, what = name.rpartition("_")
        if table == "territory_reps" and what in ("after", "target", "deviation"):
            column = "deviation_after" if what == "deviation" else what
            yield ("territory_balance", f"{key}|{measure}", column), value
        elif name in known and name != "kind" and known[name].kind not in ("text", "id"):
            yield (table, key, name), value


def table_figures(wb: Workbook) -> dict[Place, Any]:
    """Give every figure as the notebooks wrote it."""
    return {place: value for name in _STEPS for place, value in _cells(name, wb.read(name))}


def excel_figures(wb: Workbook, folder: Path) -> dict[Place, Any]:
    """Give every figure as it stands in the Excel files of the steps."""
    found: dict[Place, Any] = {}
    for name, step in _STEPS.items():
        book = openpyxl.load_workbook(folder / f"{step}.xlsx", read_only=True)
        head, *rows = book[name].iter_rows(values_only=True)
        found |= dict(_cells(name, pd.DataFrame(rows, columns=list(head))))
    return found


def _cells(table: str, frame: pd.DataFrame) -> Iterator[tuple[Place, Any]]:
    for row in frame.to_dict("records"):
        key = "|".join(str(row[name]) for name in _KEYS[table])
        for name, value in row.items():
            yield (table, key, str(name)), value


def report_figures(wb: Workbook, page: str) -> list[tuple[Place, str, Format]]:
    """Give the figures of the report's tables on people and accounts, as they are written."""
    ids = {
        "reps": _ids(wb.read("reps"), "rep_id") | {"Company": "company"},
        "accounts": _ids(wb.read("accounts"), "account_id"),
    }
    found = []
    tables = _Tables(page).tables
    for title, table, who, columns in REPORT:
        rows = next((rows for rows in tables if rows and rows[0][:1] == [title]), [])
        at = next((n for n, row in enumerate(rows) if len(row) > 2), len(rows))
        for row in rows[at + 1 :]:
            key = ids[who].get(row[0]) if row else None
            for header, (column, kind) in columns.items():
                place = next((n for n, text in enumerate(rows[at]) if text.startswith(header)), -1)
                if key is None or place < 0 or place >= len(row):
                    continue
                name, _, measure = column.partition("|")
                full = f"{key}|{measure}" if measure else key
                found.append(((table, full, name), row[place], kind))
    return found


def _ids(frame: pd.DataFrame, key: str) -> dict[str, str]:
    """Ids by name, of names that only one has."""
    known = frame[frame["name"].notna() & ~frame["name"].duplicated(keep=False)]
    return dict(zip(known["name"].astype(str), known[key].astype(str), strict=True))


def same(one: Any, other: Any) -> bool:
    """Tell whether two cells hold the same: both blank, or the same to nine digits."""
    if pd.isna(one) or pd.isna(other):
        return bool(pd.isna(one) and pd.isna(other))
    if isinstance(one, str) or isinstance(other, str):
        return str(one) == str(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return bool(one) == bool(other)
    return abs(float(one) - float(other)) <= 1e-9 * max(abs(float(one)), abs(float(other)), 1.0)


def written(value: Any, kind: Format) -> str:
    """Write a figure as the report does."""
    return write(None if pd.isna(value) else value, kind)


class _Tables(HTMLParser):
    """The tables of a page as rows of texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._cell: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            text = self._cell.replace(
                "\N{NO-BREAK SPACE}", " "
            )  # keeps a figure and its unit together
            self.tables[-1][-1].append(text.strip())
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell += data
