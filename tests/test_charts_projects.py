"""Tests of planlib.charts.projects: what each picture says, and what it says when it is empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from planlib.charts import projects as charts
from planlib.tables import table


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    """Close every picture."""
    yield
    pyplot.close("all")


def make(name: str, *rows: dict[str, object]) -> pd.DataFrame:
    """Make rows of a table."""
    contract = table(name)
    return contract.coerce(pd.DataFrame(list(rows))) if rows else contract.empty()


def texts(ax: Axes) -> str:
    """Give every text of a picture."""
    ticks = [one.get_text() for one in [*ax.get_yticklabels(), *ax.get_xticklabels()]]
    return "\n".join([*(one.get_text() for one in ax.texts), *ticks, ax.get_title("left")])


LOAD = {"skill": "design", "period_start": "2026-04-06", "period_end": "2026-04-12",
        "available_hours": 40.0, "planned_hours": 20.0, "other_hours": 10.0}  # fmt: skip
REQUEST = {"request_id": "S1", "name": "Plant", "skill": "design", "outcome": "served",
           "gain_amount": 900.0, "p_without": 0.3, "p_with": 0.5, "change_below": 0.45,
           "reason": "x"}  # fmt: skip
VALUE = {"skill": "design", "expert_count": 1, "request_count": 2, "served_count": 1,
         "expert_value_amount": 5000.0, "basis": "x"}  # fmt: skip


def test_the_process_says_what_is_open_won_and_without_go() -> None:
    """Phases in which nothing is open and nothing came are left out."""
    row = {"lane": "large", "phase": "tender", "phase_order": 3, "open_count": 4,
           "open_amount": 2e6, "reached_count": 10, "won_count": 4, "win_share": 0.4,
           "is_grey": False, "missing_gates_count": 2}  # fmt: skip
    blank = {**row, "phase": "award", "open_count": 0, "open_amount": 0.0, "reached_count": 0,
             "win_share": None}  # fmt: skip
    said = texts(charts.plot_process(make("project_process", row, blank)))
    assert "2.0 M, 4 open; 40 % of 10 won; 2 without go" in said
    assert "large: tender" in said
    assert "award" not in said


def test_cash_is_stacked_to_what_is_agreed() -> None:
    """Received, overdue and not yet due add up to the amount due."""
    row = {"topic": "milestone", "item": "advance", "item_order": 0, "project_count": 1,
           "due_amount": 100.0, "due_now_amount": 80.0, "received_amount": 50.0,
           "overdue_amount": 30.0, "note": "x"}  # fmt: skip
    ax = charts.plot_cash(make("project_cash_totals", row))
    assert [bar.get_width() for bar in ax.patches] == [50, 30, 20]
    assert "50 of 100, 30 overdue" in texts(ax)


def test_load_shows_hours_used_of_those_available() -> None:
    """30 of 40 hours are used; months are not drawn."""
    month = {**LOAD, "period_start": "2026-05-01", "period_end": "2026-05-31"}
    load = make("support_skill_load", LOAD, month)
    said = texts(charts.plot_load(load, as_of=date(2026, 3, 31)))
    assert "holidays and leave taken off; right: share planned" in said.replace("\n", " ")
    assert "as of 2026-03-31" in said.replace("\n", " ")
    assert "75 % of 40 h" in said
    assert "04-06" in said


def test_gain_names_what_is_served_refused_and_one_more_expert() -> None:
    """The bar of a skill has both parts."""
    plan = make("support_plan", REQUEST, {**REQUEST, "request_id": "S2", "outcome": "refused",
                                          "gain_amount": 100.0})  # fmt: skip
    ax = charts.plot_gain(plan, make("support_values", VALUE))
    assert [bar.get_width() for bar in ax.patches] == [900, 100]
    assert "900 served, 100 refused; one more expert +5.0 k" in texts(ax)


def test_sensitivity_names_the_requests() -> None:
    """A request without a breakpoint is left out."""
    plan = make("support_plan", REQUEST, {**REQUEST, "request_id": "S2", "change_below": None})
    said = texts(charts.plot_sensitivity(plan))
    assert "S1" in said
    assert "S2" not in said


def test_results_by_closeness_show_counts_and_leave_unknown_measures_out() -> None:
    """Won of decided and the missing relation; a measure known of no project is not drawn."""
    base = {
        "measure": "counted at the opening",
        "measure_order": 0,
        "won_count": 3,
        "lost_count": 2,
        "closed_count": 5,
        "win_share": 0.6,
        "low": 0.2,
        "high": 0.9,
        "relation_count": 1,
        "support_count": 0,
        "coded_count": 2,
        "is_grey": False,
    }
    rows = make(
        "project_closeness_results",
        {**base, "band": "low", "band_order": 0},
        {**base, "band": "not known", "band_order": 3},
        {**base, "measure": "rated before the decision", "measure_order": 2, "band": "not known",
         "band_order": 3},
    )  # fmt: skip
    said = texts(charts.plot_closeness_results(rows))
    assert "won 3 of 5; relation missing in 1 of 2 losses" in said
    assert "counted at the opening: low" in said
    assert "counted at the opening: not known" in said
    assert "rated before" not in said


def test_experience_shows_both_sides() -> None:
    """Won of asked on each side, by counts."""
    row = {"topic": "support", "item": "all", "item_order": 0, "with_count": 20,
           "with_won_count": 12, "with_share": 0.6, "with_low": 0.4, "with_high": 0.8,
           "without_count": 0, "is_grey": False, "note": "x"}  # fmt: skip
    said = texts(charts.plot_experience(make("support_experience", row)))
    assert "with 12 of 20" in said
    assert "without" not in said.split("Win rates")[0]


EMPTY: list[tuple[Callable[[], Axes], str]] = [
    (lambda: charts.plot_process(make("project_process")), "no project has a phase"),
    (lambda: charts.plot_cash(make("project_cash_totals")), "payments is missing"),
    (lambda: charts.plot_load(make("support_skill_load")), "requests are ranked instead"),
    (lambda: charts.plot_gain(make("support_plan"), make("support_values")), "no request is"),
    (lambda: charts.plot_sensitivity(make("support_plan")), "no decision changes"),
    (lambda: charts.plot_experience(make("support_experience")), "no request of a closed"),
    (
        lambda: charts.plot_closeness_results(make("project_closeness_results")),
        "no decided project",
    ),
]


@pytest.mark.parametrize(("draw", "reason"), EMPTY)
def test_an_empty_picture_says_why(draw: Callable[[], Axes], reason: str) -> None:
    """No empty axes: one line with the reason."""
    assert reason in texts(draw())
