"""A general solver on the usual model of the capacitated p-median problem."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.harness.tasks import Answer
from benchmarks.instances import Seats


def highs(seats: Seats, limit: float) -> Answer:
    """Solve by HiGHS: x_ij serves, y_j opens, with x_ij <= y_j and one capacity row a seat."""
    count = len(seats.load)
    pairs = count * count
    item, place = np.divmod(np.arange(pairs), count)
    width = pairs + count
    one_each = sparse.csr_array((np.ones(pairs), (item, np.arange(pairs))), shape=(count, width))
    rows = np.concatenate([place, np.arange(count)])
    values = np.concatenate([seats.load[item], -seats.capacity])
    within = sparse.csr_array((values, (rows, np.arange(width))), shape=(count, width))
    opened = sparse.csr_array(
        (np.ones(count), (np.zeros(count, dtype=int), np.arange(pairs, width))), shape=(1, width)
    )
    linked = sparse.csr_array(
        (
            np.repeat([1.0, -1.0], pairs),
            (np.tile(np.arange(pairs), 2), np.concatenate([np.arange(pairs), pairs + place])),
        ),
        shape=(pairs, width),
    )
    ones = np.ones(count)
    found = milp(
        np.concatenate([seats.distance.ravel(), np.zeros(count)]),
        integrality=np.ones(width), bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(one_each, ones, ones),
            LinearConstraint(within, -np.inf, 0),
            LinearConstraint(opened, -np.inf, seats.k),
            LinearConstraint(linked, -np.inf, 0),
        ],
        options={"time_limit": limit, "mip_rel_gap": 1e-7},
    )  # fmt: skip
    bound = float("nan") if found.mip_dual_bound is None else float(found.mip_dual_bound)
    if found.x is None:
        return Answer(plan=None, bound=bound, status=found.message)
    plan = found.x[:pairs].reshape(count, count).argmax(axis=1)
    return Answer(plan=plan, bound=bound, status=found.message)
