"""Tests of planlib.routing.expectation: chances for the ranking that no rank can feed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.ranking.cases import prepare_cases
from planlib.ranking.metrics import case_expectation
from planlib.routing import expect_leads
from planlib.settings.ranking import RankingSettings
from planlib.settings.routing import RoutingSettings
from planlib.tables import table
from tests.routing_frames import AS_OF


def make_history(count: int = 900) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leads of two sources, events three times as often won, handed to two reps; their deals."""
    draw = np.random.default_rng(3)
    source = draw.choice(["Events", "Website"], count)
    won = draw.random(count) < np.where(source == "Events", 0.45, 0.15)
    created = pd.date_range("2025-03-01 09:00", periods=count, freq="9h")
    leads = table("leads").coerce(pd.DataFrame({
        "lead_id": [f"L-{at:04d}" for at in range(count)], "created_at": created,
        "source": source, "owner_id": draw.choice(["R-0", "R-1"], count), "is_converted": won,
        "opportunity_id": [f"O-{at:04d}" if hit else None for at, hit in enumerate(won)],
        "account_id": "A-1",
    }))  # fmt: skip
    deals = leads[won].assign(
        is_won=True, is_closed=True, amount=10.0, close_date=created[won].normalize()
        + pd.Timedelta(days=20), created_date=created[won].normalize(), deal_type="new",
    )  # fmt: skip
    return leads, table("opportunities").coerce(deals[[
        "opportunity_id", "lead_id", "owner_id", "account_id", "source", "is_won", "is_closed",
        "amount", "close_date", "created_date", "deal_type",
    ]])  # fmt: skip


def test_better_sources_have_a_higher_chance_that_is_about_right():
    """The mean chance of each source is near what was drawn; the table is in its shape."""
    leads, deals = make_history()
    found = expect_leads(leads, deals, RoutingSettings(), AS_OF)
    table("lead_scores").check(found)
    assert set(found["target"]) == {"won"}
    by = found["score"].groupby(leads["source"]).mean()
    assert abs(by["Events"] - 0.45) < 0.08
    assert abs(by["Website"] - 0.15) < 0.06


def test_neither_owner_nor_order_of_rows_changes_a_chance():
    """The score cannot see who got a lead, so that a rank cannot feed itself."""
    leads, deals = make_history()
    plain = expect_leads(leads, deals, RoutingSettings(), AS_OF)
    turned = leads.assign(owner_id="R-1", first_response_at=leads["created_at"]).iloc[::-1]
    other = expect_leads(turned, deals.iloc[::-1], RoutingSettings(), AS_OF)
    pd.testing.assert_frame_equal(plain, other)


def test_the_ranking_takes_the_chance_as_what_is_expected():
    """Handed over by lead, it is the expectation of each case."""
    leads, deals = make_history()
    scores = expect_leads(leads, deals, RoutingSettings(), AS_OF)
    rules = RankingSettings(basis="leads")
    cases = prepare_cases(deals, rules, AS_OF, leads=leads, lead_scores=scores)
    chance = case_expectation(cases, rules).to_numpy()
    wanted = cases.rows["case_id"].map(scores.set_index("lead_id")["score"]).to_numpy(float)
    assert np.allclose(chance, wanted)


def test_what_cannot_be_learnt_is_blank_with_the_reason():
    """Few leads give NA and a sentence; no leads give no rows."""
    leads, deals = make_history(40)
    found = expect_leads(leads, deals, RoutingSettings(), AS_OF)
    assert found["score"].isna().all()
    assert found["reason"].str.contains("a score needs 60 of each kind").all()
    assert expect_leads(None, deals, RoutingSettings(), AS_OF).empty
