"""
The integrality bonus: what every plan of whole accounts must cost above the relaxation's bound.

At given prices, a plan costs the bound, plus the regret of each item that is not with its cheapest
rep, plus the price of what each territory stays away from its priced limits. Each regret is shared
by the rep who takes the item and the one who does without it. Then each territory's part can be
bounded by itself, by enumeration of the items it could take or give, and the sum of these parts is
added to the bound. Tolerances that no sum of whole accounts meets exactly, and rural territories
with few accounts to choose from, raise the bound most.

Any way of sharing gives a bound. An item that its territory would give but none would take should
cost more to give, and the other way round. The best sharing is the Lagrangian dual of the rule that
every item has one rep (Fisher 1981); it is looked for with a bundle of what the territories have
answered to other ways of sharing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planlib.bundle import Bundle, Climb, Cuts
from planlib.territories.engine.dual import Prices, Scale
from planlib.territories.engine.request import Request
from planlib.territories.engine.sharing import Sharing, make_sharing

if TYPE_CHECKING:
    from concurrent.futures import Executor

_SUBSETS = 4_000  # of half of a territory's changes
_PARTS = 8
_SAFE = 1 - 1e-9
_HOPED = 0.2  # share of the first bonus that the first step aims at
_DONE = 1e-6  # share of the gap that a step has to promise
_PATIENCE = 10  # rounds without gain after which it ends: what the lists leave out is unknown


@dataclass(frozen=True, kw_only=True)
class Bonus:
    """
    What the territories add to the bound of the prices, and how it was found.

    Parameters
    ----------
    total
        What all of them add at least.
    least, start
        (m,) what each adds at least, and what it pays with the changes that pay for themselves.
    share, home
        (N,) each item's regret that its giver bears, and its best rep.
    """

    total: float
    least: np.ndarray
    start: np.ndarray
    share: np.ndarray
    home: np.ndarray

    def further(self, items: np.ndarray, reps: np.ndarray, regret: np.ndarray) -> np.ndarray:
        """
        Give what plans with an arc cost at least above bound and bonus, (A,), at least 0.

        The rep who takes the item then bears its price, the one who does without it its share.
        """
        home, share = self.home[items], self.share[items]
        taken = self.start[reps] + np.maximum(regret - share, 0.0) - self.least[reps]
        given = self.start[home] + np.maximum(share, 0.0) - self.least[home]
        both = np.maximum(taken, 0.0) + np.maximum(given, 0.0)
        return np.asarray(np.where(reps == home, 0.0, both))


def integrality_bonus(
    request: Request,
    prices: Prices,
    scale: Scale,
    plan: np.ndarray,
    *,
    pool: Executor | None = None,
    subsets: int = _SUBSETS,
    rounds: int = 1,
    go_on: Callable[[], bool] = lambda: True,
) -> Bonus:
    """
    Find what the territories add to the bound of the prices at least.

    Parameters
    ----------
    plan
        (N,) rep of each item in a good plan; it only limits how far the enumeration looks.
    subsets
        Of half of a territory's changes that are listed; where they do not suffice, the bonus is
        lower.
    rounds
        Ways of sharing that are tried.
    go_on
        Asked before each round but the first.
    """
    sharing = make_sharing(request, prices, scale, plan, pool)
    gap = float(sharing.slack.sum() + sharing.paid.sum())
    bundle = Bundle(sharing.reps, len(sharing.home), -sharing.cap, sharing.cap)
    bundle.add(sharing.cut_of_plan())
    found = Bonus(
        total=0.0, least=np.zeros(sharing.reps), start=np.zeros(sharing.reps),
        share=np.zeros(len(sharing.home)), home=sharing.home,
    )  # fmt: skip
    climb, least = Climb(bundle, sharing.begin), np.zeros(sharing.reps)
    for turn in range(rounds):
        if turn and not go_on():
            break
        share = climb.at
        start, cuts = _least(sharing, share, subsets, (bundle.least(share), least), pool)
        total = float(least.sum())
        if total > found.total:
            found = Bonus(
                total=total, least=least.copy(), start=start, share=share, home=sharing.home
            )
        climb.answer(total, cuts, max(_HOPED * total, 1e-3 * gap))
        if climb.promised <= _DONE * gap or climb.idle == _PATIENCE:
            break
    return replace(found, total=found.total * _SAFE)


def _least(
    sharing: Sharing,
    share: np.ndarray,
    subsets: int,
    bounds: tuple[np.ndarray, np.ndarray],
    pool: Executor | None,
) -> tuple[np.ndarray, Cuts]:
    """
    Find each territory's least part, in place.

    ``bounds`` are what each part is at most (what is known costs no less), and the least parts of
    an earlier call; they are filled anew. Gives what each territory pays from the start, and the
    cheapest changes of each as cuts.
    """
    from planlib.territories.engine.bonus_kernels import DEPTH, least_of_territories

    known, least = bounds
    m = sharing.reps
    ceiling = np.minimum(sharing.ceiling(share), known)
    changes = sharing.changes(share, ceiling)
    above = np.maximum(ceiling - changes.start, 0.0)
    least -= changes.start
    count, chosen = np.full(m, -1, dtype=np.int64), np.zeros((m, DEPTH), dtype=np.int64)
    edges = np.linspace(0, m, _PARTS + 1).astype(np.int64)

    def part(at: int) -> None:
        least_of_territories(
            (int(edges[at]), int(edges[at + 1])), changes.first, changes.cost, changes.shift,
            changes.base, sharing.limits, above, subsets, least, (chosen, count),
        )  # fmt: skip

    list(pool.map(part, range(_PARTS)) if pool else map(part, range(_PARTS)))
    least += changes.start
    there = (np.arange(DEPTH) < count[:, None]) & (count < DEPTH)[:, None]
    made = np.setxor1d(changes.made, changes.key[chosen[there]], assume_unique=True)
    return changes.start, sharing.cuts(made, (count >= 0) & (count < DEPTH))
