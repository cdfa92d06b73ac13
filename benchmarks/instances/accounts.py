"""
Named accounts for reps: metros and country, skills, incumbents, locks (family P1).

``numpy.random.default_rng([seed, n, m])`` draws, in this order, everything but the hidden plan:

1. metros: round(1.5 sqrt(m)) places, uniform in a box of 4,200 x 2,400 km; weight rank ** -0.8;
2. reps: 15 % uniform in the box, the rest round a metro (normal, 60 km each way);
3. accounts: 25 % uniform, the rest round a metro (90 km);
4. measures: workload lognormal(0.6), potential lognormal(0.9), their normals correlated by 0.5,
   ACV lognormal(1.2) correlated with potential by 0.6, and the count; workload, potential and ACV
   are capped at a quarter of a mean territory;
5. kinds: 4 segments x 8 industries; a rep's misfit to a kind is beta(2, 2), for 8 of the 32 kinds a
   quarter of that;
6. incumbents: one of the six nearest reps by a geometric(0.45) rank, 5 % of the accounts have none;
7. targets: a rep's share is proportional to U(0.8, 1.2), the same for all measures;
8. locks: 1 % of the accounts have to stay (with the incumbent, else the nearest rep); 2 % must not
   go to one of their six nearest reps.

A pair costs workload x (km / 300 + misfit), and half the potential if the owner changes.

With ``planted=True`` a plan within all limits exists and is given: accounts are dealt out by costs
with noise and prices that bring loads near the targets, and each target is then the load of that
plan divided by 1 + U(-0.9, 0.9) x tolerance. Locks agree with the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from benchmarks.instances.problem import Blocks, Problem

KINDS, FITTING = 32, 8
NEAR = 6  # reps who may be incumbents
STORED = 50_000_000  # pairs up to which the cost matrix is stored
CANDIDATES = 64  # nearest reps that the hidden plan chooses from


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How the accounts of an instance lie and how much they differ."""

    box: tuple[float, float] = (4200.0, 2400.0)
    metros: float = 1.5  # times the root of the reps
    rural: float = 0.25
    rural_reps: float = 0.15
    sigma: tuple[float, float, float] = (0.6, 0.9, 1.2)
    spread: float = 90.0  # km
    shares: tuple[float, float] = (0.8, 1.2)
    travel: float = 1.0
    changes: float = 0.5  # of the potential
    wandering: float = 0.0  # share of accounts whose incumbent is any rep
    arcs: int = 0  # nearest reps that are allowed; 0: all


SHAPES: dict[str, Shape] = {
    "public": Shape(),
    "heavy tails": Shape(sigma=(1.0, 1.6, 2.0)),
    "dense": Shape(box=(700.0, 500.0), metros=0.5, rural=0.0, rural_reps=0.0, spread=120.0),
    "rural": Shape(rural=0.8, rural_reps=0.5),
    "one region": Shape(box=(400.0, 300.0), metros=0.0, spread=60.0),
    "uneven targets": Shape(shares=(0.4, 1.6)),
    "wandering incumbents": Shape(wandering=0.4, changes=1.0),
    "no travel": Shape(travel=0.0),
    "few arcs": Shape(arcs=24),
}


def accounts(
    n: int,
    m: int,
    seed: int,
    *,
    measures: int = 2,
    tolerance: float = 0.05,
    shape: str = "public",
    planted: bool = False,
) -> Problem:
    """
    Draw named accounts, reps, limits and locks.

    Parameters
    ----------
    n, m
        Accounts and reps.
    seed
        Of the draw; 1 to 10 are the public ones.
    measures
        1 to 4: workload, potential, ACV, count.
    tolerance
        Allowed deviation of a rep's load from the target, as a share.
    shape
        A key of ``SHAPES``.
    planted
        Whether a plan within all limits is hidden in the instance; it is given as ``planted``.

    Returns
    -------
    Problem
        ``cost`` is an array up to 50 million pairs; forbidden pairs are then those that
        ``allowed`` leaves out. Beyond, it is :class:`Blocks`, with infinite costs for them.
    """
    form = SHAPES[shape]
    draw = np.random.default_rng([seed, n, m])
    metro, weight = _metros(draw, form, m)
    rep_place = _places(draw, metro, weight, m, (form.rural_reps, 60.0, form.box))
    place = _places(draw, metro, weight, n, (form.rural, form.spread, form.box))
    load = _measures(draw, form, n, m)
    kind = draw.integers(0, KINDS, n)
    misfit = draw.beta(2, 2, (m, KINDS))
    fits = np.argsort(draw.random((m, KINDS)), axis=1)[:, :FITTING]
    np.put_along_axis(misfit, fits, 0.25 * np.take_along_axis(misfit, fits, axis=1), axis=1)
    tree = cKDTree(rep_place)
    near = _nearest(tree, place, min(NEAR, m))
    owner = _incumbents(draw, form, near, m)
    share = draw.uniform(*form.shares, m)
    cost = Blocks(
        place=place, rep_place=rep_place, work=load[0], kind=kind, misfit=misfit, owner=owner,
        leave=form.changes * load[1], barred=np.full(n, -1), travel=form.travel,
    )  # fmt: skip
    load = load[:measures]
    hidden = _plan(cost, load, share, tree, [seed, n, m, 7]) if planted else None
    target = share / share.sum() * load.sum(axis=1, keepdims=True)
    if hidden is not None:
        off = np.random.default_rng([seed, n, m, 8]).uniform(-0.9, 0.9, (measures, m))
        target = loads_of(load, hidden, m) / (1 + off * tolerance)
    fixed, forbidden = _locks(draw, near, owner, hidden)
    stored = n * m <= STORED
    allowed = _allowed(form, tree, place, (fixed, forbidden, hidden), (m, stored))
    return Problem(
        name=f"{n:,} x {m:,}, {shape}, {measures} measures, {tolerance:.0%}, seed {seed}",
        cost=cost.rows(0, n) if stored else replace(cost, barred=forbidden),
        load=load, lower=(1 - tolerance) * target, upper=(1 + tolerance) * target,
        fixed=fixed, allowed=allowed, owner=owner, planted=hidden, place=place,
        rep_place=rep_place,
    )  # fmt: skip


def loads_of(load: np.ndarray, rep: np.ndarray, reps: int) -> np.ndarray:
    """Add up the loads (K, n) of each rep's accounts, as (K, m)."""
    return np.stack([np.bincount(rep, weights=row, minlength=reps) for row in load])


def _metros(draw: np.random.Generator, form: Shape, m: int) -> tuple[np.ndarray, np.ndarray]:
    count = max(1, round(form.metros * m**0.5))
    place = draw.random((count, 2)) * form.box
    weight = np.arange(1, count + 1) ** -0.8
    return place, weight / weight.sum()


def _places(
    draw: np.random.Generator,
    metro: np.ndarray,
    weight: np.ndarray,
    count: int,
    form: tuple[float, float, tuple[float, float]],
) -> np.ndarray:
    rural, spread, box = form
    which = draw.choice(len(metro), count, p=weight)
    place = metro[which] + draw.normal(0, spread, (count, 2))
    alone = draw.random(count) < rural
    place[alone] = draw.random((int(alone.sum()), 2)) * box
    return place


def _measures(draw: np.random.Generator, form: Shape, n: int, m: int) -> np.ndarray:
    first, second, third = draw.standard_normal((3, n))
    second = 0.5 * first + 0.75**0.5 * second
    third = 0.6 * second + 0.8 * third
    load = np.exp(np.stack([first, second, third]) * np.array(form.sigma)[:, None])
    for _ in range(3):  # a cap lowers the mean that it is a part of
        load = np.minimum(load, 0.25 * load.sum(axis=1, keepdims=True) / m)
    return np.concatenate([load, np.ones((1, n))])


def _nearest(tree: cKDTree, place: np.ndarray, count: int) -> np.ndarray:
    return np.asarray(tree.query(place, k=np.arange(1, count + 1))[1], dtype=np.int64)


def _incumbents(draw: np.random.Generator, form: Shape, near: np.ndarray, m: int) -> np.ndarray:
    count = len(near)
    rank = np.minimum(draw.geometric(0.45, count) - 1, near.shape[1] - 1)
    owner = near[np.arange(count), rank]
    anyone = draw.integers(0, m, count)
    owner = np.where(draw.random(count) < form.wandering, anyone, owner)
    return np.where(draw.random(count) < 0.05, -1, owner)


def _locks(
    draw: np.random.Generator, near: np.ndarray, owner: np.ndarray, hidden: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Give the rep each account has to go to and the one it must not go to, or -1."""
    count = len(near)
    lot = draw.random(count)
    other = near[np.arange(count), draw.integers(0, near.shape[1], count)]
    kept = np.where(owner >= 0, owner, near[:, 0]) if hidden is None else hidden
    fixed = np.where(lot < 0.01, kept, -1)
    forbidden = np.where((lot >= 0.01) & (lot < 0.03), other, -1)
    if hidden is not None:
        forbidden = np.where(forbidden == hidden, -1, forbidden)
    return fixed, forbidden


def _allowed(
    form: Shape,
    tree: cKDTree,
    place: np.ndarray,
    known: tuple[np.ndarray, np.ndarray, np.ndarray | None],
    size: tuple[int, bool],
) -> np.ndarray | sparse.csr_array | None:
    fixed, forbidden, hidden = known
    reps, stored = size
    count = len(place)
    banned = np.flatnonzero(forbidden >= 0)
    if not form.arcs:
        if not stored:
            return None
        free = np.ones((count, reps), dtype=bool)
        free[banned, forbidden[banned]] = False
        return free
    near = _nearest(tree, place, min(form.arcs, reps))
    own = fixed if hidden is None else hidden
    extra = np.flatnonzero(own >= 0)
    rows = np.concatenate([np.repeat(np.arange(count), near.shape[1]), extra])
    columns = np.concatenate([near.ravel(), own[extra]])
    keep = forbidden[rows] != columns
    table = sparse.coo_array(
        (np.ones(keep.sum()), (rows[keep], columns[keep])), shape=(count, reps)
    ).tocsr()
    table.data[:] = 1
    return table


def _plan(
    cost: Blocks, load: np.ndarray, share: np.ndarray, tree: cKDTree, seed: list[int]
) -> np.ndarray:
    """Deal out accounts by noisy costs and prices that bring the first measure near the shares."""
    count, reps = cost.shape
    draw = np.random.default_rng(seed)
    some = np.sort(draw.permutation(count)[: min(count, 40 * reps)])
    near = _nearest(tree, cost.place[some], min(CANDIDATES, reps))
    base = cost.pairs(some[:, None], near) / cost.work[some, None]
    base *= np.exp(0.25 * draw.standard_normal(base.shape))
    target = share / share.sum() * load[0, some].sum()
    price = np.zeros(reps)
    lines = np.arange(len(some))
    for turn in range(150):
        chosen = near[lines, np.argmin(base + price[near], axis=1)]
        filled = np.bincount(chosen, weights=load[0, some], minlength=reps)
        price += 0.4 / (1 + turn / 15) * np.clip(filled / target - 1, -1, 1)
    plan = np.empty(count, dtype=np.int64)
    for start in range(0, count, 50_000):
        here = np.arange(start, min(start + 50_000, count))
        near = _nearest(tree, cost.place[here], min(CANDIDATES, reps))
        noisy = cost.pairs(here[:, None], near) / cost.work[here, None]
        noisy *= np.exp(0.25 * draw.standard_normal(noisy.shape))
        plan[here] = near[np.arange(len(here)), np.argmin(noisy + price[near], axis=1)]
    return _none_empty(plan, load[0], tree, cost.place)


def _none_empty(plan: np.ndarray, load: np.ndarray, tree: cKDTree, place: np.ndarray) -> np.ndarray:
    """Give reps with hardly anything some of the accounts nearest to them."""
    reps = tree.n
    mean = load.sum() / reps
    lookup = cKDTree(place)
    filled = np.bincount(plan, weights=load, minlength=reps)
    for rep in np.flatnonzero(filled < 0.3 * mean):
        reach = min(len(place), 8 * max(1, len(place) // reps))
        for item in np.atleast_1d(lookup.query(tree.data[rep], k=reach)[1]):
            giver = plan[item]
            if filled[rep] >= 0.5 * mean:
                break
            if giver != rep and filled[giver] - load[item] > 0.6 * mean:
                filled[giver] -= load[item]
                filled[rep] += load[item]
                plan[item] = rep
    return plan
