"""Tests of what the report says about the forecast."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.exchange.audience import AudienceView
from planlib.forecast import PipelineForecast, deals_basis
from planlib.forecast.over_time import errors_over_time
from planlib.report import forecast as report
from planlib.report import pipeline
from planlib.report.parts import Listing, Picture, Section
from tests.forecast_frames import forecast, make_past
from tests.pipeline_frames import deal, make_accounts, make_history, make_targets, review, seen
from tests.report_workbook import make_workbook
from tests.source_frames import make_table


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


def extended(folder: Path, found: PipelineForecast) -> Section:
    """Give a pipeline section with the forecast of these tables."""
    workbook = make_workbook(folder / "acme")
    for name, frame in found.tables.items():
        workbook.write(name, frame)
    empty = Section(step="06_pipeline", title="Pipeline", question="")
    return report.extend(empty, AudienceView(workbook))


def test_the_report_leads_with_forecast_method_and_what_is_short(tmp_path):
    """First the number with its interval and method, then the cells that are short, with money."""
    targets = make_targets(
        {"target_amount": 250_000.0}, {"target_amount": 9_000_000.0, "deal_type": "new"}
    )
    found = forecast(*make_past(), targets=targets)
    section = extended(tmp_path, found)
    assert section.decided[0].text == found.headlines[0]
    assert section.decided[1].text.startswith("Method: ")
    ask = section.asks[0]
    assert ask.text.startswith("new: ")
    assert "past periods needed" in ask.text
    row = found.tables["required_coverage"].set_index("cut_value").loc["new"]
    row = row[row["is_current"]].iloc[0] if isinstance(row, pd.DataFrame) else row
    missing = row["to_go_amount"] - row["open_amount"] / row["required_coverage"]
    assert ask.amount == pytest.approx(missing)
    assert 0 < missing < row["to_go_amount"]
    assert "short even at the upper end of the 80 % interval of past conversion: new" in " ".join(
        found.headlines
    )
    assert section.facts[0].label == "Forecast 2026Q1, USD"
    assert "P10" in section.facts[0].note


def test_errors_stand_by_period_the_method_in_use_first(tmp_path):
    """Mean error and bias of the weeks of each period; cells other than the total are left out."""
    methods = pd.DataFrame({"method": ["calls", "same_week"], "is_chosen": [False, True]})
    rows = [("same_week", "2025Q3", "total", 0.2), ("same_week", "2025Q3", "total", -0.1),
            ("same_week", "2025Q4", "total", 0.1), ("calls", "2025Q4", "total", None),
            ("stage_weighted", "2025Q4", "total", -0.3), ("hazard", "2025Q4", "total", 0.5),
            ("same_week", "2025Q4", "region", 0.9)]  # fmt: skip
    backtest = pd.DataFrame(rows, columns=["method", "period", "cut", "error_share"])
    found = errors_over_time(backtest, methods)
    assert found["method"].tolist() == ["same_week", "same_week", "stage_weighted"]
    assert found["mae_share"].tolist() == pytest.approx([0.15, 0.1, 0.3])
    assert found["bias_share"].tolist() == pytest.approx([0.05, 0.1, -0.3])
    blocks = report._over_time(backtest, methods)
    assert blocks[0].frame["method"].iloc[0] == "same-week conversion"
    assert report._over_time(backtest.head(0), methods) == []


def test_no_rule_of_thumb_stands_beside_the_coverage_that_past_periods_needed(tmp_path):
    """Three times may be plenty by the rule and short by the past, which counts where known."""
    matrix = review(
        deal("a", amount=400), deal("w", "won", 10, "2026-01-10"), accounts=make_accounts(),
        history=make_history(seen("2026-02-09", "a", amount=400)),
        targets=make_targets({"region": "EMEA", "target_amount": 100}),
    ).matrix  # fmt: skip
    workbook = make_workbook(tmp_path / "acme")
    workbook.write("performance_matrix", matrix)
    needed = make_table("required_coverage", {
        "period": "2026Q1", "cut": "region", "cut_value": "EMEA", "is_current": True,
        "required_coverage": 5.5, "week_of_period": 6, "status": "short", "basis": "past",
        "note": "", "periods_count": 4, "deals_count": 30, "is_grey": False,
    })  # fmt: skip
    for rows, is_drawn in ((needed.head(0), True), (needed, False)):
        workbook.write("required_coverage", rows)
        blocks = pipeline.section(AudienceView(workbook)).blocks
        said = [one.alt for one in blocks if isinstance(one, Picture)]
        assert any("3 x coverage" in text for text in said) == is_drawn


def test_red_cells_of_the_council_are_not_asked_for_twice(tmp_path):
    """The council asks for them with their cause; the forecast keeps the other cells."""
    targets = make_targets({"target_amount": 9_000_000.0, "deal_type": "new"},
                           {"target_amount": 9_000_000.0, "deal_type": "expansion"})  # fmt: skip
    found = forecast(*make_past(), targets=targets)
    both = extended(tmp_path / "alone", found).asks
    assert sorted(ask.text.split(":")[0] for ask in both) == ["expansion", "new"]
    workbook = make_workbook(tmp_path / "acme")
    agenda = {"item_order": 1, "kind": "red_cell", "period": "2026Q1", "cut": "deal_type",
              "cut_value": "new", "text": "Deal type new: red"}  # fmt: skip
    tables = {**found.tables, "council_agenda": make_table("council_agenda", agenda)}
    for name, frame in tables.items():
        workbook.write(name, frame)
    empty = Section(step="06_pipeline", title="Pipeline", question="")
    asks = report.extend(empty, AudienceView(workbook)).asks
    assert [ask.text.split(":")[0] for ask in asks] == ["expansion"]


def test_long_lists_of_deals_say_that_they_are_cut(tmp_path):
    """As many deals as plan.yaml allows: those with the largest expected amount."""
    found = forecast(*make_past(quarters=2))
    deals = found.tables["forecast_deals"]
    workbook = make_workbook(tmp_path / "acme", f"forecast:\n  deals: {len(deals)}\n")
    for name, frame in found.tables.items():
        workbook.write(name, frame)
    empty = Section(step="06_pipeline", title="Pipeline", question="")
    blocks = report.extend(empty, AudienceView(workbook)).blocks
    shown = next(b for b in blocks if isinstance(b, Listing) and b.name == "Forecast deals")
    assert f"the {len(deals)} open deals with the largest expected amount" in shown.subtitle


def test_tables_of_the_report_hold_what_the_step_wrote(tmp_path):
    """Cells of the chosen method, every method with its errors, and the deals behind it."""
    found = forecast(*make_past(quarters=2))
    blocks = extended(tmp_path, found).blocks
    tables = {block.name: block.frame for block in blocks if isinstance(block, Listing)}
    assert set(tables) == {
        "Forecast",
        "Forecast methods",
        "Forecast error by period",
        "Forecast deals",
        "Pipeline and later ACV",
    }
    assert (
        len(tables["Pipeline and later ACV"]) == found.tables["pipeline_reliance"]["ratio"].count()
    )
    chosen = found.tables["forecast"]
    assert len(tables["Forecast"]) == int(chosen["is_chosen"].sum())
    assert len(tables["Forecast methods"]) == 13
    for block in blocks:
        assert block.__html__() is not None


def test_the_chance_of_deals_names_its_method_and_the_amount_factor(tmp_path):
    """Expected is amount x chance x factor; a forecast by another method is named."""
    found = forecast(*make_past(quarters=2))
    deals, chosen = found.tables["forecast_deals"], found.tables["forecast"]
    product = deals["amount"] * deals["win_share"] * deals["amount_factor"]
    assert product.to_numpy() == pytest.approx(deals["expected_amount"].to_numpy(), abs=0.01)
    blocks = extended(tmp_path, found).blocks
    shown = next(b for b in blocks if isinstance(b, Listing) and b.name == "Forecast deals")
    assert shown.title == "Chance of open deals to be won in 2026Q1"
    assert "all open deals, largest expected amount first" in shown.subtitle
    own = deals.assign(method="hazard")
    said = deals_basis(own, chosen.assign(method="same_week"))
    assert "by weekly chances by stage and age" in said
    assert "the forecast is made by same-week conversion" in said
    assert "do not add up" not in deals_basis(own, chosen.assign(method="hazard"))
    assert deals_basis(deals.head(0), chosen) == ""


def test_without_history_the_report_says_what_is_missing(tmp_path):
    """Opportunities alone: the weighted sum, and a gap that says what snapshots would add."""
    section = extended(tmp_path, forecast(make_past(quarters=1)[0]))
    gaps = " ".join(f"{gap.what} {gap.because}" for gap in section.gaps)
    assert "never been tested" in gaps
    assert "Forecast: managers' calls" in gaps


def test_a_cycle_without_a_forecast_leaves_the_section_as_it_is(tmp_path):
    """No notes table: nothing is added."""
    workbook = make_workbook(tmp_path / "acme")
    empty = Section(step="06_pipeline", title="Pipeline", question="")
    assert report.extend(empty, AudienceView(workbook)) is empty
