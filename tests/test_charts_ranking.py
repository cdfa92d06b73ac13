"""Pictures of the ranking: what is drawn, and what is said where there is nothing to see."""

from __future__ import annotations

import pytest
from matplotlib import pyplot

from planlib.charts import ranking as charts
from planlib.charts.base import figure_png
from planlib.ranking import RankingInputs, RankingReview, rank_reps
from planlib.tables import table
from tests.ranking_frames import AS_OF, draw_deals, make_reps, make_settings

CHANCES = {**{f"R{at}": 0.35 for at in range(8)}, "R3": 0.85}


@pytest.fixture(autouse=True)
def _close_pictures():
    """Pictures are closed again."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def review() -> RankingReview:
    """A ranking in which one rep is far ahead."""
    deals = draw_deals(CHANCES, 4, 40, 3)
    settings = make_settings(weights={"win_rate": 0.6, "acv_per_case": 0.4}, history_months=2)
    inputs = RankingInputs(opportunities=deals, reps=make_reps(*CHANCES))
    return rank_reps(inputs, settings, AS_OF, seed=1)


def texts(ax) -> str:
    """Give headline and every text of a picture."""
    return " ".join([ax.get_title(loc="left"), *(one.get_text() for one in ax.texts)])


def names_of(ax) -> list[str]:
    """Give the names of the rows."""
    return [one.get_text() for one in ax.get_yticklabels()]


def test_every_ranked_rep_stands_in_order_of_the_score(review: RankingReview) -> None:
    """The first row is the best of the group; its name is written."""
    ax = charts.plot_ranking(review.scores, {"R3": "Kim $"})
    assert len(names_of(ax)) == 8
    assert names_of(ax)[0] == "Kim \\$"
    assert "AE, North" in texts(ax)
    assert figure_png(ax)


def test_best_win_rate_and_most_won_are_named(review: RankingReview) -> None:
    """Two people where they differ, one where they do not."""
    both = review.scores.copy()
    both["won_amount"] = both["win_share"]
    assert "R3: best in both" in texts(charts.plot_two_leaders(both))
    both["won_amount"] = 1000 - 1000 * both["win_share"].to_numpy()
    said = texts(charts.plot_two_leaders(both, currency="EUR"))
    assert "R3: best win rate" in said
    assert "most won" in said


def test_false_moves_stand_beside_right_ones(review: RankingReview) -> None:
    """Two bars for each of three cases of a group, each with its share."""
    noise = review.tables["ranking_noise"]
    ax = charts.plot_false_moves(noise)
    assert len(ax.patches) == 6
    share = noise["move_share"].iloc[0]
    assert f"{100 * share:.1f} %" in texts(ax)
    assert figure_png(ax)


def test_only_reps_who_moved_are_drawn_by_month(review: RankingReview) -> None:
    """R3 moved up; its cells and the triangle are there."""
    ax = charts.plot_tiers(review.tables["rep_tiers"], ("A", "B", "C"))
    assert "R3" in names_of(ax)
    assert len(ax.patches) == 2 * len(names_of(ax))
    assert "▲" in texts(ax)
    assert figure_png(ax)


def test_leads_of_a_tier_stand_beside_its_share_of_reps(review: RankingReview) -> None:
    """Three bars for each tier that received any."""
    leads = review.tables["tier_leads"]
    ax = charts.plot_tier_leads(leads)
    assert len(ax.patches) == 3 * int((leads["received_count"] > 0).sum())
    assert "tier B" in " ".join(names_of(ax))


def test_the_legend_of_leads_by_tier_is_not_cut(review: RankingReview) -> None:
    """All three names end within the picture."""
    ax = charts.plot_tier_leads(review.tables["tier_leads"])
    ax.figure.canvas.draw()
    legend = ax.get_legend().get_window_extent()
    assert legend.x1 <= ax.figure.bbox.x1


def test_a_card_shows_every_metric_with_its_verdict(review: RankingReview) -> None:
    """One row for each metric; the sample stands beside it."""
    ax = charts.plot_card(review.metrics, "R3", "Kim")
    assert names_of(ax) == ["Win rate", "ACV per case"]
    assert "good, " in texts(ax)
    assert "Scorecard of Kim" in texts(ax)
    assert figure_png(ax)


def test_an_audience_that_may_not_see_ranks_is_told_so(review: RankingReview) -> None:
    """Without the sensitive columns no picture of a person is drawn."""
    for name, draw in (
        ("rep_scores", charts.plot_ranking),
        ("rep_scores", charts.plot_two_leaders),
        ("rep_tiers", lambda rows: charts.plot_tiers(rows, ("A", "B", "C"))),
        ("rep_metrics", lambda rows: charts.plot_card(rows, "R3")),
    ):
        rows = review.tables[name].drop(columns=table(name).sensitive())
        assert "are not shown to this audience" in texts(draw(rows))


def test_nothing_to_draw_says_why() -> None:
    """Empty tables give a sentence in the place of a picture."""
    empty = {name: table(name).empty() for name in ("rep_scores", "ranking_noise", "rep_tiers",
                                                    "tier_leads", "rep_metrics")}  # fmt: skip
    assert "nobody can be ranked" in texts(charts.plot_ranking(empty["rep_scores"]))
    assert "nobody can be ranked" in texts(charts.plot_two_leaders(empty["rep_scores"]))
    assert "no peer group" in texts(charts.plot_false_moves(empty["ranking_noise"]))
    assert "moved anybody" in texts(charts.plot_tiers(empty["rep_tiers"], ("A", "B")))
    assert "no lead came in" in texts(charts.plot_tier_leads(empty["tier_leads"]))
    assert "not ranked" in texts(charts.plot_card(empty["rep_metrics"], "R1"))
