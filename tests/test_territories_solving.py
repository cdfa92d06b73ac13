"""Solving a statement: the tolerance asked or the tightest, budgets, decisions kept, re-solving."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from planlib.errors import ParameterError, SettingsError
from planlib.territories import Statement, preview, solve_statement, tabulate, what_if
from planlib.territories.tightest import is_within, tolerance_at
from tests.territory_frames import (
    AS_OF,
    make_accounts,
    make_locks,
    make_opportunities,
    make_reps,
    make_settings,
    make_statement,
)


def small(**changes: object) -> Statement:
    """State a problem of nine accounts and three reps that brute force can solve."""
    settings = make_settings(**{"disruption_share": 0.5, "measures": ("potential",), **changes})
    return make_statement(make_accounts(9), settings=settings)


def every_plan(statement: Statement) -> np.ndarray:
    """Give all plans of the only block."""
    n, m = statement.blocks[0].shape
    return np.array(list(itertools.product(range(m), repeat=n)))


def cheapest(statement: Statement, tolerance: np.ndarray) -> float:
    """Give the least cost of any plan within all limits, by brute force; inf where none is."""
    block = statement.blocks[0]
    total = block.costs.total()
    within = [
        total[np.arange(len(rep)), rep].sum()
        for rep in every_plan(statement)
        if is_within(block, rep, tolerance, spare=False)
    ]
    return min(within, default=np.inf)


def test_the_tightest_tolerance_is_that_of_brute_force() -> None:
    """At the percentage found a plan exists, one percent below none does."""
    statement = small(tolerance=None)
    answer = solve_statement(statement)[0]
    block, rows = statement.blocks[0], np.array([True])
    percent = round(100 * float(answer.tolerance[0]))
    assert answer.is_tightest
    assert answer.status in ("optimal", "feasible")
    assert np.isfinite(cheapest(statement, tolerance_at(block, rows, percent)))
    assert np.isinf(cheapest(statement, tolerance_at(block, rows, percent - 1)))
    assert is_within(block, answer.rep, answer.tolerance, spare=False)
    assert answer.cost == pytest.approx(cheapest(statement, answer.tolerance), rel=1e-6)


def test_the_needed_tolerance_is_that_of_brute_force() -> None:
    """A tolerance that cannot be met is answered by the smallest that would do, in words."""
    statement = small(tolerance=0.005)
    answer = solve_statement(statement)[0]
    block, rows = statement.blocks[0], np.array([True])
    percent = round(100 * answer.needed)
    assert answer.status == "infeasible"
    assert np.isfinite(cheapest(statement, tolerance_at(block, rows, percent)))
    assert np.isinf(cheapest(statement, tolerance_at(block, rows, percent - 1)))
    note = tabulate(statement, (answer,)).solution["note"].iloc[0]
    assert f"EMEA needs {percent} % instead of 0.5 %" in note


def test_a_plan_outside_its_limits_has_no_gap() -> None:
    """Where no plan is within the limits, nothing is said of how much cheaper another one is."""
    statement = small(tolerance=0.005)
    answer = solve_statement(statement, explain=False)[0]
    assert answer.status not in ("optimal", "feasible")
    assert not answer.is_within
    assert np.isnan(answer.gap)
    assert tabulate(statement, (answer,)).solution["gap"].isna().all()
    values = preview(statement, tolerance=0.005).set_index("result")["value"]
    assert values["No plan within the limits is cheaper by more than"] == "not known"
    needed = solve_statement(statement)[0]  # the limits used are those that can be met
    assert needed.is_within
    assert needed.gap >= 0


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_plans_are_those_of_brute_force_at_any_budget(share: float) -> None:
    """Cost equals the cheapest of all plans within tolerance and budget, and bounds hold."""
    statement = small(tolerance=0.5, disruption_share=share)
    answer = solve_statement(statement)[0]
    best = cheapest(statement, statement.blocks[0].tolerance)
    if np.isfinite(best):
        assert answer.cost == pytest.approx(best, rel=1e-6)
        assert answer.bound <= best * (1 + 1e-9)
    else:
        assert answer.status in ("infeasible", "unresolved")


def test_no_tolerance_asked_is_stated_with_its_price() -> None:
    """Solution, note and summary name the tolerance that was found."""
    statement = make_statement(settings=make_settings(tolerance=None, disruption_share=0.1))
    alignment = tabulate(statement, solve_statement(statement))
    row = alignment.solution.iloc[0]
    assert pd.isna(row["tolerance_asked"])
    assert row["tolerance_reached"] <= row["tolerance_used"]
    assert f"tolerance {100 * row['tolerance_used']:.0f} %, the tightest found" in row["note"]
    assert "within the disruption budget" in row["note"]
    tolerance = alignment.summary().set_index("result").loc["Tolerance", "value"]
    assert "the tightest found" in tolerance
    assert row["moved_acv"] <= row["budget_acv"]


def test_a_wider_budget_never_needs_a_wider_tolerance() -> None:
    """More may move, so the tightest tolerance does not grow."""
    found = [
        float(solve_statement(small(tolerance=None, disruption_share=share))[0].tolerance[0])
        for share in (0.05, 0.2, 0.5, 1.0)
    ]
    assert found == sorted(found, reverse=True)


def test_kept_accounts_beyond_a_limit_do_not_widen_the_tolerance_of_others() -> None:
    """A rep who keeps too much by locks is outside and named; the others stay balanced."""
    locks = make_locks(*[(f"A-{row:03d}", "R-1", "must") for row in range(14)])
    settings = make_settings(tolerance=None, disruption_share=None, measures=("accounts",))
    statement = make_statement(settings=settings, overrides=locks)
    alignment = tabulate(statement, solve_statement(statement))
    rows = alignment.balance.set_index("rep_id")
    assert rows["after"].to_dict() == {"R-1": 14.0, "R-2": 5.0, "R-3": 5.0}
    assert "kept accounts hold 175 % of the target: locks 175 %" in rows.loc["R-1", "cause"]
    assert alignment.solution["tolerance_used"].iloc[0] < 0.75


@pytest.mark.parametrize("limit", [(7, 9), (8, 8)])
def test_counts_of_accounts_are_hard_limits(limit: tuple[int, int]) -> None:
    """Every rep has at least and at most so many accounts."""
    settings = make_settings(tolerance=0.5, disruption_share=1.0, min_accounts=limit[0],
                             max_accounts=limit[1])  # fmt: skip
    statement = make_statement(settings=settings)
    alignment = tabulate(statement, solve_statement(statement))
    assert alignment.status in ("optimal", "feasible")
    assert alignment.reps["after_count"].between(*limit).all()


def test_solving_again_after_decisions_changes_few_other_accounts() -> None:
    """Three decisions on the plan hold, and what else changes is counted against it."""
    statement = make_statement()
    first = tabulate(statement, solve_statement(statement))
    moved = first.plan.head(3).assign(
        rep_id=first.plan["next_best_rep_id"].head(3).fillna("R-3")
    )[["account_id", "rep_id"]]  # fmt: skip
    locks = make_locks(*[(a, r, "must") for a, r in moved.itertuples(index=False)])
    settings = make_settings(change_weight=5.0)
    second = make_statement(settings=settings, previous=first.plan, overrides=locks)
    again = tabulate(second, solve_statement(second))
    rep = again.plan.set_index("account_id")["rep_id"]
    assert (rep.loc[moved["account_id"]].to_numpy() == moved["rep_id"].to_numpy()).all()
    row = again.solution.iloc[0]
    changed = int((rep.to_numpy() != first.plan["rep_id"].to_numpy()).sum())
    assert row["changed_count"] == changed == int(again.plan["is_changed"].sum())
    assert row["changed_further_count"] == changed - 3
    free = make_statement(settings=make_settings(change_weight=0.0), previous=first.plan,
                          overrides=locks)  # fmt: skip
    loose = tabulate(free, solve_statement(free)).solution["changed_further_count"].iloc[0]
    assert row["changed_further_count"] <= loose


def test_scope_leaves_everything_else_as_it_is() -> None:
    """Only accounts in scope may have another rep than in the previous plan."""
    previous = pd.DataFrame({"account_id": [f"A-{row:03d}" for row in range(24)],
                             "rep_id": [f"R-{row % 3 + 1}" for row in range(24)]})  # fmt: skip
    scope = ["A-000", "A-001", "A-002", "A-003"]
    settings = make_settings(tolerance=0.6, disruption_share=1.0)
    statement = make_statement(settings=settings, previous=previous, scope=scope)
    plan = tabulate(statement, solve_statement(statement)).plan.set_index("account_id")
    rest = ~plan.index.isin(scope)
    expected = previous.set_index("account_id")["rep_id"]
    assert (plan.loc[rest, "rep_id"] == expected[rest]).all()
    assert set(plan.loc[rest, "protected_by"]) == {"frozen"}
    assert plan.loc[rest, "reason"].str.startswith("Frozen: outside the scope").all()


def test_shuffled_rows_give_the_same_plan_and_new_ids_an_equally_good_one() -> None:
    """Order of rows does not matter; names matter only for ties."""
    statement = make_statement()
    plain = tabulate(statement, solve_statement(statement))
    accounts, reps = make_accounts(), make_reps()
    shuffled = make_statement(accounts.sample(frac=1, random_state=5), reps.iloc[::-1])
    mixed = tabulate(shuffled, solve_statement(shuffled))
    pd.testing.assert_frame_equal(plain.plan, mixed.plan)
    pd.testing.assert_frame_equal(plain.balance, mixed.balance)
    renamed = make_statement(accounts.assign(account_id="Z" + accounts["account_id"].str[::-1]))
    other = tabulate(renamed, solve_statement(renamed))
    assert other.status == plain.status
    assert other.cost == pytest.approx(plain.cost, rel=0.02)


def test_previews_solve_a_prepared_statement_at_other_values() -> None:
    """Tolerance, budget and weights can be moved without reading a table again."""
    statement = make_statement(opportunities=make_opportunities())
    values = preview(statement, tolerance=0.35).set_index("result")["value"]
    assert values["Tolerance"] == "35.0 %"
    assert values["Status"] in ("optimal", "feasible")
    nothing = preview(statement, tolerance=1.0, disruption_share=0.0).set_index("result")["value"]
    assert nothing["Share of ACV that changes owner"] == "0.0 %"
    free = preview(statement, weight_travel=0.0, weight_misfit=0.0, weight_disruption=0.0,
                   blocks=["EMEA"]).set_index("result")["value"]  # fmt: skip
    assert free["Cost and bound"].startswith("0.0")
    with pytest.raises(SettingsError, match="territories.tolerance is '-0.1'; allowed: greater"):
        preview(statement, tolerance=-0.1)
    with pytest.raises(ParameterError, match="none of the blocks"):
        preview(statement, blocks=["Mars"])


def test_what_if_without_accounts_is_empty() -> None:
    """Nothing to plan is said, also for sliders."""
    table = what_if(make_accounts(0), make_reps(), make_settings(), as_of=AS_OF, tolerance=0.2)
    assert table["value"].tolist() == ["empty"]


def test_other_settings_can_be_given_when_solving() -> None:
    """Solving at other settings equals stating them."""
    statement = make_statement()
    settings = make_settings(tolerance=0.4)
    one = solve_statement(statement, settings)[0]
    two = solve_statement(statement.changed(settings))[0]
    np.testing.assert_array_equal(one.rep, two.rep)
    assert one.block.tolerance.tolist() == [0.4, 0.4]
