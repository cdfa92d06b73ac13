"""The heat of the search: how much dearer a change may be once limits are met, and how it fades."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planlib.territories.engine.field import Field

if TYPE_CHECKING:
    from planlib.territories.engine.search import Found

#: From so many territories on, there is one search from the start, and less work for each.
SHARED = 128

#: Heat when limits are met, in the mean territory's share of the gap, and at the end: of few
#: territories; of many; and where regions share the work.
_HOT, _HOT_OF_MANY = 0.2, 0.08
_COLD, _COLD_OF_REGIONS = 0.005, 0.01
_USUAL = 40  # times the median regret of what is not with its best rep: the most heat


def heat_at(found: Found, done: float) -> float:
    """Give the heat when a share of the search is done; it falls by the same factor each time."""
    hot = _HOT if len(found.penalty) < SHARED else _HOT_OF_MANY
    cold = _COLD if found.regions == 1 else _COLD_OF_REGIONS
    return float(hot * (cold / hot) ** done)


def heat_of(place: Field, found: Found) -> float:
    """
    Give the mean territory's share of the gap, or less where changes are far cheaper than that.

    Where reps cost about the same, or prices are not at their end, the gap says little of what a
    change costs.
    """
    regret = place.regret[found.current]
    usual = np.median(regret[regret > 0]) if (regret > 0).any() else np.inf
    return max(min(above_bound(place, found) / len(place.price), _USUAL * float(usual)), 1e-12)


def above_bound(place: Field, found: Found) -> float:
    """Give what a plan within the limits costs above the bound of the prices."""
    away = np.where(place.price > 0, place.upper - found.loads, found.loads - place.lower)
    total = float(place.regret[found.current].sum() + (np.abs(place.price) * away).sum())
    return total + float(place.budget_price @ (place.budget - found.used))
