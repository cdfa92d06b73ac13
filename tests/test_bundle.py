"""The bundle: it finds the largest value of a sum of concave functions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from planlib.bundle import Bundle, Climb, Cuts


def make_functions(seed, functions, places, cuts):
    """Draw the cuts of functions of numbers within [-2, 2]."""
    draw = np.random.default_rng(seed)
    return draw.normal(size=(functions, cuts)), draw.integers(-2, 3, (functions, cuts, places))


def ask(constant, slope, at):
    """Give the value of each function, and which of its cuts is least."""
    values = constant + slope @ at
    return values.min(axis=1), values.argmin(axis=1)


def cuts_of(constant, slope, chosen):
    """Give the chosen cut of each function."""
    functions = np.arange(len(constant))
    entries = slope[functions, chosen]
    cut, place = np.nonzero(entries)
    return Cuts(
        owner=functions, constant=constant[functions, chosen], cut=cut, place=place,
        factor=entries[cut, place].astype(float),
    )  # fmt: skip


def largest(constant, slope):
    """Find the largest sum by a linear programme."""
    functions, cuts, places = slope.shape
    rows = np.hstack([-slope.reshape(-1, places), np.repeat(np.eye(functions), cuts, axis=0)])
    cost = np.r_[np.zeros(places), -np.ones(functions)]
    bounds = [(-2, 2)] * places + [(None, None)] * functions
    return -linprog(cost, A_ub=rows, b_ub=constant.ravel(), bounds=bounds).fun


@pytest.mark.parametrize("seed", range(10))
def test_steps_lead_to_the_largest_sum(seed):
    """Asked where the bundle says, functions come within a percent of their largest sum."""
    constant, slope = make_functions(seed, 5, 6, 12)
    best = largest(constant, slope)
    bundle = Bundle(5, 6, -2.0, 2.0)
    climb = Climb(bundle, np.zeros(6))
    first = ask(constant, slope, climb.at)[0].sum()
    for _ in range(60):
        values, chosen = ask(constant, slope, climb.at)
        assert (np.abs(climb.at) <= 2).all()
        assert (bundle.least(climb.at) >= values - 1e-9).all()
        climb.answer(values.sum(), cuts_of(constant, slope, chosen), 0.1 * abs(first))
    assert climb.value <= best + 1e-9
    assert climb.value >= best - 0.01 * (best - first)


def test_weights_add_up_and_the_slope_is_that_of_the_weights():
    """For each function the weights are not negative and add up to one."""
    constant, slope = make_functions(3, 4, 5, 9)
    bundle, center = Bundle(4, 5), np.zeros(5)
    at = center
    for _ in range(6):
        bundle.add(cuts_of(constant, slope, ask(constant, slope, at)[1]))
        at = bundle.ahead(center, 0.3)
    assert (bundle.weight >= 0).all()
    assert np.bincount(bundle.owner, bundle.weight) == pytest.approx(np.ones(4))
    entries = bundle.factor * bundle.weight[bundle.cut]
    assert (at - center) / 0.3 == pytest.approx(np.bincount(bundle.place, entries, 5))


def test_a_place_ahead_is_the_best_of_the_cuts_with_the_charge():
    """No other place has a larger sum of cuts less the charge for its distance."""
    constant, slope = make_functions(5, 3, 4, 6)
    bundle, center = Bundle(3, 4), np.full(4, 0.2)
    for cut in range(6):
        bundle.add(cuts_of(constant, slope, np.full(3, cut)))
    at = bundle.ahead(center, 0.5)

    def worth(one):
        return bundle.least(one).sum() - ((one - center) ** 2).sum() / (2 * 0.5)

    draw = np.random.default_rng(1)
    others = at + draw.normal(scale=0.05, size=(500, 4))
    assert worth(at) >= max(worth(one) for one in others) - 1e-3


def test_a_cut_without_weight_is_forgotten_and_those_with_weight_are_kept():
    """The bundle does not grow without end, and what it says ahead stays the same."""
    constant, slope = make_functions(7, 2, 3, 5)
    bundle = Bundle(2, 3)
    for cut in range(5):
        bundle.add(cuts_of(constant, slope, np.full(2, cut)))
    before = bundle.ahead(np.zeros(3), 0.4)
    for _ in range(20):
        after = bundle.ahead(np.zeros(3), 0.4)
    assert len(bundle.owner) < 10
    assert after == pytest.approx(before, abs=1e-3)
    assert np.unique(bundle.owner).tolist() == [0, 1]


def test_on_the_level_there_is_no_way_up():
    """Where the cuts cancel out, the place stays, however much was hoped for."""
    bundle, hoped = Bundle(2, 1), 1e20
    cuts = Cuts(owner=np.arange(2), constant=np.zeros(2), cut=np.arange(2),
                place=np.zeros(2, dtype=np.int64), factor=np.array([1.0, -1.0]))  # fmt: skip
    climb = Climb(bundle, np.array([0.5]))
    climb.answer(0.0, cuts, hoped)
    assert climb.at == 0.5
    assert climb.promised <= 0.0
