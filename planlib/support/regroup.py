"""Plan a few experts anew, again and again, each by the best set of requests."""

from __future__ import annotations

import numpy as np

from planlib.support.market import Market, Slack, used
from planlib.support.pricing import best_set

_GROUPS = (2, 3, 4)  # experts that are planned anew at once
_NOISE = 0.1  # share by which a gain is changed in every second trial, to leave a dead end
_YIELD = 0.15  # share by which a request is worth less for each later expert who could serve it
_NODES = 1_000  # of one expert in one trial


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
    base = used(market, market.fixed)  # what is left beside what people have set
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
            trial[_choose(market, base, expert, (able, value))] = expert
        found = market.worth(trial)
        if found >= worth and market.small_minutes(trial) >= market.least_small:
            best, worth = trial, found
    return best


def _choose(
    market: Market, base: Slack, expert: int, offer: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Give the requests that an expert takes of those on offer, each with its value."""
    able, value = offer
    if not len(able):
        return able
    need = market.minutes[able, expert]
    order = np.lexsort((able, -value / need))
    able, need = able[order], need[order]
    scale = float(value.max()) or 1.0
    chosen: np.ndarray = best_set(
        value[order] / scale, need, market.first[able], market.last[able],
        base.left[expert].copy(), _NODES,
    )[0]  # fmt: skip
    taken: np.ndarray = able[chosen]
    return taken
