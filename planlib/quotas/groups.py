"""Which sums of quotas may be shown to everybody, so that nobody's own quota follows from them."""

from __future__ import annotations

import pandas as pd

from planlib.disclosure import OTHER, publishable
from planlib.quotas.gather import World
from planlib.quotas.tree import COMPANY, KINDS, Tree

CUTS = ("unit", "region", "role")
_TOGETHER = 600  # people up to whom levels and cuts are decided together


def open_levels(tree: Tree, minimum: int) -> frozenset[str]:
    """
    Give the levels whose sums may be shown: company and managers with enough people.

    A level is also hidden where what is left of the level above, less all that is shown below it,
    would be a sum over too few people (complementary suppression); the smallest goes first.

    Parameters
    ----------
    tree
        The hierarchy.
    minimum
        Fewest people of a sum, and of a difference of shown sums.
    """
    leaves = tree.leaves()["node_id"]
    size = tree.totals(pd.Series(1, index=leaves, dtype="int64"))
    children = tree.children()
    below: dict[str, list[str]] = {}  # largest shown levels under each node
    shown: set[str] = set()
    order = tree.nodes[tree.nodes["kind"] != KINDS[2]].sort_values(["depth", "node_id"])
    for node in reversed(order["node_id"].tolist()):
        parts = [part for one in children.get(node, []) for part in _top(one, shown, below)]
        if size[node] < minimum:
            below[node] = parts
            continue
        while parts and 0 < size[node] - sum(size[one] for one in parts) < minimum:
            least = min(parts, key=lambda one: (size[one], one))
            parts.remove(least)
            shown.discard(least)
            parts += below.get(least, [])
        shown.add(node)
        below[node] = parts
    return frozenset(shown)


def _top(node: str, shown: set[str], below: dict[str, list[str]]) -> list[str]:
    return [node] if node in shown else list(below.get(node, []))


def open_groups(
    tree: Tree | None, carriers: pd.DataFrame, minimum: int
) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """
    Give the levels, and the units, regions and roles, whose sums may be shown.

    All are decided together up to ``_TOGETHER`` people, so that no small group follows from sums
    of levels and of units. Beyond, units, regions and roles are decided together.

    Parameters
    ----------
    tree
        The hierarchy; None: there are no levels.
    carriers
        ``rep_id``, ``unit``, ``region``, ``role``.
    minimum
        Fewest people.

    Returns
    -------
    tuple
        Ids of levels, and by cut its values.
    """
    levels = frozenset[str]() if tree is None else open_levels(tree, minimum)
    rows = carriers[["rep_id", *CUTS]].reset_index(drop=True)
    rows = rows.assign(**{name: rows[name].fillna("").astype("str") for name in CUTS})
    names: list[str] = []
    if tree is not None and len(rows) <= _TOGETHER:
        for depth, labels in _by_depth(tree, levels).items():
            rows[f"level {depth}"] = rows["rep_id"].map(labels).fillna(OTHER)
            names.append(f"level {depth}")
    rows = rows.assign(total="all")
    found = publishable(rows, ["total", *names, *CUTS], minimum)
    kept = {name: frozenset(str(one) for one, said in found[name].items() if said != OTHER)
            for name in (*names, *CUTS)}  # fmt: skip
    if names:
        together = {one for name in names for one in kept[name]}
        levels = frozenset(one for one in levels if one == COMPANY or one in together)
    return levels, {name: kept[name] for name in CUTS}


def people_by_segment(world: World) -> pd.Series:
    """Give how many carriers own accounts of each segment."""
    if world.owners is None:
        return pd.Series(dtype="int64")
    return world.owners.groupby("segment")["rep_id"].nunique()


def with_groups(
    rows: pd.DataFrame, cuts: dict[str, frozenset[str]], segments: pd.Series, minimum: int
) -> pd.DataFrame:
    """
    Mark which rows of a table by ``cut`` and ``cut_value`` everybody may see.

    Parameters
    ----------
    rows
        Table ``capacity_months`` or ``capacity_alignment``.
    cuts
        From ``open_groups``.
    segments
        People by segment; quotas are split by workload there, so that no sums can be subtracted.
    minimum
        Fewest people.
    """
    if rows.empty:
        return rows
    large = frozenset(str(one) for one in segments.index[segments >= minimum])
    shown = {**cuts, "segment": large, "total": frozenset({"all"})}
    keys = rows[["cut", "cut_value"]].drop_duplicates()
    marks = {(cut, value): value in shown.get(cut, frozenset())
             for cut, value in keys.itertuples(index=False)}  # fmt: skip
    pairs = zip(rows["cut"], rows["cut_value"], strict=True)
    return rows.assign(is_group=[marks[pair] for pair in pairs])


def _by_depth(tree: Tree, levels: frozenset[str]) -> dict[int, pd.Series]:
    """Give the shown manager of each rep by depth; hidden ones are left out."""
    parent = dict(zip(tree.nodes["node_id"], tree.nodes["parent_id"], strict=True))
    depth = dict(zip(tree.nodes["node_id"], tree.nodes["depth"], strict=True))
    found: dict[int, dict[str, str]] = {}
    leaves = tree.leaves()
    for node, rep in zip(leaves["node_id"], leaves["rep_id"], strict=True):
        at = parent[node]
        while isinstance(at, str) and at != COMPANY:
            if at in levels:
                found.setdefault(int(depth[at]), {})[str(rep)] = at
            at = parent[at]
    return {one: pd.Series(labels) for one, labels in sorted(found.items())}
