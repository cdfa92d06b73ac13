"""Top-down and bottom-up blended, and what every rep is asked against what can be expected."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.quotas.exact import split_exact


def blend_quotas(top_down: pd.Series, bottom_up: pd.Series, top_down_share: float) -> pd.Series:
    """
    Blend ``q = lambda t + (1 - lambda) b (T / sum b)`` to the cent; the sum is T for every lambda.

    Parameters
    ----------
    top_down
        Cents by rep; T is their sum.
    bottom_up
        Expected amounts by rep in any unit; where one is unknown the top-down share stands in.
    top_down_share
        The weight lambda, 0 to 1.

    Returns
    -------
    Series
        Cents by rep, in the order of ``top_down``.
    """
    total = int(top_down.sum())
    mine = bottom_up.reindex(top_down.index).astype("float64")
    known = mine.notna() & (mine >= 0)
    if mine[known].sum() <= 0:
        weights = top_down.astype("float64")
    else:
        # unknown estimates keep their top-down amount on the scale of those that are known
        reach = float(top_down[known].sum())
        scaled = mine[known] / mine[known].sum() * reach
        expected = scaled.reindex(top_down.index).fillna(top_down.astype("float64"))
        weights = top_down_share * top_down + (1.0 - top_down_share) * expected
    parts = split_exact(total, np.asarray(weights, dtype="float64"))
    return pd.Series(parts, index=top_down.index, dtype="int64")


def stretch_rows(
    quotas: pd.DataFrame, *, high: float, low: float
) -> pd.DataFrame:  # fmt: skip
    """
    Give stretch, its rank and a flag for every rep.

    Parameters
    ----------
    quotas
        ``rep_id``, ``quota_amount``, ``bottom_up_amount``.
    high, low
        Quota / bottom-up from which, and below which, a quota is flagged.

    Returns
    -------
    DataFrame
        ``stretch`` = quota / bottom-up, ``stretch_rank`` (1: most stretched), ``flag`` and its
        reason in words, in the order of ``quotas``.
    """
    base = quotas["bottom_up_amount"].where(quotas["bottom_up_amount"] > 0)
    stretch = quotas["quota_amount"] / base
    rank = stretch.rank(ascending=False, method="min").astype("Int64")
    middle = float(stretch.median()) if stretch.notna().any() else np.nan
    flag = np.select(
        [stretch.isna(), stretch >= high, stretch < low], ["unknown", "stretched", "slack"], ""
    )
    words = {
        "unknown": "no bottom-up estimate: no part is known",
        "stretched": f"at least {high:g} times what is expected bottom-up",
        "slack": f"less than {low:g} times what is expected bottom-up",
        "": "",
    }
    reason = pd.Series(flag).map(words)
    beside = stretch.map(lambda value: f" (median {middle:.2f})" if value == value else "")
    return pd.DataFrame(
        {
            "stretch": stretch.to_numpy(),
            "stretch_rank": rank.to_numpy(),
            "flag": flag,
            "flag_reason": np.where(reason == "", "", reason + beside.reset_index(drop=True)),
        },
        index=quotas.index,
    )
