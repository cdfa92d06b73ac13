"""A statement's blocks beside each other, and the managers above its reps, for a cascade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.errors import TableError
from planlib.tables import require_columns
from planlib.territories.cascade_tree import Tree, tree_of
from planlib.territories.explain import BUDGETS
from planlib.territories.solving import Answer
from planlib.territories.statement import Statement

HEAD = "(head)"  # stands above all where the reps table has nobody who does


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One disruption budget of a block: what leaving today's owner takes, and the most allowed."""

    block: str
    name: str
    accounts: np.ndarray  # places among the accounts in scope
    stake: np.ndarray
    most: float

    def used(self, owner: np.ndarray, rep: np.ndarray) -> float:
        """Give what a plan of accounts takes (sellers who own them today, and in the plan)."""
        return float(self.stake @ (rep[self.accounts] != owner[self.accounts]))


@dataclass(frozen=True, kw_only=True)
class Whole:
    """All blocks of a statement in one set of matrices; reps of other blocks are not allowed."""

    cost: np.ndarray
    load: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    target: np.ndarray
    measures: tuple[str, ...]
    leaving: np.ndarray  # (items, people) price of leaving today's owners, at a price factor of 1
    owner: np.ndarray  # (accounts,) seller who owns each account today; -1: nobody who could
    item: np.ndarray  # (accounts,) item of each account in scope
    rows: np.ndarray  # (accounts,) row of the book
    flat: np.ndarray  # (accounts,) seller of the flat plan
    budgets: tuple[Budget, ...]


def whole_of(statement: Statement, answers: Sequence[Answer]) -> Whole:
    """Put the blocks beside each other, families as one item."""
    people = len(statement.sellers)
    measures = tuple(dict.fromkeys(name for one in answers for name in one.block.measures))
    lower, upper = (np.full((len(measures), people), sign * np.inf) for sign in (-1, 1))
    target = np.full((len(measures), people), np.nan)
    parts: list[tuple[np.ndarray, ...]] = []
    budgets: list[Budget] = []
    count, accounts = 0, 0
    for answer in answers:
        block = answer.block
        place = np.array([measures.index(name) for name in block.measures], dtype=np.int64)
        grid = np.ix_(place, block.reps)
        lower[grid], upper[grid], target[grid] = answer.lower, answer.upper, block.target
        i, j = np.indices(block.shape)
        changes = block.change_cost * ((block.held[i] >= 0) & (block.held[i] != j))
        own = np.where(block.may(i, j), block.costs.total() + changes, np.inf)
        items = int(block.item.max()) + 1
        cost = np.full((items, people), np.inf)
        cost[:, block.reps] = block.per_item(own)
        load = np.zeros((len(measures), items))
        load[place] = block.per_item(block.load.T).T
        leaves = block.owner[:, None] != np.arange(len(block.reps))
        leaving = np.zeros((items, people))
        price = answer.budget_prices @ block.stake
        leaving[:, block.reps] = block.per_item(price[:, None] * leaves)
        owner = np.where(block.owner >= 0, block.reps[block.owner], -1)
        parts.append((cost, load, leaving, owner, block.item + count, block.rows,
                      block.reps[answer.rep]))  # fmt: skip
        budgets += [
            Budget(block=block.name, name=block.budgets[g], stake=block.stake[g],
                   accounts=accounts + np.arange(len(block.rows)), most=float(block.budget[g]))
            for g in np.flatnonzero(np.isfinite(block.budget))
        ]  # fmt: skip
        count, accounts = count + items, accounts + len(block.rows)
    joined = [np.concatenate([part[at] for part in parts], axis=1 if at == 1 else 0)
              for at in range(7)]  # fmt: skip
    return Whole(cost=joined[0], load=joined[1], leaving=joined[2], owner=joined[3], item=joined[4],
                 rows=joined[5], flat=joined[6], lower=lower, upper=upper, target=target,
                 measures=measures, budgets=tuple(budgets))  # fmt: skip


def exceeded(whole: Whole, rep: np.ndarray) -> list[str]:
    """Say in words which disruption budgets a plan of accounts (sellers) does not keep."""
    return [
        f"disruption budget of {one.block} exceeded: {BUDGETS[one.name]} {used:,.0f}, allowed "
        f"{one.most:,.0f}"
        for one in whole.budgets
        if (used := one.used(whole.owner, rep)) > one.most
    ]


def hierarchy_of(statement: Statement, reps: pd.DataFrame) -> tuple[np.ndarray, Tree]:
    """
    Give ids of nodes (owners first) and the tree of managers above the owners.

    A manager who owns accounts is an owner; those below stand beside, below the next above.

    Raises
    ------
    TableError
        If managers stand above each other in a circle.
    """
    owners = statement.sellers["rep_id"].astype(str).tolist()
    table = pd.concat([reps, statement.sellers], ignore_index=True).drop_duplicates("rep_id")
    above: dict[str, str] = {}
    if "manager_id" in table:
        rows = table[table["manager_id"].notna()]
        above = dict(zip(rows["rep_id"].astype(str), rows["manager_id"].astype(str), strict=True))
    owning = set(owners)
    boss: dict[str, str] = {}
    for rep in owners:
        path = [rep]
        while path[-1] in above:
            path.append(above[path[-1]])
            if path[-1] in path[:-1]:
                raise TableError("reps", [f"column 'manager_id': {path[-1]} stands above itself"])
        chain = [rep, *(one for one in path[1:] if one not in owning)]
        boss.update(zip(chain[:-1], chain[1:], strict=True))
    ids = [*owners, *dict.fromkeys(one for one in boss.values())]
    place = {one: at for at, one in enumerate(ids)}
    parents = np.array([place[boss[one]] if one in boss else -1 for one in ids], dtype=np.int64)
    tree = tree_of(parents, len(owners))
    return np.array([*ids, *[HEAD] * (len(tree.parent) - len(ids))], dtype=object), tree


def kept_inside(
    statement: Statement,
    whole: Whole,
    ids: np.ndarray,
    tree: Tree,
    decisions: pd.DataFrame | None,
) -> tuple[np.ndarray, list[str]]:
    """Give the node below which each item stays by a leader's decision, or -1; and what cannot."""
    inside = np.full(len(whole.cost), -1, dtype=np.int64)
    if decisions is None or decisions.empty:
        return inside, []
    require_columns("decisions", decisions, ["account_id", "leader_id"])
    place = {one: at for at, one in enumerate(ids)}
    accounts = statement.book["account_id"].to_numpy(object)[whole.rows]
    item = dict(zip(accounts, whole.item, strict=True))
    problems = []
    known = decisions.get("decision_id", pd.Series("", index=decisions.index))
    for one, account, leader in zip(
        known, decisions["account_id"], decisions["leader_id"], strict=True
    ):
        named = f"decision {one} of a leader" if one else "a decision of a leader"
        if leader not in place:
            problems.append(f"{named} is not used, since {leader} is nobody in the hierarchy")
        elif account not in item:
            problems.append(f"{named} is not used, since account {account} is not planned")
        else:
            node, row = place[leader], item[account]
            if np.isfinite(whole.cost[row, tree.members[node]]).any():
                inside[row] = node
            else:
                problems.append(
                    f"{named} is not used, since a lock or another part of the market keeps "
                    f"account {account} from all reps below {leader}"
                )
    return inside, problems
