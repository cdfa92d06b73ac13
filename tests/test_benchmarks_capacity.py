"""Tests of benchmarks.capacity: its case is fixed, and every way plays the same model."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks import capacity
from planlib.capacity.simulate import simulate_capacity


def test_a_case_is_the_same_each_time() -> None:
    """The same seed gives the same people; hires come within the plan, others before it."""
    one, other = capacity.make_inputs(200, 12), capacity.make_inputs(200, 12)
    pd.testing.assert_frame_equal(one.staff, other.staff)
    hires = one.staff["kind"] != "rep"
    assert 0 < hires.sum() < 40
    assert (one.staff.loc[hires, "start_date"] > capacity.AS_OF).all()
    assert (one.staff.loc[~hires, "start_date"] <= capacity.AS_OF).all()


def test_peers_and_simulation_agree_by_month() -> None:
    """Effective reps of each month are the same on average, whoever simulates."""
    inputs = capacity.make_inputs(60, 12)
    mine = simulate_capacity(inputs, simulations=1_500, seed=2).reps.sum(axis=1, dtype="float64")
    for way in (capacity.by_months, capacity.by_people):
        plain = way(inputs, 400)
        assert plain.shape == (400, 12)
        assert plain.mean(axis=0) == pytest.approx(mine.mean(axis=0), abs=0.3)
        assert plain.std(axis=0) == pytest.approx(mine.std(axis=0), abs=0.35)


def test_the_rows_name_size_peers_and_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run gives planlib's time first, and each peer's as a multiple of it."""
    monkeypatch.setattr(capacity, "SHORT", (40, 6, 20))
    rows = capacity.run(full=False)
    assert [row.who for row in rows] == [
        "planlib", "planlib", "numpy by month (scaled)", "Python by person (scaled)",
    ]  # fmt: skip
    assert all(row.size == "40 people, 6 months, 20 futures" for row in rows)
    assert all(row.ratio == pytest.approx(row.seconds / rows[1].seconds) for row in rows[1:])
    assert "effective reps in the last month" in rows[0].quality
