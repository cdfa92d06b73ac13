"""
From prices to a plan with few split accounts: which arcs matter, and a linear programme on them.

Arcs are surveyed once at given prices: the best of each item by priced cost, and the items that
each rep could take with the least regret. Only arcs of small regret enter the linear programme;
items whose other arcs are all dear stay with their best. The programme is elastic, so that it has
a solution for every request, and its duals are prices again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.territories.engine.arcs import Arcs, make_arcs
from planlib.territories.engine.dual import Prices, Scale
from planlib.territories.engine.passes import Look, bound_of, look
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

#: Regret per size, in typical differences, up to which arcs are about as good: chance chooses.
TIE = 1e-6

_DEAR = 1e3  # price of an excess, per unit of the typical difference of costs


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Arcs worth looking at with their priced cost, and the bound that the prices prove."""

    arcs: Arcs
    priced: np.ndarray
    least: np.ndarray
    bound: float

    @property
    def regret(self) -> np.ndarray:
        """Priced cost of each arc above the least of its item."""
        return np.asarray(self.priced - self.least[self.arcs.item])


def survey(
    request: Request,
    prices: Prices,
    scale: Scale,
    *,
    best: int,
    per_rep: int,
    weight: np.ndarray | None = None,
    known: Sequence[Arcs] = (),
    pool: Executor | None = None,
) -> Survey:
    """
    Look at all allowed arcs at some prices, and keep the best of each item and of each rep.

    Parameters
    ----------
    best, per_rep
        Arcs kept for each item; items kept for each rep.
    weight
        (N,) size of the items; regret counts per size. None: that of the scale.
    known
        Arcs that are kept as well.
    pool
        Works on parts at the same time; the result is the same without.
    """
    seen = look(
        request, prices, weight=scale.weight if weight is None else weight, best=best,
        per_rep=per_rep, tie=TIE * scale.cost, pool=pool,
    )  # fmt: skip
    return survey_of(request, prices, seen, joined(request, seen, known=known))


def survey_of(request: Request, prices: Prices, seen: Look, arcs: Arcs) -> Survey:
    """Price the arcs that were kept of a pass."""
    return Survey(
        arcs=arcs, priced=priced_arcs(arcs, prices), least=seen.least,
        bound=bound_of(request, prices, seen.least),
    )  # fmt: skip


def joined(
    request: Request,
    seen: Look,
    *,
    best: int | None = None,
    per_rep: int | None = None,
    known: Sequence[Arcs] = (),
    chosen: np.ndarray | None = None,
) -> Arcs:
    """
    Make arcs of what a pass has kept, and of known ones.

    Parameters
    ----------
    best, per_rep
        So many of the best reps of each item, and of the items of each rep; None: all kept.
    chosen
        The items that were looked at, where not all were; arcs then count them from 0.
    """
    from planlib.territories.engine.pass_kernels import join_rows

    count = len(seen.least)
    rep, place = np.nonzero(seen.into[:, :per_rep] >= 0)
    item = seen.into[rep, place]
    order = np.argsort(item, kind="stable")
    starts = np.searchsorted(item[order], np.arange(count + 1)).astype(np.int64)
    more = (starts, rep[order].astype(np.int32), seen.into_cost[rep, place][order])
    near = np.ascontiguousarray(seen.near[:, :best])
    cost = np.ascontiguousarray(seen.near_cost[:, :best])
    none = (np.zeros(count + 1, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0))
    old, *others = [(one.start, one.rep, one.cost) for one in known] or [none]
    for other in others:
        old = join_rows(near[:, :0].copy(), cost[:, :0].copy(), other, old)
    start, reps, cost = join_rows(near, cost, more, old)
    items = np.repeat(np.arange(count), np.diff(start))
    if chosen is None:
        return make_arcs(request, items, reps, cost)
    arcs = make_arcs(request, chosen[items], reps, cost)
    return replace(arcs, start=start, item=items)


def priced_arcs(arcs: Arcs, prices: Prices) -> np.ndarray:
    """Give the cost of arcs at some prices."""
    total = arcs.cost.copy()
    for k in range(arcs.load.shape[1]):
        total += prices.load[k, arcs.rep] * arcs.load[:, k]
    for g, price in enumerate(np.maximum(prices.budget, 0.0)):
        total += price * arcs.stake[:, g]
    return total


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """The solution of the linear programme: share of each arc, prices, value, and excess left."""

    share: np.ndarray
    prices: Prices
    value: float
    excess: np.ndarray
    over: np.ndarray


def relax(
    request: Request, seen: Survey, scale: Scale, *, free: int, dear: float = _DEAR
) -> Relaxed | None:
    """
    Solve the elastic linear programme on the arcs of smallest regret.

    Parameters
    ----------
    free
        About so many arcs beside the best of each item enter.
    dear
        Price of a unit of excess.

    Returns
    -------
    Relaxed
        ``share`` (A,) of the arcs of the survey; ``excess`` (K, m), upper minus lower, in units
        of the load; ``over`` (G,). None where the simplex gives up on the numbers.
    """
    arcs = seen.arcs
    entering = _entering(request, seen, scale, free)
    counts = np.add.reduceat(entering, arcs.start[:-1])
    loose = entering & (counts[arcs.item] > 1)
    tight = np.flatnonzero(entering & ~loose)
    model = _Model(request, arcs, scale, (np.flatnonzero(loose), tight), dear=dear * scale.cost)
    return model.solved()


def _entering(request: Request, seen: Survey, scale: Scale, free: int) -> np.ndarray:
    """Choose the arcs of least regret per size: of all, into each rep, and out of each rep."""
    arcs, m = seen.arcs, request.reps
    relative = seen.regret / scale.weight[arcs.item]
    order = np.argsort(relative, kind="stable")
    entering = relative <= 0
    rest = order[relative[order] > 0]
    entering[rest[:free]] = True
    each = max(4, free // (2 * m))
    best = np.full(request.items, -1, dtype=np.int64)
    best[arcs.item[order[::-1]]] = arcs.rep[order[::-1]]
    for key in (arcs.rep[rest], best[arcs.item[rest]]):
        by = np.argsort(key, kind="stable")
        starts = np.searchsorted(key[by], np.arange(m))
        rank = np.arange(len(by)) - starts[key[by]]
        entering[rest[by[rank < each]]] = True
    return np.asarray(entering)


class _Model:
    """The linear programme in scaled units, for OR-Tools' simplex GLOP."""

    def __init__(
        self,
        request: Request,
        arcs: Arcs,
        scale: Scale,
        entering: tuple[np.ndarray, np.ndarray],
        *,
        dear: float,
    ) -> None:
        self.request, self.arcs, self.scale = request, arcs, scale
        self.loose, self.tight = loose, tight = entering
        self.dear = dear
        reps, measures = request.reps, request.load.shape[0]
        self.rows = reps * measures
        kept_load = np.stack([
            np.bincount(arcs.rep[tight], arcs.load[tight, k], minlength=reps)
            for k in range(measures)
        ])  # fmt: skip
        self.upper = ((request.upper - kept_load) / scale.load[:, None]).ravel()
        self.lower = ((request.lower - kept_load) / scale.load[:, None]).ravel()
        self.budget = (request.budget - arcs.stake[tight].sum(axis=0)) / scale.stake

    def solved(self) -> Relaxed | None:
        """
        Solve it; where costs are too large or too small for the simplex, in a typical one as unit.

        The unit is a power of two, so that no cost is rounded.
        """
        from ortools.linear_solver.python import model_builder_helper as builder

        cost, matrix, low, high = self._columns()
        for unit in (1.0, 2.0 ** np.floor(np.log2(self.scale.cost))):
            helper: Any = builder.ModelBuilderHelper()
            helper.fill_model_from_sparse_data(
                np.zeros(len(cost)), np.full(len(cost), np.inf), cost / unit, low, high, matrix
            )
            solver = builder.ModelSolverHelper("glop")
            solver.solve(helper)
            if solver.status() == builder.SolveStatus.OPTIMAL:
                value, dual = solver.variable_values(), solver.dual_values()
                return self._result(np.asarray(value), unit * np.asarray(dual))
        return None

    def _columns(self) -> tuple[np.ndarray, Any, np.ndarray, np.ndarray]:
        from scipy.sparse import coo_matrix

        arcs, scale, loose = self.arcs, self.scale, self.loose
        reps, measures = self.request.reps, self.request.load.shape[0]
        budgets, count = len(self.budget), len(loose)
        items, row_of = np.unique(arcs.item[loose], return_inverse=True)
        own = np.arange(count)
        rows, columns, values = [row_of], [own], [np.ones(count)]
        top = len(items)
        for k in range(measures):
            rows.append(top + k * reps + arcs.rep[loose])
            columns.append(own)
            values.append(arcs.load[loose, k] / scale.load[k])
        for g in range(budgets):
            rows.append(np.full(count, top + self.rows + g))
            columns.append(own)
            values.append(arcs.stake[loose, g] / scale.stake[g])
        slack = np.arange(self.rows)
        rows += [top + slack, top + slack, top + self.rows + np.arange(budgets)]
        columns += [count + slack, count + self.rows + slack,
                    count + 2 * self.rows + np.arange(budgets)]  # fmt: skip
        values += [-np.ones(self.rows), np.ones(self.rows), -np.ones(budgets)]
        size = (top + self.rows + budgets, count + 2 * self.rows + budgets)
        matrix = coo_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), size
        ).tocsr()
        cost = np.r_[arcs.cost[loose], np.full(2 * self.rows + budgets, self.dear)]
        low = np.r_[np.ones(top), self.lower, np.full(budgets, -np.inf)]
        high = np.r_[np.ones(top), self.upper, self.budget]
        return cost, matrix, low, high

    def _result(self, value: np.ndarray, dual: np.ndarray) -> Relaxed:
        arcs, scale, request = self.arcs, self.scale, self.request
        reps, measures = request.reps, request.load.shape[0]
        count, top = len(self.loose), len(np.unique(arcs.item[self.loose]))
        share = np.zeros(len(arcs.cost))
        share[self.tight], share[self.loose] = 1.0, value[:count]
        price = -dual[top : top + self.rows].reshape(measures, reps) / scale.load[:, None]
        budget = np.maximum(-dual[top + self.rows :] / scale.stake, 0.0)
        over, under = np.split(value[count : count + 2 * self.rows], 2)
        excess = (over - under).reshape(measures, reps) * scale.load[:, None]
        return Relaxed(
            share=share, prices=Prices(load=price, budget=budget),
            value=float(arcs.cost @ share), excess=excess,
            over=value[count + 2 * self.rows :] * scale.stake,
        )  # fmt: skip
