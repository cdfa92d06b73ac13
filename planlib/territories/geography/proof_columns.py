"""
Proof for cut edges by whole districts.

A plan is a choice of districts that covers every area once. Half the edges that leave a district
are its cost, so that plan and choice cost the same, and the linear relaxation of that choice is
much stronger than any with labels of areas. Districts are found by their price as they are needed
(column generation; Garfinkel and Nemhauser 1970, Mehrotra, Johnson and Nemhauser 1998). Any prices
of the areas give a bound: their sum and the cost of the cheapest district, once for each. At the
end all districts that a plan within a target could contain are listed, and the choice among them
is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from planlib.territories.geography.districts import Districts, Offers
from planlib.territories.geography.measure import objective_of, within

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Sets = npt.NDArray[np.bool_]
ROUNDS = 600  # of prices
ENTER = 120  # districts that enter the choice in one round
ROOM = 1_500  # districts that are collected for that
SMOOTH = 0.7  # share of the best prices so far in those that are asked next
STEPS = (0.0, 0.02, 0.1, 0.3, 0.6, 1.0)  # from the cheapest that can be to what would be of use
BOX, WIDER = 0.5, 4.0  # how far prices go from the best ones, in parts of their mean
LISTED = 100_000  # districts that a choice is made from
TREE = 10_000  # nodes of the integer programme that makes the choice
HAIR = 1e-6
SECONDS_KNOWN = 2.0  # at least, for the best plan of the districts that are known


@dataclass(kw_only=True)
class Prices:
    """The best prices so far: (n,), the cost of the cheapest district, and the bound of both."""

    area: Floats
    district: float = 0.0
    bound: float = -np.inf


@dataclass(kw_only=True)
class Choice:
    """The districts among which a linear programme chooses, and the prices that it gives."""

    districts: Districts
    sets: Sets
    cost: Floats
    prices: Prices
    reach: float
    known: set[bytes] = field(default_factory=set)

    def add(self, sets: Sets) -> int:
        """Add districts that are not there yet; give their number."""
        fresh = [row for row in sets if row.tobytes() not in self.known]
        if fresh:
            self.known.update(row.tobytes() for row in fresh)
            self.sets = np.vstack([self.sets, fresh])
            self.cost = np.append(self.cost, self.districts.edges(np.array(fresh)))
        return len(fresh)

    def solve(self) -> tuple[Floats, float, float]:
        """Solve the linear programme: prices of areas and of a district, and what is not met."""
        from ortools.linear_solver.python import model_builder_helper as builder
        from scipy.sparse import csr_array, hstack

        n, count = self.sets.shape[1], len(self.sets)
        covers = np.vstack([self.sets.T, np.ones(count)])
        spare = np.vstack([np.eye(n), np.zeros((1, n))])
        rows = hstack([csr_array(covers), csr_array(spare), csr_array(-spare)], format="csr")
        centre = self.prices.area
        cost = np.r_[self.cost, centre + self.reach, self.reach - centre]
        sides = np.append(np.ones(n), float(self.districts.request.count))
        helper: Any = builder.ModelBuilderHelper()
        helper.fill_model_from_sparse_data(
            np.zeros(len(cost)), np.full(len(cost), np.inf), cost, sides, sides, rows
        )
        solver = builder.ModelSolverHelper("glop")
        solver.solve(helper)
        value, dual = np.asarray(solver.variable_values()), np.asarray(solver.dual_values())
        return dual[:n], float(dual[n]), float(value[count:].sum())


def price_areas(choice: Choice, value: float, left: Callable[[], float]) -> None:
    """Let districts enter until none is of use, or the bound proves that nothing is below value."""
    best = choice.prices
    for _ in range(ROUNDS):
        if np.ceil(best.bound - HAIR) >= value or left() <= 0:
            return
        area, district, missing = choice.solve()
        for share in (SMOOTH, 0.0):
            if share and not np.isfinite(best.bound):
                continue
            asked = share * best.area + (1 - share) * area
            useful = share * best.district + (1 - share) * district
            offers, cheapest = _cheapest(choice.districts, asked, useful)
            bound = float(asked.sum()) + choice.districts.request.count * cheapest
            if bound > best.bound:
                best.area, best.district, best.bound = asked, cheapest, bound
            if choice.add(offers.sets[:ENTER]):
                break
        else:
            if missing <= HAIR or not np.isfinite(best.bound):
                return
            choice.reach *= WIDER


def _cheapest(districts: Districts, price: Floats, useful: float) -> tuple[Offers, float]:
    """Give cheap districts at given prices, up to what is of use, and a bound on the cheapest."""
    lowest = districts.ask(price)
    useful = max(useful - HAIR, lowest)
    bound = lowest
    offers = Offers(np.zeros((0, len(price)), dtype=np.bool_), np.zeros(0), True)
    if np.isposinf(lowest):
        return offers, lowest
    for step in STEPS:
        most = lowest + step * (useful - lowest)
        offers = districts.below(most + HAIR * 0.01, ROOM)
        if len(offers.cost):
            return offers, float(offers.cost[0]) if offers.complete else bound
        if not offers.complete:
            break
        bound = most
    return offers, bound


def prove_columns(
    districts: Districts, plans: list[Ints], value: float, left: Callable[[], float]
) -> tuple[Ints | None, float, bool]:
    """
    Look for plans with fewer cut edges than a value, the fewest first, until there are none.

    Parameters
    ----------
    districts
        All that a plan may have.
    plans
        Plans to begin with, the best first.
    value
        Cut edges of the best plan; inf where there is none.
    left
        Tells how many seconds are left.

    Returns
    -------
    tuple
        The best plan (None where none is known), a bound (inf where it is proven that there is no
        plan), and whether the plan is optimal.
    """
    request = districts.request
    part = plans[0] if plans else None
    end = min(value, request.graph.nnz // 2 + 1.0)
    choice = begin_choice(districts, plans, end)
    price_areas(choice, end, left)
    target = max(float(np.ceil(choice.prices.bound - HAIR)), 0.0)
    while target < end:
        listed = _listed(choice, target)
        if not listed.complete or left() <= 0:
            return _known_best(choice, part, end, left), target, False
        chosen, least = choose(districts, listed.sets, target, left)
        if chosen is not None:
            if not within(request, chosen):  # by a hair, where loads are no whole numbers
                return part, target, False
            found = objective_of(request, chosen)
            if found < end:
                part, value, end = chosen, found, found
        if target < end and least <= target + HAIR:
            return _known_best(choice, part, end, left), target, False
        target += 1
    return part, value, True


def begin_choice(districts: Districts, plans: list[Ints], value: float) -> Choice:
    """Begin with the districts of known plans, and prices by the areas' loads."""
    request = districts.request
    n = request.areas
    size = (request.load / request.load.sum(axis=1, keepdims=True)).mean(axis=0)
    prices = Prices(area=value * size)
    choice = Choice(
        districts=districts, sets=np.zeros((0, n), dtype=np.bool_), cost=np.zeros(0),
        prices=prices, reach=BOX * value / n,
    )  # fmt: skip
    for plan in plans:
        choice.add(plan == np.arange(request.count)[:, None])
    return choice


def _listed(choice: Choice, target: float) -> Offers:
    """List all districts that a plan with at most so many cut edges can have."""
    best, count = choice.prices, choice.districts.request.count
    choice.districts.ask(best.area)
    most = target - float(best.area.sum()) - (count - 1) * best.district
    return choice.districts.below(most + HAIR, LISTED)


def _known_best(
    choice: Choice, part: Ints | None, value: float, left: Callable[[], float]
) -> Ints | None:
    """Give the best plan of the districts that have entered, if it has fewer cut edges."""
    seconds = max(left(), SECONDS_KNOWN)
    chosen, _ = choose(choice.districts, choice.sets, value - 1, lambda: seconds)
    request = choice.districts.request
    if chosen is None or not within(request, chosen) or objective_of(request, chosen) >= value:
        return part
    return chosen


def choose(
    districts: Districts, sets: Sets, target: float, left: Callable[[], float]
) -> tuple[Ints | None, float]:
    """
    Choose districts that cover every area once, for at most so many cut edges if that can be.

    Returns
    -------
    tuple
        A plan, perhaps with more cut edges, or None; and a bound on what a choice costs, inf where
        none is within the target.
    """
    from planlib.territories.seats_columns import Columns
    from planlib.territories.seats_master import Asked, best_choice

    n = sets.shape[1]
    if not sets.any(axis=0).all():
        return None, np.inf
    member = np.nonzero(sets)[1].astype(np.int64)
    start = np.append(0, np.cumsum(sets.sum(axis=1))).astype(np.int64)
    columns = Columns(
        place=member[start[:-1]], cost=districts.edges(sets), start=start, member=member
    )
    asked = Asked(
        items=n, places=n, k=districts.request.count, cutoff=target + 0.5, nodes=TREE, left=left
    )
    choice = best_choice(columns, np.full(n, target / n), asked)
    if choice.seat is None:
        return None, choice.bound
    return np.unique(choice.seat, return_inverse=True)[1].astype(np.int64), choice.bound
