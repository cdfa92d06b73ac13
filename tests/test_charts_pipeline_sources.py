"""Tests of the pictures of credit and marketing sources."""

from __future__ import annotations

import pytest
from matplotlib import pyplot

from planlib.charts.pipeline_sources import (
    plot_creation,
    plot_marketing_balance,
    plot_response,
    plot_sources,
    source_rows,
    source_table,
)
from planlib.pipeline import SourceReview
from planlib.tables import table
from tests.pipeline_frames import deal
from tests.source_frames import make_campaigns, make_table, sources, touch


@pytest.fixture(scope="module")
def found() -> SourceReview:
    """One deal from a campaign with a name that tries to break out."""
    campaigns = make_campaigns().assign(source=["<b>$Fair$</b>", "digital"])
    leads = make_table(
        "leads",
        {"lead_id": "L1", "created_at": "2026-01-10 09:00", "source": "<i>Web</i>",
         "is_converted": True, "title": "CIO"},
    )  # fmt: skip
    return sources(
        deal("a", "won", 100, "2026-02-10", "2026-01-20", creator_role="AE"),
        deal("b", created="2026-01-20", creator_role="BDR"),
        marketing_touches=make_table(
            "marketing_touches",
            touch("t1", "2026-01-12", opportunity_id="a"),
            touch("t2", "2026-01-12", "C2", opportunity_id="b"),
        ),
        campaigns=campaigns,
        leads=leads,
    )


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


def test_creation_shows_share_conversion_and_benchmark(found):
    """The headline names the largest role, the benchmark is called context."""
    ax = plot_creation(found.tables["creation_credit"], "USD")
    assert ax.get_title(loc="left") == ("AE created 50 % of the pipeline generated in 2026Q1")
    texts = " ".join(text.get_text() for text in ax.texts)
    assert "context, not a target" in texts
    assert "1 deal" in texts
    assert "1 deals" not in texts


def test_sources_show_price_and_the_unattributed_part(found):
    """Each source has its price per 100 of pipeline; names are drawn as text."""
    ax = plot_sources(found.tables["marketing_sources"], "2026Q1", "even", "USD")
    texts = " ".join(text.get_text() for text in ax.texts)
    assert "digital: 20.0 per 100" in texts
    assert r"\$fair\$" in texts
    assert "0 % of USD 200 pipeline was reached by no touch" in texts
    ax.figure.canvas.draw()


def test_picture_and_table_name_the_same_price_of_all(found):
    """The dashed line is the price in the total of the table."""
    rows = found.tables["marketing_sources"]
    ax = plot_sources(rows, "2026Q1", "even", "USD")
    whole = source_rows(rows, "2026Q1", "even").set_index("value").loc["Total"]
    said = " ".join(" ".join(text.get_text() for text in ax.texts).split())
    assert f"{whole['cost_per_pipeline']:.2f} per 100" in said


def test_the_table_of_sources_is_escaped_and_ends_with_the_total(found):
    """Text from data is never HTML; definitions stand beneath."""
    view = source_table(found.tables["marketing_sources"], "2026Q1", "even", "USD")
    assert "<b>" not in view.body
    assert "&lt;b&gt;" in view.body
    assert "Cost of campaigns plus their staff" in view.text
    rows = view.text.splitlines()
    assert any(line.startswith("Total") for line in rows)
    assert "Employees" in view.text


def test_balance_and_response_draw_what_is_there(found):
    """Phases and conversions of the scope are drawn with their headline."""
    ax = plot_marketing_balance(found.tables["marketing_balance"], "2026Q1", "USD")
    assert ax.get_title(loc="left").startswith("0 % of the cost reached no deal")
    ax = plot_response(found.tables["marketing_response"], "2026Q1")
    assert "convert most often" in ax.get_title(loc="left")
    mark = ax.xaxis.get_major_formatter()
    assert [mark(value, None) for value in (0, 0.025, 0.05)] == ["0 %", "2.5 %", "5 %"]
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("draw", "name"),
    [
        (plot_creation, "creation_credit"),
        (lambda rows: plot_sources(rows, "x"), "marketing_sources"),
        (lambda rows: plot_marketing_balance(rows, "x"), "marketing_balance"),
        (lambda rows: plot_response(rows, "x"), "marketing_response"),
    ],
)
def test_nothing_to_draw_is_said_in_words(draw, name):
    """An empty table gives a sentence, not an empty picture."""
    ax = draw(table(name).empty())
    assert len(ax.texts) >= 1
