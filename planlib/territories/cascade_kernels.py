"""The inner loop of a cascade: what groups of reps cost for accounts."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def fold_rows(
    rows: np.ndarray,
    start: np.ndarray,
    rep: np.ndarray,
    cost: np.ndarray,
    load: np.ndarray,
    price: np.ndarray,
    column: np.ndarray,
    least: np.ndarray,
) -> None:
    """
    Give the least cost plus price of some accounts in each column of reps.

    Parameters
    ----------
    rows
        Accounts.
    start, rep, cost, load
        Arcs by account: first arc of each, reps, costs, and (A, K) loads.
    price
        (m, K) price per unit of load.
    column
        (m,) column of each rep; -1 leaves a rep out.
    least
        (rows, columns) is filled; infinite where an account has no arc in a column.
    """
    least[:] = np.inf
    for at in range(len(rows)):
        for arc in range(start[rows[at]], start[rows[at] + 1]):
            j = rep[arc]
            if column[j] >= 0:
                now = cost[arc]
                for k in range(load.shape[1]):
                    now += price[j, k] * load[arc, k]
                least[at, column[j]] = min(least[at, column[j]], now)
