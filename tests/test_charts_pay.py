"""Tests of the pictures of pay and planning: what is drawn, and what is said where nothing is."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.charts import pay as charts
from planlib.charts.base import figure_png
from planlib.pay import PayReview
from planlib.tables import table
from tests.pay_frames import AS_OF, make_plans
from tests.test_pay_review import make_inputs, replace, review


@pytest.fixture(autouse=True)
def _close_pictures() -> Iterator[None]:
    """Pictures are closed again."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def found() -> PayReview:
    """A review with an accelerated plan."""
    plans = make_plans({"threshold_share": 0.4, "accelerator": 1.5, "cap_share": 2.0})
    return review(replace(make_inputs(), pay_plans=plans, target_amount=700.0))


def words(ax) -> str:
    """Give all text of a picture."""
    parts = [*ax.texts, *ax.get_yticklabels(), ax.title]
    legend = ax.get_legend()
    parts += legend.get_texts() if legend else []
    return " ".join(one.get_text() for one in parts)


def test_attainment_shows_each_group_with_its_years_at_quota(found: PayReview) -> None:
    """Six people, half of the simulated years at or above quota."""
    ax = charts.plot_attainment(found.tables["pay_attainment"])
    assert "50 % of years at or above quota" in words(ax)


def test_cost_shows_each_plan_with_interval_and_mean(found: PayReview) -> None:
    """Four plans: a bar, a line and a diamond each, and the budget once."""
    ax = charts.plot_pay_cost(found.tables["pay_cost"], currency="EUR")
    assert [one.get_text() for one in ax.get_yticklabels()] == [
        "current", "linear", "accelerator 1.5", "accelerator 2.0",
    ]  # fmt: skip
    assert len(ax.patches) == 4
    assert len([line for line in ax.lines if line.get_marker() == "D"]) == 4
    assert "above the mean" in words(ax)


def test_the_payout_curve_has_its_corners(found: PayReview) -> None:
    """Nothing below the threshold, 250 % of variable pay at the cap of 200 %."""
    ax = charts.plot_payout(found.tables["pay_curves"])
    line = ax.lines[0]
    assert max(line.get_ydata()) == pytest.approx(2.5)
    assert line.get_label() == "AE"


def test_roles_with_the_same_terms_share_a_curve() -> None:
    """Two roles, one line with both names."""
    both = make_plans({}, {"role": "SE"})
    curves = review(replace(make_inputs(), pay_plans=both)).tables["pay_curves"]
    assert "AE, SE" in words(charts.plot_payout(curves))


def test_size_marks_today_best_and_workload(found: PayReview) -> None:
    """Three lines with their numbers over the flat band."""
    ax = charts.plot_force_size(found.tables["force_size_curve"], found.tables["force_size"])
    assert {"today 6", "by workload 1"} <= {one.get_text() for one in ax.texts}
    assert "smallest looked at 3" in words(ax)


def test_contradictions_are_counted_by_rule(found: PayReview) -> None:
    """Quotas below the target: one of one tested."""
    ax = charts.plot_contradictions(found.tables["plan_contradictions"], found.tables["plan_rules"])
    assert "1 of 1" in words(ax)
    assert "quotas below target" in words(ax)
    assert "not tested: needs" in words(ax)


def test_the_timeline_shows_owner_and_state(found: PayReview) -> None:
    """One bar, with its owner; a picture is the same each time."""
    frame = found.tables["planning_timeline"]
    ax = charts.plot_timeline(frame, AS_OF)
    assert "Bo, planned" in words(ax)
    assert figure_png(ax) == figure_png(charts.plot_timeline(frame, AS_OF))


def test_done_and_late_milestones_are_marked() -> None:
    """A diamond on the day done, a dotted line until today."""
    frame = pd.DataFrame({
        "milestone_order": [1, 2], "milestone": ["a", "b"], "owner": ["Bo", None],
        "due_date": ["2026-01-10", "2026-02-01"], "done_date": ["2026-01-12", None],
        "state": ["done", "late"], "reason": "x",
    })  # fmt: skip
    ax = charts.plot_timeline(table("planning_timeline").coerce(frame), AS_OF)
    assert [line.get_marker() for line in ax.lines].count("D") == 1
    assert [line.get_linestyle() for line in ax.lines].count(":") == 1
    assert "no owner yet, late" in words(ax)


def test_nothing_is_drawn_without_rows_or_rights(found: PayReview) -> None:
    """Empty tables and hidden columns give the reason in the picture's place."""
    tables = found.tables
    empty = {name: table(name).empty() for name in tables}
    for one in (
        charts.plot_attainment(empty["pay_attainment"]),
        charts.plot_pay_cost(empty["pay_cost"]),
        charts.plot_payout(empty["pay_curves"]),
        charts.plot_force_size(empty["force_size_curve"], empty["force_size"]),
        charts.plot_contradictions(empty["plan_contradictions"], empty["plan_rules"]),
        charts.plot_timeline(empty["planning_timeline"], AS_OF),
        charts.plot_pay_cost(tables["pay_cost"].drop(columns="cost_amount")),
        charts.plot_payout(tables["pay_curves"].drop(columns="payout_share")),
        charts.plot_force_size(
            tables["force_size_curve"].drop(columns="profit_amount"), tables["force_size"]
        ),
    ):
        assert not one.axison
        assert one.texts[0].get_text()
