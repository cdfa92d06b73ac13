"""Blank and contradictory cells of deals: told with their cell, and no row is lost."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from planlib.intake import Taken, read_inputs
from planlib.intake.deal_rules import check_deals
from planlib.plan import parse_plan
from planlib.tables import TABLES

PLAN = "as_of: 2026-03-31\ncurrency: USD\n"
HEADER = "opportunity_id,account_id,stage,probability,amount,close_date,is_closed,is_won\n"
GOOD = (
    "D1,A1,Closed Won,1,100,2026-03-10,true,true\n"
    "D2,A2,Closed Lost,0,200,2026-03-11,true,false\n"
    "D3,A1,Negotiation,0.6,300,2026-06-30,false,false\n"
)


def take(folder: Path, deals: str, header: str = HEADER, plan: str = PLAN) -> Taken:
    """Take in a workbook with one file of deals."""
    (folder / "inputs").mkdir(parents=True, exist_ok=True)
    (folder / "plan.yaml").write_text(plan)
    (folder / "inputs" / "opportunities.csv").write_text(header + deals)
    return read_inputs(parse_plan(plan), folder)


def told(taken: Taken) -> list[tuple[int, str, str, str]]:
    """Give row, column, value and rule of each finding."""
    columns = ["row", "column", "value", "rule"]
    return list(taken.quarantine[columns].itertuples(index=False, name=None))


def test_deals_that_agree_give_no_finding(tmp_path):
    """Closed deals with a day, open ones without a closed stage, all with an account."""
    assert told(take(tmp_path, GOOD)) == []


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("D4,,Proposal,0.4,50,2026-06-30,false,false",
         ("account_id", "", "blank, so the deal counts for no account")),
        ("D4,A1,Closed Lost,60%,50,2026-02-01,true,false",
         ("probability", "60%", "the deal is lost, and its probability says open")),
        ("D4,A1,Closed Won,0.9,50,2026-02-01,true,true",
         ("probability", "90%", "the deal is won, and its probability says open")),
        ("D4,A1,Closed Won,1,50,,true,true",
         ("close_date", "", "won without a close date, so the deal counts in no period")),
        ("D4,A1,Closed Lost,0,50,,true,false",
         ("close_date", "", "lost without a close date, so the deal counts in no period")),
        ("D4,A1,Proposal,1,50,2026-02-01,false,true",
         ("is_closed", "false", "the deal is won, and not closed")),
        ("D4,A1,Closed Lost,0.6,50,2026-06-30,false,false",
         ("stage", "Closed Lost", "the stage says lost, and the deal counts as open")),
        ("D4,A1,closed-won,0,50,2026-02-01,true,false",
         ("stage", "closed-won", "the stage says won, and the deal counts as lost")),
        ("D4,A1,输单,1,50,2026-02-01,true,true",
         ("stage", "输单", "the stage says lost, and the deal counts as won")),
        ("D4,A1,Closed,0.5,50,2026-06-30,,",
         ("stage", "Closed",
          "the stage says closed, and the deal counts as neither open nor closed")),
        ("D4,A1,Closed Won,,50,2026-06-30,true,",
         ("stage", "Closed Won", "the stage says won, and the deal counts as closed")),
    ],
)  # fmt: skip
def test_each_blank_or_contradiction_is_one_note_and_the_row_stays(tmp_path, row, found):
    """File, row, column, value, rule and what is allowed are told, with the money of the row."""
    taken = take(tmp_path, GOOD + row + "\n")
    assert told(taken) == [(5, *found)]
    one = taken.quarantine.iloc[0]
    assert (one["table"], one["file"], one["severity"]) == (
        "opportunities", "opportunities.csv", "note",
    )  # fmt: skip
    assert one["amount_at_stake"] == 50
    assert "the row is kept" in one["allowed"]
    assert len(taken.tables["opportunities"]) == 4
    assert taken.summary["rows_quarantined"].tolist() == [0]
    TABLES["quarantine"].check(taken.quarantine)


def test_a_stage_that_only_begins_like_a_closed_one_is_no_contradiction(tmp_path):
    """A label counts as a whole: verbally won is still open."""
    rows = "".join(
        f"E{at},A1,{stage},0.6,50,2026-06-30,false,false\n"
        for at, stage in enumerate(("Verbally won", "Closing", "Won back", "Lost contact"))
    )
    assert told(take(tmp_path, GOOD + rows)) == []


def test_a_closed_stage_is_told_where_the_source_has_no_columns_for_closed(tmp_path):
    """Probability decides, and a deal lost by its label alone does not pass in silence as open."""
    header = "opportunity_id,stage,probability,amount,close_date\n"
    taken = take(tmp_path, "D1,Closed Lost,60%,5,2026-02-01\n", header)
    rules = taken.quarantine["rule"].tolist()
    assert "the stage says lost, and the deal counts as open" in rules
    assert any(rule.startswith("closed and won were worked out") for rule in rules)


@pytest.mark.parametrize("column", ["account_id", "close_date"])
def test_a_column_that_nobody_fills_is_no_fault_of_single_deals(tmp_path, column):
    """Computability says that it is missing; it is not repeated for every row."""
    frame = pd.DataFrame(
        [line.split(",") for line in GOOD.splitlines()], columns=HEADER.strip().split(",")
    )
    text = frame.assign(**{column: ""}).to_csv(index=False, header=False)
    assert told(take(tmp_path, text)) == []


def test_a_cell_that_cannot_be_read_is_told_once(tmp_path):
    """A wrong date was left out; that it is blank since then is not a second finding."""
    found = told(take(tmp_path, GOOD + "D4,A1,Closed Won,1,50,2026-02-31,true,true\n"))
    assert [(row, column, rule) for row, column, _, rule in found] == [
        (5, "close_date", "not a date")
    ]


def test_the_column_is_named_as_in_the_source(tmp_path):
    """A person looks for the header that the file has."""
    header = HEADER.replace("account_id", "Account Id")
    found = told(take(tmp_path, GOOD + "D4,,Proposal,0.4,50,2026-06-30,false,false\n", header))
    assert found[0][:2] == (5, "Account Id")


def test_each_cell_of_money_without_a_rate_is_told_with_its_amount(tmp_path):
    """Row, column and money of every cell, not of the first column of money alone."""
    header = "opportunity_id,amount,created_amount,currency\n"
    deals = "D1,100,90,USD\nD2,1234.5,1000,EUR\nD3,,70,EUR\nD4,,,EUR\n"
    taken = take(tmp_path, deals, header)
    rule = "no rate for EUR in plan.yaml"
    assert told(taken) == [
        (3, "amount", "1234.5 EUR", rule),
        (3, "created_amount", "1000 EUR", rule),
        (4, "created_amount", "70 EUR", rule),
    ]
    assert taken.quarantine["file"].eq("opportunities.csv").all()
    assert taken.summary["cells_left_out"].tolist() == [3]
    assert taken.tables["opportunities"]["amount"].notna().tolist() == [True, False, False, False]


def test_the_order_of_rows_does_not_matter():
    """The same deals in another order give the same findings."""
    deals = TABLES["opportunities"].coerce(pd.DataFrame({
        "opportunity_id": ["D1", "D2", "D3", "D4"], "account_id": ["A1", None, None, "A2"],
        "stage": ["Closed Won", "Won", "Lost", "Open"], "probability": [0.5, 1.0, 0.0, 0.5],
        "close_date": [datetime.date(2026, 1, 5), None, None, datetime.date(2026, 5, 5)],
        "is_closed": [True, True, True, False], "is_won": [True, True, False, False],
    }))  # fmt: skip
    origin = pd.DataFrame({"file": "x.csv", "sheet": "", "row": range(2, 6)})
    plain = check_deals(deals, deals, origin)
    turned = [3, 1, 0, 2]
    mixed_deals = deals.iloc[turned].reset_index(drop=True)
    mixed = check_deals(mixed_deals, mixed_deals, origin.iloc[turned].reset_index(drop=True))
    place = ["column", "row", "rule"]
    assert len(plain) == 5
    assert set(plain[place].itertuples(index=False)) == set(mixed[place].itertuples(index=False))


def test_no_deal_gives_no_finding():
    """An empty table is in order."""
    empty = TABLES["opportunities"].empty()
    assert check_deals(empty, empty, pd.DataFrame(columns=["file", "sheet", "row"])).empty
