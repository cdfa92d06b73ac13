"""
The best choice of columns: a linear programme with cuts, then a small integer programme.

The linear programme starts on few columns; others enter while their reduced cost is below zero.
Its prices bound all plans (the bound is added up from them, not taken from the solver), and columns
that they rule out are dropped, until the rest can be searched by OR-Tools.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planlib.territories.seats_columns import Columns, Prices, worth
from planlib.territories.seats_cuts import broken_cuts, incidence, rows_of
from planlib.territories.seats_exact import choose_columns

START = 1500  # columns that the linear programme begins with
ENTER = 600  # that enter at once
WIDE = 6000  # above this, those far from entering leave
CUTS = 60  # that are added at once
ROUNDS = 80  # of cuts
PASSES = 200  # of the linear programme between two rounds of cuts
DEAREST = 1e6  # how far the price of an item left out may rise
SMALL = 20_000  # columns above which a fifth has to go before they are copied
FEW = 400  # columns left to the integer programme without more cuts
MANY = 20_000  # columns that it takes at most


@dataclass(frozen=True, kw_only=True)
class Asked:
    """
    What a choice of columns has to keep.

    Parameters
    ----------
    items, places, k
        How many there are, and how many places may open.
    cutoff
        Only plans below this cost are looked for.
    nodes
        Of the integer programme's search tree.
    left
        Tells how many seconds are left.
    """

    items: int
    places: int
    k: int
    cutoff: float
    nodes: int
    left: Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """
    What was found.

    Parameters
    ----------
    seat
        (items,) the place of each item in the best plan that was found, or None.
    bound
        No plan made of the columns costs less; infinite where none is below the cut-off.
    """

    seat: np.ndarray | None
    bound: float


@dataclass(kw_only=True)
class _Master:
    """
    The columns that are left, and what is known about them.

    ``inside``: which of them the linear programme holds. ``within``: no plan that holds the column
    costs less. ``dear``: what an item costs that is left out.
    """

    asked: Asked
    columns: Columns
    inside: np.ndarray
    within: np.ndarray
    dear: float
    bound: float = -np.inf
    cuts: np.ndarray = field(default_factory=lambda: np.empty((0, 3), dtype=np.int64))

    def matrix(self, columns: Columns) -> tuple[Any, np.ndarray, np.ndarray]:
        """Give the rows items, places, seats and cuts, and their limits."""
        from scipy.sparse import csr_array, vstack

        asked, count = self.asked, len(columns)
        serves = incidence(columns, asked.items)
        opens = csr_array(
            (np.ones(count), (columns.place, np.arange(count))), (asked.places, count)
        )
        parts = [serves, opens, csr_array(np.ones((1, count))), rows_of(self.cuts, serves)]
        rows = csr_array(vstack(parts, format="csr"))
        high = np.ones(rows.shape[0])
        high[asked.items + asked.places] = asked.k
        low = np.r_[np.ones(asked.items), np.full(rows.shape[0] - asked.items, -np.inf)]
        return rows, low, high

    def solve(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Solve the linear programme: shares of the columns inside, duals, items left out."""
        from ortools.linear_solver.python import model_builder_helper as builder
        from scipy.sparse import csr_array, hstack, vstack

        columns, items = self.columns.chosen(self.inside), self.asked.items
        rows, low, high = self.matrix(columns)
        unit = csr_array(np.eye(items))
        spare = vstack([unit, csr_array((rows.shape[0] - items, items))], format="csr")
        whole = hstack([rows, spare, -spare], format="csr")
        cost = np.r_[columns.cost, np.full(2 * items, self.dear)]
        helper: Any = builder.ModelBuilderHelper()
        helper.fill_model_from_sparse_data(
            np.zeros(len(cost)), np.full(len(cost), np.inf), cost, low, high, whole
        )
        solver = builder.ModelSolverHelper("glop")
        solver.solve(helper)
        value = np.asarray(solver.variable_values())
        dual = np.asarray(solver.dual_values())
        return value[: len(columns)], dual, float(value[len(columns) :].sum())

    def price(self, dual: np.ndarray) -> np.ndarray:
        """Raise the bound at these duals, drop columns; give the reduced costs of the others."""
        asked = self.asked
        at = asked.items + asked.places
        prices = Prices(
            item=dual[: asked.items], cuts=self.cuts, toll=np.minimum(dual[at + 1 :], 0.0)
        )
        reduced = prices.reduced(self.columns)
        bound, self.within = worth(self.columns, prices, reduced, (asked.places, asked.k))
        self.bound = max(self.bound, bound)
        entering: np.ndarray = reduced - dual[asked.items : at][self.columns.place] - dual[at]
        kept = self.within < asked.cutoff + 1e-9 * max(1.0, abs(asked.cutoff))
        count = int(kept.sum())
        if count == len(kept) or (len(kept) > SMALL and count > 0.8 * len(kept)):
            return entering
        self.columns = self.columns.chosen(kept)
        self.inside, self.within = self.inside[kept], self.within[kept]
        return entering[kept]

    def settle(self) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """
        Let columns enter until none is below zero; None where there is no more to do.

        Otherwise the shares of the columns inside, the duals, and every column's reduced cost.
        """
        highest = self.dear * DEAREST
        for _ in range(PASSES):
            if not len(self.columns) or self.bound >= self.asked.cutoff or self.asked.left() <= 0:
                return None
            share, dual, missing = self.solve()
            if len(share) == 0 or not np.isfinite(dual).all():
                return None
            before = int(self.inside.sum())
            entering = self.price(dual)
            new = np.flatnonzero((entering < -1e-6) & ~self.inside)
            if len(new):
                order = np.argsort(entering[new], kind="stable")
                self.inside[new[order[:ENTER]]] = True
            elif int(self.inside.sum()) == before:
                if missing <= 1e-6:
                    return share, dual, entering
                if self.dear > highest:
                    return None
                self.dear *= 10
        return None

    def narrow(self, entering: np.ndarray) -> None:
        """Let those leave that are farthest from entering."""
        held = np.flatnonzero(self.inside)
        if len(held) > WIDE:
            order = np.argsort(entering[held], kind="stable")
            self.inside[held[order[WIDE // 2 :]]] = False


def best_choice(columns: Columns, price: np.ndarray, asked: Asked) -> Choice:
    """
    Choose columns so that every item is served once, below a cut-off, at the least cost.

    Parameters
    ----------
    columns
        To choose from.
    price
        (items,) to begin with.
    asked
        What the choice has to keep.
    """
    none = np.empty((0, 3), dtype=np.int64)
    reduced = Prices(item=price, cuts=none, toll=np.empty(0)).reduced(columns)
    inside = np.zeros(len(columns), dtype=bool)
    inside[np.argsort(reduced, kind="stable")[:START]] = True
    dear = 3 * float(abs(price).max()) + 1
    within = np.full(len(columns), -np.inf)
    master = _Master(asked=asked, columns=columns, inside=inside, within=within, dear=dear)
    _cut(master)
    if not len(master.columns) or master.bound >= asked.cutoff:
        return Choice(seat=None, bound=np.inf)
    if asked.left() <= 0:
        return Choice(seat=None, bound=master.bound)
    return _search(master)


def _search(master: _Master) -> Choice:
    """Hand what is left to OR-Tools; of very many columns, those that a cheap plan can hold."""
    asked, columns, cutoff = master.asked, master.columns, np.inf
    if len(columns) > MANY:
        cutoff = float(np.partition(master.within, MANY)[MANY])
        columns = columns.chosen(master.within < cutoff)
    if not len(columns):
        return Choice(seat=None, bound=master.bound)
    found = choose_columns(columns.cost, master.matrix(columns), (asked.nodes, asked.left()))
    seat = None
    if found.chosen is not None:
        seat = np.empty(asked.items, dtype=np.int64)
        for t in found.chosen.tolist():
            seat[columns.member[columns.start[t] : columns.start[t + 1]]] = columns.place[t]
    return Choice(seat=seat, bound=max(min(found.bound, cutoff), master.bound))


def _cut(master: _Master) -> None:
    """Add cuts while they raise the bound."""
    asked, idle = master.asked, 0
    for _ in range(ROUNDS):
        before = master.bound
        settled = master.settle()
        if settled is None:
            return
        share, dual, entering = settled
        ahead = asked.cutoff - before
        idle = idle + 1 if master.bound - before < 0.05 * ahead else 0
        if idle >= 2 or len(master.columns) <= FEW:
            return
        held = master.columns.chosen(master.inside)
        master.narrow(entering)
        master.cuts = master.cuts[dual[asked.items + asked.places + 1 :] < -1e-7]
        new = broken_cuts(held, share, master.cuts, asked.items)[:CUTS]
        if not len(new):
            return
        master.cuts = np.concatenate([master.cuts, new])
