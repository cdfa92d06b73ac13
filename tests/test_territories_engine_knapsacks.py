"""One knapsack for each rep: the bound, what its penalties close, and the search by targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize, sparse

from benchmarks.instances import gap, listed
from planlib.territories import Assignment, assign
from planlib.territories.engine.branch_kernels import CLOSED, DONE, OPEN, close_arcs
from planlib.territories.engine.knapsack_kernels import climb, knapsack_bound, penalties
from planlib.territories.engine.knapsacks import Knapsacks, knapsacks_of
from planlib.territories.engine.request import make_request
from planlib.territories.engine.targets import Proven, Targets

Asked = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def make_gap(seed: int, items: int = 12, reps: int = 3, *, room: float = 0.9) -> Asked:
    """Draw costs that fall with the load, which depends on the rep, and tight limits."""
    draw = np.random.default_rng([seed, items, reps])
    load = draw.integers(1, 30, (items, reps)).astype(float)
    cost = 40 - load + draw.integers(-4, 5, (items, reps))
    upper = np.floor(room * load.sum(axis=0) / reps)
    return cost, load[None], np.full((1, reps), -np.inf), upper[None]


def least_cost(cost: np.ndarray, load: np.ndarray, upper: np.ndarray) -> float:
    """Give the least cost over every plan, by the solver HiGHS; infinite where there is none."""
    items, reps = cost.shape
    pairs = np.arange(items * reps)
    size = load[0] if load.ndim == 3 else np.repeat(load[0][:, None], reps, axis=1)
    each = sparse.csr_matrix((np.ones(len(pairs)), (pairs // reps, pairs)))
    full = sparse.csr_matrix((size.ravel(), (pairs % reps, pairs)))
    found = optimize.milp(
        np.where(np.isfinite(cost), cost, 0.0).ravel(), integrality=np.ones(len(pairs)),
        bounds=optimize.Bounds(0, np.isfinite(cost).ravel().astype(float)),
        constraints=[optimize.LinearConstraint(each, 1, 1),
                     optimize.LinearConstraint(full, -np.inf, upper[0])],
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    return float(found.fun) if found.success else np.inf


def assert_is_plan(asked: Asked, found: Assignment) -> None:
    """The plan meets every limit without allowance, and costs what is said."""
    cost, load, _, upper = asked
    items, reps = np.arange(len(cost)), cost.shape[1]
    size = load[0][items, found.rep] if load.ndim == 3 else load[0]
    assert (np.bincount(found.rep, size, reps) <= upper[0]).all()
    assert found.cost == pytest.approx(cost[items, found.rep].sum())
    assert found.bound <= found.cost


def form(asked: Asked) -> Knapsacks:
    """Give the knapsacks of a request that has them."""
    found = knapsacks_of(make_request(*asked, {}))
    assert found is not None
    return found


def least_within(knapsacks: Knapsacks) -> dict[int, float]:
    """Give the least cost of the plans that have each arc, by trying every plan of few items."""
    ways = [np.flatnonzero(knapsacks.item == item) for item in range(knapsacks.items)]
    plans = np.stack(np.meshgrid(*ways, indexing="ij"), axis=-1).reshape(-1, knapsacks.items)
    cost = knapsacks.cost[plans].sum(axis=1)
    for rep, room in enumerate(knapsacks.room):
        size = np.where(knapsacks.rep[plans] == rep, knapsacks.size[plans], 0).sum(axis=1)
        cost = np.where(size <= room, cost, np.inf)
    return {
        arc: float(cost[(plans == arc).any(axis=1)].min()) for arc in range(len(knapsacks.item))
    }


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("room", [0.9, 0.7])
def test_small_problems_are_proven_optimal(seed: int, room: float) -> None:
    """Where a plan exists, the proven one costs what the solver HiGHS finds, else none is shown."""
    asked = make_gap(seed, items=24, reps=4, room=room)
    truth, found = least_cost(asked[0], asked[1], asked[3]), assign(*asked)
    assert found.bound <= truth + 1e-9
    if np.isinf(truth):
        assert found.status in ("infeasible", "unresolved")
    else:
        assert found.status == "optimal"
        assert found.cost == pytest.approx(truth)
        assert_is_plan(asked, found)


@pytest.mark.parametrize("seed", range(4))
def test_costs_that_are_not_whole_and_loads_in_quarters(seed: int) -> None:
    """Costs of any kind, loads in quarters, forbidden pairs, the same load with every rep."""
    cost, load, lower, upper = make_gap(seed, items=20, reps=4)
    draw = np.random.default_rng(seed)
    cost = cost + draw.random(cost.shape)
    cost[3, 1] = np.inf
    if seed % 2:
        load, upper = load[:, :, 0], np.full((1, 4), np.ceil(load[0, :, 0].sum() / 4 * 1.05))
    asked = cost, load / 4, lower, upper / 4
    assert knapsacks_of(make_request(*asked, {})) is not None
    found = assign(*asked)
    truth = least_cost(cost, load, upper)
    assert found.bound <= truth + 1e-9
    assert found.cost == pytest.approx(truth, rel=1e-6)
    assert found.status == "optimal"


@pytest.mark.parametrize("seed", range(6))
def test_neither_bound_nor_penalties_exclude_a_plan(seed: int) -> None:
    """At any payments, bound and penalty of an arc are below each plan that has the arc."""
    knapsacks = form(make_gap(seed, items=7, reps=3, room=1.1))
    least = least_within(knapsacks)
    draw = np.random.default_rng(seed)
    paid = draw.uniform(10, 60, 7)
    alive = np.ones(len(knapsacks.item), dtype=bool)
    ways = np.bincount(knapsacks.item)
    tables, more = knapsacks.tables(), np.empty(len(alive))
    for _ in range(3):
        slope = np.empty(7)
        bound, _ = knapsack_bound(
            paid, knapsacks.arcs, alive, ways, knapsacks.room, tables[0], slope
        )
        again, _ = penalties(paid, knapsacks.arcs, alive, ways, knapsacks.room, tables, more)
        assert again == pytest.approx(bound)
        assert bound <= min(least.values()) + 1e-9
        assert all(bound + more[arc] <= cost + 1e-9 for arc, cost in least.items())
        paid = paid + 0.3 * slope


def test_payments_are_improved_and_more_than_the_relaxation_is_proven() -> None:
    """Subgradients raise the bound above that of the linear relaxation, which prices prove."""
    cost, load, lower, upper = make_gap(1, items=40, reps=5)
    knapsacks = form((cost, load, lower, upper))
    relaxed = optimize.linprog(
        cost.ravel(), A_eq=np.kron(np.eye(40), np.ones(5)), b_eq=np.ones(40),
        A_ub=np.hstack([np.diag(row) for row in load[0]]), b_ub=upper[0], bounds=(0, 1),
    )  # fmt: skip
    paid = np.asarray(relaxed.eqlin.marginals).copy()
    value, _ = climb(
        paid, knapsacks.arcs, np.ones(len(knapsacks.item), dtype=bool),
        np.full(40, 5), knapsacks.room, knapsacks.tables()[0], relaxed.fun + 10, 300, 1.0,
    )  # fmt: skip
    assert value > relaxed.fun + 0.1
    assert value <= least_cost(cost, load, upper) + 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_closing_arcs_keeps_every_plan_below_the_goal(seed: int) -> None:
    """What is closed is in no plan below the goal; a node is closed only where there is none."""
    knapsacks = form(make_gap(seed, items=7, reps=3, room=1.0))
    least = least_within(knapsacks)
    best = min(least.values())
    for goal in (best - 0.5, best + 0.5, best + 3.5):
        alive, paid = np.ones(len(knapsacks.item), dtype=bool), np.full(7, 35.0)
        state, _ = close_arcs(
            paid, knapsacks.arcs, alive, np.zeros(7, dtype=np.int64), knapsacks.room,
            knapsacks.tables(), np.empty(len(alive)), goal, 40, 0.5, 3,
        )  # fmt: skip
        assert state != CLOSED or best > goal
        if state in (OPEN, DONE):
            assert all(alive[arc] for arc, cost in least.items() if cost <= goal)
        if state == DONE:
            assert knapsacks.cost[alive].sum() <= goal


@pytest.mark.parametrize(
    "change",
    [
        {"lower": np.array([[1.0, 0.0, 0.0]])},
        {"load": np.full((2, 12), 1.0), "lower": np.zeros((2, 3)), "upper": np.full((2, 3), 9.0)},
        {"load": np.full((1, 12), np.pi)},
        {"load": np.full((1, 12), 1.0) + 1e7 * np.arange(12), "upper": np.full((1, 3), 1e9)},
    ],
    ids=["lower limits", "two measures", "no unit", "tables too large"],
)
def test_other_requests_take_the_usual_way(change: dict[str, Any]) -> None:
    """Lower limits, several measures, loads without a unit and large tables are not for it."""
    cost, load, lower, upper = make_gap(0)
    asked = {"load": load, "lower": lower, "upper": upper, **change}
    request = make_request(cost, asked["load"], asked["lower"], asked["upper"], {})
    assert knapsacks_of(request) is None


def test_a_common_divisor_makes_tables_small_and_open_limits_end_at_the_total() -> None:
    """Loads of 500 and 1,500 are knapsacks in units of 500, whatever the limit."""
    request = make_request(
        np.ones((3, 2)), np.array([[500.0, 1500.0, 500.0]]), np.zeros((1, 2)),
        np.array([[1999.0, np.inf]]), {},
    )  # fmt: skip
    found = knapsacks_of(request)
    assert found is not None
    assert found.size.tolist() == [1, 3, 1, 1, 3, 1]
    assert found.room.tolist() == [3, 5]


def test_the_plan_depends_neither_on_threads_nor_on_the_order_of_reps() -> None:
    """Two searches side by side find what they find one after the other; costs are the same."""
    cost, load, lower, upper = make_gap(3, items=60, reps=10, room=0.8)
    plans = [assign(cost, load, lower, upper, effort="quick", workers=count) for count in (1, 2, 3)]
    assert (plans[0].rep == plans[1].rep).all()
    assert (plans[0].rep == plans[2].rep).all()
    turned = assign(cost[:, ::-1], load[:, :, ::-1], lower, upper[:, ::-1])
    proven = assign(cost, load, lower, upper)
    assert turned.status == proven.status == "optimal"
    assert turned.cost == proven.cost


def test_the_search_by_targets_starts_from_a_poor_plan_and_can_be_stopped() -> None:
    """Each round keeps a plan within the limits, and a bound that no plan is below."""
    asked = make_gap(5, items=60, reps=8, room=0.8)
    request, knapsacks = make_request(*asked, {}), form(asked)
    best = assign(*asked)
    draw, plan = np.random.default_rng(0), best.rep.copy()
    while (plan == best.rep).all():  # any other plan within the limits
        one, other = draw.integers(60), draw.integers(8)
        plan[one] = other
        if (request.loads(plan) > asked[3]).any():
            plan = best.rep.copy()
    start = Proven(plan=plan, cost=request.cost(plan), bound=float("-inf"))
    paid = np.median(asked[0], axis=1)
    state = Targets(request, knapsacks, paid, start, unit=1.0, seed=2)
    found = state.search(work=10**10, pool=None, go_on=lambda _, share: share < 0.5)
    assert found.bound <= best.cost <= found.cost <= start.cost
    assert request.cost(found.plan) == found.cost
    stopped = Targets(request, knapsacks, paid, start, unit=1.0, seed=2)
    found = stopped.search(work=10**10, pool=None, go_on=lambda _, share: share == 0.0)
    assert found.cost == start.cost
    assert np.isfinite(found.bound)
    stopped = Targets(request, knapsacks, paid, start, unit=1.0, seed=2)
    assert stopped.search(work=10**10, pool=None, go_on=lambda _, share: False) == start


@pytest.mark.parametrize("name", ["c05100", "c05200", "d05100", "d05200", "d10100"])
def test_published_optima_are_proven(name: str) -> None:
    """Published instances, where they are available, are solved to the proven optimum."""
    if name not in listed("gap"):
        pytest.skip(f"{name} is not available here")
    asked = gap(name)
    found = assign(
        asked.cost, asked.load, asked.lower, asked.upper,
        effort="thorough" if name == "d10100" else "normal",
    )  # fmt: skip
    assert found.cost == asked.best
    assert found.status == "optimal"


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (1e-9, 0.0), (1.0, 1e6)])
def test_a_gap_is_no_proof_whatever_the_size_of_costs(scale: float, offset: float) -> None:
    """Without time for a proof, a plan dearer than the bound is not called optimal."""
    draw = np.random.default_rng(5)
    load = draw.integers(5, 25, 60).astype(float)
    cost = 111 - 3 * load[:, None] + draw.integers(-10, 10, (60, 6))
    upper = np.full((1, 6), np.ceil(load.sum() / 6 * 1.02))
    found = assign(
        cost * scale + offset, load[None], np.zeros((1, 6)), upper, time_limit=0.0, effort="quick"
    )
    assert not found.violations
    gap = found.cost - found.bound
    assert (found.status == "optimal") == (gap < scale / 2)


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e-10])
def test_small_costs_are_told_apart(scale: float) -> None:
    """With lower limits, the solver takes whole numbers: they must not lose small costs."""
    cost = np.array([[1.25, 1.5], [1.5, 1.25]]) * scale
    found = assign(cost, np.ones((1, 2)), np.ones((1, 2)), np.full((1, 2), 2.0))
    assert (found.status, found.rep.tolist()) == ("optimal", [0, 1])
    assert found.cost == pytest.approx(2.5 * scale, rel=1e-6)
