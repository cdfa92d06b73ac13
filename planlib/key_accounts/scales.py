"""Scales: which value of a factor earns which score, by stratum, so that strata are comparable."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.settings.key_accounts import KeyAccountsSettings

_STEPS = np.arange(1, 11)
_RATED = ("demonstration", "winnability")  # already on 0 to 10 for everybody
_DECILES = _STEPS / 10 - 0.05  # middle of each tenth


def build_scales(
    values: pd.DataFrame, strata: pd.Series, settings: KeyAccountsSettings
) -> pd.DataFrame:
    """
    Build the scale of each factor and stratum.

    Thresholds of plan.yaml win. Else a money factor's thresholds are the deciles' middles of the
    accounts of the stratum with a value above zero, so that the same score means the same place
    among comparable accounts. Rated factors are judged on 0 to 10 already; their thresholds are
    1 to 10.

    Parameters
    ----------
    values
        ``account_id``, ``factor``, ``value`` as from ``factor_values``.
    strata
        Stratum by ``account_id`` (index).
    settings
        ``scales`` is used.

    Returns
    -------
    DataFrame
        ``factor``, ``stratum``, ``step`` (1 to 10), ``threshold``, ``origin``,
        ``account_count``.
    """
    rows = []
    named = values.assign(stratum=values["account_id"].map(strata))
    given_by_plan = {str(factor): steps for factor, steps in settings.scales.items()}
    for key, group in named.groupby(["factor", "stratum"], sort=True):
        factor, stratum = map(str, key)
        known = group["value"].dropna()
        own = given_by_plan.get(factor, {})
        given = own.get(stratum, own.get("all"))
        if given is None and known.empty:
            continue
        thresholds = given if given is not None else _default(factor, known)
        rows.append(
            pd.DataFrame(
                {
                    "factor": factor,
                    "stratum": stratum,
                    "step": _STEPS,
                    "threshold": np.asarray(thresholds, dtype="float64"),
                    "origin": "deciles" if given is None else "plan.yaml",
                    "account_count": len(known),
                }
            )
        )
    columns = ["factor", "stratum", "step", "threshold", "origin", "account_count"]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)


def _default(factor: str, known: pd.Series) -> np.ndarray:
    if factor in _RATED:
        return _STEPS.astype("float64")
    positive = known[known > 0]
    if positive.empty:
        return _STEPS.astype("float64")
    return np.maximum.accumulate(positive.quantile(_DECILES).to_numpy())


def score_values(values: pd.DataFrame, strata: pd.Series, scales: pd.DataFrame) -> pd.Series:
    """
    Put each value on its scale, linear between thresholds, 10 at and above the last.

    Returns
    -------
    Series
        Score 0 to 10 in the order of ``values``; NA where the value is unknown.
    """
    scores = pd.Series(np.nan, index=values.index)
    stratum = values["account_id"].map(strata)
    for (factor, name), steps in scales.groupby(["factor", "stratum"], sort=True):
        mine = (values["factor"] == factor) & (stratum == name) & values["value"].notna()
        thresholds = steps.sort_values("step")["threshold"].to_numpy()
        # where neighbouring thresholds are equal, the higher score counts
        x, last = np.unique(thresholds[::-1], return_index=True)
        y = _STEPS[::-1][last].astype("float64")
        x, y = (np.r_[0.0, x], np.r_[0.0, y]) if x[0] > 0 else (x, y)
        scores[mine] = np.interp(values.loc[mine, "value"], x, y)
    return scores
