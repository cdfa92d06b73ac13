"""What changed between two cycles, by hand-made states and by published revisions."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from planlib.clients import compare_cycles, comparison_lines, write_comparison
from planlib.clients.differences import Differences, find_differences
from planlib.errors import PeriodError, WorkbookError
from planlib.store.frames import write_frame
from planlib.store.layout import CycleFolder
from planlib.store.resolve import table_path
from planlib.tables import TABLES


def make_state(**changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Three accounts, two reps, two deals, a key account, a tier."""
    frames = {
        "accounts": pd.DataFrame(
            {"account_id": ["A1", "A2", "A3"], "name": ["Ant", "Bee", "Cat"],
             "owner_id": ["R1", "R2", None], "acv": [1.0, 2.0, None]}
        ),
        "reps": pd.DataFrame({"rep_id": ["R1", "R2"], "name": ["Kim", "Lee"], "quota": [5.0, 6.0]}),
        "opportunities": pd.DataFrame(
            {"opportunity_id": ["O1", "O2"], "is_closed": [False, True], "amount": [10.0, 20.0]}
        ),
        "key_accounts": pd.DataFrame(
            {"account_id": ["A1", "A2"], "stratum": ["s", "s"], "score": [80.0, 40.0],
             "known_weight": [1.0, 1.0], "is_key": [True, False], "reason": ["top", "below"]}
        ),
        "rep_tiers": pd.DataFrame(
            {"rep_id": ["R1", "R1"], "month_date": ["2026-01-31", "2026-02-28"],
             "tier": ["A", "B"], "reason": ["", ""]}
        ),
    } | changes  # fmt: skip
    return {
        name: TABLES[name].coerce(with_required(name, frame)) if name != "rep_tiers" else frame
        for name, frame in frames.items()
    }


def with_required(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Add required columns that do not matter here."""
    missing = {
        column.name: (column.allowed or ("1",))[0]
        for column in TABLES[name].columns
        if column.required and column.name not in frame
    }
    return frame.assign(**missing)


def compare(before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame]) -> Differences:
    """Compare two states of 2026Q1 and 2026Q2."""
    hidden = {"reps": ["quota"]}
    return find_differences(before, after, ("2026Q1", "2026Q2"), hidden)


def changed_state() -> dict[str, pd.DataFrame]:
    """Change A1's owner, drop A3, add A4, win the key account's place for A2, move R1 up."""
    return make_state(
        accounts=pd.DataFrame(
            {"account_id": ["A4", "A2", "A1"], "name": ["Dog", "Bee", "Ant"],
             "owner_id": ["R1", "R2", "R2"], "acv": [None, 2.0, 1.0]}
        ),
        reps=pd.DataFrame({"rep_id": ["R1", "R2"], "name": ["Kim", "Lee"], "quota": [9.0, 6.0]}),
        key_accounts=pd.DataFrame(
            {"account_id": ["A1", "A2"], "stratum": ["s", "s"], "score": [30.0, 90.0],
             "known_weight": [1.0, 1.0], "is_key": [False, True], "reason": ["below", "top"]}
        ),
        rep_tiers=pd.DataFrame(
            {"rep_id": ["R1"], "month_date": ["2026-05-31"], "tier": ["A"], "reason": ["won more"]}
        ),
    )  # fmt: skip


def test_equal_states_do_not_differ() -> None:
    """The same state, in another order of rows, shows no change in any part."""
    before = make_state()
    after = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in before.items()}
    found = compare(before, after)
    assert found.counts[["added", "left", "changed"]].to_numpy().sum() == 0
    assert [len(one) for one in (found.owners, found.key_accounts, found.tiers, found.cells)] == [
        0
    ] * 4
    known = found.figures.dropna(subset=["before"])
    assert (known["change"] == 0).all()


def test_rows_are_counted_by_key() -> None:
    """A4 came, A3 went, A1 has another owner: each is counted and listed once."""
    found = compare(make_state(), changed_state())
    row = found.counts.set_index("table").loc["accounts"]
    assert (row["added"], row["left"], row["changed"]) == (1, 1, 1)
    cells = found.cells[found.cells["table"] == "accounts"].set_index("key")
    assert dict(zip(cells.index, cells["state"], strict=True)) == {
        "A4": "added",
        "A3": "left",
        "A1": "changed",
    }
    assert tuple(cells.loc["A1", ["column", "before", "after"]]) == ("owner_id", "R1", "R2")


def test_owners_key_accounts_and_tiers_are_told_by_name() -> None:
    """Only an account that both states have can be moved."""
    found = compare(make_state(), changed_state())
    assert found.owners[["account_id", "name", "owner_after"]].to_numpy().tolist() == [
        ["A1", "Ant", "R2"]
    ]
    assert dict(
        zip(found.key_accounts["account_id"], found.key_accounts["change"], strict=True)
    ) == {
        "A1": "out",
        "A2": "in",
    }
    assert found.tiers.iloc[0].tolist() == ["R1", "Kim", "B", "A", "won more"]


def test_a_column_that_the_reader_may_not_see_is_not_compared() -> None:
    """The quota of R1 changed, and neither the figure nor the fact is shown."""
    found = compare(make_state(), changed_state())
    assert found.counts.set_index("table").loc["reps", "changed"] == 0
    assert "quota" not in set(found.cells["column"])


def test_what_a_state_lacks_is_unknown_not_zero() -> None:
    """Without opportunities there is no open amount, and no change of it."""
    after = make_state()
    del after["opportunities"]
    figures = compare(make_state(), after).figures.set_index("figure")
    assert figures.loc["Open amount", "before"] == 10
    assert figures.loc["Open amount", ["after", "change"]].isna().all()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Publish the two states as two cycles."""
    (tmp_path / "plan.yaml").write_text("name: Acme <b>\ncurrency: EUR\n")
    for cycle, state, day in (
        ("2026Q1", make_state(), "2026-03-31"),
        ("2026Q2", changed_state(), "2026-06-30"),
    ):
        folder = CycleFolder(tmp_path, cycle)
        for name in ("accounts", "reps", "opportunities", "key_accounts"):
            write_frame(table_path(folder.path / "r1", name), state[name])
        (folder.path / "r1" / "manifest.json").write_text(json.dumps({"as_of": day}))
        folder.point_to(1)
    return tmp_path


def test_published_cycles_are_compared_and_written(root: Path) -> None:
    """Text, Excel and HTML say the same; names are escaped."""
    found = compare_cycles(root, "2026Q1", "2026Q2")
    lines = comparison_lines(found)
    assert lines[0] == "Acme <b>: 2026Q1/r1, as of 2026-03-31 against 2026Q2/r1, as of 2026-06-30"
    assert "Accounts without owner: 1 -> 0 accounts (-1); accounts with a blank owner_id" in lines
    assert "  accounts: 1 added, 1 left, 1 changed" in lines
    write_comparison(found, root / "out.xlsx")
    write_comparison(found, root / "out.html")
    book = openpyxl.load_workbook(root / "out.xlsx")
    figures = {row[0]: row[3:6] for row in book["Main figures"].iter_rows(values_only=True)}
    assert figures["Accounts without owner"] == (1, 0, -1)
    page = (root / "out.html").read_text(encoding="utf-8")
    assert "Acme &lt;b&gt;: what changed" in page
    assert "<b>" not in page
    assert page.count("<table>") == page.count('<div class="wide"><table>') > 0
    assert 'name="viewport"' in page
    assert book.properties.created.date() == datetime.date(2026, 6, 30)


def test_a_cycle_that_is_not_there_is_named(root: Path) -> None:
    """With those that are; a path is no cycle."""
    with pytest.raises(WorkbookError, match="2025Q4 has not been published; there are 2026Q1/r1"):
        compare_cycles(root, "2025Q4", "2026Q1")
    with pytest.raises(WorkbookError, match="2026Q1/r7 has not been published"):
        compare_cycles(root, "2026Q1/r7", "2026Q1")
    with pytest.raises((WorkbookError, PeriodError), match=r"\.\."):
        compare_cycles(root, "..", "2026Q1")
    with pytest.raises(WorkbookError, match=r"written to \.xlsx or \.html"):
        write_comparison(compare_cycles(root, "2026Q1", "2026Q2"), root / "out.pdf")
