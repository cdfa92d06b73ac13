"""What searches work on: the arcs near the prices, limits in scaled units, neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.territories.engine.arcs import Arcs
from planlib.territories.engine.dual import Prices, Scale
from planlib.territories.engine.relaxation import TIE, Survey, survey
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

_NEIGHBOURS = 24
_REACH = 80  # arcs into each rep that the search looks at, the nearest by regret per size
_EACH = 5  # and from each other rep, while limits are not met
_WIDER = 16, 400  # arcs of each item, and into each rep by each measure, for a second search
#: Noise in a start, in typical differences of costs, from the least; what a full rep counts in it.
HEATS = (1e-5, 1e-4, 1e-3)
_FILLED = 3.0
#: Of a mean limit and of a budget, kept free for the rounding of sums.
SAFE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Field:
    """
    What the search works on, in scaled units.

    ``into`` are the arcs into each rep that the search looks at, the first of each rep and all;
    ``typical`` is the difference of costs that is usual for each item.
    """

    request: Request
    arcs: Arcs
    regret: np.ndarray
    load: np.ndarray
    stake: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    budget: np.ndarray
    price: np.ndarray
    budget_price: np.ndarray
    into: tuple[np.ndarray, np.ndarray]
    links: tuple[np.ndarray, np.ndarray]
    typical: np.ndarray

    @cached_property
    def wide(self) -> tuple[np.ndarray, np.ndarray]:
        """More arcs than ``into``, from more reps, for as long as limits are not met."""
        arcs, m = self.arcs, self.request.reps
        order = _by_rep(arcs, self.regret, self.typical)
        near = _rank(arcs.rep[order]) < _reach(m)
        return _into(arcs, order[near | (_rank_by_pair(arcs, self.regret, order) < _EACH)], m)

    def parts(self) -> Any:
        """Give the arcs as the kernels take them."""
        arcs = self.arcs
        return arcs.start, arcs.item, arcs.rep, self.regret, self.load, self.stake

    def rep_of(self, current: np.ndarray) -> np.ndarray:
        """Give the rep of each account from the arc of each item."""
        return np.asarray(self.arcs.rep[current].astype(np.int64)[self.request.item_of])

    def nearest(self, rep: np.ndarray) -> np.ndarray:
        """Give a plan by arc: each item's arc to a given rep, or the one of least regret."""
        arcs, m = self.arcs, self.request.reps
        keys = arcs.item * m + arcs.rep
        wanted = np.arange(self.request.items) * m + rep
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.asarray(np.where((rep >= 0) & (keys[at] == wanted), at, _best(arcs, self.regret)))

    @cached_property
    def _turns(self) -> tuple[np.ndarray, np.ndarray]:
        """Each item's arc of least regret, and the items, those with no other good arc first."""
        arcs = self.arcs
        order = np.lexsort((self.regret, arcs.item))
        second = np.full(self.request.items, np.inf)
        some = np.flatnonzero(np.diff(arcs.start) > 1)
        second[some] = self.regret[order[arcs.start[some] + 1]]
        return order[arcs.start[:-1]], np.argsort(-second / self.typical, kind="stable")

    def dealt(self, seed: int, heat: float = HEATS[0]) -> np.ndarray:
        """
        Give a plan by arc: of each item the one of least regret, or one about as good.

        Where many arcs have about the same regret, the least by number would give some reps far too
        much. Gumbel noise of a heat, in typical differences of costs, shares them out; items whose
        best arc stands alone go first, the others rather to who has little. More noise makes the
        plan dear.
        """
        from planlib.territories.engine.group_kernels import deal_out

        arcs, (least, turn) = self.arcs, self._turns
        current = least.copy()
        noise = np.random.default_rng([seed, 5]).gumbel(size=len(self.regret))
        regret = self.regret - heat * self.typical[arcs.item] * noise
        middle = np.maximum((self.upper + self.lower) / 2, 1e-12)
        filled = _FILLED * heat * self.typical
        deal_out(turn, (arcs.start, arcs.rep, regret, self.load), filled, middle, current)
        return np.asarray(current)

    def around(self, outside: np.ndarray, current: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        Give the arcs to look at while a plan does not meet limits: the first of each rep, and all.

        Of the reps ``outside`` (m,) every arc counts, those of the items they have first: what
        would help them may have a regret that is seldom worth a look.
        """
        arcs, (first, into) = self.arcs, self.wide
        more = np.flatnonzero(outside[arcs.rep])
        away = current[arcs.item[more]] != more
        relative = self.regret[more] / self.typical[arcs.item[more]]
        more = more[np.lexsort((relative, away, arcs.rep[more]))]
        count = np.diff(first)
        is_kept = np.repeat(~outside, count)
        count[outside] = np.bincount(arcs.rep[more], minlength=len(outside))[outside]
        is_more = np.repeat(outside, count)
        every = np.empty(len(is_more), dtype=np.int64)
        every[is_more], every[~is_more] = more, into[is_kept]
        return np.r_[0, np.cumsum(count)], every

    def cost_of(self, current: np.ndarray) -> float:
        """Give the cost of a plan, by arc of each item."""
        return float(self.arcs.cost[current].sum())

    def meets(self, current: np.ndarray) -> bool:
        """Tell whether a plan meets every limit, in float64 on the data as given."""
        rep = self.rep_of(current)
        return is_met(self.request, rep)


def is_met(request: Request, rep: np.ndarray) -> bool:
    """Tell whether a plan of accounts meets every limit as given."""
    loads, used = request.loads(rep), request.used(rep)
    return bool(
        (loads <= request.given_upper).all()
        and (loads >= request.given_lower).all()
        and (used <= request.budget).all()
    )


def make_field(
    request: Request,
    seen: Survey,
    prices: Prices,
    scale: Scale,
    *,
    linked: bool = True,
) -> Field:
    """
    Bring arcs and prices into the order and the units that the kernels need.

    Groups of neighbours can be drawn only where the field is ``linked``.
    """
    arcs, m = seen.arcs, request.reps
    regret, typical = np.maximum(seen.regret, 0.0), scale.cost * scale.weight
    order = _by_rep(arcs, regret, typical)
    near = _rank(arcs.rep[order]) < _reach(m)
    units = scale.load[:, None]
    apart = np.zeros((m, 0), dtype=np.int64), np.zeros((m, 0))
    return Field(
        request=request, arcs=arcs, regret=regret,
        load=np.ascontiguousarray(arcs.load / scale.load),
        stake=np.ascontiguousarray(arcs.stake / scale.stake),
        lower=np.ascontiguousarray((request.lower / units).T),
        upper=np.ascontiguousarray((request.upper / units).T),
        budget=np.minimum(request.budget, 2.0 * request.stake.sum(axis=1)) / scale.stake,
        price=np.ascontiguousarray((prices.load * units).T),
        budget_price=np.maximum(prices.budget, 0.0) * scale.stake,
        into=_into(arcs, order[near], m),
        links=_links(arcs, regret / scale.weight[arcs.item], scale.cost, m) if linked else apart,
        typical=typical,
    )  # fmt: skip


def _best(arcs: Arcs, regret: np.ndarray) -> np.ndarray:
    """Give each item's first arc of least regret."""
    least = np.minimum.reduceat(regret, arcs.start[:-1])
    at = np.flatnonzero(regret == least[arcs.item])
    return at[np.diff(arcs.item[at], prepend=-1) > 0]


def widened(
    place: Field, seen: Survey, prices: Prices, scale: Scale, *, pool: Executor | None
) -> Field:
    """
    Look at more arcs, by each measure alone.

    A rep that lacks much of one measure needs what is cheapest by that, dear as it may be.
    """
    request = place.request
    load = request.load.mean(axis=2) if request.by_rep else request.load
    least = 1e-3 * load.mean(axis=1, keepdims=True) + 1e-300
    for weight in (scale.weight, *np.maximum(load, least)):
        seen = survey(
            request, prices, scale, best=_WIDER[0], per_rep=min(_WIDER[1], request.items),
            weight=weight, known=[seen.arcs], pool=pool,
        )  # fmt: skip
    return make_field(request, seen, prices, scale)


def _by_rep(arcs: Arcs, regret: np.ndarray, typical: np.ndarray) -> np.ndarray:
    """
    Give the arcs that are not the best of their items, by rep, the nearest first.

    Of arcs about as near, chance says which comes first: else all reps would look at the same few.
    """
    beside = np.ones(len(regret), dtype=bool)
    beside[_best(arcs, regret)] = False
    beside = np.flatnonzero(beside)
    away = regret[beside] / typical[arcs.item[beside]]
    away += TIE * np.random.default_rng(7).random(len(beside))
    beside = beside[np.argsort(away, kind="stable")]
    small = np.min_scalar_type(int(arcs.rep.max(initial=0)))  # sorted in one go where it is short
    return np.asarray(beside[np.argsort(arcs.rep[beside].astype(small), kind="stable")])


def _reach(reps: int) -> int:
    return max(_REACH, 2000 // reps)


def _into(arcs: Arcs, order: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the first of the arcs into each rep, of some in the order of reps, and these."""
    return np.searchsorted(arcs.rep[order], np.arange(m + 1)).astype(np.int64), order


def _rank(key: np.ndarray) -> np.ndarray:
    """Give the place of each entry among those of the same key, for keys in order."""
    place = np.arange(len(key))
    is_first = np.diff(key, prepend=key[:1] - 1) != 0
    return place - np.maximum.accumulate(np.where(is_first, place, 0))


def _rank_by_pair(arcs: Arcs, regret: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Give the place of each arc among those from the same rep, where its item is best, to its."""
    home = np.zeros(len(arcs.start) - 1, dtype=np.int64)
    best = _best(arcs, regret)
    home[arcs.item[best]] = arcs.rep[best]
    pair = home[arcs.item[order]] * (int(arcs.rep.max(initial=0)) + 1) + arcs.rep[order]
    by = np.argsort(pair, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[by] = _rank(pair[by])
    return rank


def _links(arcs: Arcs, relative: np.ndarray, unit: float, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Give each rep's neighbours, with cumulative odds, by the arcs of small regret they share."""
    from scipy.sparse import coo_matrix

    near = np.exp(-np.minimum(relative / (0.1 * unit), 50.0))
    keep = near > 1e-6
    shared = coo_matrix((near[keep], (arcs.item[keep], arcs.rep[keep])),
                        shape=(len(arcs.start) - 1, m)).tocsr()  # fmt: skip
    link = (shared.T @ shared).tocsr()
    width = min(_NEIGHBOURS, max(m - 1, 1))
    neighbour, odds = np.zeros((m, width), dtype=np.int64), np.ones((m, width))
    for j in range(m):
        row = slice(link.indptr[j], link.indptr[j + 1])
        other, value = link.indices[row], link.data[row].copy()
        other, value = other[other != j], value[other != j]
        if not len(other):  # nobody near: anybody
            other = np.delete(np.arange(m), j) if m > 1 else np.zeros(1, dtype=np.int64)
            value = np.ones(len(other))
        best = np.lexsort((other, -value))[:width]
        some = np.sqrt(value[best]) + 1e-9
        neighbour[j, : len(best)], neighbour[j, len(best) :] = other[best], other[best[0]]
        odds[j, : len(best) - 1] = (np.cumsum(some) / some.sum())[:-1]
    return neighbour, odds
