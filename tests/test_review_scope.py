"""A manager sees the own people and their accounts, today's and planned ones, and no others."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.review_scope import scope_review, team_below
from tests.review_frames import make_tables


def test_a_manager_sees_own_accounts_of_today_and_of_the_plan() -> None:
    """What stays, leaves and joins is there, largest first; what is another team's is not."""
    seen = scope_review(make_tables(), "M1")
    assert list(seen.accounts["account_id"]) == ["A2", "A1", "A3"]
    assert dict(seen.team) == {"M1": "Mia", "R1": "Ana", "R2": "<b>Bo</b>"}
    assert set(seen.quotas["rep_id"]) == {"R1", "R2"}
    assert set(seen.balance["rep_name"]) == {"Ana", "Bo"}
    assert list(seen.key_accounts["account_id"]) == ["A1"]
    assert seen.missing == ("territory_fairness", "territory_challenges")


def test_no_table_of_a_manager_holds_what_is_anothers() -> None:
    """The name of an account of another team alone stands in no table, whatever its column."""
    seen = scope_review(make_tables(), "M1")
    frames = [value for value in vars(seen).values() if isinstance(value, pd.DataFrame)]
    assert len(frames) == 6
    assert not any("Secret" in frame.to_csv() or "A4" in frame.to_csv() for frame in frames)
    assert "Secret" in scope_review(make_tables()).accounts.to_csv()


def test_a_rep_sees_the_own_territory_alone() -> None:
    """Somebody without people below is a team of one."""
    assert list(scope_review(make_tables(), "R2").accounts["account_id"]) == ["A3"]


def test_a_circle_of_managers_ends() -> None:
    """Two people who are each other's manager are both in the team, once."""
    reps = pd.DataFrame({"rep_id": ["A", "B"], "manager_id": ["B", "A"]})
    assert team_below(reps, "A") == ["A", "B"]


def test_rows_in_another_order_give_the_same_view() -> None:
    """The order of the published rows does not matter."""
    tables = make_tables()
    turned = {
        name: None if frame is None else frame.iloc[::-1].reset_index(drop=True)
        for name, frame in tables.items()
    }
    first, second = scope_review(tables, "M1"), scope_review(turned, "M1")
    pd.testing.assert_frame_equal(first.accounts, second.accounts)
    assert first.choices == second.choices == {"EMEA": {"R2": "<b>Bo</b>", "R1": "Ana", "R3": "Cy"}}


def test_an_unknown_manager_is_named() -> None:
    """The message says what was asked for and which id looks like it."""
    with pytest.raises(ParameterError, match="no rep 'M11'; did you mean 'M1'"):
        scope_review(make_tables(), "M11")


def test_a_plan_without_territories_is_refused() -> None:
    """Nothing is shown before territories are planned."""
    with pytest.raises(ParameterError, match="no territories are planned yet"):
        scope_review({**make_tables(), "territory_plan": None})
