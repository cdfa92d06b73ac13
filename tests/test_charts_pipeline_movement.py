"""Pictures of movement say in words and numbers what they show, or why they show nothing."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.charts.pipeline_movement import (
    plot_ageing,
    plot_contract_to_cash,
    plot_event_bridge,
    plot_funnel,
    plot_incidence,
)
from planlib.pipeline.movement import MovementReview
from planlib.tables import table
from tests.test_charts_pipeline import texts
from tests.test_pipeline_movement import make_world, measure


@pytest.fixture(scope="module")
def found() -> MovementReview:
    """Movement of a made-up world with history, projects and payments."""
    return measure(make_world())


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


def test_the_event_bridge_shows_events_and_the_two_days(found):
    """Every step has its signed amount and how often it happened."""
    rows = found.tables["pipeline_event_bridge"]
    ax = plot_event_bridge(rows, "USD")
    said = texts(ax)
    total = rows[rows["cut"] == "total"].set_index("reason")
    assert f"{total.loc['start', 'count']} deals" in said
    assert f"{total.loc['pushed_out', 'count']} times" in said
    wide = [bar for bar in ax.patches if bar.get_width() == pytest.approx(0.7)]
    narrow = [bar for bar in ax.patches if bar.get_width() == pytest.approx(0.34)]
    moves = total.drop(["start", "end"])
    assert len(wide) == int((moves[["count", "two_point_count"]].max(axis=1) > 0).sum()) + 2
    assert len(narrow) == int((moves["two_point_amount"].fillna(0) != 0).sum())


def test_one_event_is_one_time(found):
    """A step that happened once is written in the singular."""
    rows = found.tables["pipeline_event_bridge"]
    once = rows.assign(count=rows["count"].mask(rows["reason"] == "won", 1))
    assert "1 time |" in texts(plot_event_bridge(once, "USD"))


def test_the_funnel_names_the_narrowest_step_and_its_interval(found):
    """Shares of created deals, conversion with interval beside each bar, hollow young cohorts."""
    rows = found.tables["stage_conversion"]
    ax = plot_funnel(rows)
    said = texts(ax)
    mature = rows[(rows["cut"] == "total") & (rows["cohort_order"] == 0)]
    weak = mature.sort_values("conversion").iloc[0]
    assert f"narrowest step is {weak['stage']}" in said
    assert f"({100 * weak['low']:.0f} % to {100 * weak['high']:.0f} %)" in said
    faces = {line.get_markerfacecolor() for line in ax.lines}
    assert "white" in faces


@pytest.mark.parametrize("missing", [False, True])
def test_a_young_quarter_of_which_no_deal_came_far_is_drawn(found, missing):
    """Stages that nobody has reached are zero, stages that the table lacks are left out."""
    rows = found.tables["stage_conversion"].copy()
    young = rows[(rows["cut"] == "total") & (rows["cohort_order"] > 0)]
    name = young.loc[young["entered_count"] > 0, "cohort"].iloc[0]
    later = (rows["cohort"] == name) & (rows["stage_order"] > rows["stage_order"].min())
    assert later.any()
    if missing:
        rows = rows[~later]
    else:
        rows.loc[later, ["entered_count", "passed_count"]] = 0
    ax = plot_funnel(rows)
    expected = plot_funnel(found.tables["stage_conversion"])
    assert len(ax.lines) == len(expected.lines)
    lengths = {len(line.get_xdata()) for line in ax.lines}
    assert lengths == {len(expected.lines[0].get_xdata())}


def test_ageing_counts_old_deals_by_stage(found):
    """The headline is the number of old deals, and each stage names the days of won deals."""
    rows = found.tables["pipeline_ageing"]
    said = texts(plot_ageing(rows, "USD"))
    judged = rows[rows["ratio"].notna()]
    assert f"{int(judged['is_old'].sum())} of {len(judged)} open deals are old" in said
    for stage, group in judged.groupby("stage"):
        assert stage in said
        assert f"won deals: {group['usual_days'].median():.0f} days" in said


def test_outcomes_end_with_their_shares(found):
    """Won, open and lost stand at the end of the curve and add up to all."""
    rows = found.tables["pipeline_incidence"]
    last = rows[rows["cut"] == "total"].dropna(subset=["won_share"]).iloc[-1]
    said = texts(plot_incidence(rows))
    for name in ("won", "open", "lost"):
        assert f"{name} {100 * last[f'{name}_share']:.0f} %" in said


def test_contract_to_cash_shows_what_is_collected_and_overdue(found):
    """A bar for each region, with contract amount and share collected."""
    figures = found.tables["project_figures"]
    said = texts(plot_contract_to_cash(figures, "USD"))
    total = figures[figures["cut"] == "total"].set_index("figure")["value"]
    assert f"{100 * total['collected_share']:.0f} % of USD" in said
    assert "EMEA" in said
    assert "APAC" in said


def test_contracts_without_payments_are_drawn_apart_and_named_in_the_title(found):
    """The share collected is of the contracts with payments, not of all that are signed."""
    figures = found.tables["project_figures"].copy()
    figures.loc[figures["figure"] == "tracked_amount", "value"] /= 2
    ax = plot_contract_to_cash(figures, "USD")
    assert "signed with payments on record is collected" in texts(ax).replace("\n", " ")
    assert "no payments on record" in [one.get_text() for one in ax.get_legend().get_texts()]


def test_without_a_cut_the_total_is_drawn(found):
    """Where no project has a region, one bar stands for all."""
    figures = found.tables["project_figures"]
    said = texts(plot_contract_to_cash(figures[figures["cut"] == "total"]))
    assert "all" in said.split(" | ")


NOTHING = {
    "events": (plot_event_bridge, "pipeline_event_bridge", "no history holds"),
    "funnel": (plot_funnel, "stage_conversion", "no deal observed since its creation"),
    "ageing": (plot_ageing, "pipeline_ageing", "no open deal can be put beside"),
    "outcomes": (plot_incidence, "pipeline_incidence", "no deal of this cell has closed"),
    "cash": (plot_contract_to_cash, "project_figures", "are missing"),
}


@pytest.mark.parametrize(("draw", "name", "reason"), NOTHING.values(), ids=list(NOTHING))
def test_nothing_to_draw_is_said_in_words(draw, name, reason):
    """An empty table gives a sentence, not an empty picture."""
    assert reason in texts(draw(table(name).empty()))


def test_deals_without_amounts_are_said(found):
    """A bridge whose ends have no amount is not drawn as zero."""
    rows = found.tables["pipeline_event_bridge"].assign(amount=float("nan"))
    assert "no amounts" in texts(plot_event_bridge(rows))


def test_text_of_the_data_is_escaped(found):
    """A stage called $x$ is text, not mathematics."""
    rows = found.tables["stage_conversion"]
    odd = rows.assign(stage=rows["stage"].mask(rows["stage_order"] == 0, "$x$ & more"))
    labels = pd.Series(texts(plot_funnel(odd)).split(" | "))
    assert labels.str.contains(r"\$x\$ & more", regex=False).any()
