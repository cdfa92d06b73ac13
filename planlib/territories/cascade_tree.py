"""The tree of leaders over reps: who stands below whom, checked, and one made where none is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planlib.errors import ParameterError

_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Tree:
    """
    Leaders and reps as a tree; nodes 0 to m - 1 are the reps, the others leaders.

    Parameters
    ----------
    parent
        (m + q,) node above each node; -1 for a node with nobody above. Where several nodes have
        nobody above, a head is added over them.
    rep_count
        m, the number of reps.
    """

    parent: np.ndarray
    rep_count: int

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Nodes straight below each node, in order."""
        below: list[list[int]] = [[] for _ in self.parent]
        for node, above in enumerate(self.parent.tolist()):
            if above >= 0:
                below[above].append(node)
        return tuple(tuple(nodes) for nodes in below)

    @cached_property
    def head(self) -> int:
        """Give the node above all."""
        return int(np.flatnonzero(self.parent < 0)[0])

    @cached_property
    def level(self) -> np.ndarray:
        """Steps from the head to each node; 0 is the head."""
        level = np.zeros(len(self.parent), dtype=np.int64)
        for node in self.order:
            if self.parent[node] >= 0:
                level[node] = level[self.parent[node]] + 1
        return level

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Every node, leaders before those below them."""
        found, place = [self.head], 0
        while place < len(found):
            found += self.children[found[place]]
            place += 1
        return tuple(found)

    @cached_property
    def members(self) -> tuple[np.ndarray, ...]:
        """Reps below each node, sorted; a rep is its own only member."""
        below: list[list[int]] = [
            [node] if node < self.rep_count else [] for node in range(len(self.parent))
        ]
        for node in reversed(self.order):
            if self.parent[node] >= 0:
                below[self.parent[node]] += below[node]
        return tuple(np.array(sorted(reps), dtype=np.int64) for reps in below)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Add up a value of reps at every node: a leader's is the sum of those straight below."""
        total = np.zeros((*values.shape[:-1], len(self.parent)))
        total[..., : self.rep_count] = values
        for node in reversed(self.order):
            if node >= self.rep_count:
                total[..., node] = sum(total[..., child] for child in self.children[node])
        return total


def tree_of(parents: np.ndarray, rep_count: int) -> Tree:
    """
    Check a list of parents and make the tree.

    Leaders without any rep below are left where they are and get nothing.

    Raises
    ------
    ParameterError
        If a parent is out of range or a rep, or if nodes stand above each other in a circle.
    """
    parent = np.asarray(parents)
    problems: list[str] = []
    if parent.ndim != 1 or len(parent) < rep_count or parent.dtype.kind not in "iu":
        raise ParameterError(
            "cascade",
            [f"parents: whole numbers, one per rep and leader, at least {rep_count}; "
             f"found {parent.dtype} of shape {parent.shape}"]
        )  # fmt: skip
    parent = parent.astype(np.int64)
    wrong = np.flatnonzero((parent >= len(parent)) | ((parent >= 0) & (parent < rep_count)))
    if len(wrong):
        problems.append(
            f"parents: nodes {_some(wrong)} stand below a rep or below nobody known; leaders are "
            f"the nodes {rep_count} to {len(parent) - 1}"
        )
    else:
        above = parent.copy()
        for _ in range(len(parent).bit_length()):  # each step doubles how far up one looks
            above = np.where(above >= 0, above[np.maximum(above, 0)], -1)
        circle = np.flatnonzero(above >= 0)
        if len(circle):
            problems.append(f"parents: nodes {_some(circle)} stand above each other in a circle")
    if problems:
        raise ParameterError("cascade", problems)
    tops = np.flatnonzero(parent < 0)
    if len(tops) > 1 or (len(tops) and tops[0] < rep_count):
        parent[tops] = len(parent)
        parent = np.append(parent, -1)
    return Tree(parent, rep_count)


def grouped_tree(profile: np.ndarray, *, size: int, fan: int = 16) -> Tree:
    """
    Make a tree of reps who serve the same accounts, by repeated halving.

    Reps are halved along the direction in which their profiles differ most (the first principal
    axis), until at most ``size`` are left.

    Parameters
    ----------
    profile
        (m, f) what a rep costs for some accounts, or any other description.
    size
        Most reps of one manager.
    fan
        Most leaders straight below another.
    """
    parent = [-1] * (len(profile) + 1)
    waiting = [(np.arange(len(profile)), len(profile))]
    while waiting:
        reps, node = waiting.pop()
        if len(reps) <= size:
            for rep in reps.tolist():
                parent[rep] = node
            continue
        wanted = min(fan, int(np.ceil(len(reps) / size)))
        for part in _split(profile, reps, wanted):
            parent.append(node)
            waiting.append((part, len(parent) - 1))
    return Tree(np.array(parent, dtype=np.int64), len(profile))


def _split(profile: np.ndarray, reps: np.ndarray, count: int) -> list[np.ndarray]:
    """Divide reps into so many groups of about the same number, neighbours together."""
    if count <= 1 or len(reps) <= 1:
        return [reps]
    values = profile[reps] - profile[reps].mean(axis=0)
    axis = np.linalg.eigh(values.T @ values)[1][:, -1]
    axis = axis * (1.0 if axis[np.abs(axis).argmax()] > 0 else -1.0)
    order = np.lexsort((reps, np.round(values @ axis, 9)))
    first = count // 2
    cut = int(np.clip(-(-len(reps) * first // count), 1, len(reps) - 1))
    one, other = np.sort(reps[order[:cut]]), np.sort(reps[order[cut:]])
    return _split(profile, one, first) + _split(profile, other, count - first)


def _some(nodes: np.ndarray) -> str:
    more = f" and {len(nodes) - _SHOWN} more" if len(nodes) > _SHOWN else ""
    return ", ".join(map(str, nodes[:_SHOWN].tolist())) + more
