"""Decisions near a proposal: kept, few others move, and parts without one keep their proof."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from planlib.territories import (
    Alignment,
    apply_decisions,
    decision_effect,
    solve_statement,
    tabulate,
)
from planlib.territories.results import capped_prices
from tests.territory_frames import (
    make_accounts,
    make_locks,
    make_reps,
    make_settings,
    make_statement,
    owner_of,
    run,
)

SETTINGS = make_settings(tolerance=0.3)


@cache
def proposed() -> Alignment:
    """Give the plan of 48 accounts without decisions, solved once."""
    return run(make_accounts(48), settings=SETTINGS)


def decided(*rows: tuple[str, str, str]) -> Alignment:
    """Give the plan with decisions."""
    statement = make_statement(make_accounts(48), settings=SETTINGS, overrides=make_locks(*rows))
    return apply_decisions(statement, proposed())


def other_rep(account: str) -> str:
    """Give a rep who was not proposed for an account."""
    return next(rep for rep in ("R-1", "R-2", "R-3") if rep != owner_of(proposed(), account))


def test_without_a_decision_the_proposal_stands_with_its_proof() -> None:
    """Same owners, cost, bound and status, and no account counts as changed."""
    plan = decided()
    assert plan.plan["rep_id"].equals(proposed().plan["rep_id"])
    assert (plan.cost, plan.bound, plan.status) == (
        proposed().cost, proposed().bound, proposed().status,
    )  # fmt: skip
    assert plan.solution["changed_count"].eq(0).all()


def test_decisions_are_kept_and_every_other_change_is_counted() -> None:
    """The decided accounts go where people say; the table of blocks counts the rest exactly."""
    accounts = ("A-003", "A-010")
    plan = decided(*((one, other_rep(one), "must") for one in accounts))
    for one in accounts:
        assert owner_of(plan, one) == other_rep(one)
    changed = plan.plan["rep_id"].ne(proposed().plan["rep_id"])
    assert plan.plan["is_changed"].astype(bool).equals(changed)
    row = plan.solution.iloc[0]
    assert row["changed_count"] == changed.sum()
    assert row["changed_further_count"] == changed.sum() - len(accounts)
    assert plan.balance["is_within"].all()


def test_an_account_that_a_bar_takes_away_is_no_other_account() -> None:
    """A bar on the proposed rep moves its account by decision; both counts say so."""
    plan = decided(("A-003", owner_of(proposed(), "A-003"), "must_not"))
    assert owner_of(plan, "A-003") != owner_of(proposed(), "A-003")
    changed = plan.plan["rep_id"].ne(proposed().plan["rep_id"])
    assert plan.solution.iloc[0]["changed_further_count"] == changed.sum() - 1
    told = decision_effect(proposed(), plan).set_index("result")["plan"]
    others = told["Other accounts whose rep changes with them"]
    assert others.startswith(f"{changed.sum() - 1}:") or (others == "none" and changed.sum() == 1)


def test_a_plan_near_the_proposal_changes_no_more_than_one_made_anew() -> None:
    """Staying near never moves more other accounts than solving freely around the same locks."""
    locks = make_locks(("A-003", other_rep("A-003"), "must"))
    free = run(make_accounts(48), settings=SETTINGS, overrides=locks)
    near = decided(("A-003", other_rep("A-003"), "must"))
    anew, kept = (
        int(one.plan["rep_id"].ne(proposed().plan["rep_id"]).sum()) for one in (free, near)
    )
    assert kept <= anew
    assert near.bound <= free.cost * (1 + 1e-9)


def test_costs_hold_no_charges_for_changes() -> None:
    """The cost is that of accounts with reps, so the gap shows what staying near costs."""
    plan = decided(("A-003", other_rep("A-003"), "must"))
    assert plan.cost == pytest.approx(plan.plan["cost"].sum())
    assert plan.cost >= plan.bound - 1e-9


def test_other_settings_on_the_decided_statement_charge_nothing_either() -> None:
    """A trade-off or a slider on it is not held back by the proposal."""
    plan = decided(("A-003", other_rep("A-003"), "must"))
    changed = plan.statement.changed(make_settings(tolerance=0.4, change_weight=50.0))
    assert all(block.change_cost == 0 for block in changed.blocks)
    answers = solve_statement(changed, effort="quick")
    assert tabulate(changed, answers).cost <= plan.cost + 1e-6


def test_the_effect_is_told_beside_the_proposal() -> None:
    """Decisions in force, those that differ, and the others by name."""
    effect = decision_effect(proposed(), decided(("A-003", other_rep("A-003"), "must")))
    told = effect.set_index("result")
    assert told.loc["Decisions in force", "plan"] == "1"
    assert told.loc["Decided accounts whose rep differs from the proposal", "plan"] == "1"
    assert "Cost, without charges for changing the plan" in told.index
    agreed = decision_effect(proposed(), decided(("A-003", owner_of(proposed(), "A-003"), "must")))
    others = agreed.set_index("result").loc["Other accounts whose rep changes with them", "plan"]
    assert others == "none"


def test_nothing_to_plan_has_an_effect_of_nothing() -> None:
    """Without accounts there is a table all the same."""
    empty = run(make_accounts().iloc[:0], settings=SETTINGS)
    statement = make_statement(make_accounts().iloc[:0], settings=SETTINGS)
    plan = apply_decisions(statement, empty)
    assert plan.status == "empty"
    assert len(decision_effect(empty, plan)) == 3


def test_parts_of_the_market_without_a_decision_are_not_solved_again() -> None:
    """Their answer is the very one of the proposal."""
    accounts = make_accounts(48)
    accounts["region"] = np.where(np.arange(48) < 24, "EMEA", "Asia")
    reps = pd.concat([
        make_reps(), make_reps().assign(rep_id=["S-1", "S-2", "S-3", "N-1"], region="Asia"),
    ], ignore_index=True)  # fmt: skip
    first = run(accounts, reps, settings=SETTINGS)
    locks = make_locks(("A-003", other_rep("A-003"), "must"))
    plan = apply_decisions(make_statement(accounts, reps, SETTINGS, overrides=locks), first)
    same = {new.block.name: new.assignment is old.assignment
            for new, old in zip(plan.answers, first.answers, strict=True)}  # fmt: skip
    assert same == {"Asia": True, "EMEA": False}


def test_no_price_exceeds_what_all_decisions_of_a_block_cost_together() -> None:
    """A price at the margin that is higher is capped, and the row says so; others stay."""
    made = pd.DataFrame({
        "account_id": ["A", "B", "C"], "price": [864.76, 47.61, np.nan], "detail": ["", "", "late"],
    })  # fmt: skip
    plan = pd.DataFrame({"account_id": ["A", "B", "C"], "block": ["North", "South", "North"]})
    found = capped_prices(made, plan, {"North": 172.3, "South": 60.0})
    assert found["price"].fillna(-1).tolist() == [172.3, 47.61, -1]
    assert found["detail"].tolist() == [
        "864.76 at the margin; all decisions of North together cost 172.30", "", "late",
    ]  # fmt: skip


def test_prices_are_within_the_cost_that_decisions_add() -> None:
    """The plan with decisions less the proposal is the most that any of them costs."""
    plan = decided(*((one, other_rep(one), "must") for one in ("A-003", "A-010", "A-020")))
    added = max(plan.cost - proposed().cost, 0.0)
    assert (plan.overrides["price"] <= added + 1e-9).all()
