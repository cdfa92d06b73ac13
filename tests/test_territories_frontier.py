"""Balance against disruption: each budget has a proven end, and plans are never beyond it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planlib.charts import territories as pictures
from planlib.territories import solve_statement, tolerance_by_budget
from planlib.territories.solving import solve_block
from tests.territory_frames import make_accounts, make_settings, make_statement

SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)


def test_more_budget_never_needs_a_wider_tolerance() -> None:
    """The curve falls, and each of its points is what that budget alone gives."""
    statement = make_statement(settings=make_settings(disruption_share=0.15))
    answers = solve_statement(statement)
    curve = tolerance_by_budget(statement.settings, answers, shares=SHARES)
    line = curve[~curve["is_chosen"]]
    assert line["disruption_share"].tolist() == sorted({*SHARES, 0.15})
    assert line["tolerance"].is_monotonic_decreasing
    alone = [
        tolerance_by_budget(make_settings(disruption_share=None), answers, shares=(share,))
        for share in line["disruption_share"]
    ]
    assert [one["tolerance"].iloc[0] for one in alone] == line["tolerance"].tolist()


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_no_plan_is_found_below_the_curve(share: float) -> None:
    """One percent below a point of the curve, the solver finds no plan at that budget."""
    statement = make_statement(
        make_accounts(owner_id="R-1"), settings=make_settings(disruption_share=share)
    )
    curve = tolerance_by_budget(statement.settings, solve_statement(statement), shares=())
    end = curve.loc[~curve["is_chosen"], "tolerance"].iloc[0]
    assert end > 0.02
    block = statement.blocks[0]
    tighter = replace(block, tolerance=np.where(block.is_balanced, end - 0.01, np.nan))
    assert solve_block(tighter, effort="quick", explain=False).status in (
        "infeasible",
        "unresolved",
    )


def test_the_plan_stands_beside_the_curve_and_never_beyond_it() -> None:
    """The chosen plan has what it moves and its largest deviation; the picture names the block."""
    statement = make_statement(settings=make_settings(disruption_share=0.3))
    curve = tolerance_by_budget(statement.settings, solve_statement(statement), ["EMEA"])
    plan = curve[curve["is_chosen"]].iloc[0]
    at_budget = curve[curve["disruption_share"].eq(0.3) & ~curve["is_chosen"]].iloc[0]
    assert plan["disruption_share"] <= 0.3
    assert plan["tolerance"] >= at_budget["tolerance"] - 0.01
    ax = pictures.plot_frontier(curve, "EMEA")
    assert ax.get_title(loc="left") == "EMEA: what a wider budget buys in balance"
    assert [text.get_text() for text in ax.get_legend().get_texts()][-1] == "this plan"


def test_without_acv_there_is_no_curve_and_the_picture_says_why() -> None:
    """Nothing to spend: the plan alone is given, and no line is drawn."""
    accounts = make_accounts().drop(columns="acv")
    statement = make_statement(accounts, settings=make_settings(disruption_share=None))
    curve = tolerance_by_budget(statement.settings, solve_statement(statement))
    assert curve["is_chosen"].tolist() == [True]
    ax = pictures.plot_frontier(curve, "EMEA")
    assert ax.get_title(loc="left") == "No budget to compare"
