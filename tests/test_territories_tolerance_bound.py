"""The lower end of tolerances: never above what brute force can reach, and as good as it gets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from planlib.territories import Statement, solve_statement, tabulate
from planlib.territories.tightest import is_within, lower_end
from planlib.territories.tolerance_bound import least_possible, tolerance_at
from tests.territory_frames import make_accounts, make_locks, make_settings, make_statement


def stated(count: int = 8, share: float | None = 0.3, **tables: object) -> Statement:
    """State a problem small enough for brute force, without a tolerance."""
    settings = make_settings(tolerance=None, disruption_share=share)
    accounts = tables.pop("accounts", make_accounts(count))
    return make_statement(accounts, settings=settings, **tables)  # type: ignore[arg-type]


def brute_force(statement: Statement, *, spare: bool) -> int:
    """Give the smallest whole percent at which any plan is within all limits."""
    block = statement.blocks[0]
    n, m = block.shape
    plans = [
        np.array(rep)
        for rep in itertools.product(range(m), repeat=n)
        if ((block.fixed < 0) | (block.fixed == rep)).all()
        and all(len(set(np.array(rep)[block.item == one])) == 1 for one in set(block.item))
        and (block.allowed is None or block.allowed[np.arange(n), list(rep)].all())
    ]
    rows = block.is_balanced
    for percent in range(1, 400):
        tolerance = tolerance_at(block, rows, percent)
        if any(is_within(block, rep, tolerance, spare=spare) for rep in plans):
            return percent
    return 400


@pytest.mark.parametrize("share", [0.0, 0.15, 0.4, None])
@pytest.mark.parametrize("seed", range(3))
def test_no_plan_of_brute_force_is_excluded(share: float | None, seed: int) -> None:
    """The lower end is at most what some plan reaches, whatever the sizes and the budget."""
    draw = np.random.default_rng(seed)
    accounts = make_accounts(
        6, potential=np.round(draw.lognormal(9, 0.9, 6)),
        acv=np.round(draw.lognormal(8, 1.0, 6)), parent_id=["A-003", *[None] * 5],
    )  # fmt: skip
    locks = make_locks(("A-002", "R-3", "must"), ("A-005", "R-2", "must_not"))
    statement = stated(6, share, accounts=accounts, overrides=locks)
    block = statement.blocks[0]
    for spare in (True, False):
        low = lower_end(block, block.is_balanced, spare=spare)
        assert 1 <= low <= brute_force(statement, spare=spare)


def test_without_a_budget_to_spend_the_end_is_that_of_today() -> None:
    """Where nothing may move, the lower end is what today's owners have."""
    statement = stated(6, 0.0)
    block = statement.blocks[0]
    low = least_possible(block, block.is_balanced, 1, spare=False)
    assert low == brute_force(statement, spare=False)
    assert low == 100  # the third rep owns nothing


def test_the_end_never_lies_below_where_the_search_starts() -> None:
    """What is asked for a measure stays the smallest that is looked at."""
    block = stated(8, None).blocks[0]
    assert least_possible(block, block.is_balanced, 70, spare=False) >= 70


def test_the_note_says_what_is_proven_about_the_tightest_tolerance() -> None:
    """The table has the proven end; the note says that nothing below can be."""
    statement = stated(6, 0.0)
    answers = solve_statement(statement)
    row = tabulate(statement, answers).solution.iloc[0]
    assert row["tolerance_impossible"] == pytest.approx(row["tolerance_used"])
    assert "the tightest found within the disruption budget (proven)" in row["note"]


def test_a_tolerance_proven_impossible_is_answered_by_what_is_needed() -> None:
    """The tolerance asked is refused by proof, and the one needed is at least the proven end."""
    statement = make_statement(
        make_accounts(8), settings=make_settings(tolerance=0.3, disruption_share=0.0)
    )
    answer = solve_statement(statement)[0]
    assert answer.status == "infeasible"
    assert answer.needed >= answer.impossible_below > 0.3
