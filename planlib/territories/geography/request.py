"""The request as checked arrays in an order that does not depend on the order of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, issparse

from planlib.errors import ParameterError
from planlib.territories.geography.arena import (
    BEST_NODE,
    CUT,
    GIVEN_DISTANCE,
    GIVEN_SQUARED,
    INERTIA,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
OBJECTIVES = ("inertia", "distance", "cut_edges")
EARTH_KM = 6371.0088


@dataclass(frozen=True)
class Request:
    """Checked arrays; areas are sorted by what they hold, ``order`` gives their first places."""

    order: Ints  # (n,) original index of each area
    place: Floats  # (n, 3)
    graph: csr_array
    load: Floats  # (K, n)
    lower: Floats  # (K, k)
    upper: Floats  # (K, k)
    weight: Floats  # (n,)
    mode: int
    far: Floats | None  # (n, n)
    centres: Floats | None  # (k, 3)
    radius: float
    locked: Ints  # (n,)
    start: Ints  # (n,)
    change: Floats  # (n,)
    names: tuple[str, ...]  # (n,) in the original order
    labels: tuple[str, ...]  # (k,)

    def name(self, area: int) -> str:
        """Name of an area in a message."""
        return self.names[int(self.order[area])]

    @property
    def areas(self) -> int:
        """Number of areas."""
        return len(self.order)

    @property
    def count(self) -> int:
        """Number of territories."""
        return int(self.lower.shape[1])


def spherical(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> Floats:
    """
    Place points on the sphere, in km, so that distances are right everywhere.

    Parameters
    ----------
    latitude, longitude
        Degrees.

    Returns
    -------
    ndarray
        (n, 3) coordinates from the centre of the earth.
    """
    phi, lam = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(longitude, float))
    flat = np.cos(phi)
    return EARTH_KM * np.column_stack([flat * np.cos(lam), flat * np.sin(lam), np.sin(phi)])


def as_graph(graph: Any, n: int, problems: list[str]) -> csr_array:
    """Read a graph from a sparse matrix or pairs, without loops, the same in both directions."""
    empty = csr_array((n, n))
    if issparse(graph):
        if graph.shape != (n, n):
            problems.append(f"graph: shape {graph.shape}, needed is ({n}, {n})")
            return empty
        pairs = np.column_stack(graph.tocoo().coords).astype(np.int64)
        given = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
        if (given != given.T).nnz:
            problems.append("graph: not symmetric; give every pair in both directions")
    else:
        pairs = np.asarray(graph, dtype=np.int64).reshape(-1, 2)
    unknown = pairs[((pairs < 0) | (pairs >= n)).any(axis=1)]
    if len(unknown):
        problems.append(f"graph: pairs outside 0 to {n - 1}: {unknown[:5].tolist()}")
        return empty
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    both = np.vstack([pairs, pairs[:, ::-1]])
    made = csr_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(n, n))
    made.sum_duplicates()
    made.data[:] = 1.0
    return made


def make_request(
    points: Any, graph: Any, load: Any, limits: tuple[Any, Any], options: Mapping[str, Any]
) -> Request:
    """
    Check the arrays of a request and sort its areas by content.

    Raises
    ------
    ParameterError
        With every problem that was found.
    """
    problems: list[str] = []
    load = np.atleast_2d(np.asarray(load, dtype=float))
    lower, upper = (np.atleast_2d(np.asarray(side, dtype=float)) for side in limits)
    n, k = load.shape[1], lower.shape[1] if lower.ndim == 2 else 0
    _check_loads(load, lower, upper, problems)
    objective = options.get("objective", "inertia")
    if objective not in OBJECTIVES:
        problems.append(f"objective: '{objective}', allowed are {', '.join(OBJECTIVES)}")
    place = _places(points, n, objective, problems)
    weight = _weights(options.get("weight"), load, objective, problems)
    far = _far(options.get("distance"), n, problems)
    centres = _centres(options.get("centres"), place, k, problems)
    locked = _labels("locked", options.get("locked"), n, k, problems)
    start = _labels("start", options.get("start"), n, k, problems)
    change = np.asarray(options.get("change_cost", 0.0), dtype=float)
    if change.shape not in {(), (n,)} or not np.isfinite(change).all() or (change < 0).any():
        problems.append("change_cost: give numbers >= 0, one or one for each area")
    tied = as_graph(graph, n, problems)
    if problems:
        raise ParameterError("partition", problems)
    mode = {"inertia": INERTIA, "distance": BEST_NODE, "cut_edges": CUT}[objective]
    if centres is not None and mode != CUT:
        mode = GIVEN_SQUARED if mode == INERTIA else GIVEN_DISTANCE
    order = np.lexsort((*load, weight, place[:, 2], place[:, 1], place[:, 0]))
    tied = csr_array(tied[order][:, order])
    tied.sort_indices()
    sphere = points is not None and np.asarray(points).shape[1] == 3
    middle = place.mean(axis=0)
    return Request(
        order=order,
        place=place[order] - middle,
        graph=tied,
        load=np.ascontiguousarray(load[:, order]),
        lower=lower,
        upper=upper,
        weight=weight[order],
        mode=mode,
        far=None if far is None else np.ascontiguousarray(far[np.ix_(order, order)]),
        centres=None if centres is None else centres - middle,
        radius=float(np.linalg.norm(place, axis=1).mean()) if sphere else 0.0,
        locked=locked[order],
        start=start[order],
        change=np.broadcast_to(change, (n,))[order],
        names=tuple(options.get("names") or map(str, range(n))),
        labels=tuple(options.get("labels") or map(str, range(k))),
    )


def _check_loads(load: Floats, lower: Floats, upper: Floats, problems: list[str]) -> None:
    measures, n = load.shape
    if lower.shape != upper.shape or lower.ndim != 2 or lower.shape[0] != measures:
        problems.append(
            f"lower, upper: shapes {lower.shape} and {upper.shape}, needed is ({measures}, k)"
        )
        return
    k = lower.shape[1]
    if n == 0:
        problems.append("load: no areas")
    if not 1 <= k <= max(n, 1):
        problems.append(f"lower, upper: {k} territories for {n} areas; allowed are 1 to {n}")
    for name, values in (("load", load), ("lower", lower), ("upper", upper)):
        bad = np.argwhere(np.isnan(values) if name != "load" else ~np.isfinite(values))
        if len(bad):
            problems.append(f"{name}: not a number at {bad[:5].tolist()}")
    negative = np.argwhere(load < 0)
    if len(negative):
        problems.append(f"load: negative at {negative[:5].tolist()}")
    for measure in np.flatnonzero(load.sum(axis=1) <= 0) if n else []:
        problems.append(f"load: measure {measure} is zero everywhere")
    if (lower > upper).any():
        problems.append(f"lower above upper at {np.argwhere(lower > upper)[:5].tolist()}")


def _places(points: Any, n: int, objective: str, problems: list[str]) -> Floats:
    if points is None:
        if objective != "cut_edges":
            problems.append(f"points: needed for objective '{objective}'")
        return np.zeros((n, 3))
    given = np.asarray(points, dtype=float)
    if given.ndim != 2 or given.shape[0] != n or given.shape[1] not in {2, 3}:
        problems.append(f"points: shape {given.shape}, needed is ({n}, 2) or ({n}, 3)")
        return np.zeros((n, 3))
    if not np.isfinite(given).all():
        rows = np.flatnonzero(~np.isfinite(given).all(axis=1))
        problems.append(f"points: not a number in rows {rows[:5].tolist()}")
    place = np.zeros((n, 3))
    place[:, : given.shape[1]] = given
    return place


def _weights(weight: Any, load: Floats, objective: str, problems: list[str]) -> Floats:
    n = load.shape[1]
    if objective == "cut_edges" or (weight is None and objective == "distance"):
        return np.ones(n)
    given = load[0] if weight is None else np.asarray(weight, dtype=float)
    if given.shape != (n,) or not np.isfinite(given).all() or (given < 0).any():
        problems.append(f"weight: give {n} numbers >= 0")
        return np.ones(n)
    return np.asarray(given if given.sum() > 0 else np.ones(n))


def _far(distance: Any, n: int, problems: list[str]) -> Floats | None:
    if distance is None:
        return None
    far = np.asarray(distance, dtype=float)
    if far.shape != (n, n) or not np.isfinite(far).all() or (far < 0).any():
        problems.append(f"distance: give a ({n}, {n}) matrix of numbers >= 0")
        return None
    return far


def _centres(centres: Any, place: Floats, k: int, problems: list[str]) -> Floats | None:
    if centres is None:
        return None
    given = np.asarray(centres)
    if given.ndim == 1 and given.dtype.kind in "iu":
        if len(given) != k or (given < 0).any() or (given >= len(place)).any():
            problems.append(f"centres: give {k} areas")
            return None
        return np.asarray(place[given])
    if given.ndim != 2 or given.shape[0] != k or given.shape[1] not in {2, 3}:
        problems.append(f"centres: shape {given.shape}, needed is ({k},), ({k}, 2) or ({k}, 3)")
        return None
    found = np.zeros((k, 3))
    found[:, : given.shape[1]] = given
    if not np.isfinite(found).all():
        problems.append("centres: not a number")
    return found


def _labels(name: str, values: Any, n: int, k: int, problems: list[str]) -> Ints:
    if values is None:
        return np.full(n, -1, dtype=np.int64)
    given = np.asarray(values)
    if given.shape != (n,) or given.dtype.kind not in "iu":
        problems.append(f"{name}: give {n} whole numbers, -1 where open")
        return np.full(n, -1, dtype=np.int64)
    bad = np.flatnonzero((given < -1) | (given >= k))
    if len(bad):
        problems.append(f"{name}: not from -1 to {k - 1} in rows {bad[:5].tolist()}")
    return given.astype(np.int64)
