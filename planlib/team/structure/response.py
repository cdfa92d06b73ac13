"""How margin answers selling time: concave, in straight pieces, the same everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Relative selling time (1: today's mean) between which margin is a straight line; flat beyond.
KNOTS: Floats = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0])


def half_point(elasticity: float) -> float:
    """Give the theta of ``u (1 + theta) / (u + theta)`` with this elasticity at ``u = 1``."""
    return elasticity / (1.0 - elasticity)


def heights(elasticity: float) -> Floats:
    """
    Give the response at the knots.

    ``r(u) = u (1 + theta) / (u + theta)``: nothing without time, 1 at today's mean time, falling
    return throughout; its elasticity at ``u = 1`` is ``theta / (1 + theta)``.
    """
    theta = half_point(elasticity)
    return np.asarray(KNOTS * (1 + theta) / (KNOTS + theta), dtype=float)


def response(u: Floats, elasticity: float | Floats) -> Floats:
    """
    Give the response in straight pieces.

    Parameters
    ----------
    u
        Relative selling time; the last axes are free.
    elasticity
        One number, or one for each entry of the first axis of ``u``.
    """
    if np.ndim(elasticity) == 0:
        return np.asarray(np.interp(u, KNOTS, heights(float(elasticity))), dtype=float)
    shape = (-1,) + (1,) * (np.ndim(u) - 1)
    theta = half_point_of(np.asarray(elasticity, dtype=float)).reshape(shape)
    place = np.clip(np.searchsorted(KNOTS, u, side="right") - 1, 0, len(KNOTS) - 2)
    left, right = KNOTS[place], KNOTS[place + 1]
    low, high = (x * (1 + theta) / (x + theta) for x in (left, right))
    part = np.clip((np.minimum(u, KNOTS[-1]) - left) / (right - left), 0.0, 1.0)
    return np.asarray(low + part * (high - low), dtype=float)


def half_point_of(elasticity: Floats) -> Floats:
    """Give ``half_point`` of many elasticities, each held between 0.02 and 0.95."""
    held = np.clip(elasticity, 0.02, 0.95)
    return np.asarray(held / (1.0 - held), dtype=float)


def pieces(elasticity: float) -> tuple[Floats, Floats]:
    """Give slope and intercept of each straight piece; their minimum is the response."""
    height = heights(elasticity)
    slope = np.append(np.diff(height) / np.diff(KNOTS), 0.0)
    return slope, height - slope * KNOTS
