"""Tests of effects: a difference in differences by hand, and how many cells recover anyway."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from planlib.council import action_effects, actions_log
from planlib.settings.council import CouncilSettings
from tests.council_frames import make_actions, make_weeks

SETTINGS = CouncilSettings(minimum_cases=2)
AS_OF = date(2026, 3, 31)


def effects(decisions: pd.DataFrame, weeks: pd.DataFrame) -> pd.DataFrame:
    """Give the effects by topic, action and measure."""
    log = actions_log(decisions, weeks, SETTINGS, AS_OF)
    found = action_effects(log, weeks, SETTINGS)
    return found.set_index(["topic", "action", "measure"])


def rising(start: float, step: float, count: int = 8) -> list[float]:
    """Give shares that rise by the same step each week."""
    return [start + step * at for at in range(count)]


def make_case() -> pd.DataFrame:
    """Make three treated cells, two untreated red ones, a green one and the total."""
    letters = dict.fromkeys(("EMEA", "APAC", "LATAM", "X", "Y"), "RRRRRRRR")
    letters |= {"Z": "GGGGGGGG"}
    attained = {
        "LATAM": rising(0.0, 0.04), "EMEA": rising(0.0, 0.05), "APAC": rising(0.0, 0.03),
        "X": rising(0.0, 0.01), "Y": rising(0.0, 0.02), "Z": rising(0.3, 0.5),
    }  # fmt: skip
    total = make_weeks({"all": "RRRRRRRR"}, attained={"all": rising(0.0, 0.9)}, cut="total")
    return pd.concat([make_weeks(letters, attained=attained), total], ignore_index=True)


def test_an_effect_is_the_change_beyond_that_of_untreated_cells_of_the_same_colour() -> None:
    """Four weeks: +0.20, +0.12, +0.16 treated, +0.04 and +0.08 untreated: 0.16 - 0.06 = 0.10."""
    others = ({"cut_value": "APAC"}, {"cut_value": "LATAM"})
    row = effects(make_actions({}, *others), make_case()).loc[("effect", "all", "pace_gap")]
    assert row["treated_change"] == pytest.approx(0.16)
    assert row["untreated_change"] == pytest.approx(0.06)
    assert row["value"] == pytest.approx(0.10)
    assert (row["treated_count"], row["untreated_count"]) == (3, 6)
    half = stats.t.ppf(0.9, 2) * np.std([0.14, 0.06, 0.10], ddof=1) / np.sqrt(3)
    assert row["low"] == pytest.approx(0.10 - half)
    assert row["high"] == pytest.approx(0.10 + half)
    assert row["cost_amount"] == 3000


def test_two_actions_have_no_interval() -> None:
    """Two numbers that happen to be near each other are not certain."""
    found = effects(make_actions({}, {"cut_value": "APAC"}), make_case())
    row = found.loc[("effect", "all", "pace_gap")]
    assert row["treated_count"] == 2
    assert np.isnan(row["low"])
    assert "interval" not in row["reason"]


def test_an_action_without_effect_shows_none() -> None:
    """Every red cell moves alike: the difference is zero, whatever they all do."""
    shares = dict.fromkeys(("EMEA", "APAC", "X", "Y"), rising(0.0, 0.04))
    weeks = make_weeks(dict.fromkeys(shares, "RRRRRRRR"), attained=shares)
    row = effects(make_actions({}, {"cut_value": "APAC"}), weeks).loc[("effect", "all", "pace_gap")]
    assert row["value"] == pytest.approx(0.0, abs=1e-12)


def test_cells_of_another_colour_and_treated_cells_are_no_comparison() -> None:
    """Without an untreated red cell nothing is compared, and the reason says so."""
    weeks = make_weeks({"EMEA": "RRRRRRRR", "APAC": "RRRRRRRR", "Z": "GGGGGGGG"})
    row = effects(make_actions({}, {"cut_value": "APAC"}), weeks).loc[("effect", "all", "pace_gap")]
    assert row["treated_count"] == 0
    assert np.isnan(row["value"])
    assert row["reason"].startswith("None of 2 actions can be compared yet")


def test_dropped_actions_count_as_not_done() -> None:
    """Their cells are untreated and stand beside the others."""
    dropped = {"cut_value": "APAC", "status": "dropped"}
    row = effects(make_actions({}, dropped), make_case()).loc[("effect", "all", "pace_gap")]
    assert (row["treated_count"], row["untreated_count"]) == (1, 4)
    assert row["value"] == pytest.approx(0.20 - (0.12 + 0.16 + 0.04 + 0.08) / 4)
    assert row["is_grey"]
    assert "Grey: fewer than 2 cases" in row["reason"]


def test_coverage_is_compared_too() -> None:
    """Coverage against required coverage: +0.4 against +0.1 untreated."""
    weeks = make_weeks(
        {"EMEA": "RRRRRRRR", "X": "RRRRRRRR"},
        coverage={"EMEA": rising(1.0, 0.1), "X": rising(1.0, 0.025)},
    )
    row = effects(make_actions({}), weeks).loc[("effect", "all", "coverage_ratio")]
    assert row["value"] == pytest.approx(0.3)


def test_red_cells_that_recover_by_themselves_are_counted() -> None:
    """Two of four spells that can be followed were green within four weeks; late ones are out."""
    weeks = make_weeks({
        "A": "RRRGGGGG",  # back after three weeks
        "B": "RRRRRRRR",  # not back
        "C": "RGRRRRRR",  # back; its second spell is not back
        "D": "GGGGGGRG",  # back, but the period has no four weeks left: cut off like the others
        "E": "GGGGGGGR",
    })  # fmt: skip
    row = effects(make_actions(), weeks).loc[("recovery", "none", "came_back")]
    assert row["treated_count"] == 4
    assert row["value"] == 0.5
    assert "regression to the mean" in row["reason"]
    assert row["low"] < 0.5 < row["high"]


def test_spells_with_an_action_are_counted_apart() -> None:
    """An action in the weeks after a cell turned red takes it out of the untreated ones."""
    weeks = make_weeks({"EMEA": "GRRRGGGG", "X": "RRRRRRRR"})
    found = effects(make_actions({}), weeks)
    treated = found.loc[("recovery", "all", "came_back")]
    alone = found.loc[("recovery", "none", "came_back")]
    assert (treated["treated_count"], treated["value"]) == (1, 1.0)
    assert (alone["treated_count"], alone["value"]) == (1, 0.0)


def test_without_history_nothing_is_claimed() -> None:
    """No colours of the past: no effect, no share, a reason."""
    found = effects(make_actions({}), make_weeks({"EMEA": "R"}).head(0))
    assert found["value"].isna().all()
    assert found["is_grey"].all()
