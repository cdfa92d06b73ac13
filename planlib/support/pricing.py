"""The best set of requests for one expert alone, at given prices: the inner loop of the bound."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.support.by_dates import by_dates
from planlib.support.by_density import by_density

_DEARER = 20  # times as many nodes by dates as by density: a node there is a look into a table


@compiled
def best_set(
    value: np.ndarray,
    minutes: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    left: np.ndarray,
    nodes: int,
    slack: float = 1e-6,
) -> tuple[np.ndarray, float, float]:
    """
    Choose requests of the largest value that fit beside each other, by branch and bound.

    In the order of their dates first, which is quick where windows are wide; where that takes too
    long, the densest first.

    Parameters
    ----------
    value, minutes, first, last
        (n,) worth, minutes and window of each request, most worth a minute first.
    left
        (periods, periods) minutes left in each span.
    nodes
        Most nodes that are looked at.
    slack
        Share by which a set may be better than the one that is found.

    Returns
    -------
    tuple
        (n,) bool chosen, its value, and a bound on the value of any set.
    """
    chosen, worth, bound, is_done = by_dates(value, minutes, first, last, left, (nodes, slack))
    if is_done:
        return chosen, worth, bound
    limits = (max(1, nodes // _DEARER), slack)
    other, found, closer = by_density(value, minutes, first, last, left, limits, worth)
    if found > worth:
        chosen, worth = other, found
    return chosen, worth, min(bound, closer)
