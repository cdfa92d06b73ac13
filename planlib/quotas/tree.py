"""The hierarchy of quotas: company, managers of any depth, reps; and spreads that close in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from planlib.quotas.exact import split_exact

COMPANY = "company"
KINDS = ("company", "manager", "rep")
OWN = " (own)"
_MOST = 0.5  # share of a level from which its stated targets are proportions


@dataclass(frozen=True, kw_only=True)
class Tree:
    """
    Who answers for whose quota.

    Parameters
    ----------
    nodes
        ``node_id``, ``parent_id`` (missing for the company), ``kind``, ``depth``, ``rep_id``,
        ``name``, from the top down.
    """

    nodes: pd.DataFrame = field(repr=False)

    def children(self) -> dict[str, list[str]]:
        """Give the children of each node, by id."""
        below = self.nodes.dropna(subset="parent_id").sort_values("node_id")
        return {str(one): list(rows) for one, rows in below.groupby("parent_id")["node_id"]}

    def leaves(self) -> pd.DataFrame:
        """Give the nodes of reps, by id."""
        rows = self.nodes[self.nodes["kind"] == KINDS[2]]
        return rows.sort_values("node_id", ignore_index=True)

    def above(self, leaves: pd.Index) -> list[set[str]]:
        """Give each of some leaves with every node above it."""
        parent = dict(zip(self.nodes["node_id"], self.nodes["parent_id"], strict=True))
        found = []
        for leaf in leaves:
            at: object = leaf
            line: set[str] = set()
            while isinstance(at, str):
                line.add(at)
                at = parent[at]
            found.append(line)
        return found

    def totals(self, leaves: pd.Series) -> pd.Series:
        """
        Add up amounts of leaves at every node.

        Parameters
        ----------
        leaves
            Amount by ``node_id`` of the leaves; missing counts as zero.
        """
        zero: Any = leaves.dtype.type(0)
        found: dict[str, Any] = {str(node): zero for node in self.nodes["node_id"]}
        known = leaves.fillna(0)
        found.update({str(node): value for node, value in known.items()})
        upward = self.nodes.sort_values("depth", ascending=False)
        for node, parent in zip(upward["node_id"], upward["parent_id"], strict=True):
            if isinstance(parent, str):
                found[parent] += found[node]
        return pd.Series(found)


def build_tree(people: pd.DataFrame, carriers: pd.DataFrame) -> Tree:
    """
    Build the hierarchy from the managers' lines.

    Parameters
    ----------
    people
        ``rep_id``, ``manager_id``, ``name``, without circles.
    carriers
        ``rep_id`` of those who carry a quota of their own. Managers without any below them are
        left out; a manager with a quota has a node for the team and one for the own quota.
    """
    boss = dict(zip(people["rep_id"], people["manager_id"], strict=True))
    name = dict(zip(people["rep_id"], people["name"].fillna(people["rep_id"]), strict=True))
    wanted: set[str] = set()
    for rep in carriers["rep_id"]:
        at = boss.get(rep)
        while isinstance(at, str) and at not in wanted:
            wanted.add(at)
            at = boss.get(at)
    rows: list[tuple[str, str | None, str, str | None, str]] = [
        (COMPANY, None, KINDS[0], None, "Company")
    ]
    for one in sorted(wanted):
        rows.append((one, _above(boss.get(one)), KINDS[1], one, name.get(one, one)))
    for rep in sorted(carriers["rep_id"]):
        if rep in wanted:
            rows.append((rep + OWN, rep, KINDS[2], rep, name.get(rep, rep)))
        else:
            rows.append((rep, _above(boss.get(rep)), KINDS[2], rep, name.get(rep, rep)))
    nodes = pd.DataFrame(rows, columns=["node_id", "parent_id", "kind", "rep_id", "name"])
    parent = dict(zip(nodes["node_id"], nodes["parent_id"], strict=True))
    nodes["depth"] = [_depth(one, parent) for one in nodes["node_id"]]
    return Tree(nodes=nodes.sort_values(["depth", "node_id"], ignore_index=True))


def spread_down(
    tree: Tree, total: int, weights: pd.Series, stated: pd.Series | None = None
) -> tuple[pd.Series, list[tuple[str, int, int]]]:
    """
    Spread whole cents from the company down; the children of every node add up to it.

    Parameters
    ----------
    tree
        The hierarchy.
    total
        Cents of the company.
    weights
        Weight by ``node_id`` of the leaves; a node weighs what lies below it.
    stated
        Cents by ``node_id`` that people have set as targets. Where all children of a node have
        one, these are the proportions, and where most of a node by weight has, among those who
        do; where fewer have, they get theirs and the others share the rest; where they exceed the
        node, everything is scaled and the node is named.

    Returns
    -------
    tuple
        Cents by ``node_id`` for every node, and the nodes whose children exceed them: node,
        its cents, sum of the children's stated cents.
    """
    weight = tree.totals(weights.astype("float64"))
    given = {} if stated is None else {str(one): int(cents) for one, cents in stated.items()}
    children, found, exceeded = tree.children(), {COMPANY: int(total)}, []
    for node in tree.nodes["node_id"]:
        below = children.get(str(node), [])
        if not below:
            continue
        amount = found[str(node)]
        fixed = {one: given[one] for one in below if one in given}
        claimed = sum(fixed.values())
        if fixed and claimed > amount:
            exceeded.append((str(node), amount, claimed))
        base = weight[below].to_numpy(dtype="float64")
        base = base / base.sum() if base.sum() > 0 else np.full(len(below), 1 / len(below))
        wanted = np.array([float(fixed.get(one, np.nan)) for one in below])
        most = base[~np.isnan(wanted)].sum() >= _MOST
        if len(fixed) < len(below) and claimed <= amount and not most:
            free = np.isnan(wanted)
            rest = split_exact(amount - claimed, base[free])
            parts = np.zeros(len(below), dtype="int64")
            parts[free] = rest
            parts[~free] = wanted[~free].astype("int64")
        else:
            left = amount * base[~np.isnan(wanted)].sum() / claimed if claimed else 0.0
            parts = split_exact(amount, np.where(np.isnan(wanted), base * amount, wanted * left))
        found.update(zip(below, (int(one) for one in parts), strict=True))
    return pd.Series(found).reindex(tree.nodes["node_id"]), exceeded


def _above(boss: object) -> str:
    return boss if isinstance(boss, str) else COMPANY


def _depth(node: str, parent: dict[str, str | None]) -> int:
    depth, at = 0, parent[node]
    while isinstance(at, str):
        depth, at = depth + 1, parent[at]
    return depth
