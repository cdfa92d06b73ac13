"""The usual model: one binary for each pair, one row for each limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from benchmarks.instances import Blocks, Problem

NARROW = 2e-6  # of a limit: solvers allow rows to be missed by 1e-6, the check does not


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """
    Minimise ``cost @ x``: one pair an item, ``lower <= limits @ x <= upper``, x binary.

    Parameters
    ----------
    item, rep
        (a,), the pairs, sorted by item.
    cost
        (a,).
    items
        (n, a), 0 or 1.
    limits
        (K m, a), loads divided by the target's size, so that tolerances mean the same everywhere.
    lower, upper
        (K m,).
    whole
        Whether all loads and limits are whole numbers; they are then left as they are.
    """

    item: np.ndarray
    rep: np.ndarray
    cost: np.ndarray
    items: sparse.csr_array
    limits: sparse.csr_array
    lower: np.ndarray
    upper: np.ndarray
    whole: bool

    @property
    def rows(self) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
        """All rows: matrix, least, most."""
        one = np.ones(self.items.shape[0])
        matrix = sparse.vstack([self.items, self.limits]).tocsr()
        return matrix, np.concatenate([one, self.lower]), np.concatenate([one, self.upper])


def make_model(problem: Problem, prices: np.ndarray | None, arcs: int = 8) -> Model:
    """
    State an instance as a model.

    Parameters
    ----------
    problem
        The instance.
    prices
        (K, m); with them only pairs are kept that matter: the ``arcs`` best ones of each item by
        reduced cost, and the 40 cheapest items of each rep.
    arcs
        Pairs of an item that are kept.
    """
    item, rep = _all_pairs(problem) if prices is None else _best_pairs(problem, prices, arcs)
    count, reps = problem.shape
    width = len(item)
    if isinstance(problem.cost, Blocks):
        cost = problem.cost.pairs(item, rep)
    else:
        cost = np.asarray(problem.cost, dtype=np.float64)[item, rep]
    items = sparse.csr_array((np.ones(width), (item, np.arange(width))), shape=(count, width))
    by_rep = problem.load.ndim == 3
    whole = bool(
        (problem.load == np.rint(problem.load)).all()
        and all((edge == np.rint(edge)).all() for edge in _finite(problem))
    )
    rows, lower, upper = [], [], []
    for k, load in enumerate(problem.load):
        taken = load[item, rep] if by_rep else load[item]
        size = np.where(np.isfinite(problem.upper[k]), problem.upper[k], problem.lower[k])
        size = np.where(np.isfinite(size) & (size > 0) & (not whole), size, 1.0)
        rows.append(
            sparse.csr_array((taken / size[rep], (rep, np.arange(width))), shape=(reps, width))
        )
        narrow = 0.0 if whole else NARROW
        lower.append(problem.lower[k] / size + narrow)
        upper.append(problem.upper[k] / size - narrow)
    return Model(
        item=item, rep=rep, cost=cost, items=items, limits=sparse.vstack(rows).tocsr(),
        lower=np.concatenate(lower), upper=np.concatenate(upper), whole=whole,
    )  # fmt: skip


def _finite(problem: Problem) -> list[np.ndarray]:
    return [edge[np.isfinite(edge)] for edge in (problem.lower, problem.upper)]


def _all_pairs(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    item, rep = np.nonzero(problem.pairs())
    return item, rep


def _best_pairs(problem: Problem, prices: np.ndarray, arcs: int) -> tuple[np.ndarray, np.ndarray]:
    """Keep pairs by reduced cost, block by block."""
    count, reps = problem.shape
    size = problem.load.mean(axis=2)[0] if problem.load.ndim == 3 else problem.load[0]
    arcs = min(arcs, reps)
    kept, near = [], []
    for start in range(0, count, 20_000):
        stop = min(start + 20_000, count)
        if isinstance(problem.cost, Blocks):
            cost = problem.cost.rows(start, stop)
        else:
            cost = np.array(problem.cost[start:stop], dtype=np.float64)
        if problem.load.ndim == 3:
            cost += np.einsum("kj,kij->ij", prices, problem.load[:, start:stop])
        else:
            cost += problem.load[:, start:stop].T @ prices
        cost[~_free(problem, start, stop)] = np.inf
        best = np.argpartition(cost, arcs - 1, axis=1)[:, :arcs]
        kept.append((np.repeat(np.arange(start, stop), arcs), best.ravel()))
        regret = (cost - cost.min(axis=1, keepdims=True)) / size[start:stop, None]
        some = min(40, stop - start)
        own = np.argpartition(regret, some - 1, axis=0)[:some]
        near.append((own + start, regret[own, np.arange(reps)]))
    item, rep = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    own, regret = (np.concatenate(parts) for parts in zip(*near, strict=True))
    first = np.argsort(regret, axis=0)[:40]
    item = np.concatenate([item, np.take_along_axis(own, first, axis=0).ravel()])
    rep = np.concatenate([rep, np.tile(np.arange(reps), len(first))])
    pair = np.unique(item * reps + rep)
    item, rep = pair // reps, pair % reps
    keep = np.concatenate([
        _free(problem, start, start + 20_000)[item[part] - start, rep[part]]
        for start in range(0, count, 20_000)
        for part in [(item >= start) & (item < start + 20_000)]
    ])  # fmt: skip
    return item[keep], rep[keep]


def _free(problem: Problem, start: int, stop: int) -> np.ndarray:
    """Give the allowed pairs of some items."""
    here = slice(start, stop)
    part = Problem(
        name="", cost=np.empty((len(problem.fixed[here]), problem.shape[1])), load=problem.load,
        lower=problem.lower, upper=problem.upper, fixed=problem.fixed[here],
        allowed=None if problem.allowed is None else problem.allowed[here],
    )  # fmt: skip
    free = part.pairs()
    if isinstance(problem.cost, Blocks):
        barred = problem.cost.barred[here]
        rows = np.flatnonzero(barred >= 0)
        free[rows, barred[rows]] = False
    return free
