"""Tests of planlib.territories.cascade_plan."""

import numpy as np
import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.tables import table
from planlib.territories import solve_statement, state
from planlib.territories.cascade_market import exceeded, whole_of
from planlib.territories.cascade_plan import CascadePlan, plan_cascade
from planlib.territories.figures import figures_of
from tests import territory_frames
from tests.territory_model_frames import (
    AS_OF,
    make_accounts,
    make_reps,
    make_segments,
    make_settings,
    make_statement,
)


def make_cascade(**changes: object) -> CascadePlan:
    """Plan the small market from the top down; changes are keyword arguments."""
    statement = make_statement()
    reps = changes.pop("reps", make_reps())
    return plan_cascade(statement, solve_statement(statement), reps, effort="quick", **changes)  # type: ignore[arg-type]


def test_every_level_closes() -> None:
    """Each leader's accounts, heads and measures are the sums of those straight below."""
    found = make_cascade()
    table("territory_cascade").check(found.levels)
    table("territory_cascade_plan").check(found.plan)
    table("territory_cascade_cost").check(found.cost)
    assert found.levels["is_closed"].all()
    assert found.cascade is not None
    assert found.cascade.closes
    for measure, rows in found.levels.groupby("measure"):
        own = rows.set_index("leader_id")
        for leader in ("H-1", "M-1", "M-2", "M-3"):
            below = own[own["parent_id"].eq(leader)]
            for column in ("account_count", "head_count", "actual"):
                assert own.loc[leader, column] == below[column].sum(), (measure, column)
            assert own.loc[leader, "target"] == pytest.approx(below["target"].sum())
    top = found.levels[found.levels["level"].eq(0)]
    assert set(top["leader_id"]) == {"H-1"}
    assert set(top["head_count"]) == {6}
    assert set(top["account_count"]) == {40}


def test_accounts_stay_in_their_part_of_the_market() -> None:
    """Nobody gets an account of another block, and the path names the leaders."""
    found = make_cascade()
    rows = found.plan.set_index("account_id")
    iberia = [f"A-{row:03d}" for row in range(3, 40, 4)]
    assert set(rows.loc[iberia, "rep_id"]) <= {"R-5", "R-6"}
    assert set(rows.loc[iberia, "path"]) == {"H-1 > M-3"}
    assert len(rows) == 40


def test_the_cost_of_the_hierarchy_is_shown() -> None:
    """No plan is below the flat bound, and the exchange costs nothing."""
    cost = make_cascade().cost.set_index("plan")
    assert (cost["cost"] >= cost["bound"] - 1e-9).all()
    assert cost.loc["cascade", "cost"] <= cost.loc["strict cascade", "cost"] + 1e-9
    assert cost.loc["cascade", "tolerance_reached"] <= 0.3
    assert cost.loc["flat", "gap"] <= cost.loc["cascade", "gap"] + 1e-9


def test_a_leader_keeps_an_account() -> None:
    """A decision holds and is counted at the leader; one that cannot hold is named and left out."""
    keep = pd.DataFrame({"account_id": ["A-000", "A-001"], "leader_id": ["M-2", "R-1"]})
    found = make_cascade(decisions=keep)
    rows = found.plan.set_index("account_id")
    assert rows.loc["A-000", "rep_id"] in {"R-3", "R-4"}
    assert rows.loc["A-001", "rep_id"] == "R-1"
    assert rows.loc["A-000", "kept_by_id"] == "M-2"
    assert set(found.levels.loc[found.levels["leader_id"].eq("M-2"), "kept_count"]) == {1}
    wrong = pd.DataFrame({"account_id": ["A-000", "A-9", "A-001"],
                          "leader_id": ["M-3", "M-1", "X"]})  # fmt: skip
    rest = make_cascade(decisions=wrong.assign(decision_id=["D-1", "D-2", "D-3"]))
    assert rest.unused == rest.notes == (
        "decision D-1 of a leader is not used, since a lock or another part of the market keeps "
        "account A-000 from all reps below M-3",
        "decision D-2 of a leader is not used, since account A-9 is not planned",
        "decision D-3 of a leader is not used, since X is nobody in the hierarchy",
    )  # fmt: skip
    assert make_cascade(decisions=wrong).unused[1].startswith("a decision of a leader is not used")
    assert rest.levels["kept_count"].eq(0).all()


def test_without_managers_all_stand_below_a_head() -> None:
    """Reps without managers are planned at once below an added head."""
    found = make_cascade(reps=make_reps().assign(manager_id=None))
    top = found.levels[found.levels["level"].eq(0)]
    assert set(top["leader_id"]) == {"(head)"}
    assert found.levels["is_closed"].all()
    assert top["account_count"].eq(40).all()


def test_a_circle_of_managers_is_named() -> None:
    """Two managers above each other are an error."""
    reps = make_reps()
    reps.loc[reps["rep_id"].eq("H-1"), "manager_id"] = "M-1"
    with pytest.raises(TableError, match="stands above itself"):
        make_cascade(reps=reps)


def test_budgets_are_kept_or_said() -> None:
    """The ACV that moves is within the budget wherever the plan is called feasible."""
    statement = make_statement(disruption_share=0.3)
    answers = solve_statement(statement)
    cost = plan_cascade(statement, answers, make_reps(), effort="quick").cost.set_index("plan")
    most = sum(float(answer.block.budget.sum()) for answer in answers)
    is_within = bool(cost.loc["cascade", "moved_acv"] <= most * (1 + 1e-9))
    assert is_within == (cost.loc["cascade", "status"] == "feasible")
    assert np.isfinite(cost["moved_acv"]).all()
    broken = cost["status"].eq("unresolved")
    assert cost.loc[broken, "note"].str.contains("disruption budget of .* exceeded").all()
    assert cost.loc[~broken, "note"].eq("").all()


def test_a_family_may_have_several_owners_today() -> None:
    """What the flat plan moves is what its parts move, account by account."""
    accounts = make_accounts()
    accounts = accounts.assign(
        parent_id=accounts["account_id"].where(accounts.index % 4 == 0).ffill(limit=2)
    )
    accounts["parent_id"] = accounts["parent_id"].mask(accounts["parent_id"].eq(
        accounts["account_id"]))  # fmt: skip
    statement = state(accounts, make_reps(), make_settings(tolerance=0.8, disruption_share=1.0),
                      as_of=AS_OF, segments=make_segments(accounts))  # fmt: skip
    answers = solve_statement(statement)
    assert any(len(np.unique(one.block.item)) < one.block.shape[0] for one in answers)
    cost = plan_cascade(statement, answers, make_reps(), effort="quick").cost.set_index("plan")
    moved = sum(figures_of(one.block, one.rep, statement.book).moved_acv for one in answers)
    assert cost.loc["flat", "moved_acv"] == pytest.approx(moved)


def test_a_budget_that_is_not_kept_is_named() -> None:
    """A plan in which everybody changes takes more than the budget; the flat plan does not."""
    statement = make_statement(disruption_share=0.3)
    answers = solve_statement(statement)
    whole = whole_of(statement, answers)
    assert exceeded(whole, whole.flat) == []
    said = exceeded(whole, np.full(len(whole.owner), -2))
    assert len(said) == len(whole.budgets)
    assert said[0].startswith(f"disruption budget of {answers[0].block.name} exceeded: ACV ")


def test_nothing_planned_is_nothing_shared_out() -> None:
    """Without a rep there are empty tables and a note, no error."""
    found = plan_cascade(make_statement(), [], make_reps().iloc[:0])
    assert [len(one) for one in found.tables.values()] == [0, 0, 0]
    assert "nothing to share out" in found.notes[0]


def test_decisions_that_are_not_used_stand_among_the_problems() -> None:
    """The list that the report shows takes them in behind what was found before."""
    plain = territory_frames.run()
    found = plain.with_unused(["decision D-2 of a leader is not used, since A-9 is not planned"])
    table("territory_problems").check(found.tables["territory_problems"])
    assert len(found.problems) == len(plain.problems) + 1
    last = found.problems.iloc[-1]
    assert last["problem"] == "decision_not_used"
    assert "D-2" in last["detail"]
    assert plain.with_unused([]).problems.equals(plain.problems)
