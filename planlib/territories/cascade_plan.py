"""The plan of a statement from the top down, through the managers of the reps table."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.tables import require_columns, table
from planlib.territories.cascade import Cascade, cascade
from planlib.territories.cascade_market import (
    Whole,
    exceeded,
    hierarchy_of,
    kept_inside,
    whole_of,
)
from planlib.territories.solving import Answer
from planlib.territories.statement import Statement

_TOLERANCE = "the tolerance is exceeded, as little as was found possible"
_LIMITS = "some reps are outside their limits: see territory_cascade"
_RAISES = (1.0, 1.5, 2.5, 4.0, 8.0)  # times the price of a budget, until it is kept


@dataclass(frozen=True, kw_only=True)
class CascadePlan:
    """
    A plan from the top down beside the plan of all at once.

    ``levels`` (territory_cascade), ``plan`` (territory_cascade_plan), ``cost``
    (territory_cascade_cost); ``cascade`` holds the arrays, families as one account, None where
    nothing is planned; ``notes`` say why nothing is, or which decisions of leaders cannot hold,
    ``unused`` the latter alone.
    """

    levels: pd.DataFrame
    plan: pd.DataFrame
    cost: pd.DataFrame
    cascade: Cascade | None
    notes: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {
            "territory_cascade": self.levels,
            "territory_cascade_plan": self.plan,
            "territory_cascade_cost": self.cost,
        }


def plan_cascade(
    statement: Statement,
    answers: Sequence[Answer],
    reps: pd.DataFrame,
    *,
    decisions: pd.DataFrame | None = None,
    seed: int = 0,
    effort: str = "normal",
    executor: Executor | None = None,
) -> CascadePlan:
    """
    Plan from the head of the reps table down to the owners, and show what that costs.

    Parameters
    ----------
    statement, answers
        The alignment and its flat plan; limits, tolerances and the prices of budgets are its.
    reps
        ``rep_id``, ``manager_id`` and, where there, ``name``: the hierarchy, any depth. Owners
        without a manager stand straight below the head.
    decisions
        A leader's decisions: ``account_id`` stays below ``leader_id``.
    seed, effort, executor
        As for ``cascade``.

    Returns
    -------
    CascadePlan
        Locks hold. Disruption budgets enter by their price, raised until they are kept. A decision
        that names nobody known, or that a lock stands against, is left out and noted.

    Raises
    ------
    TableError
        If managers stand above each other in a circle.
    """
    require_columns("reps", reps, ["rep_id"])
    if not answers:
        return CascadePlan(
            levels=table("territory_cascade").empty(), plan=table("territory_cascade_plan").empty(),
            cost=table("territory_cascade_cost").empty(), cascade=None,
            notes=("no account in scope has a rep: there is nothing to share out",),
        )  # fmt: skip
    whole = whole_of(statement, answers)
    ids, tree = hierarchy_of(statement, reps)
    inside, unused = kept_inside(statement, whole, ids, tree, decisions)
    for factor in _RAISES:
        cost = whole.cost + factor * whole.leaving
        found = cascade(cost, whole.load, whole.lower, whole.upper, tree.parent, inside=inside,
                        seed=seed, effort=effort, executor=executor)  # fmt: skip
        if not exceeded(whole, found.rep[whole.item]):
            break
    return CascadePlan(
        levels=table("territory_cascade").conform(
            _levels(statement, (whole, inside), found, ids, reps)
        ),
        plan=table("territory_cascade_plan").conform(_plan(statement, whole, found, ids, inside)),
        cost=table("territory_cascade_cost").conform(_costs(statement, answers, whole, found)),
        cascade=found, notes=tuple(unused), unused=tuple(unused),
    )  # fmt: skip


def _levels(
    statement: Statement,
    asked: tuple[Whole, np.ndarray],
    found: Cascade,
    ids: np.ndarray,
    reps: pd.DataFrame,
) -> list[dict[str, object]]:
    whole, inside = asked
    tree, people = found.tree, len(statement.sellers)
    names = dict(zip(reps["rep_id"], reps.get("name", reps["rep_id"]), strict=True))
    accounts = tree.sums(np.bincount(found.rep[whole.item], minlength=people))
    flat_count = np.stack([np.bincount(_flat_items(whole), one, people) for one in whole.load])
    flat, target = tree.sums(flat_count), tree.sums(whole.target)
    kept = np.bincount(inside[whole.item][inside[whole.item] >= 0], minlength=len(ids))
    rows: list[dict[str, object]] = []
    for node in tree.order:
        if not len(tree.members[node]):
            continue
        below = tree.children[node]
        for k, measure in enumerate(whole.measures):
            actual = found.node_loads[k, node]
            closed = not below or actual == sum(found.node_loads[k, one] for one in below)
            rows.append({
                "leader_id": ids[node], "measure": measure, "level": int(tree.level[node]),
                "leader_name": names.get(ids[node], ids[node]),
                "parent_id": ids[tree.parent[node]] if tree.parent[node] >= 0 else None,
                "is_owner": node < people, "head_count": len(tree.members[node]),
                "account_count": int(accounts[node]), "target": target[k, node],
                "actual": actual, "flat": flat[k, node],
                "deviation": actual / target[k, node] - 1 if target[k, node] > 0 else np.nan,
                "is_closed": bool(closed), "kept_count": int(kept[node]),
            })  # fmt: skip
    return rows


def _flat_items(whole: Whole) -> np.ndarray:
    first = np.unique(whole.item, return_index=True)[1]
    return np.asarray(whole.flat[first])


def _plan(
    statement: Statement, whole: Whole, found: Cascade, ids: np.ndarray, inside: np.ndarray
) -> pd.DataFrame:
    tree = found.tree
    rep = found.rep[whole.item]
    paths: dict[int, str] = {}
    for one in np.unique(rep).tolist():
        node, path = int(tree.parent[one]), []
        while node >= 0:
            path.append(str(ids[node]))
            node = int(tree.parent[node])
        paths[one] = " > ".join(reversed(path))
    kept = np.array([*ids, None], dtype=object)[inside[whole.item]]
    frame = pd.DataFrame({
        "account_id": statement.book["account_id"].to_numpy(object)[whole.rows],
        "rep_id": ids[rep], "flat_rep_id": ids[whole.flat], "path": [paths[one] for one in rep],
        "kept_by_id": kept,
    })  # fmt: skip
    return frame.sort_values("account_id", kind="stable").reset_index(drop=True)


def _costs(
    statement: Statement, answers: Sequence[Answer], whole: Whole, found: Cascade
) -> list[dict[str, object]]:
    """Compare the plans at the costs of the statement, prices of budgets left out."""
    flat_bound = sum(answer.bound for answer in answers)
    flat_cost = sum(answer.cost for answer in answers)
    order = np.arange(len(whole.cost))
    acv = statement.book["acv"].fillna(0.0).to_numpy(float)[whole.rows]

    def row(plan: str, cost: float, rep: np.ndarray, broken: list[str]) -> dict[str, object]:
        met = not broken and flat_bound > 0
        loads = np.stack([np.bincount(rep, one, whole.target.shape[1]) for one in whole.load])
        off = np.abs(loads / np.where(whole.target > 0, whole.target, np.nan) - 1)
        moved = acv[(whole.owner >= 0) & (rep[whole.item] != whole.owner)].sum()
        return {
            "plan": plan, "status": "unresolved" if broken else "feasible", "cost": cost,
            "bound": flat_bound,
            "gap": max(cost - flat_bound, 0.0) / flat_bound if met else np.nan,
            "tolerance_reached": float(np.nanmax(off)) if np.isfinite(off).any() else np.nan,
            "moved_acv": moved, "moved_acv_share": moved / acv.sum() if acv.sum() > 0 else np.nan,
            "note": "; ".join(broken),
        }  # fmt: skip

    worst = {"infeasible": 3, "unresolved": 2, "feasible": 1, "optimal": 0}
    flat_status = max((answer.status for answer in answers), key=lambda one: worst.get(one, 2))
    flat = [] if flat_status in ("optimal", "feasible") else [_TOLERANCE]
    total = float(whole.cost[order, found.rep].sum())
    limits = [] if found.status == "feasible" else [_LIMITS]
    rows = [
        row("flat", flat_cost, _flat_items(whole), flat) | {"status": flat_status},
        row("cascade", total, found.rep, limits + exceeded(whole, found.rep[whole.item])),
    ]
    if np.isfinite(found.strict_cost):
        strict = float(whole.cost[order, found.strict_rep].sum())
        broken = exceeded(whole, found.strict_rep[whole.item])
        rows.append(row("strict cascade", strict, found.strict_rep, broken))
    return rows
