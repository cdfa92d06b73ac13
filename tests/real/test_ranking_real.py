"""The ranking on the shared CRM of a computer hardware seller: 30 active agents of 35."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from planlib.ranking import RankingInputs, RankingReview, rank_reps
from planlib.settings.ranking import RankingSettings


@pytest.fixture(scope="module")
def ranking(shared: Path) -> RankingReview:
    """All of the year's deals, ranked on 2017-12-31 over twelve months."""
    folder = shared / "real" / "maven-crm"
    raw = pd.read_csv(folder / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"])
    products = pd.read_csv(folder / "products.csv")
    teams = pd.read_csv(folder / "sales_teams.csv")
    deals = pd.DataFrame({
        "opportunity_id": raw["opportunity_id"], "account_id": raw["account"],
        "owner_id": raw["sales_agent"], "amount": raw["close_value"],
        "close_date": raw["close_date"], "created_date": raw["engage_date"],
        "is_closed": raw["deal_stage"].isin(["Won", "Lost"]), "is_won": raw["deal_stage"] == "Won",
        "product_id": raw["product"].replace("GTXPro", "GTX Pro"),
    })  # fmt: skip
    reps = pd.DataFrame({"rep_id": teams["sales_agent"], "role": "AE",
                         "region": teams["regional_office"]})  # fmt: skip
    prices = pd.DataFrame({"product_id": products["product"],
                           "list_price": products["sales_price"].astype("float64")})  # fmt: skip
    settings = RankingSettings(window_months=12, history_months=1)
    inputs = RankingInputs(opportunities=deals, reps=reps, products=prices)
    return rank_reps(inputs, settings, date(2017, 12, 31), seed=1)


def test_thirty_agents_are_ranked_and_five_handled_no_deal(ranking: RankingReview) -> None:
    """Agents without deals are named with the reason, not ranked last."""
    status = ranking.scores["status"].value_counts()
    assert status.to_dict() == {"ranked": 30, "too few cases": 5}
    idle = ranking.scores[ranking.scores["status"] == "too few cases"]
    assert idle["cases_count"].eq(0).all()
    assert idle["rank"].isna().all()


def test_best_win_rate_and_most_revenue_are_two_people(ranking: RankingReview) -> None:
    """Hayden Neloms wins 70 % of decided deals, Darcel Schlecht 1,153,214 in all."""
    rows = ranking.scores.set_index("rep_id")
    assert rows["win_share"].astype(float).idxmax() == "Hayden Neloms"
    assert rows["win_share"].max() == pytest.approx(0.7039, abs=1e-4)
    assert rows["won_amount"].idxmax() == "Darcel Schlecht"
    assert rows["won_amount"].max() == 1_153_214


def test_win_rates_are_hardly_apart_but_amounts_are(ranking: RankingReview) -> None:
    """Differences in win rate are within noise; those in amount per case are beyond it."""
    groups = ranking.tables["ranking_groups"].set_index("metric")
    assert groups.at["win_rate", "verdict"] == "no evidence of difference"
    assert groups.at["acv_per_case", "verdict"] == "reps differ"
    assert groups.at["score", "verdict"] == "reps differ"
    wins = ranking.metrics[ranking.metrics["metric"] == "win_rate"]
    assert wins["ratio"].between(0.9, 1.1).all()


def test_a_rank_is_a_range_and_few_pairs_are_beyond_noise(ranking: RankingReview) -> None:
    """The best and the last are apart; a rank in the middle spans many places."""
    rows = ranking.scores[ranking.scores["status"] == "ranked"].sort_values("rank")
    width = rows["rank_high"] - rows["rank_low"]
    assert width.iloc[10:20].min() >= 8
    assert rows["above_count"].iloc[0] >= 15
    assert rows["above_count"].iloc[-1] == 0
    assert (rows["move"] == "stay").sum() >= 25


def test_methods_named_are_what_the_data_allow(ranking: RankingReview) -> None:
    """Prices by list price of the product, existing customers by earlier wins."""
    groups = ranking.tables["ranking_groups"].set_index("metric")
    assert groups.at["price_realisation", "method"] == "list price"
    assert groups.at["existing_customers", "method"] == "repeat customers"
    assert not groups.at["follow_up", "is_used"]
