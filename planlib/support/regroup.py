"""Plan a few experts anew, again and again, each by the best set of requests."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.support.market import Market
from planlib.support.pricing import Offers, best_set, offers_of
from planlib.xorshift import next_random, start_random

_LEAST, _SIZES = 2, 3  # experts that are planned anew at once: two, three, four, and again
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
    offers = offers_of(market, market.fixed)  # beside what people have set
    is_fixed = market.fixed >= 0
    least = market.least_small
    best: np.ndarray = _regroup(offers, market.eligible, is_fixed, plan, (least, rounds, seed))
    return best


@compiled
def _regroup(
    offers: Offers,
    eligible: np.ndarray,
    is_fixed: np.ndarray,
    plan: np.ndarray,
    how: tuple[int, int, int],
) -> np.ndarray:
    """Do the trials; ``how`` are the minimum of small accounts, how often, and the seed."""
    least, rounds, seed = how
    requests, experts = eligible.shape
    state = np.empty(1, dtype=np.uint64)
    start_random(state, seed, 0)
    best, trial, share = plan.copy(), plan.copy(), np.ones(requests)
    worth, group = _worth(offers, plan)[0], np.arange(experts)
    in_group = np.zeros(experts, dtype=np.bool_)
    for turn in range(rounds):
        size = min(_LEAST + turn % _SIZES, experts)
        in_group[:] = False
        for place in range(size):
            other = place + int(next_random(state) * (experts - place))
            group[place], group[other] = group[other], group[place]
            in_group[group[place]] = True
        for one in range(requests):
            share[one] = 1.0 + _NOISE * (2.0 * next_random(state) - 1.0) if turn % 2 else 1.0
            is_taken = best[one] >= 0 and in_group[best[one]] and not is_fixed[one]
            trial[one] = -1 if is_taken else best[one]
        for place in range(size):
            _choose(offers, eligible, group[place:size], share, trial)
        found, small = _worth(offers, trial)
        if found >= worth and small >= least:
            best[:], worth = trial, found
    return best


@compiled
def _worth(offers: Offers, plan: np.ndarray) -> tuple[float, int]:
    """Give the gain of a plan in cents, and the minutes of small accounts that it serves."""
    worth, small = 0.0, 0
    for one in range(len(plan)):
        if plan[one] >= 0:
            worth += offers.gain[one]
            small += offers.minutes[one, plan[one]] if offers.small[one] else 0
    return worth, small


@compiled
def _choose(
    offers: Offers, eligible: np.ndarray, group: np.ndarray, share: np.ndarray, plan: np.ndarray
) -> None:
    """Give the first expert of a group the best of the requests that nobody serves in a plan.

    A request counts with a share of its gain, and less for each of the others who could serve it.
    """
    expert = group[0]
    able = offers.able[offers.start[expert] : offers.start[expert + 1]]
    asked, value = np.empty(len(able), dtype=np.int64), np.empty(len(able))
    need, count = np.empty(len(able), dtype=np.int64), 0
    for one in able:
        if plan[one] < 0:
            later = 0
            for other in group[1:]:
                later += int(eligible[one, other])
            asked[count], need[count] = one, offers.minutes[one, expert]
            value[count] = offers.gain[one] * share[one] / (1.0 + _YIELD * later)
            count += 1
    if not count:
        return
    asked, value, need = asked[:count], value[:count], need[:count]
    order = np.argsort(-value / need, kind="mergesort")
    asked, need = asked[order], need[order]
    value = value[order] / value.max()
    chosen = best_set(
        value, need, offers.first[asked], offers.last[asked], offers.left[expert].copy(), _NODES
    )[0]
    for place in np.flatnonzero(chosen):
        plan[asked[place]] = expert
