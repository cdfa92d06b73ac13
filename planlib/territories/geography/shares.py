"""Rounds of the boundary search on a large map: strips of territories side by side, on threads."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from planlib.territories.geography.arena import (
    ACCEPTED,
    ACTIVE,
    CHANCE,
    KEEP,
    PLACE,
    POOL,
    POOLED,
    Arena,
)

Ints = npt.NDArray[np.int64]
STRIPS = 4  # a constant, so that the plan is the same on any number of threads
LARGE = 5_000  # areas from which rounds are shared out, and one start takes all the work


def anneal_shared(
    arena: Arena, heat: float, proposals: int, tools: tuple[Executor, np.random.Generator]
) -> None:
    """
    Make proposals at one temperature, inside strips of territories that lie side by side.

    Areas move within their strip only, so that the strips can be worked on at the same time; the
    next call draws another direction, and with it other borders.

    Parameters
    ----------
    arena
        A plan; the one that results replaces it, and is remembered if it is the best so far.
    heat
        Temperature, as for ``anneal``.
    proposals
        In all strips together.
    tools
        Threads, and the chance that draws directions.
    """
    from planlib.territories.geography.kernels import anneal

    pool, rng = tools
    strip = _strips(arena, rng)[arena.part]
    jobs: list[tuple[Arena, Ints, int]] = []
    for number in range(STRIPS):
        mine = np.flatnonzero(strip == number)
        part = Arena(arena.z.copy(), arena.f.copy())
        part.ints(ACTIVE, arena.count)[:] = 0
        part.ints(ACTIVE, arena.count)[arena.part[mine]] = 1
        part.ints(POOL, arena.areas)[: len(mine)] = mine
        part.z[POOLED], part.z[KEEP], part.z[ACCEPTED] = len(mine), 0, 0
        part.z[CHANCE] = int(rng.integers(1, 2**62))
        jobs.append((part, mine, round(proposals * len(mine) / arena.areas)))

    def work(job: tuple[Arena, Ints, int]) -> None:
        part, mine, count = job
        if len(mine):
            anneal(part.z, part.f, heat, heat, count)

    for _ in pool.map(work, jobs):
        pass
    for part, mine, _ in jobs:
        arena.part[mine] = part.part[mine]
        arena.z[ACCEPTED] += part.z[ACCEPTED]
    anneal(arena.z, arena.f, heat, heat, 0)  # adds everything up again


def _strips(arena: Arena, rng: np.random.Generator) -> Ints:
    """Cut the territories into strips of about as many areas, across a drawn direction."""
    size = np.bincount(arena.part, minlength=arena.count)
    place = arena.reals(PLACE, arena.areas, 3)
    direction = rng.normal(size=3)
    along = np.bincount(arena.part, weights=place @ direction, minlength=arena.count)
    order = np.argsort(along / np.maximum(size, 1), kind="stable")
    passed = np.cumsum(size[order]) - size[order] / 2
    strip = np.zeros(arena.count, dtype=np.int64)
    strip[order] = np.minimum(passed * STRIPS / arena.areas, STRIPS - 1).astype(np.int64)
    return strip
