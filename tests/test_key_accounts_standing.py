"""Tests of the list between reviews: months keep list and memory, quarters count as reviews."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.cycle.pins import pin_tables
from planlib.key_accounts import (
    importance_basis,
    is_review,
    review_key_accounts,
    standing_review,
    standing_tables,
)
from planlib.periods import FiscalYear, Period
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.steps import STEPS
from planlib.store.resolve import Published
from tests.key_account_frames import AS_OF, make

LATER = (pd.Timestamp(AS_OF) + pd.Timedelta(days=30)).date()
SETTINGS = KeyAccountsSettings(top_share=0.1)


def make_market(weak: str = "", count: int = 40) -> pd.DataFrame:
    """Accounts of one stratum with rising potential; one may have become weak."""
    return make(
        "accounts",
        *[
            {"account_id": f"A{n:02d}", "industry_group": "Steel", "employees": 100 + n,
             "potential": 1000.0 if f"A{n:02d}" == weak else 1000.0 + 100 * n, "acv": 50.0}
            for n in range(count)
        ],
    )  # fmt: skip


def make_decision(account_id: str, is_key: bool) -> pd.DataFrame:
    """One decision of a person about the list."""
    return make(
        "override_key_accounts",
        {"decision_id": "D-0001", "who": "Wang", "when": "2026-04-10", "why": "group headquarters",
         "account_id": account_id, "is_key": is_key},
    )  # fmt: skip


def review(accounts: pd.DataFrame, previous: pd.DataFrame | None = None, cycle: str = "2026Q1"):
    """Hold a review with a tenth of the stratum on the list."""
    return review_key_accounts(accounts, SETTINGS, AS_OF, previous=previous, cycle=cycle)


def keys(frame: pd.DataFrame) -> set[str]:
    """Give the key accounts of a list."""
    return set(frame.loc[frame["is_key"].astype(bool), "account_id"])


@pytest.mark.parametrize(
    ("cycle", "every", "expected"),
    [
        ("2026", "quarter", True), ("2026", "half_year", True), ("2026Q1", "quarter", True),
        ("2026Q2", "quarter", True), ("2026Q2", "half_year", False),
        ("2026Q3", "half_year", True), ("2026-04", "quarter", False),
        ("2026-01", "half_year", False), ("2026W14", "quarter", False),
    ],
)  # fmt: skip
def test_quarters_count_as_reviews_and_months_do_not(cycle, every, expected):
    """With half-years only the first and third quarter of the fiscal year count."""
    settings = KeyAccountsSettings(review_every=every)
    assert is_review(Period.parse(cycle), settings) is expected
    assert bool(standing_tables(Period.parse(cycle), settings)) is not expected


def test_half_years_follow_the_fiscal_year():
    """A fiscal year from February has its halves in February and August."""
    year = FiscalYear(start_month=2)
    settings = KeyAccountsSettings(review_every="half_year")
    found = [is_review(Period.parse(f"2026Q{one}", year), settings) for one in (1, 2, 3, 4)]
    assert found == [True, False, True, False]


def test_a_month_leaves_list_and_memory_as_they_were_and_a_quarter_counts():
    """A fallen account is watched once in the quarter, however many months are run between."""
    first = review(make_market())
    weak = make_market(weak="A39")
    second = review(weak, first.key_accounts, "2026Q2")
    row = second.key_accounts.set_index("account_id").loc["A39"]
    assert (row["status"], row["reviews_outside"]) == ("watch", 1)
    standing = second.tables()
    for _ in range(3):
        month = standing_review(standing, weak, LATER)
        pd.testing.assert_frame_equal(month.key_accounts, second.key_accounts)
        assert month.tables() == {}
        standing = {**standing, "key_accounts": month.key_accounts}
    third = review(weak, standing["key_accounts"], "2026Q3")
    row = third.key_accounts.set_index("account_id").loc["A39"]
    assert (bool(row["is_key"]), row["status"], row["reviews_outside"]) == (False, "leaves", 2)


def test_a_month_says_of_which_review_the_list_is():
    """The basis names cycle and day of the review, not those of the month."""
    month = standing_review(review(make_market()).tables(), make_market(), LATER)
    assert month.notes[0] == "importance as of the 2026Q1 review of 2026-03-31"
    assert importance_basis(month.key_accounts) == month.notes[0]
    assert importance_basis(month.key_accounts.iloc[:0]) == ""


def test_a_decision_of_the_month_holds_at_once_and_is_written():
    """A person admits an account between reviews; the list is written with the reason, once."""
    before = review(make_market()).tables()
    decision = make_decision("A05", True)
    month = standing_review(before, make_market(), LATER, overrides=decision)
    assert keys(month.key_accounts) == keys(before["key_accounts"]) | {"A05"}
    reason = month.tables()["key_accounts"].set_index("account_id").loc["A05", "reason"]
    assert reason.startswith("decided by Wang: group headquarters")
    again = standing_review({**before, **month.tables()}, make_market(), LATER, overrides=decision)
    assert again.tables() == {}
    assert again.key_accounts["reason"].tolist() == month.key_accounts["reason"].tolist()


def test_a_decision_that_has_ended_leaves_no_place_in_the_list():
    """Admitted for a year, then no more: it leaves at once, its place never counted as earned."""
    held = make_decision("A05", True)
    first = review_key_accounts(make_market(), SETTINGS, AS_OF, overrides=held)
    second = review_key_accounts(
        make_market(), SETTINGS, AS_OF, overrides=held, previous=first.key_accounts
    )
    rows = [one.key_accounts.set_index("account_id").loc["A05"] for one in (first, second)]
    assert [(row["is_key"], row["is_listed"], row["status"]) for row in rows] == [
        (True, False, "enters"), (True, False, "stays"),
    ]  # fmt: skip
    third = review(make_market(), second.key_accounts).key_accounts
    row = third.set_index("account_id").loc["A05"]
    assert (row["is_key"], row["status"], row["reviews_outside"]) == (False, "leaves", 0)
    assert row["reason"].endswith("the decision that kept it in has ended")
    never = review(make_market(), review(make_market()).key_accounts).key_accounts
    assert keys(third) == keys(never)


def test_a_key_account_kept_out_for_a_time_comes_back_with_its_place():
    """What a person took counts for nothing either: the account has its place again."""
    first = review_key_accounts(
        make_market(), SETTINGS, AS_OF, overrides=make_decision("A36", False)
    ).key_accounts
    assert "A36" not in keys(first)
    row = review(make_market(), first).key_accounts.set_index("account_id").loc["A36"]
    assert (row["is_key"], row["is_listed"], row["status"]) == (True, True, "enters")
    assert row["reason"].endswith("the decision that kept it out has ended")


def test_a_month_takes_back_a_decision_that_has_ended():
    """Between reviews, too; the other accounts keep status and reason of the review."""
    quarter = review_key_accounts(
        make_market(), SETTINGS, AS_OF, overrides=make_decision("A05", True)
    )
    month = standing_review(quarter.tables(), make_market(), LATER)
    assert keys(month.key_accounts) == keys(review(make_market()).key_accounts)
    assert "key_accounts" in month.tables()
    row = month.key_accounts.set_index("account_id").loc["A05"]
    assert row["status"] == "leaves"
    assert row["reason"].endswith("the decision that kept it in has ended")
    others = month.key_accounts["account_id"] != "A05"
    pd.testing.assert_frame_equal(month.key_accounts[others], quarter.key_accounts[others])


def test_new_and_gone_accounts_are_named_between_reviews():
    """An account that is new is not scored yet, one that is gone is left out, both are said."""
    before = review(make_market()).tables()
    now = pd.concat([make_market().iloc[1:], make_market(count=42).iloc[40:]], ignore_index=True)
    month = standing_review(before, now, LATER)
    assert "2 accounts are new" in month.notes[1]
    assert "1 accounts of that review" in month.notes[2]
    rows = month.key_accounts.set_index("account_id")
    assert "A00" not in rows.index
    assert rows.loc[["A40", "A41"], "status"].tolist() == ["not scored"] * 2
    admitted = standing_review(before, now, LATER, overrides=make_decision("A41", True))
    assert "A41" in keys(admitted.key_accounts)


def test_the_step_is_due_by_month_and_carries_what_a_review_writes():
    """Needs and closeness are monthly; what only a review makes is carried between."""
    step = STEPS["05_key_accounts"]
    assert step.cadence == "month"
    assert set(step.carries) == set(review(make_market()).tables())
    assert set(step.carries) <= set(step.writes)


def test_a_run_pins_carried_tables_in_the_cycle_that_made_them(tmp_path):
    """A month reads the list of the quarter, though its own step writes that table."""
    quarter = tmp_path / "2026Q1" / "r1"
    (quarter / "tables").mkdir(parents=True)
    (quarter / "tables" / "key_accounts.parquet").touch()
    others = [Published(Period.parse("2026Q1"), quarter, AS_OF)]
    pins = pin_tables(STEPS, "05_key_accounts", tmp_path / "2026-04" / "r1", "2026-04", others)
    assert str(pins["key_accounts"]) == "2026Q1/r1"
    assert pins["key_account_scores"] is None
    assert "key_account_coverage" not in pins
