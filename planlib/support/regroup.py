"""Plan a few experts anew, again and again, each by the best set of requests; and a close bound."""

from __future__ import annotations

import numpy as np

from planlib.support.market import Market, Slack
from planlib.support.prices import Prices
from planlib.support.pricing import best_set

_GROUPS = (2, 3, 4)  # experts that are planned anew at once
_NOISE = 0.1  # share by which a gain is changed in every second trial, to leave a dead end
_YIELD = 0.15  # share by which a request is worth less for each later expert who could serve it
_NODES = 1_000  # of one expert in one trial
_BOUND_NODES = 150_000  # of one expert for the bound


def regroup(market: Market, plan: np.ndarray, rounds: int, seed: int) -> np.ndarray:
    """
    Take all requests from a few experts, give them the best sets anew, and keep what is no worse.

    Parameters
    ----------
    market
        What is asked for and what there is.
    plan
        A plan that keeps everything; it stays as it is.
    rounds
        How often.
    seed
        Of the draws: which experts, in which order.
    """
    rng = np.random.default_rng(seed)
    base = _without_held(market)
    best, worth = plan.copy(), market.worth(plan)
    for turn in range(rounds):
        size = min(_GROUPS[turn % len(_GROUPS)], market.experts)
        group = rng.choice(market.experts, size, replace=False)
        gain = market.gain.astype("float64")
        if turn % 2:
            gain = gain * rng.uniform(1 - _NOISE, 1 + _NOISE, market.requests)
        trial = best.copy()
        trial[np.isin(trial, group) & (market.fixed < 0)] = -1
        for place, expert in enumerate(group.tolist()):
            later = market.eligible[:, group[place + 1 :]].sum(axis=1)
            able = np.flatnonzero((trial < 0) & market.eligible[:, expert])
            value = gain[able] / (1 + _YIELD * later[able])
            trial[_choose(market, base, expert, (able, value), _NODES)[0]] = expert
        found = market.worth(trial)
        if found >= worth and market.small_minutes(trial) >= market.least_small:
            best, worth = trial, found
    return best


def closer_bound(market: Market, prices: Prices, effort: float = 1.0) -> float:
    """
    Give a bound in cents in which no expert serves half a request.

    Requests are sold at the prices of the relaxed plan, and each expert alone buys the best set
    (Lagrangian relaxation; Geoffrion 1974). What all of them earn, with the prices, bounds every
    plan; it is never above the relaxed plan but for rounding.
    """
    base, gain = _without_held(market), market.gain.astype("float64")
    held = np.flatnonzero(market.fixed >= 0)
    cost = prices.cost(market)
    free = (market.fixed < 0) & np.isfinite(cost)
    price = np.where(free, np.maximum(gain - np.where(free, cost, 0.0), 0.0), 0.0)
    mine = held[market.small[held]]
    small = float(market.least_small - market.minutes[mine, market.fixed[mine]].sum())
    nodes = max(1, round(_BOUND_NODES * effort))
    total = float(gain[held].sum() + price.sum()) - prices.small * max(small, 0.0)
    for expert in range(market.experts):
        able = np.flatnonzero(market.eligible[:, expert] & (market.fixed < 0))
        bonus = prices.small * market.minutes[able, expert] * market.small[able]
        value = gain[able] - price[able] + bonus
        paid = value > 0
        total += _choose(market, base, expert, (able[paid], value[paid]), nodes)[1]
    return total


def _without_held(market: Market) -> Slack:
    """Give what is left when only what people have set is served."""
    slack = Slack(market.room)
    for request in np.flatnonzero(market.fixed >= 0).tolist():
        expert = int(market.fixed[request])
        slack.take(
            expert, int(market.first[request]), int(market.last[request]),
            int(market.minutes[request, expert]),
        )  # fmt: skip
    return slack


def _choose(
    market: Market,
    base: Slack,
    expert: int,
    offer: tuple[np.ndarray, np.ndarray],
    nodes: int,
) -> tuple[np.ndarray, float]:
    """Give the requests that an expert takes of those on offer, and a bound on their value."""
    able, value = offer
    if not len(able):
        return able, 0.0
    need = market.minutes[able, expert]
    order = np.lexsort((able, -value / need))
    able, need = able[order], need[order]
    scale = float(value.max()) or 1.0
    chosen, _, bound, _ = best_set(
        value[order] / scale, need, market.first[able], market.last[able],
        base.left[expert].copy(), nodes,
    )  # fmt: skip
    return able[chosen], bound * scale
