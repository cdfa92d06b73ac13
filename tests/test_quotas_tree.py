"""Spreads close at every level; blends, decisions and changes within the year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.periods import Period
from planlib.quotas.blend import blend_quotas, stretch_rows
from planlib.quotas.changes import days_of, presence_changes, prorate_quota
from planlib.quotas.decided import apply_decisions, decisions_of_year
from planlib.quotas.tree import Tree, build_tree, spread_down
from planlib.tables import table
from tests.quota_frames import AS_OF, YEAR, make_reps


def make_tree() -> Tree:
    """Company, head, two managers, five leaves."""
    reps = make_reps()
    return build_tree(reps, reps[reps["quota"].notna()])


def make_deep(parents: list[int]) -> Tree:
    """A tree of any depth: person k reports to an earlier one; all without reports carry."""
    ids = [f"p{at:02d}" for at in range(len(parents) + 1)]
    people = pd.DataFrame({"rep_id": ids, "name": ids,
                           "manager_id": [None, *[ids[min(up, at)] for at, up
                                                  in enumerate(parents)]]})  # fmt: skip
    bosses = set(people["manager_id"].dropna())
    return build_tree(people, people[~people["rep_id"].isin(bosses)])


def closes(tree: Tree, cents: pd.Series) -> bool:
    """Whether the children of every node add up to it."""
    return all(cents[below].sum() == cents[node] for node, below in tree.children().items())


def test_the_tree_follows_the_managers_lines():
    """Depths count steps below the company; managers without quotas below are left out."""
    nodes = make_tree().nodes.set_index("node_id")
    assert nodes["depth"].to_dict() == {
        "company": 0, "H": 1, "M1": 2, "M2": 2, "a": 3, "b": 3, "c": 3, "d": 3, "s": 3,
    }  # fmt: skip
    assert nodes.loc["a", "parent_id"] == "M1"


def test_a_manager_with_a_quota_has_a_team_and_an_own_node():
    """The own quota lies below the team's node."""
    reps = make_reps(quota=[None, 50.0, None, 100.0, 200.0, 300.0, 400.0, 500.0])
    nodes = build_tree(reps, reps[reps["quota"].notna()]).nodes.set_index("node_id")
    assert nodes.loc["M1 (own)", "parent_id"] == "M1"
    assert nodes.loc["M1", "kind"] == "manager"


@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=25),
    st.integers(0, 10**12),
    st.floats(0, 1),
    st.randoms(use_true_random=False),
)
def test_sums_close_at_every_level_for_every_blend(parents, total, share, random):
    """Any depth, any lambda, any estimates: spread and blend add up to the cent everywhere."""
    tree = make_deep(parents)
    leaves = tree.leaves()["node_id"]
    weights = pd.Series([random.uniform(0, 9) for _ in leaves], index=leaves)
    stated = pd.Series({node: random.randrange(0, 10**6) for node in tree.nodes["node_id"][1:]
                        if random.random() < 0.3}, dtype="int64")  # fmt: skip
    top, exceeded = spread_down(tree, total, weights, stated)
    assert closes(tree, top)
    assert all(claimed > amount for _, amount, claimed in exceeded)
    bottom = pd.Series([random.choice([np.nan, random.uniform(0, 9)]) for _ in leaves], leaves)
    blended = blend_quotas(top[leaves], bottom, share)
    assert blended.sum() == total
    assert closes(tree, tree.totals(blended))


def test_children_that_exceed_their_level_are_named_and_scaled():
    """Targets of 300 and 200 below a manager of 100: 60 and 40, and the manager is named."""
    weights = pd.Series({"a": 1.0, "b": 1.0, "c": 8.0, "d": 0.0, "s": 0.0})
    top, exceeded = spread_down(make_tree(), 500, weights, pd.Series({"a": 300, "b": 200}))
    assert exceeded == [("M1", 100, 500)]
    assert top[["a", "b"]].tolist() == [60, 40]


def test_stated_targets_are_kept_where_they_fit():
    """One rep of a team of 600 has 100 as stated, the others share the rest by weight."""
    weights = pd.Series({"a": 0.0, "b": 0.0, "c": 1.0, "d": 1.0, "s": 1.0})
    top, exceeded = spread_down(make_tree(), 600, weights, pd.Series({"c": 100}))
    assert top[["c", "d", "s"]].tolist() == [100, 250, 250]
    assert exceeded == []


def test_where_most_have_targets_the_others_keep_their_weight():
    """Two of three have 100 and 200 of 900: they share 600 as 1 : 2, the third keeps 300."""
    weights = pd.Series({"a": 0.0, "b": 0.0, "c": 1.0, "d": 1.0, "s": 1.0})
    top, exceeded = spread_down(make_tree(), 900, weights, pd.Series({"c": 100, "d": 200}))
    assert top[["c", "d", "s"]].tolist() == [200, 400, 300]
    assert exceeded == []


def test_the_blend_is_the_formula():
    """Q = lambda t + (1 - lambda) b T / sum b, by hand: T 1000, t 600/400, b 100/300."""
    top = pd.Series({"x": 600, "y": 400})
    bottom = pd.Series({"x": 1.0, "y": 3.0})
    assert blend_quotas(top, bottom, 1.0).tolist() == [600, 400]
    assert blend_quotas(top, bottom, 0.0).tolist() == [250, 750]
    assert blend_quotas(top, bottom, 0.5).tolist() == [425, 575]
    unknown = blend_quotas(top, pd.Series({"x": np.nan, "y": 3.0}), 0.0)
    assert unknown.tolist() == [600, 400]


def test_stretch_is_ranked_and_flagged():
    """Quota over bottom-up, the most stretched first; unknown stays unknown."""
    rows = pd.DataFrame({"rep_id": list("wxyz"), "quota_amount": [150.0, 100.0, 70.0, 50.0],
                         "bottom_up_amount": [100.0, 100.0, 100.0, np.nan]})  # fmt: skip
    found = stretch_rows(rows, high=1.25, low=0.8)
    assert found["flag"].tolist() == ["stretched", "", "slack", "unknown"]
    assert found["stretch_rank"].tolist()[:3] == [1, 2, 3]
    assert "median 1.00" in found["flag_reason"].iloc[0]
    assert found["flag_reason"].iloc[3] == "no bottom-up estimate: no part is known"


CENTS = pd.Series({"a": 1_000, "b": 2_000, "c": 3_000, "d": 4_000, "s": 2_000})
UNITS = pd.Series({"a": "North", "b": "North", "c": "South", "d": "South", "s": "South"})


CROSSED = UNITS.replace({"North": "South"}).where(UNITS.index != "a", "North")


def decide(
    *rows: dict[str, object], cents: pd.Series = CENTS, holdover: int = 0, units: pd.Series = UNITS
):
    """Apply decisions to quotas of 10, 20, 30, 40 and 20."""
    frame = pd.DataFrame([
        {"decision_id": f"D-{at}", "who": "Boss", "when": f"2025-12-0{at + 1}",
         "why": "agreed",
         **row}
        for at, row in enumerate(rows)
    ])  # fmt: skip
    decisions = table("override_quotas").coerce(frame)
    return apply_decisions(make_tree(), cents, units, decisions, YEAR, holdover_days=holdover)


def test_a_decision_on_a_rep_is_taken_up_by_the_siblings():
    """Ann gets 25, so Bob has 5; the south and all sums stay."""
    found = decide({"rep_id": "a", "quota_amount": 25.0})
    assert found.cents.to_dict() == {"a": 2_500, "b": 500, "c": 3_000, "d": 4_000, "s": 2_000}
    assert found.decisions["status"].tolist() == ["applied"]
    assert found.decisions["before_amount"].tolist() == [10.0]


def test_a_decision_on_a_team_is_taken_up_by_the_other_team():
    """The north gets 60 of 120: both teams keep their proportions inside."""
    found = decide({"rep_id": "M1", "quota_amount": 60.0})
    assert found.cents[["a", "b"]].tolist() == [2_000, 4_000]
    assert found.cents[["c", "d", "s"]].sum() == 6_000
    assert found.cents.sum() == CENTS.sum()


def test_a_decision_on_a_unit_is_taken_up_by_the_other_units():
    """The south gets 30 of 120."""
    found = decide({"unit": "South", "quota_amount": 30.0})
    assert found.cents[["a", "b"]].tolist() == [3_000, 6_000]
    assert found.cents[["c", "d", "s"]].tolist() == [1_000, 1_333, 667]
    assert found.cents.sum() == CENTS.sum()


@pytest.mark.parametrize(("rows", "text"), [
    (({"rep_id": "a", "quota_amount": 40.0},), "those decided on below it 40: that is too much"),
    (({"rep_id": "a", "quota_amount": 10.0}, {"rep_id": "b", "quota_amount": 10.0}),
     "nobody else is left to take up the difference"),
    (({"unit": "South", "quota_amount": 500.0},), "the other units cannot take up the difference"),
    (({"unit": "South", "quota_amount": 90.0}, {"rep_id": "M1", "quota_amount": 60.0}),
     "no quotas have this sum and those decided on"),
])  # fmt: skip
def test_a_decision_that_cannot_be_kept_is_named(rows, text):
    """All sums still close; the decision that breaks them is named with its figures."""
    found = decide(*rows)
    lost = found.decisions[found.decisions["status"] == "impossible"]
    assert len(lost) == 1
    assert text in lost["reason"].iloc[0]
    assert found.cents.sum() == CENTS.sum()


def test_decisions_on_nobody_are_named():
    """Both or neither of rep and unit, a rep without quota, a unit without reps."""
    found = decide(
        {"rep_id": "a", "unit": "South", "quota_amount": 1.0}, {"quota_amount": 1.0},
        {"rep_id": "zz", "quota_amount": 1.0}, {"unit": "West", "quota_amount": 1.0},
    )  # fmt: skip
    assert set(found.decisions["status"]) == {"unknown"}
    assert found.cents.equals(CENTS)


def test_the_later_of_two_decisions_counts():
    """The earlier one is named as replaced."""
    found = decide({"rep_id": "a", "quota_amount": 25.0}, {"rep_id": "a", "quota_amount": 20.0})
    assert found.cents["a"] == 2_000
    assert found.decisions["status"].tolist() == ["impossible", "applied"]


def test_a_decision_on_a_unit_that_does_not_hold_moves_nothing():
    """Beside a decision on the other unit's manager, the quotas are as without it."""
    manager = {"rep_id": "M1", "quota_amount": 60.0}
    found = decide({"unit": "South", "quota_amount": 90.0}, manager)
    assert found.decisions["status"].tolist() == ["impossible", "applied"]
    pd.testing.assert_series_equal(found.cents, decide(manager).cents)


def test_a_manager_whose_team_lies_in_two_units_and_a_unit_are_both_kept():
    """Ann is in the north, the others in the south: team 60 and south 90 leave Ann 30."""
    for order in (0, 1):
        both = [{"rep_id": "M1", "quota_amount": 60.0}, {"unit": "South", "quota_amount": 90.0}]
        found = decide(*both[:: 1 if order else -1], units=CROSSED)
        assert found.decisions["status"].tolist() == ["applied", "applied"]
        assert found.cents[["a", "b"]].tolist() == [3_000, 3_000]
        assert found.cents[["c", "d", "s"]].tolist() == [2_000, 2_667, 1_333]


def test_a_rep_a_manager_and_units_are_kept_to_the_cent():
    """Sums over crossing sets hold exactly, though no share is a whole number of cents."""
    found = decide({"rep_id": "M2", "quota_amount": 77.77},
                   {"unit": "North", "quota_amount": 33.34}, {"rep_id": "c", "quota_amount": 11.11},
                   units=pd.Series({"a": "North", "b": "South", "c": "South", "d": "North",
                                    "s": "South"}))  # fmt: skip
    assert set(found.decisions["status"]) == {"applied"}
    assert found.cents[["c", "d", "s"]].sum() == 7_777
    assert found.cents[["a", "d"]].sum() == 3_334
    assert found.cents["c"] == 1_111
    assert found.cents.sum() == CENTS.sum()
    assert (found.cents >= 0).all()


def test_a_decision_within_the_year_counts_by_days_with_holdover():
    """From July, 31 days held over: 153 of 365 days at 30, the rest at 10."""
    found = decide({"rep_id": "a", "quota_amount": 30.0, "effective_from": "2026-07-01"},
                   holdover=31)  # fmt: skip
    expected = (10 * 212 + 30 * 153) / 365
    assert found.decisions["year_amount"].iloc[0] == pytest.approx(expected)
    assert found.cents["a"] == round(expected * 100)
    assert found.changes["days_before"].tolist() == [212]
    assert found.cents.sum() == CENTS.sum()


def test_decisions_of_other_years_and_later_days_do_not_count():
    """Ended before the year, begins after it, taken after the as-of date, superseded."""
    rows = [
        {"effective_to": "2025-12-31"}, {"effective_from": "2027-01-01"}, {"when": "2026-02-01"},
        {}, {"supersedes": "D-3", "effective_from": "2026-09-01"},
    ]  # fmt: skip
    frame = table("override_quotas").coerce(pd.DataFrame([
        {"decision_id": f"D-{at}", "who": "x", "when": "2025-11-01", "why": "y", "rep_id": "a",
         "quota_amount": 1.0, **row} for at, row in enumerate(rows)
    ]))  # fmt: skip
    assert decisions_of_year(frame, YEAR, AS_OF)["decision_id"].tolist() == ["D-4"]
    assert decisions_of_year(None, YEAR, AS_OF) is None


def test_a_later_decision_that_names_a_day_of_the_year_counts():
    """Taken after the as-of date: one from March of the year counts, one for the next does not."""
    frame = table("override_quotas").coerce(pd.DataFrame([
        {"decision_id": day, "who": "x", "when": "2026-02-01", "why": "y", "rep_id": "a",
         "quota_amount": 1.0, "effective_from": day}
        for day in ("2026-03-01", "2027-03-01", "2026-01-01")
    ]))  # fmt: skip
    kept = decisions_of_year(frame, YEAR, AS_OF)["decision_id"]
    assert kept.tolist() == ["2026-03-01", "2026-01-01"]


def test_days_of_a_change_lie_within_the_year():
    """Known before the year: all of it; after it: none; an end cuts it."""
    day = pd.Timestamp
    assert days_of(YEAR, None) == 365
    assert days_of(YEAR, day("2025-12-20"), holdover_days=60) == 365
    assert days_of(YEAR, day("2026-12-20"), holdover_days=60) == 0
    assert days_of(YEAR, day("2026-01-01"), day("2026-01-31")) == 31
    assert prorate_quota(100.0, 100.0, 77, YEAR) == pytest.approx(100.0)
    assert prorate_quota(0.0, 366.0, 10, Period.parse("2028")) == pytest.approx(10.0)


def test_starts_and_leaves_within_the_year_are_quotas_of_the_plan_by_days():
    """The year has the quota of the plan; before and after are what it is at a year's pace."""
    quotas = pd.DataFrame({
        "rep_id": ["x", "y", "z"], "quota_amount": [184.0, 31.0, 365.0], "ramped_share": 0.4,
        "first_date": pd.to_datetime(["2026-07-01", "2020-01-01", "2020-01-01"]),
        "leave_date": pd.to_datetime([None, "2026-01-31", None]),
    })  # fmt: skip
    found = presence_changes(quotas, YEAR)
    assert found["change"].tolist() == ["starts", "leaves"]
    assert found["year_amount"].tolist() == [184.0, 31.0]
    assert found["old_amount"].tolist() == pytest.approx([0.0, 365.0])
    assert found["new_amount"].tolist() == pytest.approx([365.0, 0.0])
    by_days = [prorate_quota(row["old_amount"], row["new_amount"], 365 - row["days_before"], YEAR)
               for row in found.to_dict("records")]  # fmt: skip
    assert by_days == pytest.approx(found["year_amount"].tolist())
    assert found["reason"].iloc[0] == (
        "quota of the plan for 184 of 365 days; ramped and present for 40 % of a full year"
    )


def test_who_starts_and_leaves_in_one_year_has_the_quota_for_the_days_between():
    """July alone: 31 days of 365, and both rows give the same quota."""
    quotas = pd.DataFrame({
        "rep_id": ["x"], "quota_amount": [31.0], "ramped_share": [0.05],
        "first_date": pd.to_datetime(["2026-07-01"]), "leave_date": pd.to_datetime(["2026-07-31"]),
    })  # fmt: skip
    found = presence_changes(quotas, YEAR)
    assert found["change"].tolist() == ["starts", "leaves"]
    assert found["year_amount"].tolist() == [31.0, 31.0]
    assert found["new_amount"].iloc[0] == found["old_amount"].iloc[1] == pytest.approx(365.0)
    assert found["reason"].str.startswith("quota of the plan for 31 of 365 days").all()
