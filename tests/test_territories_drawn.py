"""Contiguous areas beside the plan: whole areas, the plan's targets, and what it says it cannot."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from planlib.charts import territories as pictures
from planlib.territories import Alignment, DrawnPlan, draw_areas
from tests.territory_frames import make_accounts, make_reps, make_settings, run

PLACES = {
    "Paris": "Île-de-France", "Lyon": "Rhône", "Lille": "Nord", "Nantes": "Loire", "Nice": "Sud",
    "Rennes": "Bretagne", "Toulouse": "Occitanie", "Bordeaux": "Aquitaine",
}  # fmt: skip


def make_market(**changes: object) -> pd.DataFrame:
    """Make 48 accounts in eight provinces of one city each."""
    accounts = make_accounts(48)
    return accounts.assign(province=accounts["city"].map(PLACES), **changes)


@cache
def aligned() -> Alignment:
    """Give the plan by account, solved once."""
    return run(make_market(), settings=make_settings(tolerance=0.5))


@cache
def drawn() -> DrawnPlan:
    """Give the areas drawn for it."""
    plan = aligned()
    return draw_areas(plan.statement, plan.answers, "EMEA", effort="quick", seed=1)


def test_areas_hold_every_account_once() -> None:
    """Counts and measures of the areas are those of the accounts with a place."""
    areas, book = drawn().areas, aligned().statement.book
    assert areas["account_count"].sum() == len(book)
    assert np.isclose(areas["potential"].sum(), book["load_potential"].sum())
    assert set(areas["rep_id"]) == {"R-1", "R-2", "R-3"}


def test_the_plan_by_area_can_be_drawn_and_compared() -> None:
    """Every account of an area has its rep; the counts of reps are those of this plan."""
    plan, areas = drawn().plan, drawn().areas
    assert plan["rep_id"].value_counts().to_dict() == (
        areas.groupby("rep_id")["account_count"].sum().to_dict()
    )
    assert plan["is_moved"].equals(plan["rep_id"].ne(plan["previous_rep_id"]))
    counted = drawn().reps(aligned().reps).set_index("rep_id")["after_count"]
    assert counted.to_dict() == plan["rep_id"].value_counts().to_dict()
    pictures.plot_territory_map(plan, drawn().reps(aligned().reps), block="EMEA")
    nothing = draw_areas(aligned().statement, aligned().answers, "")
    pictures.plot_territory_map(nothing.plan, nothing.reps(aligned().reps.iloc[:0]), block="")
    plt.close("all")


def test_three_plans_stand_side_by_side() -> None:
    """Figures of the plan by account are those of the alignment; nobody moves today."""
    rows = drawn().comparison.set_index("plan")
    assert rows.loc["by account", "tolerance_reached"] == aligned().tolerance_reached
    assert rows.loc["today", "moved_count"] == 0
    assert rows.loc["by account", "moved_count"] == (
        aligned().plan["move_cause"].eq("plan").sum()
    )  # fmt: skip
    assert rows.loc["by area", "status"] == drawn().design.status


def test_figures_of_the_areas_are_recomputed_from_the_accounts() -> None:
    """The largest deviation by area, by hand from areas and targets."""
    plan = aligned()
    target = plan.balance.set_index(["measure", "rep_id"])["target"]
    worst = 0.0
    for measure in ("potential", "workload_hours"):
        held = drawn().areas.groupby("rep_id")[measure].sum()
        worst = max(worst, float((held / target[measure] - 1).abs().max()))
    assert np.isclose(drawn().comparison["tolerance_reached"].iloc[2], worst)


def test_a_heavy_province_is_taken_city_by_city() -> None:
    """With one province for all, cities become the areas."""
    plan = run(make_market().assign(province="France"), settings=make_settings(tolerance=0.5))
    areas = draw_areas(plan.statement, plan.answers, "EMEA", effort="quick").areas
    assert len(areas) == 8


def test_accounts_without_a_place_keep_the_rep_of_the_plan() -> None:
    """They are counted in a note, and are in no area."""
    accounts = make_market()
    accounts.loc[:1, ["city", "country", "province"]] = pd.NA
    plan = run(accounts, settings=make_settings(tolerance=0.5))
    found = draw_areas(plan.statement, plan.answers, "EMEA", effort="quick")
    assert found.areas["account_count"].sum() == 46
    assert "2 accounts without a place keep the rep of the plan" in found.notes


@pytest.mark.parametrize(("own", "within"), [(1.65, "99 %"), (0.0, "1 %")])
def test_areas_are_drawn_for_a_plan_far_off_or_exact(own: float, within: str) -> None:
    """Few large accounts let a plan reach 165 % alone: the areas take 99 %, and a note says so."""
    plan = aligned()
    answer = replace(plan.answers[0], tolerance=np.full_like(plan.answers[0].tolerance, own))
    found = draw_areas(plan.statement, (answer,), "EMEA", effort="quick", seed=1)
    assert found.areas["account_count"].sum() == 48
    note = f"areas are drawn within {within} of each target; the plan reaches {100 * own:.0f} %"
    assert note in found.notes
    assert not any("areas are drawn within" in one for one in drawn().notes)


def test_what_cannot_be_drawn_is_said() -> None:
    """No block asked, an unknown block, one rep, and no places at all."""
    plan = aligned()
    assert draw_areas(plan.statement, plan.answers, "").notes == ()
    assert "no part of the market" in draw_areas(plan.statement, plan.answers, "X").notes[0]
    alone = run(make_market(), make_reps().iloc[:1], make_settings(tolerance=0.5))
    assert "nothing to draw" in draw_areas(alone.statement, alone.answers, "EMEA").notes[0]
    nowhere = run(make_market(city=None, country=None).assign(province=None))
    said = draw_areas(nowhere.statement, nowhere.answers, "EMEA")
    assert said.design is None
    assert said.plan.empty
    assert said.notes == ("0 areas for 3 reps: nothing to draw",)
