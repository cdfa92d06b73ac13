"""
All connected sets of areas of a small map in one decision diagram.

Areas are taken in an order. What is decided of the areas before matters to those after only through
the areas that still have neighbours to come (the frontier): which of them are inside the set, and
which hang together. Equal situations are one node, so that a map of seventy areas needs thousands
of nodes for all its connected sets (the frontier method; Sekine, Imai and Tani 1995, and for
districts Kawahara, Horiyama, Hotta and Minato 2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
WIDEST = 11  # areas of a frontier: their labels are packed into one integer
STARTS = 40  # areas from which an order is tried
NEW = 15  # label of an area that was just taken
ACCEPTED, DEAD = -1, -2  # instead of a next node: the set is complete, or not connected


@dataclass(frozen=True)
class Diagram:
    """
    Nodes by layer; one layer decides one area.

    Parameters
    ----------
    order
        (n,) area that each layer decides.
    first
        (n + 1,) first node of each layer.
    after
        (nodes, 2) next node where the area stays outside and where it comes inside; or ACCEPTED,
        or DEAD.
    cut
        (nodes, 2) edges between inside and outside that the decision closes.
    """

    order: Ints
    first: Ints
    after: Ints
    cut: Floats

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return int(self.first[-1])


def sweep(graph: csr_array) -> tuple[Ints, int]:
    """
    Order the areas so that the frontier stays small; give the order and the widest frontier.

    From each of some areas, the next is the one that leaves the smallest frontier; of equal ones
    the one beside the area that has waited longest.
    """
    n = graph.shape[0]
    near = [set(graph.indices[graph.indptr[i] : graph.indptr[i + 1]].tolist()) for i in range(n)]
    best: tuple[float, int, list[int]] | None = None
    for start in np.unique(np.linspace(0, n - 1, min(n, STARTS)).astype(int)).tolist():
        tried = _sweep_from(near, start, np.inf if best is None else best[0])
        if tried is not None:
            best = tried
    assert best is not None  # noqa: S101 - the first start always comes to its end
    return np.array(best[2], dtype=np.int64), best[1]


def _sweep_from(
    near: list[set[int]], start: int, most: float
) -> tuple[float, int, list[int]] | None:
    """Sweep from one area: price, width and order; None where the price passes a limit."""
    left = [set(around) for around in near]
    order, age = [start], {start: 0}
    for other in near[start]:
        left[other].discard(start)
    frontier = [start] if left[start] else []
    price, widest = 0.0, len(frontier)
    for turn in range(1, len(near)):
        around: set[int] = set().union(*(left[u] for u in frontier))
        if not around:
            around = {v for v in range(len(near)) if v not in age}
        best = (len(near) + 1, 0, 0)
        for v in sorted(around):
            beside = [u for u in near[v] if u in age]
            kept = len(frontier) - sum(len(left[u]) == 1 for u in beside) + bool(left[v])
            best = min(best, (kept, min((age[u] for u in beside), default=0), v))
        width, _, v = best
        order.append(v)
        age[v] = turn
        for other in near[v]:
            left[other].discard(v)
        frontier = [u for u in [*frontier, v] if left[u]]
        price, widest = price + 3.0**width, max(widest, width)
        if price >= most:
            return None
    return price, widest, order


def connected_sets(graph: csr_array, rest: int | None, most: int) -> Diagram | None:
    """
    Build the diagram of all connected sets.

    Parameters
    ----------
    graph
        Areas that touch.
    rest
        Parts that the areas outside may fall into, at most; None: any number. Knowing them costs
        nodes.
    most
        Nodes; None is returned where there are more, or where a frontier is too wide.
    """
    order, width = sweep(graph)
    if width > WIDEST or (rest is not None and rest > 6):
        return None
    n, at = len(order), np.argsort(order)
    last = np.array([max([t, *at[graph[[order[t]]].indices]]) for t in range(n)])
    layer = _Layer(
        label=np.zeros((1, 0), dtype=np.int8), shut=np.zeros(1, dtype=np.int64),
        done=np.zeros(1, dtype=bool), frontier=[],
    )  # fmt: skip
    first, after, cut = [0], [], []
    for turn in range(n):
        near = {int(at[c]) for c in graph[[order[turn]]].indices}
        count = len(layer.done)
        beside = [c for c, u in enumerate(layer.frontier) if u in near]
        inside = (layer.label[:, beside] > 0).sum(axis=1)
        cut.append(np.column_stack([inside, len(beside) - inside]).astype(float))
        layer, names = _decide(layer, turn, beside, last, rest)
        begun = first[-1] + count
        after.append(np.where(names >= 0, names + begun, names).reshape(2, count).T)
        first.append(begun)
        if begun > most:
            return None
    return Diagram(order, np.array(first), np.ascontiguousarray(np.vstack(after)), np.vstack(cut))


@dataclass(frozen=True, kw_only=True)
class _Layer:
    """
    The situations before an area is decided.

    ``label``: of each area of the frontier, above zero inside, below zero outside (zero where the
    parts outside do not matter), equal where areas hang together. ``shut``: parts outside that are
    complete. ``done``: whether the set is.
    """

    label: npt.NDArray[np.int8]
    shut: Ints
    done: Flags
    frontier: list[int]


def _decide(
    layer: _Layer, turn: int, beside: list[int], last: Ints, rest: int | None
) -> tuple[_Layer, Ints]:
    """Decide one area both ways: the next situations, and which follows from which decision."""
    count = len(layer.done)
    outer = _joined(layer.label, beside, 0 if rest is None else -NEW)
    label = np.concatenate([outer, _joined(layer.label, beside, NEW)])
    shut, done = np.tile(layer.shut, 2), np.tile(layer.done, 2)
    dead = np.concatenate([np.zeros(count, dtype=bool), layer.done])
    frontier = [*layer.frontier, turn]
    stay = [c for c, u in enumerate(frontier) if last[u] > turn]
    kept, seen = label[:, stay], np.zeros((2 * count, 0), dtype=np.int8)
    for c in [c for c in range(len(frontier)) if c not in stay]:
        own = label[:, [c]]
        gone = ~((kept == own).any(axis=1) | (seen == own).any(axis=1))
        seen = np.concatenate([seen, own], axis=1)
        complete = gone & (own[:, 0] > 0)
        dead |= complete & (done | ((label > 0) & (label != own)).any(axis=1))
        done = done | complete
        shut = shut + (gone & (own[:, 0] < 0))
    if rest is not None:
        dead |= shut + (kept < 0).any(axis=1) > rest
    if turn == len(last) - 1:
        dead |= ~done
        return layer, np.where(dead, DEAD, ACCEPTED)
    kept = _renamed(kept)
    key = np.zeros(2 * count, dtype=np.int64)
    for column in kept.T:
        key = key * 32 + (column + 16)
    key = np.where(dead, -1, (key * 8 + shut) * 2 + done)
    found, where, names = np.unique(key, return_index=True, return_inverse=True)
    skip = int((found < 0).any())
    where = where[skip:]
    following = _Layer(
        label=kept[where], shut=shut[where], done=done[where], frontier=[frontier[c] for c in stay]
    )
    return following, np.where(dead, DEAD, names.ravel() - skip)


def _joined(label: npt.NDArray[np.int8], beside: list[int], new: int) -> npt.NDArray[np.int8]:
    """Add an area with a label; what it touches on its side of the border takes that label too."""
    joined = np.concatenate([label, np.full((len(label), 1), new, dtype=np.int8)], axis=1)
    for c in beside if new else []:
        own = joined[:, [c]]
        joined = np.where((joined == own) & (own * new > 0), new, joined).astype(np.int8)
    return joined


def _renamed(label: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Name parts in the order in which they first occur, on each side by itself."""
    rows = np.arange(len(label))
    name = np.zeros((len(label), 2 * NEW + 1), dtype=np.int8)
    high, low = np.zeros(len(label), dtype=np.int8), np.zeros(len(label), dtype=np.int8)
    renamed = np.zeros_like(label)
    for c in range(label.shape[1]):
        own = label[:, c]
        fresh = name[rows, own + NEW] == 0
        high += fresh & (own > 0)
        low += fresh & (own < 0)
        new = np.where(own > 0, high, np.where(own < 0, -low, 0)).astype(np.int8)
        name[rows[fresh], own[fresh] + NEW] = new[fresh]
        renamed[:, c] = name[rows, own + NEW]
    return renamed
