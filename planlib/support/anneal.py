"""Better plans by simulated annealing: requests move, and push others out, at random."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planlib.compiled import compiled
from planlib.support.market import Market, used
from planlib.xorshift import next_random

_WARM, _COLD = 0.1, 0.001  # temperature at the start and the end, as a multiple of the usual gain
_PUSHED = 3  # requests that make room for one, at most


class _Asked(NamedTuple):
    """Requests as arrays; ``experts[start[r]:start[r + 1]]`` may serve request r."""

    gain: np.ndarray
    minutes: np.ndarray
    first: np.ndarray
    last: np.ndarray
    small: np.ndarray
    fixed: np.ndarray
    start: np.ndarray
    experts: np.ndarray
    free: np.ndarray


def anneal(market: Market, plan: np.ndarray, moves: int, seed: int) -> np.ndarray:
    """
    Move requests to other experts, and push others out, better plans with a falling tolerance.

    A request that is pushed out moves to another expert who has the hours, else it is refused. A
    worse plan is taken with the probability exp(loss / temperature) (Kirkpatrick, Gelatt and
    Vecchi 1983); the best one that was seen is given.

    Parameters
    ----------
    market
        What is asked for and what there is.
    plan
        A plan that keeps everything; it stays as it is.
    moves
        How many moves are tried.
    seed
        Of the draws.
    """
    able = market.eligible.sum(axis=1)
    free = np.flatnonzero((market.fixed < 0) & (able > 0))
    if not len(free) or market.experts < 1:
        return plan.copy()
    asked = _Asked(
        gain=market.gain.astype("float64"), minutes=market.minutes, first=market.first,
        last=market.last, small=market.small, fixed=market.fixed,
        start=np.r_[0, able.cumsum()], experts=np.nonzero(market.eligible)[1], free=free,
    )  # fmt: skip
    usual = float(np.median(asked.gain[free]))
    best: np.ndarray = _anneal(
        asked, plan.copy(), used(market, plan).left,
        (market.small_minutes(plan), market.least_small), (usual * _WARM, usual * _COLD),
        moves, seed,
    )  # fmt: skip
    return best


@compiled
def _fits(left: np.ndarray, first: int, last: int, need: int) -> bool:
    """Tell whether minutes fit into a window of one expert."""
    for start in range(first, -1, -1):
        for end in range(last, left.shape[1]):
            if left[start, end] < need:
                return False
    return True


@compiled
def _draw(
    asked: _Asked, plan: np.ndarray, expert: int, span: tuple[int, int], state: np.ndarray
) -> int:
    """Draw one of the requests that an expert serves in a window and that may move; -1: none."""
    fixed = asked.fixed
    count, chosen = 0, -1
    for other in range(len(plan)):
        if plan[other] != expert or fixed[other] >= 0:
            continue
        if asked.first[other] <= span[1] and asked.last[other] >= span[0]:
            count += 1
            if next_random(state) * count < 1.0:
                chosen = other
    return chosen


@compiled
def _anneal(
    asked: _Asked,
    plan: np.ndarray,
    left: np.ndarray,
    small: tuple[int, int],
    heat: tuple[float, float],
    moves: int,
    seed: int,
) -> np.ndarray:
    """Do the moves; ``left`` is changed."""
    state = np.array([seed], dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    gain, minutes, first, last = asked.gain, asked.minutes, asked.first, asked.last
    start, experts, free = asked.start, asked.experts, asked.free
    served_small, least = small
    best, worth, top = plan.copy(), 0.0, 0.0
    pushed, came = np.empty(_PUSHED, np.int64), np.empty(_PUSHED, np.int64)
    cooling = np.log(heat[1] / heat[0])
    for turn in range(moves):
        one = free[int(next_random(state) * len(free))]
        lo, hi = start[one], start[one + 1]
        to, old = experts[lo + int(next_random(state) * (hi - lo))], plan[one]
        if to == old:
            continue
        need, count = minutes[one, to], 0
        change = gain[one] if old < 0 else 0.0
        change_small = minutes[one, to] if asked.small[one] else 0
        if old >= 0 and asked.small[one]:
            change_small -= minutes[one, old]
        if old >= 0:
            left[old, : first[one] + 1, last[one] :] += minutes[one, old]
            plan[one] = -1
        fits = _fits(left[to], first[one], last[one], need)
        while not fits and count < _PUSHED:
            other = _draw(asked, plan, to, (first[one], last[one]), state)
            if other < 0:
                break
            left[to, : first[other] + 1, last[other] :] += minutes[other, to]
            plan[other] = -1
            pushed[count] = other
            came[count] = -1
            count += 1
            fits = _fits(left[to], first[one], last[one], need)
        if fits:
            left[to, : first[one] + 1, last[one] :] -= need
            plan[one] = to
            for place in range(count):
                other = pushed[place]
                low, high = start[other], start[other + 1]
                turned = int(next_random(state) * (high - low))
                for step in range(high - low):
                    expert = experts[low + (turned + step) % (high - low)]
                    if _fits(left[expert], first[other], last[other], minutes[other, expert]):
                        came[place] = expert
                        plan[other] = expert
                        left[expert, : first[other] + 1, last[other] :] -= minutes[other, expert]
                        break
                if came[place] < 0:
                    change -= gain[other]
                if asked.small[other]:
                    change_small -= minutes[other, to]
                    if came[place] >= 0:
                        change_small += minutes[other, came[place]]
            floor = served_small + change_small >= least
            hot = heat[0] * np.exp(cooling * turn / moves)
            if floor and (change >= 0 or next_random(state) < np.exp(change / hot)):
                worth += change
                served_small += change_small
                if worth > top + 0.5:
                    top = worth
                    best[:] = plan
                continue
            left[to, : first[one] + 1, last[one] :] += need
        for place in range(count - 1, -1, -1):  # undo
            other = pushed[place]
            if plan[other] >= 0:
                left[plan[other], : first[other] + 1, last[other] :] += minutes[other, plan[other]]
            left[to, : first[other] + 1, last[other] :] -= minutes[other, to]
            plan[other] = to
        plan[one] = old
        if old >= 0:
            left[old, : first[one] + 1, last[one] :] -= minutes[one, old]
    return best
