"""
A bundle of cuts: the largest value of a sum of concave functions, each known by what it was asked.

Each function is the least of many linear ones. Where it is asked, it answers with the one that is
least there: a cut. The next place to ask is where the sum of the cuts is largest, less a charge for
the distance from the best place so far (the proximal bundle method; Lemarechal 1975, Kiwiel 1990),
with cuts of each function by itself. The charge is Euclidean, so the place is found from weights
of the cuts: for each function they add up to one.
"""

from __future__ import annotations

import numpy as np

_SWEEPS = 60  # over all functions, for the weights of the cuts
_KEPT = 12  # rounds for which a cut without weight is kept


class Bundle:
    """
    Cuts of ``functions`` functions of ``places`` numbers.

    A cut is ``constant + sum of sign x number`` over its entries.
    """

    def __init__(self, functions: int, places: int) -> None:
        self.functions, self.places = functions, places
        self.owner = np.empty(0, dtype=np.int64)
        self.constant, self.weight = np.empty((2, 0))
        self.idle = np.empty(0, dtype=np.int64)
        self.cut, self.place = np.empty((2, 0), dtype=np.int64)
        self.sign = np.empty(0)

    def add(
        self, owner: np.ndarray, constant: np.ndarray, cut: np.ndarray, place: np.ndarray,
        sign: np.ndarray,
    ) -> None:  # fmt: skip
        """
        Add cuts.

        Parameters
        ----------
        owner, constant
            (c,) function and constant of each new cut.
        cut, place, sign
            (e,) entries: number of the new cut, the place, and 1 or -1.
        """
        known = np.bincount(self.owner, minlength=self.functions) > 0
        before = len(self.owner)
        self.owner = np.r_[self.owner, owner]
        self.constant = np.r_[self.constant, constant]
        self.weight = np.r_[self.weight, np.where(known[owner], 0.0, 1.0)]
        self.idle = np.r_[self.idle, np.zeros(len(owner), dtype=np.int64)]
        self.cut = np.r_[self.cut, cut + before]
        self.place, self.sign = np.r_[self.place, place], np.r_[self.sign, sign]

    def values(self, at: np.ndarray) -> np.ndarray:
        """Give the value of each cut."""
        entries = self.sign * at[self.place]
        return np.asarray(self.constant + np.bincount(self.cut, entries, len(self.owner)))

    def least(self, at: np.ndarray) -> np.ndarray:
        """Give the least of the cuts of each function, (functions,), infinite where none is."""
        found = np.full(self.functions, np.inf)
        np.minimum.at(found, self.owner, self.values(at))
        return found

    def slope(self, at: np.ndarray) -> np.ndarray:
        """Give the slope of the sum of the least cuts, (places,)."""
        value = self.values(at)
        order = np.lexsort((value, self.owner))
        first = np.r_[True, np.diff(self.owner[order]) > 0]
        chosen = np.zeros(len(value))
        chosen[order[first]] = 1.0
        return np.bincount(self.place, self.sign * chosen[self.cut], self.places)

    def ahead(self, center: np.ndarray, length: float) -> np.ndarray:
        """Give where the sum of the cuts is largest, less distance^2 / (2 length)."""
        from planlib.territories.engine.bundle_kernels import balance

        self._drop()
        first = np.searchsorted(self.cut, np.arange(len(self.owner) + 1))
        slope = np.bincount(self.place, self.sign * self.weight[self.cut], self.places)
        start = np.searchsorted(self.owner, np.arange(self.functions + 1))
        balance(
            start, first, self.place, self.sign, self.values(center), length, _SWEEPS,
            self.weight, slope,
        )  # fmt: skip
        return np.asarray(center + length * slope)

    def _drop(self) -> None:
        """Forget cuts that had no weight for long, and sort the others by function."""
        self.idle = np.where(self.weight > 0, 0, self.idle + 1)
        kept = np.flatnonzero(self.idle <= _KEPT)
        order = kept[np.argsort(self.owner[kept], kind="stable")]
        number = np.full(len(self.owner), -1, dtype=np.int64)
        number[order] = np.arange(len(order))
        entries = np.flatnonzero(number[self.cut] >= 0)
        entries = entries[np.argsort(number[self.cut[entries]], kind="stable")]
        self.cut, self.place = number[self.cut[entries]], self.place[entries]
        self.sign = self.sign[entries]
        self.owner, self.constant = self.owner[order], self.constant[order]
        self.weight, self.idle = self.weight[order], self.idle[order]
