"""
Which groups may be shown, so that no one can be found out, not by subtraction either.

Small groups are merged, and where what remains would still be small, more groups with them
(complementary suppression, Hundepool and others, Statistical Disclosure Control, 2012).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

OTHER = "other groups"
_EVERY_UNION = 9  # up to so many groups of a cut, all their unions are tried
_EVERY_CHOICE = 7  # up to so many large groups, every choice of merged ones is tried
Labels = dict[str, list[str]]


def publishable(
    members: pd.DataFrame, cuts: Sequence[str], minimum: int, person: str = "rep_id"
) -> dict[str, pd.Series]:
    """
    Find for each cut which groups are shown and which are merged.

    Parameters
    ----------
    members
        One row per piece: the person, and a column per cut with the group of the piece.
    cuts
        Columns, most important first: a cut that would lay someone open together with the ones
        before it is merged further, or left out.
    minimum
        Smallest number of people that a group, or the difference of shown groups, may have.
    person
        Column of the person.

    Returns
    -------
    dict
        By cut, the shown name of each group (its own, or ``OTHER``). A cut that cannot be shown
        has an empty series.
    """
    pieces = members[[person, *cuts]].drop_duplicates().sort_values([person, *cuts])
    people = pieces[person].astype("str").tolist()
    shown: dict[str, pd.Series] = {}
    labels: Labels = {}
    for cut in cuts:
        sizes = pieces.groupby(cut)[person].nunique()
        shown[cut] = pd.Series(dtype="str")
        for merged in _choices(sizes, minimum):
            names = {name: OTHER if name in merged else str(name) for name in sizes.index}
            mine = [names[name] for name in pieces[cut]]
            wanted = {**labels, cut: mine}
            if not exposed(wanted, people, minimum, cut) and not _solvable(wanted, people, minimum):
                shown[cut], labels[cut] = pd.Series(names, dtype="str"), mine
                break
    return shown


def _choices(sizes: pd.Series, minimum: int) -> Iterator[frozenset[object]]:
    """Give sets of groups to merge, those that hide the fewest people first."""
    small = [name for name in sizes.index if sizes[name] < minimum]
    large = sorted(set(sizes.index) - set(small), key=lambda name: (sizes[name], str(name)))
    if len(large) <= _EVERY_CHOICE:
        extra = [one for n in range(len(large)) for one in combinations(large, n)]
        extra.sort(key=lambda names: (sum(int(sizes[name]) for name in names), len(names)))
    else:
        extra = [tuple(large[:n]) for n in range(len(large))]
    for names in extra:
        if len(small) + len(names) != 1 or small:
            yield frozenset([*small, *names])


def exposed(
    labels: Labels, people: Sequence[str], minimum: int, cut: str | None = None
) -> list[tuple[str, str]]:
    """
    Name pairs of cuts whose shown sums lay a small group open by subtraction.

    Parameters
    ----------
    labels
        By cut, the shown group of each piece.
    people
        The person of each piece.
    minimum
        Smallest number of people that a group or a difference may have.
    cut
        Try this one with the others only; None: each with each.

    Returns
    -------
    list
        Pairs of cuts; the same cut twice where one of its groups itself is too small.
    """
    groups = {name: _masks(mine) for name, mine in labels.items()}
    persons = _masks(people)
    found = [
        (name, name)
        for name, masks in groups.items()
        if cut in (None, name) and any(0 < _count(one, persons) < minimum for one in masks)
    ]
    for one, other in combinations(groups, 2):
        if cut in (None, one, other):
            pairs = ((groups[one], groups[other]), (groups[other], groups[one]))
            if any(_leaks(a, b, persons, minimum) for a, b in pairs):
                found.append((one, other))
    return found


def _leaks(ours: list[int], theirs: list[int], persons: list[int], minimum: int) -> bool:
    """
    Tell whether a union of groups of one cut, less one of the other inside it, is small.

    Of all unions inside, the largest leaves least, so no other needs to be tried.
    """
    most = len(ours) if len(ours) <= _EVERY_UNION else 2
    for size in range(1, most + 1):
        for chosen in combinations(ours, size):
            rest = inside = _union(chosen)
            for mask in theirs:
                if mask & ~inside == 0:
                    rest &= ~mask
            if rest != inside and 0 < _count(rest, persons, minimum) < minimum:
                return True
    return False


def _solvable(labels: Labels, people: Sequence[str], minimum: int) -> bool:
    """Tell whether the sums of all cuts together give a cell of fewer people by equations."""
    if len(labels) < 3 or not people:
        return False
    cells, at = np.unique(np.array(list(labels.values())), axis=1, return_inverse=True)
    sums = np.stack([
        cells[place] == name for place in range(len(cells)) for name in np.unique(cells[place])
    ]).astype(float)  # fmt: skip
    at, who = at.ravel(), np.array(people)
    determined = np.diag(np.linalg.pinv(sums) @ sums) > 1 - 1e-8  # projection on the sums
    return any(
        len(np.unique(who[at == cell])) < minimum for cell in np.flatnonzero(determined)
    )  # fmt: skip


def _masks(labels: Sequence[str]) -> list[int]:
    """Give the pieces of each group as bits of a number, groups in order of their names."""
    found: dict[str, int] = {}
    for place, name in enumerate(labels):
        found[name] = found.get(name, 0) | (1 << place)
    return [found[name] for name in sorted(found)]


def _union(masks: Sequence[int]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total


def _count(mask: int, persons: list[int], enough: int | None = None) -> int:
    """Count the people among some pieces, no further than is asked."""
    if not mask:
        return 0
    count = 0
    for own in persons:
        count += bool(mask & own)
        if enough is not None and count >= enough:
            break
    return count
