"""Roles, units and regions that no person has are named with row, value and what is known."""

from __future__ import annotations

import pandas as pd

from planlib.intake.keys import find_unknown
from planlib.intake.people_words import known_words
from planlib.intake.rows import ORIGIN
from planlib.tables import table
from tests.quota_frames import make_reps


def find(**tables: pd.DataFrame) -> pd.DataFrame:
    """Look for strange words in some tables beside the reps."""
    frames = {"reps": make_reps(), **tables}
    origins = {
        name: pd.DataFrame({one: [f"{name}.csv"] * len(frame) if one == "file" else
                            range(2, len(frame) + 2) for one in ORIGIN})
        for name, frame in frames.items()
    }  # fmt: skip
    return find_unknown(known_words(frames), frames, origins)


def make_hires(**changes: object) -> pd.DataFrame:
    """Two lines of a hiring plan."""
    return table("hiring_plan").coerce(pd.DataFrame({
        "hire_plan_id": ["P1", "P2"], "role": "AE", "unit": "North", "region": "N",
        "start_date": "2026-02-01",
    }).assign(**changes))  # fmt: skip


def test_an_unknown_role_of_a_hire_is_named_with_its_row_and_what_is_known() -> None:
    """Row, column, value, the nearest role and all roles stand in the finding."""
    found = find(hiring_plan=make_hires(role=["AE", "AEE"]))
    assert len(found) == 1
    row = found.iloc[0]
    assert (row["table"], row["column"], row["value"]) == ("hiring_plan", "role", "AEE")
    assert "did you mean 'AE'? known: AE, head, manager" in row["allowed"]
    assert row[list(ORIGIN)].tolist()[-1] == 3 or 3 in row[list(ORIGIN)].tolist()
    assert row["severity"] == "note"


def test_units_regions_and_roles_of_other_tables_are_looked_at_too() -> None:
    """A unit of the hiring plan, regions of a target and a partner, the role of a pay plan."""
    targets = table("targets").coerce(
        pd.DataFrame(
            {"period": ["2026"], "measure": ["acv"], "target_amount": [1.0], "region": ["Nord"]}
        )
    )
    plans = table("pay_plans").coerce(pd.DataFrame({
        "role": ["SDR"], "effective_from": ["2026-01-01"]}))  # fmt: skip
    firms = table("partners").coerce(pd.DataFrame({
        "partner_id": ["P"], "name": ["Fabrikam"], "region": ["Noord"]}))  # fmt: skip
    found = find(hiring_plan=make_hires(unit="West"), targets=targets, pay_plans=plans,
                 partners=firms)  # fmt: skip
    assert set(zip(found["table"], found["column"], found["value"], strict=True)) == {
        ("partners", "region", "Noord"),
        ("hiring_plan", "unit", "West"), ("targets", "region", "Nord"),
        ("pay_plans", "role", "SDR"),
    }  # fmt: skip
    assert "(2 rows, this is the first)" in found.set_index("table").loc["hiring_plan", "rule"]


def test_nothing_is_found_where_nothing_is_known() -> None:
    """Reps without units say nothing about the units of the hiring plan; a role in use is fine."""
    reps = make_reps(unit=[None] * 8)
    assert find(reps=reps, hiring_plan=make_hires(unit="West")).empty
