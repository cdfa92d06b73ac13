"""
A bundle of cuts: the largest value of a sum of concave functions, each known by what it was asked.

Each function is the least of many linear ones. Where it is asked, it answers with the one that is
least there: a cut. The next place to ask is where the sum of the cuts is largest, less a charge for
the distance from the best place so far (the proximal bundle method; Lemarechal 1975, Kiwiel 1990),
with cuts of each function by itself. The charge is Euclidean, so the place is found from weights
of the cuts: for each function they add up to one. At the end they say which parts of which cuts the
relaxed problem chooses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_SWEEPS = 200  # over all functions, for the weights of the cuts
_KEPT = 12  # rounds for which a cut without weight is kept
_GOOD = 0.2  # share of what a step promised, from which on it is made
_VERY_GOOD, _LONGER, _SHORTER = 0.6, 2.0, 0.5  # the next step after a very good one, a bad one


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """
    Linear functions ``constant + sum of factor x number``.

    Parameters
    ----------
    owner, constant
        (c,) function that each belongs to, and its constant.
    cut, place, factor
        (e,) entries: number of the cut here, place of the number, and what it is multiplied by.
    tag
        What the caller knows a cut by; None: nothing.
    """

    owner: np.ndarray
    constant: np.ndarray
    cut: np.ndarray
    place: np.ndarray
    factor: np.ndarray
    tag: np.ndarray | None = None


class Bundle:
    """
    Cuts of functions of numbers within a box.

    Parameters
    ----------
    functions, places
        How many functions, and numbers, there are.
    low, high
        The box.
    sweeps
        Most passes over all functions for the weights of the cuts.
    """

    def __init__(
        self, functions: int, places: int, low: float = -np.inf, high: float = np.inf,
        *, sweeps: int = _SWEEPS,
    ) -> None:  # fmt: skip
        self.functions, self.places, self.box = functions, places, (low, high)
        self.sweeps = sweeps
        self.owner, self.cut, self.place, self.tag, self._idle = np.empty((5, 0), dtype=np.int64)
        self.constant, self.weight, self.factor = np.empty((3, 0))

    def add(self, cuts: Cuts) -> None:
        """Add cuts; the first one of a function gets the weight that its others lack."""
        lacks = 1.0 - np.bincount(self.owner, self.weight, self.functions)
        before, count = len(self.owner), len(cuts.owner)
        is_first = np.zeros(count, dtype=bool)
        is_first[np.unique(cuts.owner, return_index=True)[1]] = True
        tag = np.full(count, -1) if cuts.tag is None else cuts.tag
        self.owner = np.r_[self.owner, cuts.owner]
        self.constant = np.r_[self.constant, cuts.constant]
        self.weight = np.r_[
            self.weight, np.where(is_first & (lacks[cuts.owner] > 1e-9), lacks[cuts.owner], 0.0)
        ]
        self.tag, self._idle = np.r_[self.tag, tag], np.r_[self._idle, np.zeros(count, np.int64)]
        self.cut, self.place = np.r_[self.cut, cuts.cut + before], np.r_[self.place, cuts.place]
        self.factor = np.r_[self.factor, cuts.factor]

    def values(self, at: np.ndarray) -> np.ndarray:
        """Give the value of each cut."""
        entries = self.factor * at[self.place]
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
        first = np.diff(self.owner[order], prepend=-1) > 0
        chosen = np.zeros(len(value))
        chosen[order[first]] = 1.0
        return np.bincount(self.place, self.factor * chosen[self.cut], self.places)

    def ahead(self, center: np.ndarray, length: float) -> np.ndarray:
        """Give where the sum of the cuts is largest, less distance^2 / (2 length)."""
        from planlib.bundle_kernels import balance

        self._idle = np.where(self.weight > 0, 0, self._idle + 1)
        self.keep(self._idle <= _KEPT)
        first = np.searchsorted(self.cut, np.arange(len(self.owner) + 1))
        slope = np.bincount(self.place, self.factor * self.weight[self.cut], self.places)
        start = np.searchsorted(self.owner, np.arange(self.functions + 1))
        balance(
            start, first, self.place, self.factor, self.constant, center, length, self.box,
            self.sweeps, self.weight, slope,
        )  # fmt: skip
        return np.asarray(np.clip(center + length * slope, *self.box))

    def keep(self, kept: np.ndarray) -> None:
        """Keep some cuts, (cuts,) bool, sorted by function; weights are as they were."""
        chosen = np.flatnonzero(kept)
        order = chosen[np.argsort(self.owner[chosen], kind="stable")]
        number = np.full(len(self.owner), -1, dtype=np.int64)
        number[order] = np.arange(len(order))
        entries = np.flatnonzero(number[self.cut] >= 0)
        entries = entries[np.argsort(number[self.cut[entries]], kind="stable")]
        self.cut, self.place = number[self.cut[entries]], self.place[entries]
        self.factor = self.factor[entries]
        self.owner, self.constant = self.owner[order], self.constant[order]
        self.weight, self.tag, self._idle = self.weight[order], self.tag[order], self._idle[order]


class Climb:
    """
    The way up: where to ask next, and the best place so far.

    Parameters
    ----------
    bundle
        What is known of the functions.
    at
        (places,) where to begin.
    shorter
        Multiple of the step after one that lost. Where answers may be too little, a loss may be
        that the best place was answered too well: 1 asks on as far away, and learns.
    """

    def __init__(self, bundle: Bundle, at: np.ndarray, shorter: float = _SHORTER) -> None:
        self.bundle, self.shorter = bundle, shorter
        self.at = self.center = at
        self.value = -np.inf  # at the center
        self.length = 0.0
        self.promised = 0.0  # what the next step gains if the cuts tell all
        self.idle = 0  # answers since the last that was the best

    def answer(self, total: float, cuts: Cuts, hoped: float) -> None:
        """
        Take what the functions answered where they were asked, and choose where to ask next.

        Parameters
        ----------
        total
            Sum of the functions there.
        cuts
            Their least cuts there.
        hoped
            Gain that the first step aims at (the length after Polyak 1969).
        """
        self.bundle.add(cuts)
        known = float(self.bundle.least(self.center).sum())
        self.value = min(self.value, known)  # what was answered there may have been too much
        gained = total - self.value
        self.idle = 0 if gained > 0 else self.idle + 1
        if gained >= _GOOD * self.promised:
            self.center, self.value = self.at, total
            self.length *= _LONGER if np.inf > gained >= _VERY_GOOD * self.promised else 1.0
        elif gained < 0:
            self.length *= self.shorter
        if not self.length:
            slope = self.bundle.slope(self.center)
            steep = float(slope @ slope)
            self.length = hoped / steep if steep > 0 else 0.0  # on the level there is no way up
        self.at = self.bundle.ahead(self.center, self.length)
        self.promised = float(self.bundle.least(self.at).sum()) - self.value

    def again(self) -> None:
        """Begin anew at the best place, where the functions have changed."""
        self.at, self.value, self.promised, self.idle = self.center, -np.inf, 0.0, 0
