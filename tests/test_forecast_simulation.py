"""Tests of the simulation: variance without a shock, width with one, deals to come."""

from __future__ import annotations

import numpy as np
import pytest

from planlib.forecast.arrivals import Arrivals
from planlib.forecast.simulation import (
    Draws,
    draw_arrivals,
    fit_shock,
    shock_factors,
    simulate_cells,
    simulate_total,
)

CHANCE = np.array([0.1, 0.3, 0.5, 0.8] * 10)
CENTS = np.array([900.0, 500.0, 300.0, 700.0] * 10)
DRAWS = 40_000


def late_deals(rate: float = 0.25) -> Arrivals:
    """Make eight deals that arrive in one of four periods each, in two cells."""
    cells = np.column_stack([np.zeros(8), [1, 2] * 4]).astype("int64")
    return Arrivals(cents=np.full(8, 400.0), cells=cells, rates=np.full(8, rate))


def simulate(size: float, arrivals: Arrivals | None = None) -> np.ndarray:
    """Simulate the forty deals with a shock of a size."""
    numbers = Draws.make(len(CHANCE), DRAWS, 5, 0)
    late, _ = draw_arrivals(arrivals, DRAWS, [5, 0, 1])
    factors = shock_factors(numbers.normal, size)
    return simulate_total(CHANCE, CENTS, numbers, factors, late)


def test_without_a_shock_the_variance_is_the_sum_of_the_variances():
    """Independent deals and arrivals: sum of p (1 - p) a^2, plus rate times a^2."""
    drawn = simulate(0.0, late_deals())
    expected = (CHANCE * (1 - CHANCE)) @ CENTS**2 + 8 * 0.25 * 400**2
    assert drawn.var() == pytest.approx(expected, rel=0.03)
    assert drawn.mean() == pytest.approx(CHANCE @ CENTS + 800, rel=0.01)


def test_a_common_shock_widens_the_interval_and_keeps_the_middle():
    """Independence alone is too narrow: a shock of 20 % widens P10 to P90 by more than a third."""
    alone, shocked = simulate(0.0), simulate(0.2)
    width = [np.subtract(*np.quantile(drawn, [0.9, 0.1])) for drawn in (alone, shocked)]
    assert width[1] > 1.35 * width[0]
    assert shocked.mean() == pytest.approx(alone.mean(), rel=0.02)


def test_the_shock_has_mean_one():
    """Shocks make the forecast less sure, not larger."""
    factors = shock_factors(Draws.make(1, DRAWS, 1, 1).normal, 0.3)
    assert factors.mean() == pytest.approx(1.0, abs=0.01)
    assert shock_factors(np.array([-1.0, 2.0]), 0.0).tolist() == [1.0, 1.0]


def test_no_deal_brings_more_than_its_amount():
    """A shock cannot win a deal twice: all draws stay below the sum of all amounts."""
    assert simulate(0.5).max() <= CENTS.sum()


def test_cells_add_up_to_the_total_in_every_draw():
    """Both cells of a cut, deals and arrivals, sum to the total draw by draw."""
    cells = np.column_stack([np.zeros(40), [1, 2] * 20]).astype("int64")
    numbers = Draws.make(40, 200, 5, 0)
    factors = shock_factors(numbers.normal, 0.2)
    late, by_cell = draw_arrivals(late_deals(), 200, [5, 0, 1], 3)
    total = simulate_total(CHANCE, CENTS, numbers, factors, late)
    drawn = simulate_cells(CHANCE, CENTS, cells, numbers, shock=factors, late=by_cell)
    assert drawn[0] == pytest.approx(total)
    assert drawn[1] + drawn[2] == pytest.approx(total)


def test_draws_depend_on_seed_and_point_alone():
    """The same point gives the same numbers, another one others."""
    assert np.array_equal(Draws.make(3, 100, 7, 4).uniform, Draws.make(3, 100, 7, 4).uniform)
    assert not np.array_equal(Draws.make(3, 100, 7, 4).uniform, Draws.make(3, 100, 7, 5).uniform)


def test_nothing_to_come_is_drawn_as_nothing():
    """Methods that count on no later deals add none."""
    total, by_cell = draw_arrivals(None, 10, [1], 2)
    assert total.tolist() == [0.0] * 10
    assert by_cell.shape == (2, 10)


def test_the_fitted_shock_is_what_independence_does_not_explain():
    """Errors of 30 at an expected 100 with a variance of 500: sqrt((900 - 500) / 100^2) = 20 %."""
    errors, expected = np.array([30.0, -30.0]), np.array([100.0, 100.0])
    found = fit_shock(errors, expected, np.array([500.0, 500.0]), 2, (0.15, 0.0))
    assert found == pytest.approx(0.2)


def test_before_any_error_the_shock_is_the_assumed_one():
    """Without a past the setting counts; with one, both in proportion to their periods."""
    none = np.zeros(0)
    assert fit_shock(none, none, none, 0, (0.15, 2.0)) == 0.15
    calm = fit_shock(np.zeros(2), np.full(2, 100.0), np.zeros(2), 2, (0.2, 2.0))
    assert calm == pytest.approx(np.sqrt(0.5 * 0.2**2))
