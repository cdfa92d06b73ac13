"""Search for a plan: cooling runs of the boundary search from several starts, over threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planlib.territories.geography import arena as names
from planlib.territories.geography.arena import (
    ACCEPTED,
    AREAS,
    BEST_VALUE,
    CAPACITY,
    CHANCE,
    COUNT,
    CUT,
    GRID,
    HALF,
    HAS_FAR,
    INERTIA,
    KEEP,
    MARGIN,
    MEASURES,
    MIDDLE,
    MODE,
    PENALTY,
    POOLED,
    RADIUS,
    S_LOAD,
    S_MOMENT,
    S_OBJECTIVE,
    S_SQUARES,
    S_WEIGHT,
    Arena,
    make_arena,
)
from planlib.territories.geography.clock import Clock
from planlib.territories.geography.request import Request

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KEEP_BELOW = 2000  # areas up to which every improvement is kept, not only the plan of a round


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """One cooling run: temperatures in units of objective for one unit of weight."""

    rounds: int = 200
    proposals: int = 10  # for each area, in each round
    first: float = 5.0
    last: float = 0.03
    penalty: float = 4.0  # at the start, in the same unit
    rise: float = 1.2  # of the penalty of a limit that is missed after a round
    fall: float = 0.97  # of one that is kept
    margin: float = 0.95  # share of the tolerance that is free of penalty
    until_feasible: bool = False
    fill: bool = False  # spread the temperatures over the time that is left


def make_state(request: Request, seed: int) -> Arena:
    """Lay out a request for the compiled search; loads and weights are counted in mean areas."""
    n, k = request.areas, request.count
    mean = request.load.mean(axis=1)
    load = np.round(request.load / mean[:, None] / GRID) * GRID
    weight = request.weight / request.weight.mean()
    weight = np.round(weight / GRID) * GRID
    total = load.sum(axis=1)[:, None]
    lower = np.maximum(request.lower / mean[:, None], -total)
    upper = np.minimum(request.upper / mean[:, None], 2 * total)
    capacity = min(n + 200, int(8 * n / k + 400))
    change = request.change / request.weight.mean()
    has_far = request.far is not None
    return make_arena(
        {
            names.FIRST: request.graph.indptr,
            names.NEAR: request.graph.indices,
            **dict.fromkeys((names.PART, names.SLOT, names.STAMP, names.QUEUE), np.zeros(n)),
            names.BEST: np.full(n, -1),
            names.PREVIOUS: np.where(request.change > 0, request.start, -1),
            names.MOVABLE: request.locked < 0,
            names.POOL: np.arange(n),
            **dict.fromkeys((names.SIZE, names.NODE, names.FLAG, names.FLAGGED), np.zeros(k)),
            names.ACTIVE: np.ones(k),
            names.MEMBER: np.zeros((k, capacity)),
            names.TOUCHED: np.zeros(names.CHAIN + 1),
            names.MOVES: np.zeros(3 * names.CHAIN),
            names.PLACE: request.place,
            names.WEIGHT: weight,
            names.CHANGE: change,
            names.REACH: np.zeros(n),
            names.LOAD: load.T,
            names.SUMS: np.zeros((k, S_LOAD + len(load))),
            MIDDLE: ((lower + upper) / 2).T,
            HALF: ((upper - lower) / 2).T,
            PENALTY: np.zeros((k, len(load))),
            names.SCALE: np.ones(k),
            names.CENTRE: np.zeros((k, 3)) if request.centres is None else request.centres,
            names.ROWS: np.zeros((names.CHAIN + 1, S_LOAD + len(load))),
            names.FAR: request.far if has_far else np.zeros(1),
        },
        {
            AREAS: n,
            COUNT: k,
            MEASURES: len(load),
            MODE: request.mode,
            CHANCE: int(np.random.default_rng(seed).integers(1, 2**62)),
            CAPACITY: capacity,
            POOLED: n,
            KEEP: int(n <= KEEP_BELOW),
        },
        {BEST_VALUE: np.inf, RADIUS: request.radius, HAS_FAR: float(has_far)},
    )


def rescale(arena: Arena) -> None:
    """Set each territory's scale: its objective for one unit of weight, cut edges for one area."""
    if arena.z[MODE] == CUT:
        return
    sums = arena.sums
    weight = np.maximum(sums[:, S_WEIGHT], 1e-12)
    value = sums[:, S_OBJECTIVE]
    if arena.z[MODE] == INERTIA:
        moment = (sums[:, S_MOMENT : S_MOMENT + 3] ** 2).sum(axis=1)
        value = np.maximum(sums[:, S_SQUARES] - moment / weight, 0.0)
    each = value / weight
    arena.scale[:] = np.maximum(each, max(0.02 * float(each.mean()), 1e-12))


def missed(arena: Arena) -> npt.NDArray[np.bool_]:
    """Which limits the current plan misses, (k, K)."""
    away = np.abs(arena.sums[:, S_LOAD:] - arena.by_measure(MIDDLE))
    return np.asarray(away > arena.by_measure(HALF) + names.SLACK)


Tools = tuple[Executor, np.random.Generator]


def cool(
    arena: Arena,
    schedule: Schedule,
    clock: Clock,
    tell: Callable[[float], None],
    tools: Tools | None = None,
) -> None:
    """
    Run one schedule from the plan in the arena; the best plan within limits stays in it.

    With threads and chance as tools, every round is shared out over strips of the map.
    """
    from planlib.territories.geography.kernels import anneal, refresh
    from planlib.territories.geography.shares import anneal_shared

    z, f = arena.z, arena.f
    step = float(np.median(arena.reals(names.WEIGHT, arena.areas))) or 1.0
    per_round = schedule.proposals * arena.areas
    refresh(z, f)
    rescale(arena)
    factor = np.full(arena.by_measure(PENALTY).shape, schedule.penalty)
    f[MARGIN] = schedule.margin
    began = clock.share
    for turn in range(100 * schedule.rounds if schedule.fill else schedule.rounds):
        share = turn / schedule.rounds
        if schedule.fill:
            share = (clock.share - began) / max(0.97 - began, 1e-6)
        if share >= 1 or clock.passed():
            break
        heat = schedule.first * (schedule.last / schedule.first) ** share * step
        arena.by_measure(PENALTY)[:] = factor * arena.scale[:, None]
        if tools is None:
            anneal(z, f, heat, heat, per_round)
        else:
            anneal_shared(arena, heat, per_round, tools)
        rescale(arena)
        tell(share)
        if schedule.until_feasible and np.isfinite(f[BEST_VALUE]):
            break
        factor = np.where(
            missed(arena), factor * schedule.rise, np.maximum(0.5, factor * schedule.fall)
        )


def violation_of(arena: Arena, part: Ints) -> float:
    """Sum of what loads are outside their limits, in parts of the half width of the limits."""
    half = arena.by_measure(HALF)
    load = arena.reals(names.LOAD, arena.areas, half.shape[1])
    sums = np.zeros_like(half)
    np.add.at(sums, part, load)
    away = np.abs(sums - arena.by_measure(MIDDLE)) - half - names.SLACK
    return float((np.maximum(away, 0) / np.maximum(half, 1e-9)).sum())


@dataclass(frozen=True)
class Found:
    """The plan of one run: labels, objective as the search counts it, and what it misses."""

    part: Ints
    value: float
    miss: float
    work: int = 0

    def key(self) -> tuple[float, float]:
        """Order plans: within limits first, then by objective."""
        return (self.miss, self.value)


def run_one(
    request: Request,
    plan: Ints,
    seed: int,
    schedules: tuple[Schedule, ...],
    clock: Clock,
    *,
    tell: Callable[[float, float], None],
    pool: Executor | None = None,
) -> Found:
    """Run schedules one after the other from one plan, on the threads of a pool if one is given."""
    from planlib.territories.geography.sums import total

    arena = make_state(request, seed)
    arena.part[:] = plan
    tools = None if pool is None else (pool, np.random.default_rng([seed, 1]))
    for number, schedule in enumerate(schedules):
        if number and np.isfinite(arena.f[BEST_VALUE]):
            arena.part[:] = arena.best

        def report(share: float, done: int = number) -> None:
            tell(float(arena.f[BEST_VALUE]), (done + share) / len(schedules))

        cool(arena, schedule, clock, report, tools)
    work = int(arena.z[ACCEPTED])
    if np.isfinite(arena.f[BEST_VALUE]):
        return Found(arena.best.copy(), float(arena.f[BEST_VALUE]), 0.0, work)
    value = float(total(arena.z, arena.f))
    return Found(arena.part.copy(), value, violation_of(arena, arena.part), work)
