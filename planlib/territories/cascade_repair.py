"""Let neighbouring teams exchange accounts after the last level of a cascade."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.cascade_prices import Flat
from planlib.territories.cascade_steps import Task, solve_task
from planlib.territories.cascade_tree import Tree

_REGIONS = (8, 16, 32, 64)  # reps that mend a limit together, more where fewer could not
_WIDER = 4  # times that many, until what the region holds is well inside its summed limits
_ROOM = 0.2  # well inside: this share of half the width away from them
_AGAIN = 3  # tries at each size
_ACROSS = 24  # reps of two teams that exchange accounts
_ROUNDS = 3


@dataclass
class _State:
    """The plan at hand, and what exchanges need to know."""

    flat: Flat
    rep: np.ndarray
    cost: np.ndarray
    loads: np.ndarray
    near: Any  # scipy CSR (m, m): how many accounts tend from one rep to the other

    def excess(self, reps: np.ndarray | slice, loads: np.ndarray) -> np.ndarray:
        """Give how far reps with these loads are outside, (K, reps), relative to their limits."""
        lower, upper = self.flat.lower[:, reps], self.flat.upper[:, reps]
        size = np.where(np.isfinite(upper), np.abs(upper), np.abs(lower))
        out = np.maximum(np.maximum(loads - upper, lower - loads), 0.0)
        return np.asarray(out / np.where(np.isfinite(size) & (size > 0), size, 1.0))


def repaired(
    flat: Flat,
    rep: np.ndarray,
    pool: Executor,
    *,
    options: tuple[int, str, Tree],
) -> np.ndarray:
    """
    Give a plan in which regions of neighbouring reps have been planned again together.

    First those around limits that are not met, then those across the borders of teams. A region's
    new plan is taken only if it mends a limit, or meets all and costs less.

    Parameters
    ----------
    flat
        What is divided; prices and arcs.
    rep
        (n,) the plan to start from.
    pool
        Runs regions without a common rep at the same time.
    options
        Seed, effort and hierarchy.
    """
    seed, effort, tree = options
    m = flat.reps
    state = _State(flat, rep.copy(), flat.costs(rep), flat.loads(rep), _near(flat, rep))
    for size in _REGIONS:
        for _ in range(_AGAIN):
            before = state.excess(slice(None), state.loads)
            out = before.max(axis=0)
            seeds = np.argsort(-out, kind="stable")[: int((out > 0).sum())]
            if not len(seeds):
                break
            _exchange(state, _apart(state, seeds, min(size, m)), pool, (seed, effort))
            if state.excess(slice(None), state.loads).sum() >= before.sum():
                break  # the same regions would be tried again
    done: set[tuple[int, int]] = set()
    for _ in range(_ROUNDS):
        regions = _borders(state, tree, done)
        if not regions:
            break
        _exchange(state, regions, pool, (seed, effort))
    return state.rep


def _near(flat: Flat, rep: np.ndarray) -> Any:
    """Count, from rep to rep, the accounts for which the other is the next best at the prices."""
    from scipy import sparse

    arcs, m = flat.arcs, flat.reps
    reduced = np.where(arcs.rep == rep[arcs.item], np.inf, flat.reduced)
    least = np.minimum.reduceat(reduced, arcs.start[:-1])
    best = np.flatnonzero((reduced == least[arcs.item]) & np.isfinite(reduced))
    item, first = np.unique(arcs.item[best], return_index=True)
    other = np.zeros(len(rep), dtype=np.int64)
    other[item] = arcs.rep[best[first]]
    size = (flat.load / np.maximum(flat.load.mean(axis=1, keepdims=True), 1e-300)).mean(axis=0)
    regret = (least - flat.costs(rep, reduced=True)) / np.maximum(size, 1e-9)
    known = np.isfinite(regret)
    if not known.any():
        return sparse.csr_matrix((m, m))
    heat = max(float(np.median(np.abs(regret[known]))), 1e-12)
    weight = np.exp(-np.clip(regret[known] / heat, -20.0, 40.0))
    pairs = (rep[known], other[known])
    one_way = sparse.coo_matrix((weight, pairs), shape=(m, m)).tocsr()
    return (one_way + one_way.T).tocsr()


def _apart(state: _State, seeds: np.ndarray, size: int) -> list[np.ndarray]:
    """Grow a region round each seed by the nearest reps; no rep is in two regions."""
    taken = np.zeros(state.flat.reps, dtype=bool)
    regions = []
    for seed in seeds.tolist():
        if taken[seed]:
            continue
        region, pull = [seed], np.asarray(state.near[seed].todense()).ravel()
        taken[seed] = True
        while len(region) < size or (len(region) < _WIDER * size and not _is_roomy(state, region)):
            best = int(np.argmax(np.where(taken, -1.0, pull)))
            if taken[best] or pull[best] <= 0:
                break
            taken[best] = True
            region.append(best)
            pull = pull + np.asarray(state.near[best].todense()).ravel()
        if len(region) > 1:
            regions.append(np.array(sorted(region)))
    return regions


def _is_roomy(state: _State, region: list[int]) -> bool:
    """Tell whether the loads of a region could be spread so that all of its limits are met."""
    lower, upper = (one[:, region].sum(axis=1) for one in (state.flat.lower, state.flat.upper))
    room = np.where(np.isfinite(upper - lower), _ROOM * (upper - lower) / 2, 0.0)
    held = state.loads[:, region].sum(axis=1)
    return bool(((held <= upper - room) & (held >= lower + room)).all())


def _borders(state: _State, tree: Tree, done: set[tuple[int, int]]) -> list[np.ndarray]:
    """Give regions across the borders of pairs of teams not yet looked at, no rep in two."""
    from scipy import sparse

    team = tree.parent[: tree.rep_count]
    names, number = np.unique(team, return_inverse=True)
    if len(names) < 2:
        return []
    m = tree.rep_count
    of_team = sparse.csr_matrix((np.ones(m), (np.arange(m), number)), shape=(m, len(names)))
    links = sparse.triu(of_team.T @ state.near @ of_team, 1).tocoo()
    order = np.lexsort((links.col, links.row, -links.data))
    used: set[int] = set()
    regions = []
    for first, second in zip(links.row[order].tolist(), links.col[order].tolist(), strict=True):
        if first in used or second in used or (first, second) in done:
            continue
        done.add((first, second))
        used |= {first, second}
        ours, theirs = np.flatnonzero(number == first), np.flatnonzero(number == second)
        across = state.near[ours][:, theirs]
        half = _ACROSS // 2
        best = np.argsort(-np.asarray(across.sum(axis=1)).ravel(), kind="stable")[:half]
        other = np.argsort(-np.asarray(across.sum(axis=0)).ravel(), kind="stable")[:half]
        regions.append(np.sort(np.concatenate([ours[best], theirs[other]])))
    return regions


def _exchange(
    state: _State, regions: list[np.ndarray], pool: Executor, options: tuple[int, str]
) -> None:
    """Plan regions again, and keep what is better."""
    place = np.full(state.flat.reps, -1, dtype=np.int64)
    for number, region in enumerate(regions):
        place[region] = number
    home = place[state.rep]
    order = np.argsort(home, kind="stable")
    cuts = np.searchsorted(home[order], np.arange(len(regions) + 1))
    rows = [order[first:last] for first, last in zip(cuts[:-1], cuts[1:], strict=True)]
    waiting = []
    for region, mine in zip(regions, rows, strict=True):
        column = np.full(len(place), -1, dtype=np.int64)
        column[region] = np.arange(len(region))
        cost = state.flat.folded(mine, np.zeros(state.flat.price.shape), column)
        task = Task(
            cost=cost, load=np.ascontiguousarray(state.flat.load[:, mine]),
            lower=state.flat.lower[:, region],
            upper=state.flat.upper[:, region], free=len(mine), seed=options[0],
            effort=options[1],
        )  # fmt: skip
        waiting.append((region, mine, cost, pool.submit(solve_task, task)))
    for region, mine, cost, answer in waiting:
        _take(state, (region, mine, cost), answer.result()[0])


def _take(
    state: _State, what: tuple[np.ndarray, np.ndarray, np.ndarray], chosen: np.ndarray
) -> None:
    region, mine, cost = what
    loads = np.stack(
        [
            np.bincount(chosen, weights=one, minlength=len(region))
            for one in state.flat.load[:, mine]
        ]
    )
    now = state.excess(region, state.loads[:, region]).sum()
    new = state.excess(region, loads).sum()
    own = cost[np.arange(len(mine)), chosen]
    cheaper = own.sum() < state.cost[mine].sum() - 1e-12
    if np.isfinite(own).all() and (new < now or (new <= now and cheaper)):
        state.rep[mine] = region[chosen]
        state.cost[mine] = own
        state.loads[:, region] = loads
