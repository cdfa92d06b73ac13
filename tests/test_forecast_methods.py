"""Tests of the methods, the walk through the past, and the choice by its errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from planlib.forecast import METHODS, Inputs, method_name, walk_forward, with_method_names
from planlib.forecast.accuracy import backtest_table, choose_method, pinball
from planlib.forecast.calibration import brier_scores, calibration_table, past_chances
from planlib.forecast.call_review import call_review, median_interval
from planlib.forecast.calls import call_factors
from planlib.forecast.estimates import Estimate
from planlib.forecast.rivals import compare, doubt_words
from planlib.forecast.spread import PastErrors
from planlib.forecast.walk import Walk
from planlib.settings.forecast import ForecastSettings
from planlib.tables import table
from tests.forecast_frames import QUICK, inputs, make_past
from tests.pipeline_frames import deal, make_deals, make_history, make_reps, seen

SHARED = {"attributes": {"reps": make_reps()}}


def make_calls(factor: float = 0.8) -> pd.DataFrame:
    """Make calls of manager M1, always a share of what the period closed at, and of M2."""
    opportunities, _ = make_past()
    won = opportunities[opportunities["is_won"].astype(bool)]
    rows = []
    for year, quarter in ((2025, 1), (2025, 2), (2025, 3), (2025, 4), (2026, 1)):
        start = date(year, 3 * quarter - 2, 1)
        end = pd.Timestamp(start) + pd.DateOffset(months=3)
        inside = won["close_date"].between(pd.Timestamp(start), end, inclusive="left")
        for manager, owner in (("M1", "R1"), ("M2", "R2")):
            final = won.loc[inside & (won["owner_id"] == owner), "amount"].sum()
            for day in pd.date_range(start, end, freq="7D"):
                rows.append(
                    {"call_date": day, "period": f"{year}Q{quarter}", "rep_id": manager,
                     "category": "most_likely", "call_amount": max(final, 30_000.0) * factor}
                )  # fmt: skip
    return table("forecast_calls").coerce(pd.DataFrame(rows))


@pytest.fixture(scope="module")
def walked() -> Walk:
    """Walk through a made-up past with managers and their calls."""
    return walk_forward(inputs(*make_past(), calls=make_calls(), **SHARED))


def closes(walk: Walk, point: int, method: str) -> float:
    """Give what a method says the period closes at."""
    before = walk.inputs.sums.before_cents[point][0]
    return float(before + walk.estimates[point][method].to_come[0])


def test_cumulative_categories_nest(walked):
    """Commit <= most likely <= best case, each with closed, at every point and cell."""
    for point in [*walked.tested, walked.inputs.live]:
        found = walked.estimates[point]
        assert (found["commit"].to_come <= found["most_likely"].to_come).all()
        assert (found["most_likely"].to_come <= found["best_case"].to_come).all()
        assert (found["commit"].to_come >= 0).all()


def test_a_probability_counts_as_a_share_of_deals_in_the_period():
    """Won so far + amount x probability of open deals that close in the period, nothing else."""
    found = inputs(
        make_deals(
            deal("a", amount=1000, close="2026-03-01", probability=0.65),
            deal("b", amount=1000, close="2026-05-01", probability=0.9),
            deal("c", "won", 300, "2026-01-10"),
        )
    )
    assert closes(walk_forward(found), found.live, "stage_weighted") == 95_000


def test_same_week_conversion_adds_what_past_periods_won_from_there():
    """400 of 1,000 open at week 5 of two quarters were won, so 900 open bring 360."""
    from tests.test_forecast_conversion import PLAIN, make_two_quarters

    found = inputs(*make_two_quarters(), settings=replace_cuts(PLAIN))
    assert closes(walk_forward(found), found.live, "same_week") == pytest.approx(36_000)


def replace_cuts(settings: ForecastSettings) -> ForecastSettings:
    """Give settings without cuts."""
    return settings.model_copy(update={"cuts": ()})


def test_last_years_ratio_needs_the_same_week_of_last_year():
    """2025Q1 closed at 300 of 200 won and open at week 5: 1.5 times what is won and open now."""
    old = {"created": "2024-12-01"}
    opportunities = make_deals(
        deal("a", "won", 300, "2025-03-01", **old),
        deal("now", amount=400, close="2026-03-01", created="2025-12-01"),
        deal("done", "won", 100, "2026-01-10", created="2025-12-01"),
    )
    history = make_history(
        seen("2025-02-04", "a", "open", 200, "2025-03-01", created_date="2024-12-01"),
        seen("2025-02-11", "a", "open", 200, "2025-03-01", created_date="2024-12-01"),
    )
    found = inputs(opportunities, history, replace_cuts(QUICK))
    walk = walk_forward(found)
    assert closes(walk, found.live, "last_year_ratio") == pytest.approx(75_000)
    without = inputs(opportunities, None, replace_cuts(QUICK))
    assert "last_year_ratio" not in walk_forward(without).estimates[without.live]


def test_cells_of_every_cut_add_up_to_the_total(walked):
    """Whatever the method, the cells of a cut sum to what it expects in all."""
    panel = walked.inputs.panel
    for name, estimate in walked.estimates[walked.inputs.live].items():
        for cut in panel.cuts:
            mine = (panel.cells["cut"] == cut).to_numpy()
            assert estimate.to_come[mine].sum() == pytest.approx(estimate.to_come[0]), name


def test_a_cell_that_always_brings_less_than_expected_gets_a_smaller_share():
    """New deals never win here and expansion often does: cells move, the total stays."""
    opportunities, history = make_past(quarters=3)
    is_new = opportunities["deal_type"] == "new"
    turned = opportunities.assign(is_won=opportunities["is_won"].mask(is_new, False))
    settings = QUICK.model_copy(update={"prior_deals": 2})
    found = inputs(turned.assign(is_won=turned["is_won"].astype("boolean")), history, settings)
    walk = walk_forward(found)
    cells = found.panel.cells
    new = found.panel.cell("deal_type", "new")
    expansion = found.panel.cell("deal_type", "expansion")
    estimate = walk.estimates[found.live]["hazard"]
    plain = found.panel.sum_cells(
        found.panel.row_cells[found.panel.span(found.live)], estimate.chance * estimate.cents
    )
    assert estimate.to_come[new] / estimate.to_come[expansion] < 0.6 * plain[new] / plain[expansion]
    mine = (cells["cut"] == "deal_type").to_numpy()
    assert estimate.to_come[mine].sum() == pytest.approx(estimate.to_come[0])


def test_forecasts_of_the_past_do_not_know_what_came_later():
    """Outcomes of the last quarter are turned round: only forecasts after it change."""
    opportunities, history = make_past()
    later = opportunities["close_date"] > pd.Timestamp("2025-09-30")
    closed = opportunities["is_closed"].astype(bool)
    turned = opportunities.assign(
        is_won=opportunities["is_won"].mask(later & closed, ~opportunities["is_won"]),
        amount=opportunities["amount"].mask(later & closed, 7.0),
    )
    plain, other = (walk_forward(inputs(deals, history)) for deals in (opportunities, turned))
    changed = 0
    for point in [*plain.tested, plain.inputs.live]:
        number = plain.inputs.panel.points[point].number
        for name, estimate in plain.estimates[point].items():
            same = other.estimates[point][name].to_come[0] == pytest.approx(estimate.to_come[0])
            if point != plain.inputs.live:
                assert same, (name, number)
                assert (
                    plain.spreads[number]["hazard"].shock == other.spreads[number]["hazard"].shock
                )
            changed += not same
    assert changed > 0


def test_every_method_is_tested_at_every_week_of_the_past(walked):
    """Four past quarters of thirteen weeks; methods that learn start with the second."""
    found = backtest_table(walked)
    table("forecast_backtest").check(found)
    over = found[(found["cut"] == "total") & found["actual_amount"].notna()]
    counts = over.groupby("method").size()
    assert counts["stage_weighted"] == 52
    assert counts["same_week"] == counts["classifier"] == counts["hazard"] == 39
    assert "last_year_ratio" not in counts


def test_earlier_weeks_of_the_running_period_stand_there_without_an_error(walked):
    """How the forecast of this period moved is shown, and counts in no error."""
    found = backtest_table(walked)
    now = found[(found["period"] == "2026Q1") & (found["cut"] == "total")]
    assert now["week_of_period"].unique().tolist() == [0, 1, 2, 3, 4, 5]
    assert now["point_amount"].notna().all()
    assert (
        now[["actual_amount", "error_amount", "wape_share", "pinball_amount"]].isna().all(axis=None)
    )
    summary = choose_method(walked, found, {}).summary.set_index("method")
    assert summary.loc["same_week", "forecasts_count"] == 39


def test_errors_are_signed_and_absolute_over_cells(walked):
    """The total's error is the sum over cells; the absolute one is at least as large."""
    found = backtest_table(walked)
    found = found[found["actual_amount"].notna()]
    keys = ["method", "period", "week_of_period"]
    total = found[found["cut"] == "total"].set_index(keys)
    cells = found[found["cut"] == "deal_type"].set_index(keys)
    assert (total["error_amount"] - cells["error_amount"]).abs().max() < 0.01
    assert (cells["absolute_amount"] >= total["absolute_amount"] - 0.01).all()
    assert (total["absolute_amount"] - total["error_amount"].abs()).abs().max() < 1e-6


def with_errors(walk: Walk, errors: dict[str, float]) -> Walk:
    """Give a walk in which each method misses by a fixed share of the final amount."""
    fixed = []
    for point, found in enumerate(walk.estimates):
        some = next(iter(found.values()), None)
        number = walk.inputs.panel.points[point].number
        final, later = walk.inputs.sums.final_cents[number], walk.inputs.sums.later_cents[point]
        fixed.append(
            {
                name: replace(some, to_come=later + share * final)
                for name, share in errors.items()
                if isinstance(some, Estimate)
            }
        )
    return replace(walk, estimates=fixed)


@pytest.mark.parametrize(
    ("errors", "chosen", "word"),
    [
        ({"stage_weighted": 0.1, "hazard": 0.05, "same_week": -0.02}, "same_week", "smallest"),
        ({"stage_weighted": 0.1, "hazard": 0.2, "same_week": -0.3}, "stage_weighted", "no method"),
        ({"stage_weighted": 0.1, "last_year_ratio": 0.03, "hazard": 0.05}, "last_year_ratio",
         "no method"),
    ],
)  # fmt: skip
def test_a_method_that_does_not_beat_both_baselines_is_not_used(walked, errors, chosen, word):
    """The best method that beats both is used, else the better baseline, and the reason is said."""
    walk = with_errors(walked, errors)
    found = choose_method(walk, backtest_table(walk), {})
    assert found.method == chosen
    assert found.reason.startswith(word)
    losers = found.summary.set_index("method")["beats_baselines"]
    for name, share in errors.items():
        if name in ("hazard", "same_week"):
            bases = [abs(s) for m, s in errors.items() if m in ("stage_weighted",
                                                                "last_year_ratio")]  # fmt: skip
            assert losers[name] == (abs(share) < min(bases))
            note = found.summary.set_index("method").loc[name, "note"]
            assert losers[name] or "does not beat" in note


def test_the_note_of_the_chosen_method_holds_its_comparison_with_the_baselines(walked):
    """Error of both near this week, in the same periods; no doubt where every week agrees."""
    errors = {"stage_weighted": 0.1, "hazard": 0.05, "same_week": -0.02}
    walk = with_errors(walked, errors)
    found = choose_method(walk, backtest_table(walk), {})
    row = found.summary.set_index("method").loc["same_week"]
    assert "beats CRM-weighted pipeline (2.0 % against 10.0 %, 4 periods)" in row["note"]
    assert row["note"].startswith("smallest mean error")
    assert (row["rival_method"], row["compared_periods"]) == ("stage_weighted", 4)
    assert (row["compared_share"], row["rival_share"]) == pytest.approx((0.02, 0.1))
    assert found.doubts == ()
    table("forecast_methods").check(table("forecast_methods").coerce(found.summary))


def make_errors(**by_method: list[float]) -> pd.DataFrame:
    """Make errors of one week in each of as many periods."""
    many = len(next(iter(by_method.values())))
    index = pd.MultiIndex.from_product(
        [[f"P{at}" for at in range(many)], [5]], names=["period", "week_of_period"]
    )
    return pd.DataFrame(by_method, index=index)


def test_two_methods_are_compared_in_the_weeks_that_both_have():
    """The third period is known of one alone; the nearer week counts three times."""
    errors = make_errors(a=[0.1, -0.2, 0.9], b=[0.2, 0.2, np.nan])
    found = compare(errors, pd.Series([3.0, 1.0, 1.0], index=errors.index), "a", "b")
    assert (found.own, found.other, found.periods) == pytest.approx((0.125, 0.2, 2))
    assert found.wins
    assert compare(errors, pd.Series(1.0, index=errors.index), "a", "c") is None


@pytest.mark.parametrize(
    ("other", "is_doubtful"), [([0.11, 0.08, 0.13], True), ([0.3, 0.31, 0.32], False)]
)
def test_a_small_lead_of_a_method_is_called_chance(other, is_doubtful):
    """A tenth of a point over three periods may be chance; twenty points in each may not."""
    errors = make_errors(same_week=[0.1, 0.1, 0.1], hazard=other)
    versus = compare(errors, pd.Series(1.0, index=errors.index), "same_week", "hazard")
    words = doubt_words("same_week", "hazard", versus)
    assert versus.may_be_chance is is_doubtful
    assert bool(words) is is_doubtful
    if words:
        assert "that may be chance: 80 % interval of the difference" in words
        assert "3 past periods" in words


def test_one_period_cannot_tell_two_methods_apart():
    """No interval from one period: the lead is a doubt."""
    errors = make_errors(same_week=[0.1], hazard=[0.3])
    versus = compare(errors, pd.Series(1.0, index=errors.index), "same_week", "hazard")
    assert "one past period cannot tell" in doubt_words("same_week", "hazard", versus)


def test_every_method_has_a_name_for_people():
    """No key stands in a headline or a table."""
    assert all("_" not in method_name(name) for name in METHODS)
    assert len({one.name for one in METHODS.values()}) == len(METHODS)
    rows = pd.DataFrame({"method": ["hazard", None]})
    assert with_method_names(rows)["method"].tolist()[0] == "weekly chances by stage and age"


def test_with_too_few_tested_periods_the_order_is_fixed(walked):
    """One tested period is not enough to choose by errors; that is said."""
    settings = QUICK.model_copy(update={"tested_periods": 5})
    walk = replace(walked, inputs=replace(walked.inputs, settings=settings))
    found = choose_method(walk, backtest_table(walk), {})
    assert found.method == "same_week"
    assert "taken by a fixed order" in found.reason


def test_weights_of_the_combination_come_from_earlier_periods_alone(walked):
    """The first quarter has no weights, the second tested one weighs only by the first."""
    points = walked.inputs.panel.points
    by_period = {points[at].number: weight for at, weight in walked.weights.items()}
    assert by_period[0] == {}
    assert sum(by_period[3].values()) == pytest.approx(1.0)
    assert set(by_period[2]) <= {"stage_crm", "stage_measured", "category", "calls", "same_week",
                                 "hazard", "classifier"}  # fmt: skip


@pytest.mark.parametrize(
    ("errors", "names"),
    [
        ({"stage_weighted": 0.1, "hazard": 0.05, "same_week": 0.2}, {"hazard"}),
        ({"stage_weighted": 0.1, "hazard": 0.05, "same_week": 0.02}, {"hazard", "same_week"}),
        ({"stage_weighted": 0.1, "hazard": 0.2, "last_year_ratio": 0.05}, {"last_year_ratio"}),
    ],
)
def test_the_combination_holds_only_methods_that_beat_both_baselines(walked, errors, names):
    """A method that lost in the past has no weight; where all lost, the better baseline has."""
    walk, found = with_errors(walked, errors), PastErrors(walked.inputs)
    point = walk.tested[0]
    found.add(0, {point: walk.estimates[point]}, {})
    weights = found.weights(0.0)
    assert weights is not None
    assert set(weights) == names
    assert sum(weights.values()) == pytest.approx(1.0)
    if "same_week" in names:
        assert weights["same_week"] > weights["hazard"]
    assert PastErrors(walked.inputs).weights(0.0) is None


def test_pinball_is_smallest_at_the_quantile():
    """For a sample the 90 % quantile has the smallest mean loss at 0.9."""
    sample = np.random.default_rng(4).gamma(2.0, 3.0, 4000)
    losses = {q: np.mean([pinball(x, q, 0.9) for x in sample[:400]]) for q in (6.0, 11.0, 20.0)}
    assert min(losses, key=lambda q: abs(q - np.quantile(sample[:400], 0.9))) == min(
        losses, key=lambda q: losses[q]
    )


def test_the_interval_of_a_worse_past_is_wider(walked):
    """Larger past errors give a larger shock, and with it a wider interval."""
    live = walked.inputs.live
    calm, wild = (
        replace(
            walked,
            spreads=[{"hazard": replace(walked.spreads[-1]["hazard"], shock=size)}]
            * len(walked.spreads),
        )
        for size in (0.0, 0.3)
    )
    width = [np.ptp(np.quantile(walk.simulate(live, "hazard", 2000), [0.1, 0.9]))
             for walk in (calm, wild)]  # fmt: skip
    assert width[1] > width[0]


def test_brier_and_calibration_by_hand():
    """Two chances of 0.6 for a win and a loss: Brier 0.26, observed one half of predicted 0.6."""
    chances = pd.DataFrame(
        {"method": "hazard", "opportunity_id": ["a", "b"], "point": 0, "chance": [0.6, 0.6],
         "is_won": [True, False]}
    )  # fmt: skip
    assert brier_scores(chances) == pytest.approx({"hazard": (0.16 + 0.36) / 2})
    row = calibration_table(chances).iloc[0]
    assert (row["bin_low"], row["bin_high"], row["observed_share"]) == (0.6, 0.7, 0.5)
    assert (row["forecasts_count"], row["deals_count"]) == (2, 2)
    assert row["low"] < 0.5 < row["high"]


def test_all_methods_are_scored_on_the_same_deals(walked):
    """Each method that gives chances gives as many."""
    counts = past_chances(walked).groupby("method").size()
    assert set(counts) == {counts.iloc[0]}
    table("forecast_calibration").check(calibration_table(past_chances(walked)))


def test_a_manager_who_always_calls_low_is_corrected(walked):
    """Calls at 80 % of the final: the factor is 1.25 and the method hits past closes."""
    found: Inputs = walked.inputs
    point = next(at for at in walked.tested if found.panel.points[at].period.name == "2025Q4"
                 and found.panel.points[at].week == 5)  # fmt: skip
    factors = call_factors(found.called, found.windows[point], found.sums.final_cents)
    assert factors is not None
    managers = (found.panel.cells["cut"] == "manager").to_numpy()
    assert factors[managers] == pytest.approx(1.25, rel=0.01)
    final = found.sums.final_cents[found.panel.points[point].number][0]
    assert closes(walked, point, "calls") == pytest.approx(final, rel=0.01)


def test_calls_stand_beside_the_model_with_their_past(walked):
    """Every call has gap and past ratio 1.25; all managers together are a row of their own."""
    found = call_review(walked, "same_week")
    table("forecast_call_review").check(found)
    last = found[(found["period"] == "2025Q4") & (found["week_of_period"] == 8)]
    assert last["manager"].tolist() == ["Max", "Mia", "all managers"]
    assert last["past_ratio"].tolist() == pytest.approx([1.25] * 3, rel=0.01)
    assert (last["gap_amount"] - (last["call_amount"] - last["p50_amount"])).abs().max() < 0.01
    assert last["periods_count"].tolist() == [3, 3, 3]


@pytest.mark.parametrize(("many", "inner"), [(2, None), (3, None), (4, 0), (5, 0), (7, 1), (10, 2)])
def test_the_interval_of_a_median_leaves_out_as_many_values_as_eighty_percent_allow(many, inner):
    """Order statistics by the binomial distribution; three values give no interval."""
    low, high = median_interval(np.arange(float(many)))
    if inner is None:
        assert np.isnan(low)
        assert np.isnan(high)
    else:
        assert (low, high) == (inner, many - 1 - inner)
