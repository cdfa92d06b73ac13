"""The search: two halves met in the middle, noise, nearness to the optimum, and time limits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from planlib.territories import assign
from planlib.territories.engine import sharing, steps
from planlib.territories.engine.bonus import integrality_bonus
from planlib.territories.engine.dual import priced_block
from planlib.territories.engine.exact import solve_exactly
from planlib.territories.engine.field import is_met
from planlib.territories.engine.gather_kernels import shaken
from planlib.territories.engine.meet_kernels import fill_half, list_half, make_halves, meet
from planlib.territories.engine.prices import find_prices
from planlib.territories.engine.request import make_request as engine_request
from planlib.territories.engine.sharing import make_sharing
from tests.test_territories_engine import assert_within, loads_of, make_market, make_request

DIMS = 4


def make_flips(seed: int, count: int, items: int) -> tuple[np.ndarray, ...]:
    """Make random flips: regret, change of cost, shift of loads, and the item each one moves."""
    draw = np.random.default_rng([seed, count])
    key = draw.random(count)
    return key, key + draw.normal(0, 0.5, count), draw.normal(0, 1, (count, DIMS)), draw.integers(
        0, items, count
    )  # fmt: skip


def subsets_of(flips: list[int], key: np.ndarray, item: np.ndarray, ceiling: float) -> set[tuple]:
    """Give every subset with a regret below the ceiling that moves no item twice."""
    chosen = itertools.chain.from_iterable(
        itertools.combinations(flips, size) for size in range(len(flips) + 1)
    )
    return {
        one
        for one in chosen
        if key[list(one)].sum() < ceiling and len({*item[list(one)]}) == len(one)
    }


def listed(halves: tuple[np.ndarray, ...], side: int, count: int) -> list[tuple]:
    """Read the subsets of one half back, as sorted flips."""
    found = []
    for at in range(count):
        flips, here = [], at
        while halves[2][side, 0, here] >= 0:
            flips.append(int(halves[2][side, 1, here]))
            here = halves[2][side, 0, here]
        found.append(tuple(sorted(flips)))
    return found


def half_of(halves: tuple[np.ndarray, ...], side: int) -> tuple[np.ndarray, ...]:
    """Give the arrays of one half as the kernels take them."""
    return (*halves[0][side], halves[1][side], *halves[2][side])


@pytest.mark.parametrize("seed", range(5))
def test_a_half_lists_every_subset_once(seed):
    """All subsets below the ceiling are listed, each once, with its regret, cost and loads."""
    key, raw, move, item = make_flips(seed, 9, 5)
    flips = np.argsort(key)
    halves = make_halves(600, DIMS)
    used = np.zeros(5, dtype=np.bool_)
    count = list_half(flips, key, raw, move, item, 1.2, half_of(halves, 0), used)
    found = listed(halves, 0, count)
    assert sorted(found) == sorted(subsets_of(list(range(9)), key, item, 1.2))
    for at, one in enumerate(found):
        assert halves[0][0, 0, at] == pytest.approx(key[list(one)].sum())
        assert halves[0][0, 1, at] == pytest.approx(raw[list(one)].sum())
        assert halves[1][0, at] == pytest.approx(move[list(one)].sum(axis=0))
    assert not used.any()


def test_a_half_too_large_is_listed_up_to_the_regret_that_fits():
    """Where there is no room for all subsets, those of the smallest regrets are there, complete."""
    key, raw, move, item = make_flips(1, 14, 14)
    flips = np.argsort(key)
    halves = make_halves(50, DIMS)
    used = np.zeros(14, dtype=np.bool_)
    count, _ = fill_half(flips, key, raw, move, item, 10.0, half_of(halves, 0), used)
    found = listed(halves, 0, count)
    highest = max(key[list(one)].sum() for one in found)
    assert 12 < count <= 50
    assert set(found) == subsets_of(list(range(14)), key, item, np.nextafter(highest, 9))


@pytest.mark.parametrize(("ceiling", "regret"), [(1e12, 0.1), (1.0, 0.0)])
def test_a_half_of_any_regrets_lists_only_subsets(ceiling, regret):
    """A ceiling far above all regrets, and regrets that do not differ, give true subsets."""
    key, raw, move, item = make_flips(2, 6 if regret else 12, 12)
    key = key * 0 + regret
    halves = make_halves(100, DIMS)
    halves[2][:] = -7  # what nothing has written
    used = np.zeros(12, dtype=np.bool_)
    flips = np.arange(len(key))
    count, _ = fill_half(flips, key, raw, move, item, ceiling, half_of(halves, 0), used)
    found = listed(halves, 0, count)
    assert count == len(set(found)) == (len(subsets_of([*flips], key, item, 9)) if regret else 100)
    assert all(len({*item[list(one)]}) == len(one) for one in found)
    assert (halves[2][0, 0, 1:count] >= 0).all()


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_pair_within_the_box_is_met(seed):
    """The pair that is found is the cheapest of all pairs within the limits, by brute force."""
    draw = np.random.default_rng(seed)
    halves = make_halves(200, DIMS)
    counts = []
    for side in range(2):
        key, raw, move, item = make_flips(10 * seed + side, 8, 8)
        used = np.zeros(8, dtype=np.bool_)
        part = half_of(halves, side)
        counts.append(fill_half(np.argsort(key), key, raw, move, item, 2.0, part, used)[0])
    price = draw.normal(0, 0.3, DIMS) * (draw.random(DIMS) < 0.7)
    width = draw.uniform(0.5, 3, DIMS)
    low = -width * draw.random(DIMS) + 0.3 * draw.normal(0, 1, DIMS)
    high = low + width
    # inside the box the cost is the regret and the price of the distance from the priced limits
    for side in range(2):
        part, count = halves[0][side], counts[side]
        part[1, :count] = part[0, :count] - halves[1][side, :count] @ price
    base = float(np.where(price > 0, price * high, price * low).sum())
    box = (low, high, price)
    first, second, _ = meet(halves, (counts[0], counts[1]), box, base, 5.0)
    best, where = 5.0, (-1, -1)
    for a, b in itertools.product(range(counts[0]), range(counts[1])):
        total = halves[1][0, a] + halves[1][1, b]
        value = base + halves[0][0, 1, a] + halves[0][1, 1, b]
        if value < best and (total >= low).all() and (total <= high).all():
            best, where = value, (a, b)
    assert (first, second) == where


def test_noise_is_gumbel_noise():
    """Shaken regrets have the mean and the spread of Gumbel noise of the heat asked for."""
    values = np.array([shaken(1.0, arc, (7, 0.0, 0.5)) for arc in range(20_000)])
    assert values.mean() == pytest.approx(1.0 - 0.5 * np.euler_gamma, abs=0.02)
    assert values.std() == pytest.approx(0.5 * np.pi / 6**0.5, abs=0.02)


@pytest.mark.parametrize("seed", range(4))
def test_the_search_is_near_the_optimum(seed):
    """Where an exact solver can tell, the plan of the search costs at most 0.3 % more."""
    request = make_market(seed, 60, 5, tolerance=0.1)
    given = engine_request(**request, options={})
    items, reps = np.nonzero(np.isfinite(given.matrix))
    exact = solve_exactly(given, items, reps, work=20.0)
    found = assign(**request)
    assert_within(request, found)
    assert found.cost <= exact.bound * 1.003


@pytest.mark.parametrize("seed", range(40))
def test_no_plan_is_taken_for_impossible(seed):
    """An exact solver never says that there is no plan where one is hidden in tight limits."""
    request = make_request(seed, 30, 4, tolerance=0.05)
    hidden = np.random.default_rng(seed).integers(0, 4, 30)
    held = np.stack([np.bincount(hidden, one, minlength=4) for one in request["load"]])
    request |= {"lower": held * (1 - 1e-9), "upper": held * (1 + 1e-9)}
    given = engine_request(**request, options={})
    items, reps = np.nonzero(np.isfinite(given.matrix))
    found = solve_exactly(given, items, reps, work=0.3, seed=seed)
    assert found.status != "infeasible"
    tight = solve_exactly(given, items, reps, work=0.3, seed=seed, tightened=True)
    assert tight.rep is None or is_met(given, tight.rep[given.item_of])


@pytest.mark.parametrize("items", [60, 400])
def test_a_time_limit_that_is_over_at_once_still_gives_an_answer(items):
    """A limit that ends before the search began gives a plan, and says what it misses."""
    request = make_market(2, items)
    found = assign(**request, time_limit=1e-6)
    assert len(found.rep) == items
    assert found.status in ("feasible", "optimal") or found.violations


@pytest.mark.parametrize(("items", "reps", "kind"), [
    (300, 20, "equal"), (300, 20, "planted"), (3000, 80, "equal"),
])  # fmt: skip
def test_reps_who_cost_the_same_share_what_there_is(items, reps, kind):
    """Where only balance counts, no rep and no account stands for all others: there is a plan."""
    draw = np.random.default_rng(5)
    load = draw.lognormal(0, 0.6, (2, items))
    hidden = draw.integers(0, reps, items)
    target = np.stack([np.bincount(hidden, one, minlength=reps) for one in load])
    if kind == "equal":
        target = np.repeat(load.sum(axis=1)[:, None] / reps, reps, axis=1)
    request = {"cost": np.repeat(load[:1].T, reps, axis=1), "load": load, "lower": 0.95 * target,
               "upper": 1.05 * target}  # fmt: skip
    found = assign(**request)
    assert_within(request, found)
    assert found.cost == pytest.approx(load[0].sum())


@pytest.mark.parametrize("time_limit", [1e-6, None])
def test_no_way_round_is_begun_once_the_time_is_over(time_limit, monkeypatch):
    """A request without a plan is priced once within a limit that is over, else again."""
    request = make_market(3, 60, 6, tolerance=1e-13)
    priced = []

    def counted(*args, **options):
        priced.append(options.get("warm"))
        return find_prices(*args, **options)

    monkeypatch.setattr(steps, "find_prices", counted)
    monkeypatch.setattr(steps, "_REPAIR", 0)
    monkeypatch.setattr(steps, "_AT_ONCE", 0)
    found = assign(**request, time_limit=time_limit, effort="quick")
    assert found.status == "unresolved"
    assert found.violations
    assert [warm is not None for warm in priced] == (
        [False, True] if time_limit is None else [False]
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_bonus_stays_below_every_plan_and_grows_with_rounds(seed):
    """Bound and bonus never exceed the optimum, and more ways of sharing never give less."""
    request = make_request(seed, 8, 3, tolerance=0.15)
    given = engine_request(**request, options={})
    best, plan = np.inf, None
    for one in itertools.product(range(3), repeat=8):
        rep = np.array(one)
        if is_met(given, rep) and given.cost(rep) < best:
            best, plan = given.cost(rep), rep
    if plan is None:
        pytest.skip("no plan is within these limits")
    priced = find_prices(given, seed=0, pool=None)
    bonus = [
        integrality_bonus(given, priced.prices, priced.scale, plan, rounds=rounds).total
        for rounds in (1, 3, 30)
    ]
    assert priced.bound + bonus[-1] <= best * (1 + 1e-9)
    assert bonus == sorted(bonus)
    assert bonus[0] >= 0


@pytest.mark.parametrize("most", [10, 40, 400])
def test_the_bonus_lists_no_more_arcs_than_it_may(monkeypatch, most):
    """Where nearly every pair is near, fewer are listed; what they prove is below every plan."""
    request = make_request(4, 300, 6, tolerance=0.1)
    given = engine_request(**request, options={})
    plan = assign(**request, effort="quick")
    assert plan.status in {"feasible", "optimal"}
    priced = find_prices(given, seed=0, pool=None)
    dear = np.where(np.arange(300) % 5 == 0, (plan.rep + 1) % 6, plan.rep)
    parts = (given, priced.prices, priced.scale, dear)
    whole = make_sharing(*parts, None)
    monkeypatch.setattr(sharing, "_ARCS", most)
    fewer = make_sharing(*parts, None)
    assert len(whole.item) > 400
    assert len(fewer.item) <= max(most, 1)
    assert (fewer.reach <= whole.reach).all()
    bonus = integrality_bonus(*parts, rounds=3).total
    assert 0 <= bonus <= plan.cost - priced.bound + 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_many_rounds_of_the_bonus_reach_the_bound_of_whole_territories(seed):
    """With bonus the bound comes near the relaxation in which a rep has parts of whole sets."""
    request = make_request(seed, 8, 3, tolerance=0.15)
    given = engine_request(**request, options={})
    sets = np.array(list(itertools.product([0, 1], repeat=8)))
    costs, rows, owners = [], [], []
    for rep in range(3):
        loads = sets @ request["load"].T
        inside = (loads <= request["upper"][:, rep]) & (loads >= request["lower"][:, rep])
        kept = sets[inside.all(axis=1)]
        costs.append(kept @ request["cost"][:, rep])
        rows.append(kept)
        owners.append(np.full(len(kept), rep))
    matrix = np.vstack([np.vstack(rows).T, np.eye(3)[:, np.concatenate(owners)]])
    relaxed = linprog(np.concatenate(costs), A_eq=matrix, b_eq=np.ones(11))
    plans = [np.array(one) for one in itertools.product(range(3), repeat=8)]
    plans = [one for one in plans if is_met(given, one)]
    if not plans:
        pytest.skip("no plan is within these limits")
    best = min(plans, key=given.cost)
    priced = find_prices(given, seed=0, pool=None)
    bonus = integrality_bonus(given, priced.prices, priced.scale, best, rounds=60).total
    assert priced.bound + bonus <= relaxed.fun * (1 + 1e-7)
    assert priced.bound + bonus >= relaxed.fun - 0.1 * (relaxed.fun - priced.bound) - 1e-6


@pytest.mark.parametrize("rounds", [1, 30])
@pytest.mark.parametrize("seed", range(6))
def test_an_arc_costs_what_the_bonus_says_in_every_plan(seed, rounds):
    """No plan with an arc is cheaper than bound, bonus, and what the arc adds to them."""
    request = make_request(seed, 8, 3, tolerance=0.15)
    given = engine_request(**request, options={})
    plans = [np.array(one) for one in itertools.product(range(3), repeat=8)]
    plans = [one for one in plans if is_met(given, one)]
    if not plans:
        pytest.skip("no plan is within these limits")
    costs = np.array([given.cost(one) for one in plans])
    priced = find_prices(given, seed=0, pool=None)
    best = plans[int(costs.argmin())]
    bonus = integrality_bonus(given, priced.prices, priced.scale, best, rounds=rounds)
    block, least, _ = priced_block(given, priced.prices, 0, 8)
    items, reps = np.repeat(np.arange(8), 3), np.tile(np.arange(3), 8)
    more = bonus.further(items, reps, (block - least[:, None])[items, reps])
    for item, rep, extra in zip(items, reps, more, strict=True):
        with_arc = costs[[one[item] == rep for one in plans]]
        if len(with_arc):
            said = priced.bound + bonus.total + extra
            assert said <= with_arc.min() * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_one_lock_on_a_good_plan_changes_few_other_accounts(seed):
    """Where changes are charged dearly, a plan that one lock disturbs is mended, not made anew."""
    request = make_market(seed, 400, 12, tolerance=0.1)
    base = assign(**request)
    fixed = np.full(400, -1)
    away = np.argsort(request["cost"], axis=1)
    item = int(np.argmax(request["load"][0] < np.median(request["load"][0])))
    fixed[item] = away[item, 1] if away[item, 0] == base.rep[item] else away[item, 0]
    charge = 3.0 * float(np.median(request["cost"]))
    found = assign(**request, fixed=fixed, previous=base.rep, change_cost=charge)
    loads = loads_of(request, found.rep)
    assert (loads <= request["upper"]).all()
    assert (loads >= request["lower"]).all()
    assert found.rep[item] == fixed[item]
    assert found.changed - 1 <= 4
