"""Tests of same-week conversion, required coverage and the usual pace."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planlib.forecast import pacing_curves, pooled_ratios, required_coverage
from planlib.settings.forecast import ForecastSettings
from planlib.tables import table
from tests.forecast_frames import AS_OF, QUICK, inputs, make_past
from tests.pipeline_frames import deal, make_deals, make_history, make_targets, seen

NONE = np.zeros(1, dtype="int64")
PLAIN = ForecastSettings(cuts=("deal_type",), prior_deals=0, history_periods=4)
WEEK5 = {"2025Q3": "2025-08-04", "2025Q4": "2025-11-04"}


def make_two_quarters(**now: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make two past quarters, of whose 400 and 600 open at week 5 100 and 300 were won."""
    rows, records = [], []
    for quarter, day in WEEK5.items():
        closed = {"2025Q3": "2025-09-20", "2025Q4": "2025-12-20"}[quarter]
        sizes = {"2025Q3": (100, 300), "2025Q4": (300, 300)}[quarter]
        for name, amount, status in zip("ab", sizes, ("won", "lost"), strict=True):
            kind = {"deal_type": "new" if name == "a" else "expansion"}
            key = f"{quarter}{name}"
            rows.append(deal(key, status, amount, closed, created="2025-06-15", **kind))
            records.append(seen(day, key, "open", amount, closed, created="2025-06-15"))
    rows.append(deal("now", amount=900, close="2026-03-01", created="2025-12-20",
                     deal_type="new", **now))  # fmt: skip
    return make_deals(*rows), make_history(*records)


def cell(rows: pd.DataFrame, cut: str = "total", value: str = "all") -> pd.Series:
    """Give the row of a cell at the as-of date."""
    found = rows[rows["is_current"] & (rows["cut"] == cut) & (rows["cut_value"] == value)]
    assert len(found) == 1
    return found.iloc[0]


def test_a_pooled_ratio_is_a_ratio_of_sums():
    """30 of 100 and 10 of 300 are 40 of 400, not the mean of 30 % and 3 %."""
    upper, lower = np.array([[30.0], [10.0]]), np.array([[100.0], [300.0]])
    found = pooled_ratios(upper, lower, np.array([50.0]), NONE, 10)
    assert found.value[0] == pytest.approx(0.1)
    # s2 = (20^2 + 20^2) / 1, error = sqrt(2 s2) / 400
    assert found.error[0] == pytest.approx(np.sqrt(2 * 800) / 400)
    assert found.low[0] == 0.0


def test_one_period_alone_has_no_interval():
    """How much periods differ cannot be known from one."""
    found = pooled_ratios(np.array([[30.0]]), np.array([[100.0]]), np.array([9.0]), NONE, 10)
    assert found.value[0] == pytest.approx(0.3)
    assert np.isnan(found.low[0])
    assert np.isnan(found.high[0])


def test_a_small_cell_leans_on_its_parent():
    """With as many deals as the prior, cell and parent count half each."""
    upper, lower = np.array([[40.0, 9.0]] * 2), np.array([[100.0, 10.0]] * 2)
    found = pooled_ratios(upper, lower, np.array([80.0, 10.0]), np.array([0, 0]), 10)
    assert found.value.tolist() == pytest.approx([0.4, (0.9 + 0.4) / 2])
    assert found.own_share.tolist() == pytest.approx([1.0, 0.5])


def test_a_cell_without_past_takes_its_parent():
    """Nothing was open in the cell, so all of its ratio is the total's."""
    upper, lower = np.array([[40.0, 0.0]] * 2), np.array([[100.0, 0.0]] * 2)
    found = pooled_ratios(upper, lower, np.array([80.0, 0.0]), np.array([0, 0]), 10)
    assert found.value.tolist() == pytest.approx([0.4, 0.4])


def test_required_coverage_comes_from_same_week_conversion_not_from_the_win_rate():
    """400 of 1,000 open at week 5 were won, so 2.5 is needed, though half of the deals won."""
    found = inputs(*make_two_quarters(), settings=PLAIN, targets=make_targets(
        {"target_amount": 450.0}))  # fmt: skip
    row = cell(required_coverage(found))
    assert row["conversion_share"] == pytest.approx(400 / 1000)
    assert row["required_coverage"] == pytest.approx(2.5)
    assert (row["open_amount"], row["to_go_amount"], row["coverage"]) == (900.0, 450.0, 2.0)
    assert row["periods_count"] == 2


def test_new_and_expansion_have_their_own_required_coverage():
    """All new deals were won and no expansion: one needs 1, the other is not computed from 0."""
    rows = required_coverage(inputs(*make_two_quarters(), settings=PLAIN))
    assert cell(rows, "deal_type", "new")["required_coverage"] == pytest.approx(1.0)
    expansion = cell(rows, "deal_type", "expansion")
    assert expansion["conversion_share"] == 0.0
    assert pd.isna(expansion["required_coverage"])
    assert expansion["note"] == "nothing was won from this week on in past periods"


def test_a_target_that_is_met_is_met():
    """Coverage is neither infinite nor negative once the target is reached."""
    opportunities, history = make_two_quarters()
    more = make_deals(deal("won", "won", 500, "2026-01-20", created="2025-12-20", deal_type="new"))
    found = inputs(
        pd.concat([opportunities, more]), history, PLAIN,
        targets=make_targets({"target_amount": 450.0}),
    )  # fmt: skip
    row = cell(required_coverage(found))
    assert row["status"] == "met"
    assert pd.isna(row["coverage"])
    assert row["to_go_amount"] == 0.0


@pytest.mark.parametrize(("target", "status"), [(300.0, "enough"), (20000.0, "short")])
def test_status_compares_coverage_with_what_is_needed(target, status):
    """Nine hundred open are enough for three hundred and short for twenty thousand."""
    opportunities, history = make_past()
    more = make_deals(deal("now", amount=90_000_000, close="2026-03-01", created="2025-12-20"))
    found = inputs(
        pd.concat([opportunities, more]), history, QUICK,
        targets=make_targets({"target_amount": target * 100_000}),
    )  # fmt: skip
    row = cell(required_coverage(found))
    assert row["status"] == status


def test_without_a_past_nothing_is_required_and_it_is_said():
    """Without snapshots there is no conversion, and reconstructed states do not stand in."""
    opportunities, _ = make_two_quarters()
    targets = make_targets({"target_amount": 450.0})
    row = cell(required_coverage(inputs(opportunities, settings=PLAIN, targets=targets)))
    assert pd.isna(row["required_coverage"])
    assert row["status"] == "not_computed"
    assert "no past period" in row["note"]
    assert row["is_grey"]


def test_without_a_target_only_the_requirement_is_given():
    """Coverage of a cell without a target is blank, and what it needs is there."""
    row = cell(required_coverage(inputs(*make_two_quarters(), settings=PLAIN)))
    assert row["status"] == "no_target"
    assert row["required_coverage"] == pytest.approx(2.5)


def test_tables_keep_their_contract():
    """Coverage and curves pass every check of their tables."""
    found = inputs(*make_past(), targets=make_targets({"target_amount": 450.0}))
    table("required_coverage").check(required_coverage(found))
    table("pacing_curves").check(pacing_curves(found))


def test_the_usual_share_pools_past_periods_and_needs_no_snapshots():
    """One of three was won by mid-November 2025 and both of 2025Q3 by then: 3 of 5 amounts."""
    won = [
        deal("a", "won", 100, "2025-07-05", created="2025-01-01"),
        deal("b", "won", 100, "2025-08-01", created="2025-01-01"),
        deal("c", "won", 100, "2025-10-05", created="2025-01-01"),
        deal("d", "won", 200, "2025-12-20", created="2025-01-01"),
        deal("x", "won", 1, "2025-07-01", created="2025-01-01"),
    ]
    settings = ForecastSettings(cuts=("deal_type",), history_periods=2, prior_deals=0)
    found = inputs(make_deals(*won), settings=settings, as_of=date(2026, 2, 15),
                   targets=make_targets({"target_amount": 1000.0}))  # fmt: skip
    row = cell(pacing_curves(found))
    assert row["usual_share"] == pytest.approx((201 + 100) / 501)
    assert row["low"] <= row["usual_share"] <= row["high"]
    assert row["attained_share"] == 0.0


def test_a_cell_exactly_on_its_curve_is_inside_the_band_in_every_week():
    """A quarter that repeats its past day by day lies within its band at every week."""
    rows = [
        deal(f"{year}-{month}-{day}", "won", 100 + 10 * day, f"{year}-{month:02d}-{day:02d}",
             created="2023-01-01")
        for year in (2024, 2025, 2026) for month in (1, 2, 3) for day in range(1, 29, 3)
        if date(year, month, day) <= AS_OF
    ]  # fmt: skip
    settings = ForecastSettings(cuts=(), history_periods=8)
    whole = sum(100.0 + 10 * day for _ in (1, 2, 3) for day in range(1, 29, 3))
    found = inputs(make_deals(*rows), settings=settings,
                   targets=make_targets({"target_amount": whole}))  # fmt: skip
    curve = pacing_curves(found)
    curve = curve[(curve["period"] == "2026Q1") & curve["attained_share"].notna()]
    assert len(curve) == 6
    assert (curve["attained_share"] >= curve["low"] - 0.02).all()
    assert (curve["attained_share"] <= curve["high"] + 0.02).all()
