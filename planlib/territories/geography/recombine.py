"""
Better plans by cutting a few territories anew: the best division of what they hold together.

A group of neighbouring territories is a small map of its own. Whole districts with the fewest cut
edges are chosen for it, and what lies outside stays. A plan that no group improves is best among
all plans that differ from it in the territories of one group only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from planlib.territories.geography.measure import objective_of, within
from planlib.territories.geography.request import Request

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
AREAS = 60  # of a group, about
MOST = 5  # territories of a group
PASSES = 3  # over all borders without a better plan, after which the work is done


def recombine(
    request: Request, part: Ints, seed: int, limits: tuple[int, Callable[[], float]]
) -> Ints:
    """
    Cut groups of territories anew until no group gets better, or the work is done.

    Parameters
    ----------
    request
        With cut edges as its objective, the same limits for all territories and no area locked.
    part
        (n,) a plan within all limits.
    seed
        Of the order of the groups.
    limits
        Groups that are cut anew at most, and what tells how many seconds are left.

    Returns
    -------
    ndarray
        (n,) a plan that is as good or better.
    """
    rng, tried = np.random.default_rng([seed, 2]), set[bytes]()
    size = int(np.clip(AREAS * request.count // request.areas, 2, min(MOST, request.count)))
    work, left = limits
    idle = 0
    while idle < PASSES:
        idle += 1
        for pair in rng.permutation(_borders(request, part)).tolist():
            mine = np.isin(part, _grown(_shared(request, part), pair, size, rng))
            key = np.unique(np.where(mine, part, -1), return_inverse=True)[1].tobytes()
            if key in tried:
                continue
            if work == 0 or left() <= 0:
                return part
            work -= 1
            tried.add(key)
            new = _cut_anew(request, part, mine, left)
            if objective_of(request, new) < objective_of(request, part) and within(request, new):
                part, idle = new, 0
    return part


def _shared(request: Request, part: Ints) -> Floats:
    """Cut edges between any two territories, (k, k)."""
    inside = csr_array(
        (np.ones(request.areas), (part, np.arange(request.areas))),
        shape=(request.count, request.areas),
    )
    shared = (inside @ request.graph @ inside.T).toarray()
    np.fill_diagonal(shared, 0.0)
    return np.asarray(shared)


def _borders(request: Request, part: Ints) -> Ints:
    """Pairs of territories that touch."""
    return np.argwhere(np.triu(_shared(request, part)) > 0)


def _grown(shared: Floats, group: list[int], size: int, rng: np.random.Generator) -> list[int]:
    """Add neighbours to a group until it has its size; the more edges they share the likelier."""
    grown = list(group)
    while len(grown) < size:
        edges = shared[grown].sum(axis=0)
        edges[grown] = 0.0
        if not edges.any():
            break
        grown.append(int(rng.choice(len(edges), p=edges / edges.sum())))
    return grown


def _cut_anew(
    request: Request, part: Ints, mine: npt.NDArray[np.bool_], left: Callable[[], float]
) -> Ints:
    """Give the plan with the best division of some territories."""
    from planlib.territories.geography.districts import districts_of
    from planlib.territories.geography.proof_columns import prove_columns

    areas = np.flatnonzero(mine)
    names, own = np.unique(part[areas], return_inverse=True)
    map_of = replace(
        request,
        order=np.arange(len(areas)),
        place=request.place[areas],
        graph=csr_array(request.graph[areas][:, areas]),
        load=np.ascontiguousarray(request.load[:, areas]),
        lower=request.lower[:, : len(names)],
        upper=request.upper[:, : len(names)],
        weight=request.weight[areas],
        locked=request.locked[areas],
        start=request.start[areas],
        change=request.change[areas],
    )
    districts = districts_of(map_of)
    if districts is None:
        return part
    value = objective_of(replace(map_of, start=np.full(len(areas), -1)), own)
    found, _, _ = prove_columns(districts, [own.astype(np.int64)], value, left)
    if found is None:
        return part
    new = part.copy()
    new[areas] = names[found]
    return new
