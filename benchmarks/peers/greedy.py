"""What a spreadsheet does: the biggest account first, to the cheapest rep with room."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from benchmarks.harness.tasks import Answer
from benchmarks.instances import Blocks, Problem


def solve(problem: Problem, limit: float) -> Answer:
    """Deal accounts out; lower limits are not looked at, and the emptiest rep takes the rest."""
    count, reps = problem.shape
    by_rep = problem.load.ndim == 3
    size = problem.load.mean(axis=2) if by_rep else problem.load
    room = np.where(np.isfinite(problem.upper), problem.upper, np.inf)
    order = np.argsort(-(size / size.sum(axis=1, keepdims=True)).max(axis=0), kind="stable")
    order = np.concatenate([order[problem.fixed[order] >= 0], order[problem.fixed[order] < 0]])
    plan = np.empty(count, dtype=np.int64)
    left = room.copy()
    for start in range(0, count, 1000):
        items = order[start : start + 1000]
        block = _costs(problem, items)
        for line, item in enumerate(items):
            need = problem.load[:, item] if by_rep else problem.load[:, item, None]
            open_to = np.isfinite(block[line])
            fits = open_to & (left >= need).all(axis=0)
            if fits.any():
                rep = int(np.argmin(np.where(fits, block[line], np.inf)))
            else:
                rep = int(np.argmax(np.where(open_to, (left / room).min(axis=0), -np.inf)))
            plan[item] = rep
            left[:, rep] -= need[:, rep] if by_rep else need[:, 0]
    return Answer(plan=plan)


def _costs(problem: Problem, items: np.ndarray) -> np.ndarray:
    """Give costs of some accounts with all reps, infinite where locked or forbidden."""
    if isinstance(problem.cost, Blocks):
        block = problem.cost.pairs(items[:, None], np.arange(problem.shape[1])[None, :])
    else:
        block = np.array(problem.cost[items], dtype=np.float64)
    if problem.allowed is not None:
        part = problem.allowed[items]
        part = part.toarray() if sparse.issparse(part) else part
        block[~np.asarray(part, dtype=bool)] = np.inf
    locked = np.flatnonzero(problem.fixed[items] >= 0)
    only = block[locked, problem.fixed[items][locked]]
    block[locked] = np.inf
    block[locked, problem.fixed[items][locked]] = np.where(np.isfinite(only), only, 0.0)
    return block
