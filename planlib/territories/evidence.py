"""What small samples can say: rank correlation, shuffles, resampled intervals, all from a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]

_TAIL = 0.025  # each side of a 95 % interval


def rank_correlation(x: Numbers, y: Numbers) -> float:
    """
    Give Spearman's rank correlation, ties at their mean rank; NaN where one does not vary.

    Examples
    --------
    >>> rank_correlation(np.array([1.0, 2.0, 5.0]), np.array([3.0, 1.0, 0.0]))
    -1.0
    """
    if len(x) < 2:
        return float("nan")
    return _correlation(_ranks(x), _ranks(y))


def _ranks(values: Numbers) -> Numbers:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2.0)[place], dtype=np.float64)


def _correlation(x: Numbers, y: Numbers) -> float:
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(np.clip((x @ y) / scale, -1.0, 1.0)) if scale > 0 else float("nan")


def shuffled_p(x: Numbers, y: Numbers, stratum: np.ndarray, *, draws: int, seed: int) -> float:
    """
    Give the share of shuffles whose rank correlation is at least as strong, either way.

    Parameters
    ----------
    x, y
        Values in a fixed order.
    stratum
        Only values of the same stratum (such as a year) are shuffled among each other.
    draws, seed
        Number of shuffles, and their seed.

    Returns
    -------
    float
        ``(1 + as strong) / (1 + draws)``, never 0 (Phipson and Smyth 2010).
    """
    found = rank_correlation(x, y)
    if not np.isfinite(found):
        return float("nan")
    chance = np.random.default_rng(seed)
    rank_x, rank_y = _ranks(x), _ranks(y)
    groups = [np.flatnonzero(stratum == one) for one in pd.unique(pd.Series(stratum))]
    strong = 0
    for _ in range(draws):
        mixed = rank_y.copy()
        for rows in groups:
            mixed[rows] = rank_y[chance.permutation(rows)]
        strong += abs(_correlation(rank_x, mixed)) >= abs(found) - 1e-12
    return (1 + strong) / (1 + draws)


def resampled(
    measure: Callable[[npt.NDArray[np.intp]], float],
    cluster: np.ndarray,
    *,
    draws: int,
    seed: int,
) -> tuple[float, float]:
    """
    Give the 95 % interval of a measure by drawing whole clusters again (percentile bootstrap).

    Parameters
    ----------
    measure
        Gives the measure of some rows; NaN where it has none, which is left out.
    cluster
        Cluster of each row, such as the rep: its rows are drawn together.
    draws, seed
        Number of draws, and their seed.
    """
    code = pd.factorize(cluster)[0]
    size = np.bincount(code)
    if len(size) < 2:
        return float("nan"), float("nan")
    groups = np.split(np.argsort(code, kind="stable"), np.cumsum(size)[:-1])
    alone = len(groups) == len(code)
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        picked = chance.integers(0, len(groups), len(groups))
        found.append(measure(picked if alone else np.concatenate([groups[one] for one in picked])))
    known = np.array(found)[np.isfinite(found)]
    if len(known) < draws / 2:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [_TAIL, 1 - _TAIL])
    return float(low), float(high)


def holm(p_values: list[float]) -> list[float]:
    """
    Give p-values that allow for looking at several outcomes (Holm 1979); NaN stays NaN.

    Examples
    --------
    >>> holm([0.01, 0.04, float("nan"), 0.03])
    [0.03, 0.06, nan, 0.06]
    """
    known = sorted((p, place) for place, p in enumerate(p_values) if p == p)
    adjusted = [float("nan")] * len(p_values)
    highest = 0.0
    for order, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - order)))
        adjusted[place] = highest
    return adjusted
