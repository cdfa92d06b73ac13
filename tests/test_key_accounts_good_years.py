"""Tests of good_years: targets that one good year made, and how they went on."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.intervals import wilson
from planlib.key_accounts.good_years import ALL, good_years, jump_results, past_years
from planlib.periods import FiscalYear, Period
from planlib.settings.key_accounts import KeyAccountsSettings
from tests.key_account_frames import AS_OF, make

YEARS = [Period.parse("2025")]
RULES = KeyAccountsSettings(revenue_years=2)


def make_reps(count: int = 6, **changes: Any) -> pd.DataFrame:
    """Reps R0, R1 ... hired in 2020."""
    rows = [{"rep_id": f"R{at}", "role": "AE", "hire_date": "2020-01-01", "quota": 900.0, **changes}
            for at in range(count)]  # fmt: skip
    return make("reps", *rows)


def make_won(*amounts: tuple[float, float, float]) -> pd.DataFrame:
    """What R0, R1 ... won in 2023, 2024 and 2025."""
    rows = [
        {"opportunity_id": f"O{at}{year}", "owner_id": f"R{at}", "amount": amount,
         "close_date": f"{year}-01-15", "is_won": True, "is_closed": True}
        for at, mine in enumerate(amounts)
        for year, amount in zip((2023, 2024, 2025), mine, strict=True)
    ]  # fmt: skip
    return make("opportunities", *rows)


def make_targets(*amounts: float) -> pd.DataFrame:
    """Targets of R0, R1 ... for 2025."""
    rows = [{"period": "2025", "measure": "acv", "target_amount": one, "rep_id": f"R{at}"}
            for at, one in enumerate(amounts)]  # fmt: skip
    return make("targets", *rows)


GOOD, EVEN = (100.0, 300.0, 150.0), (200.0, 200.0, 210.0)


def test_a_target_above_the_base_after_an_exceptional_year_is_a_jump() -> None:
    """Both target and last year must exceed their base by more than a quarter."""
    won = make_won(GOOD, GOOD, EVEN)
    found = good_years(won, make_reps(3), YEARS, RULES, targets=make_targets(300.0, 210.0, 300.0))
    assert found["is_jump"].tolist() == [True, False, False]
    assert found["base_amount"].tolist() == [200.0] * 3
    assert set(found["basis"]) == {"target"}
    alone = good_years(won, make_reps(3), YEARS, RULES)
    assert alone["is_jump"].tolist() == [True, True, False]
    assert set(alone["basis"]) == {"sales alone"}


def test_who_was_not_there_for_the_base_is_left_out() -> None:
    """A newcomer, an open seat, one who left before, and a year without a base of two years."""
    won = make_won(GOOD, GOOD, GOOD, GOOD)
    reps = make_reps(4)
    reps["hire_date"] = reps["hire_date"].mask(reps.index == 0, pd.Timestamp("2024-02-01"))
    reps["is_open_seat"] = pd.Series([False, True, False, False], dtype="boolean")
    reps["leave_date"] = reps["leave_date"].mask(reps.index == 2, pd.Timestamp("2024-11-30"))
    assert good_years(won, reps, YEARS, RULES)["rep_id"].tolist() == ["R3"]
    assert good_years(won, reps, [Period.parse("2024")], RULES).empty
    assert good_years(None, reps, YEARS, RULES).empty


def test_fiscal_years_of_the_past_follow_the_plan() -> None:
    """Years that begin in April: the one that holds the day, and those before it."""
    year = Period.parse("2026", FiscalYear(start_month=4))
    assert [one.name for one in past_years(AS_OF, 2, year)] == [
        Period.of(AS_OF, "year", year.fiscal_year).name,
        Period.of(AS_OF, "year", year.fiscal_year).shift(-1).name,
    ]


def results(count: int, minimum: int, *, targets: pd.DataFrame | None = None) -> pd.DataFrame:
    """Half of the people had a good year; nobody repeated it."""
    won = make_won(*[GOOD] * (count // 2), *[EVEN] * (count // 2))
    years = good_years(won, make_reps(count), YEARS, RULES, targets=targets)
    return jump_results(years, won, make_reps(count), AS_OF, minimum).set_index("level")


def test_years_after_a_jump_are_set_beside_the_others_with_intervals() -> None:
    """None of three sold again what they had sold, three of three others did."""
    found = results(6, 3)
    assert found["case_count"].to_dict() == {ALL: 6, "after one good year": 3,
                                             "after other years": 3}  # fmt: skip
    assert found["reached_share"].tolist() == [0.5, 0.0, 1.0]
    low, high = wilson(pd.Series([0.0]), pd.Series([3.0]))
    row = found.loc["after one good year"]
    assert (row["low"], row["high"]) == (pytest.approx(low[0]), pytest.approx(high[0]))
    assert row["median_ratio"] == 0.5
    assert row["is_grey"]
    reached = results(6, 3, targets=make_targets(*[300.0] * 3, *[200.0] * 3))
    assert reached.loc["after one good year", "median_ratio"] == 0.5
    assert reached.loc["after other years", "median_ratio"] == pytest.approx(1.05)
    assert set(reached["basis"]) == {"target"}


def test_small_groups_are_not_shown_alone_and_nobody_follows_by_subtraction() -> None:
    """With four people a group would have two: only the sum is shown, with the reason."""
    found = results(4, 3)
    assert found.index.tolist() == [ALL]
    assert "not shown alone" in found.loc[ALL, "note"]
    assert results(2, 3).empty


def test_who_left_before_the_end_and_a_year_that_runs_do_not_count() -> None:
    """Leavers are counted in the team's figures, a running year has no result."""
    won = make_won(*[GOOD] * 3, *[EVEN] * 4)
    reps = make_reps(7)
    reps["leave_date"] = reps["leave_date"].mask(reps.index == 6, pd.Timestamp("2025-10-31"))
    years = good_years(won, reps, [Period.parse("2026"), *YEARS], RULES)
    found = jump_results(years, won, reps, AS_OF, 3).set_index("level")
    assert found.loc[ALL, "case_count"] == 6
    assert found.loc[ALL, ["first_year", "last_year"]].tolist() == ["2025", "2025"]
    mixed = jump_results(years.iloc[::-1], won.iloc[::-1], reps.iloc[::-1], AS_OF, 3)
    pd.testing.assert_frame_equal(mixed, found.reset_index()[mixed.columns])
