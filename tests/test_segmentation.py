"""Segmentation as a whole: what it needs, what wins over what, and that it is stable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planlib.errors import TableError
from planlib.periods import FiscalYear
from planlib.plan import parse_plan
from planlib.segmentation import compare_settings
from planlib.settings.segmentation import UNASSIGNED
from tests.segmentation_frames import (
    AS_OF,
    by_id,
    check,
    findings,
    make_accounts,
    make_market,
    make_reps,
    make_settings,
    run,
)

MONEY = ["yearly_spend", "potential", "potential_low", "potential_high"]
WORDS = ["segment", "unit", "market", "size", "industry_group", "lifecycle", "coverage"]


def make_overrides(**columns: object) -> pd.DataFrame:
    """Make one decision of Kim about A1."""
    base = {
        "decision_id": ["D-0001"],
        "who": ["Kim"],
        "why": ["merger"],
        "when": pd.to_datetime(["2026-02-01"]),
        "account_id": ["A1"],
    }
    return pd.DataFrame({**base, **{name: [value] for name, value in columns.items()}})


def test_ids_alone_are_enough() -> None:
    """With account_id alone every account is kept, and each gap is named with its remedy."""
    result = run(make_accounts())
    assert result.segments["segment"].tolist() == ["Size unknown"] * 3
    assert result.segments["lifecycle"].tolist() == ["unknown"] * 3
    assert result.segments["potential"].isna().all()
    gaps = result.segment_findings[result.segment_findings["severity"] == "gap"]
    topics = {"size", "market", "industry group", "lifecycle", "potential", "coverage"}
    assert topics <= set(gaps["topic"])
    assert (gaps["remedy"].str.len() > 0).all()
    assert result.headlines()[0] == "3 accounts in 1 segment; potential is not known."
    check(result)


def test_no_accounts_give_empty_tables() -> None:
    """A workbook without accounts gives tables without rows, in shape."""
    result = run(make_accounts().iloc[:0])
    assert len(result.segments) == 0
    assert "0 accounts" in result.headlines()[0]
    check(result)


@pytest.mark.parametrize(
    "column", [name for name in make_market(2).columns if name != "account_id"]
)
def test_every_column_may_be_missing(column: str) -> None:
    """Without any one column the other accounts' columns still give a segment and a unit."""
    result = run(make_market(60).drop(columns=column), reps=make_reps())
    assert len(result.segments) == 60
    assert result.segments[["segment", "unit"]].notna().all(axis=None)
    check(result)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["A1", "A1", "A2"], "account_id repeats in 1 rows"),
        (["A1", None, "A2"], "account_id is blank in 1 rows"),
    ],
)
def test_ids_must_be_there_and_unique(ids: list[str], message: str) -> None:
    """A blank or repeated id is an error that says how often."""
    with pytest.raises(TableError, match=message):
        run(make_accounts(account_id=ids))


def test_a_table_without_ids_is_refused() -> None:
    """Without account_id nothing can be segmented; the error lists what was found."""
    with pytest.raises(TableError, match="'account_id' is missing; found name"):
        run(pd.DataFrame({"name": ["x"]}))


def test_input_is_not_changed() -> None:
    """The accounts handed in stay as they are."""
    accounts = make_market()
    before = accounts.copy(deep=True)
    run(accounts, reps=make_reps())
    pd.testing.assert_frame_equal(accounts, before)


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_row_order_does_not_matter(random: object) -> None:
    """Shuffled accounts give the same rows, and the same tables beside them to the last digit."""
    accounts = make_market(150)
    order = list(range(len(accounts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    plain, mixed = run(accounts, reps=make_reps()), run(accounts.iloc[order], reps=make_reps())
    assert mixed.segments["account_id"].tolist() == accounts["account_id"].iloc[order].tolist()
    for name, frame in plain.tables().items():
        other = mixed.tables()[name]
        if name == "segments":
            other = other.sort_values("account_id", ignore_index=True)
        pd.testing.assert_frame_equal(frame, other, check_exact=True)


def test_names_of_ids_do_not_matter() -> None:
    """Other ids in another order give every account the same result."""
    accounts = make_market()
    renamed = accounts.assign(account_id=[f"Z{9999 - place}" for place in range(len(accounts))])
    plain, other = run(accounts).segments, run(renamed).segments
    pd.testing.assert_frame_equal(plain[WORDS], other[WORDS])
    np.testing.assert_allclose(plain[MONEY], other[MONEY], rtol=1e-9)


def test_money_in_another_unit_changes_only_money() -> None:
    """Ten times the amounts and thresholds: ten times the potentials, the same segments."""
    accounts = make_market()
    scaled = accounts.assign(acv=accounts["acv"] * 10, revenue=accounts["revenue"] * 10)
    plain = run(accounts, "large_footprint_acv: 20000").segments
    other = run(scaled, "large_footprint_acv: 200000").segments
    pd.testing.assert_frame_equal(plain[WORDS], other[WORDS])
    np.testing.assert_allclose(plain[MONEY] * 10, other[MONEY], rtol=1e-9)


def test_same_input_same_output() -> None:
    """A second run gives the same tables."""
    first, second = run(make_market(), reps=make_reps()), run(make_market(), reps=make_reps())
    for name, frame in first.tables().items():
        pd.testing.assert_frame_equal(frame, second.tables()[name], check_exact=True)


def test_given_values_win_over_rules() -> None:
    """Segment, unit, lifecycle, group, potential and workload as given are kept, and it is said."""
    accounts = make_market()
    first = {
        "segment": "Mine",
        "unit": "Labs",
        "lifecycle": "prospect",
        "industry_group": "Own",
        "potential": 123.0,
        "workload_hours": 7.5,
    }
    for name, value in first.items():
        accounts[name] = pd.Series(
            [value] + [None] * 399, dtype=type(value).__name__.replace("float", "float64")
        )
    row = run(accounts).segments.iloc[0]
    assert {name: row[name] for name in first} == first
    said = {
        "segment_reason",
        "unit_reason",
        "lifecycle_reason",
        "potential_reason",
        "workload_reason",
    }
    assert {row[name] for name in said} == {"given in the account"}
    assert (row["potential_source"], row["workload_source"]) == ("given", "given")


def test_people_win_over_given_values() -> None:
    """A decision of a person wins over what the account says, with who and why in the reason."""
    accounts = make_accounts(segment=["Mine", None, None], potential=[5.0, None, None])
    decided = make_overrides(
        segment="Core",
        unit="Enterprise",
        lifecycle="new_customer",
        potential=900.0,
        workload_hours=12.0,
    )
    row = run(accounts, overrides=decided).segments.iloc[0]
    assert (row["segment"], row["unit"], row["lifecycle"]) == ("Core", "Enterprise", "new_customer")
    assert (row["potential"], row["workload_hours"]) == (900.0, 12.0)
    assert row["segment_reason"] == "set by Kim (D-0001): merger"
    assert (row["potential_source"], bool(row["is_override"])) == ("override", True)


def test_a_decided_lifecycle_leads_to_other_rules() -> None:
    """Rules see the lifecycle that a person decided, not the derived one."""
    accounts = make_accounts(employees=[50, 50, 50], is_customer=[False, False, False])
    decided = make_overrides(lifecycle="large_footprint")
    assert by_id(run(accounts, overrides=decided), "segment") == {
        "A1": "Large footprint",
        "A2": "Small",
        "A3": "Small",
    }


def test_the_later_decision_wins_column_by_column() -> None:
    """Of two decisions the later one counts where it says something, whatever their order."""
    early = make_overrides(segment="Old", unit="Field")
    late = make_overrides(segment="New").assign(when=pd.Timestamp("2026-03-01"))
    for decided in (pd.concat([early, late]), pd.concat([late, early])):
        row = run(make_accounts(), overrides=decided.reset_index(drop=True)).segments.iloc[0]
        assert (row["segment"], row["unit"]) == ("New", "Field")


def test_decisions_about_some_columns_leave_the_others_alone() -> None:
    """Of two decisions each fills in only its own columns."""
    hours = make_overrides(workload_hours=9.0)
    stage = make_overrides(lifecycle="prospect").assign(account_id="A2")
    rows = run(make_accounts(), overrides=pd.concat([hours, stage], ignore_index=True)).segments
    assert rows["lifecycle"].tolist() == ["unknown", "prospect", "unknown"]
    assert rows["workload_source"].tolist() == ["override", "rules", "rules"]


def test_decisions_about_strangers_are_reported() -> None:
    """A decision about an account that does not exist is a problem, not silence."""
    decided = make_overrides(segment="Core").assign(account_id="A77")
    assert findings(run(make_accounts(), overrides=decided), "decisions") == [
        "A77: 1 decision about accounts that do not exist"
    ]


def test_changes_name_the_dimension_that_moved() -> None:
    """An account that grew across a cut line moves, and the reason names the size."""
    before = run(make_accounts(employees=[50, 50, 50]))
    after = run(
        make_accounts(account_id=["A1", "A2", "A9"], employees=[50, 2000, 50]),
        previous=before.segments,
    )
    rows = {row.account_id: (row.change, row.reason) for row in after.segment_changes.itertuples()}
    assert rows == {
        "A2": ("moved", "size small → large"),
        "A3": ("gone", "no longer among the accounts"),
        "A9": ("new", "new account"),
    }
    assert "Since the last cycle: 1 moved, 1 new, 1 gone." in after.headlines()


def test_headlines_call_nothing_the_most_that_is_only_the_largest_part() -> None:
    """A part is told with its share; a shortage is none of a surplus."""
    accounts = make_accounts(
        employees=[2000, 50, 50, 50], potential=[60.0, 40.0, 50.0, 850.0],
        owner_id=[None, None, "R1", "R1"],
    )  # fmt: skip
    lines = run(accounts, reps=make_reps()).headlines("USD")
    assert lines[1] == (
        "10 % of potential (100 USD, 2 accounts) has no active owner; the largest part of it, "
        "60 %, is in Large."
    )
    assert lines[2].endswith("of people, the largest shortage.")
    alone = run(accounts.iloc[[0, 2, 3]], reps=make_reps()).headlines("USD")
    assert alone[1].endswith("has no active owner; all of it is in Large.")


def test_changes_by_rule_and_by_person_are_told_apart() -> None:
    """A move without a changed dimension is put down to the rules, or to the person who decided."""
    accounts = make_accounts(employees=[50, 50, 50])
    before = run(accounts).segments
    other = "segment_rules: [{segment: Tiny, when: {size: small}}]"
    after = run(accounts, other, previous=before, overrides=make_overrides(segment="Core"))
    reasons = dict(
        zip(after.segment_changes["account_id"], after.segment_changes["reason"], strict=True)
    )
    assert reasons["A1"] == "set by Kim (D-0001): merger"
    assert reasons["A2"] == "rules, or values given in the account, changed"


def test_an_unchanged_cycle_has_no_changes() -> None:
    """Compared with itself nothing moved."""
    first = run(make_market())
    assert len(run(make_market(), previous=first.segments).segment_changes) == 0


def test_profile_totals_are_the_totals_of_the_accounts() -> None:
    """Every cut of the profile adds up to all accounts, potential, spend, hours and people."""
    result = run(make_market(), reps=make_reps())
    segments, profile = result.segments, result.segment_profile
    for _, rows in profile.groupby("cut"):
        assert rows["account_count"].sum() == len(segments)
        assert rows["potential"].sum() == pytest.approx(segments["potential"].sum())
        assert rows["acv"].sum() == pytest.approx(segments["yearly_spend"].sum())
        assert rows["workload_hours"].sum() == pytest.approx(segments["workload_hours"].sum())
        assert rows["people_count"].sum() == pytest.approx(1.0)  # R1 alone is there
        assert rows[["potential_share", "people_share"]].sum().tolist() == pytest.approx([1, 1])


def test_segments_without_one_owner_are_problems() -> None:
    """No owner, two owners, an owner who left and an owner of nothing are each named."""
    accounts = make_accounts(employees=[50, 500, 2000, 9000])
    text = """
segment_owners:
  Small: R1
  Medium: [R1, R3]
  Large: R2
  Enterprize: R1
"""
    found = findings(run(accounts, text, reps=make_reps()), "segment owner")
    assert found == [
        "Enterprise: no accountable owner",
        "Enterprize: no account is in this segment",
        "Large: owner R2 left on 2026-01-31",
        "Medium: 2 owners (R1, R3); one is accountable",
    ]


def test_comparing_settings_shows_what_would_move() -> None:
    """A lower threshold moves accounts into the large footprint and nothing is lost."""
    accounts, plan = make_market(), parse_plan("")
    base = run(accounts, plan.segmentation)
    table = compare_settings(base, accounts, plan, AS_OF, {}, large_footprint_acv=5_000)
    assert table["account_change"].sum() == 0
    moved = table.set_index("segment")["account_change"]["Large footprint"]
    assert moved > 0


def test_targets_of_the_coarsest_grain_are_the_goal() -> None:
    """Targets by segment and by segment and region are not added together."""
    targets = pd.DataFrame(
        {
            "period": ["2026", "2026", "2026Q1", "2026", "2025"],
            "measure": ["acv"] * 5,
            "target_amount": [300.0, 100.0, 999.0, 55.0, 7.0],
            "segment": ["Small", "Large", "Small", "Small", "Small"],
            "region": [None, None, None, "EMEA", None],
        }
    )
    accounts = make_accounts(employees=[50, 2000, 50], owner_id=["R1", "R1", "R1"])
    result = run(accounts, targets=targets, reps=make_reps(), fiscal_year=FiscalYear())
    rows = result.profile().set_index("segment")
    assert rows["goal_amount"].to_dict() == {"Small": 300.0, "Large": 100.0}
    assert rows["goal_share"].to_dict() == {"Small": 0.75, "Large": 0.25}
    assert set(rows["goal_basis"]) == {"targets"}


def test_unmatched_accounts_are_kept() -> None:
    """Accounts that no unit rule fits are unassigned, counted and reported."""
    accounts = make_accounts(employees=[50, 500, 2000])
    result = run(accounts, "unit_rules: [{unit: Field, when: {size: large}}]")
    assert result.segments["unit"].tolist() == [UNASSIGNED, UNASSIGNED, "Field"]
    assert "unit rules: 2 accounts fit no unit rule" in findings(result, "rules")
    assert result.segments["unit_reason"].iloc[0] == "no unit rule fits"


def test_settings_hold_defaults_for_everything() -> None:
    """Settings without any key are valid."""
    assert make_settings().size_names == ("small", "medium", "large", "enterprise")
