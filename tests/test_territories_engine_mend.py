"""Mending: the cheapest short chains, against all there are; limits, locks and few changes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from planlib.errors import ParameterError
from planlib.territories import assign
from planlib.territories.engine.ease_kernels import ease_territory
from planlib.territories.engine.mend_kernels import mend_territory
from tests.test_territories_engine import loads_of, make_market

ITEMS, REPS, MEASURES = 9, 3, 2


def make_state(seed: int) -> dict[str, np.ndarray]:
    """Make a plan of few items in which every change costs something, with one territory over."""
    draw = np.random.default_rng([seed, 9])
    rep = np.arange(ITEMS) % REPS
    cost = draw.random((ITEMS, REPS)) + 1.0
    cost[np.arange(ITEMS), rep] = 0.0
    load = draw.random((ITEMS, MEASURES)) + 0.5
    loads = np.zeros((REPS, MEASURES))
    np.add.at(loads, rep, load)
    upper = loads + 0.9
    upper[0] -= 1.05
    return {"rep": rep, "cost": cost, "load": load, "loads": loads, "lower": loads - 1.6,
            "upper": upper}  # fmt: skip


def outside_of(loads: np.ndarray, state: dict[str, np.ndarray]) -> np.ndarray:
    """Give by how much each territory is outside its limits."""
    over = np.maximum(loads - state["upper"], state["lower"] - loads)
    return np.asarray(np.maximum(over, 0.0).sum(axis=1))


def cheapest(state: dict[str, np.ndarray], length: int) -> float:
    """Try every set of that many items and every rep for each; give the least cost that mends."""
    goal = outside_of(state["loads"], state)
    goal[0], best = 0.0, np.inf
    for items in itertools.combinations(range(ITEMS), length):
        for reps in itertools.product(range(REPS), repeat=length):
            if (state["rep"][list(items)] == np.array(reps)).any():
                continue
            loads = state["loads"].copy()
            for i, j in zip(items, reps, strict=True):
                loads[state["rep"][i]] -= state["load"][i]
                loads[j] += state["load"][i]
            if (outside_of(loads, state) <= goal + 1e-9).all():
                best = min(best, state["cost"][list(items), list(reps)].sum())
    return float(best)


def mended(state: dict[str, np.ndarray], length: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Ask the kernel for a chain of that length; give its cost, its items and its reps."""
    item, rep = np.repeat(np.arange(ITEMS), REPS), np.tile(np.arange(REPS), ITEMS)
    arcs = (np.arange(ITEMS + 1) * REPS, item, rep.astype(np.int32), state["cost"].ravel(),
            state["load"][item], np.zeros((len(item), 0)))  # fmt: skip
    current = np.arange(ITEMS) * REPS + state["rep"]
    order = np.argsort(state["rep"], kind="stable")
    begin = np.searchsorted(state["rep"][order], np.arange(REPS + 1))
    beside = np.array([a for a in np.argsort(rep, kind="stable") if a not in set(current)])
    own = (begin, order, np.searchsorted(rep[beside], np.arange(REPS + 1)), beside)
    path, loads = np.zeros(length, dtype=np.int64), state["loads"].copy()
    before = current.copy()
    value, _ = mend_territory(
        0, 0.0, np.full(length, 1000), 10**7, arcs, own, (state["lower"], state["upper"]),
        (np.zeros(0), np.zeros(0)), (0.0, 1.0), current, loads, path,
    )  # fmt: skip
    assert np.array_equal(current, before)
    np.testing.assert_allclose(loads, state["loads"], atol=1e-12)
    return value, item[path], rep[path]


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11])  # 5 needs three changes
def test_the_cheapest_chain_is_found_among_all_there_are(seed):
    """Chains of one and of two changes cost what the cheapest of all pairs of changes costs."""
    state = make_state(seed)
    one, two = (mended(state, length) for length in (1, 2))
    assert np.isfinite(min(one[0], two[0]))
    assert one[0] == pytest.approx(cheapest(state, 1))
    assert min(one[0], two[0]) == pytest.approx(min(cheapest(state, 1), cheapest(state, 2)))


@pytest.mark.parametrize("seed", range(6))
def test_a_chain_brings_the_territory_within_limits(seed):
    """After the chain the territory is within its limits, and no other is farther outside."""
    state = make_state(seed)
    found = next((one for one in (mended(state, length) for length in (1, 2, 3))
                  if np.isfinite(one[0])), None)  # fmt: skip
    assert found is not None
    loads, rep = np.zeros_like(state["loads"]), state["rep"].copy()
    rep[found[1]] = found[2]
    np.add.at(loads, rep, state["load"])
    assert outside_of(loads, state)[0] == 0.0
    assert (outside_of(loads, state) <= outside_of(state["loads"], state)).all()


@pytest.mark.parametrize("seed", range(3))
def test_ten_locks_from_warm_prices_change_few_other_accounts(seed):
    """Ten locks on a good plan are kept, and at most two other accounts change for each."""
    request = make_market(seed, 2_000, 40, tolerance=0.05)
    base = assign(**request, effort="quick")
    items = np.random.default_rng(seed).choice(2_000, 10, replace=False)
    priced = request["cost"][items] + (base.prices.T @ request["load"][:, items]).T
    priced[np.arange(10), base.rep[items]] = np.inf
    fixed = np.full(2_000, -1)
    fixed[items] = priced.argmin(axis=1)
    charge = 3.0 * float(np.median(request["load"][0]))
    found = assign(**request, fixed=fixed, previous=base.rep, change_cost=charge, warm=base)
    loads = loads_of(request, found.rep)
    assert (loads <= request["upper"]).all()
    assert (loads >= request["lower"]).all()
    assert np.array_equal(found.rep[items], fixed[items])
    assert found.changed - 10 <= 20
    assert found.bound <= found.cost


def test_warm_prices_prove_a_bound_as_good_as_cold_ones():
    """Prices of the same request bring the bound back, and never one above the plan's cost."""
    request = make_market(5, 6_000, 40, tolerance=0.05)
    cold = assign(**request, effort="quick", workers=2)
    warm = assign(**request, effort="quick", workers=2, warm=cold)
    assert warm.bound == pytest.approx(cold.bound, rel=5e-4)
    assert warm.bound <= min(warm.cost, cold.cost)


def test_prices_of_another_request_are_refused():
    """An answer with another number of reps or measures cannot be a start."""
    small, large = make_market(1, 60, 3, tolerance=0.2), make_market(1, 60, 4, tolerance=0.2)
    with pytest.raises(ParameterError, match=r"warm: its prices must be \(2, 4\), found \(2, 3\)"):
        assign(**large, warm=assign(**small))


def best_move(state: dict[str, np.ndarray], base: float) -> float:
    """Try to give any item, take any, or both; give the least score of what brings 0 nearer."""
    before, best = outside_of(state["loads"], state), np.inf
    outs = [(i, j) for i in range(ITEMS) if state["rep"][i] == 0 for j in range(1, REPS)]
    ins = [(i, 0) for i in range(ITEMS) if state["rep"][i] != 0]
    for one in ((), *outs):
        for other in ((), *ins):
            if one and other and one[1] == state["rep"][other[0]]:
                continue
            loads, cost = state["loads"].copy(), 0.0
            for i, j in filter(None, (one, other)):
                loads[state["rep"][i]] -= state["load"][i]
                loads[j] += state["load"][i]
                cost += state["cost"][i, j]
            after = outside_of(loads, state)
            if after[0] < before[0] - 1e-9 and (after[1:] <= before[1:] + 1e-9).all():
                best = min(best, (cost + base) / (before[0] - after[0]))
    return best


def draw_room(seed: int) -> float:
    """Draw how much more the other territories may take: from nothing to more than any item."""
    return float(seed % 4) / 2


def eased(
    state: dict[str, np.ndarray], base: float = 0.1, budget: float = np.inf
) -> tuple[int, np.ndarray, np.ndarray]:
    """Ease territory 0; give the moves made, the rep of each item, and the loads."""
    item, rep = np.repeat(np.arange(ITEMS), REPS), np.tile(np.arange(REPS), ITEMS)
    current = np.arange(ITEMS) * REPS + state["rep"]
    stake = np.ones((len(item), 1))
    stake[current] = 0.0
    arcs = (np.arange(ITEMS + 1) * REPS, item, rep.astype(np.int32), state["cost"].ravel(),
            state["load"][item], stake)  # fmt: skip
    loads, used = state["loads"].copy(), np.zeros(1)
    made = ease_territory(
        0, np.flatnonzero(rep == 0), 1000, base, arcs, (state["lower"], state["upper"]),
        (np.array([budget]), used), current, loads,
    )  # fmt: skip
    assert used[0] == (current != np.arange(ITEMS) * REPS + state["rep"]).sum()
    return made, rep[current], loads


@pytest.mark.parametrize("seed", range(12))
def test_moves_bring_a_territory_nearer_until_none_does(seed):
    """No other territory goes farther outside, loads are those of the plan, and no move is left."""
    state = make_state(seed)
    state["upper"][1:] += draw_room(seed)
    made, rep, loads = eased(state)
    assert (made > 0) == (best_move(state, 1.0) < np.inf)
    summed = np.zeros_like(loads)
    np.add.at(summed, rep, state["load"])
    np.testing.assert_allclose(loads, summed, atol=1e-12)
    before, after = outside_of(state["loads"], state), outside_of(loads, state)
    assert after[0] < before[0] or made == 0
    assert (after[1:] <= before[1:] + 1e-9).all()
    rest = state | {"rep": rep, "loads": loads, "cost": state["cost"] * 0.0}
    assert after[0] == 0.0 or best_move(rest, 1.0) == np.inf


@pytest.mark.parametrize("seed", range(12))
def test_the_move_that_costs_least_for_what_it_brings_comes_first(seed):
    """Where two changes may be made, they are those of the best of all moves."""
    state, base = make_state(seed), 0.1
    state["upper"][1:] += 1.0
    made, rep, loads = eased(state, base, budget=2.0)
    moved = np.flatnonzero(rep != state["rep"])
    assert 1 <= len(moved) <= 2
    assert made == 1
    gain = outside_of(state["loads"], state)[0] - outside_of(loads, state)[0]
    score = (state["cost"][moved, rep[moved]].sum() + base) / gain
    assert score == pytest.approx(best_move(state, base))


def test_moves_keep_the_budget():
    """Without a budget for any change, there is none."""
    made, rep, _ = eased(make_state(0), budget=0.0)
    assert made == 0
    assert np.array_equal(rep, make_state(0)["rep"])
