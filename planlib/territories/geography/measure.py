"""Measure a plan on the original data: loads, parts, objective, and what it misses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planlib.territories.geography.arena import BEST_NODE, CUT, GIVEN_SQUARED, INERTIA
from planlib.territories.geography.request import Request
from planlib.territories.geography.result import Partition, Violation
from planlib.territories.geography.start import pieces

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def sums_of(request: Request, part: Ints) -> Floats:
    """Add up the loads of the territories, (K, k), in the original order of areas."""
    back = np.argsort(request.order)
    return np.array(
        [np.bincount(part[back], row[back], minlength=request.count) for row in request.load]
    )


def within(request: Request, part: Ints) -> bool:
    """Whether every load is within its limits and every territory in one part."""
    if misses(request, part) or len(np.unique(part)) < request.count:
        return False
    return pieces(part, request.graph)[0] == request.count


def misses(request: Request, part: Ints) -> list[Violation]:
    """Give the limits that the loads of a plan miss, in float64 as given, without any allowance."""
    loads = sums_of(request, part)
    found = []
    for measure, j in np.argwhere(loads > request.upper):
        limit = float(request.upper[measure, j])
        amount = float(loads[measure, j]) - limit
        found.append(Violation(int(measure), int(j), amount, limit, "above the upper limit"))
    for measure, j in np.argwhere(loads < request.lower):
        limit = float(request.lower[measure, j])
        amount = limit - float(loads[measure, j])
        found.append(Violation(int(measure), int(j), amount, limit, "below the lower limit"))
    return found


def distances(request: Request, rows: Ints, columns: Ints) -> Floats:
    """Distances between areas: given, along the sphere, or straight."""
    if request.far is not None:
        return request.far[np.ix_(rows, columns)]
    return between(request, request.place[rows], request.place[columns])


def between(request: Request, one: Floats, two: Floats) -> Floats:
    """Distances between places, along the sphere or straight."""
    chord = np.sqrt(((one[:, None, :] - two[None, :, :]) ** 2).sum(axis=2))
    if request.radius > 0:
        ratio = np.minimum(1.0, chord / (2 * request.radius))
        return np.asarray(2 * request.radius * np.arcsin(ratio))
    return np.asarray(chord)


def spread_of(request: Request, part: Ints) -> tuple[Floats, Ints]:
    """Objective of each territory, price of changes left out, and its centre area or -1."""
    spread = np.zeros(request.count)
    centre = np.full(request.count, -1, dtype=np.int64)
    if request.mode == CUT:
        rows = np.repeat(np.arange(request.areas), np.diff(request.graph.indptr))
        outer = part[rows] != part[request.graph.indices]
        return np.bincount(part[rows[outer]], minlength=request.count) / 2.0, centre
    for j in range(request.count):
        mine = np.flatnonzero(part == j)
        if not len(mine):
            continue
        weight = request.weight[mine]
        if request.mode == BEST_NODE:
            reach = np.zeros(len(mine))
            for at in range(0, len(mine), 1000):
                reach[at : at + 1000] = weight @ distances(request, mine, mine[at : at + 1000])
            spread[j], centre[j] = reach.min(), mine[int(reach.argmin())]
            continue
        if request.mode == INERTIA:
            if weight.sum() > 0:
                to = np.average(request.place[mine], axis=0, weights=weight)
                spread[j] = weight @ ((request.place[mine] - to) ** 2).sum(axis=1)
            continue
        assert request.centres is not None  # noqa: S101 - the two modes left have centres
        if request.mode == GIVEN_SQUARED:
            spread[j] = weight @ ((request.place[mine] - request.centres[j]) ** 2).sum(axis=1)
        else:
            spread[j] = weight @ between(request, request.place[mine], request.centres[[j]])[:, 0]
    return spread, centre


def objective_of(request: Request, part: Ints) -> float:
    """Objective of a plan, with the price of areas that leave the plan they started in."""
    moved = (request.start >= 0) & (part != request.start)
    return float(spread_of(request, part)[0].sum() + request.change[moved].sum())


def measured(
    request: Request, part: Ints, bound: float, optimal: bool, causes: tuple[Violation, ...]
) -> Partition:
    """Give the result in the original order of areas, every number computed anew."""
    back = np.argsort(request.order)
    spread, centre = spread_of(request, part)
    count, label = pieces(part, request.graph)
    owner = np.zeros(count, dtype=np.int64)
    owner[label] = part
    parts = np.bincount(owner, minlength=request.count)
    broken = tuple(misses(request, part)) + tuple(
        Violation(
            -1,
            int(j),
            abs(float(parts[j] - 1)),
            1.0,
            f"in {parts[j]} parts that do not touch" if parts[j] else "without any area",
        )
        for j in np.flatnonzero(parts != 1)
    )
    moved = (request.start >= 0) & (part != request.start)
    status = "infeasible" if causes else "unresolved"
    if not broken and not causes:
        status = "optimal" if optimal else "feasible"
    return Partition(
        territory=part[back],
        objective=float(spread.sum() + request.change[moved].sum()),
        bound=bound,
        status=status,
        loads=sums_of(request, part),
        parts=parts,
        spread=spread,
        centre=np.where(centre >= 0, request.order[centre], -1),
        violations=causes + broken,
        changed=int(moved.sum()),
    )
