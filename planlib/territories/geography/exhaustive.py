"""Go through every plan of a very small map: the best one, or that there is none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planlib.territories.geography.measure import objective_of, within
from planlib.territories.geography.request import Request

Ints = npt.NDArray[np.int64]
PLANS = 100_000  # up to which all are listed
CHECKED = 2_000  # within the limits, up to which each is looked at


def best_of_all(request: Request) -> tuple[Ints | None, bool]:
    """
    Look at all plans.

    Returns
    -------
    tuple
        (n,) the best plan, None where there is none; and whether all were looked at, which is too
        much on larger maps.
    """
    if request.count ** int((request.locked < 0).sum()) > PLANS:
        return None, False
    plans = _within_limits(request)
    if len(plans) > CHECKED:
        return None, False
    good = [plan for plan in plans if within(request, plan)]
    if not good:
        return None, True
    best = min(range(len(good)), key=lambda at: (objective_of(request, good[at]), at))
    return good[best], True


def _within_limits(request: Request) -> Ints:
    """List the plans whose loads are within the limits, (plans, n), locks kept."""
    free = np.flatnonzero(request.locked < 0)
    number = np.arange(request.count ** len(free))
    plans = np.tile(request.locked, (len(number), 1))
    for place, area in enumerate(free.tolist()):
        plans[:, area] = number // request.count**place % request.count
    sums = np.zeros((len(number), request.count, len(request.load)))
    for area in np.argsort(request.order).tolist():  # added up in the order in which they are given
        sums[number, plans[:, area]] += request.load[:, area]
    inside = (sums <= request.upper.T).all(axis=(1, 2)) & (sums >= request.lower.T).all(axis=(1, 2))
    return plans[inside]
