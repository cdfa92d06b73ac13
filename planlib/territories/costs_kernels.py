"""The inner loop of costs of large blocks, computed row by row so that no matrix is stored."""

from __future__ import annotations

import math

import numpy as np

from planlib.compiled import compiled

_EARTH_KM = 6371.0
_P0, _P1, _P2 = 1.66666666666666657415e-01, -3.25565818622400915405e-01, 2.01212532134862925881e-01
_P3, _P4, _P5 = -4.00555345006794114027e-02, 7.91534994289814532176e-04, 3.47933107596021167570e-05
_Q1, _Q2 = -2.40339491173441421878e00, 2.02094576023350569471e00
_Q3, _Q4 = -6.88283971605453293030e-01, 7.70381505559019352791e-02


@compiled
def fill_costs(
    out: np.ndarray,
    first: int,
    weights: np.ndarray,
    travel: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    suits: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Fill (rows, m) costs of the accounts from ``first`` on; a weight of 0 leaves a part out."""
    size, at, rep_at, hours, mean_way = travel
    fit_class, fit_table, complexity, skill, relation, owner = suits
    for row in range(out.shape[0]):
        i = first + row
        lost = weights[3] * relation[i] if owner[i] >= 0 else 0.0
        for j in range(out.shape[1]):
            cost = 0.0
            if weights[0] != 0.0:
                if hours.shape[0] > 0:
                    way = hours[i, j]
                else:
                    x = at[i, 0] - rep_at[j, 0]
                    y = at[i, 1] - rep_at[j, 1]
                    z = at[i, 2] - rep_at[j, 2]
                    half = math.sqrt(x * x + y * y + z * z) / 2
                    if half < 0.5:  # up to 60 degrees: rational function, as in fdlibm
                        t = half * half
                        top = t * (_P0 + t * (_P1 + t * (_P2 + t * (_P3 + t * (_P4 + t * _P5)))))
                        low = 1.0 + t * (_Q1 + t * (_Q2 + t * (_Q3 + t * _Q4)))
                        way = 2 * _EARTH_KM * (half + half * top / low)
                    elif half == half:
                        way = 2 * _EARTH_KM * math.asin(half if half < 1.0 else 1.0)
                    else:
                        way = half
                if way != way:
                    way = mean_way[i]
                cost += weights[0] * size[i] * way
            if weights[1] != 0.0:
                cost += weights[1] * size[i] * fit_table[fit_class[i], j]
            if weights[2] != 0.0:
                short = complexity[i] - skill[j]
                if short > 0.0:
                    cost += weights[2] * size[i] * short
            if owner[i] != j:
                cost += lost
            out[row, j] = cost
