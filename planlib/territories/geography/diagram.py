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
BUILT = 3  # times the nodes of a diagram that may be made before it is trimmed
STARTS = 40  # areas from which an order is tried
MOST_PARTS = 6  # outside a set, that can be told apart
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


def connected_sets(
    graph: csr_array, rest: int | None, most: int, limit: tuple[Floats, Floats] | None = None
) -> Diagram | None:
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
    limit
        (K, n) loads of the areas and (K,) what a set may weigh: decisions that lead to heavier
        sets only are DEAD. Some heavier sets may stay.
    """
    order, width = sweep(graph)
    if width > WIDEST or (rest is not None and rest > MOST_PARTS):
        return None
    n, at = len(order), np.argsort(order)
    load, heaviest = limit if limit is not None else (np.zeros((1, n)), np.zeros(1))
    last = np.array([max([t, *at[graph[[order[t]]].indices]]) for t in range(n)])
    layer = _Layer(
        label=np.zeros((1, 0), dtype=np.int8), shut=np.zeros(1, dtype=np.int64),
        done=np.zeros(1, dtype=bool), load=np.zeros((1, len(load))), frontier=[],
    )  # fmt: skip
    rows, total = [], 0
    for turn in range(n):
        near = {int(at[c]) for c in graph[[order[turn]]].indices}
        beside = [c for c, u in enumerate(layer.frontier) if u in near]
        inside = (layer.label[:, beside] > 0).sum(axis=1)
        cut = np.column_stack([inside, len(beside) - inside]).astype(float)
        before, step = layer.load, load[:, order[turn]]
        layer, names = _decide(layer, turn, beside, last, (rest, step, heaviest))
        rows.append(_Row(names.reshape(2, len(before)).T, cut, before, step))
        total += len(before)
        if total > BUILT * most:
            return None
    made = _trimmed(order, rows, heaviest)
    return made if made.nodes <= most else None


@dataclass(frozen=True)
class _Row:
    """A layer as it was built: following nodes (by number in the next layer), cuts, loads."""

    after: Ints
    cut: Floats
    before: Floats  # (nodes, K) the least that a set weighs so far
    step: Floats  # (K,) load of the area that is decided


def _trimmed(order: Ints, rows: list[_Row], heaviest: Floats) -> Diagram:
    """Leave out decisions that end nowhere, and nodes that nothing leads on from; number anew."""
    to_come, names = np.zeros((0, len(heaviest))), np.zeros(0, dtype=np.int64)
    kept: list[tuple[Ints, Floats]] = []
    for row in reversed(rows):
        weight = np.where(row.after[:, :, None] == ACCEPTED, 0.0, np.inf)
        weight = np.repeat(weight, len(heaviest), axis=2)
        open_ways = row.after >= 0
        weight[open_ways] = to_come[row.after[open_ways]]
        weight[:, 1] += row.step
        alive = np.asarray((row.before[:, None] + weight <= heaviest).all(axis=2), dtype=np.bool_)
        after = np.where(alive, row.after, DEAD)
        after[after >= 0] = names[after[after >= 0]]
        used = np.asarray(alive.any(axis=1), dtype=np.bool_)
        if len(kept) == len(rows) - 1:
            used[:] = True  # the first node stays
        to_come = np.where(alive[:, :, None], weight, np.inf).min(axis=1)
        names = np.cumsum(used) - 1
        kept.append((after[used], row.cut[used]))
    kept.reverse()
    first = np.append(0, np.cumsum([len(after) for after, _ in kept]))
    ways = [np.where(after >= 0, after + first[t + 1], after) for t, (after, _) in enumerate(kept)]
    return Diagram(order, first, np.concatenate(ways), np.concatenate([cut for _, cut in kept]))


@dataclass(frozen=True, kw_only=True)
class _Layer:
    """
    The situations before an area is decided.

    ``label``: of each area of the frontier, above zero inside, below zero outside (zero where the
    parts outside do not matter), equal where areas hang together. ``shut``: parts outside that are
    complete. ``done``: whether the set is. ``load``: (m, K) the least it weighs so far.
    """

    label: npt.NDArray[np.int8]
    shut: Ints
    done: Flags
    load: Floats
    frontier: list[int]


def _decide(
    layer: _Layer,
    turn: int,
    beside: list[int],
    last: Ints,
    asked: tuple[int | None, Floats, Floats],
) -> tuple[_Layer, Ints]:
    """Decide one area both ways: the next situations, and which follows from which decision."""
    rest, step, heaviest = asked
    count = len(layer.done)
    load = np.concatenate([layer.load, layer.load + step])
    outer = _joined(layer.label, beside, 0 if rest is None else -NEW)
    label = np.concatenate([outer, _joined(layer.label, beside, NEW)])
    shut, done = np.tile(layer.shut, 2), np.tile(layer.done, 2)
    dead = np.concatenate([np.zeros(count, dtype=bool), layer.done])
    dead |= (load > heaviest).any(axis=1)
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
    where, names = where[skip:], np.where(dead, DEAD, names.ravel() - skip)
    lightest = np.full((len(where), len(step)), np.inf)
    np.minimum.at(lightest, names[~dead], load[~dead])
    following = _Layer(
        label=kept[where], shut=shut[where], done=done[where], load=lightest,
        frontier=[frontier[c] for c in stay],
    )  # fmt: skip
    return following, names


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
