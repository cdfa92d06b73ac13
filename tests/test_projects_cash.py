"""Tests of planlib.projects.cash: milestones that add up to contracts and to the project line."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.pipeline.deals import prepare_deals
from planlib.pipeline.movement import read_projects
from planlib.projects import cash_by_milestone, cash_totals, check_payments
from planlib.projects.cash import tracked_total
from planlib.settings.projects import ProjectsSettings
from planlib.tables import table
from tests.project_frames import AS_OF, make_deals, make_payments, make_projects

SETTINGS = ProjectsSettings()
SIGNED = {"status": "won", "contract_amount": 1000.0, "contract_date": "2025-06-01"}


def cash_of(payments: pd.DataFrame, *projects: dict[str, object]) -> pd.DataFrame:
    """Give the milestones of signed projects."""
    rows = make_projects(*({**SIGNED, **row} for row in projects or ({},)))
    line = read_projects(rows, payments, prepare_deals(make_deals({}, {})), AS_OF)
    return cash_by_milestone(line, payments, SETTINGS, AS_OF)


def test_a_milestone_is_due_received_and_overdue() -> None:
    """300 due on 31 January, 100 received: 200 are overdue for 59 days, 700 are not scheduled."""
    paid = make_payments(
        {"due_amount": 300.0, "received_amount": 100.0, "received_date": "2026-02-10"}
    )
    cash = cash_of(paid).set_index("milestone")
    assert cash.loc["advance", ["due_amount", "due_now_amount", "received_amount"]].tolist() == [
        300, 300, 100]  # fmt: skip
    assert cash.at["advance", "overdue_amount"] == 200
    assert cash.at["advance", "overdue_days"] == 59
    assert cash.at["advance", "age_class"] == "31 to 90 days"
    assert cash.at["not scheduled", "due_amount"] == 700


LATE = [("2026-03-31", 0.0), ("2026-03-30", 1.0), ("2026-06-01", 0.0)]


@pytest.mark.parametrize(("due", "days"), LATE)
def test_what_falls_due_today_is_not_overdue(due: str, days: float) -> None:
    """Overdue from the day after; later milestones are open, not overdue."""
    cash = cash_of(make_payments({"due_amount": 1000.0, "due_date": due})).iloc[0]
    assert cash["overdue_amount"] == (1000 if days else 0)
    assert cash["overdue_days"] == days if days else pd.isna(cash["overdue_days"])


def test_money_that_comes_later_is_not_received_yet() -> None:
    """Only what came until the as-of date counts."""
    paid = make_payments(
        {"due_amount": 1000.0, "received_amount": 1000.0, "received_date": "2026-04-02"}
    )
    assert cash_of(paid)["received_amount"].sum() == 0


MONEY = st.integers(1, 10_000_000)


@given(st.lists(st.tuples(MONEY, MONEY, st.booleans()), min_size=1, max_size=6), MONEY)
def test_milestones_add_up_to_contract_and_project_line(
    parts: list[tuple[int, int, bool]], contract: int
) -> None:
    """To the cent, whatever the amounts: contract, collected, due and overdue of step 06."""
    names = ("advance", "delivery", "acceptance", "retention", "other", None)
    paid = make_payments(*(
        {"milestone": names[at], "due_amount": due / 100, "received_amount": got / 100,
         "received_date": "2026-02-01" if is_in else None,
         "due_date": "2026-01-31" if at % 2 else "2026-05-31"}
        for at, (due, got, is_in) in enumerate(parts)
    ))  # fmt: skip
    rows = make_projects({**SIGNED, "contract_amount": contract / 100})
    line = read_projects(rows, paid, prepare_deals(make_deals({})), AS_OF)
    cash = cash_by_milestone(line, paid, SETTINGS, AS_OF)
    cents = (
        cash[["due_amount", "due_now_amount", "received_amount", "overdue_amount"]] * 100
    ).round()
    project = line.projects.iloc[0]
    assert cents["due_amount"].sum() == contract
    assert cents["received_amount"].sum() == project["collected_cents"]
    assert cents["due_now_amount"].sum() == project["due_cents"]
    assert cents["overdue_amount"].sum() == project["overdue_cents"]


def test_a_further_payment_of_a_milestone_settles_what_was_due() -> None:
    """300 of 600, and 200 in a row of its own: 100 are overdue, in step 06 too."""
    paid = make_payments(
        {"due_amount": 600.0, "received_amount": 300.0, "received_date": "2026-02-10"},
        {"received_amount": 200.0, "received_date": "2026-03-01", "due_date": None},
        {"due_amount": 50.0, "milestone": "delivery"},
    )
    cash = cash_of(paid).set_index("milestone")
    assert cash.loc["advance", ["received_amount", "overdue_amount"]].tolist() == [500, 100]
    assert cash.at["delivery", "overdue_amount"] == 50
    line = read_projects(make_projects(SIGNED), paid, prepare_deals(make_deals({})), AS_OF)
    assert line.projects["overdue_cents"].tolist() == [15_000]
    found = check_payments(line, paid)
    assert [one["row_id"] for one in found] == ["M2"]
    assert "other payments of the milestone" in str(found[0]["finding"])


def test_totals_add_up_by_milestone_and_by_age() -> None:
    """Milestones sum to all contracts, ages to all that is overdue."""
    paid = make_payments(
        {"due_amount": 300.0},
        {"due_amount": 200.0, "milestone": "delivery", "due_date": "2025-01-01"},
        {"due_amount": 50.0, "project_id": "X2", "due_date": "2026-03-20"},
    )  # fmt: skip
    cash = cash_of(paid, {}, {"contract_amount": 500.0})
    totals = cash_totals(cash, SETTINGS)
    sums = totals.groupby("topic")[["due_amount", "overdue_amount"]].sum()
    assert sums.at["total", "due_amount"] == sums.at["milestone", "due_amount"] == 1500
    assert sums["overdue_amount"].tolist() == [550, 550, 550]
    ages = totals[totals["topic"] == "age"].set_index("item")["overdue_amount"]
    assert ages.tolist() == [50, 300, 0, 200]


def test_unsigned_projects_have_no_cash() -> None:
    """An open project asks for nothing, and its payment is named."""
    rows = make_projects({"status": "open"})
    paid = make_payments({"due_amount": 1.0})
    line = read_projects(rows, paid, prepare_deals(make_deals({})), AS_OF)
    assert cash_by_milestone(line, paid, SETTINGS, AS_OF).empty
    assert "no signed contract" in str(check_payments(line, paid)[0]["finding"])


FAULTS = [
    ({"project_id": "X9", "due_amount": 5.0}, "project_id", "no such project"),
    ({"due_amount": None}, "due_amount", "nothing is due for it"),
    ({"due_amount": 5.0, "due_date": None}, "due_date", "never overdue"),
    ({"due_amount": 5.0, "received_amount": 5.0}, "received_date", "money without a day"),
    ({"due_amount": 5000.0}, "due_amount", "more than its contract"),
    (
        {"due_amount": 5.0, "received_amount": 6.0, "received_date": "2026-01-05"},
        "received_amount",
        "more than is due",
    ),
]


@pytest.mark.parametrize(("change", "column", "text"), FAULTS)
def test_a_payment_that_cannot_be_placed_is_named(
    change: dict[str, object], column: str, text: str
) -> None:
    """Each fault has its row, column and what is done about it."""
    paid = make_payments(change)
    line = read_projects(make_projects(SIGNED), paid, prepare_deals(make_deals({})), AS_OF)
    found = check_payments(line, paid)
    assert [(one["row_id"], one["column"]) for one in found] == [("M1", column)]
    assert text in str(found[0]["finding"])


def test_a_contract_without_payments_is_not_known_and_not_zero() -> None:
    """Of 1,000 with payments 300 are received; of 500 without any nobody knows."""
    paid = make_payments(
        {"due_amount": 300.0, "received_amount": 300.0, "received_date": "2026-02-10"}
    )
    cash = cash_of(paid, {}, {"contract_amount": 500.0})
    bare = cash[cash["project_id"] == "X2"].iloc[0]
    assert (bare["milestone"], bare["due_amount"]) == ("no payments", 500)
    assert bare[["due_now_amount", "received_amount", "overdue_amount"]].isna().all()
    totals = cash_totals(cash, SETTINGS)
    rows = totals.set_index("item")
    amounts = ["due_amount", "received_amount", "overdue_amount"]
    assert rows.loc["all contracts", amounts].tolist() == [1500, 300, 0]
    assert "of those with payments alone" in rows.at["all contracts", "note"]
    assert rows.loc["no payments", amounts[1:]].isna().all()
    assert tracked_total(totals)[0] == 1000
    table("project_cash").check(cash)
    table("project_cash_totals").coerce(totals)
    none = cash_totals(cash_of(make_payments({"project_id": "X9", "due_amount": 1.0})), SETTINGS)
    assert none.set_index("item").loc["all contracts", amounts[1:]].isna().all()
    assert tracked_total(none)[0] == 0


def test_money_kept_back_is_told_from_the_retention_of_people() -> None:
    """Sums name the milestone by a term of its own; its key in the rows stays."""
    paid = make_payments({"due_amount": 600.0, "milestone": "retention"})
    cash = cash_of(paid)
    assert set(cash["milestone"]) >= {"retention"}
    items = cash_totals(cash, SETTINGS)["item"].tolist()
    assert "retention money" in items
    assert "retention" not in items
