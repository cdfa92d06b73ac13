"""Inner loop of the bundle: the weights of its cuts."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled

_STEPS = 4  # exchanges of weight in one function, in a sweep
_FINE = 1e-5  # part of the first fall at which sweeps end


@compiled
def balance(
    start: np.ndarray,
    first: np.ndarray,
    place: np.ndarray,
    factor: np.ndarray,
    constant: np.ndarray,
    center: np.ndarray,
    length: float,
    box: tuple[float, float],
    sweeps: int,
    weight: np.ndarray,
    slope: np.ndarray,
) -> None:
    """
    Find the weights of cuts that lead to where their sum is largest, less the charge for distance.

    Without a box they have the least ``sum weight x value + length / 2 x |slope|^2``. Weight moves
    between two cuts of a function, from the one that is highest at the place ahead to the one that
    is least, by steps that are exact inside the box and short at its edge, until hardly anything is
    gained (the pairwise method of Frank and Wolfe).

    Parameters
    ----------
    start
        (functions + 1,) first cut of each function.
    first, place, factor, constant
        (cuts + 1,) first entry of each cut, the entries, and the constants.
    center
        (places,) where steps begin.
    length
        Of the step for each unit of slope.
    box
        Least and largest number of a place.
    sweeps
        Most passes over all functions.
    weight
        (cuts,) weights, changed in place; they add up to one for each function.
    slope
        (places,) sum of the cuts' entries by weight, changed in place.
    """
    mark = np.zeros(len(slope))
    begun = 0.0
    for sweep in range(sweeps):
        fall = 0.0
        for j in range(len(start) - 1):
            if start[j + 1] - start[j] < 2:
                continue
            for _ in range(_STEPS):
                low, high, least, most = -1, -1, np.inf, -np.inf
                for c in range(start[j], start[j + 1]):
                    cost = constant[c]
                    for e in range(first[c], first[c + 1]):
                        ahead = center[place[e]] + length * slope[place[e]]
                        cost += factor[e] * min(max(ahead, box[0]), box[1])
                    if cost < least:
                        low, least = c, cost
                    if weight[c] > 0.0 and cost > most:
                        high, most = c, cost
                if high < 0 or high == low or most - least <= 1e-12 * (abs(most) + abs(least)):
                    break
                size = 0.0
                for e in range(first[high], first[high + 1]):
                    mark[place[e]] = factor[e]
                    size += factor[e] ** 2
                for e in range(first[low], first[low + 1]):
                    size += factor[e] ** 2 - 2.0 * factor[e] * mark[place[e]]
                for e in range(first[high], first[high + 1]):
                    mark[place[e]] = 0.0
                moved = weight[high]
                if size > 0.0:
                    moved = min(moved, (most - least) / (length * size))
                weight[high] = weight[high] - moved if moved < weight[high] else 0.0
                weight[low] += moved
                for e in range(first[high], first[high + 1]):
                    slope[place[e]] -= moved * factor[e]
                for e in range(first[low], first[low + 1]):
                    slope[place[e]] += moved * factor[e]
                fall += moved * (most - least) - length / 2 * moved * moved * size
        if sweep == 0:
            begun = fall
        if fall <= _FINE * begun:
            break
