"""Tests of the pictures of a council: what is drawn, what is said where there is nothing."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.charts import council as charts
from planlib.charts.base import figure_png
from planlib.council import actions_log, colour_cells
from planlib.council.cells import with_forecast
from planlib.settings.council import CouncilSettings
from planlib.tables import table
from tests.council_frames import make_actions, make_cells, make_weeks
from tests.forecast_frames import AS_OF


@pytest.fixture(autouse=True)
def _close_pictures():
    """Pictures are closed again."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def texts(ax) -> list[str]:
    """Give every text of a picture."""
    return [one.get_text() for one in ax.texts]


def test_the_table_shows_every_cell_with_a_target_and_counts_the_others() -> None:
    """A cell without a target is counted beneath, and the rule is printed."""
    cells = make_cells({}, {"cut_value": "APAC", "target_amount": None})
    cells = colour_cells(cells, CouncilSettings()).assign(previous_colour="red", owner="Mia")
    shown = charts.council_table(cells, ["The rule."], currency="EUR")
    assert "EMEA" in shown.text
    assert "APAC" not in shown.text
    assert "1 cells without a target have no colour." in shown.text
    assert "The rule." in shown.text
    assert "pl-good" in shown.body
    passed = cells["workday_share"].iloc[0]
    assert f"{100 * passed:.0f} % of the working days of the period have passed" in shown.text
    assert charts.share_passed(cells.assign(workday_share=float("nan"))) == ""


def test_before_a_period_the_table_leaves_out_what_is_not_yet() -> None:
    """Attained and usual share say nothing on the day before."""
    cells = make_cells({"workday_share": 0.0, "won_amount": 0.0, "usual_share": 0.0})
    cells = colour_cells(cells, CouncilSettings()).assign(previous_colour="", owner="Mia")
    shown = charts.council_table(cells, [])
    assert "Attained" not in shown.text
    assert "coverage alone tells" in shown.text


def test_colours_stand_week_by_week_with_their_letters_and_actions() -> None:
    """One letter for each known week of each cell; a triangle for the action."""
    weeks = make_weeks({"EMEA": "RRYG", "APAC": "GGGG", "grey": "----"})
    log = actions_log(make_actions({}), weeks, CouncilSettings(), AS_OF)
    ax = charts.plot_colours(weeks, log)
    assert sorted(one for one in texts(ax) if len(one) == 1) == sorted("RRYGGGGG")
    assert [one.get_text() for one in ax.get_yticklabels()] == ["EMEA", "APAC"]
    assert [line.get_marker() for line in ax.lines] == ["^"]
    assert "an action began" in charts_text(ax)
    assert figure_png(ax)


def test_the_last_day_of_a_period_has_a_letter_in_it_and_in_the_next_one() -> None:
    """Green on the closing day, red as the start of the next period: both are drawn."""
    weeks = make_weeks({"EMEA": "RG"})
    last = weeks["day_date"].max()
    later = weeks.assign(period="2026Q2", day_date=[last, last + pd.Timedelta(days=7)],
                         colour=["red", "yellow"])  # fmt: skip
    log = actions_log(make_actions({"period": "2026Q1", "when": str(last.date())}), weeks,
                      CouncilSettings(), AS_OF)  # fmt: skip
    ax = charts.plot_colours(pd.concat([later, weeks], ignore_index=True), log)
    letters = sorted((text.get_position()[0], text.get_text()) for text in ax.texts
                     if len(text.get_text()) == 1)  # fmt: skip
    assert [letter for _, letter in letters] == ["R", "G", "R", "Y"]
    assert [name.get_text() for name in ax.get_xticklabels()] == ["2026Q1", "2026Q2"]
    assert ax.get_xlabel().startswith("3 known weeks until")
    triangle = next(line for line in ax.lines if line.get_marker() == "^")
    assert triangle.get_xdata()[0] == pytest.approx(0.7)  # in its own period, not the next one


def test_the_table_shows_the_forecast_beside_the_gap() -> None:
    """A column of its own where a forecast is known, none where it is not."""
    cells = colour_cells(make_cells({}), CouncilSettings()).assign(previous_colour="", owner="")
    known = with_forecast(cells, None).assign(forecast_gap_amount=70.0)
    assert "Target - forecast" in charts.council_table(known, []).text
    assert "Target - forecast" not in charts.council_table(with_forecast(cells, None), []).text


def charts_text(ax) -> str:
    """Give headline and subtitle of a picture."""
    return " ".join([ax.get_title(loc="left"), *texts(ax)])


def test_causes_are_drawn_by_cell_with_their_amounts() -> None:
    """One bar for each cause; those within what is usual are pale."""
    rows = pd.DataFrame([
        {"cut": "total", "cut_value": "all", "cause": "pushed_out", "cause_order": 1,
         "effect_amount": 2_000_000.0, "is_usual": False, "is_grey": False},
        {"cut": "total", "cut_value": "all", "cause": "lost_more", "cause_order": 2,
         "effect_amount": 500_000.0, "is_usual": True, "is_grey": False},
    ])  # fmt: skip
    ax = charts.plot_causes(rows, currency="EUR")
    assert "pushed out 2.0 M" in texts(ax)
    assert [bar.get_alpha() for bar in ax.patches] == [1.0, 0.45]
    assert figure_png(ax)


def test_effects_are_drawn_with_their_interval() -> None:
    """Value and interval in points of the target; recovery stands in the subtitle."""
    rows = pd.DataFrame([
        {"topic": "effect", "action": "all", "measure": "pace_gap", "treated_count": 6,
         "value": 0.1, "low": 0.02, "high": 0.18, "is_grey": False, "reason": ""},
        {"topic": "recovery", "action": "none", "measure": "came_back", "treated_count": 9,
         "value": 0.3, "low": 0.1, "high": 0.5, "is_grey": False, "reason": "3 of 9 cells"},
    ])  # fmt: skip
    ax = charts.plot_effects(rows)
    assert "+10.0, 6 actions" in texts(ax)
    assert figure_png(ax)


@pytest.mark.parametrize(
    ("draw", "name"),
    [(charts.plot_colours, "council_colours"), (charts.plot_causes, "council_causes"),
     (charts.plot_effects, "council_effects")],
)  # fmt: skip
def test_an_empty_table_gives_a_reason_instead_of_an_empty_picture(draw, name: str) -> None:
    """Nothing to draw is said in words."""
    ax = draw(table(name).empty())
    assert texts(ax)
    assert figure_png(ax)
