"""People and posts: wrong rows are named, quotas found, hires placed."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.capacity.people import prepare_staff, reporting_cycles
from planlib.capacity.ramp import rep_months
from planlib.errors import TableError
from planlib.settings.capacity import CapacitySettings
from planlib.tables import table
from tests.quota_frames import AS_OF, make_reps


def prepare(reps: pd.DataFrame, **more: pd.DataFrame):
    """Prepare with the standard settings."""
    return prepare_staff(reps, CapacitySettings(), AS_OF, **more)


def said(staff) -> dict[str, str]:
    """What was found, by row."""
    return dict(zip(staff.findings["row_id"], staff.findings["finding"], strict=True))


def test_clean_people_give_no_findings():
    """Four reps and a seat carry quotas of their own, managers do not."""
    staff = prepare(make_reps())
    assert staff.findings.empty
    assert staff.carriers["rep_id"].tolist() == ["a", "b", "c", "d", "s"]
    assert staff.carriers["quota_source"].unique().tolist() == ["own"]


def test_a_circle_in_the_reporting_line_is_named_and_opened():
    """Head reports to a manager: everybody in the circle is named, the first is the top."""
    staff = prepare(make_reps(manager_id=["M1", "H", "H", "M1", "M1", "M2", "M2", "M2"]))
    assert set(said(staff)) == {"H", "M1"}
    assert "runs in a circle; H is put at the top" in said(staff)["M1"]
    boss = staff.people.set_index("rep_id")["manager_id"]
    assert pd.isna(boss["H"])
    assert boss["M1"] == "H"


def test_circles_are_found_whatever_hangs_on_them():
    """Tails lead into a circle and are no part of it; somebody may manage himself."""
    assert reporting_cycles({"a": "b", "b": "c", "c": "d", "d": "b", "z": "z"}) == [
        ["b", "c", "d"], ["z"],
    ]  # fmt: skip
    assert reporting_cycles({"a": "b", "b": "c"}) == []


def test_two_managers_are_named():
    """A rep in two rows, and one whose history has two managers on the same day."""
    reps = pd.concat([make_reps(), make_reps().iloc[[3]].assign(manager_id="M2")])
    history = table("rep_history").coerce(pd.DataFrame(
        {"rep_id": ["b", "b"], "manager_id": ["M1", "M2"],
         "effective_from": ["2024-01-01", "2025-01-01"], "effective_to": [None, None]}
    ))  # fmt: skip
    staff = prepare(reps, rep_history=history)
    assert said(staff)["a"] == "has two managers (M1, M2); the first is used"
    assert "has two managers on the same day" in said(staff)["b"]
    assert staff.people["rep_id"].is_unique


def test_wrong_dates_roles_quotas_and_managers_are_named():
    """Leave before hire, no first day, no role, a quota below zero, an unknown manager."""
    reps = make_reps(
        leave_date=[None, None, None, "2014-01-01", None, None, None, None],
        hire_date=[*["2015-01-01"] * 4, None, *["2015-01-01"] * 2, None],
        role=["head", "manager", "manager", "AE", "AE", None, "AE", "AE"],
        manager_id=[None, "H", "H", "M1", "M1", "M2", "X", "M2"],
    )
    reps["quota"] = [None, None, None, 100.0, 200.0, 300.0, -4.0, 500.0]
    found = prepare(reps)
    texts = said(found)
    assert "leaves before the first day" in texts["a"]
    assert "no first day" in texts["b"]
    assert "rep without a role" in texts["c"]
    columns = found.findings.loc[found.findings["row_id"] == "d", "column"].tolist()
    assert columns == ["manager_id", "quota", "quota"]
    carriers = found.carriers.set_index("rep_id")
    assert carriers.loc["d", "quota_amount"] == 500.0  # of the role in the unit
    assert carriers.loc["c", "role"] == "no role"
    assert pd.isna(carriers.loc["a", "leave_date"])


def make_plan(**changes: list[object]) -> pd.DataFrame:
    """Two hires for the south."""
    return table("hiring_plan").coerce(pd.DataFrame(
        {"hire_plan_id": ["P"], "role": ["AE"], "unit": ["South"], "region": ["S"],
         "start_date": ["2026-03-01"], "hires_count": [2]}
    ).assign(**changes))  # fmt: skip


def test_planned_hires_find_their_manager_and_quota():
    """Each is a post of its own, with the manager and the quota that are usual there."""
    hires = prepare(make_reps(), hiring_plan=make_plan()).carriers
    hires = hires[hires["kind"] == "planned hire"]
    assert hires["rep_id"].tolist() == ["P#1", "P#2"]
    assert set(hires["manager_id"]) == {"M2"}
    assert set(hires["quota_amount"]) == {400.0}


def test_a_hire_without_a_role_is_named():
    """It counts with the ramp over all roles, not at all as a carrier of quota."""
    staff = prepare(make_reps(), hiring_plan=make_plan(role=[None]))
    assert "hire without a role" in said(staff)["P"]
    assert set(staff.people.loc[staff.people["kind"] == "planned hire", "role"]) == {"no role"}


def test_without_quotas_the_pay_plan_tells_who_carries_how_much():
    """The newest plan in force counts; without plans everybody who manages nobody carries."""
    reps = make_reps(quota=[None] * 8)
    plans = table("pay_plans").coerce(pd.DataFrame(
        {"role": ["AE", "AE", "AE", "manager"], "quota": [90.0, 95.0, 99.0, 900.0],
         "effective_from": ["2024-01-01", "2025-01-01", "2026-06-01", "2025-01-01"]}
    ))  # fmt: skip
    carriers = prepare(reps, pay_plans=plans).carriers
    assert set(carriers["quota_amount"]) == {95.0}
    assert set(carriers["role"]) == {"AE"}
    alone = prepare(reps).carriers
    assert alone["rep_id"].tolist() == ["a", "b", "c", "d", "s"]
    assert alone["quota_amount"].isna().all()


def test_ids_are_needed():
    """Without ids nobody can be counted."""
    with pytest.raises(TableError, match="column 'rep_id' is missing"):
        prepare(make_reps().drop(columns="rep_id"))


def test_row_order_does_not_matter():
    """Shuffled rows give the same people."""
    mixed = prepare(make_reps().iloc[::-1], hiring_plan=make_plan())
    pd.testing.assert_frame_equal(
        prepare(make_reps(), hiring_plan=make_plan()).people, mixed.people
    )


def test_wins_in_the_first_days_of_a_rep_are_no_observed_month() -> None:
    """No whole month of tenure gives no rows, and the stated ramp is used."""
    carriers = pd.DataFrame({
        "rep_id": ["R-1"], "role": ["AE"], "hire_date": pd.to_datetime(["2026-03-10"]),
        "leave_date": pd.to_datetime([None]), "quota_amount": [120_000.0],
    })  # fmt: skip
    won = pd.DataFrame({
        "rep_id": ["R-1"], "day": pd.to_datetime(["2026-03-20"]), "amount": [5_000.0]
    })  # fmt: skip
    assert rep_months(carriers, won, pd.Timestamp("2026-03-31")).empty
