"""Prices, bound and arcs of a whole market, on which every step of a cascade rests."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from planlib.territories.engine.arcs import Arcs, make_arcs
from planlib.territories.engine.dual import Prices
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

    def joined(self, rep: np.ndarray, cost: np.ndarray) -> Flat:
        """Give the same with an arc of each account to a rep, at its cost; infinite: none."""
        from planlib.territories.engine.pass_kernels import join_rows

        arcs, n = self.arcs, len(rep)
        none = (np.zeros(n + 1, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0))
        near = np.where(np.isfinite(cost), rep, -1).astype(np.int32)[:, None]
        start, reps, costs = join_rows(near, cost[:, None], none, (arcs.start, arcs.rep, arcs.cost))
        items = np.repeat(np.arange(n), np.diff(start))
        return _flat(self.request, self.price, self.bound,
                     make_arcs(self.request, items, reps, costs))  # fmt: skip

    def within(
        self, rows: list[np.ndarray], reps: list[np.ndarray], pool: Executor
    ) -> list[np.ndarray]:
        """Give the costs of teams' accounts (sorted) with all reps of the team, in one pass."""
        team, place = (np.full(self.request.items, -1, dtype=np.int64) for _ in range(2))
        for number, mine in enumerate(rows):
            team[mine], place[mine] = number, np.arange(len(mine))
        found = [np.empty((len(mine), len(own))) for mine, own in zip(rows, reps, strict=True)]

        def part(block: tuple[int, int]) -> None:
            low, high = block
            cost = self.request.block(low, high)
            order = np.argsort(team[low:high], kind="stable")
            numbers, first = np.unique(team[low:high][order], return_index=True)
            for number, here in zip(numbers.tolist(), np.split(order, first[1:]), strict=True):
                if number >= 0:
                    found[number][place[low + here]] = cost[np.ix_(here, reps[number])]

        list(pool.map(part, self.request.blocks()))
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
    return _flat(request, priced.prices.load, priced.bound, priced.seen.arcs)


def _flat(request: Request, price: np.ndarray, bound: float, arcs: Arcs) -> Flat:
    reduced = priced_arcs(arcs, Prices(load=price, budget=np.empty(0)))
    return Flat(request=request, price=price, bound=bound, arcs=arcs, reduced=reduced)
