"""Starting plans: balanced cuts along drawn directions, made contiguous on the graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def cut_plan(place: Floats, size: Floats, shares: Floats, rng: np.random.Generator) -> Ints:
    """
    Cut the areas into territories of given shares by straight lines, recursively.

    Parameters
    ----------
    place
        (n, 3) coordinates.
    size
        (n,) what is to be shared out, positive.
    shares
        (k,) share of each territory.
    rng
        Turns the first cut, and so gives other plans.

    Returns
    -------
    ndarray
        (n,) territory, each used when n >= k.
    """
    part = np.zeros(len(place), dtype=np.int64)
    flat = _main_plane(place)
    turn = rng.uniform(-0.5, 0.5, size=64)
    waiting: list[tuple[Ints, Ints, int]] = [(np.arange(len(place)), np.arange(len(shares)), 0)]
    while waiting:
        areas, labels, depth = waiting.pop()
        if len(labels) == 1:
            part[areas] = labels[0]
            continue
        middle = len(labels) // 2
        if len(labels) % 2 and rng.random() < 0.5:
            middle += 1
        wanted = shares[labels[:middle]].sum() / shares[labels].sum()
        along = flat[areas] @ _long_axis(flat[areas], size[areas], turn[min(depth, 63)])
        order = areas[np.argsort(along, kind="stable")]
        passed = np.cumsum(size[order])
        at = int(np.searchsorted(passed, wanted * passed[-1]))
        at = min(max(at, middle), len(order) - (len(labels) - middle))
        waiting.append((order[at:], labels[middle:], depth + 1))
        waiting.append((order[:at], labels[:middle], depth + 1))
    return part


def _main_plane(place: Floats) -> Floats:
    """Project points in space on the plane through their two longest axes."""
    if len(place) < 2 or not place[:, 2].any():
        return place[:, :2]
    _, axes = np.linalg.eigh(np.cov(place.T))
    return np.asarray(place @ axes[:, 1:])


def _long_axis(flat: Floats, size: Floats, turn: float) -> Floats:
    """Direction in which the areas are spread out most, turned a little (radians)."""
    centred = flat - np.average(flat, axis=0, weights=size)
    spread = (centred * size[:, None]).T @ centred
    _, axes = np.linalg.eigh(spread)
    cosine, sine = np.cos(turn), np.sin(turn)
    return np.asarray(np.array([[cosine, -sine], [sine, cosine]]) @ axes[:, 1])


def pieces(part: npt.NDArray[np.integer], graph: csr_array) -> tuple[int, Ints]:
    """Give the number of connected parts over all territories, and the part of each area."""
    rows = np.repeat(np.arange(len(part)), np.diff(graph.indptr))
    same = part[rows] == part[graph.indices]
    inner = csr_array(
        (np.ones(int(same.sum())), (rows[same], graph.indices[same])), shape=graph.shape
    )
    count, label = connected_components(inner, directed=False)
    return int(count), np.asarray(label, dtype=np.int64)


def make_whole(part: Ints, graph: csr_array, size: Floats, locked: Ints, k: int) -> Ints:
    """
    Give every territory one connected part: the heaviest stays, the rest joins its neighbours.

    Locked areas keep their territory; parts of a territory that hold them are joined by the
    shortest path over areas that are free.
    """
    part = part.astype(np.int64, copy=True)
    part[locked >= 0] = locked[locked >= 0]
    held = locked >= 0
    for j in np.unique(locked[held]):
        _join_locked(part, graph, held, int(j))
    _, label = pieces(part, graph)
    mass = np.bincount(label, weights=size) + 1e12 * np.bincount(label, weights=held)
    owner = np.zeros(len(mass), dtype=np.int64)
    owner[label] = part
    order = np.lexsort((np.arange(len(mass)), -mass))
    keep = np.zeros(len(mass), dtype=bool)
    _, first = np.unique(owner[order], return_index=True)
    keep[order[first]] = True
    loose = ~keep[label] & ~held
    part[loose] = -1
    _seed_missing(part, held, size, k)
    return _grow(part, graph, size, k)


def _join_locked(part: Ints, graph: csr_array, held: npt.NDArray[np.bool_], j: int) -> None:
    """Connect the locked areas of a territory by paths over free areas; paths are held too."""
    mine = np.flatnonzero(held & (part == j))
    passable = ~held | (part == j)
    rows = np.repeat(np.arange(len(part)), np.diff(graph.indptr))
    usable = passable[rows] & passable[graph.indices]
    way = csr_array(
        (np.ones(int(usable.sum())), (rows[usable], graph.indices[usable])), shape=graph.shape
    )
    _, before = breadth_first_order(way, int(mine[0]), directed=False)
    for area in mine[1:]:
        here = int(before[area])
        while here >= 0 and not (held[here] and part[here] == j):
            part[here], held[here] = j, True
            here = int(before[here])


def _seed_missing(part: Ints, held: npt.NDArray[np.bool_], size: Floats, k: int) -> None:
    """Give a territory without areas one loose area, or one of the territory with most."""
    counts = np.bincount(part[part >= 0], minlength=k)
    for j in np.flatnonzero(counts == 0):
        able = np.flatnonzero(~held & ((part < 0) | (counts[part] > 1)))
        if len(able) == 0:
            continue
        best = able[np.argmax(size[able] * (1 + 1e6 * (part[able] < 0)))]
        if part[best] >= 0:
            counts[part[best]] -= 1
        part[best], counts[j], held[best] = j, 1, True


def _grow(part: Ints, graph: csr_array, size: Floats, k: int) -> Ints:
    """Let territories take areas without one, the lightest neighbour first."""
    sums = np.bincount(part[part >= 0], weights=size[part >= 0], minlength=k)
    waiting = np.flatnonzero(part < 0).tolist()
    while waiting:
        left: list[int] = []
        for area in waiting:
            around = part[graph.indices[graph.indptr[area] : graph.indptr[area + 1]]]
            around = around[around >= 0]
            if len(around) == 0:
                left.append(area)
                continue
            part[area] = around[np.argmin(sums[around])]
            sums[part[area]] += size[area]
        if len(left) == len(waiting):  # cut off from every territory
            part[left] = int(np.argmin(sums))
            break
        waiting = left
    return part


def label_match(part: Ints, wanted: Sequence[int] | Ints, k: int) -> Ints:
    """Rename territories so that they agree with wanted labels (or -1) as often as possible."""
    from scipy.optimize import linear_sum_assignment

    wanted = np.asarray(wanted)
    known = wanted >= 0
    shared = np.zeros((k, k))
    np.add.at(shared, (part[known], wanted[known]), 1.0)
    _, columns = linear_sum_assignment(-shared)
    return np.asarray(columns, dtype=np.int64)[part]


def bridges(place: Floats, graph: csr_array, label: Ints) -> csr_array:
    """Connect all components of a graph, each to the nearest area of those joined before."""
    from scipy.spatial import cKDTree

    label = label.copy()
    rows, columns = [], []
    while len(np.unique(label)) > 1:
        names, counts = np.unique(label, return_counts=True)
        mine = label == names[np.argmin(counts)]
        one, two = np.flatnonzero(mine), np.flatnonzero(~mine)
        away, nearest = cKDTree(place[two]).query(place[one])
        at = int(np.argmin(away))
        rows += [one[at], two[nearest[at]]]
        columns += [two[nearest[at]], one[at]]
        label[mine] = label[two[nearest[at]]]
    extra = csr_array((np.ones(len(rows)), (rows, columns)), shape=graph.shape)
    joined = csr_array(graph + extra)
    joined.data[:] = 1.0
    joined.sort_indices()
    return joined
