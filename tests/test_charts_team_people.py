"""Tests of the pictures of people: what is drawn, and what is said where there is nothing."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from planlib.charts import team_growth, team_people
from planlib.charts.base import figure_png
from planlib.settings.team_people import Driver, KpiTree, Ladder, Rung
from planlib.tables import table
from planlib.team.people_review import PeopleInputs, PeopleReview
from tests.team_frames import crowd, make_history, make_reps, make_won, review


@pytest.fixture(autouse=True)
def _close_pictures():
    """Pictures are closed again."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def found() -> PeopleReview:
    """Review a crowd with deals, a ladder and a tree."""
    reps = crowd(16)
    history = make_history(
        *((rep, str(day.date()), None, "AE", "I") for rep, day in
          zip(reps["rep_id"][1:], reps["hire_date"][1:], strict=True)),
        ("R00", "2020-01-01", "2022-12-31", "BDR", "I"), ("R00", "2023-01-01", None, "AE", "I"),
    )  # fmt: skip
    deals = make_won(*((rep, "2026-02-01", 100.0) for rep in reps["rep_id"] for _ in range(3)))
    inputs = PeopleInputs(reps=reps, rep_history=history, opportunities=deals)
    drivers = (Driver(name="Heads $", metric="headcount"),
               Driver(name="Sales", metric="won_amount"))  # fmt: skip
    return review(
        inputs, ladders=(Ladder(role="AE", rungs=(Rung(level="I"),)),),
        kpi_trees=(KpiTree(role="AE", drivers=drivers, lever="Sales"),), minimum_group=3,
    )  # fmt: skip


def texts(ax: Axes) -> str:
    """Give every text of a picture in one line."""
    ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()]
    return " | ".join(one.get_text() for one in [*ax.texts, *ticks])


def test_turnover_names_every_group_with_leavers_of_people(found: PeopleReview) -> None:
    """Each row has its counts at the right; what is cut off ends in an arrow."""
    rows = found.tables["turnover"]
    ax = team_people.plot_turnover(rows)
    assert "everybody" in texts(ax)
    for row in rows.to_dict("records"):
        assert f"{row['leavers_count']} of {row['people_count']}" in texts(ax)
    arrows = [line for line in ax.lines if line.get_marker() == ">"]
    limit = ax.get_xlim()[1] / 1.04
    assert len(arrows) == int((100 * rows["high"] > limit + 1e-9).sum())


def test_survival_has_the_people_at_risk_beneath(found: PeopleReview) -> None:
    """Every twelfth month shows how many people are at risk."""
    rows = found.tables["tenure_survival"]
    shown = texts(team_people.plot_survival(rows))
    everybody = rows[(rows["cohort"] == "all") & (rows["tenure_months"] % 12 == 0)]
    assert len(everybody)
    for count in everybody["at_risk_count"]:
        assert str(count) in shown


def test_the_experience_curve_says_where_people_are_too_few(found: PeopleReview) -> None:
    """A blank band keeps its place."""
    ax = team_people.plot_experience(found.tables["experience_curve"], currency="EUR")
    assert "too few people" in texts(ax)
    assert len(ax.get_xticks()) == 5


def test_the_heat_map_marks_alerts_by_a_sign_too() -> None:
    """An alert has an exclamation mark; a blank cell a dash; the team its manager's name."""
    rows = table("burnout_indicators").coerce(pd.DataFrame([
        {"team_by": "manager", "team": "M1", "indicator": "win_rate", "people_count": 6,
         "value": 0.2, "change_share": -0.5, "status": "alert", "reason": "x"},
        {"team_by": "manager", "team": "M2", "indicator": "win_rate", "people_count": 7,
         "status": "too few people", "reason": "x"},
    ]))  # fmt: skip
    shown = texts(team_people.plot_strain(rows, {"M1": "Ann Lee"}))
    assert "20 %\n-50 % !" in shown
    assert "–" in shown
    assert "Ann Lee (6)" in shown


def test_moves_are_arrows_with_their_number(found: PeopleReview) -> None:
    """One move from BDR to AE, and the heads of the rung."""
    ax = team_growth.plot_moves(found.tables["role_moves"], found.tables["ladder_rungs"])
    heads = int(found.tables["ladder_rungs"]["headcount"].iloc[0])
    assert f"I\n{heads} now" in texts(ax)
    assert "BDR" in texts(ax)
    assert sum(type(patch).__name__ == "FancyArrowPatch" for patch in ax.patches) == 1


def test_a_circle_of_moves_can_be_drawn() -> None:
    """There and back again, and grades of one role never share a place."""
    rows = table("role_moves").coerce(pd.DataFrame([
        {"from_role": "A", "from_level": a, "to_role": "A", "to_level": b, "moves_count": 1,
         "kind": "step"} for a, b in (("1", "2"), ("2", "1"), ("1", "3"))
    ]))  # fmt: skip
    ax = team_growth.plot_moves(rows)
    places = {(patch.get_x(), patch.get_y()) for patch in ax.patches if hasattr(patch, "get_x")}
    assert len(places) == 3


def test_the_tree_shows_needed_beside_observed(found: PeopleReview) -> None:
    """The lever is named, text from settings is escaped."""
    ax = team_growth.plot_tree(found.tables["kpi_nodes"], currency="EUR")
    assert "Sales  (lever)" in texts(ax)
    assert "Heads \\$" in texts(ax)
    assert figure_png(ax).startswith(b"\x89PNG")


EMPTY: list[tuple[Callable[[pd.DataFrame], Axes], str, str]] = [
    (team_people.plot_turnover, "turnover", "no group is large enough"),
    (team_people.plot_survival, "tenure_survival", "no cohort is large enough"),
    (team_people.plot_experience, "experience_curve", "no won deals"),
    (team_people.plot_strain, "burnout_indicators", "no team is large enough"),
    (team_growth.plot_moves, "role_moves", "no move is on record"),
    (team_growth.plot_tree, "kpi_nodes", "no tree is written down"),
]


@pytest.mark.parametrize(("plot", "name", "reason"), EMPTY, ids=[one[1] for one in EMPTY])
def test_an_empty_table_gives_a_reason(
    plot: Callable[[pd.DataFrame], Axes], name: str, reason: str
) -> None:
    """No empty axes: a sentence says why there is nothing."""
    assert reason in texts(plot(table(name).empty()))


def test_one_person_is_drawn_as_well() -> None:
    """A firm of one shows sentences or single points, no error."""
    one = review(PeopleInputs(reps=make_reps({})))
    assert "no group is large enough" in texts(team_people.plot_turnover(one.tables["turnover"]))
