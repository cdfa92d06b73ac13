"""Capacity: many people, months and futures, beside a loop over months and one over people."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks import Row, measured, row_of
from planlib.capacity.hazard import hazard_of_months
from planlib.capacity.people import KINDS
from planlib.capacity.presence import month_starts
from planlib.capacity.ramp import Productivity
from planlib.capacity.simulate import CapacityInputs, capacity_rows, simulate_capacity

AS_OF = pd.Timestamp("2026-01-01")
ROLES = ("AE", "inside sales", "SDR")
REGIONS = ("North", "East", "South", "West")
UNITS = ("Enterprise", "Commercial")
BANDS = ((0, 0.030), (6, 0.022), (12, 0.018), (24, 0.014))  # first month of tenure, hazard
RAMP = (0.0, 0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1.0)
FILL_DAYS = 75.0
FULL, SHORT = (10_000, 36, 1_000), (2_000, 36, 200)
TARGET = 10.0  # seconds for the full size
_DAYS = 30.4375  # days of a month
_LONGEST = 120  # months of tenure told apart
Floats = npt.NDArray[np.float64]


def make_inputs(people: int, months: int, seed: int = 3) -> CapacityInputs:
    """
    Draw people in post, one planned hire in twenty, and their ramp and chances to leave.

    Parameters
    ----------
    people, months
        How many.
    seed
        Of all draws.
    """
    draw = np.random.default_rng(seed)
    is_hire = draw.random(people) < 0.05
    away = np.where(is_hire, draw.integers(1, months, people), -draw.integers(0, 120, people))
    first = AS_OF.year * 12 + AS_OF.month - 1 + away
    hired = pd.Series(pd.to_datetime({"year": first // 12, "month": first % 12 + 1, "day": 1}))
    hired = hired.astype("datetime64[us]")
    staff = pd.DataFrame({
        "rep_id": pd.Series([f"R-{at:05d}" for at in range(people)], dtype="str"),
        "role": draw.choice(ROLES, people), "unit": draw.choice(UNITS, people),
        "region": draw.choice(REGIONS, people),
        "kind": np.where(is_hire, KINDS[2], KINDS[0]), "hire_date": hired,
        "leave_date": pd.Series([pd.NaT] * people, dtype="datetime64[us]"), "start_date": hired,
        "quota_amount": draw.lognormal(np.log(900_000), 0.3, people).round(-3),
    })  # fmt: skip
    hazards = pd.DataFrame(
        [(role, band, hazard, hazard) for role in ROLES for band, hazard in BANDS],
        columns=["role", "tenure_from", "hazard", "pooled_hazard"],
    )
    ramp = pd.DataFrame(
        [(role, month, share) for role in ROLES for month, share in enumerate(RAMP)],
        columns=["role", "tenure_month", "ramp_share"],
    )
    bands = pd.DataFrame({"role": list(ROLES), "tenure_from": 0, "productivity": 1.0})
    return CapacityInputs(
        staff=staff, presence=np.ones((people, months)), months=month_starts(AS_OF, months),
        now=AS_OF, productivity=Productivity(ramp=ramp, bands=bands), hazards=hazards,
        fill_days=FILL_DAYS,
    )  # fmt: skip


def by_months(inputs: CapacityInputs, futures: int, seed: int = 5) -> Floats:
    """
    Simulate as one would with arrays of people: month by month, one future after the other.

    Returns
    -------
    ndarray
        Futures x months: effective reps of everybody.
    """
    draw = np.random.default_rng(seed)
    months, fill = len(inputs.months), inputs.fill_days / _DAYS
    begin, line, effect, hazard = _arrays(inputs)
    found = np.zeros((futures, months))
    for s in range(futures):
        start = begin.astype("float64")  # when the present holder of each post came or comes
        for t in range(months):
            there = np.flatnonzero(start < t + 1)
            while len(there):  # who comes in a month may leave in it too
                k = np.clip(t - np.floor(start[there]).astype("int64"), 0, _LONGEST - 1)
                part = 1.0 - np.maximum(start[there] - t, 0.0)
                leaves = draw.random(len(there)) < hazard[line[there], k]
                share = part * np.where(leaves, 0.5, 1.0) * effect[line[there], k]
                found[s, t] += share.sum()
                gone = there[leaves]
                start[gone] = t + 0.5 + draw.exponential(fill, len(gone))
                there = gone[start[gone] < t + 1]
    return found


def by_people(inputs: CapacityInputs, futures: int, seed: int = 7) -> Floats:
    """
    Simulate as one would write it down: future by future, person by person, month by month.

    Returns
    -------
    ndarray
        Futures x months: effective reps of everybody.
    """
    draw = np.random.default_rng(seed)
    months, fill = len(inputs.months), inputs.fill_days / _DAYS
    begin, line, effect, hazard = (one.tolist() for one in _arrays(inputs))
    found = np.zeros((futures, months))
    for s in range(futures):
        for came, role in zip(begin, line, strict=True):
            start = float(came)
            t = max(came, 0)
            while t < months:
                k = min(t - int(np.floor(start)), _LONGEST - 1)
                leaves = draw.random() < hazard[role][k]
                part = 1.0 - max(start - t, 0.0)
                found[s, t] += part * (0.5 if leaves else 1.0) * effect[role][k]
                if leaves:
                    start = t + 0.5 + draw.exponential(fill)
                    t = int(start)
                else:
                    t += 1
    return found


def _arrays(inputs: CapacityInputs) -> tuple[Any, Any, Floats, Floats]:
    """Give first month and role of each person, and effect and hazard by role and tenure."""
    first, hired = inputs.months[0], inputs.staff["start_date"]
    begin = ((hired.dt.year - first.year) * 12 + hired.dt.month - first.month).to_numpy("int64")
    line = pd.Index(ROLES).get_indexer(pd.Index(inputs.staff["role"]))
    effect = np.array([inputs.productivity.effect(role, _LONGEST) for role in ROLES])
    hazard = np.array([hazard_of_months(inputs.hazards, role, _LONGEST) for role in ROLES])
    return begin, line, effect, hazard


def run(full: bool) -> list[Row]:
    """Run the benchmark; each peer plays few futures, and its time is scaled up."""
    people, months, futures = FULL if full else SHORT
    inputs = make_inputs(people, months)
    size = f"{people:,} people, {months} months, {futures:,} futures"
    simulate_capacity(make_inputs(50, months), simulations=2)  # compiled once
    found, own = measured(lambda: simulate_capacity(inputs, simulations=futures, seed=1))
    _, rows = measured(lambda: capacity_rows(found))
    limit = f"; to be under {TARGET:g} s" if full else ""
    whole = (own[0] + rows[0], own[1] + rows[1])
    lines = [
        row_of("simulate and sum up", size, "planlib", whole, whole,
               quality=_said(found.reps.sum(axis=1, dtype="float64")) + limit),
        row_of("simulate", size, "planlib", own, own),
    ]  # fmt: skip
    for who, way, played in (
        ("numpy by month (scaled)", by_months, max(futures // 50, 2)),
        ("Python by person (scaled)", by_people, max(futures // 500, 1)),
    ):
        plain, spent = measured(partial(way, inputs, played))
        scaled = (spent[0] * futures / played, spent[1] * futures / played)
        lines.append(row_of("simulate", size, who, scaled, own, quality=_said(plain)))
    return lines


def _said(reps: Floats) -> str:
    """Say what came out, so that one sees that all play the same model."""
    return f"{reps[:, -1].mean():,.1f} effective reps in the last month ({len(reps):,} futures)"
