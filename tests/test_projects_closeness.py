"""Tests of closeness before and after projects: counted by step 05 and rated, apart."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.projects.closeness import (
    carried_closeness,
    closeness_of_projects,
    counted_chain,
)
from tests.key_account_frames import make

PROJECTS = pd.DataFrame(
    {
        "project_id": ["P1", "P2", "P3"],
        "account_id": ["K1", "K1", "K9"],
        "name": ["Mill", "Pump", "Fan"],
        "state": ["open", "won", "open"],
        "opened_date": pd.to_datetime(["2026-02-10", "2025-06-01", "2026-02-10"]),
    }
)
RATED = pd.DataFrame({"first_closeness": {"P1": 4.0}, "closeness": {"P1": 6.5}})
TREND = make(
    "closeness_trend",
    *[
        {"account_id": "K1", "month_date": day, "automatic_score": score}
        for day, score in (("2025-12-31", 20.0), ("2026-01-31", 30.0), ("2026-03-31", 45.0))
    ],
)
DECIDED = make(
    "closeness_projects",
    {"project_id": "P2", "account_id": "K1", "outcome": "won", "before_score": 50.0,
     "after_score": 35.0},
)  # fmt: skip
TABLES = {"closeness_trend": TREND, "closeness_projects": DECIDED}


def closeness(projects: pd.DataFrame = PROJECTS, **tables: pd.DataFrame | None) -> pd.DataFrame:
    """Give closeness by project."""
    found = closeness_of_projects(projects, RATED, {**TABLES, **tables})
    return found.set_index("project_id")


def test_an_open_project_is_compared_with_the_month_end_before_it_was_opened():
    """Opened in February: January's count against that of today; ratings stand beside it."""
    row = closeness().loc["P1"]
    assert row[["counted_before", "counted_after", "counted_change"]].tolist() == [30, 45, 15]
    assert row[["rated_before", "rated_after", "rated_change"]].tolist() == [4.0, 6.5, 2.5]
    assert pd.isna(row["reason"])


def test_a_decided_project_takes_the_comparison_of_step_05():
    """What step 05 counted before and after the decision is shown as it is."""
    row = closeness().loc["P2"]
    assert row[["counted_before", "counted_after", "counted_change"]].tolist() == [50, 35, -15]
    assert pd.isna(row["rated_change"])


def test_what_is_not_counted_is_blank_with_its_reason():
    """Another account, a project older than the counts, and no tables at all: never zero."""
    row = closeness().loc["P3"]
    assert pd.isna(row["counted_change"])
    assert "not a key account" in row["reason"]
    old = PROJECTS.assign(opened_date=pd.Timestamp("2024-01-01"))
    assert "does not reach back" in closeness(old).loc["P1", "reason"]
    bare = closeness(closeness_trend=None, closeness_projects=None)
    assert bare["counted_change"].isna().all()
    assert bare["reason"].str.contains("not a key account").all()


@pytest.mark.parametrize(
    ("account", "rated", "score", "origin"),
    [
        ({"automatic_score": 45.0, "rated_score": 80.0}, 6.0, 45, "counted by step 05"),
        ({"rated_score": 80.0}, 6.0, 60, "rated for the project"),
        ({"rated_score": 80.0}, None, 80, "rated for the account"),
        ({}, None, None, "not known"),
        (None, 6.0, 60, "rated for the project"),
        (None, None, None, "not known"),
    ],
)
def test_the_closeness_that_holds_is_counted_where_it_can_be(account, rated, score, origin):
    """Step 05's count first, then the project's rating, then the account's; never a mix."""
    known = None if account is None else make(
        "account_closeness", {"account_id": "K1", "carried_by": "none", **account}
    )  # fmt: skip
    own = pd.Series({"P1": rated}, dtype="float64")
    row = carried_closeness(PROJECTS.iloc[:1], own, known).iloc[0]
    assert row["closeness_origin"] == origin
    assert pd.isna(row["closeness_score"]) if score is None else row["closeness_score"] == score


def test_the_order_of_projects_does_not_matter():
    """Shuffled projects give the same table."""
    pd.testing.assert_frame_equal(closeness(PROJECTS.iloc[::-1]), closeness())


@pytest.mark.parametrize(
    ("seat", "score", "reason"),
    [("buyer", 60.0, None), ("chief", 0.0, "nobody"), ("clerk", None, "no such seat")],
)
def test_each_seat_of_the_chain_shows_its_count(seat, score, reason):
    """A seat nobody holds counts 0 with its reason; one that is not recorded stays blank."""
    seats = make(
        "closeness_seats",
        {"account_id": "K1", "seat": "buyer", "basis": "seats", "score": 60.0},
        {"account_id": "K1", "seat": "chief", "basis": "seats", "score": 0.0,
         "reason": "nobody is known"},
    )  # fmt: skip
    chain = pd.DataFrame({"project_id": ["P1"], "seat": [seat]})
    account = pd.Series({"P1": "K1"})
    row = counted_chain(chain, account, seats).iloc[0]
    assert pd.isna(row["counted_score"]) if score is None else row["counted_score"] == score
    assert pd.isna(row["counted_reason"]) if reason is None else reason in row["counted_reason"]
    blank = counted_chain(chain, account, None)
    assert blank["counted_score"].isna().all()
