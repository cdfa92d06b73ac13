"""Salesforce ids: the 15-character form is case-sensitive, the 18-character one carries a check."""

from __future__ import annotations

import numpy as np
import pandas as pd

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(short: str) -> str:
    """
    Give the 18-character form of a 15-character Salesforce id.

    Each of the three added characters says which of five characters are capital letters.

    Examples
    --------
    >>> long_id("001A0000006Vm9r")
    '001A0000006Vm9rIAC'
    """
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << at for at, letter in enumerate(short[start:start + 5])
                   if "A" <= letter <= "Z")
        suffix += _LETTERS[bits]
    return short + suffix


def unify_ids(ids: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """
    Give every Salesforce id its 18-character form.

    Parameters
    ----------
    ids
        Ids as text; what is neither 15 nor 18 letters and digits stays as it is.

    Returns
    -------
    tuple
        The ids, and which 18-character ids have a check that does not fit: a spreadsheet or a
        person changed their capital letters.
    """
    unique = pd.Series(ids.unique(), dtype="str")
    plain = unique.str.fullmatch(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?").to_numpy(dtype=bool)
    length = unique.str.len().to_numpy()
    full = {name: long_id(name[:15]) for name in unique[plain]}
    wrong = {name for name, made in full.items() if len(name) == 18 and made != name}
    short = dict(zip(unique[plain & (length == 15)], map(long_id, unique[plain & (length == 15)]),
                     strict=True))
    return (ids.map(lambda name: short.get(name, name)).astype("str") if short else ids,
            ids.isin(wrong).to_numpy())
