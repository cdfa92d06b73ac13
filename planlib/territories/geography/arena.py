"""
One block of integers and one of reals that hold a request and a plan with all its sums.

Compiled loops get these two arrays and nothing else, which keeps them quick to compile and to call.
The names below are places in the first integers: either a value, or where a section begins.
``Arena`` shows the sections as numpy views.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

INERTIA, GIVEN_SQUARED, GIVEN_DISTANCE, BEST_NODE, CUT = range(5)
CHAIN = 3  # areas that one proposal moves at most

# Values among the first integers.
AREAS, COUNT, MEASURES, MODE, VIOLATED, TICK, ACCEPTED, CHANCE, CAPACITY, POOLED, KEEP = range(11)
# Sections of integers: where they begin.
FIRST, NEAR, PART, SLOT, PREVIOUS, MOVABLE, STAMP, QUEUE, BEST, POOL = range(11, 21)
SIZE, NODE, FLAG, FLAGGED, ACTIVE, MEMBER, TOUCHED, MOVES = range(21, 29)
# Sections of reals: where they begin.
PLACE, WEIGHT, CHANGE, REACH, LOAD, SUMS, MIDDLE, HALF, PENALTY, SCALE = range(29, 39)
CENTRE, ROWS, FAR = range(39, 42)
HEADER = 48

# Values among the first reals.
MARGIN, BEST_VALUE, RADIUS, HAS_FAR = range(4)
FACTS = 8

# Columns of a row of sums: weight, weighted place (3), weighted squares, objective, changes, loads.
S_WEIGHT, S_MOMENT, S_SQUARES, S_OBJECTIVE, S_CHANGED, S_LOAD = 0, 1, 4, 5, 6, 7

GRID = 2.0**-30  # loads are counted in these parts of a mean area, so that their sums are exact
SLACK = 1e-7  # what the search allows for that rounding; plans are checked on the original loads

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Arena:
    """A request and a plan in two arrays."""

    z: Ints
    f: Floats

    def ints(self, name: int, *shape: int) -> Ints:
        """Show a section of integers."""
        at = int(self.z[name])
        return self.z[at : at + int(np.prod(shape))].reshape(shape)

    def reals(self, name: int, *shape: int) -> Floats:
        """Show a section of reals."""
        at = int(self.z[name])
        return self.f[at : at + int(np.prod(shape))].reshape(shape)

    @property
    def areas(self) -> int:
        """Number of areas."""
        return int(self.z[AREAS])

    @property
    def count(self) -> int:
        """Number of territories."""
        return int(self.z[COUNT])

    @property
    def part(self) -> Ints:
        """Territory of each area, (n,)."""
        return self.ints(PART, self.areas)

    @property
    def best(self) -> Ints:
        """Territory of each area in the best plan found, (n,)."""
        return self.ints(BEST, self.areas)

    @property
    def sums(self) -> Floats:
        """Sums of each territory, (k, 7 + K)."""
        return self.reals(SUMS, self.count, S_LOAD + int(self.z[MEASURES]))

    def by_measure(self, name: int) -> Floats:
        """Show limits or penalties, (k, K)."""
        return self.reals(name, self.count, int(self.z[MEASURES]))

    @property
    def scale(self) -> Floats:
        """Objective of a territory for one unit of weight, (k,)."""
        return self.reals(SCALE, self.count)


def make_arena(sections: dict[int, Any], values: dict[int, int], facts: dict[int, float]) -> Arena:
    """Lay sections (name to array) and values one behind the other."""
    ints = [s for s in sorted(sections) if s < PLACE]
    reals = [s for s in sorted(sections) if s >= PLACE]
    z_size = HEADER + sum(np.asarray(sections[s]).size for s in ints)
    f_size = FACTS + sum(np.asarray(sections[s]).size for s in reals)
    z, f = np.zeros(z_size, dtype=np.int64), np.zeros(f_size)
    for blocks, target, at in ((ints, z, HEADER), (reals, f, FACTS)):
        for name in blocks:
            content = np.asarray(sections[name]).ravel()
            z[name] = at
            target[at : at + content.size] = content
            at += content.size
    for name, value in values.items():
        z[name] = value
    for name, fact in facts.items():
        f[name] = fact
    return Arena(z, f)
