"""Better plans by simulated annealing: requests move, and push others out, at random."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planlib.compiled import compiled
from planlib.support.market import Market, used
from planlib.support.prices import Prices
from planlib.xorshift import next_random

_WARM, _COLD = 0.1, 0.001  # temperature at the start and the end, as a multiple of the usual gain
_PUSHED = 3  # requests that make room for one, at most
_STEADY = 256  # moves at one temperature


class _Asked(NamedTuple):
    """
    Requests as arrays; ``experts[start[r]:start[r + 1]]`` may serve request r.

    ``value`` (requests, experts) is the gain less what the expert is dearer than the cheapest.
    """

    gain: np.ndarray
    value: np.ndarray
    minutes: np.ndarray
    first: np.ndarray
    last: np.ndarray
    small: np.ndarray
    fixed: np.ndarray
    start: np.ndarray
    experts: np.ndarray
    free: np.ndarray


class _Kept(NamedTuple):
    """
    A plan as the moves keep it.

    Requests of expert e that may move are ``members[e, :size[e]]``; ``place`` says where in it.
    """

    plan: np.ndarray
    left: np.ndarray
    members: np.ndarray
    size: np.ndarray
    place: np.ndarray


def anneal(market: Market, prices: Prices, plan: np.ndarray, moves: int, seed: int) -> np.ndarray:
    """
    Move requests to other experts, and push others out, better plans with a falling tolerance.

    A request that is pushed out moves to another expert who has the hours, else it is refused. A
    worse plan is taken with the probability exp(loss / temperature) (Kirkpatrick, Gelatt and
    Vecchi 1983); the best one that was seen is given.

    Parameters
    ----------
    market
        What is asked for and what there is.
    prices
        The relaxed plan: what the hours of a dear expert are worth to the others is charged for,
        so that moves save hours for those who are refused.
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
    gain = market.gain.astype("float64")
    asked = _Asked(
        gain=gain, value=gain[:, None] - _dear(market, prices), minutes=market.minutes,
        first=market.first, last=market.last, small=market.small, fixed=market.fixed,
        start=np.r_[0, able.cumsum()], experts=np.nonzero(market.eligible)[1], free=free,
    )  # fmt: skip
    kept = _Kept(
        plan=plan.copy(), left=used(market, plan).left,
        members=np.full((market.experts, market.requests), -1, dtype=np.int64),
        size=np.zeros(market.experts, dtype=np.int64),
        place=np.full(market.requests, -1, dtype=np.int64),
    )  # fmt: skip
    usual = float(np.median(gain[free]))
    best: np.ndarray = _anneal(
        asked, kept, (market.small_minutes(plan), market.least_small),
        (usual * _WARM, usual * _COLD), moves, seed,
    )  # fmt: skip
    return best


def _dear(market: Market, prices: Prices) -> np.ndarray:
    """Give what the hours of each pair cost above those of the cheapest expert, in cents."""
    price = np.where(market.room > 0, prices.minute, np.inf)
    found = np.zeros(market.eligible.shape)
    for request in range(market.requests):
        experts = np.flatnonzero(market.eligible[request])
        inside = slice(int(market.first[request]), int(market.last[request]) + 1)
        cost = market.minutes[request, experts] * price[experts, inside].min(axis=1)
        if len(experts) and np.isfinite(cost.min()):
            found[request, experts] = np.where(np.isfinite(cost), cost - cost.min(), 0.0)
    return found


@compiled
def _fits(left: np.ndarray, first: int, last: int, need: int) -> bool:
    """Tell whether minutes fit into a window of one expert."""
    for start in range(first, -1, -1):
        for end in range(last, left.shape[1]):
            if left[start, end] < need:
                return False
    return True


@compiled
def _add(asked: _Asked, kept: _Kept, request: int, expert: int) -> None:
    """Give a request to an expert."""
    minutes = asked.minutes[request, expert]
    kept.left[expert, : asked.first[request] + 1, asked.last[request] :] -= minutes
    kept.plan[request] = expert
    kept.place[request] = kept.size[expert]
    kept.members[expert, kept.size[expert]] = request
    kept.size[expert] += 1


@compiled
def _remove(asked: _Asked, kept: _Kept, request: int) -> None:
    """Take a request from its expert."""
    expert = kept.plan[request]
    minutes = asked.minutes[request, expert]
    kept.left[expert, : asked.first[request] + 1, asked.last[request] :] += minutes
    kept.plan[request] = -1
    kept.size[expert] -= 1
    moved = kept.members[expert, kept.size[expert]]
    kept.members[expert, kept.place[request]] = moved
    kept.place[moved] = kept.place[request]


@compiled
def _draw(asked: _Asked, kept: _Kept, expert: int, span: tuple[int, int], state: np.ndarray) -> int:
    """Draw one of the requests that an expert serves in a window and that may move; -1: none."""
    count, chosen = 0, -1
    for at in range(kept.size[expert]):
        other = kept.members[expert, at]
        if asked.first[other] <= span[1] and asked.last[other] >= span[0]:
            count += 1
            if next_random(state) * count < 1.0:
                chosen = other
    return chosen


@compiled
def _anneal(
    asked: _Asked,
    kept: _Kept,
    small: tuple[int, int],
    heat: tuple[float, float],
    moves: int,
    seed: int,
) -> np.ndarray:
    """Do the moves; ``kept`` is changed."""
    state = np.array([seed], dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    gain, value, minutes = asked.gain, asked.value, asked.minutes
    first, last = asked.first, asked.last
    start, experts, free = asked.start, asked.experts, asked.free
    plan, left = kept.plan, kept.left
    for one in range(len(plan)):
        if plan[one] >= 0 and asked.fixed[one] < 0:
            expert = plan[one]
            kept.place[one] = kept.size[expert]
            kept.members[expert, kept.size[expert]] = one
            kept.size[expert] += 1
    served_small, least = small
    best, worth, top = plan.copy(), 0.0, 0.0
    pushed, came = np.empty(_PUSHED, np.int64), np.empty(_PUSHED, np.int64)
    cooling = np.log(heat[1] / heat[0])
    hot = heat[0]
    for turn in range(moves):
        if turn % _STEADY == 0:
            hot = heat[0] * np.exp(cooling * turn / moves)
        one = free[int(next_random(state) * len(free))]
        lo, hi = start[one], start[one + 1]
        to, old = experts[lo + int(next_random(state) * (hi - lo))], plan[one]
        if to == old:
            continue
        need, count = minutes[one, to], 0
        change = value[one, to]
        more = gain[one] if old < 0 else 0.0
        if old >= 0:
            change -= value[one, old]
        change_small = minutes[one, to] if asked.small[one] else 0
        if old >= 0 and asked.small[one]:
            change_small -= minutes[one, old]
        if old >= 0:
            _remove(asked, kept, one)
        fits = _fits(left[to], first[one], last[one], need)
        while not fits and count < _PUSHED:
            other = _draw(asked, kept, to, (first[one], last[one]), state)
            if other < 0:
                break
            _remove(asked, kept, other)
            pushed[count] = other
            came[count] = -1
            count += 1
            fits = _fits(left[to], first[one], last[one], need)
        if fits:
            _add(asked, kept, one, to)
            for place in range(count):
                other = pushed[place]
                low, high = start[other], start[other + 1]
                turned = int(next_random(state) * (high - low))
                for step in range(high - low):
                    expert = experts[low + (turned + step) % (high - low)]
                    if _fits(left[expert], first[other], last[other], minutes[other, expert]):
                        came[place] = expert
                        _add(asked, kept, other, expert)
                        break
                change -= value[other, to]
                if came[place] < 0:
                    more -= gain[other]
                else:
                    change += value[other, came[place]]
                if asked.small[other]:
                    change_small -= minutes[other, to]
                    if came[place] >= 0:
                        change_small += minutes[other, came[place]]
            floor = served_small + change_small >= least
            if floor and (change >= 0 or next_random(state) < np.exp(change / hot)):
                worth += more
                served_small += change_small
                if worth > top + 0.5:
                    top = worth
                    best[:] = plan
                continue
            _remove(asked, kept, one)
        for place in range(count - 1, -1, -1):  # undo
            other = pushed[place]
            if plan[other] >= 0:
                _remove(asked, kept, other)
            _add(asked, kept, other, to)
        if old >= 0:
            _add(asked, kept, one, old)
    return best
