"""The matrix-level design: checks, starts, search, proof, and the result on the original data."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from planlib.errors import ParameterError
from planlib.territories.geography.arena import CUT
from planlib.territories.geography.clock import Clock
from planlib.territories.geography.exhaustive import best_of_all
from planlib.territories.geography.measure import measured, objective_of, within
from planlib.territories.geography.obstacles import (
    components,
    counts_of,
    exhausted,
    obstacles,
)
from planlib.territories.geography.proof import (
    can_prove,
    can_settle,
    prove_best,
    recombined,
    settle_cut,
)
from planlib.territories.geography.request import Request, make_request
from planlib.territories.geography.result import Partition, Progress
from planlib.territories.geography.search import Found, Schedule, run_one
from planlib.territories.geography.shares import LARGE
from planlib.territories.geography.start import bridges, cut_plan, label_match, make_whole

Ints = npt.NDArray[np.int64]
EFFORTS = {"quick": 0, "normal": 1, "thorough": 2}
WORK = (300, 2_000, 8_000)  # proposals for each area and start
LEAST = (100_000, 500_000, 1_000_000)  # proposals for each start
MOST = (2_000, 8_000, 16_000)  # but not more than these for each area
STARTS = (1, 6, 12)  # where the map is small
SHARE = 0.9  # of a time limit, after which no more starts are made
PROVEN_SHARE = 0.2  # the same where a proof follows
DISTRICTS_SHARE = 0.6  # until when whole districts are chosen
WHOLE_SHARE = 0.5  # after which no more starts are made where groups are cut anew by them
TRACE = 1e-9  # of the mean area, and of all: least sizes and shares that plans start from
GROUPS = (40, 100, 400)  # that are cut anew
# A cut edge is a whole step, so that hardly anything is accepted below the last temperature; the
# limits are tight where edges are counted, and long rounds keep penalties from closing in early.
CUT_ROUNDS = (50, 2.0, 0.15)
DASH = Schedule(
    rounds=120,
    proposals=8,
    first=0.6,
    last=0.04,
    penalty=6.0,
    rise=1.3,
    fall=1.0,
    until_feasible=True,
    margin=0.97,
)
POLISH = Schedule(rounds=20, proposals=10, first=0.06, last=0.001, penalty=8.0)
OPTIONS = {
    "weight",
    "objective",
    "distance",
    "centres",
    "locked",
    "start",
    "change_cost",
    "names",
    "labels",
}


def partition(
    points: Any,
    graph: Any,
    load: Any,
    lower: Any,
    upper: Any,
    *,
    seed: int = 0,
    effort: str = "normal",
    time_limit: float | None = None,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    prove: bool | None = None,
    **options: Any,
) -> Partition:
    """
    Divide areas into contiguous, compact territories whose loads keep all limits.

    Parameters
    ----------
    points
        (n, 2) places in a plane or (n, 3) on a sphere (see ``spherical``); None for cut edges.
    graph
        Sparse (n, n) matrix or (e, 2) pairs of areas that touch.
    load
        (K, n) measures.
    lower, upper
        (K, k) limits in the units of the load, infinite where open; kept exactly in float64.
    seed
        Of all chance; the plan is the same on any number of workers.
    effort
        quick, normal or thorough.
    time_limit
        Seconds of wall time instead of an amount of work.
    workers
        Threads; starts are independent.
    on_progress
        Called with ``Progress``; the first call with a cost tells of the first plan.
    prove
        Try to prove the plan optimal; None: where the map is small and the effort not quick.
        The fewest cut edges of a small map, all with the same limits, are searched for by a
        method that proves them, unless the effort is quick and no proof is asked for.
    **options
        ``objective``: inertia (sum of weight times squared distance to the territory's own
        centroid, or to its given centre), distance (sum of weight times distance to the best
        area of the territory, or to its given centre) or cut_edges. ``weight`` (n,): the first
        measure for inertia, 1 for distance. ``distance`` (n, n): own distances. ``centres``
        (k, 2 or 3) or (k,) areas. ``locked`` (n,) territory or -1. ``start`` (n,) territory or
        -1 of an existing plan, with ``change_cost`` (a number or (n,)) for each area that leaves
        it, in the units of the objective. ``names`` (n,) and ``labels`` (k,) of areas and
        territories for messages.

    Returns
    -------
    Partition

    Raises
    ------
    ParameterError
        With all problems of the arrays at once; never for a request that cannot be met.
    """
    problems = [f"{name}: unknown option" for name in options if name not in OPTIONS]
    if effort not in EFFORTS:
        problems.append(f"effort: '{effort}', allowed are {', '.join(EFFORTS)}")
    if time_limit is not None and not time_limit > 0:
        problems.append(f"time_limit: {time_limit}, allowed are seconds > 0")
    problems += _wrong_run(seed, workers)
    if problems:
        raise ParameterError("partition", problems)
    request = make_request(points, graph, load, (lower, upper), options)
    report = on_progress or (lambda progress: None)
    with Clock(time_limit) as clock:
        return _solve(request, (seed, EFFORTS[effort], prove), (clock, workers, report))


def _wrong_run(seed: Any, workers: Any) -> list[str]:
    """Name what is wrong with the seed and the number of threads."""
    problems = []
    if not (isinstance(seed, Integral) and int(seed) >= 0):
        problems.append(f"seed: {seed!r}, allowed are whole numbers of at least 0")
    if workers is not None and not (isinstance(workers, Integral) and int(workers) >= 1):
        problems.append(f"workers: {workers!r}, allowed are whole numbers of at least 1, or None")
    return problems


def _solve(
    request: Request,
    how: tuple[int, int, bool | None],
    tools: tuple[Clock, int | None, Callable[..., None]],
) -> Partition:
    """Look for obstacles, search, prove, and measure the plan on the original data."""
    seed, level, prove = how
    clock, workers, report = tools
    causes = obstacles(request)
    best, is_settled = (None, False) if causes else best_of_all(request)
    if best is not None:
        result = measured(request, best, objective_of(request, best), True, ())
        report(Progress(result.bound, result.objective, 1.0))
        return result
    if is_settled:
        causes = exhausted(np.inf)
    settled: Found | None = None
    bound, optimal = float("nan"), False
    whole = not causes and bool(level > 0 or prove) and can_settle(request)
    if whole:
        begun = _search(_bridged(request), seed, 0, (Clock(None), workers, report, SHARE))
        settled, bound, optimal = settle_cut(request, begun, DISTRICTS_SHARE, clock)
        causes = exhausted(bound)
    if settled is not None and optimal:
        found = settled
    else:
        wanted = prove if prove is not None else level > 0 or request.count == 1
        proves = not causes and np.isnan(bound) and wanted and can_prove(request, bool(prove))
        share = PROVEN_SHARE if proves else WHOLE_SHARE if whole else SHARE
        found = _search(_bridged(request), seed, 0 if causes else level, (*tools, share))
        if settled is not None:
            found = min(settled, found, key=Found.key)
        if whole and not causes:
            found = recombined(request, found, (seed, GROUPS[level]), SHARE, clock)
            optimal = found.value <= bound and within(request, found.part)
        if proves:
            found, bound, optimal = prove_best(request, found, bool(prove), clock)
            causes = exhausted(bound)
    result = measured(request, found.part, np.nan if causes else bound, optimal, causes)
    report(Progress(result.bound, result.objective if result.is_feasible else np.nan, 1.0))
    return result


def _bridged(request: Request) -> Request:
    """Connect components that cannot hold whole territories to what lies nearest."""
    count, label = components(request.graph)
    if count == 1:
        return request
    least, most = counts_of(request, label, count)
    if (least <= most).all() and least.sum() <= request.count <= most.sum():
        return request
    return replace(request, graph=bridges(request.place, request.graph, label))


def _plan(request: Request, seed: int, warm: bool) -> Ints:
    """Give a contiguous plan to start from."""
    size = (request.load / request.load.mean(axis=1)[:, None]).mean(axis=0)
    size = np.maximum(size, TRACE)  # areas without any load are shared out too
    rng = np.random.default_rng(seed)
    if warm and (request.start >= 0).any():
        part = np.where(request.start >= 0, request.start, -1)
        return make_whole(part, request.graph, size, request.locked, request.count)
    if request.centres is not None:
        to = ((request.place[:, None, :] - request.centres[None]) ** 2).sum(axis=2)
        part = to.argmin(axis=1)
    else:
        part = _cut(request, size, rng)
        wanted = np.where(request.locked >= 0, request.locked, request.start)
        if (wanted >= 0).any():
            part = label_match(part, wanted, request.count)
    return make_whole(part, request.graph, size, request.locked, request.count)


def _cut(request: Request, size: npt.NDArray[np.float64], rng: np.random.Generator) -> Ints:
    """Cut each component of the map into its share of the territories."""
    count, label = components(request.graph)
    middle = np.clip(request.lower, 0, None) / 2 + np.minimum(request.upper, 1e300) / 2
    shares = (middle / np.maximum(middle.sum(axis=1, keepdims=True), 1e-300)).mean(axis=0)
    shares = np.maximum(shares, TRACE)
    place = request.place if request.place.any() else _layout(request.graph)
    if count == 1:
        return cut_plan(place, size, shares, rng)
    least, most = counts_of(request, label, count)
    held = least.copy()
    sums = np.bincount(label, weights=size)
    while held.sum() < request.count:
        room = np.where(held < most, sums / (held + 0.5), -np.inf)
        held[int(np.argmax(room))] += 1
    part, begun = np.zeros(request.areas, dtype=np.int64), 0
    for c in range(count):
        mine = np.flatnonzero(label == c)
        names = np.arange(begun, begun + held[c])
        part[mine] = names[cut_plan(place[mine], size[mine], shares[names], rng)]
        begun += int(held[c])
    return part


def _layout(graph: csr_array) -> npt.NDArray[np.float64]:
    """Places for a graph without any: steps from two areas that are far apart."""
    from scipy.sparse.csgraph import dijkstra

    one = int(np.argmax(np.nan_to_num(dijkstra(graph, indices=0, unweighted=True), posinf=-1)))
    steps = dijkstra(graph, indices=[one], unweighted=True)[0]
    two = int(np.argmax(np.nan_to_num(steps, posinf=-1)))
    other = dijkstra(graph, indices=[two], unweighted=True)[0]
    three = int(np.argmax(np.nan_to_num(steps + other, posinf=-1)))
    last = dijkstra(graph, indices=[three], unweighted=True)[0]
    flat = np.nan_to_num(np.column_stack([steps - other, last, 0 * last]), posinf=0)
    return np.asarray(flat + 1e-6 * np.arange(len(flat))[:, None] * [1, 0, 0])


def _schedules(request: Request, level: int, warm: bool) -> tuple[Schedule, ...]:
    n = request.areas
    if level == 0:
        return (DASH, POLISH)
    each = max(WORK[level], min(LEAST[level] // n, MOST[level]))
    large = n > LARGE  # there, rounds are longer: each is shared out and put together again
    rounds, first, last = (100, 2.0, 0.1) if large else (200, 5.0, 0.03)
    if request.mode == CUT:
        rounds, first, last = CUT_ROUNDS
    long = Schedule(
        rounds=rounds,
        proposals=max(1, each // rounds),
        first=0.3 if warm else first,
        last=last,
        fall=0.99 if large else 0.97,  # many territories miss in turns where penalties fall
    )
    return (long, POLISH)


def _search(
    request: Request,
    seed: int,
    level: int,
    tools: tuple[Clock, int | None, Callable[..., None], float],
) -> Found:
    """Make a quick plan, then cool from several starts; the best one wins, of equals the first."""
    clock, workers, report, most = tools
    warm = bool((request.start >= 0).any())
    best = [np.inf]

    def tell(cost: float, share: float) -> None:
        best[0] = min(best[0], cost)
        shown = best[0] * float(request.weight.mean()) if np.isfinite(best[0]) else np.nan
        report(Progress(float("nan"), shown, share))

    large = request.areas > LARGE  # one start, its rounds shared out over the threads
    with ThreadPoolExecutor(workers or 2) as pool:

        def one(own: int, schedules: tuple[Schedule, ...], afresh: bool = False) -> Found:
            plan = _plan(request, own, warm and not afresh)
            shared = pool if large else None
            return run_one(request, plan, own, schedules, clock, tell=tell, pool=shared)

        found = [one(seed, (DASH, POLISH))]
        if level == 0 and not clock.limited:
            for extra in range(1, 6):
                if found[-1].miss == 0:
                    break
                found.append(one(seed + extra, (DASH, POLISH), True))
            return min(found, key=Found.key)
        if request.count == 1:
            return found[0]
        schedules = _schedules(request, max(level, 1), warm)
        if large:
            filling = replace(schedules[0], fill=clock.limited)
            found.append(one(seed + 1000, (filling, POLISH)))
            return min(found, key=Found.key)
        starts, turn = STARTS[max(level, 1)], 0
        while turn == 0 or (clock.limited and clock.share < most):
            numbers = range(seed + 1000 + turn * starts, seed + 1000 + (turn + 1) * starts)
            found += pool.map(one, numbers, [schedules] * starts)
            turn += 1
    return min(found, key=Found.key)
