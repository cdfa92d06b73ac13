"""Tests of planlib.territories.cascade and of the prices and trees that it rests on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from planlib.errors import ParameterError
from planlib.territories.cascade import cascade
from planlib.territories.cascade_prices import flat_prices
from planlib.territories.cascade_repair import repaired
from planlib.territories.cascade_steps import descend
from planlib.territories.cascade_tree import grouped_tree, tree_of
from planlib.territories.engine.dual import Prices
from planlib.territories.engine.passes import exact_bound
from planlib.territories.engine.request import Request, make_request

PARENTS = np.array([6, 6, 6, 7, 7, 7, 8, 8, -1])


def make_market(n: int = 60, m: int = 6, *, seed: int = 1, tolerance: float = 0.2) -> dict:
    """Accounts and reps on a plane, two measures, equal targets."""
    rng = np.random.default_rng(seed)
    place, home = rng.uniform(0, 10, (n, 2)), rng.uniform(0, 10, (m, 2))
    load = rng.lognormal(0, 0.4, (2, n))
    cost = np.linalg.norm(place[:, None] - home[None], axis=2) * load[0][:, None]
    target = np.repeat(load.sum(axis=1)[:, None] / m, m, axis=1)
    return {"cost": cost, "load": load, "lower": (1 - tolerance) * target,
            "upper": (1 + tolerance) * target}  # fmt: skip


class Rows:
    """A matrix that is only given block by block."""

    def __init__(self, cost: np.ndarray) -> None:
        self.cost, self.shape = cost, cost.shape

    def rows(self, first: int, last: int) -> np.ndarray:
        """Give a range of rows."""
        return self.cost[first:last].copy()


def as_request(one: dict) -> Request:
    """Ask for a plan of a market whose costs are given block by block."""
    return make_request(Rows(one["cost"]), one["load"], one["lower"], one["upper"], {})


def bound_at(one: dict, price: np.ndarray) -> float:
    """Give the bound at prices."""
    return exact_bound(as_request(one), Prices(load=price, budget=np.empty(0)))


def linear_bound(one: dict) -> float:
    """Solve the linear relaxation with HiGHS."""
    n, m = one["cost"].shape
    rows = np.kron(np.eye(n), np.ones(m))
    loads = np.concatenate([np.kron(load, np.eye(m)) for load in one["load"]])
    found = linprog(
        one["cost"].ravel(), A_eq=rows, b_eq=np.ones(n), A_ub=np.vstack([loads, -loads]),
        b_ub=np.concatenate([one["upper"].ravel(), -one["lower"].ravel()]), bounds=(0, 1),
    )  # fmt: skip
    return float(found.fun)


def best_plan(one: dict) -> float:
    """Try every plan."""
    n, m = one["cost"].shape
    least = np.inf
    for plan in product(range(m), repeat=n):
        rep = np.array(plan)
        loads = np.stack([np.bincount(rep, weights=load, minlength=m) for load in one["load"]])
        if (loads <= one["upper"]).all() and (loads >= one["lower"]).all():
            least = min(least, one["cost"][np.arange(n), rep].sum())
    return float(least)


def test_the_bound_comes_close_to_the_linear_relaxation() -> None:
    """The bound is at most that of the linear relaxation, and within 0.01 % of it."""
    one = make_market()
    exact = linear_bound(one)
    flat = flat_prices(as_request(one))
    assert exact * 0.9999 <= flat.bound <= exact * (1 + 1e-9)
    assert bound_at(one, flat.price) == pytest.approx(flat.bound, rel=1e-12)


def test_any_prices_give_a_bound_below_the_best_plan() -> None:
    """Random prices, and those found, never exceed the best of all plans."""
    one = make_market(7, 2, tolerance=0.5, seed=4)
    least = best_plan(one)
    rng = np.random.default_rng(0)
    found = [bound_at(one, rng.normal(0, size, (2, 2))) for size in (0.1, 1, 5)]
    assert max(*found, flat_prices(as_request(one)).bound) <= least + 1e-9
    assert cascade(**one, parents=np.array([2, 2, -1])).cost >= least - 1e-9


def test_the_market_keeps_arcs_of_every_account_and_rep() -> None:
    """Costs of a plan come from the arcs, and are infinite where an arc is missing."""
    one = make_market()
    flat = flat_prices(as_request(one))
    rep = one["cost"].argmin(axis=1)
    assert np.allclose(flat.costs(rep), one["cost"].min(axis=1))
    assert np.allclose(
        flat.costs(rep, reduced=True),
        one["cost"].min(axis=1) + (flat.price[:, rep] * one["load"]).sum(axis=0),
    )
    one["cost"][3, 2] = np.inf
    assert np.isinf(flat_prices(as_request(one)).costs(np.full(60, 2))[3])


def test_leaders_of_reps_look_at_all_of_them() -> None:
    """With one arc for each account, a team's plan still meets its limits, and costs are known."""
    one = make_market()
    flat = flat_prices(as_request(one))
    first = np.flatnonzero(np.r_[True, np.diff(flat.arcs.item) > 0])
    few = replace(flat, arcs=flat.arcs.at(first), reduced=flat.reduced[first])
    tree = tree_of(np.array([6, 6, 6, 6, 6, 6, -1]), 6)
    with ThreadPoolExecutor(2) as pool:
        options = (0, "quick", lambda phase, share: None)
        rep, wide, _ = descend(few, tree, pool, options=options)
        rows, reps = [np.array([1, 4]), np.array([2, 3, 7])], [np.array([0, 5]), np.array([3])]
        parts = flat.within(rows, reps, pool)
    loads = flat.loads(rep)
    assert ((loads <= one["upper"]) & (loads >= one["lower"])).all()
    assert np.isinf(few.costs(rep)).any()
    assert np.allclose(wide.costs(rep), one["cost"][np.arange(60), rep])
    for part, accounts, own in zip(parts, rows, reps, strict=True):
        assert (part == one["cost"][np.ix_(accounts, own)]).all()


def test_every_level_closes_exactly() -> None:
    """Accounts and loads of a leader are the sums of those straight below, to the last bit."""
    one = make_market()
    plan = cascade(**one, parents=PARENTS)
    assert plan.status == "feasible"
    assert plan.closes
    assert plan.node_counts[8] == 60
    assert np.allclose(plan.node_loads[:, 8], one["load"].sum(axis=1), rtol=1e-12)
    parts = [plan.accounts_of(6), plan.accounts_of(7)]
    assert sorted(np.concatenate(parts).tolist()) == list(range(60))
    assert (plan.loads <= one["upper"]).all()
    assert (plan.loads >= one["lower"]).all()
    assert plan.bound <= plan.cost
    assert plan.gap == pytest.approx(plan.absolute_gap / plan.bound)


def test_a_hierarchy_costs_something_but_not_much() -> None:
    """The exchange across teams lowers the cost of the strict cascade, or leaves it."""
    one = make_market(90, 6, seed=3)
    strict = cascade(**one, parents=PARENTS, repair=False)
    plan = cascade(**one, parents=PARENTS)
    assert plan.cost <= strict.cost + 1e-9
    assert strict.strict_cost == pytest.approx(strict.cost)
    assert plan.gap < 0.05


def test_threads_and_blocks_do_not_matter() -> None:
    """An executor of any size and costs by blocks give the same plan."""
    one = make_market()
    plan = cascade(**one, parents=PARENTS)
    with ThreadPoolExecutor(3) as pool:
        other = cascade(**{**one, "cost": Rows(one["cost"])}, parents=PARENTS, executor=pool)
    assert (plan.rep == other.rep).all()
    assert plan.bound == other.bound


def test_a_leader_keeps_what_was_decided() -> None:
    """An account stays below the node that a leader named, and with the rep that is fixed."""
    one = make_market()
    inside = np.full(60, -1)
    inside[:5] = 7
    fixed = np.full(60, -1)
    fixed[10] = 2
    plan = cascade(**one, parents=PARENTS, inside=inside, fixed=fixed)
    assert set(plan.rep[:5]) <= {3, 4, 5}
    assert plan.rep[10] == 2
    assert plan.status == "feasible"


def test_reps_beside_leaders_and_any_depth() -> None:
    """A rep straight below the head takes part beside whole teams."""
    one = make_market()
    plan = cascade(**one, parents=np.array([9, 6, 6, 7, 7, 7, 8, 8, 9, -1]))
    assert plan.closes
    assert plan.status == "feasible"
    assert plan.tree.level.tolist() == [1, 3, 3, 3, 3, 3, 2, 2, 1, 0]


def test_a_request_that_cannot_be_met_is_reported() -> None:
    """Limits that no plan meets give the status, the excess and no gap."""
    one = make_market()
    one["upper"] = one["upper"] * 0.5
    one["lower"] = one["lower"] * 0.0
    plan = cascade(**one, parents=PARENTS, effort="quick")
    assert plan.status == "unresolved"
    assert plan.excess.max() > 0
    assert np.isnan(plan.gap)
    assert (plan.rep >= 0).all()


def test_bad_input_is_named() -> None:
    """Shapes, values and decisions that contradict are all named."""
    one = make_market()
    with pytest.raises(ParameterError, match="above upper for some reps"):
        cascade(**{**one, "lower": one["upper"] * 2})
    with pytest.raises(ParameterError, match="at least 0"):
        cascade(**{**one, "load": -one["load"]})
    with pytest.raises(ParameterError, match=r"lower: \(2, 6\) expected"):
        cascade(**{**one, "lower": one["lower"][:, :3]})
    inside, fixed = np.full(60, -1), np.full(60, -1)
    inside[4], fixed[4] = 7, 0
    with pytest.raises(ParameterError, match="1 accounts have no rep .* first 4"):
        cascade(**one, parents=PARENTS, inside=inside, fixed=fixed)


@pytest.mark.parametrize(
    ("parents", "message"),
    [([3, 3, 3, 4, 3], "circle"), ([3, 0, 3, -1], "below a rep"), ([3, 9, 3, -1], "nobody known"),
     ([-1, -1], "at least 3")],
)  # fmt: skip
def test_what_is_no_hierarchy_is_named(parents: list[int], message: str) -> None:
    """Circles, reps as leaders, unknown nodes and short lists are errors."""
    with pytest.raises(ParameterError, match=message):
        tree_of(np.array(parents), 3)


def test_several_at_the_top_get_a_head() -> None:
    """Nodes with nobody above stand below an added head."""
    tree = tree_of(np.array([3, 3, -1, -1]), 3)
    assert tree.head == 4
    assert tree.children[4] == (2, 3)
    assert tree.members[4].tolist() == [0, 1, 2]


def test_neighbours_stand_together() -> None:
    """Reps with the same profile are in one team, and no team is larger than asked for."""
    profile = np.array([[0.0, 1], [0.1, 1], [9, 3], [9.1, 3], [9.2, 3], [0.2, 1]])
    tree = grouped_tree(profile, size=3)
    teams = {tree.parent[rep] for rep in (0, 1, 5)}
    assert len(teams) == 1
    assert len({tree.parent[rep] for rep in range(6)}) == 2
    large = grouped_tree(np.random.default_rng(0).normal(size=(200, 4)), size=7, fan=5)
    assert np.bincount(large.parent[:200]).max() <= 7
    assert len(large.members[large.head]) == 200


def test_limits_are_mended_by_neighbours() -> None:
    """From a plan that ignores all limits, regions planned again meet them."""
    one = make_market(40, 4, tolerance=0.3)
    flat = flat_prices(as_request(one))
    start = one["cost"].argmin(axis=1)
    loads = flat.loads(start)
    assert ((loads > one["upper"]) | (loads < one["lower"])).any()
    with ThreadPoolExecutor(2) as pool:
        tree = tree_of(np.array([4, 4, 5, 5, 6, 6, -1]), 4)
        rep = repaired(flat, start, pool, options=(0, "quick", tree))
    mended = flat.loads(rep)
    assert ((mended <= one["upper"]) & (mended >= one["lower"])).all()
    assert flat.costs(rep).sum() == pytest.approx(one["cost"][np.arange(40), rep].sum())
