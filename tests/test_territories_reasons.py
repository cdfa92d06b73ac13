"""Reasons, swaps, explanations and prices of decisions, from answers with known prices."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from planlib.territories import Answer, Assignment, Statement, tabulate, with_rep
from planlib.territories.explain import budget_note, excess_causes, solution_note
from planlib.territories.reasons import add_reasons, limit_texts
from planlib.territories.solving import solve_block
from planlib.territories.swaps import swaps_of
from tests.territory_frames import (
    make_accounts,
    make_locks,
    make_opportunities,
    make_settings,
    make_statement,
)


def make_answer(
    statement: Statement, rep: np.ndarray, *, status: str = "feasible", **changes: object
) -> Answer:
    """Make the answer of a plan, with prices of 0 unless others are given."""
    block = statement.blocks[0]
    counted = int(np.isfinite(block.budget).sum())
    prices = np.asarray(changes.pop("prices", np.zeros((len(block.measures), block.shape[1]))))
    budget_prices = np.asarray(changes.pop("budget_prices", np.zeros(counted)))
    cost = float(block.costs.cost_at(rep).sum())
    assignment = Assignment(
        rep=rep, cost=cost, bound=0.9 * cost, loads=np.zeros_like(prices), used=np.zeros(counted),
        status=status, prices=prices, budget_prices=budget_prices,  # type: ignore[arg-type]
    )  # fmt: skip
    lower, upper = block.limits(block.tolerance)
    fields: dict[str, object] = {
        "block": block, "rep": rep, "assignment": assignment, "tolerance": block.tolerance,
        "lower": lower, "upper": upper, "status": status, "cost": cost, "needed": np.nan,
        "is_tightest": False, **changes,
    }  # fmt: skip
    return Answer(**fields)  # type: ignore[arg-type]


ALTERNATE = np.arange(24) % 3


def test_the_next_best_rep_is_that_at_the_plans_prices() -> None:
    """Brute force over all other reps of each account gives the same rep and the same steps."""
    statement = make_statement()
    draw = np.random.default_rng(3)
    prices = draw.normal(0, 1e-4, (2, 3))
    answer = make_answer(statement, ALTERNATE, prices=prices, budget_prices=[1e-4])
    swaps, block = swaps_of(answer), statement.blocks[0]
    ranked = block.costs.total() + block.load.T @ prices
    ranked = ranked + 1e-4 * block.stake[0][:, None] * (block.owner[:, None] != np.arange(3))
    ranked[np.arange(24), ALTERNATE] = np.inf
    best = ranked.argmin(axis=1)
    np.testing.assert_array_equal(swaps.rep, best)
    total = block.costs.total()
    np.testing.assert_allclose(
        swaps.cost, total[np.arange(24), best] - total[np.arange(24), ALTERNATE]
    )
    np.testing.assert_allclose(
        swaps.balance, ((prices[:, best] - prices[:, ALTERNATE]) * block.load).sum(axis=0)
    )
    np.testing.assert_allclose(
        answer.reduced(0, 24)[np.arange(24), best], ranked[np.arange(24), best]
    )


def test_families_swap_as_a_whole() -> None:
    """Members of a family have the same next best rep and the cost of the whole step."""
    accounts = make_accounts(parent_id=[None, "A-000", "A-000", *[None] * 21])
    statement = make_statement(accounts)
    rep = ALTERNATE.copy()
    rep[:3] = 0
    swaps, block = swaps_of(make_answer(statement, rep)), statement.blocks[0]
    total = block.costs.total()[:3].sum(axis=0)
    assert len(set(swaps.rep[:3])) == 1
    assert swaps.cost[0] == pytest.approx(np.delete(total, 0).min() - total[0])


def test_a_barred_rep_is_never_the_next_best() -> None:
    """An account barred from both others has no next best rep at all."""
    locks = make_locks(("A-000", "R-2", "must_not"), ("A-000", "R-3", "must_not"))
    statement = make_statement(overrides=locks)
    swaps = swaps_of(make_answer(statement, ALTERNATE))
    assert swaps.rep[0] == -1
    assert np.isnan(swaps.cost[0])
    assert swaps.limit_measure[0] == -1


def test_the_limit_that_forbids_a_single_change_is_named() -> None:
    """Without room for anything more, every change breaks a limit, which is named with the rep."""
    statement = make_statement()
    block = statement.blocks[0]
    answer = make_answer(statement, ALTERNATE)
    full = make_answer(statement, ALTERNATE, lower=answer.loads, upper=answer.loads)
    plan = tabulate(statement, (full,)).plan
    limits = plan["swap_limit"]
    assert limits.str.contains("would (?:exceed the upper|miss the lower) limit by").all()
    assert limits.str.endswith("% of the target").all()
    loose = make_answer(statement, ALTERNATE, lower=0 * block.lower, upper=9 * block.upper,
                        budget_prices=[0.0])  # fmt: skip
    assert tabulate(statement, (loose,)).plan["swap_limit"].fillna("").isin(
        ["", "the disruption budget is used up"]).all()  # fmt: skip


def test_reasons_say_parts_next_best_and_obstacle() -> None:
    """The sentence holds the numbers of the row."""
    statement = make_statement(opportunities=make_opportunities())
    rep = np.where(statement.blocks[0].fixed >= 0, statement.blocks[0].fixed, ALTERNATE)
    plan = tabulate(statement, (make_answer(statement, rep),)).plan
    first = plan.iloc[0]
    assert first["reason"].startswith("Kept: a late-stage deal protects it. Cost ")
    for _, row in plan.iterrows():
        assert f"Cost {row['cost']:.2f}" in row["reason"]
        assert row["swap_cost"] == pytest.approx(row["next_best_cost"] - row["cost"])
    parts = plan[["travel_cost", "misfit_cost", "complexity_cost", "disruption_cost"]]
    np.testing.assert_allclose(parts.sum(axis=1), plan["cost"])


@pytest.mark.parametrize("step", [-0.0049, 0.0, 0.0049])
def test_a_step_of_less_than_a_hundredth_costs_the_same(step: float) -> None:
    """No reason says that the next best costs 0.00 more."""
    statement = make_statement()
    plan = tabulate(statement, (make_answer(statement, ALTERNATE),)).plan
    gains = dict.fromkeys(("travel", "misfit", "complexity", "disruption"), np.nan)
    near = plan.assign(
        swap_cost=step, next_best_cost=plan["cost"] + step, swap_balance_price=0.05,
        stay_balance_price=np.nan,
        **{f"gain_{name}": value for name, value in gains.items()},
    )  # fmt: skip
    reasons = add_reasons(near, statement.book, statement.sellers)["reason"]
    assert reasons.str.contains(
        r"Next best .+ would cost the same to within 0\.01, and balance would charge 0\.05[;.]"
    ).all()


@pytest.mark.parametrize(
    ("step", "said"),
    [(-90.0, "Anna would be 90.00 cheaper, but"), (2.5, "next best Anna would cost 2.50 more, and"),
     (0.001, "next best Anna would cost the same to within 0.01, and")],
)  # fmt: skip
def test_the_step_of_a_family_is_said_to_be_of_the_family(step: float, said: str) -> None:
    """A step that is not the account's own names the family, so that nobody saves 90 out of 8."""
    statement = make_statement()
    plan = tabulate(statement, (make_answer(statement, ALTERNATE),)).plan
    gains = dict.fromkeys(("travel", "misfit", "complexity", "disruption"), np.nan)
    shared = plan.assign(
        swap_cost=step, next_best_cost=plan["cost"] - 1.0, swap_balance_price=0.05,
        next_best_rep_id="R-9", swap_limit=None, stay_balance_price=np.nan,
        **{f"gain_{name}": value for name, value in gains.items()},
    )  # fmt: skip
    people = pd.concat([statement.sellers, statement.sellers.head(1).assign(
        rep_id="R-9", name="Anna")])  # fmt: skip
    reasons = add_reasons(shared, statement.book, people)["reason"]
    text = f"For its family as a whole, {said} balance would charge 0.05."
    assert reasons.str.endswith(text).all()


def test_a_limit_that_is_missed_by_little_is_missed_by_something() -> None:
    """A share of the target that rounds to nothing reads as under 1 %."""
    statement = make_statement()
    answer = make_answer(statement, ALTERNATE)
    full = make_answer(statement, ALTERNATE, lower=answer.loads, upper=answer.loads)
    swaps = swaps_of(full)
    near = dataclasses.replace(swaps, limit_by=np.full(len(swaps.limit_by), 0.002))
    texts = limit_texts(full, near, np.array(["Ann", "Ben", "Cy"], dtype=object))
    assert all(text.endswith(" limit by under 1 % of the target") for text in texts)


def test_decisions_have_a_price_in_cost_and_in_balance() -> None:
    """A lock costs its step to the next best rep; one that agrees with the plan costs nothing."""
    locks = make_locks(("A-000", "R-3", "must"), ("A-001", "R-1", "must_not"),
                       ("A-002", "R-9", "must"))  # fmt: skip
    statement = make_statement(overrides=locks)
    block = statement.blocks[0]
    rep = ALTERNATE.copy()
    rep[0] = 2
    prices = np.array([[0.0, 0.0, 5e-5], [0.0, 0.0, 0.0]])
    alignment = tabulate(statement, (make_answer(statement, rep, prices=prices),))
    rows = alignment.overrides.set_index("account_id")
    total = block.costs.total()
    other = (total[0] + prices.T @ block.load[:, 0])[:2].argmin()
    assert rows.loc["A-000", "cost_price"] == pytest.approx(total[0, 2] - total[0, other])
    assert rows.loc["A-000", "balance_price"] == pytest.approx(5e-5 * block.load[0, 0])
    assert rows.loc["A-000", "otherwise_rep_id"] == f"R-{other + 1}"
    assert rows.loc["A-002", "state"] == "not_usable"
    assert pd.isna(rows.loc["A-002", "price"])
    bar = max(total[1, 1] - total[1, 0], 0.0)
    assert rows.loc["A-001", "price"] == pytest.approx(bar)


def test_causes_name_the_account_the_locks_or_the_budget() -> None:
    """What keeps a territory outside is named: a large account, kept accounts, an empty budget."""
    accounts = make_accounts()
    accounts.loc[0, "potential"] = 5e6
    lumpy = make_statement(accounts, settings=make_settings(disruption_share=None))
    answer = make_answer(lumpy, ALTERNATE)
    causes = excess_causes(answer, lumpy.book, 0, answer.lower[0], answer.upper[0])
    assert causes[0].startswith("Company 0 (A-000) alone is ")
    assert causes[1].startswith("others keep too much")
    locks = make_locks(*[(f"A-{row:03d}", "R-1", "must") for row in range(20)])
    held = make_statement(overrides=locks)
    answer = make_answer(held, np.where(held.blocks[0].fixed >= 0, 0, ALTERNATE))
    causes = excess_causes(answer, held.book, 0, answer.lower[0], answer.upper[0])
    assert "kept accounts hold" in causes[0]
    assert "locks" in causes[0]
    spent = make_statement(settings=make_settings(disruption_share=0.0))
    answer = make_answer(spent, spent.blocks[0].owner)
    causes = excess_causes(answer, spent.book, 0, answer.lower[0], answer.upper[0])
    assert causes[2] == "others keep too much: the disruption budget of ACV is used up"


def test_notes_say_what_is_needed_and_what_a_budget_is_worth() -> None:
    """The planner reads block, tolerance needed and asked, and the price of one more percent."""
    statement = make_statement(settings=make_settings(tolerance=0.1))
    short = make_answer(statement, ALTERNATE, status="infeasible", needed=0.14)
    assert solution_note(short, 0.138) == (
        "no plan is within the tolerance: EMEA needs 14 % instead of 10 %, and reached 13.8 %"
    )
    dear = make_answer(statement, ALTERNATE, budget_prices=[1e-3])
    text = budget_note(dear)
    step = 0.01 * make_accounts()["acv"].sum()
    assert f"another 1 % of the block ({step:,.0f}) would save at most {step * 1e-3:,.2f}" in text
    assert "more would save nothing" in budget_note(make_answer(statement, ALTERNATE))


def test_a_changed_plan_is_checked_anew() -> None:
    """Another plan on the same answer has its own cost, loads and status."""
    statement = make_statement(settings=make_settings(tolerance=0.9, disruption_share=None))
    answer = make_answer(statement, ALTERNATE)
    block = statement.blocks[0]
    crowded = with_rep(answer, np.zeros(24, dtype=np.int64))
    assert crowded.status == "unresolved"
    assert crowded.cost == pytest.approx(block.costs.total()[:, 0].sum())
    assert with_rep(crowded, ALTERNATE).status == "feasible"
    np.testing.assert_allclose(crowded.loads[:, 0], block.load.sum(axis=1))


def test_prices_of_budgets_stand_where_the_budget_is() -> None:
    """A budget without a limit has no price; the others keep theirs."""
    settings = make_settings(disruption_share=None, disruption_count_share=0.3)
    statement = make_statement(settings=settings)
    answer = make_answer(statement, ALTERNATE, budget_prices=[0.7])
    assert dict(zip(answer.block.budgets, answer.budget_prices, strict=True)) == {
        "acv": 0.0, "accounts": 0.7}  # fmt: skip


def test_one_rep_has_everything_and_no_next_best() -> None:
    """With one rep there is nothing to choose; the plan is the bound."""
    statement = make_statement()
    only = statement.sellers["rep_id"].iloc[:1]
    accounts = make_accounts(owner_id="R-1")
    one = make_statement(accounts, reps=pd.DataFrame({"rep_id": only, "role": "AE",
                                                      "region": "EMEA"}))  # fmt: skip
    answer = solve_block(one.blocks[0], effort="quick")
    assert set(answer.rep) == {0}
    assert answer.status == "optimal"
    assert (swaps_of(answer).rep == -1).all()


def test_a_move_says_what_it_gains_against_todays_owner() -> None:
    """Parts of the cost and the price of balance, new owner against old, by hand."""
    statement = make_statement()
    prices = np.array([[3e-4, 0.0, -2e-4], [0.0, 0.0, 0.0]])
    answer = make_answer(statement, ALTERNATE, prices=prices)
    plan = tabulate(statement, (answer,)).plan.set_index("account_id")
    block, row = statement.blocks[0], 2  # owned by the first rep, planned with the third
    assert (block.owner[row], ALTERNATE[row]) == (0, 2)
    old, new = (block.costs.at_reps(np.full(24, rep)) for rep in (0, 2))
    step = (prices[0, 0] - prices[0, 2]) * block.load[0, row]
    own = plan.loc[statement.book["account_id"].iloc[row]]
    assert own["stay_cost"] == pytest.approx(sum(part[row] for part in old.values()))
    assert own["stay_balance_price"] == pytest.approx(step)
    assert f"balance gains {step:.2f}" in own["reason"]
    change = new["disruption"][row] - old["disruption"][row]
    assert f"change of owner costs {change:.2f}" in own["reason"]
    stays = plan[~plan["is_moved"].astype(bool)]
    assert stays[["stay_cost", "stay_balance_price"]].isna().all(axis=None)


def test_a_move_that_gains_nothing_by_itself_says_that_whole_accounts_must_fit() -> None:
    """Without prices of balance a change of owner alone is only a cost."""
    statement = make_statement(settings=make_settings(weight_travel=0, weight_misfit=0))
    plan = tabulate(statement, (make_answer(statement, ALTERNATE),)).plan
    moved = plan[plan["is_moved"].astype(bool) & plan["move_cause"].eq("plan")]
    assert moved["reason"].str.startswith("Moved so that whole accounts fit the limits").all()


def test_an_account_whose_owner_is_barred_moves_by_decision() -> None:
    """A bar on today's owner is the cause, and the reason says so."""
    statement = make_statement(overrides=make_locks(("A-002", "R-1", "must_not")))
    plan = tabulate(statement, (make_answer(statement, ALTERNATE),)).plan.set_index("account_id")
    assert plan.loc["A-002", "move_cause"] == "lock"
    assert plan.loc["A-002", "reason"].startswith("Moved: a manager's decision bars")
