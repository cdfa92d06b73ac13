"""Single districts of a small map: the cheapest at given prices of the areas, and all below one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planlib.territories.geography.diagram import Diagram, connected_sets
from planlib.territories.geography.request import Request

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Sets = npt.NDArray[np.bool_]
CELLS = 30_000_000  # of the table of least costs
FINE, COARSE = 1_000, 150  # parts of a district in which loads are counted
NODES = CELLS // COARSE
KNOWN_REST, FEW = (
    3,
    60_000,
)  # districts up to which parts of the areas outside are told apart; nodes
VISITS = 20_000_000  # nodes of one walk
ROUNDING = 1e-9  # of the total: what sums of loads that are no whole numbers may be wrong by


def limits_of(request: Request) -> Floats:
    """Limits of a district, (2, K), none tighter than what the other districts leave to it."""
    total, others = request.load.sum(axis=1), request.count - 1
    low, high = np.maximum(request.lower[:, 0], 0.0), np.minimum(request.upper[:, 0], total)
    whole = (request.load == np.round(request.load)).all(axis=1)
    slack = np.where(whole, 0.0, ROUNDING * total)
    left = np.array([total - others * high, total - others * low])
    return np.array([np.maximum(low, left[0]) - slack, np.minimum(high, left[1]) + slack])


@dataclass(frozen=True)
class Offers:
    """
    Districts by what they cost: their share of the cut edges less the prices of their areas.

    Parameters
    ----------
    sets
        (m, n) areas of each.
    cost
        (m,) of each.
    complete
        Whether these are all that cost at most what was asked.
    """

    sets: Sets
    cost: Floats
    complete: bool


class Districts:
    """
    All districts that a plan with the fewest cut edges may have, one limit for all of them.

    Parameters
    ----------
    request
        With the same limits for every district, and no area locked.
    diagram
        Of the connected sets.
    """

    def __init__(self, request: Request, diagram: Diagram) -> None:
        self.request, self.diagram = request, diagram
        self.limits = limits_of(request)
        load = request.load[:, diagram.order]
        room = (self.limits[1] - self.limits[0]) / load.sum(axis=1)
        tightest = int(np.argmin(room))  # the only measure of which the table knows
        turned = np.roll(np.arange(len(load)), -tightest)
        self.load, self.bounds = np.ascontiguousarray(load[turned].T), self.limits[:, turned].copy()
        parts = int(np.clip(CELLS // diagram.nodes, COARSE, FINE))
        self.unit = max(float(self.bounds[1, 0]) / parts, 1e-300)
        self.steps = np.round(self.load[:, 0] / self.unit).astype(np.int64)
        away = self.load[:, 0] - self.steps * self.unit
        self.over = np.append(np.cumsum(np.maximum(away, 0.0)[::-1])[::-1], 0.0)
        self.under = np.append(np.cumsum(np.maximum(-away, 0.0)[::-1])[::-1], 0.0)
        width = int(np.floor((self.bounds[1, 0] + self.under[0]) / self.unit + 1e-9)) + 1
        self.table = np.empty((diagram.nodes, width))
        at = np.argsort(diagram.order)
        turned_graph = request.graph[diagram.order][:, diagram.order]
        self.near = turned_graph.indices.astype(np.int64)
        self.begin = turned_graph.indptr.astype(np.int64)
        self.layer = np.repeat(np.arange(len(at)), np.diff(diagram.first))
        self.cost = diagram.cut / 2

    def edges(self, sets: Sets) -> Floats:
        """Half of the edges between each set and the rest, (m,)."""
        inside = sets.astype(float)
        return np.asarray(((inside @ self.request.graph) * (1 - inside)).sum(axis=1) / 2)

    def ask(self, price: Floats) -> float:
        """Set the prices of the areas, (n,); no district costs less than what is given back."""
        from planlib.territories.geography.diagram_kernels import fill_table, least

        self.cost = self.diagram.cut / 2
        self.cost[:, 1] -= price[self.diagram.order][self.layer]
        fill_table(self.diagram.first, self.diagram.after, self.cost, self.steps, self.table)
        low = (self.bounds[0, 0] - self.over[0]) / self.unit
        high = (self.bounds[1, 0] + self.under[0]) / self.unit
        return float(least(self.table, 0, low, high))

    def below(self, most: float, room: int) -> Offers:
        """Collect the districts that cost at most so much at the prices set, up to a number."""
        from planlib.territories.geography.diagram_kernels import collect

        n = self.request.areas
        found, cost = np.zeros((room, n), dtype=np.bool_), np.zeros(room)
        count, complete = collect(
            self.diagram.after, self.cost, self.table, most,
            self.load, self.bounds, self.unit, self.over, self.under,
            self.near, self.begin, self.request.count, found, cost, VISITS,
        )  # fmt: skip
        sets = np.zeros((count, n), dtype=np.bool_)
        sets[:, self.diagram.order] = found[:count]
        order = np.argsort(cost[:count], kind="stable")
        return Offers(sets[order], cost[:count][order], bool(complete))


def districts_of(request: Request) -> Districts | None:
    """Give the districts of a request, all with the same limits; None where there are too many."""
    limits = limits_of(request)
    if (limits[0] > limits[1]).any() or (limits[1] <= 0).any():
        return None
    limit, diagram = (request.load, limits[1]), None
    if request.count <= KNOWN_REST:
        diagram = connected_sets(request.graph, request.count - 1, FEW, limit)
    if diagram is None:
        diagram = connected_sets(request.graph, None, NODES, limit)
    return None if diagram is None else Districts(request, diagram)
