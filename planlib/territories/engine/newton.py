"""
Newton's method on the smoothed dual, damped (Levenberg 1944, Marquardt 1963), level by level.

Few variables: the Hessian is a matrix and the step solves it. Many: it is never built, only its
products with vectors are computed, from the arcs that several reps share, and the step is found by
conjugate gradients, preconditioned with each rep's own block, as exactly as is worthwhile (Dembo,
Eisenstat and Steihaug 1982).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.engine.dual import Point, SmoothDual

_STEPS = 25  # Newton steps for a level, at most
_MATRIX = 600  # variables up to which the Hessian is a matrix
_TURNS = 400  # conjugate gradients for a step, at most
_EXACT = 0.1  # residual at which a step is good enough, at most
_GOOD = 2e-3  # largest imbalance, as a share of the mean limit, at which a level ends
_LOOSE = 0.2  # times the level: imbalance that will do while more smoothing is still to go
_LITTLE, _STEADY = 1e-6, 3  # gain, as a share of the value, in so many steps that ends a level
_NEARLY = 10  # times the imbalance asked for, which such a level may leave
_TRUST = 1e-3  # damping of a first step
_EASED, _STIFFER = 5.0, (3.0, 30.0)  # damping falls and grows by

#: Gives a step for a damping and a gradient; and the curvature times a move.
Solver = tuple[Callable[[float, np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]


@dataclass
class Damping:
    """
    How little steps are trusted: what is added to the curvature.

    A level begins no more trusting than ``entry``, with which the level before began well: what was
    right when that one ended is far too little after smoothing has changed.
    """

    now: float = _TRUST
    entry: float = 0.0

    def begin(self) -> None:
        """Begin a level."""
        self.now = max(self.now, self.entry / _EASED)

    def learn(self, ratio: float) -> None:
        """
        Learn from what a step has gained, as a share of what was expected.

        Where that is far too little, the parabola through value, slope and gain says how much
        shorter the step should have been.
        """
        if ratio > 0.7:
            self.now = max(self.now / _EASED, 1e-9)
        elif ratio < 0.25:
            self.now = min(self.now * float(np.clip(2 * (1 - ratio), *_STIFFER)), 1e9)


def climb(
    dual: SmoothDual,
    x: np.ndarray,
    levels: tuple[float, ...],
    box: tuple[np.ndarray, np.ndarray],
    *,
    good: float = _GOOD,
    damping: Damping | None = None,
) -> tuple[np.ndarray, bool]:
    """
    Climb the smoothed dual, level by level; prices stay within a box.

    Gives the prices, and whether loads are as good as asked for at the last level, inside the box.
    ``damping`` is that of an earlier climb much like this one; it is changed.
    """
    from threadpoolctl import threadpool_limits

    damping, met = Damping() if damping is None else damping, False
    damping.now = _TRUST
    with threadpool_limits(limits=1):  # the order of additions must not depend on the machine
        x = np.clip(x, *box)
        path: list[tuple[float, np.ndarray]] = []
        for level in levels:
            tau = level * dual.scale.cost
            enough = max(good, _LOOSE * level)
            x, met = _level(dual, _ahead(dual, x, path, tau, box), tau, box, (damping, enough))
            path = [*path[-1:], (tau, x)]
    return x, met


def _ahead(
    dual: SmoothDual,
    x: np.ndarray,
    path: list[tuple[float, np.ndarray]],
    tau: float,
    box: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Go on along the line of the last two levels, where that is higher than to stay."""
    if len(path) < 2:
        return x
    (old, first), (new, second) = path
    guess = np.clip(second + (second - first) * (new - tau) / (old - new), *box)
    return guess if dual.at(guess, tau).value > dual.at(x, tau).value else x


def _level(
    dual: SmoothDual,
    x: np.ndarray,
    tau: float,
    box: tuple[np.ndarray, np.ndarray],
    how: tuple[Damping, float],
) -> tuple[np.ndarray, bool]:
    damping, good = how
    low, high = box
    point, gains = dual.at(x, tau), [float("inf")] * _STEADY
    solver: Solver | None = None
    damping.begin()
    for _ in range(_STEPS):
        gradient = point.gradient
        free = ~(((x >= high) & (gradient > 0)) | ((x <= low) & (gradient < 0)))
        worst = float((np.abs(gradient) / dual.unit)[free].max(initial=0.0))
        is_steady = sum(gains[-_STEADY:]) <= _LITTLE * abs(point.value)
        if worst < good or is_steady:
            return x, worst < good * _NEARLY and bool(free.all())
        if solver is None:
            solver = _solver(dual, point, free, min(_EXACT, worst))
        solve, curved = solver
        move = solve(damping.now, gradient)
        trial = np.clip(x + move, low, high)
        move = trial - x
        expected = float(gradient @ move - 0.5 * move @ curved(move))
        if expected <= 1e-9 * abs(point.value):
            if damping.now >= 1e6 or np.abs(move).max(initial=0.0) <= 1e-12 * dual.scale.cost:
                break
            damping.now *= _EASED  # the box has turned the step away, or there is nothing to gain
            continue
        after = dual.at(trial, tau)
        gain = after.value - point.value
        if gain > 1e-3 * expected:
            if len(gains) == _STEADY:
                damping.entry = damping.now
            gains.append(gain)
            x, point, solver = trial, after, None
        damping.learn(gain / expected)
    return x, False


def _solver(dual: SmoothDual, point: Point, free: np.ndarray, exact: float) -> Solver:
    if len(free) <= _MATRIX:
        matrix = dual.matrix(point)
        return _by_matrix(matrix, free), lambda move: np.asarray(matrix @ move)
    return _by_products(dual, point, free, exact), lambda move: dual.curved(point, move)


def _by_matrix(matrix: np.ndarray, free: np.ndarray) -> Callable[[float, np.ndarray], np.ndarray]:
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    diagonal = np.diag(matrix)
    floor = np.maximum(diagonal, max(0.1 * float(diagonal.mean()), 1e-12))
    if not free.all():
        matrix = np.where(free & free[:, None], matrix, np.diag(diagonal))

    def solve(damping: float, gradient: np.ndarray) -> np.ndarray:
        while True:
            step = matrix.copy()
            step[np.diag_indices(len(step))] += damping * floor
            try:
                factor: Any = cho_factor(step, lower=True, overwrite_a=True)
            except LinAlgError:
                damping = max(damping * 10, 1e-6)
                continue
            return np.asarray(cho_solve(factor, np.where(free, gradient, 0.0)))

    return solve


def _by_products(
    dual: SmoothDual, point: Point, free: np.ndarray, exact: float
) -> Callable[[float, np.ndarray], np.ndarray]:
    corner, rest = dual.corners(point)
    diagonal = np.r_[np.einsum("jkk->jk", corner).ravel(), rest]
    floor = np.maximum(diagonal, max(0.1 * float(diagonal.mean()), 1e-12))
    cut, own = corner.shape[0] * corner.shape[1], np.arange(corner.shape[1])

    def solve(damping: float, gradient: np.ndarray) -> np.ndarray:
        extra = damping * floor
        block = corner.copy()
        block[:, own, own] += extra[:cut].reshape(corner.shape[:2])
        inverse, single = np.linalg.inv(block), 1.0 / np.maximum(rest + extra[cut:], 1e-300)

        def near(residual: np.ndarray) -> np.ndarray:
            part = residual[:cut].reshape(corner.shape[:2])
            first = np.einsum("jkl,jl->jk", inverse, part)
            return np.where(free, np.r_[first.ravel(), single * residual[cut:]], 0.0)

        residual = np.where(free, gradient, 0.0)
        x = np.zeros(len(gradient))
        step = near(residual)
        size = first = float(residual @ step)
        for _ in range(_TURNS):
            if size <= exact * exact * first:
                break
            product = np.where(free, dual.curved(point, step) + extra * step, 0.0)
            along = size / float(step @ product)
            x += along * step
            residual = residual - along * product
            better = near(residual)
            after = float(residual @ better)
            step, size = better + after / size * step, after
        return x

    return solve
