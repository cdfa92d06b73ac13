"""Split whole cents by weights so that the parts add up: largest remainder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def split_exact(total: int, weights: Floats) -> Ints:
    """
    Split whole cents by weights; what rounding leaves goes to the largest remainders.

    Parameters
    ----------
    total
        Cents, at least 0.
    weights
        At least 0; where all are 0, or unknown, the parts are equal. Equal remainders are served
        in the order of the weights, so callers sort by id.

    Returns
    -------
    ndarray
        Cents that add up to ``total``; empty where there are no weights.

    Examples
    --------
    >>> split_exact(100, np.array([1.0, 1.0, 1.0])).tolist()
    [34, 33, 33]
    """
    if not len(weights):
        return np.zeros(0, dtype="int64")
    known = np.nan_to_num(np.maximum(weights, 0.0))
    shares = known / known.sum() if known.sum() > 0 else np.full(len(known), 1 / len(known))
    wanted = shares * float(total)
    parts = np.floor(wanted).astype("int64")
    left = int(total) - int(parts.sum())
    each, left = divmod(left, len(parts))  # each is 0 but for sums beyond the digits of a float
    order = np.argsort(-np.round(wanted - np.floor(wanted), 9), kind="stable")
    parts += each
    parts[order[:left]] += 1
    return parts
