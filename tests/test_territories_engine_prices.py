"""Prices of the engine: passes against brute force, curvature, and bounds against HiGHS."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from planlib.territories.engine import newton, prices
from planlib.territories.engine.arcs import all_arcs
from planlib.territories.engine.dual import Prices, SmoothDual, scale_of, typical_of, weights_of
from planlib.territories.engine.passes import exact_bound, look
from planlib.territories.engine.request import Request, make_request


class Rows:
    """A matrix that is only given block by block."""

    def __init__(self, cost: np.ndarray) -> None:
        self.cost, self.shape = cost, cost.shape

    def rows(self, first: int, last: int) -> np.ndarray:
        """Give a range of rows."""
        return self.cost[first:last]


def make_asked(items: int = 300, reps: int = 12, *, seed: int = 1, kind: str = "plain") -> Request:
    """Accounts and reps on a map; one rep is far from everybody, some pairs are forbidden."""
    draw = np.random.default_rng([seed, items, reps])
    place, home = draw.random((items, 2)), draw.random((reps, 2))
    home[0] = 4.0, 4.0
    load = draw.lognormal(0, 0.8, (2, items))
    away = np.sqrt(((place[:, None] - home[None]) ** 2).sum(axis=2))
    cost = load[0][:, None] * away
    cost[draw.random(cost.shape) < 0.03] = np.inf
    options: dict[str, Any] = {}
    if kind == "by rep":
        load = load[:, :, None] * draw.uniform(0.8, 1.25, (2, items, reps))
    if kind == "budget":
        owner = draw.integers(-1, reps, items)
        stake = draw.random((2, items))
        options = {"owner": owner, "stake": stake, "budget": np.array([0.6 * items * 0.5, np.inf])}
    total = load.mean(axis=2) if load.ndim == 3 else load
    target = np.repeat(total.sum(axis=1)[:, None] / reps, reps, axis=1)
    return make_request(Rows(cost), load, 0.9 * target, 1.1 * target, options)


def linear_bound(request: Request) -> float:
    """Solve the linear relaxation with HiGHS."""
    cost = request.block(0, request.items)
    item, rep = np.nonzero(np.isfinite(cost))
    load, stake = request.arc_load(item, rep), request.arc_stake(item, rep)
    arc = np.arange(len(item))
    one = coo_matrix((np.ones(len(arc)), (item, arc))).tocsr()
    rows = [coo_matrix((load[:, k], (rep, arc)), (request.reps, len(arc))) for k in (0, 1)]
    finite = np.isfinite(request.budget)
    above = [*rows, *(-row for row in rows), *(stake[:, [g]].T for g in np.flatnonzero(finite))]
    most = [*request.upper, *(-request.lower), *(np.array([one]) for one in request.budget[finite])]
    found = linprog(
        cost[item, rep], A_eq=one, b_eq=np.ones(request.items), bounds=(0, None), method="highs",
        A_ub=np.vstack([getattr(part, "toarray", lambda part=part: part)() for part in above]),
        b_ub=np.concatenate(most),
    )  # fmt: skip
    return float(found.fun)


@pytest.mark.parametrize("kind", ["plain", "by rep", "budget"])
def test_a_pass_finds_what_sorting_finds(kind: str) -> None:
    """Least priced costs, best reps and items of least regret are those of the whole matrix."""
    request = make_asked(200, 7, kind=kind)
    draw = np.random.default_rng(0)
    asked = Prices(
        load=draw.normal(0, 0.3, (2, 7)), budget=np.abs(draw.normal(0, 0.3, len(request.budget)))
    )
    cost = request.block(0, 200)
    item, rep = np.nonzero(np.isfinite(cost))
    priced = np.full(cost.shape, np.inf)
    priced[item, rep] = (
        cost[item, rep] + (request.arc_load(item, rep) * asked.load[:, rep].T).sum(axis=1)
        + request.arc_stake(item, rep) @ asked.budget
    )  # fmt: skip
    weight = draw.uniform(0.5, 2, 200)
    found = look(request, asked, weight=weight, best=3, per_rep=5)
    assert np.allclose(found.least, priced.min(axis=1))
    assert (found.near == np.argsort(priced, axis=1)[:, :3]).all()
    regret = (priced - priced.min(axis=1, keepdims=True)) / weight[:, None]
    regret[np.arange(200), priced.argmin(axis=1)] = np.inf  # what is its own a rep does not take
    kept = np.take_along_axis(regret.T, found.into, axis=1)
    assert np.allclose(kept, np.sort(regret.T, axis=1)[:, :5])
    assert (found.into_cost == np.take_along_axis(cost.T, found.into, axis=1)).all()


@pytest.mark.parametrize("kind", ["plain", "by rep", "budget"])
def test_gradient_and_curvature_are_those_of_the_value(kind: str) -> None:
    """Differences of value and gradient agree with gradient, matrix and products."""
    request = make_asked(60, 5, kind=kind)
    arcs = all_arcs(request)
    dual = SmoothDual(request, arcs, scale_of(request, typical_of(arcs, weights_of(request))))
    draw = np.random.default_rng(3)
    x, move = draw.normal(0, 0.5, (2, len(dual.unit)))
    tau, step = 2.0, 1e-5
    point = dual.at(x, tau)
    more, less = dual.at(x + step * move, tau), dual.at(x - step * move, tau)
    assert point.gradient @ move == pytest.approx((more.value - less.value) / (2 * step), rel=1e-6)
    curved = dual.curved(point, move)
    change = (less.gradient - more.gradient) / (2 * step)
    assert np.allclose(curved, change, rtol=0.05, atol=0.02 * np.abs(change).max())
    matrix = dual.matrix(point)
    assert np.allclose(matrix @ move, curved)
    corner, rest = dual.corners(point)
    assert np.allclose(np.r_[np.einsum("jkk->jk", corner).ravel(), rest], np.diag(matrix))


@pytest.mark.parametrize("kind", ["plain", "by rep", "budget"])
def test_prices_by_rounds_prove_the_linear_bound(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a sample and few arcs, and without a matrix, prices still prove the bound of the LP."""
    request = make_asked(kind=kind)
    exact = linear_bound(request)
    monkeypatch.setattr(prices, "_ALL", 0)
    monkeypatch.setattr(prices, "_PER_REP", (8, 8))
    monkeypatch.setattr(prices, "_BEST", 3)
    monkeypatch.setattr(prices, "_INTO", 4)
    for matrix in (0, 600):
        monkeypatch.setattr(newton, "_MATRIX", matrix)
        found = prices.find_prices(request, seed=0, pool=None)
        assert exact * (1 - 5e-4) <= found.bound <= exact * (1 + 1e-9)
        assert exact_bound(request, found.prices) == pytest.approx(found.bound, rel=1e-12)


def test_chance_says_which_of_equal_arcs_a_pass_keeps() -> None:
    """Where all reps cost the same, no rep and no item is kept more often for its number."""
    items, reps = 2000, 40
    load = np.ones((1, items))
    limit = np.full((1, reps), items / reps)
    request = make_request(np.ones((items, reps)), load, 0.9 * limit, 1.1 * limit, {})
    none = Prices(load=np.zeros((1, reps)), budget=np.zeros(0))
    seen = look(request, none, weight=np.ones(items), best=4, per_rep=50, tie=1e-6)
    often = np.bincount(seen.near.ravel(), minlength=reps)
    assert often.min() > 0.5 * often.mean()
    assert abs(np.median(seen.into) - items / 2) < 0.1 * items
    assert len(np.unique(seen.into)) > 0.5 * min(items, reps * 50)


def test_damping_grows_by_what_a_failed_step_says_and_keeps_what_a_level_began_with() -> None:
    """A little too long a step is damped a little, a far too long one much; good ones ease it."""
    damping = newton.Damping(now=0.1, entry=5.0)
    damping.begin()
    assert damping.now == pytest.approx(1.0)  # not what the last level ended with
    grown = []
    for ratio in (0.2, -1.5, -1e6):
        one = newton.Damping(now=1.0)
        one.learn(ratio)
        grown.append(one.now)
    assert grown == [pytest.approx(3.0), pytest.approx(5.0), pytest.approx(30.0)]
    for ratio, after in ((0.5, 1.0), (0.9, 0.2)):
        one = newton.Damping(now=1.0)
        one.learn(ratio)
        assert one.now == pytest.approx(after)


def test_prices_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit: sums are taken in parts that no number of threads changes."""
    request = make_asked(5000, 50)
    monkeypatch.setattr(newton, "_MATRIX", 0)
    alone = prices.find_prices(request, seed=0, pool=None)
    for threads in (1, 3):
        with ThreadPoolExecutor(threads) as pool:
            other = prices.find_prices(request, seed=0, pool=pool)
        assert (other.prices.load == alone.prices.load).all()
        assert other.bound == alone.bound
        assert (other.seen.arcs.rep == alone.seen.arcs.rep).all()


def test_every_arc_looked_at_is_given_when_asked_for() -> None:
    """All arcs of the rounds hold the best ones, in order, each once."""
    request = make_asked(5000, 50)
    few = prices.find_prices(request, seed=0, pool=None).seen.arcs
    many = prices.find_prices(request, seed=0, pool=None, all_seen=True).seen.arcs
    keys = many.item * request.reps + many.rep
    assert (np.diff(keys) > 0).all()
    assert np.isin(few.item * request.reps + few.rep, keys).all()
    assert len(keys) > len(few.item)


def test_a_scale_of_costs_scales_the_prices() -> None:
    """Costs ten times as large give prices and a bound ten times as large."""
    request = make_asked(400, 10)
    large = replace(request, matrix=request.block(0, 400) * 10)
    found, other = (prices.find_prices(one, seed=0, pool=None) for one in (request, large))
    assert other.bound == pytest.approx(10 * found.bound, rel=1e-5)
