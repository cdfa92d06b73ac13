"""Wrong cells and rows of every input table, made from its declaration: each is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from planlib.intake import Taken, read_inputs
from planlib.intake.row_rules import check_days, check_rows
from planlib.plan import parse_plan
from planlib.tables import TABLES, Column, Table, table

INPUTS = [one for one in TABLES.values() if one.role == "input"]
PLAN = "as_of: 2026-03-31\ncurrency: USD\n"
_PLAIN = {"number": "1", "amount": "1", "share": "0.5", "score": "50", "bool": "false"}


def good(one: Table, column: Column, row: int) -> str:
    """Give a value that a column allows; keys differ by row, references point to row 0."""
    if column.name in one.refs and column.name not in one.key:
        return f"{one.refs[column.name][0]}-0"
    if column.kind in ("id", "text"):
        return f"{one.name}-{row}" if column.name in one.key else column.example or "2026Q1"
    if column.kind == "category":
        return column.allowed[0]
    if column.kind == "int":
        return str(row) if column.name in one.key else str(int(max(column.bounds[0] or 0, 1)))
    if column.kind in ("date", "timestamp"):
        return f"{pd.Timestamp('2024-01-01') + pd.Timedelta(days=row):%Y-%m-%d}"
    low, high = column.bounds
    return str(low) if low and low > 1 else _PLAIN[column.kind]


def wrong_cells(one: Table) -> Iterator[tuple[str, str]]:
    """Give a column and a value that its declaration does not allow, or says is rare."""
    for column in one.columns:
        low, high = column.bounds
        if column.required:
            yield column.name, ""
        if column.kind == "category":
            yield column.name, "nonsense"
        if column.kind in ("int", "number", "amount", "share", "score"):
            yield column.name, "abc"
            yield from ((column.name, f"{value:g}") for value in (
                () if low is None else (low - 1,)) + (() if high is None else (high + 1, 80 * high)
                if column.kind == "share" else (high + 1,)))  # fmt: skip
        if column.kind == "int":
            yield column.name, f"{(low or 0) + 1.5:g}"
        if column.kind in ("date", "timestamp"):
            yield column.name, "2026-13-45"
        if column.kind == "bool":
            yield column.name, "maybe"
        if column.is_past:
            yield column.name, "2026-04-01"
        if column.below_zero:
            yield column.name, "-5"
        if column.at_zero:
            yield column.name, "0"
        if column.name in one.refs and column.name not in one.key:
            yield column.name, f"nobody-{column.name}"
    yield from ((last, "2023-01-01") for _, last in one.spans)


def take(folder: Path, *frames: tuple[str, pd.DataFrame]) -> Taken:
    """Take in a workbook with some tables as CSV files."""
    (folder / "inputs").mkdir(parents=True, exist_ok=True)
    (folder / "plan.yaml").write_text(PLAN)
    for name, frame in frames:
        frame.to_csv(folder / "inputs" / f"{name}.csv", index=False)
    return read_inputs(parse_plan(PLAN), folder)


def rows_of(one: Table, count: int) -> pd.DataFrame:
    """Make rows that a table allows, as text."""
    return pd.DataFrame([{column.name: good(one, column, row) for column in one.columns}
                         for row in range(count)])  # fmt: skip


@pytest.mark.parametrize("one", INPUTS, ids=lambda one: one.name)
def test_each_wrong_cell_of_each_input_is_named_with_its_row(tmp_path: Path, one: Table) -> None:
    """A row for each value that a declaration rules out: file, row, column, value, allowed."""
    cells = list(wrong_cells(one))
    frame = rows_of(one, len(cells) + 1)
    for row, (name, value) in enumerate(cells, start=1):
        frame.loc[row, name] = value
    others = {target: rows_of(TABLES[target], 1) for target, _ in one.refs.values()
              if target != one.name}  # fmt: skip
    found = take(tmp_path, (one.name, frame), *others.items()).quarantine
    mine = found[found["table"] == one.name]
    told = {(row, name) for row, names in zip(mine["row"], mine["column"], strict=True)
            for name in str(names).split(", ")}  # fmt: skip
    silent = [cell for row, cell in enumerate(cells, start=3) if (row, cell[0]) not in told]
    assert silent == []
    assert (mine["allowed"].fillna("") != "").all()
    assert (mine["file"] == f"{one.name}.csv").all()


@pytest.mark.parametrize("one", INPUTS, ids=lambda one: one.name)
def test_rows_that_a_declaration_allows_are_not_named(tmp_path: Path, one: Table) -> None:
    """Two good rows, with what they point to, give no finding on values."""
    frames = {target: rows_of(TABLES[target], 1) for target, _ in one.refs.values()}
    frames[one.name] = rows_of(one, 2 if one.key else 1)
    mine = take(tmp_path, *frames.items()).quarantine
    mine = mine[(mine["table"] == one.name) & ~mine["rule"].str.startswith("not found in ")]
    assert mine.empty, mine[["column", "value", "rule"]].to_dict("records")


def spend(*amounts: float) -> pd.DataFrame:
    """Make spend on one account of so many amounts."""
    return table("account_spend").coerce(pd.DataFrame({
        "spend_id": [f"S{at}" for at in range(len(amounts))], "account_id": "A",
        "spend_date": "2026-01-05", "amount": amounts}))  # fmt: skip


def origin_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Say that each row came from one file."""
    return pd.DataFrame({"file": "spend.csv", "sheet": "", "row": range(2, len(frame) + 2)})


def test_money_paid_back_and_spend_of_nothing_are_remarks_and_stay() -> None:
    """Below 0 lowers the cost and 0 has no effect; both are named once, with row and value."""
    frame = spend(100.0, -30.0, 0.0)
    found = check_rows(table("account_spend"), frame, origin_of(frame))
    assert found[["row", "column", "value", "rule", "severity"]].to_numpy().tolist() == [
        [3, "amount", "-30", "below 0: paid back, so it lowers the cost of the account", "note"],
        [4, "amount", "0", "0: nothing was spent, so the row has no effect", "note"],
    ]


def test_later_days_are_one_remark_a_column_however_many_they_are() -> None:
    """Three days after an early as-of date are named by the first one and their number."""
    frame = spend(1.0, 2.0, 3.0)
    found = check_days(table("account_spend"), frame, origin_of(frame), date(2026, 1, 1))
    assert (len(found), found["row"].item(), found["value"].item()) == (1, 2, "2026-01-05")
    assert found["rule"].item() == "after the as-of date 2026-01-01 (3 rows, this is the first)"
    assert check_days(table("account_spend"), frame, origin_of(frame), date(2026, 1, 5)).empty


def test_events_that_stand_there_twice_are_named_and_both_are_kept(tmp_path: Path) -> None:
    """Leave of an expert has no key, so the same row again is told and not dropped."""
    leave = pd.DataFrame({"expert_id": ["E1", "E1", "E1"], "start_date": ["2026-05-01"] * 3,
                          "end_date": ["2026-05-02", "2026-05-03", "2026-05-02"]})  # fmt: skip
    taken = take(tmp_path, ("expert_leave", leave))
    found = taken.quarantine
    assert found["rule"].tolist() == ["the same as an earlier row in every column"]
    assert (found["row"].item(), found["value"].item()) == (4, "E1 | 2026-05-01 | 2026-05-02")
    assert len(taken.tables["expert_leave"]) == 3
