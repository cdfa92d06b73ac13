"""A plan and a bound by columns: dives from the settled prices, then parts of the plan anew."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from planlib.support.columns import Columns
from planlib.support.market import Market
from planlib.support.prices import Prices
from planlib.support.regroup import regroup

_FIRST, _AGAIN, _ANEW = 80, 30, 15  # rounds of prices: at first, after a bound, for a part anew
_FIRST_NODES = 10_000  # of one expert in the first rounds of prices
_NODES = (20_000, 200_000, 5_000_000)  # of one expert for a bound, again and again
_SWEEPS = 200  # for the weights of sets, when prices are found closely
_MORE_NODES = 50_000  # of one expert in later rounds of prices
_GROWTH = (2.0, 3.0, 4.0, 6.0)  # of the steps of prices from hold to hold, one for each dive
#: Dives until one has the minimum of small accounts; times what was missed that the next aims at.
_TRIES, _BEYOND = 5, 1
_REGROUPS = 1_500  # trials with a few experts after a dive
_GROUP, _PARTS = 15, 10  # experts who are planned anew together, and how often, after each dive


def by_columns(
    market: Market,
    plan: np.ndarray,
    prices: Prices,
    effort: float = 1.0,
    *,
    meanwhile: Callable[[], np.ndarray] | None = None,
    is_bounded: bool = True,
) -> tuple[np.ndarray, float]:
    """
    Give a plan and a bound by columns; two threads share the work.

    Parameters
    ----------
    market
        What is asked for and what there is, without teams.
    plan
        A plan that keeps everything; it stays as it is.
    prices
        The relaxed plan: what requests cost to begin with.
    effort
        Multiple of the usual work, which is counted.
    meanwhile
        Gives another plan that keeps everything while prices settle.
    is_bounded
        Whether a bound is asked for.

    Returns
    -------
    tuple
        The best of the plans found and given; a bound in cents, infinite where none is asked for.
    """
    other = meanwhile or plan.copy
    state = Columns(market, plan, prices)
    if not state.waiting or not state.free.any():
        return plan.copy(), float(market.gain[market.fixed >= 0].sum())
    with ThreadPoolExecutor(max_workers=2) as pool:
        moved = pool.submit(other)
        state.each = pool.map
        _settle(state, effort)
        state.each = map  # from here on each thread has work of its own
        best = max((plan, moved.result()), key=market.rank)
        has_minimum, worth = market.rank(best)
        if has_minimum and worth >= np.floor(prices.bound):
            return best, prices.bound
        bounded = pool.submit(_bound, state.copy(), effort) if is_bounded else None
        chains = [
            pool.submit(_chain, state, best, growth, (seed, effort))
            for seed, growth in enumerate(_GROWTH)
        ]
        found = [best, *(one.result() for one in chains)]
        bound = bounded.result() if bounded else np.inf
        return max(found, key=market.rank).copy(), bound


def _settle(state: Columns, effort: float) -> None:
    """Find the best prices, in the end with better sets; the first prices give a bound as well."""
    state.bound = state.copy().close(_counted(_NODES[1], effort))
    state.settle(_FIRST, _counted(_FIRST_NODES, effort))
    state.close(_counted(_NODES[0], effort))
    state.settle(_AGAIN, _counted(_MORE_NODES, effort))


def _bound(state: Columns, effort: float) -> float:
    """Give a bound at prices that are found more closely, with the sets found on the way to it."""
    state.bundle.sweeps = _SWEEPS
    state.close(_counted(_NODES[1], effort))
    state.settle(_AGAIN, _counted(_MORE_NODES, effort))
    return state.close(_counted(_NODES[2], effort))


def _counted(work: int, effort: float) -> int:
    """Give a multiple of some work."""
    return max(1, round(work * effort))


def _chain(state: Columns, plan: np.ndarray, growth: float, work: tuple[int, float]) -> np.ndarray:
    """Give the best of a plan and of a dive, with parts of it anew."""
    market, (seed, effort) = state.market, work
    found, missing = plan, 0
    for _ in range(_TRIES):
        again = state.copy()
        again.small += missing
        found = again.dive(growth)
        short = market.least_small - market.small_minutes(found)
        if short <= 0:
            break
        missing += _BEYOND * short
    if market.small_minutes(found) >= market.least_small:
        found = regroup(market, found, _counted(_REGROUPS, effort), seed=seed)
        plan = max((plan, found), key=market.rank)
    return renew(state, plan, _counted(_PARTS, effort), (growth, seed))


def renew(state: Columns, plan: np.ndarray, rounds: int, how: tuple[float, int]) -> np.ndarray:
    """
    Plan a part of the experts anew, again and again, by a dive among them alone.

    Parameters
    ----------
    state
        Sets and prices that have settled; it stays as it is.
    plan
        A plan that keeps everything; it stays as it is.
    rounds
        How often.
    how
        Growth of the steps of prices; seed of the draws of experts.
    """
    market, (growth, seed) = state.market, how
    rng = np.random.default_rng(seed)
    able = market.eligible.astype("float64")
    shared = able.T @ able  # requests that two experts could serve
    best, parts = plan, rounds if len(state.waiting) > _GROUP else 0  # else the dive was the same
    for _ in range(parts):
        near = shared[rng.integers(market.experts)] * rng.uniform(0.5, 1.0, market.experts)
        group = np.argsort(-near, kind="stable")[:_GROUP]
        part, mine = state.copy(), (best >= 0) & (market.fixed < 0)
        sets = [np.flatnonzero(mine & (best == one)) for one in range(market.experts)]
        part.give([(one, sets[one]) for one in state.waiting if one not in group])
        part.bundle.add(part.cuts([(one, sets[one]) for one in part.waiting]))
        part.climb.length *= growth
        if part.settle(_ANEW) < market.worth(best) + 0.5:
            continue
        found = part.dive(growth, least=market.worth(best))
        if market.small_minutes(found) >= market.least_small:
            best = max((best, found), key=market.rank)
    return best
