"""Quotas of which sums over several sets are fixed at once, as near as can be to what they were."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.quotas.exact import split_exact

_ROUNDS = 2_000
_CLOSE = 1e-9  # share of the whole by which a sum may be off before whole cents are found

#: Members of a set among the leaves, and the cents that they must add up to.
FixedSum = tuple[npt.NDArray[np.bool_], int]


def fit_sums(cents: pd.Series, fixed: Sequence[FixedSum]) -> pd.Series | None:
    """
    Change quotas as little as needed so that the sums over some sets become what is fixed.

    Iterative proportional fitting (Deming and Stephan 1940): within what no set tells apart all
    quotas keep their proportions. Whole cents come from a linear programme between the whole
    numbers below and above; sets that are nested or cross once always have such an answer.

    Parameters
    ----------
    cents
        Whole cents by leaf, not negative.
    fixed
        Sets in the order of ``cents``, and their sums.

    Returns
    -------
    Series or None
        Whole cents by leaf; None where no quotas have these sums.
    """
    members = np.array([mask for mask, _ in fixed], dtype=bool)
    sums = np.array([total for _, total in fixed], dtype="float64")
    cells, at = np.unique(members, axis=1, return_inverse=True)
    at = at.ravel()
    weights = np.maximum(cents.to_numpy(dtype="float64"), 1.0)
    wanted = _proportional(
        np.asarray(np.bincount(at, weights=weights), dtype="float64"), cells.astype("float64"), sums
    )
    whole = None if wanted is None else _whole(wanted, cells.astype("float64"), sums)
    if whole is None:
        return None
    found = np.zeros(len(cents), dtype="int64")
    for cell, amount in enumerate(whole.tolist()):
        mine = at == cell
        found[mine] = split_exact(amount, cents.to_numpy(dtype="float64")[mine])
    return pd.Series(found, cents.index)


def _proportional(
    start: npt.NDArray[np.float64], cells: npt.NDArray[np.float64], sums: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | None:
    amount, close = start.copy(), _CLOSE * max(float(sums.max()), 1.0)
    for _ in range(_ROUNDS):
        for inside, total in zip(cells > 0, sums, strict=True):
            now = amount[inside].sum()
            if now > 0:
                amount[inside] *= total / now
        if np.abs(cells @ amount - sums).max() <= close:
            return amount
    return None


def _whole(
    amount: npt.NDArray[np.float64], cells: npt.NDArray[np.float64], sums: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64] | None:
    """Give whole numbers beside the amounts whose sums are exact."""
    from scipy.optimize import linprog

    low = np.maximum(np.floor(amount) - 1.0, 0.0)
    part = amount - np.floor(amount)
    found = linprog(-part, A_eq=cells, b_eq=sums - cells @ low,
                    bounds=[(0.0, 3.0)] * len(amount), method="highs")  # fmt: skip
    if not found.success:
        return None
    whole = np.rint(low + found.x).astype("int64")
    return whole if np.array_equal(cells @ whole, sums) else None
