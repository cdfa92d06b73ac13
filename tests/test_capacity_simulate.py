"""Capacity: known answers, agreement with a plain simulation, ramp and presence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from planlib.capacity.presence import employed_shares, month_starts, present_shares
from planlib.capacity.ramp import Productivity, cycle_days, fit_productivity, short_ramps
from planlib.capacity.simulate import (
    CapacityInputs,
    capacity_rows,
    simulate_capacity,
)
from planlib.settings.capacity import CapacityScenario, CapacitySettings
from planlib.tables import table
from planlib.workdays import WorkCalendar

FIRST = pd.Timestamp("2026-01-01")
MONTHS = month_starts(FIRST, 12)
FLAT = pd.DataFrame({"role": ["AE"], "tenure_from": [0], "hazard": [0.05], "pooled_hazard": [0.05]})
NOBODY_LEAVES = FLAT.assign(hazard=0.0, pooled_hazard=0.0)
NO_MONTHS = pd.DataFrame({
    "rep_id": pd.Series(dtype="str"), "role": pd.Series(dtype="str"),
    "tenure_month": pd.Series(dtype="int64"),
    "month_start": pd.Series(dtype="datetime64[us]"),
    "quota_month": pd.Series(dtype="float64"), "attained_amount": pd.Series(dtype="float64"),
})  # fmt: skip


def make_productivity(*curve: float) -> Productivity:
    """A stated ramp."""
    settings = CapacitySettings(ramp={"default": curve or (1.0,)})
    return fit_productivity(NO_MONTHS, ["AE"], settings)


def make_inputs(count: int = 4, hire: str = "2015-01-01", *, curve: tuple[float, ...] = (1.0,),
                kind: str = "rep", now: str = "2026-01-01", fill: float = 90.0,
                hazards: pd.DataFrame = FLAT) -> CapacityInputs:  # fmt: skip
    """Equal people of one role with a quota of 1,200 a year."""
    staff = pd.DataFrame(
        {
            "rep_id": [f"{at:04d}" for at in range(count)],
            "role": "AE",
            "unit": "North",
            "region": "N",
            "kind": kind,
            "hire_date": pd.Series([pd.Timestamp(hire)] * count, dtype="datetime64[us]"),
            "leave_date": pd.Series([pd.NaT] * count, dtype="datetime64[us]"),
            "start_date": pd.Series([pd.Timestamp(hire)] * count, dtype="datetime64[us]"),
            "quota_amount": 1200.0,
        }
    )
    return CapacityInputs(
        staff=staff, presence=np.ones((count, 12)), months=MONTHS, now=pd.Timestamp(now),
        productivity=make_productivity(*curve), hazards=hazards, fill_days=fill,
    )  # fmt: skip


def total(inputs: CapacityInputs, scenario: CapacityScenario | None = None, sims: int = 50):
    """Capacity of all people together."""
    futures = simulate_capacity(inputs, scenario or CapacityScenario(name="plan"),
                                simulations=sims, seed=1)  # fmt: skip
    rows = capacity_rows(futures)
    return rows[rows["cut"] == "total"].reset_index(drop=True), futures


def test_no_leavers_and_no_ramp_give_heads_times_quota():
    """Four people with 100 a month each: 400 in every month and every future."""
    rows, _ = total(make_inputs(hazards=NOBODY_LEAVES))
    for name in ("capacity_low", "capacity_amount", "capacity_high", "ramped_quota_amount"):
        assert rows[name].to_numpy() == pytest.approx(400.0)
    assert rows["effective_reps"].to_numpy() == pytest.approx(4.0)
    assert rows["heads_count"].to_numpy() == pytest.approx(4.0)


def test_a_step_ramp_gives_the_step_model():
    """Unramped reps count for nothing in the first three months, then in full."""
    inputs = make_inputs(2, "2026-02-01", curve=(0.0, 0.0, 0.0, 1.0),
                         hazards=NOBODY_LEAVES)  # fmt: skip
    rows, _ = total(inputs)
    assert rows["heads_count"].to_numpy() == pytest.approx([0.0] + [2.0] * 11)
    assert rows["effective_reps"].to_numpy() == pytest.approx([0.0] * 4 + [2.0] * 8)


def test_the_open_model_of_a_stepped_ramp_is_reproduced():
    """Five reps, two hires a month, three months to ramp, 100,000 a month at 70 %: 8,190,000."""
    start = pd.Series(pd.to_datetime(["2026-01-01"] * 5 + [
        f"2026-{month:02d}-01" for month in range(2, 13) for _ in range(2)
    ]), dtype="datetime64[us]")  # fmt: skip
    inputs = make_inputs(27, curve=(0.0, 0.0, 0.0, 1.0), hazards=NOBODY_LEAVES)
    staff = inputs.staff.assign(hire_date=start, start_date=start, quota_amount=1_200_000.0)
    futures = simulate_capacity(replace(inputs, staff=staff), CapacityScenario(name="plan"),
                                simulations=5, seed=1)  # fmt: skip
    rows = capacity_rows(futures, pd.Series({"AE": 0.7}))
    rows = rows[rows["cut"] == "total"]
    assert rows["heads_count"].to_numpy() == pytest.approx(np.arange(5.0, 28.0, 2.0))
    ramped = np.array([0.0] * 3 + list(range(5, 22, 2)))
    assert rows["effective_reps"].to_numpy() == pytest.approx(ramped)
    assert rows["capacity_amount"].to_numpy() == pytest.approx(70_000.0 * ramped)
    assert rows["capacity_amount"].sum() == pytest.approx(8_190_000.0)


def plain_futures(people: int, hazard: float, fill_months: float, curve: list[float], sims: int,
                  seed: int) -> np.ndarray:  # fmt: skip
    """The same model, written out person by person and month by month."""
    rng = np.random.default_rng(seed)
    found = np.zeros((sims, 12))
    for s in range(sims):
        for _ in range(people):
            begin, part, t, first = -200, 1.0, 0, True
            while t < 12:
                k = min(t - begin, len(curve) - 1)
                leaves = rng.random() < hazard
                share = part if t == begin and not first else 1.0
                found[s, t] += share * (0.5 if leaves else 1.0) * curve[k]
                if leaves:
                    wait = t + 0.5 + rng.exponential(fill_months)
                    begin, first = int(wait), False
                    part, t = 1.0 - (wait - begin), begin
                else:
                    t += 1
    return found


def test_futures_agree_with_a_plain_simulation():
    """Mean and spread by month are those of the model written out plainly."""
    curve = [0.0, 0.5, 1.0]
    inputs = make_inputs(6, curve=tuple(curve), fill=2 * 30.4375)
    futures = simulate_capacity(inputs, simulations=20_000, seed=3)
    mine = futures.reps.sum(axis=1)
    plain = plain_futures(6, 0.05, 2.0, curve, 1_500, 5)
    assert mine.mean(axis=0) == pytest.approx(plain.mean(axis=0), abs=0.12)
    assert mine.std(axis=0) == pytest.approx(plain.std(axis=0), abs=0.12)


def test_first_months_agree_with_the_closed_form():
    """Without replacement a month keeps (1 - h)^t of the people, and half of its leavers."""
    inputs = make_inputs(200)
    _, futures = total(inputs, CapacityScenario(name="alone", replaces=False), sims=400)
    months = np.arange(12)
    expected = 200 * 0.95**months * (1 - 0.05 / 2)
    assert futures.heads.sum(axis=1).mean(axis=0) == pytest.approx(expected, rel=0.01)


def test_months_that_are_over_are_as_they_were():
    """Nobody leaves before now in any future; afterwards futures differ."""
    rows, _ = total(make_inputs(20, now="2026-07-01"))
    assert rows["effective_low"][:6].to_numpy() == pytest.approx(20.0)
    assert rows["effective_high"][:6].to_numpy() == pytest.approx(20.0)
    assert rows["effective_low"].iloc[-1] < 20.0


def test_a_known_leaver_is_replaced_after_the_time_to_fill():
    """Without waiting the new person is there from the middle of the month on."""
    inputs = make_inputs(1, fill=0.0, hazards=NOBODY_LEAVES)
    inputs.staff["leave_date"] = pd.Series([pd.Timestamp("2026-03-15")], dtype="datetime64[us]")
    rows, futures = total(inputs)
    assert rows["heads_count"][:2].to_numpy() == pytest.approx(1.0)
    assert rows["heads_count"][3:].to_numpy() == pytest.approx(1.0)
    last = futures.cohorts[futures.cohorts["month_date"] == MONTHS[-1]]
    assert last.set_index("cohort")["heads_count"].to_dict() == {
        "hired 2015H1": 0.0, "replacements": 1.0,
    }  # fmt: skip


def test_open_seats_and_hires_count_only_where_they_are_filled():
    """Seats wait for the time to fill, hires start on their day; a scenario leaves both out."""
    none = NOBODY_LEAVES
    seats, _ = total(make_inputs(300, kind="open seat", hazards=none), sims=200)
    wait = 90 / 30.4375
    assert seats["heads_count"].iloc[-1] == pytest.approx(
        300 * (1 - np.exp(-11.5 / wait)), rel=0.01
    )
    hires, _ = total(make_inputs(3, "2026-04-01", kind="planned hire", hazards=none))
    assert hires["heads_count"].to_numpy() == pytest.approx([0.0] * 3 + [3.0] * 9)
    unfilled, _ = total(make_inputs(3, kind="open seat"), CapacityScenario(name="x", hires=False))
    assert unfilled["heads_count"].sum() == 0


def test_more_turnover_means_less_capacity():
    """Twice the hazard, a longer ramp and a longer wait each cost capacity."""
    inputs = make_inputs(40, curve=(0.0, 0.3, 0.6, 1.0))
    base = total(inputs, sims=300)[0]["effective_reps"].sum()
    for scenario in (
        CapacityScenario(name="leave", turnover_factor=2.0),
        CapacityScenario(name="ramp", ramp_factor=2.0),
        CapacityScenario(name="wait", fill_factor=2.0),
    ):
        assert total(inputs, scenario, sims=300)[0]["effective_reps"].sum() < base


def test_order_of_people_does_not_matter():
    """Shuffled people give the same futures, to the last digit."""
    inputs = make_inputs(5)
    mixed = CapacityInputs(**{**vars(inputs), "staff": inputs.staff.iloc[::-1]})
    one, other = (simulate_capacity(given, simulations=5, seed=2) for given in (inputs, mixed))
    assert np.array_equal(one.reps, other.reps)


def test_presence_counts_long_absences_alone():
    """Ten working days of July away for long; a short leave costs nothing."""
    rows = table("availability").coerce(pd.DataFrame(
        {"rep_id": ["a", "a"], "start_date": ["2026-07-01", "2026-09-01"],
         "end_date": ["2026-07-31", "2026-09-03"], "away_share": [0.5, None]}
    ))  # fmt: skip
    shares = present_shares(pd.Series(["a", "b"]), rows, MONTHS, WorkCalendar(), longer_than=15)
    assert shares[0, 6] == pytest.approx(0.5)
    assert shares.sum() == pytest.approx(23.5)


def test_days_of_employment_make_the_share_of_a_month():
    """From the 17th of January to the 14th of February: half of each month."""
    people = pd.DataFrame({"hire_date": pd.to_datetime(["2026-01-17", None]),
                           "leave_date": pd.to_datetime(["2026-02-14", None])})  # fmt: skip
    shares = employed_shares(people, MONTHS)
    assert shares[0, :3] == pytest.approx([15 / 31, 0.5, 0.0])
    assert shares[1] == pytest.approx(1.0)


def make_months(observed: list[float], reps: int = 6) -> pd.DataFrame:
    """Rep-months of a ramp with the given shares, and ramped months at 80 % of the quota."""
    shares = [*observed, *[1.0] * 20]
    return pd.DataFrame([
        {"rep_id": f"{rep}", "role": "AE", "tenure_month": at, "month_start": FIRST,
         "quota_month": 100.0, "attained_amount": 80.0 * share}
        for rep in range(reps) for at, share in enumerate(shares)
    ])  # fmt: skip


def test_the_ramp_is_fitted_monotone_and_shrunk():
    """A dip is smoothed over its neighbours; the stated curve keeps its part of the weight."""
    settings = CapacitySettings(ramp_most=4, ramp={"default": (0.0, 0.0, 1.0, 1.0)},
                                ramp_prior=24.0)  # fmt: skip
    fitted = fit_productivity(make_months([0.2, 0.6, 0.4, 1.0]), ["AE"], settings)
    everyone = fitted.ramp[fitted.ramp["role"] == "all roles"]
    assert everyone["fitted_share"].tolist() == pytest.approx([0.2, 0.5, 0.5, 1.0])
    assert everyone["own_weight"].iloc[0] == pytest.approx(0.5)
    assert everyone["ramp_share"].tolist() == pytest.approx([0.1, 0.25, 0.75, 1.0])
    role = fitted.ramp[fitted.ramp["role"] == "AE"]
    assert role["ramp_share"].tolist() == pytest.approx([0.15, 0.375, 0.625, 1.0])
    assert (np.diff(fitted.curve("AE")) >= 0).all()
    assert fitted.length("AE") == 3


def test_without_hire_cohorts_the_stated_ramp_is_used():
    """The basis says so; a role without a curve takes the one over all roles."""
    fitted = make_productivity(0.0, 0.5, 1.0)
    assert set(fitted.ramp["basis"]) == {"stated"}
    assert fitted.effect("SDR", 5).tolist() == [0.0, 0.5, 1.0, 1.0, 1.0]
    assert fitted.effect("SDR", 5, ramp_factor=2.0).tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_productivity_by_tenure_is_one_on_the_whole():
    """Late bands that attain more than the mean of all ramped months stand above 1."""
    months = make_months([1.0] * 4)
    late = months["tenure_month"] >= 12
    months.loc[late, "attained_amount"] *= 1.5
    settings = CapacitySettings(ramp_most=4, productivity_prior=1e-9, tenure_bands=(12,))
    bands = fit_productivity(months, ["AE"], settings).bands
    mine = bands[bands["role"] == "AE"].set_index("tenure_from")
    assert mine.loc[12, "productivity"] / mine.loc[4, "productivity"] == pytest.approx(1.5)
    weight = mine["rep_months"] / mine["rep_months"].sum()
    assert (weight * mine["productivity"]).sum() == pytest.approx(1.0)


def test_a_ramp_shorter_than_the_sales_cycle_is_warned_of():
    """Three months of ramp against a cycle of 120 days; not against one of 60."""
    carriers = pd.DataFrame({"rep_id": ["a"], "role": ["AE"]})
    for days, count in ((120, 1), (60, 0)):
        deals = pd.DataFrame({"owner_id": ["a"], "is_won": [True],
                              "created_date": [FIRST - pd.Timedelta(days=days)],
                              "close_date": [FIRST]})  # fmt: skip
        found = short_ramps(make_productivity(0.0, 0.0, 0.5, 1.0), cycle_days(deals, carriers))
        assert len(found) == count
    assert cycle_days(None, carriers).empty
