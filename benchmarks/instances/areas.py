"""
Areas for contiguous districts: metros, country, a planar neighbourhood (family P2).

``numpy.random.default_rng([seed, n, k, 2])`` draws, in this order:

1. n / 120 metros, uniform in a box of 4,200 x 2,400 km, weight rank ** -0.8;
2. the areas, 45 % uniform and the rest round a metro (normal, 70 km);
3. workload lognormal(0.6), potential lognormal(0.9) correlated by 0.5, and ACV lognormal(1.2)
   correlated with potential by 0.6, each capped at a quarter of a mean district.

Two areas are neighbours when they share an edge of the Delaunay triangulation; the longest 1.5 % of
the edges are dropped, those of the shortest spanning tree are kept.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from benchmarks.instances.problem import Areas

BOX = (4200.0, 2400.0)


def areas(n: int, k: int, seed: int, *, measures: int = 2, tolerance: float = 0.05) -> Areas:
    """
    Draw areas with a neighbourhood.

    Parameters
    ----------
    n, k
        Areas and districts.
    seed
        Of the draw; 1 to 10 are the public ones.
    measures
        1 to 3: workload, potential, ACV.
    tolerance
        Allowed deviation of a district's load from the equal share.
    """
    draw = np.random.default_rng([seed, n, k, 2])
    metros = max(1, n // 120)
    centre = draw.random((metros, 2)) * BOX
    weight = np.arange(1, metros + 1) ** -0.8
    place = centre[draw.choice(metros, n, p=weight / weight.sum())] + draw.normal(0, 70, (n, 2))
    alone = draw.random(n) < 0.45
    place[alone] = draw.random((int(alone.sum()), 2)) * BOX
    first, second, third = draw.standard_normal((3, n))
    second = 0.5 * first + 0.75**0.5 * second
    third = 0.6 * second + 0.8 * third
    load = np.exp(np.stack([first, second, third]) * np.array([0.6, 0.9, 1.2])[:, None])
    for _ in range(3):
        load = np.minimum(load, 0.25 * load.sum(axis=1, keepdims=True) / k)
    load = load[:measures]
    mean = load.sum(axis=1) / k
    return Areas(
        name=f"{n:,} areas, {k:,} districts, {measures} measures, {tolerance:.0%}, seed {seed}",
        place=place, load=load, weight=load[0], edges=_neighbours(place), k=k,
        lower=(1 - tolerance) * mean, upper=(1 + tolerance) * mean, objective="inertia",
    )  # fmt: skip


def _neighbours(place: np.ndarray) -> np.ndarray:
    """Give the edges of the triangulation but the longest, each once, in order."""
    corners = Delaunay(place).simplices
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    edges = np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)
    length = np.linalg.norm(place[edges[:, 0]] - place[edges[:, 1]], axis=1)
    count = len(place)
    tree = minimum_spanning_tree(
        sparse.coo_array((length, (edges[:, 0], edges[:, 1])), shape=(count, count)).tocsr()
    ).tocoo()
    needed = np.isin(edges[:, 0] * count + edges[:, 1],
                     np.minimum(tree.row, tree.col).astype(np.int64) * count
                     + np.maximum(tree.row, tree.col))  # fmt: skip
    return np.asarray(edges[needed | (length <= np.quantile(length, 0.985))])
