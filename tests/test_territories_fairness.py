"""Fairness review: Gini, luck, peers, flags with their rule, missing tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import table
from planlib.territories.fairness import FairnessReview, gini, review_fairness


def make_plan(**changes: object) -> pd.DataFrame:
    """Make four reps with three accounts of 100 each; R-1 has one large account."""
    frame = pd.DataFrame({
        "account_id": [f"A-{row:02d}" for row in range(12)],
        "rep_id": [f"R-{row // 3 + 1}" for row in range(12)],
        "previous_rep_id": [f"R-{row // 3 + 1}" for row in range(12)],
        "is_in_scope": True, "block": "EMEA", "potential": [800.0] + [100.0] * 11,
        "acv": 10.0, "workload_hours": 5.0, "open_amount": 1.0, "travel_km": 50.0,
    })  # fmt: skip
    return frame.assign(**changes)


def make_accounts(**changes: object) -> pd.DataFrame:
    """Make an industry and a province for each account, all different within a rep."""
    frame = pd.DataFrame({
        "account_id": [f"A-{row:02d}" for row in range(12)],
        "industry": [f"I-{row % 3}" for row in range(12)],
        "province": [f"P-{row % 3}" for row in range(12)],
    })  # fmt: skip
    return frame.assign(**changes)


def make_balance(**changes: object) -> pd.DataFrame:
    """Make the balance of potential: R-1 is far above its target."""
    frame = pd.DataFrame({
        "rep_id": ["R-1", "R-2", "R-3", "R-4"], "measure": "potential", "block": "EMEA",
        "rep_name": ["Ana", "Bo", "Cy", "Di"], "before": [1000.0, 300.0, 300.0, 300.0],
        "after": [1000.0, 300.0, 300.0, 300.0], "target": 475.0, "tolerance": 0.4,
        "is_within": [False, True, True, True],
    })  # fmt: skip
    return frame.assign(deviation_after=frame["after"] / 475.0 - 1).assign(**changes)


def run(plan: pd.DataFrame | None = None, **tables: pd.DataFrame | None) -> FairnessReview:
    """Review with high limits, so that single flags can be seen."""
    settings = TerritoryDecisionsSettings(top_account_share=0.7)
    tables.setdefault("accounts", make_accounts())
    balance = tables.pop("balance", make_balance())
    return review_fairness(make_plan() if plan is None else plan, balance, settings, **tables)


def flags(review: FairnessReview, rep: str = "R-1") -> str:
    """Give the flags of a rep."""
    return str(review.territories.set_index("rep_id").loc[rep, "flags"])


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ([1, 1, 1, 1], 0.0),
        ([0, 0, 0, 5], 0.75),
        ([1, 3], 0.25),
        ([1, 2, 3, 4, 5], 4 / 15),
        ([2.0, np.nan, 2.0], 0.0),
        (np.ma.array([1, 90, 3], mask=[False, True, False]), 0.25),
    ],
)
def test_gini_has_its_known_answers(values, answer):
    """Equal shares 0, one holder 1 - 1/n, and textbook values between."""
    assert gini(values) == pytest.approx(answer)


@pytest.mark.parametrize("values", [[], [0, 0], [-1, 2], [np.nan]])
def test_gini_of_nothing_is_not_known(values):
    """It is NaN, not zero."""
    assert np.isnan(gini(values))


@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=9))
def test_gini_depends_on_proportions_alone(values):
    """Scaling and shuffling change nothing, and it is the mean difference over twice the mean."""
    x = np.array(values)
    brute = np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean())
    assert gini(x) == pytest.approx(brute, abs=1e-9)
    assert gini(7 * x[::-1]) == pytest.approx(brute, abs=1e-9)


def test_sizes_luck_and_travel_of_a_territory():
    """Sums, largest account, industry and region, and what is usual among peers."""
    row = run().territories.set_index("rep_id").loc["R-1"]
    assert (row["rep_name"], row["account_count"], row["potential"]) == ("Ana", 3, 1000.0)
    assert (row["top_account_id"], row["top_account_share"]) == ("A-00", 0.8)
    assert (row["top_industry"], row["top_industry_share"]) == ("I-0", 0.8)
    assert row["peer_industry_share"] == pytest.approx(1 / 3)
    assert (row["travel_km"], row["peer_travel_km"]) == (50.0, 50.0)
    assert (row["worst_measure"], row["basis"]) == ("potential", "potential")


def test_every_flag_has_its_value_and_its_limit():
    """Tolerance, account, industry, travel, changes: each in words with both numbers."""
    plan = make_plan(travel_km=[200.0] * 3 + [50.0] * 9,
                     previous_rep_id=["R-2"] + make_plan()["rep_id"].tolist()[1:])  # fmt: skip
    found = run(plan)
    assert "potential +110.5 % off its target, tolerance 40.0 %" in flags(found)
    assert "one account holds 80 %, limit 70 %" in flags(found)
    assert "one industry holds 80 %, limit 50 %" in flags(found)
    assert "mean distance 200 km, limit 75 km" in flags(found)
    assert "accounts new to the rep 33 %, limit 30 %" in flags(found)
    assert "ACV given away 25 %, limit 20 %" in flags(found, "R-2")
    assert flags(found, "R-3") == ""
    assert found.flagged["rep_id"].tolist() == ["R-1", "R-2"]
    assert len(found.rules) == 7
    hours = make_balance().assign(measure="workload_hours")
    assert "workload hours +110.5 % off its target" in flags(run(plan, balance=hours))


def test_what_is_usual_among_peers_is_no_luck():
    """Where every rep lives from one industry, nobody is flagged for it."""
    found = run(accounts=make_accounts(industry="Bank"))
    assert "industry" not in flags(found)


def test_peers_are_the_others():
    """A rep's own value is not part of what is usual; fewer than three others give none."""
    found = run(make_plan(travel_km=np.repeat([10.0, 20.0, 30.0, 1000.0], 3))).territories
    assert found["peer_travel_km"].tolist() == [30.0, 30.0, 20.0, 20.0]
    apart = run(make_plan(block=["East"] * 9 + ["West"] * 3), balance=None).territories
    assert apart["peer_travel_km"].isna().all()


def test_the_summary_has_gini_and_range_before_and_after():
    """Per block and in all, of amounts and of what there is for each unit of target."""
    plan = make_plan(previous_rep_id=["R-2"] * 12)
    row = run(plan).summary.set_index(["block", "measure"]).loc[("EMEA", "potential")]
    assert row["gini_before"] == pytest.approx(0.75)
    assert row["gini_after"] == pytest.approx(gini([1000, 300, 300, 300]))
    assert row["target_gini_after"] == pytest.approx(row["gini_after"])
    assert (row["smallest"], row["largest"], row["total"]) == (300, 1000, 1900)
    assert row["range_ratio"] == pytest.approx(10 / 3)


def test_reps_without_accounts_are_reviewed_too():
    """An empty territory counts as 0, not as unknown."""
    balance = make_balance()
    extra = balance.iloc[[1]].assign(rep_id="R-5", after=0.0, deviation_after=-1.0)
    found = run(balance=pd.concat([balance, extra]))
    row = found.territories.set_index("rep_id").loc["R-5"]
    assert (row["account_count"], row["potential"]) == (0, 0.0)
    assert found.summary.set_index(["block", "measure"]).loc[("EMEA", "potential"), "smallest"] == 0


def test_accounts_out_of_scope_do_not_count():
    """They are nobody's luck."""
    found = run(make_plan(is_in_scope=[False] + [True] * 11))
    assert found.territories.set_index("rep_id").loc["R-1", "potential"] == 200.0


def test_it_works_with_owners_alone():
    """Without amounts, balance and accounts, shares are of accounts and the gaps are named."""
    bare = make_plan()[["account_id", "rep_id"]]
    found = run(bare, balance=None, accounts=None)
    row = found.territories.iloc[0]
    assert (row["basis"], row["top_account_share"]) == ("accounts", pytest.approx(1 / 3))
    assert row[["potential", "travel_km", "worst_deviation"]].isna().all()
    assert any("no industry of accounts" in note for note in found.notes)
    assert any("potential is not known" in note for note in found.notes)
    for name, frame in found.tables.items():
        table(name).check(frame)


def test_without_a_territory_there_is_nothing_to_review():
    """A plan without reps has empty tables and a note, no error."""
    found = run(make_plan().iloc[:0], balance=make_balance().iloc[:0],
                reps=make_balance()[["rep_id", "rep_name", "block"]].iloc[:0])  # fmt: skip
    assert [len(frame) for frame in found.tables.values()] == [0, 0]
    assert found.notes == ("no rep has a territory to review",)


def test_order_of_rows_does_not_matter():
    """Shuffled tables give the same review, within its contracts."""
    plain = run()
    mixed = run(make_plan().iloc[::-1], balance=make_balance().iloc[::-1],
                accounts=make_accounts().iloc[::-1])  # fmt: skip
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, mixed.tables[name])
        pd.testing.assert_frame_equal(table(name).check(frame), frame)
