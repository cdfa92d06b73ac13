"""One score worked out in full, so that a person can redo it with a pencil."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.settings.key_accounts import FACTORS


def score_workings(
    account_id: str, scores: pd.DataFrame, scales: pd.DataFrame, stratum: str
) -> pd.DataFrame:
    """
    Work out the score of one account factor by factor.

    Parameters
    ----------
    account_id
        Whose score.
    scores, scales
        Tables that step 05 writes.
    stratum
        Stratum of the account.

    Returns
    -------
    DataFrame
        ``factor``, ``value``, ``method`` (what the value is), ``from_threshold`` and
        ``to_threshold`` (the steps of the scale around the value), ``factor_score`` (0 to 10),
        ``weight``, ``points`` (10 x weight x factor score) and ``how``; the last row sums up:
        score = points / known weight.
    """
    mine = scores[scores["account_id"] == account_id].set_index("factor").reindex(list(FACTORS))
    rows = []
    for factor in FACTORS:
        one = pd.Series(mine.loc[factor])
        steps = scales[(scales["factor"] == factor) & (scales["stratum"] == stratum)]
        low, high, how = _place(one, steps.sort_values("step"))
        points = 10 * one["weight"] * one["factor_score"]
        rows.append(
            (
                factor,
                one["value"],
                one["method"],
                low,
                high,
                one["factor_score"],
                one["weight"],
                points,
                how,
            )
        )
    columns = [
        "factor",
        "value",
        "method",
        "from_threshold",
        "to_threshold",
        "factor_score",
        "weight",
        "points",
        "how",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    known = float(frame.loc[frame["factor_score"].notna(), "weight"].sum())
    total = float(frame["points"].sum())
    score = total / known if known > 0 else np.nan
    how = f"{total:.2f} points / {known:.2f} of the weight known"
    last = pd.DataFrame(
        [("score", np.nan, "", np.nan, np.nan, np.nan, known, score, how)], columns=columns
    )
    return pd.concat([frame, last.astype(frame.dtypes.to_dict())], ignore_index=True)


def _place(one: pd.Series, steps: pd.DataFrame) -> tuple[float, float, str]:
    """Give the thresholds around a value, and the rule in words."""
    value = one["value"]
    if pd.isna(value):
        return np.nan, np.nan, "not known: left out with its weight"
    if one["basis"] == "rating" or steps.empty:
        return np.nan, np.nan, "judged on 0 to 10"
    thresholds = steps["threshold"].to_numpy(dtype="float64")
    reached = int((thresholds <= value).sum())
    low = thresholds[reached - 1] if reached else 0.0
    if reached == len(thresholds):
        return float(low), np.nan, "at or above the last threshold: 10"
    return (
        float(low),
        float(thresholds[reached]),
        f"between the thresholds of {reached} and {reached + 1}",
    )
