"""Inner loops that searches share: the potential, sums, groups of neighbours."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.xorshift import next_random as next_random
from planlib.xorshift import start_random as start_random


@compiled
def phi(
    x: float, j: int, k: int, lower: np.ndarray, upper: np.ndarray, price: np.ndarray,
    penalty: np.ndarray,
) -> float:  # fmt: skip
    """Give phi of one territory and measure at a load; all limits are (m, K)."""
    p, below, above = price[j, k], lower[j, k], upper[j, k]
    value = p * (above - x) if p > 0 else -p * (x - below)
    if x > above:
        value += penalty[j, k] * (x - above)
    elif x < below:
        value += penalty[j, k] * (below - x)
    return float(value)


@compiled
def potential(
    j: int,
    load: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    price: np.ndarray,
    penalty: np.ndarray,
) -> float:
    """Give phi of one territory: ``load`` is its own (K,), the others are (m, K)."""
    total = 0.0
    for k in range(load.shape[0]):
        total += phi(load[k], j, k, lower, upper, price, penalty)
    return total


@compiled
def add_up(
    current: np.ndarray, rep: np.ndarray, load: np.ndarray, stake: np.ndarray,
    loads: np.ndarray, used: np.ndarray,
) -> None:  # fmt: skip
    """Add up the loads (m, K) and what is taken from budgets (G,) of a plan, from scratch."""
    loads[:] = 0.0
    used[:] = 0.0
    for i in range(len(current)):
        a = current[i]
        for k in range(load.shape[1]):
            loads[rep[a], k] += load[a, k]
        for g in range(stake.shape[1]):
            used[g] += stake[a, g]


@compiled
def deal_out(
    order: np.ndarray,
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    filled: np.ndarray,
    middle: np.ndarray,
    current: np.ndarray,
) -> None:
    """
    Give each item, in turn, the arc of least regret and fill.

    Parameters
    ----------
    order
        The items, first first.
    arcs
        ``start``, ``rep``, ``regret``, ``load`` (A, K).
    filled
        (N,) what the squares of how full a rep is, added up over the measures, count.
    middle
        (m, K) loads of a rep that is full.
    current
        (N,) is filled with the arc of each item.
    """
    start, rep, regret, load = arcs
    loads = np.zeros(middle.shape)
    for i in order:
        least = np.inf
        for a in range(start[i], start[i + 1]):
            value = regret[a]
            for k in range(load.shape[1]):
                value += filled[i] * (loads[rep[a], k] / middle[rep[a], k]) ** 2
            if value < least:
                least, current[i] = value, a
        for k in range(load.shape[1]):
            loads[rep[current[i]], k] += load[current[i], k]


@compiled
def make_groups(
    state: np.ndarray,
    size: int,
    neighbour: np.ndarray,
    odds: np.ndarray,
    order: np.ndarray,
    inside: np.ndarray,
    groups: np.ndarray,
) -> int:
    """
    Draw disjoint groups of neighbouring territories.

    ``neighbour`` (m, B) and ``odds`` (m, B), cumulative to 1; ``order`` seeds, first first;
    ``inside`` (m,) the territories that may be drawn; ``groups`` (m, S) is filled with territories,
    -1 behind the last. Gives the number of groups.
    """
    width = neighbour.shape[1]
    taken = ~inside
    count = 0
    for first in order:
        if taken[first]:
            continue
        groups[count, 0] = first
        taken[first] = True
        filled = 1
        for _ in range(4 * size):
            if filled == size:
                break
            base = groups[count, int(next_random(state) * filled)]
            draw = next_random(state)
            other = -1
            for b in range(width):
                if draw < odds[base, b]:
                    other = neighbour[base, b]
                    break
            if other < 0 or taken[other]:
                continue
            groups[count, filled] = other
            taken[other] = True
            filled += 1
        for rest in range(filled, groups.shape[1]):
            groups[count, rest] = -1
        if filled > 1:
            count += 1
        else:
            taken[first] = False
    return count


@compiled
def make_regions(
    state: np.ndarray, count: int, neighbour: np.ndarray, odds: np.ndarray, region: np.ndarray
) -> None:
    """
    Cut the territories into regions of about the same size, each grown from neighbour to neighbour.

    ``neighbour`` and ``odds`` as in ``make_groups``; ``region`` (m,) is filled with the number of
    each territory's region, from 0 to ``count`` less 1.
    """
    m, width = neighbour.shape
    region[:] = -1
    members = np.empty(m, dtype=np.int64)
    left = m
    for own in range(count):
        filled, tries, size = 0, 0, left // (count - own)
        while filled < size:
            other = -1
            if filled and tries < 8:
                base, draw = members[int(next_random(state) * filled)], next_random(state)
                for b in range(width):
                    if draw < odds[base, b]:
                        other = neighbour[base, b]
                        break
                tries += 1
            else:  # from a place of its own
                other, tries = int(next_random(state) * m), 0
            if other >= 0 and region[other] < 0:
                region[other], members[filled] = own, other
                filled, tries = filled + 1, 0
        left -= size


@compiled
def unavoidable(
    members: np.ndarray, total: np.ndarray, lower: np.ndarray, upper: np.ndarray,
    price: np.ndarray, penalty: np.ndarray,
) -> float:  # fmt: skip
    """Give the least phi of a group whose loads sum to ``total`` (K,), however they are split."""
    least = 0.0
    for k in range(len(total)):
        priced, less, more = 0.0, np.inf, np.inf
        for j in members:
            p = price[j, k]
            if p > 0:
                priced += upper[j, k]
                less, more = min(less, p), min(more, penalty[j, k] - p)
            elif p < 0:
                priced += lower[j, k]
                less, more = min(less, penalty[j, k] + p), min(more, -p)
            else:
                less = more = 0.0
        gap = total[k] - priced
        least += gap * more if gap > 0 else -gap * less
    return least
