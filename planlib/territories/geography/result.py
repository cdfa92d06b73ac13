"""What a design gives back, at the level of matrices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Violation:
    """A limit that the plan misses, or a reason why no plan can keep all limits."""

    measure: int  # -1: the territory is not connected, or the cause concerns no one measure
    territory: int  # -1: any
    amount: float  # by how much, in the units of the load
    limit: float
    cause: str


@dataclass(frozen=True)
class Progress:
    """Where a search stands: bound and best objective (nan while there is none), share of work."""

    bound: float
    cost: float
    share: float


@dataclass(frozen=True)
class Partition:
    """
    A plan of contiguous territories.

    Attributes
    ----------
    territory
        (n,) territory of each area.
    objective
        Value in the units of the request (weight times distance, squared for inertia, or edges).
    bound
        No plan within the limits has a smaller objective; nan where none is known.
    gap
        (objective - bound) / bound; nan without a positive bound.
    status
        optimal (proven), feasible, infeasible (proven: no plan keeps the limits), or unresolved.
    loads
        (K, k) sums in float64.
    parts
        (k,) connected parts of each territory; 1 in a plan that is feasible.
    spread
        (k,) each territory's part of the objective.
    centre
        (k,) area at the centre for distances to the best node, else -1.
    violations
        Limits that the plan misses and why no plan keeps them, if proven.
    changed
        Number of areas that leave the territory they started in.
    """

    territory: Ints
    objective: float
    bound: float
    status: str
    loads: Floats
    parts: Ints
    spread: Floats
    centre: Ints
    violations: tuple[Violation, ...] = field(default=())
    changed: int = 0

    @property
    def gap(self) -> float:
        """Relative distance to the bound."""
        if not self.bound > 0:
            return float("nan")
        return max(0.0, (self.objective - self.bound) / self.bound)

    @property
    def is_feasible(self) -> bool:
        """Whether every load is within its limits and every territory in one part."""
        return self.status in {"optimal", "feasible"}
