"""Holdover: which open deals stay with the old rep, until when, with which credit."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import table
from planlib.territories.holdover import Holdover, credit_won, hold_over

DAY = datetime.date(2026, 4, 1)


def make_plan() -> pd.DataFrame:
    """Make two accounts that move and one that stays."""
    return pd.DataFrame({
        "account_id": ["A-1", "A-2", "A-3", "A-4"], "rep_id": ["R-2", "R-2", "R-1", "R-2"],
        "previous_rep_id": ["R-1", "R-1", "R-1", None],
    })  # fmt: skip


def make_deals(**changes: object) -> pd.DataFrame:
    """Make one deal for each rule, on the account that moves."""
    frame = pd.DataFrame({
        "opportunity_id": ["O-1", "O-2", "O-3", "O-4", "O-5", "O-6"], "account_id": "A-1",
        "owner_id": "R-1", "stage": "Proposal", "is_closed": False,
        "probability": [0.8, 0.1, 0.1, 0.1, 0.1, 0.1],
        "forecast_category": ["pipeline", "commit"] + ["pipeline"] * 4,
        "close_date": pd.to_datetime(["2026-12-01", "2026-12-01", "2026-05-01", "2026-12-01",
                                      "2026-03-01", "2026-12-01"]),
        "amount": [100.0, 50.0, 20.0, 10.0, 5.0, None],
    })  # fmt: skip
    return frame.assign(**changes)


def run(deals: pd.DataFrame | None, **changes: object) -> Holdover:
    """Hold over on the first of April."""
    more = {name: changes.pop(name) for name in ("reps", "accounts") if name in changes}
    settings = TerritoryDecisionsSettings(**changes)  # type: ignore[arg-type]
    return hold_over(make_plan(), deals, effective=DAY, settings=settings, **more)


def test_each_rule_holds_its_deal_and_says_why():
    """Probability, commitment and close date hold; early, late and far deals go."""
    found = run(make_deals()).deals.set_index("opportunity_id")
    assert found.loc["O-1", "reason"] == "held: probability 80 %"
    assert found.loc["O-2", "reason"] == "held: committed"
    assert found.loc["O-3", "reason"] == "held: closes on 2026-05-01"
    assert found.loc["O-5", "reason"] == "goes: its close date is past"
    assert found.loc["O-6", "reason"] == "goes: early, and not closing soon"
    assert found.index[found["is_held"]].tolist() == ["O-1", "O-2", "O-3"]
    assert found.loc["O-1", "until_date"] == pd.Timestamp("2026-06-30")


def test_only_deals_on_accounts_that_change_hands_are_listed():
    """Closed deals, accounts that stay, and accounts without owner before are left out."""
    deals = make_deals(account_id=["A-1", "A-2", "A-3", "A-4", "A-1", "A-9"],
                       is_closed=[True, False, False, False, False, False])  # fmt: skip
    assert sorted(run(deals).deals["opportunity_id"]) == ["O-2", "O-5"]


def test_a_stage_by_its_label_holds_too():
    """Labels of the settings, whatever their capitals."""
    found = run(make_deals(probability=0.1, forecast_category="pipeline", stage="NEGOTIATION"),
                holdover_stages=("Negotiation",))  # fmt: skip
    assert found.deals["is_held"].all()
    assert "Negotiation" in found.rule


def test_credit_is_shared_as_the_rule_says():
    """Shares add up to 1; what goes is the new rep's."""
    found = run(make_deals(), holdover_old_share=0.6).deals
    assert (found["old_share"] + found["new_share"]).eq(1.0).all()
    assert found.loc[found["is_held"], "old_share"].eq(0.6).all()
    assert found.loc[~found["is_held"], "old_share"].eq(0.0).all()


def test_nothing_stays_with_a_rep_who_left_or_with_a_third_person():
    """Both go, with the reason."""
    reps = pd.DataFrame({"rep_id": ["R-1"], "name": ["Ana"], "leave_date": ["2026-03-31"]})
    gone = run(make_deals(), reps=reps).deals
    assert not gone["is_held"].any()
    assert set(gone["reason"]) == {"goes: the old rep has left"}
    other = run(make_deals(owner_id="S-1")).deals
    assert not other["is_held"].any()
    assert other["reason"].str.contains("S-1 works on it").all()


def test_the_list_per_rep_sums_the_held_deals():
    """Deals, accounts, amount and credit of each old rep."""
    row = run(make_deals(), holdover_old_share=0.5).by_rep().iloc[0]
    assert (row["rep_id"], row["deal_count"], row["account_count"]) == ("R-1", 3, 1)
    assert (row["amount"], row["credit_amount"]) == (170.0, 85.0)


def test_the_headline_counts_what_stays_and_what_goes():
    """Both sums stand in one sentence; without deals both are nothing."""
    deals = run(make_deals())
    goes = deals.deals.loc[~deals.deals["is_held"], "amount"]
    assert deals.headline() == (
        f"3 of {3 + len(goes)} open deals on accounts that move stay with the old rep (170), "
        f"the others ({goes.sum():,.0f}) go along at once"
    )
    assert run(None).headline().startswith("0 of 0 open deals")
    unknown = run(make_deals(amount=np.nan)).headline()
    assert "old rep (amount not known), the others (amount not known) go along" in unknown


def test_the_table_keeps_its_contract_in_any_order_of_rows():
    """Shuffled deals give the same table."""
    plain, mixed = run(make_deals()), run(make_deals().iloc[::-1])
    pd.testing.assert_frame_equal(plain.deals, mixed.deals)
    table("territory_holdover").check(plain.deals)


@pytest.mark.parametrize("deals", [None, pd.DataFrame({"opportunity_id": ["O-1"]})])
def test_without_deals_nothing_is_held_and_that_is_said(deals):
    """No table, or one without state, is no error."""
    found = run(deals)
    assert found.deals.empty
    assert "no deal can be held over" in found.notes[0]


def test_deals_without_probability_and_date_are_judged_by_the_rest():
    """What is missing is named."""
    found = run(make_deals().drop(columns=["probability", "close_date"]))
    assert found.deals.loc[found.deals["is_held"], "opportunity_id"].tolist() == ["O-2"]
    assert len(found.notes) == 2


def test_won_deals_are_credited_by_the_rule():
    """In time: split; too late or not held: the new rep's; a third person keeps her own."""
    owners = ["R-1", "R-1", "R-1", "R-1", "R-1", "S-1"]
    listed = run(make_deals(owner_id=owners), holdover_old_share=0.6).deals
    later = make_deals(is_won=[True, True, False, True, False, True], owner_id=owners,
                       close_date=pd.to_datetime(["2026-06-30", "2026-07-01"] + ["2026-05-01"] * 4),
                       amount=200.0)  # fmt: skip
    found = credit_won(listed, later)
    shares = found.set_index(["opportunity_id", "rep_id"])["share"].to_dict()
    assert shares == pytest.approx({
        ("O-1", "R-1"): 0.6, ("O-1", "R-2"): 0.4, ("O-2", "R-2"): 1.0, ("O-4", "R-2"): 1.0,
        ("O-6", "S-1"): 1.0,
    })  # fmt: skip
    assert found.groupby("opportunity_id")["share"].sum().eq(1.0).all()
    assert found["amount"].sum() == pytest.approx(800.0)
    table("splits").check(found.drop(columns="amount"))


def test_without_a_third_person_no_credit_is_made_up():
    """Every row of credit names its deal, and the amounts add up to what was won."""
    owners = ["R-1"] * 6
    listed = run(make_deals(owner_id=owners), holdover_old_share=0.6).deals
    found = credit_won(listed, make_deals(
        is_won=True, owner_id=owners, close_date=pd.Timestamp("2026-05-01"), amount=200.0,
    ))  # fmt: skip
    assert found["opportunity_id"].notna().all()
    assert found["amount"].sum() == pytest.approx(200.0 * listed["opportunity_id"].nunique())
