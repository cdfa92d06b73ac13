"""Reasons why no plan can keep the limits, found before any search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from planlib.territories.geography.request import Request
from planlib.territories.geography.result import Violation

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HAIR = 1e-12  # sums of floats are compared with this relative caution before they count as proof


def obstacles(request: Request) -> tuple[Violation, ...]:
    """Prove from totals, single areas, locks and components that no plan exists; all reasons."""
    found = [*_totals(request), *_too_big(request), *_locked_sums(request)]
    count, label = components(request.graph)
    if count > 1:
        found += _components(request, count, label)
    if not found:
        found += _pendants(request)
    return tuple(found)


def exhausted(bound: float) -> tuple[Violation, ...]:
    """Say that there is no plan where a complete search has come to an infinite bound."""
    if not np.isposinf(bound):
        return ()
    cause = "no plan of connected territories keeps all limits, as a complete search has shown"
    return (Violation(-1, -1, float("nan"), float("nan"), cause),)


def components(graph: csr_array) -> tuple[int, Ints]:
    """Find the connected components of the graph."""
    count, label = connected_components(graph, directed=False)
    return int(count), np.asarray(label, dtype=np.int64)


def _totals(request: Request) -> list[Violation]:
    found = []
    total = request.load.sum(axis=1)
    low, high = request.lower.sum(axis=1), request.upper.sum(axis=1)
    for measure in range(len(total)):
        if total[measure] < low[measure] * (1 - HAIR):
            amount = float(low[measure] - total[measure])
            cause = "all areas together are below the sum of the lower limits"
            found.append(Violation(measure, -1, amount, float(low[measure]), cause))
        if total[measure] > high[measure] * (1 + HAIR):
            amount = float(total[measure] - high[measure])
            cause = "all areas together are above the sum of the upper limits"
            found.append(Violation(measure, -1, amount, float(high[measure]), cause))
    return found


def _too_big(request: Request) -> list[Violation]:
    found = []
    most = request.upper.max(axis=1)
    for measure, area in np.argwhere(request.load > most[:, None]):
        amount = float(request.load[measure, area] - most[measure])
        cause = f"area {request.name(area)} alone is above every upper limit"
        found.append(Violation(int(measure), -1, amount, float(most[measure]), cause))
    return found


def _locked_sums(request: Request) -> list[Violation]:
    found = []
    held = request.locked >= 0
    _, label = components(request.graph)
    for j in np.unique(request.locked[held]):
        mine = request.locked == j
        sums, limit = request.load[:, mine].sum(axis=1), request.upper[:, j]
        for measure in np.flatnonzero(sums > limit * (1 + HAIR)):
            amount = float(sums[measure] - limit[measure])
            cause = f"the areas locked to territory {request.labels[j]} are above its upper limit"
            found.append(Violation(int(measure), int(j), amount, float(limit[measure]), cause))
        if len(np.unique(label[mine])) > 1:
            name = request.labels[j]
            cause = f"areas locked to territory {name} lie in parts of the map that do not touch"
            found.append(Violation(-1, int(j), float("nan"), float("nan"), cause))
    return found


def counts_of(request: Request, label: Ints, count: int) -> tuple[Ints, Ints]:
    """How few and how many whole territories each component can hold, from its loads."""
    least, most = np.ones(count, dtype=np.int64), np.bincount(label, minlength=count)
    low, high = np.sort(request.lower, axis=1), -np.sort(-request.upper, axis=1)
    for measure in range(len(request.load)):
        sums = np.bincount(label, weights=request.load[measure], minlength=count)
        need = np.cumsum(high[measure]) * (1 + HAIR)
        room = np.cumsum(low[measure]) * (1 - HAIR)
        least = np.maximum(least, np.searchsorted(need, sums, side="left") + 1)
        most = np.minimum(most, np.searchsorted(room, sums, side="right"))
    return least.astype(np.int64), most.astype(np.int64)


def _components(request: Request, count: int, label: Ints) -> list[Violation]:
    found = []
    least, most = counts_of(request, label, count)
    for c in np.flatnonzero(least > most):
        areas = [request.name(int(area)) for area in np.flatnonzero(label == c)]
        what, join = (
            (f"area {areas[0]} touches", "it")
            if len(areas) == 1
            else (f"the {len(areas)} areas {_some(areas)} touch", "them")
        )
        cause = (
            f"{what} no others and cannot be divided into whole territories (at least {least[c]}, "
            f"at most {most[c]}): connect {join}"
        )
        found.append(Violation(-1, -1, float("nan"), float("nan"), cause))
    if not found and not least.sum() <= request.count <= most.sum():
        cause = (
            f"the {count} parts of the map that do not touch hold {least.sum()} to {most.sum()} "
            f"whole territories, not {request.count}: connect them"
        )
        found.append(Violation(-1, -1, float("nan"), float("nan"), cause))
    return found


def _some(areas: list[str]) -> str:
    listed = ", ".join(sorted(areas)[:5])
    return listed + (" …" if len(areas) > 5 else "")


def _pendants(request: Request) -> list[Violation]:
    """Name cut vertices whose pendants are too light to stand alone, too heavy together with it."""
    found = []
    least, most = request.lower.min(axis=1), request.upper.max(axis=1)
    for area, below in _hanging(request).items():
        for measure in range(len(most)):
            sums = below[below[:, measure] < least[measure] * (1 - HAIR), measure]
            must = below[(below < least * (1 - HAIR)).any(axis=1), measure].sum()
            together = request.load[measure, area] + must
            if len(sums) and together > most[measure] * (1 + HAIR):
                cause = (
                    f"area {request.name(area)} is the only way to areas that are too light to "
                    "stand alone; together they are above every upper limit"
                )
                amount = float(together - most[measure])
                found.append(Violation(measure, -1, amount, float(most[measure]), cause))
    return found


def _hanging(request: Request) -> dict[int, Floats]:
    """Give loads (parts, K) that hang on each cut vertex, except what holds the most areas."""
    first, near, n = request.graph.indptr, request.graph.indices, request.areas
    depth, lowest, parent = np.full(n, -1), np.zeros(n, dtype=np.int64), np.full(n, -1)
    at = first[:-1].astype(np.int64).copy()
    sums = request.load.T.copy()
    found: dict[int, list[Floats]] = {}
    _, label = components(request.graph)
    whole = np.array([np.bincount(label, weights=row) for row in request.load]).T
    for root in range(n):
        if depth[root] >= 0:
            continue
        depth[root] = lowest[root] = 0
        path = [root]
        while path:
            here = path[-1]
            if at[here] < first[here + 1]:
                other = int(near[at[here]])
                at[here] += 1
                if depth[other] < 0:
                    depth[other] = lowest[other] = depth[here] + 1
                    parent[other] = here
                    path.append(other)
                elif other != parent[here]:
                    lowest[here] = min(lowest[here], depth[other])
                continue
            path.pop()
            up = int(parent[here])
            if up < 0:
                continue
            lowest[up] = min(lowest[up], lowest[here])
            if lowest[here] >= depth[up]:
                found.setdefault(up, []).append(sums[here].copy())
            sums[up] += sums[here]
    return {
        area: np.array([*parts, whole[label[area]] - request.load[:, area] - np.sum(parts, axis=0)])
        if parent[area] >= 0
        else np.array(parts)
        for area, parts in found.items()
    }
