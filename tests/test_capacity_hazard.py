"""Leavers: months at risk, hazards by role and tenure, shrinkage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.capacity.hazard import (
    exit_hazard,
    hazard_of_months,
    months_between,
    person_months,
    yearly_turnover,
)

AS_OF = pd.Timestamp("2026-03-31")


def make_reps(**changes: list[object]) -> pd.DataFrame:
    """Three people: one still here, one left in the fifth month, one open seat."""
    frame = pd.DataFrame(
        {
            "rep_id": ["a", "b", "c"],
            "role": ["AE", "AE", "AE"],
            "hire_date": ["2025-10-01", "2025-06-10", None],
            "leave_date": [None, "2025-10-20", None],
            "is_open_seat": [False, False, True],
        }
    ).assign(**changes)
    for name in ("hire_date", "leave_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame


def test_months_are_counted_by_anniversary():
    """A month is whole on its anniversary; the 31st has it on the last day of a short month."""
    first = pd.to_datetime(pd.Series(["2025-01-31", "2025-01-31", "2025-03-10", "2025-03-10"]))
    last = pd.to_datetime(pd.Series(["2025-02-28", "2025-02-27", "2025-03-09", "2026-03-10"]))
    assert months_between(first, last).tolist() == [1, 0, -1, 12]


def test_only_wholly_observed_months_are_at_risk():
    """The stayer has six months, the leaver four and the one in which he left; a seat has none."""
    rows = person_months(make_reps(), AS_OF, window_months=24)
    count = rows.groupby("rep_id")["tenure_month"].agg(["min", "max", "size"])
    assert count.loc["a"].tolist() == [0, 5, 6]
    assert count.loc["b"].tolist() == [0, 4, 5]
    assert rows.loc[rows["is_leaver"], ["rep_id", "tenure_month"]].to_numpy().tolist() == [["b", 4]]
    assert set(rows["rep_id"]) == {"a", "b"}


def test_months_before_the_window_hold_survivors_and_do_not_count():
    """A person of ten years enters the count with the tenure of that day, not with month 0."""
    reps = make_reps(hire_date=["2016-04-15", "2016-04-15", None],
                     leave_date=[None, "2025-03-20", None])  # fmt: skip
    rows = person_months(reps, AS_OF, window_months=12)
    assert set(rows["rep_id"]) == {"a"}
    assert rows["tenure_month"].tolist() == list(range(108, 119))
    assert rows["month_start"].min() == pd.Timestamp("2025-04-15")


def test_people_who_left_before_they_came_are_no_evidence():
    """A row with a leave date before the first day is not counted."""
    reps = make_reps(leave_date=[None, "2025-06-01", None])
    assert set(person_months(reps, AS_OF, window_months=24)["rep_id"]) == {"a"}


def test_the_role_at_the_time_counts():
    """Months before a promotion belong to the former role."""
    history = pd.DataFrame(
        {
            "rep_id": ["a", "a"],
            "effective_from": pd.to_datetime(["2025-10-01", "2026-01-01"]).astype("datetime64[us]"),
            "role": ["SDR", "AE"],
        }
    )
    rows = person_months(make_reps(), AS_OF, window_months=24, rep_history=history)
    assert rows.loc[rows["rep_id"] == "a", "role"].tolist() == ["SDR"] * 3 + ["AE"] * 3
    assert rows.loc[rows["rep_id"] == "b", "role"].tolist() == ["AE"] * 5


def make_months(counts: dict[tuple[str, int], tuple[int, int]]) -> pd.DataFrame:
    """Months at risk and leavers by role and month of tenure."""
    rows = [
        {"role": role, "tenure_month": month, "is_leaver": at < left}
        for (role, month), (size, left) in counts.items()
        for at in range(size)
    ]
    return pd.DataFrame(rows)


def test_hazard_is_the_stated_mix_of_own_and_pooled():
    """Own 2 of 10, all people 3 of 40: worked out by hand with a prior of 10 months."""
    months = make_months({("AE", 3): (10, 2), ("SDR", 3): (20, 0), ("SDR", 30): (10, 1)})
    found = exit_hazard(months, (6,), prior=10.0).set_index(["role", "tenure_from"])
    over_all = 3 / 40
    early = (2 + 10 * over_all) / (30 + 10)
    row = found.loc[("AE", 0)]
    assert row["pooled_hazard"] == pytest.approx(early)
    assert row["hazard_raw"] == pytest.approx(0.2)
    assert row["hazard"] == pytest.approx(0.5 * 0.2 + 0.5 * early)
    assert row["own_weight"] == pytest.approx(0.5)
    assert row["low"] < row["hazard"] < row["high"]
    late = found.loc[("AE", 6)]
    assert late["hazard"] == pytest.approx(late["pooled_hazard"])
    assert np.isnan(late["hazard_raw"])
    assert late["basis"] == "pooled"


def test_without_any_leaver_the_stated_turnover_stands_in():
    """Nobody left on record: the yearly share of plan.yaml, spread over twelve months."""
    found = exit_hazard(make_months({("AE", 3): (50, 0)}), (6,), prior=10.0, yearly_turnover=0.3)
    assert set(found["basis"]) == {"stated"}
    assert yearly_turnover(hazard_of_months(found, "AE", 12)) == pytest.approx(0.3)


def test_a_role_without_rows_takes_the_pooled_hazard():
    """Month by month, the hazard of the band it lies in."""
    months = make_months({("AE", 3): (10, 2), ("SDR", 30): (10, 1)})
    found = exit_hazard(months, (6,), prior=10.0)
    pooled = found.drop_duplicates("tenure_from").set_index("tenure_from")["pooled_hazard"]
    line = hazard_of_months(found, "partner manager", 8)
    assert line.tolist() == pytest.approx([pooled[0]] * 6 + [pooled[6]] * 2)


def test_constant_hazard_is_found_again():
    """20,000 simulated people who leave at 3 % a month give 3 % back, window and cut included."""
    rng = np.random.default_rng(4)
    hire = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 1500, 20_000), unit="D")
    stay = rng.geometric(0.03, 20_000) - 1
    frame = pd.DataFrame({"rep_id": [f"{at:05d}" for at in range(20_000)], "role": "AE",
                          "hire_date": hire})  # fmt: skip
    leave = frame["hire_date"] + pd.to_timedelta(stay * 30.4375 + 15, unit="D")
    frame["leave_date"] = leave.where(leave <= AS_OF)
    months = person_months(frame, AS_OF, window_months=18)
    found = exit_hazard(months, (6, 12), prior=1.0)
    assert found["hazard"].to_numpy() == pytest.approx(0.03, abs=0.0025)


def test_row_order_does_not_matter():
    """Shuffled people give the same months."""
    reps = make_reps()
    mixed = person_months(reps.iloc[::-1], AS_OF, window_months=24)
    pd.testing.assert_frame_equal(person_months(reps, AS_OF, window_months=24), mixed)
