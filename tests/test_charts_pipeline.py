"""Tests of the pictures of the pipeline."""

from __future__ import annotations

from functools import partial

import pytest
from matplotlib import pyplot

from planlib.charts.pipeline import (
    matrix_at,
    matrix_table,
    plot_bridge,
    plot_coverage,
    plot_pacing,
    plot_weeks,
)
from planlib.pipeline import PipelineReview, measure_pipeline
from planlib.settings.pipeline import PipelineSettings
from tests.pipeline_frames import (
    AS_OF,
    Q1,
    deal,
    make_accounts,
    make_deals,
    make_history,
    make_targets,
    review,
    seen,
)

SETTINGS = PipelineSettings(cuts=("region",), periods_ahead=0, weeks=2, minimum_deals=1)


@pytest.fixture(scope="module")
def found() -> PipelineReview:
    """A small review with history, targets and a region."""
    history = make_history(
        seen("2025-12-29", "a", amount=300),
        seen("2025-12-29", "l", amount=80, account_id="A2"),
        seen("2026-02-09", "a", amount=300, stage="Demo", probability=0.3),
    )
    return review(
        deal("a", amount=400, stage="Demo", probability=0.3, name="<script> & $"),
        deal("l", "lost", 80, "2026-02-01", account_id="A2"),
        deal("w", "won", 100, "2026-01-10"),
        history=history,
        accounts=make_accounts(),
        targets=make_targets(
            {"region": "EMEA", "target_amount": 300}, {"region": "APAC", "target_amount": 0}
        ),
        settings=SETTINGS,
        currency="USD",
    )


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


def texts(ax) -> str:
    """Give all text of an axes in one line."""
    parts = [ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel()]
    parts += [text.get_text() for text in (*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels())]
    return " | ".join(part.replace("\n", " ") for part in parts)


def test_the_bridge_shows_every_step_with_amount_and_deals(found):
    """Start, moves and end stand in order, each with money and a count."""
    said = texts(plot_bridge(found.bridge, "USD"))
    for part in ("380 2 deals", "+100 1 deal", "-80 1 deal", "400 1 deal", "USD"):
        assert part in said


def test_the_bridge_counts_deals_where_amounts_are_not_known():
    """Without amounts the steps are deals, and the picture says so."""
    bare = review(
        deal("a", "won", 10, "2026-02-01"),
        deal("b", "lost", 0, "2026-02-01"),
        deal("c", amount=None),
    )
    ax = plot_bridge(bare.bridge, "USD")
    assert ax.get_ylabel() == "open deals"
    assert "-1 1 deal" in texts(ax)


def test_pacing_names_target_and_both_years(found):
    """The curve ends with its amount, and the target line is named."""
    said = texts(plot_pacing(found.tables["pipeline_pacing"], "USD"))
    assert "100 closed, 33 % of the target" in said
    assert "target 300" in said


def test_weeks_name_reconstructed_weeks(found):
    """A week whose stages are not known is a bar of its own and is counted in the subtitle."""
    ax = plot_weeks(found.tables["pipeline_weeks"], "USD")
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "Demo" in names
    assert "stage not known" in names
    assert "1 weeks are reconstructed" in texts(ax)


def test_coverage_shows_a_met_target_in_words(found):
    """A cell that needs nothing more has no dot but a word."""
    said = texts(plot_coverage(found.matrix, "region", SETTINGS))
    assert "target met" in said
    assert "2.0 x, 1 deal" in said


def test_no_coverage_is_drawn_of_a_period_that_is_over():
    """On the last day nothing can be won in it any more, and the picture says so."""
    over = review(deal("a", amount=50), as_of=Q1.end, targets=make_targets({"target_amount": 90}))
    said = texts(plot_coverage(over.matrix, "total", SETTINGS))
    assert "the period is over: nothing can be won in it any more" in said


@pytest.mark.parametrize("draw", ["bridge", "pacing", "weeks", "coverage"])
def test_nothing_to_draw_is_said_in_words(found, draw):
    """Where there is no data, the picture says what is missing."""
    none = {
        "bridge": lambda: plot_bridge(found.bridge, cell="nobody"),
        "pacing": lambda: plot_pacing(
            found.tables["pipeline_pacing"].assign(closed_amount=float("nan"))
        ),
        "weeks": lambda: plot_weeks(found.tables["pipeline_weeks"].iloc[:0]),
        "coverage": lambda: plot_coverage(review(deal("a")).matrix, "manager", SETTINGS),
    }
    reason = {
        "bridge": "no bridge",
        "pacing": "not begun",
        "weeks": "no open pipeline",
        "coverage": "no targets",
    }
    assert reason[draw] in texts(none[draw]())


def test_the_slider_measures_again_some_weeks_back():
    """The table is the one of the earlier day, of the cut with that number."""
    rows = [deal("a", account_id="A1"), deal("w", "won", 100, "2026-02-10")]
    again = partial(
        measure_pipeline,
        make_deals(*rows),
        SETTINGS,
        Q1,
        accounts=make_accounts(),
        data_until=AS_OF,
    )
    now = repr(matrix_at(again, AS_OF, SETTINGS, cut_number=1, weeks_back=0))
    before = repr(matrix_at(again, AS_OF, SETTINGS, cut_number=9, weeks_back=1))
    total = repr(matrix_at(again, AS_OF, SETTINGS, cut_number=0, weeks_back=0))
    assert "until 2026-02-16" in now
    assert "EMEA" in now
    assert "until 2026-02-09" in before
    assert "EMEA" not in total


def test_the_matrix_prints_its_definitions_and_colour_rule(found):
    """The table says what each figure is, which days it compares, and when a cell has a colour."""
    view = matrix_table(found.matrix, "region", SETTINGS, currency="USD")
    said = repr(view)
    assert "change: against 2025-02-16" in said
    assert "Pipeline coverage: Open in the period / (target - closed ACV)" in said
    assert "red below 1, green from 3 on" in said
    assert "met" in said
    assert "pl-" in view.body
