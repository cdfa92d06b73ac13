"""Plans compared: identity, mirror, sums, customers, layers, order of rows, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planlib.errors import TableError
from planlib.tables import table
from planlib.territories.compare import NO_OWNER, PlanComparison, compare_plans, owners_today

AMOUNTS = ("acv", "potential", "open_amount")


def make_plan(owners: list[str | None], **changes: object) -> pd.DataFrame:
    """Make a plan with one account per owner given; the n-th account has an ACV of 10 n."""
    size = len(owners)
    frame = pd.DataFrame({
        "account_id": [f"A-{row:02d}" for row in range(size)],
        "rep_id": pd.Series(owners, dtype="str"), "role_layer": "AE",
        "acv": [10.0 * (row + 1) for row in range(size)],
        "potential": [100.0] * size, "open_amount": [1.0] * size,
    })  # fmt: skip
    return frame.assign(**changes)


def make_accounts() -> pd.DataFrame:
    """Make three accounts of one family and one on its own."""
    return pd.DataFrame({
        "account_id": ["A-00", "A-01", "A-02", "A-03"],
        "name": ["Top", "Middle", "Leaf", "Single"], "parent_id": [None, "A-00", "A-01", None],
    })  # fmt: skip


def kept(comparison: PlanComparison) -> bool:
    """Check every table against its contract."""
    for name, frame in comparison.tables.items():
        pd.testing.assert_frame_equal(table(name).check(frame), frame)
    return True


def test_a_plan_compared_with_itself_has_no_changes():
    """Nothing moves, no customer is touched, and every rep keeps what it has."""
    plan = make_plan(["R-1", "R-2", None])
    same = compare_plans(plan, plan)
    assert same.changes.empty
    assert same.customers.empty
    assert same.summary["moved"].eq(0).all()
    assert same.reps["old_acv"].equals(same.reps["new_acv"].rename("old_acv"))
    assert kept(same)


owners = st.lists(st.sampled_from(["R-1", "R-2", "R-3", None]), min_size=8, max_size=8)


@settings(max_examples=6, deadline=None)
@given(owners, owners)
def test_what_one_rep_gains_another_loses(before, after):
    """Gains and losses over reps are each the whole that moved, and old + gained - lost = new."""
    found = compare_plans(make_plan(before), make_plan(after))
    moved = found.summary.set_index("measure")["moved"]
    for name in ("count", *AMOUNTS):
        total = moved["accounts" if name == "count" else name]
        assert found.reps[f"gained_{name}"].sum() == pytest.approx(total)
        assert found.reps[f"lost_{name}"].sum() == pytest.approx(total)
        closed = found.reps[f"old_{name}"] + found.reps[f"gained_{name}"]
        closed = closed - found.reps[f"lost_{name}"]
        assert np.allclose(closed.astype(float), found.reps[f"new_{name}"].astype(float))
        if name != "count":
            assert found.changes[name].sum() == pytest.approx(total)
            assert found.customers[f"moved_{name}"].sum() == pytest.approx(total)


@settings(max_examples=6, deadline=None)
@given(owners, owners)
def test_the_other_direction_is_a_mirror(before, after):
    """Old and new, gained and lost, first owner and owner removed change places."""
    there = compare_plans(make_plan(before), make_plan(after))
    back = compare_plans(make_plan(after), make_plan(before))
    assert there.changes["old_rep_id"].tolist() == back.changes["new_rep_id"].tolist()
    mirror = {"first owner": "owner removed", "owner removed": "first owner", "moved": "moved"}
    assert there.changes["change"].map(mirror).tolist() == back.changes["change"].tolist()
    assert there.reps["gained_acv"].tolist() == back.reps["lost_acv"].tolist()
    assert there.customers["old_reps"].tolist() == back.customers["new_reps"].tolist()
    assert there.summary["first_owner"].tolist() == back.summary["owner_removed"].tolist()


def test_stated_values_make_the_mirror_hold_where_plans_value_differently():
    """One table of values is used for both; without it the new plan's values count."""
    old, new = make_plan(["R-1", "R-2"]), make_plan(["R-2", "R-2"], acv=[70.0, 80.0])
    assert compare_plans(old, new).changes["acv"].tolist() == [70.0]
    assert compare_plans(old, new).changes["acv_change"].tolist() == [60.0]
    both = [compare_plans(*pair, values=old).summary for pair in ((old, new), (new, old))]
    assert both[0]["moved"].tolist() == both[1]["moved"].tolist() == [1.0, 10.0, 100.0, 1.0]


def test_accounts_in_one_plan_alone_are_listed_and_do_not_count_as_moved():
    """New and gone accounts have a change of their own."""
    old, new = make_plan(["R-1", "R-1"]), make_plan(["R-1", "R-1"])
    new = new.assign(account_id=["A-01", "A-07"])
    found = compare_plans(old, new)
    assert found.changes.set_index("account_id")["change"].to_dict() == {
        "A-00": "account gone", "A-07": "new account",
    }  # fmt: skip
    totals = found.summary.set_index("measure").loc["accounts"]
    assert (totals["total"], totals["moved"]) == (1, 0)
    assert (totals["new_account"], totals["account_gone"]) == (1, 1)
    assert found.moved.empty


def test_accounts_without_owner_have_a_row_of_their_own():
    """So the sums over reps are complete."""
    found = compare_plans(make_plan([None, "R-1"]), make_plan(["R-1", None]))
    nobody = found.reps.set_index("rep_id").loc[NO_OWNER]
    assert (nobody["lost_acv"], nobody["gained_acv"]) == (10.0, 20.0)
    assert nobody["rep_name"] == "no owner"


def test_customers_are_families():
    """The top account stands for its family, with the people it deals with before and after."""
    old, new = make_plan(["R-1"] * 4), make_plan(["R-1", "R-2", "R-2", "R-1"])
    names = pd.DataFrame({"rep_id": ["R-1", "R-2"], "name": ["Ana", "Bo"]})
    found = compare_plans(old, new, accounts=make_accounts(), reps=names)
    row = found.customers.iloc[0]
    assert len(found.customers) == 1
    assert (row["customer_id"], row["customer_name"], row["account_count"]) == ("A-00", "Top", 3)
    assert (row["moved_count"], row["moved_acv"], row["kept_rep_count"]) == (2, 50.0, 1)
    assert row["new_reps"] == "Ana (R-1); Bo (R-2)"
    assert kept(found)


def test_layers_are_compared_apart():
    """An account with an owner in two layers has two rows."""
    old = pd.concat([make_plan(["R-1"]), make_plan(["S-1"]).assign(role_layer="SDR")])
    new = pd.concat([make_plan(["R-2"]), make_plan(["S-1"]).assign(role_layer="SDR")])
    found = compare_plans(old, new)
    assert found.changes["role_layer"].tolist() == ["AE"]


def test_order_of_rows_does_not_matter():
    """Shuffled plans give the same tables."""
    old, new = make_plan(["R-1", "R-2", None, "R-3"]), make_plan(["R-2", "R-2", "R-1", None])
    plain = compare_plans(old, new, accounts=make_accounts())
    mixed = compare_plans(old.iloc[::-1], new.iloc[[2, 0, 3, 1]],
                          accounts=make_accounts().iloc[::-1])  # fmt: skip
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, mixed.tables[name])


def test_unknown_amounts_stay_unknown():
    """An amount that no account has is NA, never zero, and a note says so."""
    bare = make_plan(["R-1", "R-2"])[["account_id", "rep_id"]]
    found = compare_plans(bare, bare.assign(rep_id=["R-2", "R-2"]))
    amounts = found.summary.set_index("measure")
    assert amounts.loc["accounts", "moved"] == 1
    assert amounts.loc["acv", ["total", "moved", "moved_share"]].isna().all()
    assert any("ACV is not known for any account" in note for note in found.notes)
    assert kept(found)


def test_today_against_the_plan():
    """The owners of today are the old plan."""
    plan = make_plan(["R-1", "R-2"], previous_rep_id=["R-2", "R-2"])
    found = compare_plans(owners_today(plan), plan, comparison="today to plan")
    assert found.changes[["old_rep_id", "new_rep_id"]].to_numpy().tolist() == [["R-2", "R-1"]]


def test_bad_plans_are_named():
    """Repeated and blank accounts are errors with the first ids."""
    plan = make_plan(["R-1", "R-2"], account_id=["A-00", "A-00"])
    with pytest.raises(
        TableError, match="new plan: 2 rows repeat an account in a layer, first A-00"
    ):
        compare_plans(make_plan(["R-1"]), plan)
    with pytest.raises(TableError, match="column 'rep_id' is missing"):
        compare_plans(plan[["account_id"]], plan)


def test_families_with_loops_end_at_their_smallest_id():
    """Parents that point at each other do not hang."""
    accounts = make_accounts().assign(parent_id=["A-02", "A-00", "A-01", None])
    old, new = make_plan(["R-1"] * 4), make_plan(["R-2"] * 4)
    found = compare_plans(old, new, accounts=accounts)
    assert found.customers["customer_id"].tolist() == ["A-00", "A-03"]


def test_inputs_are_left_as_they_were():
    """Neither plan is changed."""
    old, new = make_plan(["R-1", None]), make_plan([None, "R-2"])
    copies = old.copy(deep=True), new.copy(deep=True)
    compare_plans(old, new)
    pd.testing.assert_frame_equal(old, copies[0])
    pd.testing.assert_frame_equal(new, copies[1])
