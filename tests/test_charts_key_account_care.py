"""Tests of the pictures of closeness and evaluation: what they say and how they stand empty."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.charts import key_account_closeness as closeness
from planlib.charts import key_account_evaluation as evaluation
from planlib.charts.base import figure_png
from tests.closeness_frames import AS_OF, make_rows

NAMES = pd.Series({"A1": "Alpha", "A2": "Beta $ Co", "R1": "Mia"})


@pytest.fixture(autouse=True)
def _close_pictures():
    """Pictures are closed again."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def said(ax: Any) -> str:
    """Give every text of a picture, its title and labels, however the title is wrapped."""
    ticks = [*ax.get_yticklabels(), *ax.get_xticklabels()]
    texts = [one.get_text() for one in (*ax.texts, *ticks)]
    return "\n".join([" ".join(ax.get_title(loc="left").split()), *texts])


def test_logging_stands_lowest_first_and_names_the_limit() -> None:
    """Not known comes first; the headline counts who is below."""
    rows = make_rows(
        "logging_coverage",
        {"rep_id": "R1", "coverage_share": 0.9, "is_low": False, "accounts_count": 2,
         "reason": "-"},
        {"rep_id": "R2", "is_low": True, "accounts_count": 1, "reason": "-"},
    )  # fmt: skip
    ax = closeness.plot_logging(rows, NAMES, 0.6)
    assert [one.get_text() for one in ax.get_yticklabels()] == ["R2", "Mia"]
    assert "1 of 2 owners log too little" in said(ax)
    assert "not known  1 key account" in said(ax)


def make_closeness() -> pd.DataFrame:
    """Make one account with both parts, one with the counted part alone, one with none."""
    return make_rows(
        "account_closeness",
        {"account_id": "A1", "automatic_score": 40.0, "rated_score": 70.0, "closeness": 40.0,
         "carried_by": "automatic"},
        {"account_id": "A2", "automatic_score": 55.0, "closeness": 55.0,
         "carried_by": "automatic"},
        {"account_id": "A3", "carried_by": "none"},
    )  # fmt: skip


def test_both_parts_of_closeness_stand_apart() -> None:
    """Accounts that are not known are not drawn; a dollar in a name is text."""
    ax = closeness.plot_closeness(make_closeness(), NAMES, AS_OF)
    assert len(ax.get_yticks()) == 2
    assert "Beta \\$ Co" in said(ax)
    assert "1 of 2 key accounts have both" in said(ax)
    assert "Counted and rated closeness of 2 of 2 key accounts" in said(ax)
    figure_png(ax)


def test_differences_are_said_of_the_accounts_with_both_parts() -> None:
    """Of three accounts with a figure two have both; one of these is shown."""
    rows = make_closeness()
    more = rows.assign(account_id="B" + rows["account_id"])
    ax = closeness.plot_closeness(pd.concat([rows, more]), NAMES, AS_OF, count=1)
    assert "differ most in 1 of 2 accounts" in said(ax)
    assert "2 of 4 key accounts have both" in said(ax)


def test_the_trend_compares_the_same_accounts_and_stands_empty_with_words() -> None:
    """Five accounts at both ends rose by 10; a sixth that came later does not count."""
    days = ["2026-02-28", "2026-03-31"]
    rows = [{"account_id": f"A{at}", "month_date": day, "automatic_score": 20.0 + 10 * turn}
            for at in range(5) for turn, day in enumerate(days)]  # fmt: skip
    rows.append({"account_id": "A9", "month_date": days[1], "automatic_score": 99.0})
    ax = closeness.plot_closeness_trend(make_rows("closeness_trend", *rows))
    assert "5 key accounts counted at both ends: +10 points" in said(ax)
    assert [one.get_text() for one in ax.get_xticklabels()] == ["2026-02", "2026-03"]
    empty = closeness.plot_closeness_trend(make_rows("closeness_trend"))
    assert "no month with enough accounts" in said(empty)


def test_the_map_shows_who_is_silent_and_who_is_not_known() -> None:
    """Every seat has its label, and labels of one attitude stand apart."""
    seats = make_rows(
        "closeness_seats",
        *[
            {"account_id": "A1", "seat": f"seat {at}", "basis": "seats", "decision_power": 0.2,
             "contact_id": None if at == 0 else f"C{at}", "score": 30.0, "silent_days": 40 * at}
            for at in range(3)
        ],
    )  # fmt: skip
    ax = closeness.plot_relationship_map(seats, "Alpha", 30)
    assert "seat 0\nnobody known" in said(ax)
    heights = sorted(one.get_position()[1] for one in ax.texts)
    assert min(high - low for low, high in zip(heights, heights[1:], strict=False)) > 0.015
    figure_png(ax)


def make_calendar() -> pd.DataFrame:
    """Make two months of closeness of two accounts of R1."""
    states = {"A1": ("done", "due"), "A2": ("overdue", "done")}
    return make_rows(
        "evaluation_calendar",
        *[
            {"account_id": account, "aspect": "closeness", "start_date": start, "end_date": end,
             "rep_id": "R1", "status": status, "evidence": "-"}
            for account, both in states.items()
            for status, start, end in zip(both, ("2026-02-01", "2026-03-01"),
                                          ("2026-02-28", "2026-03-31"), strict=True)
        ],
    )  # fmt: skip


def test_the_cadence_counts_done_of_all_by_period() -> None:
    """The running period is in no share of the headline; accounts without an owner are."""
    ax = evaluation.plot_cadence(make_calendar(), NAMES, "closeness")
    assert [one.get_text() for one in ax.texts][:2] == ["1/2", "1/2"]
    assert "50 % done in their period" in said(ax)
    nobody = make_calendar().assign(rep_id=pd.NA, account_id="A9", status="skipped")
    both = pd.concat([make_calendar(), nobody], ignore_index=True)
    assert "25 % done in their period" in said(evaluation.plot_cadence(both, NAMES, "closeness"))
    figure_png(ax)


def test_effort_shows_both_ends_with_hours() -> None:
    """An account without hours stands at the edge, not beyond it."""
    rows = make_rows(
        "effort_against_score",
        {"account_id": "A1", "hours": 0.0, "fair_hours": 10.0, "effort_ratio": 0.0,
         "balance": "too little"},
        {"account_id": "A2", "hours": 30.0, "fair_hours": 10.0, "effort_ratio": 3.0,
         "balance": "too much"},
        {"account_id": "A3", "balance": "not known"},
    )  # fmt: skip
    ax = evaluation.plot_effort(rows, NAMES, (0.5, 2.0), AS_OF)
    assert "1 key accounts get too little of our time, 1 too much" in said(ax)
    assert "0 of 10 h" in said(ax)
    figure_png(ax)


def test_returns_begin_with_the_sum() -> None:
    """The sum of all accounts stands on top, an account without ratio is left out."""
    base = {"hours": 1.0, "cost_amount": 10.0, "margin_amount": 50.0, "return_ratio": 5.0,
            "low": 2.0, "high": 8.0, "is_grey": True}  # fmt: skip
    rows = make_rows("key_account_returns", {"account_id": "A1", **base},
                     {"account_id": "A2"}, {"account_id": "all", **base})  # fmt: skip
    ax = evaluation.plot_returns(rows, NAMES, "EUR")
    assert [one.get_text() for one in ax.get_yticklabels()] == ["all key accounts", "Alpha"]
    assert "EUR 1 of work on key accounts was followed by EUR 5 of margin" in said(ax)
    bare = evaluation.plot_returns(rows[rows["account_id"] == "A2"], NAMES, "EUR")
    assert "Cost and return" in said(bare)


def test_steps_and_partners_count_what_is_there() -> None:
    """Shares of done steps; gaps are counted, and a cell without partner says none."""
    steps = make_rows(
        "landing_steps",
        *[{"account_id": f"A{at}", "task": "own_advantage", "step": "one", "step_order": 0,
           "title": "First", "status": status, "is_overdue": False}
          for at, status in enumerate(("done", "not begun", "open", "dropped"))],
    )  # fmt: skip
    assert "25 % of the landing steps are done" in said(evaluation.plot_landing_steps(steps))
    cells = make_rows(
        "partner_coverage",
        {"kind": "design_institute", "region": "North", "partners_count": 0, "active_count": 0,
         "influenced_amount": 0.0, "is_gap": True, "is_expected": True, "detail": "-"},
        {"kind": "design_institute", "region": "South", "partners_count": 2,
         "influenced_amount": 5e6, "influenced_share": 0.5, "is_gap": False, "is_expected": True,
         "detail": "-"},
        {"kind": "service", "region": "South", "partners_count": 0, "active_count": 0,
         "influenced_amount": 0.0, "is_gap": False, "is_expected": False, "detail": "-"},
    )  # fmt: skip
    ax = evaluation.plot_partners(cells, "EUR")
    assert "1 of 2 kinds of partner expected in a region are missing or idle" in said(ax)
    assert {"none", "none\n(not expected)"} <= {text.get_text() for text in ax.texts}
    assert "2\n5.0 M, 50 %" in said(ax)
    figure_png(ax)


EMPTY = [
    (closeness.plot_logging, "logging_coverage", (NAMES, 0.6), "no key account has an owner"),
    (closeness.plot_closeness, "account_closeness", (NAMES, AS_OF), "is known"),
    (closeness.plot_relationship_map, "closeness_seats", ("", 30), "no seat is recorded"),
    (evaluation.plot_cadence, "evaluation_calendar", (NAMES, "needs"), "has an owner"),
    (evaluation.plot_effort, "effort_against_score", (NAMES, (0.5, 2.0), AS_OF), "no hours"),
    (evaluation.plot_landing_steps, "landing_steps", (), "no key account"),
    (evaluation.plot_partners, "partner_coverage", ("EUR",), "no partners"),
]


@pytest.mark.parametrize(("draw", "name", "given", "words"), EMPTY, ids=[one[1] for one in EMPTY])
def test_an_empty_table_gives_a_picture_that_says_so(
    draw: Any, name: str, given: tuple[Any, ...], words: str
) -> None:
    """No blank axes, no warning."""
    ax = draw(make_rows(name), *given)
    assert words in said(ax)
    figure_png(ax)
