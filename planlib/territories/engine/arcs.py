"""Arcs: pairs of item and rep that the engine looks at, with what each costs and takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.territories.engine.request import Request


@dataclass(frozen=True, kw_only=True)
class Arcs:
    """
    Arcs in the order of items.

    Parameters
    ----------
    start
        (N + 1,) first arc of each item.
    item, rep
        (A,) int64 and int32.
    cost, load, stake
        (A,), (A, K) and (A, G) in float64, as given.
    """

    start: np.ndarray
    item: np.ndarray
    rep: np.ndarray
    cost: np.ndarray
    load: np.ndarray
    stake: np.ndarray

    def at(self, arcs: np.ndarray) -> Arcs:
        """Keep some arcs, given in order; items keep their numbers."""
        item = self.item[arcs]
        return Arcs(
            start=np.searchsorted(item, np.arange(len(self.start))), item=item,
            rep=self.rep[arcs], cost=self.cost[arcs], load=self.load[arcs],
            stake=self.stake[arcs],
        )  # fmt: skip


def make_arcs(request: Request, items: np.ndarray, reps: np.ndarray, cost: np.ndarray) -> Arcs:
    """Make arcs from pairs of item and rep, sorted by item, and their costs."""
    return Arcs(
        start=np.searchsorted(items, np.arange(request.items + 1)).astype(np.int64),
        item=items.astype(np.int64), rep=reps.astype(np.int32), cost=cost,
        load=request.arc_load(items, reps), stake=request.arc_stake(items, reps),
    )  # fmt: skip


def all_arcs(request: Request) -> Arcs:
    """Give every arc that is allowed."""
    parts = []
    for low, high in request.blocks():
        block = request.block(low, high)
        items, reps = np.nonzero(np.isfinite(block))
        parts.append((items + low, reps, block[items, reps]))
    items, reps, cost = (np.concatenate(part) for part in zip(*parts, strict=True))
    return make_arcs(request, items, reps, cost)
