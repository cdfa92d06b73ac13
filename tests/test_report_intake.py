"""The report's section on intake: what was assumed or noticed is listed by kind."""

from __future__ import annotations

import html
from pathlib import Path

import pandas as pd
import pytest

from planlib.exchange.audience import AudienceView
from planlib.report import intake as report
from planlib.report.parts import Listing
from planlib.store import Workbook
from planlib.tables import table
from tests.report_workbook import make_workbook

SUMMARY = pd.DataFrame({"table": ["opportunities"], "rows_read": [40], "rows_kept": [40],
                        "rows_quarantined": [0]})  # fmt: skip


def make_remarks(*rows: dict[str, object]) -> pd.DataFrame:
    """Give remarks on deals; what is not said is blank."""
    plain = {"table": "opportunities", "file": "deals.csv", "row": 2, "column": "account_id",
             "value": "A-1", "rule": "not in accounts", "severity": "note",
             "amount_at_stake": 100.0}  # fmt: skip
    return table("quarantine").coerce(pd.DataFrame([{**plain, **one} for one in rows]))


def workbook_with(folder: Path, remarks: pd.DataFrame, plan: str = "") -> Workbook:
    """A cycle in which intake made some remarks."""
    workbook = make_workbook(folder, plan)
    workbook.write("intake_summary", table("intake_summary").coerce(SUMMARY))
    workbook.write("quarantine", remarks)
    return workbook


def remarks_of(workbook: Workbook, audience: str | None = None) -> Listing | None:
    """Give the listing of remarks of the section, or None."""
    section = report.section(AudienceView(workbook, audience))
    assert section is not None
    found = [one for one in section.blocks if isinstance(one, Listing)]
    return next((one for one in found if one.name == "Intake remarks"), None)


def test_remarks_are_counted_by_kind_with_their_first_rows(tmp_path: Path) -> None:
    """Cases that differ in figures alone are one kind; what was set aside is no remark."""
    remarks = make_remarks(
        *({"row": 3 + one, "value": f"A-{one}", "rule": f"not in accounts ({one + 1:,} rows)"}
          for one in range(8)),
        {"row": None, "file": None, "column": None, "value": None, "amount_at_stake": None,
         "rule": "closed and won were worked out from the stage"},
        {"row": 30, "rule": "not a number", "severity": "cell"},
    )  # fmt: skip
    listing = remarks_of(workbook_with(tmp_path / "wb", remarks))
    assert listing is not None
    rows = listing.frame.set_index("remark_count")
    assert rows.loc[8, "rule"] == "not in accounts (1 rows)"
    assert rows.loc[8, "value"] == "A-0"
    assert rows.loc[8, "place_name"] == "deals.csv row 3; also in rows 4, 5, 6, 7, 8 and 2 more"
    assert rows.loc[8, "amount_at_stake"] == 800
    assert rows.loc[1, "place_name"] == ""
    assert pd.isna(rows.loc[1, "amount_at_stake"])
    assert len(rows) == 2
    assert listing.title == "What intake assumed or noticed: remarks 9, kinds 2"
    assert "closed and won were worked out" in html.unescape(listing.__html__())


def test_the_order_of_remarks_does_not_change_their_kinds(tmp_path: Path) -> None:
    """The kinds with most remarks come first, whatever the order of the tables."""
    remarks = make_remarks({}, {"rule": "b", "row": 5}, {"rule": "b", "row": 6})
    first = remarks_of(workbook_with(tmp_path / "a", remarks))
    other = remarks_of(workbook_with(tmp_path / "b", remarks.iloc[[1, 2, 0]]))
    assert first is not None
    assert other is not None
    assert first.frame["rule"].tolist() == ["b", "not in accounts"]
    pd.testing.assert_frame_equal(first.frame, other.frame)


def test_without_remarks_there_is_no_listing(tmp_path: Path) -> None:
    """Rows set aside alone give no empty table."""
    bad = make_remarks({"severity": "row"})
    assert remarks_of(workbook_with(tmp_path / "wb", bad)) is None


@pytest.mark.parametrize(("audience", "is_told"), [("few", False), ("people", True)])
def test_values_of_tables_with_hidden_columns_are_not_told(
    tmp_path: Path, audience: str, is_told: bool
) -> None:
    """A value of table reps may stand in a column that the audience may not see."""
    sees = "{few: {sees: []}, people: {sees: [pay, rank, retention, contact]}}"
    plan = f"report: {{audience: few, audiences: {sees}}}\n"
    remarks = make_remarks({"table": "reps", "value": "secret"})
    listing = remarks_of(workbook_with(tmp_path / "wb", remarks, plan), audience)
    assert listing is not None
    assert "not in accounts" in listing.__html__()
    assert ("secret" in listing.__html__()) is is_told


def test_what_is_missing_unlocks_and_what_it_would_add_is_what_was_not_computed(
    tmp_path: Path,
) -> None:
    """The columns to supply stand under what unlocks, not what a reader would gain by them."""
    workbook = workbook_with(tmp_path / "acme", make_remarks({}))
    rows = [
        {"step": "05_key_accounts", "section": "cost", "can_compute": "weaker",
         "method": "hours alone", "missing": "account_spend", "unlocks": "money spent"},
        {"step": "05_key_accounts", "section": "capability", "can_compute": "no",
         "missing": "needs.skill_hours", "unlocks": "where experts are short"},
        {"step": "06_pipeline", "section": "matrix", "can_compute": "yes"},
    ]  # fmt: skip
    workbook.write("computability", table("computability").coerce(pd.DataFrame(rows)))
    section = report.section(AudienceView(workbook))
    assert section is not None
    assert [(gap.what, gap.because, gap.unlock) for gap in section.gaps] == [
        ("cost: money spent", "not in the data; instead: hours alone", "account_spend"),
        ("capability: where experts are short", "not in the data", "needs.skill_hours"),
    ]
    assert [gap.missing for gap in section.gaps] == [{"account_spend"}, {"needs.skill_hours"}]
