"""
What an assignment costs, in parts that are computed where they are needed.

Cost unit: an account of average workload at ``travel_km`` from its rep, or wholly outside its
rep's skills, or far above its rep's level, or one average change of owner; each part times its
weight. Parts of small blocks are kept as matrices, those of large ones never stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

#: Pairs of accounts and reps up to which the sum of costs is kept as a matrix.
DENSE = 20_000_000
_PARTS_KEPT = 2_000_000  # pairs up to which each part is kept too

_EARTH_KM = 6371.0
PARTS = ("travel", "misfit", "complexity", "disruption")


@dataclass(frozen=True, kw_only=True)
class Costs:
    """
    Costs of n accounts with m reps; a provider of costs for ``assign``.

    Parameters
    ----------
    size
        (n,) workload relative to the mean of the block.
    at, rep_at
        (n, 3) and (m, 3) places as points on the unit sphere, NaN where unknown.
    hours
        (n, m) travel times where given, NaN where one is not; None: great circles.
    travel_scale
        Kilometres, or hours, that cost as much as a full misfit.
    fit_class, fit_table
        (n,) class of each account and (C, m) misfit of each class, 0 to 1; None: not known.
    complexity, skill
        (n,) and (m,) on one scale of 0 to 1; None: not known.
    relation
        (n,) what losing today's owner costs.
    owner
        (n,) column of today's owner, or -1.
    names
        Parts that are known.
    weights
        Weight by part.
    """

    size: np.ndarray
    at: np.ndarray
    rep_at: np.ndarray
    hours: np.ndarray | None
    travel_scale: float
    fit_class: np.ndarray | None
    fit_table: np.ndarray | None
    complexity: np.ndarray | None
    skill: np.ndarray | None
    relation: np.ndarray
    owner: np.ndarray
    names: tuple[str, ...]
    weights: dict[str, float]
    _kept: dict[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of accounts and of reps."""
        return len(self.at), len(self.rep_at)

    @property
    def is_dense(self) -> bool:
        """Whether whole matrices of this block are kept."""
        return self.shape[0] * self.shape[1] <= DENSE

    def reweighted(self, weights: dict[str, float]) -> Costs:
        """Give the same costs at other weights; matrices are shared."""
        return replace(self, weights=weights)

    def rows(self, first: int, last: int) -> np.ndarray:
        """Give the costs of a range of accounts, (last - first, m)."""
        return self.total()[first:last] if self.is_dense else self._filled(first, last)

    def total(self) -> np.ndarray:
        """Give all costs, (n, m)."""
        n, m = self.shape
        key = "total " + " ".join(f"{name} {self.weights[name]!r}" for name in self.names)
        if key in self._kept:
            return self._kept[key]
        if n * m > _PARTS_KEPT:
            found = self._filled(0, n)
        else:
            found = np.zeros((n, m))
            for name in self.names:
                found += self.weights[name] * self.raw(name)
        if self.is_dense:
            for old in [one for one in self._kept if one.startswith("total ")]:
                del self._kept[old]
            self._kept[key] = found
        return found

    def _filled(self, first: int, last: int) -> np.ndarray:
        """Compute rows of costs in one compiled loop, (last - first, m)."""
        from planlib.territories.costs_kernels import fill_costs

        n, m = self.shape
        weight = {name: self.weights[name] if name in self.names else 0.0 for name in PARTS}
        weight["travel"] /= self.travel_scale
        missing = self.hours is not None or np.isnan(self.at).any() or np.isnan(self.rep_at).any()
        out = np.empty((last - first, m))
        way = self._mean_way() if weight["travel"] and missing else np.zeros(n)
        travel = (self.size, self.at, self.rep_at, _or(self.hours, np.empty((0, 0))), way)
        suits = (
            _or(self.fit_class, np.zeros(n, dtype=np.int64)),
            _or(self.fit_table, np.zeros((1, m))),
            np.nan_to_num(_or(self.complexity, np.zeros(n))), _or(self.skill, np.zeros(m)),
            self.relation, self.owner,
        )  # fmt: skip
        fill_costs(out, first, np.array([weight[name] for name in PARTS]), travel, suits)
        return out

    def part(self, name: str) -> np.ndarray:
        """Give one weighted part, (n, m); 0 where it is not known."""
        if name not in self.names:
            return np.zeros(self.shape)
        return np.asarray(self.weights[name] * self.raw(name))

    def parts(self) -> dict[str, np.ndarray]:
        """Give all weighted parts that are known, (n, m) each."""
        return {name: self.part(name) for name in self.names}

    def at_reps(self, rep: np.ndarray, accounts: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Give the weighted parts of pairs: each account (all: None) with the rep given for it."""
        rows = np.arange(self.shape[0]) if accounts is None else accounts
        return {
            name: self.weights[name] * self._raw(name, rows, rep)
            if name in self.names
            else np.zeros(len(rows))
            for name in PARTS
        }

    def cost_at(self, rep: np.ndarray, accounts: np.ndarray | None = None) -> np.ndarray:
        """Give the cost of pairs: each account (all: None) with the rep given for it."""
        rows = np.arange(self.shape[0]) if accounts is None else accounts
        return self._sum(rows, rep)

    def km_at(self, rep: np.ndarray) -> np.ndarray:
        """Give each account's great-circle distance to the rep given, NaN where unknown."""
        return self._km(np.arange(self.shape[0]), rep)

    def raw(self, name: str) -> np.ndarray:
        """Give one part before its weight, (n, m)."""
        if name not in self._kept:
            n, m = self.shape
            found = self._raw(name, np.arange(n)[:, None], np.arange(m)[None, :])
            if n * m > _PARTS_KEPT:
                return found
            self._kept[name] = found
        return self._kept[name]

    def _sum(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        total = np.zeros(np.broadcast_shapes(i.shape, j.shape))
        for name in self.names:
            if self.weights[name]:
                total += self.weights[name] * self._raw(name, i, j)
        return total

    def _raw(self, name: str, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        if name in self._kept:
            return np.asarray(self._kept[name][i, j])
        if name == "travel":
            return np.asarray(self.size[i] * self._way(i, j) / self.travel_scale)
        if name == "misfit" and self.fit_class is not None and self.fit_table is not None:
            return np.asarray(self.size[i] * self.fit_table[self.fit_class[i], j])
        if name == "complexity" and self.complexity is not None and self.skill is not None:
            short = np.maximum(np.nan_to_num(self.complexity)[i] - self.skill[j], 0.0)
            return np.asarray(self.size[i] * short)
        if name == "disruption":
            return np.asarray(self.relation[i] * ((self.owner[i] >= 0) & (self.owner[i] != j)))
        return np.zeros(np.broadcast_shapes(i.shape, j.shape))

    def _way(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Give the way in km or hours; what is unknown favours nobody: the account's mean."""
        way = self._km(i, j) if self.hours is None else self.hours[i, j]
        unknown = np.isnan(way)
        if unknown.any():
            way = np.where(unknown, np.broadcast_to(self._mean_way()[i], way.shape), way)
        return way

    def _mean_way(self) -> np.ndarray:
        if "mean way" not in self._kept:
            n, m = self.shape
            mean, step = np.zeros(n), max(1, DENSE // (8 * max(m, 1)))
            for first in range(0, n, step):
                i = np.arange(first, min(first + step, n))
                if self.hours is None:
                    way = self._km(i[:, None], np.arange(m)[None, :])
                else:
                    way = self.hours[i]
                known = np.isfinite(way)
                mean[i] = np.where(known, way, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
            self._kept["mean way"] = mean
        return self._kept["mean way"]

    def _km(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        square = np.zeros(np.broadcast_shapes(i.shape, j.shape))
        for axis in range(3):
            step = self.at[:, axis][i] - self.rep_at[:, axis][j]
            square += step * step
        return np.asarray(2 * _EARTH_KM * np.arcsin(np.minimum(np.sqrt(square) / 2, 1.0)))


def _or(given: np.ndarray | None, other: np.ndarray) -> np.ndarray:
    return other if given is None else np.ascontiguousarray(given)
