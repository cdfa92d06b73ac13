"""Tables that an earlier version wrote: read with blanks for what it did not have, said once."""

from __future__ import annotations

import datetime
import logging
import shutil
from pathlib import Path

import pandas as pd
import pytest

import planlib
from planlib.clients import compare_cycles
from planlib.clients.differences import find_differences
from planlib.errors import TableError, WorkbookError
from planlib.exchange.audience import AudienceView
from planlib.store import frames
from planlib.store.atomic import write_json
from planlib.store.layout import CycleFolder
from planlib.store.resolve import table_path
from planlib.tables import TABLES, Column, Table

#: Table quota_levels as it was before it said which amounts stand for enough people.
OLDER = Path(__file__).parent / "data" / "older" / "quota_levels.parquet"
DAY = datetime.date(2025, 12, 31)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workbook whose last cycle was published by an earlier version."""
    found = tmp_path / "acme"
    found.mkdir()
    (found / "plan.yaml").write_text("as_of: 2026-03-31\n", encoding="utf-8")
    folder = CycleFolder(found, "2025Q4")
    path = folder.path / "r1"
    (path / "tables").mkdir(parents=True)
    shutil.copy(OLDER, path / "tables" / OLDER.name)
    write_json(path / "manifest.json", {"as_of": DAY.isoformat(), "steps": {}})
    folder.point_to(1)
    return found


def test_a_cycle_of_an_earlier_version_is_read(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What it has is there, the column that came later is unknown, and that is said once."""
    wb = planlib.open_workbook(root, "2026Q1")
    with caplog.at_level(logging.WARNING):
        found, again = wb.read("quota_levels"), wb.previous("quota_levels")
    assert again is not None
    pd.testing.assert_frame_equal(found, again)
    assert list(found.columns) == list(TABLES["quota_levels"].by_name)
    assert found["quota_amount"].tolist() == [1050.0, 630.0]
    assert found["is_group"].isna().all()
    said = [record.getMessage() for record in caplog.records if "quota_levels" in record.message]
    assert said == [
        "quota_levels in r1 was written by an earlier version, which did not have these columns; "
        "they are blank, not known: is_group"
    ]


def test_what_is_not_known_to_be_a_group_is_not_shown(root: Path) -> None:
    """An amount of which nobody can say how many people stand behind it stays hidden."""
    (root / "plan.yaml").write_text(
        "as_of: 2026-03-31\nreport: {audience: all, audiences: {all: {}, board: {sees: [pay]}}}\n"
    )
    wb = planlib.open_workbook(root, "2025Q4")
    assert AudienceView(wb).read("quota_levels")["quota_amount"].isna().all()
    assert AudienceView(wb, "board").read("quota_levels")["quota_amount"].notna().all()


def test_sql_gives_the_column_without_a_value(root: Path) -> None:
    """A query that names a column of today runs on the cycle of before."""
    wb = planlib.open_workbook(root, "2026Q1")
    found = wb.sql("SELECT node_id, is_group FROM quota_levels ORDER BY node_id")
    assert found["node_id"].tolist() == ["M-1", "company"]
    assert found["is_group"].isna().all()
    assert wb.relation("quota_levels").columns == list(TABLES["quota_levels"].by_name)


def test_cycles_of_two_versions_are_compared(root: Path) -> None:
    """The comparison runs, and says which column is not compared."""
    folder = CycleFolder(root, "2026Q1")
    now = TABLES["quota_levels"].adapt(pd.read_parquet(OLDER)).assign(is_group=True)
    now.loc[1, "name"] = "Bo Lee"
    frames.write_frame(table_path(folder.path / "r1", "quota_levels"), now)
    write_json(folder.path / "r1" / "manifest.json", {"as_of": "2026-03-31", "steps": {}})
    folder.point_to(1)
    counts = compare_cycles(root, "2025Q4", "2026Q1").found.counts.set_index("table")
    row = counts.loc["quota_levels"]
    assert (row["added"], row["left"], row["changed"]) == (0, 0, 1)
    assert row["note"] == "columns of one state alone are not compared: is_group"


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("accounts", "owner_id"), ("accounts", "name"), ("opportunities", "is_closed"),
        ("opportunities", "amount"), ("key_accounts", "is_key"), ("key_accounts", "reason"),
        ("territory_plan", "rep_id"), ("performance_matrix", "value"), ("rep_tiers", "tier"),
        ("rep_tiers", "reason"), ("reps", "name"),
    ],
)  # fmt: skip
def test_no_column_that_is_missing_ends_a_comparison(table: str, column: str) -> None:
    """Main figures and lists do without it; what rests on it is unknown, never zero."""
    names = ("accounts", "reps", "opportunities", "key_accounts", "territory_plan",
             "performance_matrix", "rep_tiers")  # fmt: skip
    now = {name: TABLES[name].adapt(pd.DataFrame({TABLES[name].key[0]: ["1"]})) for name in names}
    old = {**now, table: now[table].drop(columns=column)}
    found = find_differences(old, now, ("2025Q4", "2026Q1"), {})
    figures = found.figures.set_index("figure")["before"]
    unknown = {"owner_id": "Accounts without owner", "is_key": "Key accounts",
               "is_closed": "Open deals"}.get(column, "")  # fmt: skip
    assert figures["Accounts"] == 1
    assert not unknown or figures.isna()[unknown]
    assert found.key_accounts.empty
    assert found.owners.empty
    assert found.tiers.empty


def test_every_table_can_gain_and_lose_columns(tmp_path: Path) -> None:
    """For each table: without its required columns, and with one of before, it has its shape."""
    for name, table in TABLES.items():
        if table.role == "override":
            continue
        older = table.empty().reindex([0]).assign(gone="x")
        kept = [one for one in older.columns if one not in table.required[1:]]
        path = tmp_path / "r1" / "tables" / f"{name}.parquet"
        frames.write_frame(path, older[kept])
        found = frames.read_frame(path, table)
        assert list(found.columns) == list(table.by_name)
        assert [str(one) for one in found.dtypes] == [one.dtype for one in table.columns]
        assert found[list(table.required[1:])].isna().all().all()
        with pytest.raises(TableError, match="is unknown"):
            table.coerce(older)


def test_values_of_another_kind_are_named(tmp_path: Path) -> None:
    """A column whose kind has changed cannot be read; file and column are told."""
    path = tmp_path / "r1" / "tables" / "x.parquet"
    frames.write_frame(path, pd.DataFrame({"key": ["A"], "size": ["large"]}))
    table = Table("x", "output", "A table.", ("key",), (
        Column("key", "id", "Key", required=True), Column("size", "number", "Size"),
        Column("new", "text", "New", required=True),
    ))  # fmt: skip
    with pytest.raises(WorkbookError, match=r"x\.parquet was written by another version.*'size'"):
        frames.read_frame(path, table)
