"""Inner loop of the bundle: the weights of its cuts."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled

_STEPS = 4  # exchanges of weight in one function, in a sweep
_FINE = 1e-3  # part of the first fall at which sweeps end


@compiled
def balance(
    start: np.ndarray,
    first: np.ndarray,
    place: np.ndarray,
    sign: np.ndarray,
    value: np.ndarray,
    length: float,
    sweeps: int,
    weight: np.ndarray,
    slope: np.ndarray,
) -> None:
    """
    Find the weights of cuts with the least ``sum weight x value + length / 2 x |slope|^2``.

    Weight moves between two cuts of a function, from the one that costs most to the one that costs
    least, by exact steps, until hardly anything is gained (the pairwise method of Frank and Wolfe).

    Parameters
    ----------
    start
        (functions + 1,) first cut of each function.
    first, place, sign
        (cuts + 1,) first entry of each cut, and the entries.
    value
        (cuts,) value of each cut at the center.
    length
        Of the step for each unit of slope.
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
                    cost = value[c]
                    for e in range(first[c], first[c + 1]):
                        cost += length * sign[e] * slope[place[e]]
                    if cost < least:
                        low, least = c, cost
                    if weight[c] > 0.0 and cost > most:
                        high, most = c, cost
                if high < 0 or high == low or most - least <= 1e-12 * (abs(most) + abs(least)):
                    break
                size = 0.0
                for e in range(first[high], first[high + 1]):
                    mark[place[e]] = sign[e]
                    size += 1.0
                for e in range(first[low], first[low + 1]):
                    size += 1.0 - 2.0 * sign[e] * mark[place[e]]
                for e in range(first[high], first[high + 1]):
                    mark[place[e]] = 0.0
                moved = weight[high]
                if size > 0.0:
                    moved = min(moved, (most - least) / (length * size))
                weight[high] = weight[high] - moved if moved < weight[high] else 0.0
                weight[low] += moved
                for e in range(first[high], first[high + 1]):
                    slope[place[e]] -= moved * sign[e]
                for e in range(first[low], first[low + 1]):
                    slope[place[e]] += moved * sign[e]
                fall += moved * (most - least) - length / 2 * moved * moved * size
        if sweep == 0:
            begun = fall
        if fall <= _FINE * begun:
            break
