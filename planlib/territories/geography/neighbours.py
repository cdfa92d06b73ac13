"""Neighbours from places alone, where no adjacency is given."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from planlib.territories.geography.start import bridges

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LONG = 4.0  # a side so many times longer than is usual at its ends is no common border


def flat_map(points: Floats) -> Floats:
    """
    Project places on a plane.

    Points on a sphere are projected by Lambert's azimuthal equal-area projection about their
    middle (Snyder 1987, Map projections, p. 182); points of a plane stay.
    """
    if points.shape[1] == 2:
        return points
    radius = np.linalg.norm(points, axis=1).mean()
    unit = points / radius
    middle = unit.mean(axis=0)
    size = np.linalg.norm(middle)
    middle = middle / size if size > 1e-9 else np.array([1.0, 0.0, 0.0])
    east = np.cross([0.0, 0.0, 1.0], middle)
    if np.linalg.norm(east) < 1e-9:
        east = np.array([0.0, 1.0, 0.0])
    east /= np.linalg.norm(east)
    north = np.cross(middle, east)
    factor = np.sqrt(2 / np.maximum(1 + unit @ middle, 1e-9))
    return np.asarray(radius * np.column_stack([factor * (unit @ east), factor * (unit @ north)]))


def infer_pairs(points: Floats) -> Ints:
    """
    Take areas to touch where their Delaunay triangles do, long sides left out.

    Parameters
    ----------
    points
        (n, 2) in a plane or (n, 3) on a sphere.

    Returns
    -------
    ndarray
        (e, 2) pairs; every area can be reached from every other.
    """
    from scipy.spatial import Delaunay, QhullError

    flat, n = flat_map(points), len(points)
    place = np.column_stack([flat, np.zeros(n)])
    pairs = np.zeros((0, 2), dtype=np.int64)
    if n >= 4:
        try:
            corners = Delaunay(flat).simplices
            sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
            pairs = np.unique(np.sort(sides, axis=1), axis=0).astype(np.int64)
        except QhullError:  # all on one line: joined along it below
            pairs = np.zeros((0, 2), dtype=np.int64)
    if len(pairs):
        length = np.linalg.norm(flat[pairs[:, 0]] - flat[pairs[:, 1]], axis=1)
        ends = np.concatenate([pairs[:, 0], pairs[:, 1]])
        usual = _medians(ends, np.concatenate([length, length]), n)
        pairs = pairs[length <= LONG * usual[pairs].mean(axis=1) + 1e-12]
    graph = csr_array(
        (
            np.ones(2 * len(pairs)),
            (
                np.concatenate([pairs[:, 0], pairs[:, 1]]),
                np.concatenate([pairs[:, 1], pairs[:, 0]]),
            ),
        ),
        shape=(n, n),
    )
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(graph, directed=False)
    joined = bridges(place, graph, label.astype(np.int64)).tocoo()
    one, two = joined.coords
    return np.asarray(np.column_stack([one, two])[one < two], dtype=np.int64)


def _medians(ends: Ints, length: Floats, n: int) -> Floats:
    """Median length of the sides at each area."""
    order = np.lexsort((length, ends))
    counts = np.bincount(ends, minlength=n)
    first = np.cumsum(counts) - counts
    middle = np.minimum(first + counts // 2, len(order) - 1)
    return np.asarray(np.where(counts > 0, length[order][middle], 0.0))
