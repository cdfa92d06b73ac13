"""Tests of marketing sources: links, credit, cost, balance."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.pipeline.sources import BRIEF, Scope, _is_brief, _ratios, campaign_costs
from planlib.settings.marketing import MarketingSettings
from tests.pipeline_frames import AS_OF, deal, figure, make_accounts, make_history, review, seen
from tests.source_frames import make_campaigns, make_table, row, sources, touch

SCOPE = "2026Q1"
DEALS = (
    deal("a", "won", 100, "2026-02-10", "2026-01-20"),
    deal("b", "open", 200, created="2026-01-25", account_id="A2"),
    deal("c", "open", None, created="2026-01-26"),
)
TOUCHES = make_table(
    "marketing_touches",
    touch("t1", "2026-01-12", opportunity_id="a"),
    touch("t2", "2026-01-15", "C2", opportunity_id="a"),
    touch("t3", "2026-01-19", "C2", opportunity_id="a"),
    touch("t4", "2026-02-01", opportunity_id="a"),
    touch("t5", "2026-02-03", opportunity_id="b"),
    touch("t6", "2026-02-04", lead_id="L9"),
)


def found(**tables: object):
    """Measure the three deals with touches and campaigns."""
    return sources(
        *DEALS, **({"marketing_touches": TOUCHES, "campaigns": make_campaigns()} | tables)
    )


@pytest.mark.parametrize(
    ("model", "events", "digital"), [("first", 100, 0), ("last", 0, 100), ("even", 33.33, 66.67)]
)
def test_pipeline_is_credited_to_touches_until_creation(model, events, digital):
    """Three touches came before deal a, the fourth and that of deal b came too late."""
    result = found()
    keys = {"scope": SCOPE, "credit_model": model, "by": "source"}
    assert row(result, "marketing_sources", value="events", **keys)["pipeline_amount"] == events
    assert row(result, "marketing_sources", value="digital", **keys)["pipeline_amount"] == digital
    rest = row(result, "marketing_sources", value="(unattributed)", **keys)
    assert (rest["pipeline_amount"], rest["pipeline_deals"]) == (200, 2)


def test_acv_is_credited_to_touches_until_the_close():
    """All four touches of deal a share its ACV."""
    keys = {"scope": SCOPE, "credit_model": "even", "by": "source"}
    assert row(found(), "marketing_sources", value="events", **keys)["acv_amount"] == 50


def test_every_grouping_adds_up_with_the_unattributed_part():
    """By source, channel, campaign and in the cells of every cut: the same pipeline and ACV."""
    result = found(accounts=make_accounts())
    rows = result.tables["marketing_sources"]
    names = ["pipeline_amount", "pipeline_deals", "acv_amount", "acv_deals"]
    sums = rows.groupby(["scope", "credit_model", "by"], observed=True)[names].sum().round(6)
    per_scope = sums.groupby("scope").nunique()
    assert (per_scope == 1).all().all()
    cells = result.tables["marketing_cells"]
    assert set(cells["cut"]) == {"region", "segment"}
    totals = cells.groupby(["scope", "credit_model", "cut"], observed=True)[names].sum().round(6)
    assert (totals.loc[SCOPE, "even"] == sums.loc[SCOPE, "even", "all"]).all().all()
    matrix = review(*DEALS)
    assert (
        sums.loc[(SCOPE, "even", "all"), "pipeline_amount"] == figure(matrix, "generated")["value"]
    )
    assert sums.loc[(SCOPE, "even", "all"), "acv_amount"] == figure(matrix, "closed_acv")["value"]


def test_credited_deals_are_listed():
    """The deals behind each source add up to its figures."""
    result = found()
    deals = result.tables["marketing_deals"]
    mine = deals[(deals["scope"] == SCOPE) & (deals["credit_model"] == "even")]
    by = mine.groupby(["figure", "source"], observed=True)["credited_amount"].sum()
    assert by["pipeline", "digital"] == 66.67
    assert by["acv"].sum() == 100


def test_cost_counts_the_days_in_scope_and_ratios_come_from_sums():
    """Half of the search campaign ran in the quarter; a missing staff cost is not zero staff."""
    keys = {"scope": SCOPE, "credit_model": "even", "by": "source"}
    digital = row(found(), "marketing_sources", value="digital", **keys)
    assert digital["campaign_cost_amount"] == 20
    assert pd.isna(digital["staff_cost_amount"])
    assert digital["cost_per_pipeline"] == pytest.approx(20 / 66.67)
    events = row(found(), "marketing_sources", value="events", **keys)
    assert (events["cost_amount"], events["staff_count"]) == (150, pytest.approx(9 * 10 / 47))
    assert events["cost_per_acv"] == 3
    whole = row(found(), "marketing_sources", scope=SCOPE, credit_model="even", by="all")
    assert (whole["cost_amount"], whole["cost_per_pipeline"]) == (170, pytest.approx(170 / 100))


def test_the_price_of_all_lies_between_those_of_the_sources():
    """What no touch reached is not in the price: it would make all cheaper than each."""
    rows = found().tables["marketing_sources"]
    rows = rows[(rows["scope"] == SCOPE) & (rows["credit_model"] == "even")]
    whole = rows[rows["by"] == "all"].iloc[0]
    named = rows[(rows["by"] == "source") & rows["cost_amount"].notna()]
    for ratio in ("cost_per_pipeline", "cost_per_acv"):
        assert named[ratio].min() < whole[ratio] < named[ratio].max()
    staffed = named[named["staff_count"] > 0]
    assert whole["pipeline_per_staff_amount"] == pytest.approx(
        staffed["pipeline_amount"].sum() / whole["staff_count"]
    )


def test_an_amount_by_employee_needs_dates_that_hold_the_work():
    """Staff of a fair that costs ten times as much a full-time year as usual shows none."""
    rows = pd.DataFrame({
        "credit_model": "even", "by": ["all", *["source"] * 3], "value": ["all", "a", "b", "fair"],
        "staff_cents": [2_200.0, 600.0, 400.0, 1_200.0], "staff_count": [22.0, 6.0, 4.0, 12.0],
    })  # fmt: skip
    assert not _is_brief(rows).any()
    fair = rows.assign(staff_count=[10.12, 6.0, 4.0, 0.12])
    assert _is_brief(fair).tolist() == [False, False, False, True]
    columns = ["campaign_cents", "pipeline_cents", "acv_cents", "pipeline_deals", "acv_deals",
               "touch_count", "audience_count", "audience_deal_count"]  # fmt: skip
    full = fair.assign(name=None, **dict.fromkeys(columns, 0.0))
    full = full.assign(pipeline_cents=[3_000.0, 1_000.0, 500.0, 1_500.0])
    found = _ratios(full, Scope(name="x", first=AS_OF, last=AS_OF), 0).set_index("value")
    assert pd.isna(found["pipeline_per_staff_amount"]["fair"])
    assert found["note"]["fair"] == BRIEF
    assert found["pipeline_per_staff_amount"]["all"] == pytest.approx(15 / 10)


def test_account_based_marketing_is_followed_by_account():
    """What came before the first touch does not count; credited amounts are those of the source."""
    campaigns = make_campaigns().assign(source=["ABM", "digital"])
    acts = make_table(
        "activities",
        *({"activity_id": f"{day} {way} {robot}", "activity_date": day, "account_id": "A1",
           "direction": way, "is_automatic": robot}
          for day, way, robot in (("2026-01-05", "in", False), ("2026-01-30", "in", False),
                                  ("2026-01-30", "in", True), ("2026-01-31", "out", False))),
    )  # fmt: skip
    result = found(campaigns=campaigns, activities=acts, accounts=make_accounts())
    keys = {"scope": SCOPE, "account_id": "A1"}
    one = row(result, "marketing_accounts", **keys)
    assert one["first_touch_date"] == pd.Timestamp("2026-01-12")
    counts = ["touch_count", "engaged_count", "created_count", "won_count"]
    assert one[counts].tolist() == [2, 1, 2, 1]
    assert one[["pipeline_amount", "acv_amount"]].tolist() == [100, 100]
    rows = result.tables["marketing_accounts"]
    rows = rows[rows["scope"] == SCOPE]
    source = row(result, "marketing_sources", scope=SCOPE, credit_model="even", by="source",
                 value="account-based")  # fmt: skip
    for name in ("pipeline", "acv"):
        assert rows[f"{name}_credited_amount"].sum() == pytest.approx(source[f"{name}_amount"])
    assert "Account-based campaigns have reached 2 accounts, 2 of them" in " ".join(
        result.notes("headline")
    )
    assert found().tables["marketing_accounts"].empty


def test_sources_are_cut_by_industry_where_it_is_known():
    """Credit of a source by the industry of the account."""
    accounts = make_accounts().assign(industry=["Banks", "Retail", "Retail"])
    cells = found(accounts=accounts).tables["marketing_cells"]
    assert set(cells.loc[cells["cut"] == "industry", "cut_value"]) == {"Banks", "Retail"}


def test_what_no_touch_reached_has_no_cost():
    """The unattributed part is priced with nothing, and says so."""
    keys = {"scope": SCOPE, "credit_model": "even", "by": "source"}
    rest = row(found(), "marketing_sources", value="(unattributed)", **keys)
    assert pd.isna(rest["cost_amount"])
    assert rest["note"] == "no touch, so no cost"


def test_a_campaign_without_dates_has_no_cost_in_any_scope():
    """Its days are not known, so its cost is blank and not zero."""
    campaigns = make_campaigns().assign(start_date=pd.NaT)
    costs = campaign_costs(campaigns, Scope(name="x", first=AS_OF, last=AS_OF))
    assert costs["campaign_cents"].isna().all()


def test_touches_reach_deals_by_lead_and_by_the_campaign_that_is_named():
    """A lead's touch, its campaign and the deal's campaign all count, each campaign once."""
    leads = make_table(
        "leads",
        {"lead_id": "L1", "created_at": "2026-01-11 10:00", "campaign_id": "C1",
         "opportunity_id": "a"},
        {"lead_id": "L2", "created_at": "2026-01-05 10:00", "campaign_id": "C2"},
    )  # fmt: skip
    touches = make_table("marketing_touches", touch("t1", "2026-01-12", lead_id="L1"))
    result = sources(
        DEALS[0] | {"lead_id": "L1"},
        DEALS[1] | {"lead_id": "L2", "campaign_id": "C1"},
        marketing_touches=touches,
        campaigns=make_campaigns(),
        leads=leads,
    )
    deals = result.tables["marketing_deals"]
    even = deals[(deals["scope"] == SCOPE) & (deals["credit_model"] == "even")]
    pipeline = even[even["figure"] == "pipeline"].set_index(["opportunity_id", "touch_id"])
    assert pipeline["link"].to_dict() == {
        ("a", "t1"): "lead",
        ("b", "campaign C1"): "campaign of the deal",
        ("b", "campaign C2"): "campaign of the lead",
    }


def test_touches_of_an_account_count_only_where_the_plan_says_so():
    """With 30 days the touch of the account reaches the deal created after it."""
    touches = make_table("marketing_touches", touch("t1", "2026-01-10", account_id="A2"))
    for days, share in ((0, 0.0), (30, 2 / 3), (5, 0.0)):
        result = sources(
            *DEALS,
            marketing_touches=touches,
            campaigns=make_campaigns(),
            settings=MarketingSettings(minimum_count=1, account_link_days=days),
        )
        rows = result.tables["marketing_sources"]
        mine = rows[
            (rows["scope"] == SCOPE) & (rows["by"] == "source") & (rows["value"] == "events")
        ]
        assert mine["pipeline_share"].fillna(0).max() == pytest.approx(share)


def test_balance_puts_each_touch_into_one_phase_and_spreads_the_cost():
    """Before creation, in work, in the last stage, and without a deal; cost adds up."""
    history = make_history(
        seen("2026-01-21", "a", stage="Demo", probability=0.3),
        seen("2026-01-28", "a", stage="Signing", probability=0.9),
        seen("2026-01-28", "b", stage="Demo", probability=0.3),
    )
    result = found(history=history)
    rows = result.tables["marketing_balance"]
    mine = rows[rows["scope"] == SCOPE].set_index(["source", "phase"])
    assert mine["touch_count"].to_dict() == {
        ("digital", "creation"): 2,
        ("events", "creation"): 1,
        ("events", "maturing"): 1,
        ("events", "closing"): 1,
        ("events", "no deal"): 1,
    }
    assert mine["cost_amount"].sum() == 170
    assert mine.loc[("events", "closing"), "cost_share"] == 0.25
    assert mine.loc[("events", "closing"), "deal_amount"] == 100


def test_balance_without_stages_says_that_closing_is_not_known():
    """Without history the last stage is not known: the touch stands under maturing."""
    rows = found().tables["marketing_balance"]
    maturing = rows[(rows["scope"] == SCOPE) & (rows["phase"] == "maturing")]
    assert maturing["touch_count"].sum() == 2
    assert maturing["note"].str.contains("last stage is not known").all()


def test_new_audience_is_counted_by_its_first_touch():
    """A lead first touched in the quarter is new audience, with a deal once one follows."""
    touches = make_table(
        "marketing_touches",
        touch("t0", "2025-11-01", "C2", lead_id="L1"),
        touch("t1", "2026-01-12", lead_id="L1"),
        touch("t2", "2026-01-12", lead_id="L2"),
        touch("t3", "2026-01-13", lead_id="L3"),
    )
    result = sources(
        deal("a", created="2026-01-20", lead_id="L2"),
        marketing_touches=touches,
        campaigns=make_campaigns(),
    )
    keys = {"scope": SCOPE, "credit_model": "even", "by": "source"}
    events = row(result, "marketing_sources", value="events", **keys)
    assert (events["audience_count"], events["audience_deal_count"]) == (2, 1)


@pytest.mark.parametrize("gone", ["marketing_touches", "campaigns"])
def test_each_table_may_be_missing(gone):
    """Without touches nothing is attributed; without campaigns no source is known."""
    result = found(**{gone: None})
    rows = result.tables["marketing_sources"]
    if gone == "marketing_touches":
        assert rows.empty
        assert any("marketing_touches" in note for note in result.notes("missing"))
    else:
        assert set(rows.loc[rows["by"] == "source", "value"]) == {"(unknown)", "(unattributed)"}
        assert rows["cost_amount"].isna().all()


def test_row_order_changes_nothing():
    """Shuffled deals, touches and campaigns give the same tables."""
    plain = found().tables
    shuffled = sources(
        *DEALS[::-1],
        marketing_touches=TOUCHES.iloc[::-1].reset_index(drop=True),
        campaigns=make_campaigns().iloc[::-1].reset_index(drop=True),
    ).tables
    for name, frame in plain.items():
        columns = list(frame.columns)
        mine = frame.sort_values(columns, ignore_index=True)
        pd.testing.assert_frame_equal(mine, shuffled[name].sort_values(columns, ignore_index=True))
