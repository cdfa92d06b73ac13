"""Real exports end to end: pipeline and sources from the tables that intake takes in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from planlib.intake import read_inputs
from planlib.periods import Period
from planlib.pipeline import measure_pipeline, measure_sources
from planlib.plan import load_plan
from planlib.settings.marketing import MarketingSettings
from planlib.settings.pipeline import PipelineSettings

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def maven(shared: Path) -> dict[str, pd.DataFrame]:
    """The maven set as intake gives it."""
    return read_inputs(load_plan(HERE / "maven-crm"), HERE / "maven-crm").tables


@pytest.fixture(scope="module")
def sample(shared: Path) -> dict[str, pd.DataFrame]:
    """The AI sample as intake gives it."""
    return read_inputs(load_plan(HERE / "ms-ai-sample"), HERE / "ms-ai-sample").tables


def test_maven_values_open_deals_at_list_price_and_flags_them(maven):
    """2,089 open deals count at list price, all of the open amount, and it is said."""
    settings = PipelineSettings(cuts=("product_family", "region"), periods_ahead=0, weeks=1)
    found = measure_pipeline(
        maven["opportunities"],
        settings,
        Period.parse("2017Q4"),
        date(2017, 12, 31),
        products=maven["products"],
        reps=maven["reps"],
    )
    total = found.matrix[found.matrix["cut"] == "total"].set_index("measure")
    deals = maven["opportunities"]
    is_open = ~deals["is_closed"].astype(bool)
    assert total.loc["open_total", "value"] == deals.loc[is_open, "amount"].sum() > 0
    assert (
        "open at an estimated amount: 2089 of 2089 open deals have an amount filled in by a rule, "
        "such as the list price (100 % of the open amount)"
    ) in found.notes("caution")


def test_maven_names_the_steadiness_of_its_six_teams(maven):
    """Cara Losch wins 64.43 % of 745 decided deals in all; the truncated quarter is left out."""
    found = measure_sources(
        maven["opportunities"],
        MarketingSettings(),
        Period.parse("2017Q4"),
        date(2017, 12, 31),
        reps=maven["reps"],
    )
    teams = found.tables["team_predictability"].set_index("team")
    assert len(teams) == 6
    assert (teams["from_date"] == pd.Timestamp("2017-04-01")).all()
    assert (teams["quarter_count"] == 3).all()
    assert teams["win_rate"].between(0.58, 0.66).all()
    assert any("marketing_touches" in note for note in found.notes("missing"))


def test_the_ai_sample_credits_its_campaigns(sample):
    """Deals name their campaign: credited and unattributed parts add up to all that is won."""
    deals = sample["opportunities"]
    found = measure_sources(
        deals,
        MarketingSettings(window_days=1461),
        Period.parse("2021Q2"),
        date(2021, 5, 25),
        **{name: sample.get(name) for name in ("accounts", "reps", "products", "campaigns")},
    )
    rows = found.tables["marketing_sources"]
    rows = rows[(rows["scope"] == found.scopes[-1]) & (rows["credit_model"] == "even")]
    campaigns = rows[rows["by"] == "campaign"].set_index("value")["acv_amount"]
    whole = rows[rows["by"] == "all"].iloc[0]
    first = pd.Timestamp(date(2021, 5, 25)) - pd.Timedelta(days=1460)
    inside = deals["close_date"].between(first, pd.Timestamp("2021-05-25"))
    won = deals[deals["is_won"].astype(bool) & inside]
    assert whole["acv_amount"] == pytest.approx(won["amount"].sum(), abs=0.005 * len(won))
    by_hand = won.groupby("campaign_id")["amount"].sum()
    assert len(by_hand) > 1
    for key, amount in by_hand.items():
        assert campaigns[key] == pytest.approx(amount, abs=0.005 * len(won))
    assert campaigns["(unattributed)"] == pytest.approx(
        won.loc[won["campaign_id"].isna(), "amount"].sum(), abs=0.005 * len(won)
    )
