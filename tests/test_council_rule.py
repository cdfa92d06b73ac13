"""Tests of the colour of a cell: known answers, every place of the rule, and its words."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from planlib.council import colour_cells, describe_rule
from planlib.council.rule import COLOURS, gap_words
from planlib.settings.council import CAUSES, CouncilAction, CouncilSettings
from tests.council_frames import make_cells

SETTINGS = CouncilSettings()


def colour(**changes: object) -> str:
    """Give the colour of one cell."""
    return str(colour_cells(make_cells(changes), SETTINGS)["colour"].iloc[0])


def reason(**changes: object) -> str:
    """Give the reason of one cell."""
    return str(colour_cells(make_cells(changes), SETTINGS)["reason"].iloc[0])


@pytest.mark.parametrize("day", range(1, 65))
@pytest.mark.parametrize("coverage", [np.nan, 1.7, 2.0, 9.0])
def test_a_cell_on_its_usual_curve_is_green_on_every_day(day: int, coverage: float) -> None:
    """Attained equals usual share on every working day of the period, whatever its shape."""
    share = day / 64
    usual = share**1.7
    band = {"low": max(0.0, usual - 0.1), "high": min(1.0, usual + 0.1)}
    found = colour(
        workday_share=share, usual_share=usual, won_amount=1000 * usual, coverage=coverage, **band
    )
    assert found == "green"


def test_a_met_target_is_green_even_with_few_deals() -> None:
    """What is reached is a fact, no estimate."""
    assert colour(won_amount=1000.0) == "green"
    assert colour(won_amount=1300.0, deals_count=1, past_is_grey=True) == "green"
    assert reason(won_amount=1300.0).startswith("Green (on track): the target is met, 130 %")


def test_too_few_deals_no_target_or_no_past_is_grey_with_the_reason() -> None:
    """A grey cell keeps its numbers and says why it has no colour."""
    assert reason(deals_count=4) == "Grey: only 4 deals in the period, 5 needed."
    assert reason(target_amount=None) == "Grey: no target."
    assert reason(target_amount=0.0) == "Grey: no target."
    assert reason(won_amount=None) == "Grey: the amount won is not known."
    assert reason(past_is_grey=True) == (
        "Grey: too few deals in past periods to know the usual pace."
    )
    found = colour_cells(make_cells({"deals_count": 4}), SETTINGS).iloc[0]
    assert (found["colour"], found["attained_share"], found["rule"]) == ("grey", 0.4, "")


def test_a_cell_whose_number_of_deals_is_not_known_keeps_its_colour() -> None:
    """Unknown is not zero."""
    assert colour(deals_count=None) == "green"


PLACES = {"ahead": 400.0, "within": 350.0, "below": 290.0}
COVERS = {"enough": 2.0, "between": 1.8, "short": 1.5, "": np.nan}


@pytest.mark.parametrize(("place", "cover"), list(itertools.product(PLACES, COVERS)))
def test_every_place_of_the_rule(place: str, cover: str) -> None:
    """Pace against the band and coverage against what is needed give the printed colour."""
    cell = make_cells({"won_amount": PLACES[place], "coverage": COVERS[cover]})
    found = colour_cells(cell, SETTINGS).iloc[0]
    assert (found["pace_place"], found["cover_place"]) == (place, cover)
    assert found["colour"] == COLOURS[place][cover]


def test_below_the_band_and_short_of_coverage_is_red() -> None:
    """The known answer, with both numbers in the reason."""
    assert colour(won_amount=290.0, coverage=1.5) == "red"
    assert reason(won_amount=290.0, coverage=1.5) == (
        "Red (act now): 29 % of the target is won, 40 % is usual on this day (band 30 % to 50 %): "
        "below the band. Open is 1.5 times what is left to win, past periods needed 2.0 (1.6 at "
        "the low end of its 80 % interval): short."
    )


def test_more_won_and_more_coverage_never_make_a_colour_worse() -> None:
    """The rule is monotone in both."""
    order = {"red": 0, "yellow": 1, "green": 2}
    grid = [
        {"won_amount": won, "coverage": cover}
        for won in np.linspace(0, 1100, 23) for cover in np.linspace(0.5, 3, 11)
    ]  # fmt: skip
    found = colour_cells(make_cells(*grid), SETTINGS)["colour"].map(order).to_numpy()
    table = found.reshape(23, 11)
    assert (np.diff(table, axis=0) >= 0).all()
    assert (np.diff(table, axis=1) >= 0).all()


def test_before_a_period_coverage_alone_tells() -> None:
    """Nothing is won and nothing is usual; without coverage there is no colour."""
    start: dict[str, object] = {"workday_share": 0.0, "won_amount": 0.0, "usual_share": 0.0,
                                "low": 0.0, "high": 0.0}  # fmt: skip
    assert [colour(**start, coverage=cover) for cover in (2.0, 1.8, 1.5)] == [
        "green", "yellow", "red",
    ]  # fmt: skip
    assert reason(**start, coverage=None) == "Grey: no past tells the coverage that is needed."


def test_a_period_that_is_over_is_judged_by_its_target() -> None:
    """From the share in plan.yaml a missed cell is yellow, below red."""
    over = {"workday_share": 1.0, "usual_share": 1.0, "low": 1.0, "high": 1.0}
    assert [colour(**over, won_amount=won) for won in (1000.0, 950.0, 949.0)] == [
        "green", "yellow", "red",
    ]  # fmt: skip
    assert "the period is over, 95.0 % of the target is won" in reason(**over, won_amount=950.0)
    assert "the period is over, 99.9 % of the target is won" in reason(**over, won_amount=999.9)


def test_without_a_past_a_straight_line_stands_in_and_says_so() -> None:
    """Half of the working days passed: half of the target, less the band of plan.yaml."""
    bare = {"usual_share": None, "low": None, "high": None, "past_is_grey": True, "coverage": None}
    assert [colour(**bare, won_amount=won) for won in (500.0, 360.0, 340.0)] == [
        "green", "yellow", "red",
    ]  # fmt: skip
    found = colour_cells(make_cells({**bare, "won_amount": 360.0}), SETTINGS).iloc[0]
    assert (found["rule"], found["usual_share"], found["low"]) == ("linear pace", 0.5, 0.35)
    assert "a straight line by working days (no past to learn from)" in found["reason"]


def test_one_past_period_gives_a_curve_with_an_assumed_band() -> None:
    """The weaker rule has a name of its own."""
    found = colour_cells(make_cells({"low": None, "high": None, "past_is_grey": True}), SETTINGS)
    assert found["rule"].iloc[0] == "usual pace, assumed band"
    assert found["colour"].iloc[0] == "green"


def test_the_gap_is_what_open_pipeline_does_not_cover() -> None:
    """Target 1000, won 400, open 800 at a required coverage of 2: 200 is not covered."""
    found = colour_cells(
        make_cells({"open_amount": 800.0}, {"coverage": None, "usual_share": 0.5, "low": 0.3}),
        SETTINGS,
    )  # fmt: skip
    assert found["gap_amount"].tolist() == [200.0, 100.0]
    assert found["gap_basis"].tolist() == [
        "target - won - open / required coverage", "usual share x target - won",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"open_amount": 800.0},
         "200 EUR of the target not covered by open pipeline at the required coverage"),
        ({"coverage": None, "usual_share": 0.5, "low": 0.3}, "100 EUR behind the usual pace"),
        ({"workday_share": 1.0}, "600 EUR short of the target"),
        ({"won_amount": 1000.0}, ""),
    ],
)  # fmt: skip
def test_the_gap_is_named_by_what_it_is_and_is_no_forecast(cell, said) -> None:
    """Each basis has its own words, and the forecast stands beside it as another figure."""
    row = colour_cells(make_cells(cell), SETTINGS).iloc[0].to_dict()
    assert gap_words(row, "EUR") == said
    beside = gap_words({**row, "forecast_gap_amount": 30.0}, "EUR")
    assert beside == (f"{said}; forecast 30 EUR below the target" if said else "")
    over = gap_words({**row, "forecast_gap_amount": -30.0}, "EUR")
    assert over == (f"{said}; forecast 30 EUR above the target" if said else "")


def test_the_cells_handed_in_stay_as_they_are_and_order_does_not_matter() -> None:
    """A pure function, row by row."""
    cells = make_cells({}, {"won_amount": 290.0}, {"target_amount": None})
    before = cells.copy()
    forward = colour_cells(cells, SETTINGS)["colour"].tolist()
    backward = colour_cells(cells.iloc[::-1], SETTINGS)["colour"].tolist()
    pd.testing.assert_frame_equal(cells, before)
    assert forward == backward[::-1] == ["green", "yellow", "grey"]


def test_the_rule_is_printed_with_its_thresholds() -> None:
    """Whoever changes plan.yaml reads the change beneath the table."""
    text = " ".join(describe_rule(CouncilSettings(minimum_deals=7, linear_band=0.2)))
    assert "fewer than 7 deals" in text
    assert "band of 20 %" in text


def test_the_catalogue_works_on_every_cause_and_refuses_a_key_twice() -> None:
    """Each cause has an action; two actions of one name could not be told apart in the log."""
    assert {cause for action in SETTINGS.actions for cause in action.causes} == set(CAUSES)
    twice = (CouncilAction(key="a"), CouncilAction(key="a"))
    with pytest.raises(ValidationError, match="key a stands twice"):
        CouncilSettings(actions=twice)
    with pytest.raises(ValidationError, match="each function once"):
        CouncilSettings(functions=("sales", "sales"))
