"""The choice of heads as numbers: what time brings where, what heads cost, where they are today."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planlib.settings.team_structure import CHOSEN
from planlib.team.structure.response import Floats, response

#: What selling time works on, and which kinds of heads give it.
POOLS: dict[str, tuple[str, ...]] = {
    "selling": ("field", "inside"),
    "sdr": ("sdr",),
    "bdr": ("bdr",),
    "specialist": ("specialist",),
}
#: Pool of each chosen kind, by place.
POOL_OF: tuple[int, ...] = tuple(
    next(place for place, kinds in enumerate(POOLS.values()) if kind in kinds) for kind in CHOSEN
)


@dataclass(frozen=True, kw_only=True, eq=False)
class OneOff:
    """One-off cost of change as shares of the yearly cost of a head, and years of its use."""

    hire: float
    leave: float
    retrain: float
    reassign: float
    years: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """
    What is chosen and what it brings. K kinds, P pools, C cells, R regions.

    Parameters
    ----------
    regions, segments
        (C,) names of each cell.
    today
        (K, C) heads today in whole parts of a head.
    parts
        Parts of a head.
    effect
        (K, C) hours a year that a head works for its pool, quality taken off.
    need
        (P, C) hours at which relative time is 1; 0 where the pool has nothing to work on.
    worth
        (P, C) yearly margin at relative time 1.
    base_amount
        Yearly margin that comes without selling.
    revenue_per_margin
        (C,) won amount for one of margin.
    workload
        (C,) selling hours needed a year.
    cost
        (K,) yearly cost of a head, in the unit of ``Costs``.
    price
        Margin that one unit of cost is set against: 1 in money; else such that the field is as
        large as it should be.
    is_money
        Whether cost is known in money.
    one_off
        Cost of change.
    can_move
        (K,) whether the data give the kind a value; others stay as they are.
    elasticity
        Of ``response``.
    """

    regions: np.ndarray = field(repr=False)
    segments: np.ndarray = field(repr=False)
    today: np.ndarray = field(repr=False)
    parts: int
    effect: Floats = field(repr=False)
    need: Floats = field(repr=False)
    worth: Floats = field(repr=False)
    base_amount: float
    revenue_per_margin: Floats = field(repr=False)
    workload: Floats = field(repr=False)
    cost: Floats
    price: float
    is_money: bool
    one_off: OneOff
    can_move: np.ndarray
    elasticity: float

    @property
    def region_names(self) -> list[str]:
        """Regions in order."""
        return list(dict.fromkeys(self.regions.tolist()))

    @property
    def region_of(self) -> np.ndarray:
        """(C,) place of each cell's region."""
        place = {name: number for number, name in enumerate(self.region_names)}
        return np.array([place[name] for name in self.regions.tolist()], dtype=np.int64)

    def by_region(self, parts: np.ndarray) -> np.ndarray:
        """(K, R) heads by kind and region."""
        summed = np.zeros((len(CHOSEN), len(self.region_names)))
        np.add.at(summed.T, self.region_of, parts.T / self.parts)
        return summed

    def hours(self, heads: Floats) -> Floats:
        """(P, C) hours that heads give each pool, quality taken off; any leading axes."""
        given = heads * self.effect
        return np.stack(
            [sum((given[..., k, :] for k in range(len(CHOSEN)) if POOL_OF[k] == p),
                 np.zeros(given.shape[:-2] + given.shape[-1:])) for p in range(len(POOLS))],
            axis=-2,
        )  # fmt: skip

    def margin(self, parts: np.ndarray) -> Floats:
        """(P, C) yearly margin of a structure."""
        return self.worth * response(self.relative(parts / self.parts), self.elasticity)

    def relative(self, heads: Floats) -> Floats:
        """Relative selling time by pool and cell; 0 where there is nothing to work on."""
        hours = self.hours(heads)
        known = np.broadcast_to(self.need > 0, hours.shape)
        return np.divide(hours, np.broadcast_to(self.need, hours.shape),
                         out=np.zeros_like(hours), where=known)  # fmt: skip

    def yearly_cost(self, parts: np.ndarray) -> float:
        """Yearly cost of a structure."""
        return float((parts.sum(axis=1) / self.parts * self.cost).sum())

    def change_cost(self, parts: np.ndarray) -> float:
        """
        One-off cost of going from today to a structure, at its cheapest.

        A head that is new in its region and kind is hired or retrained from one that goes there;
        the others that go leave. Heads that change segment alone are reassigned. Each costs a
        share of the yearly cost of a head of its kind.
        """
        once = self.one_off
        change = np.rint(self.by_region(parts) - self.by_region(self.today)).astype(np.int64)
        total = 0.0
        for region in range(change.shape[1]):
            up = np.repeat(self.cost, np.maximum(change[:, region], 0))
            down = np.repeat(self.cost, np.maximum(-change[:, region], 0))
            total += once.hire * up.sum() + once.leave * down.sum()
            pairs = min(len(up), len(down))
            saved = (once.hire - once.retrain) * up
            saved = np.sort(saved)[::-1][:pairs] + once.leave * np.sort(down)[::-1][:pairs]
            total -= np.maximum(saved, 0.0).sum()
        return float(total + once.reassign * (self.reassigned(parts) * self.cost).sum())

    def reassigned(self, parts: np.ndarray) -> np.ndarray:
        """(K,) heads that change segment beside those that are new or go."""
        moved = np.abs(parts - self.today).sum(axis=1) / self.parts
        net = np.abs(self.by_region(parts) - self.by_region(self.today)).sum(axis=1)
        return np.asarray((moved - net) / 2, dtype=float)

    def objective(self, parts: np.ndarray) -> float:
        """Yearly margin less cost, and less the yearly part of the cost of change, in margin."""
        paid = self.yearly_cost(parts) + self.change_cost(parts) / self.one_off.years
        return float(self.margin(parts).sum()) - self.price * paid
