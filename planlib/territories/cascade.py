"""
Plan a large market from the top down: leaders share out accounts, then managers, then reps.

Each node of the hierarchy divides the accounts that it was given among the nodes straight below.
What a group of reps costs for an account is the least cost plus price of any of its reps, at the
prices of the whole market (``cascade_prices``): to first order that is what the account adds to
the cost of the group's own best plan. The limits of a group are the sums of its reps' limits, a
little narrower. The plan of a whole market at once has a bound; what the hierarchy costs is the gap
to it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.errors import ParameterError
from planlib.territories.cascade_prices import Flat, flat_prices
from planlib.territories.cascade_repair import repaired
from planlib.territories.cascade_steps import Step, descend
from planlib.territories.cascade_tree import Tree, grouped_tree, tree_of
from planlib.territories.engine.request import Request, make_request
from planlib.territories.engine.result import CostProvider

_SHOWN = 5
_LANDMARKS = 256  # accounts whose costs describe a rep


@dataclass(frozen=True, kw_only=True)
class Cascade:
    """
    A plan made from the top down.

    Parameters
    ----------
    rep
        (n,) rep of each account.
    cost
        Of the plan, changes against ``previous`` included.
    bound
        No plan within the limits is cheaper, whatever the hierarchy; float64 over all pairs.
    strict_rep, strict_cost
        The plan before accounts were exchanged across teams, and its cost; NaN where not all limits
        were met then.
    loads
        (K, m) what each rep has.
    excess
        (K, m) how far a rep is outside the limits, in the unit of the load.
    status
        feasible, or unresolved where a limit is not met.
    tree
        The hierarchy.
    node_loads, node_counts
        (K, nodes) and (nodes,) what each node has; a leader's is the sum of those straight below.
    steps
        One per leader: accounts divided, and how that went.
    """

    rep: np.ndarray
    cost: float
    bound: float
    strict_rep: np.ndarray
    strict_cost: float
    loads: np.ndarray
    excess: np.ndarray
    status: str
    tree: Tree
    node_loads: np.ndarray
    node_counts: np.ndarray
    steps: tuple[Step, ...]
    prices: np.ndarray

    @property
    def absolute_gap(self) -> float:
        """What the plan costs above the flat bound, at least 0."""
        return max(self.cost - self.bound, 0.0)

    @property
    def gap(self) -> float:
        """``absolute_gap / bound``; NaN where the bound is not positive or a limit is not met."""
        met = self.bound > 0 and self.status == "feasible"
        return self.absolute_gap / self.bound if met else float("nan")

    @property
    def closes(self) -> bool:
        """Whether at every leader counts and loads are exactly the sums of those straight below."""
        leaders = range(self.tree.rep_count, len(self.tree.parent))
        counts = all(
            self.node_counts[node] == sum(self.node_counts[one] for one in self.tree.children[node])
            for node in leaders
        )
        loads = np.array_equal(self.node_loads, self.tree.sums(self.loads))
        return bool(counts and loads and self.node_counts[self.tree.head] == len(self.rep))

    def accounts_of(self, node: int) -> np.ndarray:
        """Give the accounts of a node, in order."""
        return np.flatnonzero(np.isin(self.rep, self.tree.members[node]))


def cascade(
    cost: np.ndarray | CostProvider,
    load: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    parents: np.ndarray | None = None,
    *,
    allowed: Any = None,
    fixed: np.ndarray | None = None,
    inside: np.ndarray | None = None,
    previous: np.ndarray | None = None,
    change_cost: float | np.ndarray = 0.0,
    team_size: int = 64,
    seed: int = 0,
    effort: str = "normal",
    repair: bool = True,
    executor: Executor | None = None,
    on_progress: Callable[[str, float], None] | None = None,
) -> Cascade:
    """
    Assign accounts level by level, and say what the hierarchy costs.

    Parameters
    ----------
    cost
        (n, m) costs, infinite where a rep may not have an account; or a provider with ``shape``
        and ``rows(first, last)``, of which no n x m matrix is ever stored.
    load
        (K, n) size of the accounts in each measure, at least 0.
    lower, upper
        (K, m) least and most that each rep may have; infinite where open.
    parents
        (m + q,) the hierarchy: node above each rep (0 to m - 1) and leader (m and on), -1 at the
        top. None: reps who cost the same for the same accounts stand together.
    allowed, fixed, previous, change_cost
        As for ``assign``.
    inside
        (n,) a leader's decision: the account stays below this node; -1: anywhere.
    team_size, seed, effort
        Most reps of one manager where a hierarchy is made; of all draws; quick, normal or
        thorough: work of each sub-problem.
    repair
        Whether neighbouring teams exchange accounts after the last level, where that mends a
        limit or lowers the cost.
    executor, on_progress
        Runs passes over the costs and sub-problems, a pool of threads where not given; the plan
        does not depend on it. Called with the level or phase and the share of the work done.

    Returns
    -------
    Cascade
        Never raises for a request that cannot be met: see ``status`` and ``excess``.

    Raises
    ------
    ParameterError
        If shapes do not fit, the hierarchy is none, or a decision contradicts ``allowed``.
    """
    request, tree = _asked(
        (cost, load, lower, upper), parents, (team_size, seed),
        {"allowed": allowed, "fixed": fixed, "inside": inside, "previous": previous,
         "change_cost": change_cost},
    )  # fmt: skip
    tell = on_progress or (lambda phase, share: None)
    with _Pool(executor) as pool:
        tell("prices", 0.0)
        flat = flat_prices(request, seed=seed, pool=pool)
        _all_placed(flat)
        options = (seed, effort, repair)
        return _planned(flat, tree, pool, options=options, tell=tell)


def _asked(
    matrices: tuple[Any, Any, Any, Any],
    parents: np.ndarray | None,
    made: tuple[int, int],
    rules: dict[str, Any],
) -> tuple[Request, Tree]:
    """Check what is asked, and put costs, locks, changes and leaders' decisions together."""
    cost = matrices[0]
    load, lower, upper = (np.asarray(one, dtype=np.float64) for one in matrices[1:])
    _check(cost, load, lower, upper)
    n, m = (int(size) for size in cost.shape)
    cost = cost if hasattr(cost, "rows") else np.asarray(cost, dtype=np.float64)
    inside = rules.pop("inside")
    request = make_request(cost, load, lower, upper, rules)
    if request.relaxed:
        raise ParameterError("cascade", [one.cause for one in request.relaxed[:_SHOWN]])
    tree = _own_tree(request, *made) if parents is None else tree_of(parents, m)
    if inside is not None and (np.asarray(inside) >= 0).any():
        within = Within(inner=request.costs, nodes=np.asarray(inside), tree=tree)
        request = make_request(within, load, lower, upper, {})
        _none_lost([one.accounts[0] for one in request.relaxed])
    return request, tree


def _planned(
    flat: Flat,
    tree: Tree,
    pool: Executor,
    *,
    options: tuple[int, str, bool],
    tell: Callable[[str, float], None],
) -> Cascade:
    seed, effort, repair = options
    rep, flat, steps = descend(flat, tree, pool, options=(seed, effort, tell))
    strict = rep
    if repair:
        tell("exchange", 0.8)
        rep = repaired(flat, rep, pool, options=(seed, effort, tree))
    loads = flat.loads(rep)
    excess = np.maximum(np.maximum(loads - flat.upper, flat.lower - loads), 0.0)
    before = flat.loads(strict)
    met = bool(((before <= flat.upper) & (before >= flat.lower)).all())
    total = float(flat.costs(rep).sum())
    tell("done", 1.0)
    return Cascade(
        rep=rep, cost=total, bound=flat.bound, strict_rep=strict,
        strict_cost=float(flat.costs(strict).sum()) if met else float("nan"),
        loads=loads, excess=excess, status="unresolved" if excess.any() else "feasible", tree=tree,
        node_loads=tree.sums(loads),
        node_counts=tree.sums(np.bincount(rep, minlength=tree.rep_count)).astype(np.int64),
        steps=steps, prices=flat.price,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Within:
    """Costs that are infinite outside the node below which a leader keeps an account."""

    inner: CostProvider
    nodes: np.ndarray
    tree: Tree

    @property
    def shape(self) -> tuple[int, int]:
        """Number of accounts and of reps."""
        return self.inner.shape

    def rows(self, first: int, last: int, /) -> np.ndarray:
        """Give the costs of a range of accounts."""
        block = self.inner.rows(first, last)
        for row in np.flatnonzero(self.nodes[first:last] >= 0).tolist():
            kept = np.full(block.shape[1], np.inf)
            members = self.tree.members[self.nodes[first + row]]
            kept[members] = block[row, members]
            block[row] = kept
        return block


class _Pool:
    """An executor of one's own, or the one handed in, which is left open."""

    def __init__(self, given: Executor | None) -> None:
        self.given, self.own = given, None if given else ThreadPoolExecutor()

    def __enter__(self) -> Executor:
        return self.given or self.own  # type: ignore[return-value]

    def __exit__(self, *error: object) -> None:
        if self.own:
            self.own.shutdown()


def _own_tree(request: Request, team_size: int, seed: int) -> Tree:
    """Group reps by what they cost for some accounts, per unit of workload."""
    n = request.items
    rows = np.unique(np.linspace(0, n - 1, min(n, _LANDMARKS)).astype(int))
    rows = np.sort(np.random.default_rng(seed).permutation(n)[: len(rows)])
    profile = np.concatenate([request.costs.rows(int(at), int(at) + 1) for at in rows]).T
    known = np.isfinite(profile)
    top = profile[known].max(initial=0.0)
    profile = np.where(known, profile, top) / np.maximum(
        request.load[:, rows].mean(axis=0) / max(request.load.mean(), 1e-300), 1e-6
    )
    return grouped_tree(profile, size=team_size)


def _check(
    cost: np.ndarray | CostProvider, load: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> None:
    n, m = cost.shape
    problems = []
    if load.ndim != 2 or load.shape[1] != n:
        problems.append(f"load: (K, {n}) expected, found {load.shape}")
    elif not (np.isfinite(load) & (load >= 0)).all():
        problems.append("load: every size must be known and at least 0")
    for name, limit in (("lower", lower), ("upper", upper)):
        if limit.shape != (len(load), m):
            problems.append(f"{name}: ({len(load)}, {m}) expected, found {limit.shape}")
        elif np.isnan(limit).any():
            problems.append(f"{name}: holds values that are not numbers")
    if not problems and (lower > upper).any():
        problems.append("lower: above upper for some reps")
    if min(n, m) < 1:
        problems.append(f"cost: at least one account and one rep, found {n} and {m}")
    if problems:
        raise ParameterError("cascade", problems)


def _all_placed(flat: Flat) -> None:
    _none_lost(np.flatnonzero(np.diff(flat.arcs.start) == 0).tolist())


def _none_lost(lost: list[int]) -> None:
    if lost:
        first = ", ".join(map(str, lost[:_SHOWN]))
        raise ParameterError(
            "cascade",
            [f"{len(lost)} accounts have no rep who may have them and stands below the leader who "
             f"keeps them; first {first}"],
        )  # fmt: skip
