"""
Cuts for the choice of columns: of three items' columns with two or three of them, one at most.

A column that serves two of the three leaves none for another of that kind, which a linear programme
does not see (subset-row inequalities; Jepsen, Petersen, Spoorendonk and Pisinger 2008).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from planlib.territories import seats_column_kernels as kernels
from planlib.territories.seats_columns import Columns

LEAST = 0.02  # a cut that is broken by less is not worth its row
EACH = 5  # cuts that may be added at once on one item


def incidence(columns: Columns, items: int) -> Any:
    """Give the sparse matrix items x columns: 1 where the column serves the item."""
    from scipy.sparse import csc_array

    ones = np.ones(len(columns.member))
    return csc_array((ones, columns.member, columns.start), shape=(items, len(columns)))


def rows_of(cuts: np.ndarray, matrix: Any) -> Any:
    """Give the sparse matrix cuts x columns: 1 where the column holds two or three of the items."""
    from scipy.sparse import csr_array

    lines = np.repeat(np.arange(len(cuts)), 3)
    triple = csr_array((np.ones(cuts.size), (lines, cuts.ravel())), (len(cuts), matrix.shape[0]))
    held = csr_array(triple @ matrix)
    held.data = np.floor(held.data / 2)
    held.eliminate_zeros()
    return held


def broken_cuts(columns: Columns, share: np.ndarray, cuts: np.ndarray, items: int) -> np.ndarray:
    """
    Find cuts that a fractional choice of columns breaks, the most broken first.

    Parameters
    ----------
    columns
        With their shares.
    share
        (columns,) how much of each is chosen.
    cuts
        (cuts, 3) those that there are.
    items
        How many.

    Returns
    -------
    ndarray
        (new, 3) items in ascending order.
    """
    from scipy.sparse import csr_array

    used = np.flatnonzero(share > 1e-7)
    matrix = incidence(columns.chosen(used), items)
    part = share[used]
    together = (matrix * part @ matrix.T).toarray()
    together[together < 1e-9] = 0.0
    np.fill_diagonal(together, 0.0)
    by_item = csr_array(matrix)
    found = kernels.find_triples(
        together, (matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)),
        (by_item.indptr.astype(np.int64), by_item.indices.astype(np.int64)), part, LEAST,
    )  # fmt: skip
    known = {tuple(cut) for cut in cuts.tolist()}
    count = np.zeros(items, dtype=np.int64)
    new = []
    for _, *three in sorted(found, key=lambda one: (-one[0], one[1:])):
        cut = tuple(sorted(int(i) for i in three))
        if cut not in known and count[list(cut)].max() < EACH:
            count[list(cut)] += 1
            known.add(cut)
            new.append(cut)
    return np.array(new, dtype=np.int64).reshape(-1, 3)
