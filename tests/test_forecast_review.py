"""Tests of the whole forecast: missing tables are named, and figures hang together."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.forecast import PipelineForecast
from planlib.forecast.methods import DEAL_METHODS
from planlib.forecast.reliance import told_errors
from planlib.periods import Period
from planlib.steps import STEPS
from planlib.tables import TABLES, table
from tests.forecast_frames import AS_OF, Q1, forecast, make_past
from tests.pipeline_frames import deal, make_accounts, make_deals, make_reps, make_targets
from tests.test_forecast_methods import make_calls

TARGETS = make_targets(
    {"target_amount": 250_000.0},
    {"target_amount": 130_000.0, "deal_type": "new"},
    {"target_amount": 120_000.0, "deal_type": "expansion"},
)
OTHERS = {"targets": TARGETS, "forecast_calls": make_calls(), "reps": make_reps()}
RESULTS = ("working_days", "pacing_curves", "required_coverage", "forecast", "forecast_methods",
           "forecast_backtest", "forecast_calibration", "forecast_deals", "forecast_call_review",
           "pipeline_starts", "pipeline_reliance", "forecast_notes")  # fmt: skip


@pytest.fixture(scope="module")
def full() -> PipelineForecast:
    """Forecast with every table there."""
    opportunities, history = make_past()
    return forecast(opportunities, history, **OTHERS)


def test_all_tables_are_declared_written_by_the_step_and_keep_their_contract(full):
    """Every table of the forecast passes its checks and belongs to step 06."""
    assert set(full.tables) == set(RESULTS)
    assert set(RESULTS) <= set(STEPS["06_pipeline"].writes)
    for name, frame in full.tables.items():
        assert len(frame), name
        table(name).check(frame)


def test_cells_add_up_and_one_method_is_chosen(full):
    """Points of a cut sum to the total up to rounding, quantiles are in order, one is chosen."""
    rows = full.tables["forecast"]
    for _, mine in rows.groupby(["method", "cut"]):
        whole = rows[(rows["method"] == mine["method"].iloc[0]) & (rows["cut"] == "total")]
        assert mine["point_amount"].sum() == pytest.approx(whole["point_amount"].sum(), abs=0.05)
        assert mine["won_amount"].sum() == pytest.approx(whole["won_amount"].sum())
    known = rows[rows["p10_amount"].notna()]
    assert (known["p10_amount"] <= known["p50_amount"]).all()
    assert (known["p50_amount"] <= known["p90_amount"]).all()
    assert (known["won_amount"] <= known["p10_amount"] + 0.01).all()
    assert rows.loc[rows["is_chosen"], "method"].unique().tolist() == [full.method]


def test_the_same_inputs_give_the_same_tables_whatever_the_order_of_rows(full):
    """Shuffled rows of every table change nothing."""
    opportunities, history = make_past()
    mixed = {
        name: frame.sample(frac=1, random_state=4).reset_index(drop=True)
        for name, frame in OTHERS.items()
    }
    again = forecast(opportunities.iloc[::-1], history.sample(frac=1, random_state=2), **mixed)
    for name, frame in full.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], frame)


def test_amounts_ten_times_as_large_give_a_forecast_ten_times_as_large():
    """Nothing depends on the currency: shares, chances and choices stay."""
    opportunities, history = make_past(quarters=2)
    plain = forecast(opportunities, history)
    large = forecast(
        opportunities.assign(amount=opportunities["amount"] * 10),
        history.assign(amount=history["amount"] * 10),
    )
    both = [found.tables["forecast"].set_index(["method", "cut", "cut_value"])
            for found in (plain, large)]  # fmt: skip
    learned = both[0].index.get_level_values("method").isin(["classifier", "combination"])
    for column in ("point_amount", "p10_amount", "p90_amount"):
        small, big = (one.loc[~learned, column].to_numpy() for one in both)
        assert big == pytest.approx(small * 10, rel=1e-3, nan_ok=True)


def test_with_opportunities_alone_the_crm_sum_is_given_and_called_untested():
    """No history: one baseline, no backtest, the reason, and what would supply it."""
    opportunities, _ = make_past()
    found = forecast(opportunities)
    assert found.method == "stage_weighted"
    methods = found.tables["forecast_methods"].set_index("method")
    assert methods["is_available"].sum() == 4  # the baseline and three cumulative categories
    assert "no past period is known" in methods.loc["same_week", "note"]
    assert found.tables["forecast_backtest"].empty
    assert found.tables["required_coverage"]["required_coverage"].isna().all()
    said = " ".join(found.notes("missing"))
    for words in ("never been tested", "table targets is missing", "forecast_calls is missing",
                  "cut manager"):  # fmt: skip
        assert words in said
    assert found.tables["pacing_curves"]["usual_share"].notna().any()


@pytest.mark.parametrize("name", [*OTHERS, "history"])
def test_each_optional_table_may_be_absent(name):
    """Without any one table the rest is computed and the gap is named or has no bearing."""
    opportunities, history = make_past()
    given = {"history": history, **OTHERS, name: None}
    found = forecast(opportunities, **given)
    assert found.method
    for key, frame in found.tables.items():
        table(key).check(frame)
    words = {"targets": "targets", "forecast_calls": "forecast_calls", "reps": "manager",
             "history": "snapshots"}  # fmt: skip
    assert words[name] in " ".join(found.notes("missing"))


def test_some_weeks_of_history_allow_conversion_but_no_test():
    """Snapshots of one past quarter: same-week conversion is used, and called untested."""
    opportunities, history = make_past()
    one = history[history["snapshot_date"] >= "2025-09-25"]
    found = forecast(opportunities, one)
    assert found.method == "same_week"
    total = found.tables["forecast"]
    note = total[total["is_chosen"] & (total["cut"] == "total")]["note"].iloc[0]
    assert "0 past periods could be tested" in note or "fixed order" in note
    assert found.tables["required_coverage"]["low"].isna().all()
    assert "2025Q1, 2025Q2" in " ".join(found.notes("caution"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": None}, "no open deal has an amount"),
        ({"close_date": None}, "no open deal has a close date"),
    ],
)
def test_open_deals_that_say_nothing_give_no_forecast(change, reason):
    """Amounts or dates missing throughout: no forecast, and why, never zero."""
    found = forecast(make_deals(deal("a") | change, deal("b") | change))
    assert found.method == ""
    assert found.tables["forecast"].empty
    assert reason in " ".join(found.notes("missing"))


def test_deals_without_flags_give_no_forecast():
    """A table that does not say what is open gives no forecast, and the other tables stay."""
    found = forecast(make_deals(deal("a", "?"), deal("b", "?")))
    assert "no deal has is_closed or is_won" in " ".join(found.notes("missing"))
    assert len(found.tables["working_days"])


def test_a_day_that_no_snapshot_reaches_gives_no_forecast():
    """As of a past day without snapshots the open pipeline is not known and not made up."""
    opportunities, _ = make_past()
    found = forecast(opportunities, as_of=date(2026, 1, 15), data_until=AS_OF)
    assert found.method == ""
    assert "is not known" in " ".join(found.notes("missing"))


def test_without_probabilities_there_is_no_weighted_sum():
    """Blank probabilities are unknown, not zero; cumulative categories still stand."""
    opportunities, _ = make_past()
    found = forecast(opportunities.assign(probability=np.nan))
    assert "stage_weighted" not in set(found.tables["forecast"]["method"])
    assert found.method == "best_case"


def test_an_empty_pipeline_without_a_past_is_unknown_and_not_zero():
    """Nothing open and no past: what is still to come is not known, so there is no forecast."""
    found = forecast(make_deals(deal("w", "won", 500, "2026-01-20")))
    assert found.method == ""
    assert "no open deal closes in 2026Q1" in " ".join(found.notes("missing"))


def test_periods_that_are_not_over_are_no_past():
    """Two periods ahead, neither the current period nor the next one is learnt from."""
    from planlib.forecast import forecast_pipeline
    from tests.forecast_frames import QUICK

    opportunities, history = make_past()
    found = forecast_pipeline(opportunities, QUICK, Period.parse("2026Q3"), AS_OF, history=history)
    starts = found.tables["pipeline_starts"]
    assert set(starts["period"]) == {"2025Q1", "2025Q2", "2025Q3", "2025Q4"}
    assert set(starts["closed_period"]) == {"2025Q1", "2025Q2", "2025Q3", "2025Q4"}


def test_without_judgement_and_past_there_is_no_forecast():
    """Amounts and dates alone, without history, say nothing about chances; that is said."""
    opportunities, _ = make_past(quarters=1)
    bare = opportunities[["opportunity_id", "is_closed", "is_won", "amount", "close_date"]]
    found = forecast(bare)
    assert found.method == ""
    assert "no open deal has a probability or a forecast category" in " ".join(
        found.notes("missing")
    )


def test_past_periods_without_a_win_give_no_share_of_nothing():
    """Where nothing was ever won, errors have no share of the final amount, and nothing fails."""
    opportunities, history = make_past(quarters=2)
    none = opportunities.assign(is_won=pd.array([False] * len(opportunities), dtype="boolean"))
    found = forecast(none, history)
    assert found.tables["forecast_methods"]["mae_share"].isna().all()
    assert found.tables["required_coverage"]["required_coverage"].isna().all()


def test_once_a_period_is_over_the_next_is_forecast():
    """As of 31 December the first quarter is forecast before it begins."""
    opportunities, history = make_past(until=date(2025, 12, 31))
    from planlib.forecast import forecast_pipeline
    from tests.forecast_frames import QUICK

    found = forecast_pipeline(
        opportunities, QUICK, Period.parse("2025Q4"), date(2025, 12, 31), history=history
    )
    assert found.period == Q1
    assert (found.tables["forecast"]["week_of_period"] == 0).all()
    assert (found.tables["forecast"]["won_amount"] == 0).all()
    assert set(found.tables["pacing_curves"]["period"]) == {"2025Q4", "2026Q1"}
    assert "it has not begun" in found.headlines[0]


def test_before_its_start_a_period_can_be_forecast_too():
    """Two weeks ahead, past periods are read two weeks ahead of their start."""
    opportunities, history = make_past(until=date(2025, 12, 17))
    found = forecast(opportunities, history, as_of=date(2025, 12, 17))
    rows = found.tables["required_coverage"]
    assert rows.loc[rows["is_current"], "week_of_period"].unique().tolist() == [-2]
    assert rows.loc[rows["is_current"] & (rows["cut"] == "total"), "conversion_share"].gt(0).all()


def test_chances_of_deals_are_shares_and_reasons_name_what_was_measured(full):
    """Deals come by expected amount; each has a chance and the share of deals alike in the past."""
    deals = full.tables["forecast_deals"]
    assert deals["win_share"].between(0, 1).all()
    assert deals["expected_amount"].fillna(-1).is_monotonic_decreasing
    assert deals["reasons"].str.startswith("won from this week on: ").all()
    assert not deals["reasons"].str.contains(", ").any()  # parts apart, so that each is translated
    assert deals["method"].isin(DEAL_METHODS).all()
    assert set(deals["opportunity_id"]) <= {f"d{at:04d}" for at in range(1000)}


def test_reliance_is_won_over_open_at_the_start(full):
    """The ratio of the total is the sum of won over the sum of open over the starts shown."""
    starts, reliance = full.tables["pipeline_starts"], full.tables["pipeline_reliance"]
    for lag in (0, 2):
        mine = starts[(starts["lag_periods"] == lag) & (starts["cut"] == "total")]
        row = reliance[(reliance["lag_periods"] == lag) & (reliance["cut"] == "total")].iloc[0]
        assert row["ratio"] == pytest.approx(mine["won_amount"].sum() / mine["open_amount"].sum())
        assert row["periods_count"] == len(mine) == 4 - lag
    link = reliance[(reliance["lag_periods"] == 0) & (reliance["cut"] == "total")].iloc[0]
    mine = starts[(starts["lag_periods"] == 0) & (starts["cut"] == "total")]
    by_hand = np.corrcoef(mine["open_amount"], mine["won_amount"])[0, 1]
    assert link["correlation"] == pytest.approx(by_hand)
    assert link["correlation_low"] < by_hand < link["correlation_high"]


def test_pipeline_that_converts_evenly_tells_everything():
    """Half of each start is won: no error; the period before errs by 50 and 100 of 350."""
    opened, won = np.array([[100.0], [200.0], [400.0]]), np.array([[50.0], [100.0], [200.0]])
    error, naive = told_errors(opened, won, np.array([[np.nan], [50.0], [100.0]]))
    assert (error[0], naive[0]) == (0, pytest.approx(150 / 300))


def test_each_period_is_told_by_the_others():
    """100 and 300 open, 50 and 30 won: the first is told as 10, the second as 150."""
    opened, won = np.array([[100.0], [300.0]]), np.array([[50.0], [30.0]])
    error, naive = told_errors(opened, won, np.array([[40.0], [50.0]]))
    assert error[0] == pytest.approx((40 + 120) / 80)
    assert naive[0] == pytest.approx((10 + 20) / 80)


@pytest.mark.parametrize(
    ("opened", "won", "before"),
    [([100.0], [50.0], [40.0]), ([100.0, 0.0], [50.0, 1.0], [40.0, 50.0]),
     ([100.0, 300.0], [50.0, 30.0], [np.nan, 50.0]), ([100.0, 300.0], [0.0, 0.0], [1.0, 0.0])],
    ids=["one period", "others without pipeline", "one period before known", "nothing won"],
)  # fmt: skip
def test_errors_that_cannot_be_told_are_blank(opened, won, before):
    """No others to learn from, too few periods, or nothing won: blank, never zero."""
    columns = (np.array(values)[:, None] for values in (opened, won, before))
    assert np.isnan(told_errors(*columns)[0][0])


def test_a_repeated_id_and_an_unknown_table_are_refused():
    """Ids must not repeat, and a table that is not taken is named."""
    with pytest.raises(TableError, match="repeats in 2 rows"):
        forecast(make_deals(deal("a"), deal("a")))
    with pytest.raises(TypeError, match="takes no table leads"):
        forecast(make_deals(deal("a")), leads=make_accounts())


def test_the_chance_to_reach_a_target_is_between_never_and_always(full):
    """A target of nothing is always reached, one of a billion never."""
    opportunities, history = make_past()
    for amount, chance in ((0.01, 1.0), (1e9, 0.0)):
        found = forecast(opportunities, history, targets=make_targets({"target_amount": amount}))
        rows = found.tables["forecast"]
        total = rows[(rows["cut"] == "total") & rows["is_chosen"]].iloc[0]
        assert total["target_chance"] == chance
    assert full.tables["forecast"]["target_chance"].between(0, 1).any()


def test_tables_of_the_forecast_are_documented():
    """Every column of every table has a meaning."""
    for name in RESULTS:
        assert all(column.meaning for column in TABLES[name].columns)
