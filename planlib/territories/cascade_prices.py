"""Prices, bound and arcs of a whole market, on which every step of a cascade rests."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from planlib.territories.engine.arcs import Arcs
from planlib.territories.engine.prices import find_prices
from planlib.territories.engine.relaxation import priced_arcs
from planlib.territories.engine.request import Request


@dataclass(frozen=True, kw_only=True)
class Flat:
    """
    A market as a whole: what is asked, prices (K, m), the bound they prove, and arcs.

    ``arcs`` are the reps of each account that may matter; ``reduced`` is their cost plus price.
    """

    request: Request
    price: np.ndarray
    bound: float
    arcs: Arcs
    reduced: np.ndarray

    @property
    def reps(self) -> int:
        """Number of reps."""
        return self.request.reps

    @property
    def load(self) -> np.ndarray:
        """(K, n) size of the accounts."""
        return self.request.account_load

    @property
    def lower(self) -> np.ndarray:
        """(K, m) least that each rep may have, as given."""
        return self.request.given_lower

    @property
    def upper(self) -> np.ndarray:
        """(K, m) most that each rep may have, as given."""
        return self.request.given_upper

    def loads(self, rep: np.ndarray) -> np.ndarray:
        """Add up the loads by rep, (K, m)."""
        return self.request.loads(rep)

    def costs(self, rep: np.ndarray, *, reduced: bool = False) -> np.ndarray:
        """Give what each account costs in a plan, infinite where that is none of its arcs."""
        own = np.flatnonzero(self.arcs.rep == rep[self.arcs.item])
        found = np.full(len(rep), np.inf)
        found[self.arcs.item[own]] = (self.reduced if reduced else self.arcs.cost)[own]
        return found

    def folded(self, rows: np.ndarray, price: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Give the least cost plus price (K, m) of accounts in each column of reps (m,)."""
        from planlib.territories.cascade_kernels import fold_rows

        arcs = self.arcs
        least = np.empty((len(rows), int(column.max()) + 1))
        fold_rows(rows, arcs.start, arcs.rep, arcs.cost, arcs.load, np.ascontiguousarray(price.T),
                  column, least)  # fmt: skip
        return least


def flat_prices(request: Request, *, seed: int = 0, pool: Executor | None = None) -> Flat:
    """
    Give prices, the bound and the arcs that matter, of a whole market.

    Parameters
    ----------
    request
        Each account for itself, loads that do not depend on the rep, no budgets.
    seed
        Of the sample with which a large market starts.
    pool
        Works on blocks at the same time; the result is the same without.
    """
    priced = find_prices(request, seed=seed, pool=pool, all_seen=True)
    arcs = priced.seen.arcs
    return Flat(
        request=request, price=priced.prices.load, bound=priced.bound, arcs=arcs,
        reduced=priced_arcs(arcs, priced.prices),
    )  # fmt: skip
