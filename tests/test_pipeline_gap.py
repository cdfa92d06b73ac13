"""Tests of the deals that close the gap, and of opening a figure to its deals."""

from __future__ import annotations

import itertools
from datetime import date

import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.pipeline import deals_behind, matrix_colors, matrix_view
from planlib.pipeline.gap import gap_deals
from planlib.settings.pipeline import PipelineSettings
from planlib.tables import table
from tests.pipeline_frames import (
    deal,
    figure,
    make_accounts,
    make_history,
    make_reps,
    make_targets,
    review,
    seen,
)


def make_open(*amounts: float) -> pd.DataFrame:
    """Open deals of the period with these amounts."""
    return pd.DataFrame(
        {
            "opportunity_id": [f"d{at}" for at in range(len(amounts))],
            "account_id": "A1",
            "owner_id": "R1",
            "cents": pd.array([round(100 * amount) for amount in amounts], dtype="Int64"),
            "close_date": pd.Timestamp("2026-03-01"),
        }
    )


@pytest.mark.parametrize("gap", [1, 60, 99.99, 100, 130, 171, 200])
def test_no_smaller_number_of_deals_closes_the_gap(gap):
    """Every smaller set of deals stays below the gap (brute force)."""
    amounts = [100, 50, 30, 20]
    chosen = gap_deals(make_open(*amounts), gap, 10)
    assert chosen["amount"].sum() >= gap
    fewer = itertools.combinations(amounts, len(chosen) - 1)
    assert all(sum(one) < gap for one in fewer)


@pytest.mark.parametrize("gap", [0, -5, float("nan")])
def test_without_a_gap_no_deal_is_named(gap):
    """Target met, or none."""
    assert gap_deals(make_open(10, 20), gap, 10).empty


def test_an_open_pipeline_that_is_too_small_is_said():
    """All deals are named, and each says that together they do not reach it."""
    chosen = gap_deals(make_open(10, 20), 100, 10)
    assert chosen["amount"].tolist() == [20, 10]
    assert chosen["detail"].iloc[1].startswith("30 % of the gap is closed")
    assert chosen["detail"].str.endswith("do not close it").all()


def test_the_review_names_them_and_says_how_many():
    """Target 500, 100 closed: the three largest of four open deals close the gap."""
    found = review(
        deal("w", "won", 100, "2026-01-10"),
        *(deal(f"o{amount}", amount=amount) for amount in (200, 150, 70, 10)),
        targets=make_targets({"target_amount": 500}),
    )
    named = found.attention[found.attention["issue"] == "closes_gap"]
    assert named["opportunity_id"].tolist() == ["o200", "o150", "o70"]
    assert "Winning the 3 largest open deals closes the gap of 400." in found.headlines


def test_a_period_that_is_over_cannot_be_won_any_more():
    """On the last day: what is missing and what is still open, but no coverage and no gap deals."""
    deals = (deal("w", "won", 100, "2026-01-10"), deal("o", amount=200, close="2026-03-31"),
             deal("p", amount=50, close="2026-03-31"))  # fmt: skip
    last = {"as_of": date(2026, 3, 31), "targets": make_targets({"target_amount": 160})}
    found = review(*deals, **last)
    said = " ".join(found.headlines)
    assert (
        "2026Q1 closed 60 short of its target; 250 still open in it (2 deals) must be closed or "
        "moved to a later period." in said
    )
    assert "still to win" not in said
    assert "closes the gap" not in said
    assert "closes_gap" not in set(found.attention["issue"])
    assert "open, closes the gap by its amount if won" not in set(found.attention["detail"])
    coverage = figure(found, "coverage")
    assert (coverage["status"], pd.isna(coverage["value"])) == ("over", True)
    assert "nothing can be won in it any more" in coverage["note"]
    assert matrix_view(found.matrix, "owner")["coverage"].tolist()[-1] == "over"
    assert matrix_colors(found.matrix, "owner", PipelineSettings())["coverage"].tolist()[-1] == ""
    table("performance_matrix").check(found.matrix)


def test_on_the_day_before_its_last_a_period_can_still_be_won():
    """The gap and the deal that closes it are named until the last day."""
    found = review(
        deal("w", "won", 100, "2026-01-10"), deal("o", amount=200, close="2026-03-31"),
        as_of=date(2026, 3, 30), targets=make_targets({"target_amount": 160}),
    )  # fmt: skip
    assert figure(found, "coverage")["value"] == pytest.approx(200 / 60)
    assert "Winning the largest open deal closes the gap of 60." in found.headlines


def test_a_period_that_is_over_and_has_nothing_open_says_only_what_is_missing():
    """Without open deals there is nothing to move."""
    found = review(deal("w", "won", 100, "2026-01-10"), as_of=date(2026, 4, 2),
                   targets=make_targets({"target_amount": 160}))  # fmt: skip
    assert "2026Q1 closed 60 short of its target." in found.headlines


def test_the_deals_of_every_cell_add_up_to_its_figures():
    """Each additive figure of each cell, of the year before too, is the sum of its deals."""
    found = review(
        deal("before", "won", 40, "2025-01-10", owner_id="R2", created="2025-01-02"),
        deal("w", "won", 100, "2026-01-10"),
        deal("v", "won", 30.05, "2026-01-11", owner_id="R2", account_id="A2"),
        deal("l", "lost", 20, "2026-01-12"),
        deal("o", amount=70, probability=0.5, created="2026-01-20"),
        deal("n", amount=None, account_id="A3"),
        accounts=make_accounts(),
        reps=make_reps(),
        settings=PipelineSettings(
            cuts=("region", "owner"), two_way=("region", "owner"), periods_ahead=1, weeks=1
        ),
    )
    deals = found.tables["pipeline_deals"]
    names = ["closed_acv", "open_in_period", "open_total", "weighted", "generated", "forecast"]
    rows = found.matrix[found.matrix["measure"].isin(names) & found.matrix["value"].notna()]
    assert len(rows) > 40
    for row in rows.itertuples():
        behind = deals_behind(deals, row.measure, row.cut, row.cut_value, period=row.period)
        assert round(behind["amount"].sum(), 2) == round(row.value, 2)
    old = rows[(rows["period"] == "2026Q1") & rows["prior_value"].notna()]
    assert (old["prior_value"] == 40).any()
    for row in old.itertuples():
        behind = deals_behind(deals, row.measure, row.cut, row.cut_value, period="2025Q1")
        assert round(behind["amount"].sum(), 2) == round(row.prior_value, 2)


def test_a_cut_that_deals_do_not_have_is_named():
    """Opening by an unknown cut says which one."""
    found = review(deal("o"))
    with pytest.raises(ParameterError, match="deals are not known by segment"):
        deals_behind(found.tables["pipeline_deals"], "open_total", "segment", "Core")


def test_amounts_filled_by_a_rule_are_flagged():
    """Open deals at list price count in money, and the review says how many they are."""
    found = review(
        deal("a", amount=300, is_amount_estimated=True),
        deal("b", amount=100, is_amount_estimated=False),
        deal("w", "won", 10, "2026-01-10", is_amount_estimated=True),
    )
    assert (
        "open at an estimated amount: 1 of 2 open deals have an amount filled in by a rule, such "
        "as the list price (75 % of the open amount)"
    ) in found.notes("caution")


def test_the_forecast_of_a_period_that_is_over_is_what_it_closed_at():
    """Open deals count no more, in either year, and every figure still opens to its deals."""
    deals = (deal("w", "won", 100, "2026-01-10"),
             deal("o", amount=200, close="2026-03-31", probability=0.5, forecast_category="commit"),
             deal("v", "won", 40, "2025-01-10", created="2025-01-02"))  # fmt: skip
    history = make_history(
        seen("2025-03-31", "p", amount=80, close="2025-03-31", probability=0.5,
             forecast_category="commit"),
        seen("2025-03-31", "v", "won", 40, "2025-01-10"),
    )  # fmt: skip
    found = review(*deals, history=history, as_of=date(2026, 3, 31))
    behind = found.tables["pipeline_deals"]
    for name in ("forecast", "commit", "most_likely", "best_case"):
        row = figure(found, name)
        assert (row["value"], row["count"], row["prior_value"]) == (100, 1, 40), name
        assert row["basis"] == "closed deals of the deals table"
        assert deals_behind(behind, name)["amount"].sum() == 100
        assert deals_behind(behind, name, period="2025Q1")["amount"].sum() == 40
    assert figure(found, "open_in_period")["value"] == 200
    assert figure(found, "weighted")["value"] == 0
    day_before = review(*deals, history=history, as_of=date(2026, 3, 30))
    assert figure(day_before, "forecast")["value"] == 200


def test_the_forecast_of_a_period_that_is_over_needs_no_probability():
    """What it closed at is known from closed deals alone; without amounts it stays blank."""
    last = {"as_of": date(2026, 3, 31)}
    found = review(deal("w", "won", 100, "2026-01-10"), deal("o", close="2026-03-31"), **last)
    assert figure(found, "forecast")["value"] == 100
    blank = review(deal("w", "won", None, "2026-01-10"), deal("o", close="2026-03-31"), **last)
    assert pd.isna(figure(blank, "forecast")["value"])
    assert figure(blank, "forecast")["note"] == "none of these deals has an amount"


def test_open_deals_have_no_effect_on_a_gap_that_they_cannot_close():
    """A deal that slips out of the period opens its gap; once the period is over none closes it."""
    deals = (
        deal("late", close="2026-02-01", amount=30),
        deal("in", close="2026-03-20", amount=70),
        deal("out", close="2026-04-20", amount=90),
        deal("far", close="2026-06-30"),
    )
    history = make_history(
        seen("2026-02-09", "late", close="2026-02-01", amount=30),
        seen("2026-02-09", "in", close="2026-03-10", amount=70),
        seen("2026-02-09", "out", close="2026-03-20", amount=95),
        seen("2026-02-09", "far", close="2026-05-30"),
    )
    found = review(*deals, history=history).attention.set_index(["issue", "opportunity_id"])
    effect = found["effect_amount"]
    assert effect["past_close_date", "late"] == 30
    assert (effect["slipped", "in"], effect["slipped", "out"]) == (70, -95)
    assert pd.isna(effect["slipped", "far"])
    over = review(*deals, as_of=date(2026, 3, 31)).attention
    late = over[over["issue"] == "past_close_date"]
    assert late["opportunity_id"].tolist() == ["in", "late"]
    assert late["effect_amount"].isna().all()
