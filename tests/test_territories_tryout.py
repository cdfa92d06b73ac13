"""Decisions tried on a plan: they hold, nothing is stored, and what cannot be is named."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.territories import Alignment, reps_by_block, review_rows, try_decisions
from tests.territory_frames import make_accounts, make_reps, owner_of, run


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    """A plan of 24 accounts and three reps; two accounts are a family."""
    return run(make_accounts(parent_id=[None, "A-000", *[None] * 22]))


def other_rep(alignment: Alignment, account: str) -> str:
    """Give a rep who does not have the account in the plan."""
    return next(rep for rep in ("R-1", "R-2", "R-3") if rep != owner_of(alignment, account))


def test_what_decisions_do_is_told_beside_the_plan(alignment: Alignment) -> None:
    """Each figure stands for the plan and with the decision, and the plan itself is untouched."""
    before = alignment.plan.copy()
    table = try_decisions(alignment, {"A-005": other_rep(alignment, "A-005")})
    rows = table.set_index("result")
    assert rows.loc["Part of the market", "plan"] == "EMEA"
    moved = int(alignment.plan["is_moved"].sum())
    assert rows.loc["Accounts that change owner", "plan"] == str(moved)
    assert rows.loc["Territories outside the tolerance of the plan", "plan"] == "0"
    pd.testing.assert_frame_equal(alignment.plan, before)


def test_a_decision_that_agrees_with_the_plan_changes_nothing(alignment: Alignment) -> None:
    """Giving an account to the rep it has leaves every figure as it is."""
    rows = try_decisions(alignment, {"A-005": owner_of(alignment, "A-005")}).set_index("result")
    assert rows.loc["Other accounts that get another rep", "with_decisions"] == "none"
    same = rows.drop(index="Other accounts that get another rep")
    assert same["plan"].tolist() == same["with_decisions"].tolist()


def test_a_family_moves_together_and_is_not_counted_as_others(alignment: Alignment) -> None:
    """A decision on one account of a family takes the other along."""
    new = other_rep(alignment, "A-000")
    rows = try_decisions(alignment, {"A-000": new}).set_index("result")
    named = rows.loc["Other accounts that get another rep", "with_decisions"]
    assert "A-001" not in named


def test_decisions_that_cannot_be_tried_are_all_named(alignment: Alignment) -> None:
    """Unknown accounts and reps of elsewhere are refused, with what is allowed."""
    with pytest.raises(ParameterError, match="account 'A-999' is not planned") as caught:
        try_decisions(alignment, {"A-999": "R-1", "A-001": "M-1"})
    assert "rep 'M-1' is not in EMEA; there are R-1, R-2, R-3" in str(caught.value)
    with pytest.raises(ParameterError, match="nothing is decided"):
        try_decisions(alignment, {})


def test_the_review_starts_with_the_largest_accounts_that_move(alignment: Alignment) -> None:
    """Rows are those that move first, then by ACV, with names and the reason."""
    rows = review_rows(alignment)
    moved = rows["cause"].ne("stays")
    assert len(rows) == 24
    assert moved.tolist() == sorted(moved, reverse=True)
    assert rows.loc[moved, "acv"].is_monotonic_decreasing
    assert set(rows["planned"]) <= {"Ana", "Bo", "Cy"}
    assert rows["reason"].str.len().gt(0).all()
    assert reps_by_block(alignment) == {"EMEA": {"R-1": "Ana", "R-2": "Bo", "R-3": "Cy"}}


def test_an_owner_who_has_left_is_shown_by_name() -> None:
    """The list of reps gives the name of who is in no territory; without it the id stands."""
    reps = make_reps(leave_date=[None, "2026-01-15", None, None])
    alignment = run(reps=reps)
    named, bare = review_rows(alignment, reps), review_rows(alignment)
    assert set(named["owner"]) == {"Ana", "Bo (left)"}
    assert set(bare["owner"]) == {"Ana", "R-2 (left)"}
    assert set(named["planned"]) <= {"Ana", "Cy"}
