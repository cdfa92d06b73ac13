"""The engine of one block: bound, plan, status and limits, against brute force where possible."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from planlib.territories import Problem, solve
from planlib.territories.relaxation import price

TOLERANCES = (0.35, 0.15, 0.05)


def make_problem(
    seed: int = 1, items: int = 8, reps: int = 3, *, tolerance: float = 0.35, budget: float = 0.6
) -> Problem:
    """Make a block with random costs, two measures, and owners today for the budget."""
    draw = np.random.default_rng([seed, items, reps])
    load = np.stack([draw.lognormal(0, 0.4, items), draw.lognormal(0, 0.3, items)])
    owner, money = draw.integers(reps, size=items), draw.lognormal(0, 0.5, items)
    return Problem(
        cost=draw.random((items, reps)),
        load=load,
        target=np.repeat(load.sum(axis=1)[:, None] / reps, reps, axis=1),
        tolerance=np.full(2, tolerance),
        allowed=np.ones((items, reps), dtype=bool),
        stake=money[:, None] * (np.arange(reps)[None, :] != owner[:, None]),
        budget=budget * money.sum(),
    )


def brute_force(problem: Problem) -> float:
    """Give the least cost over every plan within all limits; infinite where there is none."""
    items, reps = problem.shape
    plans = np.array(list(itertools.product(range(reps), repeat=items)))
    rows = np.arange(items)[None, :]
    loads = np.stack([(problem.load[:, None, :] * (plans == rep)).sum(axis=2)
                      for rep in range(reps)], axis=2)  # fmt: skip
    off = np.abs(loads - problem.target[:, None, :]) - (
        problem.tolerance[:, None, None] * problem.target[:, None, :]
    )
    fits = (off <= 1e-12).all(axis=(0, 2)) & problem.allowed[rows, plans].all(axis=1)
    fits &= problem.stake[rows, plans].sum(axis=1) <= problem.budget
    return float(problem.cost[rows, plans].sum(axis=1)[fits].min(initial=np.inf))


@pytest.mark.parametrize("seed", range(12))
def test_small_blocks_equal_brute_force(seed: int) -> None:
    """The bound never exceeds the optimum, and an optimal plan costs exactly that."""
    problem = make_problem(seed, tolerance=TOLERANCES[seed % 3])
    truth = brute_force(problem)
    assert price(problem, problem.limits()).bound <= truth + 1e-9
    found = solve(problem)
    if np.isinf(truth):
        assert found.status == "infeasible"
        assert found.excess.max() > 0
    else:
        assert found.status == "optimal"
        assert found.cost == pytest.approx(truth, abs=1e-9)
        assert found.bound <= truth + 1e-9
        assert problem.excess(found.rep).max() <= 0
        assert problem.stake_of(found.rep) <= problem.budget + 1e-9


def test_brute_force_sees_both_kinds_of_cases() -> None:
    """The cases above hold blocks with a plan and blocks without one."""
    truths = [brute_force(make_problem(seed, tolerance=TOLERANCES[seed % 3])) for seed in range(12)]
    assert any(np.isinf(truths))
    assert any(np.isfinite(truths))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_larger_blocks_are_within_all_limits(seed: int) -> None:
    """120 items and 6 reps: within tolerance and budget, and within 5 % of the bound."""
    problem = make_problem(seed, 120, 6, tolerance=0.08, budget=0.9)
    found = solve(problem, effort="quick")
    assert found.status in ("optimal", "feasible")
    assert found.excess.max() == 0
    assert np.abs(problem.loads(found.rep) / problem.target - 1).max() <= 0.08
    assert problem.stake_of(found.rep) <= problem.budget
    assert found.gap < 0.05


def test_same_seed_gives_the_same_plan() -> None:
    """The search counts work, not seconds, so two runs agree in every item."""
    problem = make_problem(4, 90, 5, tolerance=0.1, budget=0.8)
    first, second = (solve(problem, effort="quick") for _ in range(2))
    assert (first.rep == second.rep).all()
    assert first.bound == second.bound


def test_order_of_items_and_reps_does_not_matter_to_the_optimum() -> None:
    """Rows and columns in another order give a plan of the same proven cost."""
    problem = make_problem(2)
    rows, columns = np.array([3, 1, 7, 0, 5, 2, 6, 4]), np.array([2, 0, 1])
    mixed = replace(
        problem,
        cost=problem.cost[np.ix_(rows, columns)],
        load=problem.load[:, rows],
        target=problem.target[:, columns],
        stake=problem.stake[np.ix_(rows, columns)],
    )
    plain, other = solve(problem), solve(mixed)
    assert plain.status == other.status
    assert plain.cost == pytest.approx(other.cost, abs=1e-9)


@pytest.mark.parametrize("factor", [1e-6, 1e7])
def test_scaling_loads_and_targets_changes_nothing(factor: float) -> None:
    """Only loads relative to targets count, whatever the unit."""
    problem = make_problem(2)
    scaled = replace(problem, load=problem.load * factor, target=problem.target * factor)
    assert solve(problem).cost == pytest.approx(solve(scaled).cost, abs=1e-9)


def test_a_constant_per_item_changes_only_the_cost() -> None:
    """What every rep would cost alike does not change who gets the item."""
    problem = make_problem(2)
    extra = np.arange(8.0)
    dearer = replace(problem, cost=problem.cost + extra[:, None])
    plain, other = solve(problem), solve(dearer)
    assert other.cost == pytest.approx(plain.cost + extra.sum(), abs=1e-6)
    assert (plain.rep == other.rep).all()


def test_an_item_above_the_limit_is_proven_infeasible_with_the_least_excess() -> None:
    """One item of 60 % of all load cannot fit; the worst excess is that of this item alone."""
    problem = make_problem(1, tolerance=0.1)
    load = problem.load.copy()
    load[:, 0] = 1.5 * load[:, 1:].sum(axis=1)
    target = np.repeat(load.sum(axis=1)[:, None] / 3, 3, axis=1)
    lumpy = replace(problem, load=load, target=target, budget=np.inf)
    found = solve(lumpy)
    assert found.status == "infeasible"
    alone = (load[:, 0] / target[:, 0]).max() - 1.1
    assert found.excess.max() == pytest.approx(alone, abs=1e-4)


def test_a_budget_of_nothing_keeps_every_owner() -> None:
    """With no budget the plan is today's, out of tolerance by no more than today."""
    problem = make_problem(3, tolerance=0.01, budget=0.0)
    owner = (problem.stake == 0).argmax(axis=1)
    found = solve(problem)
    assert (found.rep == owner).all()
    assert found.status == "infeasible"


def test_one_rep_gets_everything_at_the_bound() -> None:
    """With one rep there is nothing to choose, and the plan is optimal."""
    found = solve(make_problem(1, 6, 1))
    assert found.status == "optimal"
    assert set(found.rep) == {0}
    assert found.deviation == pytest.approx(0, abs=1e-12)


def test_forbidden_pairs_are_never_used() -> None:
    """An item that one rep alone may have goes there, whatever it costs."""
    problem = make_problem(5, tolerance=0.9)
    allowed = problem.allowed.copy()
    allowed[:3] = [False, False, True]
    found = solve(replace(problem, allowed=allowed, budget=np.inf))
    assert (found.rep[:3] == 2).all()


def test_prices_on_few_arcs_prove_the_same_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arcs added by their prices end at the bound of the relaxation on all arcs."""
    problem = make_problem(6, 60, 12, tolerance=0.15, budget=0.9)
    full = price(problem, problem.limits()).bound
    monkeypatch.setattr("planlib.territories.relaxation._ALL_ARCS", 0)
    monkeypatch.setattr("planlib.territories.relaxation._FIRST_ARCS", 2)
    assert price(problem, problem.limits()).bound == pytest.approx(full, rel=1e-6)
