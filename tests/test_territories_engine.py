"""The engine: limits, bounds, proofs and findings, against brute force where that is possible."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import optimize, sparse

from planlib.errors import ParameterError
from planlib.territories import Assignment, assign


def make_request(
    seed: int, items: int = 7, reps: int = 3, *, tolerance: float = 0.3, measures: int = 2
) -> dict[str, Any]:
    """Make random costs, lognormal loads and limits round equal targets."""
    draw = np.random.default_rng([seed, items, reps])
    load = draw.lognormal(0, 0.4, (measures, items))
    target = np.repeat(load.sum(axis=1)[:, None] / reps, reps, axis=1)
    return {
        "cost": draw.random((items, reps)),
        "load": load,
        "lower": (1 - tolerance) * target,
        "upper": (1 + tolerance) * target,
    }


def make_market(
    seed: int, items: int = 400, reps: int = 12, *, tolerance: float = 0.05
) -> dict[str, Any]:
    """Make accounts and reps on a map, with limits round what a hidden plan holds."""
    draw = np.random.default_rng([seed, items, reps])
    place, home = draw.random((items, 2)), draw.random((reps, 2))
    load = draw.lognormal(0, 0.5, (2, items))
    away = np.sqrt(((place[:, None, :] - home[None, :, :]) ** 2).sum(axis=2))
    hidden = (away + 0.05 * draw.standard_normal(away.shape)).argmin(axis=1)
    held = np.stack([np.bincount(hidden, one, minlength=reps) for one in load])
    target = held / (1 + 0.8 * tolerance * draw.uniform(-1, 1, held.shape))
    return {
        "cost": load[0][:, None] * away,
        "load": load,
        "lower": (1 - tolerance) * target,
        "upper": (1 + tolerance) * target,
    }


def loads_of(request: dict[str, Any], rep: np.ndarray) -> np.ndarray:
    """Add up what each rep has, independently of the engine."""
    reps = request["lower"].shape[1]
    return np.stack([np.bincount(rep, one, minlength=reps) for one in request["load"]])


def assert_within(request: dict[str, Any], found: Assignment) -> None:
    """Every limit is met exactly, without any allowance, and the figures are those of the plan."""
    loads = loads_of(request, found.rep)
    assert (loads <= request["upper"]).all()
    assert (loads >= request["lower"]).all()
    assert found.violations == ()
    cost = request["cost"][np.arange(len(found.rep)), found.rep].sum()
    assert found.cost == pytest.approx(cost)
    assert found.bound <= found.cost


def brute_force(request: dict[str, Any], keep: Any = None) -> float:
    """Give the least cost over every plan within the limits; infinite where there is none."""
    items, reps = request["cost"].shape
    plans = np.array(list(itertools.product(range(reps), repeat=items)))
    loads = np.stack(
        [(request["load"][:, None, :] * (plans == j)).sum(axis=2) for j in range(reps)], axis=2
    )
    fits = (loads <= request["upper"][:, None, :]).all(axis=(0, 2))
    fits &= (loads >= request["lower"][:, None, :]).all(axis=(0, 2))
    if keep is not None:
        fits &= np.array([bool(keep(plan)) for plan in plans])
    costs = request["cost"][np.arange(items)[None, :], plans].sum(axis=1)
    return float(costs[fits].min(initial=np.inf))


def least_cost(request: dict[str, Any]) -> float:
    """Give the least cost over every plan within the limits, by the solver HiGHS."""
    items, reps = request["cost"].shape
    pairs = np.arange(items * reps)
    each = sparse.csr_matrix((np.ones(len(pairs)), (pairs // reps, pairs)))
    rows = [
        sparse.csr_matrix((np.repeat(one, reps), (pairs % reps, pairs))) for one in request["load"]
    ]
    limits = [
        optimize.LinearConstraint(row, low, high)
        for row, low, high in zip(rows, request["lower"], request["upper"], strict=True)
    ]
    found = optimize.milp(
        request["cost"].ravel(), integrality=np.ones(len(pairs)), bounds=optimize.Bounds(0, 1),
        constraints=[optimize.LinearConstraint(each, 1, 1), *limits],
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    return float(round(found.fun))


@pytest.mark.parametrize("seed", range(20))
def test_small_requests_equal_brute_force(seed: int) -> None:
    """An optimal plan costs what the cheapest of all plans costs, and no bound is above it."""
    request = make_request(seed, tolerance=(0.5, 0.3, 0.15, 0.05)[seed % 4])
    truth, found = brute_force(request), assign(**request)
    assert found.bound <= truth + 1e-9
    if np.isinf(truth):
        assert found.status == "infeasible"
        assert found.violations
    else:
        assert found.status == "optimal"
        assert found.cost == pytest.approx(truth)
        assert_within(request, found)


@pytest.mark.parametrize("seed", range(3))
def test_no_bound_is_above_the_best_plan_where_costs_are_multiples(seed: int) -> None:
    """Raised to the next cost that a plan can have, the bound still holds."""
    request = make_market(seed, items=120, reps=6, tolerance=0.2)
    request["cost"] = 3.0 * np.floor(40 * request["cost"])
    found = assign(**request)
    assert_within(request, found)
    assert found.bound <= least_cost(request) <= found.cost


def test_a_bound_is_raised_to_the_next_cost_that_a_plan_can_have() -> None:
    """Where nothing is proven, the bound is a multiple of what divides all costs."""
    request = make_market(1)
    request["cost"] = 3.0 * np.floor(400 * request["cost"])
    found = assign(**request, effort="quick")
    assert found.status == "feasible"
    assert found.bound % 3 == 0


@pytest.mark.parametrize("seed", range(8))
def test_families_budgets_and_locks_equal_brute_force(seed: int) -> None:
    """Families, locks, forbidden pairs and a budget of changes are all kept, at the least cost."""
    request = make_request(seed, tolerance=0.6)
    items, reps = request["cost"].shape
    draw = np.random.default_rng(seed)
    owner, stake = draw.integers(reps, size=items), draw.random(items)
    allowed = np.ones((items, reps), dtype=bool)
    allowed[1, 0] = False
    fixed = np.full(items, -1)
    fixed[2] = seed % reps
    groups = np.array([4, -1, -1, 4, -1, -1, -1])
    limit = 0.6 * stake.sum()

    def keep(plan: np.ndarray) -> bool:
        kept = plan[0] == plan[3] and plan[1] != 0 and plan[2] == seed % reps
        return bool(kept and stake[plan != owner].sum() <= limit)

    truth = brute_force(request, keep)
    listed = [np.flatnonzero(row) for row in allowed]
    for table in (allowed, sparse.csr_matrix(allowed), listed):
        found = assign(**request, allowed=table, fixed=fixed, groups=groups, owner=owner,
                       stake=stake[None, :], budget=np.array([limit]))  # fmt: skip
        assert found.bound <= truth + 1e-9
        if np.isinf(truth):
            assert found.status == "infeasible"
        else:
            assert keep(found.rep)
            assert found.cost == pytest.approx(truth)
            assert found.used[0] == pytest.approx(stake[found.rep != owner].sum())


@pytest.mark.parametrize("seed", range(5))
def test_a_market_with_a_hidden_plan_is_planned_within_limits(seed: int) -> None:
    """Where a plan within the limits exists, one is found, close to its bound."""
    request = make_market(seed)
    found = assign(**request, effort="quick")
    assert found.status in ("optimal", "feasible")
    assert_within(request, found)
    assert found.gap < 0.03


@pytest.mark.parametrize("measures", [1, 2, 3])
def test_loads_that_depend_on_the_rep(measures: int) -> None:
    """With loads by rep, in one measure or several, plans are those of brute force as well."""
    for seed in range(6):
        request = make_request(seed, tolerance=0.5, measures=measures)
        items, reps = request["cost"].shape
        by_rep = np.random.default_rng(seed).uniform(0.8, 1.2, (measures, items, reps))
        by_rep = by_rep * request["load"][:, :, None]
        limits = {"lower": np.full((measures, reps), -np.inf), "upper": request["upper"]}
        found = assign(request["cost"], by_rep, **limits)
        truth = np.inf
        for plan in itertools.product(range(reps), repeat=items):
            held = np.zeros((measures, reps))
            np.add.at(held.T, np.array(plan), by_rep[:, np.arange(items), plan].T)
            if (held <= limits["upper"]).all():
                truth = min(truth, request["cost"][np.arange(items), plan].sum())
        assert found.cost == pytest.approx(truth)
        assert found.status == "optimal"


class Blocks:
    """Costs that are given block by block."""

    def __init__(self, cost: np.ndarray) -> None:
        self.cost, self.shape = cost, cost.shape

    def rows(self, first: int, last: int) -> np.ndarray:
        """Give the costs of some accounts."""
        return self.cost[first:last].copy()


def test_a_provider_gives_the_same_plan_as_its_matrix() -> None:
    """Costs by blocks and costs as a matrix are the same request, families and locks included."""
    request = make_market(3)
    fixed, groups = np.full(400, -1), np.full(400, -1)
    fixed[5], groups[[7, 200, 301]] = 2, 9
    cost = request.pop("cost")
    more = {"fixed": fixed, "groups": groups, "effort": "quick"}
    one, two = assign(cost, **request, **more), assign(Blocks(cost), **request, **more)
    assert (one.rep == two.rep).all()
    assert one.bound == two.bound


def test_a_large_market_is_sampled_and_surveyed() -> None:
    """Above the size where all arcs are looked at, limits are met and the bound is close."""
    request = make_market(1, 6000, 40)
    found = assign(**request, effort="quick")
    assert_within(request, found)
    assert found.gap < 0.01


def test_the_same_seed_gives_the_same_plan_on_any_number_of_threads() -> None:
    """Threads share the work, but do not change the plan."""
    request = make_market(2)
    plans = [assign(**request, effort="quick", workers=workers).rep for workers in (1, 2, 3)]
    assert (plans[0] == plans[1]).all()
    assert (plans[0] == plans[2]).all()


def test_a_constant_added_to_a_row_changes_nothing_but_the_cost() -> None:
    """What an account costs with everybody does not matter to who gets it."""
    request = make_market(4)
    before = assign(**request, effort="quick")
    request["cost"] = request["cost"] + np.arange(400)[:, None]
    after = assign(**request, effort="quick")
    assert after.status == before.status
    assert after.cost - before.cost == pytest.approx(np.arange(400).sum(), abs=0.5)
    assert after.bound - before.bound == pytest.approx(np.arange(400).sum(), abs=0.5)


def test_scaling_loads_and_limits_together_changes_nothing() -> None:
    """Units of a measure do not matter."""
    request = make_request(11, tolerance=0.4)
    before = assign(**request)
    for part in ("load", "lower", "upper"):
        request[part] = request[part] * np.array([[1e6], [1e-3]])
    after = assign(**request)
    assert (after.rep == before.rep).all()
    assert after.cost == pytest.approx(before.cost)


def test_the_order_of_accounts_does_not_matter() -> None:
    """Shuffled accounts get an equally good plan."""
    request = make_request(5, tolerance=0.4)
    order = np.random.default_rng(0).permutation(7)
    shuffled = {**request, "cost": request["cost"][order], "load": request["load"][:, order]}
    assert assign(**shuffled).cost == pytest.approx(assign(**request).cost)


def test_prices_prove_the_bound() -> None:
    """The Lagrangian value of the prices, by hand, is at most the bound, which is close."""
    request = make_market(6)
    found = assign(**request, effort="quick")
    priced = request["cost"] + np.einsum("ki,kj->ij", request["load"], found.prices)
    limits = np.where(found.prices > 0, request["upper"], request["lower"])
    value = priced.min(axis=1).sum() - (found.prices * limits).sum()
    assert value <= found.bound + 1e-9 * abs(value)
    assert value >= 0.97 * found.bound


def test_changes_against_a_former_plan_are_charged_and_counted() -> None:
    """With a high charge, nothing changes that need not; without one, much may."""
    request = make_market(7)
    first = assign(**request, effort="quick")
    forced = np.full(400, -1)
    forced[:3] = (first.rep[:3] + 1) % 12
    again = assign(**request, fixed=forced, previous=first.rep, change_cost=10.0, effort="quick")
    assert again.changed < 40
    assert again.changed == (again.rep != first.rep).sum()
    assert_limits = loads_of(request, again.rep)
    assert (assert_limits <= request["upper"]).all()


def test_what_cannot_be_met_is_named() -> None:
    """A lock that is too large, an account for nobody and a split family are violations."""
    request = make_request(3, tolerance=0.3)
    items, reps = request["cost"].shape
    fixed = np.full(items, -1)
    fixed[:5] = 1
    found = assign(**request, fixed=fixed)
    assert found.status == "infeasible"
    worst = [one for one in found.violations if one.kind == "upper" and one.rep == 1]
    assert "only rep 1 may have" in worst[0].cause
    assert set(worst[0].accounts) <= set(range(5))

    nobody = np.ones((items, reps), dtype=bool)
    nobody[4] = False
    found = assign(**request, allowed=nobody)
    assert found.status == "infeasible"
    assert ("allowed", (4,)) in [(one.kind, one.accounts) for one in found.violations]

    fixed[:] = -1
    fixed[[0, 1]] = 0, 2
    found = assign(**request, fixed=fixed, groups=np.array([3, 3, -1, -1, -1, -1, -1]))
    assert ("group", (0, 1)) in [(one.kind, one.accounts) for one in found.violations]
    assert found.rep[0] == 0
    assert found.rep[1] == 2


@pytest.mark.parametrize("seed", range(6))
def test_a_request_that_cannot_be_met_is_widened_as_little_as_can_be(seed: int) -> None:
    """A measure in hours, one in few pieces and a budget weigh alike, also a budget of nothing."""
    draw = np.random.default_rng([seed, 8])
    load = np.stack([draw.lognormal(3, 0.5, 6), draw.integers(0, 3, 6).astype(float)])
    target = np.repeat(load.sum(axis=1)[:, None] / 2, 2, axis=1)
    owner, stake = np.zeros(6, dtype=np.int64), draw.integers(1, 5, (1, 6)).astype(float)
    budget = np.array([0.0 if seed % 2 else 0.1 * stake.sum()])
    given = {"lower": 0.98 * target, "upper": 1.02 * target}
    found = assign(draw.random((6, 2)), load, **given, owner=owner, stake=stake, budget=budget)
    assert found.status == "infeasible"

    def excess(plan: np.ndarray) -> float:
        loads = loads_of({**given, "load": load}, plan)
        over = np.maximum(loads - given["upper"], given["lower"] - loads).clip(min=0) / target
        spent = max(float(stake[0, plan != owner].sum() - budget[0]), 0.0)
        return float(over.sum() + spent / (budget[0] or stake.sum()))

    least = min(excess(np.array(plan)) for plan in itertools.product(range(2), repeat=6))
    assert excess(found.rep) == pytest.approx(least, abs=1e-6)


def test_a_request_without_any_choice_is_answered_at_once() -> None:
    """One rep whose limits leave no room: nothing is searched for, and what is broken is named."""
    load = np.random.default_rng(3).lognormal(-20, 1, (2, 8))
    limit = load.sum(axis=1, keepdims=True)
    seen: list[str] = []
    found = assign(
        np.ones((8, 1)), load, limit, limit, owner=np.full(8, -1), stake=np.ones((1, 8)),
        budget=np.zeros(1), on_progress=lambda told: seen.append(told.phase) or None,
    )  # fmt: skip
    assert found.status == "infeasible"
    assert "budget" in {one.kind for one in found.violations}
    assert seen.count("search") < 30


@pytest.mark.parametrize("shape", [(0, 3), (5, 1)])
def test_no_accounts_and_one_rep(shape: tuple[int, int]) -> None:
    """Nothing to plan, and nothing to choose, are plans too."""
    items, reps = shape
    found = assign(np.ones(shape), np.ones((1, items)), np.zeros((1, reps)), np.full((1, reps), 9))
    assert found.status == "optimal"
    assert (found.rep == 0).all()
    assert len(found.rep) == items


def test_every_problem_of_the_arrays_is_named_at_once() -> None:
    """Wrong values are listed together, with the account or rep where they are."""
    request = make_request(1)
    request["cost"][2, 1] = np.nan
    request["load"][1, 4] = -3.0
    request["lower"][0, 2] = request["upper"][0, 2] + 1
    with pytest.raises(ParameterError) as caught:
        assign(**request, fixed=np.array([9, -1, -1, -1, -1, -1, -1]))
    text = str(caught.value)
    for part in ("account 2, rep 1", "measure 1 at account 4", "measure 0 at rep 2", "found 9"):
        assert part in text


@pytest.mark.parametrize("how", ["forbidden", "infinite"])
def test_a_lock_on_a_rep_who_may_not_have_the_account_is_named(how: str) -> None:
    """The lock holds in the plan, whose status says that not everything asked for can be kept."""
    request = make_request(5, items=20, tolerance=0.5)
    fixed = np.full(20, -1)
    fixed[3] = 1
    allowed = np.ones((20, 3), dtype=bool)
    if how == "forbidden":
        allowed[3, 1] = False
    else:
        request["cost"][3, 1] = np.inf
    found = assign(**request, allowed=allowed, fixed=fixed)
    assert found.status == "infeasible"
    assert found.rep[3] == 1
    assert np.isfinite(found.cost)
    assert [(one.kind, one.rep, one.accounts) for one in found.violations] == [("allowed", 1, (3,))]


@pytest.mark.parametrize(
    ("allowed", "text"),
    [
        ([[0, 1]] * 7, "list the reps of 8 accounts, found 7"),
        ([[0, 1]] * 7 + [[3]], r"numbers from 0 to 2; found \[3\] at account 7"),
        (np.full((8, 3), 2), "true or false; found 2 at account 0, rep 0 and in 23 more"),
    ],
)
def test_wrong_tables_of_allowed_reps_are_named(allowed: Any, text: str) -> None:
    """A list that is too short, a rep that does not exist, a table that is not of truth values."""
    with pytest.raises(ParameterError, match=text):
        assign(**make_request(0, items=8), allowed=allowed)


def test_a_measure_in_which_nobody_weighs_anything_changes_nothing() -> None:
    """An empty measure with open or zero limits leaves the plan as it is; a minimum is named."""
    request = make_request(3, items=30)
    plain = assign(**request)
    empty = {
        "load": np.vstack([request["load"], np.zeros((1, 30))]),
        "lower": np.vstack([request["lower"], np.zeros((1, 3))]),
        "upper": np.vstack([request["upper"], np.zeros((1, 3))]),
    }
    found = assign(request["cost"], **empty)
    assert found.status == plain.status == "optimal"
    assert found.cost == pytest.approx(plain.cost)
    empty["lower"][2, 1] = empty["upper"][2, 1] = 1.0
    missing = assign(request["cost"], **empty)
    assert missing.status == "infeasible"
    assert [(one.kind, one.rep, one.measure) for one in missing.violations] == [("lower", 1, 2)]


def test_wrong_shapes_and_no_reps_are_named() -> None:
    """Arrays that do not fit together are errors, not tracebacks of a solver."""
    with pytest.raises(ParameterError, match="there are no reps"):
        assign(np.ones((3, 0)), np.ones((1, 3)), np.ones((1, 0)), np.ones((1, 0)))
    with pytest.raises(ParameterError, match=r"load: must be \(K, 3\)"):
        assign(np.ones((3, 2)), np.ones((1, 4)), np.zeros((1, 2)), np.ones((1, 2)))
    with pytest.raises(ParameterError, match="quick, normal or thorough"):
        assign(np.ones((1, 1)), np.ones((1, 1)), np.zeros((1, 1)), np.ones((1, 1)), effort="max")


def test_progress_tells_bound_and_plan() -> None:
    """The bound rises to the final one, and the last report is the result."""
    seen = []
    found = assign(**make_market(8), effort="quick", on_progress=seen.append)
    assert seen[0].phase == "prices"
    assert seen[-1].phase == "done"
    assert seen[-1].cost == pytest.approx(found.cost)
    bounds = [one.bound for one in seen]
    assert all(one <= two for one, two in itertools.pairwise(bounds))
