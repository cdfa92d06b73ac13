"""Tests of the pictures of the forecast."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.charts.forecast import (
    plot_calibration,
    plot_calls,
    plot_errors,
    plot_fan,
    plot_required,
    plot_usual_pace,
)
from planlib.forecast import PipelineForecast, method_name
from planlib.tables import table
from tests.forecast_frames import forecast, make_past
from tests.pipeline_frames import make_targets


@pytest.fixture(scope="module")
def found() -> PipelineForecast:
    """A forecast with targets by deal type."""
    opportunities, history = make_past()
    targets = make_targets(
        {"target_amount": 250_000.0}, {"target_amount": 9_000_000.0, "deal_type": "new"}
    )
    return forecast(opportunities, history, targets=targets, currency="USD")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


def headline(ax) -> str:
    """Give the headline of a picture as one line."""
    return " ".join(ax.get_title(loc="left").split())


def texts(ax) -> str:
    """Give all text that is drawn on the axes."""
    return " | ".join(text.get_text() for text in ax.texts)


def test_the_fan_names_forecast_and_past(found):
    """Headline with the forecast, a band and a closing line for each tested period."""
    ax = plot_fan(found.tables["forecast"], found.tables["forecast_backtest"], "USD")
    assert headline(ax).startswith("2026Q1 is expected to close at")
    for period in ("2025Q2", "2025Q3", "2025Q4"):
        assert period in texts(ax)
    assert "held in" in texts(ax)


def test_the_fan_without_a_past_shows_the_forecast_alone():
    """Opportunities alone: one point, and the subtitle says that nothing was tested."""
    tables = forecast(make_past()[0]).tables
    ax = plot_fan(tables["forecast"], tables["forecast_backtest"])
    assert "no past week could be tested" in texts(ax)
    left, right = ax.get_xlim()
    assert right - left == 128  # days: no room for years that are not drawn


def test_the_errors_show_the_used_method_and_both_kinds_of_baseline(found):
    """The legend marks what is used and what is a baseline; quoted sums are not drawn."""
    ax = plot_errors(found.tables["forecast_backtest"], found.tables["forecast_methods"])
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert f"{method_name(found.method)} (used)" in legend
    assert "CRM-weighted pipeline (baseline)" in legend
    assert not any("commit" in name for name in legend)


def test_the_errors_compare_near_this_week_in_the_same_periods(found):
    """The headline holds what the choice rests on: both errors, and the periods of both."""
    methods = found.tables["forecast_methods"]
    row = methods[methods["is_chosen"]].iloc[0]
    said = headline(plot_errors(found.tables["forecast_backtest"], methods))
    assert said == (
        f"Near this week {method_name(row['method'])} missed by "
        f"{100 * row['compared_share']:.1f} %, {method_name(row['rival_method'])} by "
        f"{100 * row['rival_share']:.1f} % in the same {row['compared_periods']} periods"
    )
    assert row["compared_share"] < row["rival_share"]


def test_required_coverage_shows_what_is_needed_and_what_there_is(found):
    """The total and both deal types stand there with their requirement and status."""
    ax = plot_required(found.tables["required_coverage"], "deal_type")
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[0] == "Total"
    assert {"new", "expansion"} <= set(names)
    assert ": short" in texts(ax)
    assert "no target" in texts(ax)


def test_the_pace_says_where_the_period_stands(found):
    """Share of the target won, points off the usual share, and whether within the band."""
    ax = plot_usual_pace(found.tables["pacing_curves"], "2026Q1")
    assert "of the target of 2026Q1 is won" in headline(ax)
    assert "band" in headline(ax)


def test_calibration_shows_model_and_crm(found):
    """Both the CRM's probability and a method are drawn."""
    ax = plot_calibration(found.tables["forecast_calibration"])
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["the CRM's probability", "deal classifier"]


def test_text_from_data_is_safe(found):
    """A cell called like markup or mathematics is drawn as text."""
    coverage = found.tables["required_coverage"]
    odd = coverage.assign(cut_value=coverage["cut_value"].replace("new", "a_$x^2$ <b>"))
    ax = plot_required(odd, "deal_type")
    ax.figure.canvas.draw()
    assert any("\\$x^2\\$" in label.get_text() for label in ax.get_yticklabels())


@pytest.mark.parametrize("name", ["fan", "errors", "calibration", "required", "pace", "calls"])
def test_empty_tables_give_a_reason_in_the_place_of_a_picture(name):
    """No rows: the axes say why instead of being empty."""
    empty = {key: table(key).empty() for key in (
        "forecast", "forecast_backtest", "forecast_methods", "forecast_calibration",
        "required_coverage", "pacing_curves", "forecast_call_review",
    )}  # fmt: skip
    ax = {
        "fan": lambda: plot_fan(empty["forecast"], empty["forecast_backtest"]),
        "errors": lambda: plot_errors(empty["forecast_backtest"], empty["forecast_methods"]),
        "calibration": lambda: plot_calibration(empty["forecast_calibration"]),
        "required": lambda: plot_required(empty["required_coverage"], "deal_type"),
        "pace": lambda: plot_usual_pace(empty["pacing_curves"], "2026Q1"),
        "calls": lambda: plot_calls(empty["forecast_call_review"]),
    }[name]()
    assert not ax.axison
    assert len(texts(ax)) > 20


def make_calls(final: float | None, p50: float | None = 90.0) -> pd.DataFrame:
    """Three weeks of a call of 100 for a close of 120, beside a model of 90."""
    week = {"period": "2026Q1", "manager": "all managers", "category": "most_likely",
            "call_amount": 100.0, "method": "same_week", "p10_amount": 80.0, "p50_amount": p50,
            "p90_amount": 130.0, "final_amount": final}  # fmt: skip
    rows = [{**week, "week_of_period": at, "day_date": f"2026-01-{7 * at + 4:02}"}
            for at in (1, 2, 3)]  # fmt: skip
    return table("forecast_call_review").coerce(pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("final", "p50", "told"),
    [(120.0, 90.0,
      "Over 3 weeks the calls (most likely) missed the close by 17 %, the model by 25 %"),
     (None, 90.0, "The last call (most likely) is 100, the model 90"),
     (None, None, "The last call (most likely) is 100")],
)  # fmt: skip
def test_calls_stand_beside_the_model(final, p50, told):
    """Once the period is over both misses are named, before that where both stand."""
    ax = plot_calls(make_calls(final, p50), "USD")
    assert headline(ax) == told
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert ("closed at" in names) == (final is not None)
    assert "call, most likely" in names
