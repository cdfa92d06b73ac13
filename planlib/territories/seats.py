"""Where k seats should open, and which items each of them serves within its capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from planlib.errors import ParameterError

if TYPE_CHECKING:
    from planlib.territories.seats_bound import Market

Effort = Literal["quick", "normal", "thorough"]
Status = Literal["optimal", "feasible", "infeasible", "unresolved"]

#: Rounds of the bound, starts of the search, nodes of the exact search, columns it may list.
WORK: dict[str, tuple[int, int, int, int]] = {
    "quick": (150, 200, 0, 0),
    "normal": (600, 3000, 200_000, 5_000_000),
    "thorough": (1500, 10_000, 5_000_000, 20_000_000),
}
LARGEST_ROOM = 20_000  # up to here, whole rooms are handled by knapsacks unit by unit


@dataclass(frozen=True, kw_only=True, eq=False)
class Seats:
    """
    Open seats and whom they serve.

    Parameters
    ----------
    seat
        (n,) the place that serves each item.
    places
        (k or fewer,) the places that open, in order; places that would serve nobody stay closed.
    cost
        Sum of the distances, in their unit.
    bound
        No plan within the capacities costs less.
    status
        ``optimal`` (proven), ``feasible``, ``infeasible`` (proven: no plan exists) or
        ``unresolved`` (no plan was found). In the last two, ``seat`` is the plan with the least
        overload that was found.
    loads
        (places,) what each open seat serves, in the order of ``places``.
    overload
        (places,) by how much that is above its capacity.
    """

    seat: np.ndarray
    places: np.ndarray
    cost: float
    bound: float
    status: Status
    loads: np.ndarray
    overload: np.ndarray

    @property
    def absolute_gap(self) -> float:
        """Distance of the cost from the bound, in the unit of the distances."""
        return self.cost - self.bound

    @property
    def gap(self) -> float:
        """Distance of the cost from the bound as a share of it; nan where that is not positive."""
        return self.absolute_gap / self.bound if self.bound > 0 else float("nan")


def place_seats(
    distance: np.ndarray,
    load: np.ndarray,
    capacity: np.ndarray,
    k: int,
    *,
    seed: int = 0,
    effort: Effort = "normal",
    time_limit: float | None = None,
) -> Seats:
    """
    Choose at most k of the places, and one of them for each item, at the least sum of distances.

    The capacitated p-median problem: a Lagrangian bound with knapsacks, a search over places and
    items, and an exact search over the sets of items that the bound does not rule out.

    Parameters
    ----------
    distance
        (n, q) from each item to each place, infinite where the place may not serve it.
    load
        (n,) size of the items, at least 0.
    capacity
        (q,) what a seat at a place can serve, in the unit of ``load``.
    k
        Seats that may open.
    seed
        Of the search.
    effort
        How much work is done; it does not depend on the machine.
    time_limit
        Seconds after which no further exact search begins and a running one ends; the proof then
        depends on the machine's speed.

    Returns
    -------
    Seats
        Never raises because no plan exists: see ``status`` and ``overload``.

    Raises
    ------
    ParameterError
        If shapes do not fit or values cannot be; every problem is named.
    """
    distance, load, capacity = _checked(distance, load, capacity, k, effort)
    from planlib.territories.seats_search import solve

    scale = _scale(distance)
    market = _market(distance * scale, load, capacity, min(k, distance.shape[1]))
    return _result(market, *solve(market, WORK[effort], seed, time_limit), distance, scale)


def _scale(distance: np.ndarray) -> float:
    """
    Give a power of two that brings small distances to about a thousand; 1 where they are not small.

    Solvers tell costs apart in absolute terms: the unit of the distances must not matter.
    """
    largest = float(abs(distance[np.isfinite(distance)]).max())
    if not 0.0 < largest < 1.0:
        return 1.0
    return float(2.0 ** min(10.0 - np.floor(np.log2(largest)), 1000.0))


def _checked(
    distance: np.ndarray, load: np.ndarray, capacity: np.ndarray, k: int, effort: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the arrays as floats, or name everything that is wrong with them."""
    arrays, problems = [], []
    for name, given in (("distance", distance), ("load", load), ("capacity", capacity)):
        hidden = np.atleast_1d(np.ma.getmaskarray(given)) if np.ma.isMA(given) else np.zeros(0)
        if hidden.any():
            rows = np.flatnonzero(hidden.reshape(len(hidden), -1).any(axis=1))
            problems.append(f"{name}: must be known; masked in rows {_some(rows)}")
        try:
            arrays.append(np.asarray(given, dtype=np.float64))
        except (TypeError, ValueError):
            problems.append(f"{name}: must be numbers")
    if effort not in WORK:
        problems.append(f"effort: must be quick, normal or thorough; found {effort!r}")
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        problems.append(f"k: must be a whole number of at least 1; found {k!r}")
    if problems:
        raise ParameterError("place_seats", problems)
    away, size, room = arrays
    if away.ndim != 2 or 0 in away.shape:
        problems.append(f"distance: must be items x places, none empty; found {away.shape}")
        raise ParameterError("place_seats", problems)
    for name, values, count in (("load", size, away.shape[0]), ("capacity", room, away.shape[1])):
        if values.shape != (count,):
            problems.append(f"{name}: must have the shape ({count},); found {values.shape}")
            continue
        wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
        if len(wrong):
            problems.append(f"{name}: must be at least 0 and finite; not so in rows {_some(wrong)}")
    bad = np.flatnonzero((np.isnan(away) | (away == -np.inf)).any(axis=1))
    if len(bad):
        problems.append(f"distance: must be numbers; not so in rows {_some(bad)}")
    alone = np.flatnonzero(~np.isfinite(away).any(axis=1) & ~np.isnan(away).any(axis=1))
    if len(alone):
        problems.append(f"distance: no place may serve the items in rows {_some(alone)}")
    if problems:
        raise ParameterError("place_seats", problems)
    return away, size, room


def _some(rows: np.ndarray) -> str:
    """Name the first rows."""
    text = ", ".join(str(row) for row in rows[:10])
    return text + (f" and {len(rows) - 10} more" if len(rows) > 10 else "")


def _market(distance: np.ndarray, load: np.ndarray, capacity: np.ndarray, k: int) -> Market:
    from planlib.territories.seats_bound import Market, in_cells

    needed = np.minimum(capacity, np.ceil(load.sum() * (1 + 1e-9)))
    grid = in_cells(load, needed, distance.size, LARGEST_ROOM)
    return Market(distance=distance, load=load, room=capacity, k=k, grid=grid)


def _result(
    market: Market, seat: np.ndarray, bound: float, distance: np.ndarray, scale: float
) -> Seats:
    """Add everything up again from what was given; the market's distances are scaled."""
    places, line = np.unique(seat, return_inverse=True)
    loads = np.bincount(line, weights=market.load, minlength=len(places))
    overload = np.maximum(loads - market.room[places], 0.0)
    cost = float(distance[np.arange(len(seat)), seat].sum())
    kept = not (overload > 0).any() and np.isfinite(cost)
    status: Status = "feasible" if kept else "unresolved"
    if bound == np.inf:
        status, bound = "infeasible", float("nan")
    elif kept and bound >= cost * scale - 1e-9 * max(1.0, abs(cost * scale)):
        status, bound = "optimal", cost
    else:
        bound /= scale
    return Seats(
        seat=seat, places=places, cost=cost, bound=bound, status=status, loads=loads,
        overload=overload,
    )  # fmt: skip
