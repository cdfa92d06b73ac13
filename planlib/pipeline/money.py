"""Money in whole cents, so that sums are exact and do not depend on the order of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd


def to_cents(amounts: pd.Series) -> pd.Series:
    """
    Give amounts in whole cents.

    Parameters
    ----------
    amounts
        Money in the plan's currency; missing stays missing.

    Returns
    -------
    Series
        ``Int64``, rounded half to even.

    Examples
    --------
    >>> to_cents(pd.Series([0.1, None])).tolist()
    [10, <NA>]
    """
    return (amounts.astype("float64") * 100).round().astype("Int64")


def from_cents(cents: pd.Series) -> pd.Series:
    """Give whole cents as money (``float64``); missing stays missing."""
    return cents.astype("Float64").astype("float64") / 100


def known(cents: pd.Series) -> pd.Series:
    """Give cents as plain ``int64`` with zero where unknown, for sums that count the known only."""
    return cents.fillna(0).astype("int64")


def ratio(upper: pd.Series, lower: pd.Series) -> pd.Series:
    """
    Divide, blank where the lower part is unknown or not above zero.

    Examples
    --------
    >>> ratio(pd.Series([1.0, 1.0]), pd.Series([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    upper, lower = upper.astype("float64"), lower.astype("float64")
    return upper / lower.where(lower > 0, np.nan)


def split_cents(cents: pd.Series, weights: pd.Series, groups: pd.Series) -> pd.Series:
    """
    Split the whole cents of each group over its rows by weights, to the cent.

    Parameters
    ----------
    cents
        Cents of the group, the same on all rows of a group.
    weights
        At least 0, above 0 in sum per group.
    groups
        Which group a row belongs to. Rounding is cumulative in the order of the rows, so the
        parts add up to the cents of the group.

    Returns
    -------
    Series
        ``Int64``; missing where ``cents`` is missing.

    Examples
    --------
    >>> thirds = split_cents(pd.Series([100, 100, 100]), pd.Series([1, 1, 1]), pd.Series([0, 0, 0]))
    >>> thirds.tolist()
    [33, 34, 33]
    """
    keyed = pd.DataFrame({"weight": weights.astype("float64"), "group": groups})
    by = keyed.groupby("group", sort=False)["weight"]
    until = (by.cumsum() / by.transform("sum")).round(12)
    upper = (until * known(cents)).round().astype("int64")
    lower = upper.groupby(groups, sort=False).shift(fill_value=0)
    return (upper - lower).astype("Int64").where(cents.notna())
