"""TOPSIS beside the weighted sum: a check whether another rule names the same accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.key_accounts.ranking import ScoreMatrix

_BEST = 10.0


def topsis_scores(matrix: ScoreMatrix, weights: np.ndarray) -> pd.Series:
    """
    Give how near each account is to the ideal: 100 x d0 / (d0 + d10).

    d10 and d0 are the weighted Euclidean distances of the factor scores from the best (10 on each
    factor) and from the worst (0 on each). The ideals are the ends of the scales (absolute
    mode), so that one account cannot change the order of two others. Factors that are not known
    are left out of both distances. (Hwang, Yoon 1981.)

    Parameters
    ----------
    matrix
        Factor scores; what is not scored by the weighted sum is not scored here.
    weights
        Weight of each factor, in the order of the matrix.

    Returns
    -------
    Series
        0 to 100, NA where the account is not scored.
    """
    score, _ = matrix.weighted(weights)
    known = ~np.isnan(matrix.scores)
    filled = np.nan_to_num(matrix.scores)
    squares = known * np.square(weights)
    far = np.sqrt((squares * np.square(filled)).sum(axis=1))
    near = np.sqrt((squares * np.square(_BEST - filled)).sum(axis=1))
    total = far + near
    closeness = 100 * far / np.where(total > 0, total, np.nan)
    return pd.Series(closeness, index=score.index).where(score.notna())
