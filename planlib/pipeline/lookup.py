"""Looking values up by key, with the kind of the values kept where nothing is found."""

from __future__ import annotations

import pandas as pd


def look_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """
    Give the value of each key, missing where there is none.

    Parameters
    ----------
    keys
        Keys, possibly missing or repeated.
    values
        Values by key; each key once.

    Returns
    -------
    Series
        In the order of the keys, of the kind of ``values`` also when no key is found.

    Examples
    --------
    >>> look_up(pd.Series(["b", "x"]), pd.Series(["one"], index=["b"], dtype="str")).tolist()
    ['one', nan]
    """
    if values.empty or keys.empty:
        dtype = values.dtype if values.dtype.kind in "OUMmbf" else "Int64"
        return pd.Series(index=keys.index, dtype=dtype)
    return pd.Series(values.reindex(keys).array, index=keys.index)
