"""Ids of Salesforce records: 15 or 18 characters, the last three a checksum of upper and lower."""

from __future__ import annotations

import numpy as np
import pandas as pd

_SUFFIX = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"))
_WEIGHTS = np.array([1, 2, 4, 8, 16])
_PLAIN = r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?"


def full_ids(values: pd.Series) -> pd.DataFrame:
    """
    Give ids of 18 characters, and what is wrong with those that are none.

    The 16th to 18th character each say which of five characters are capital letters, so that an
    id whose case a program has changed is found.

    Parameters
    ----------
    values
        Ids as text; blank or NA where there is none.

    Returns
    -------
    DataFrame
        Same index: ``id`` (str, NA where blank or wrong) and ``problem`` (text, blank where none).

    Examples
    --------
    >>> full_ids(pd.Series(["001D000000IRFmaIAH", "001D000000IRFma"]))["id"].tolist()
    ['001D000000IRFmaIAH', '001D000000IRFmaIAH']
    """
    text = values.astype("str").fillna("").str.strip()
    plain = text.str.fullmatch(_PLAIN)
    first = text.str[:15].where(plain, "")
    suffix = pd.Series(checksums(first.to_numpy(dtype="U15")), index=text.index, dtype="str")
    found = text.str[15:].str.upper()
    wrong = plain & (found != "") & (found != suffix)
    problem = pd.Series("", index=text.index, dtype="str")
    problem = problem.mask((text != "") & ~plain, "no id of 15 or 18 letters and digits")
    problem = problem.mask(wrong, "its last three characters do not fit the others")
    ids = (first + suffix).where(plain & ~wrong, pd.NA)
    return pd.DataFrame({"id": ids.astype("str"), "problem": problem})


def checksums(ids: np.ndarray) -> np.ndarray:
    """
    Give the three characters that follow ids of 15 characters.

    Parameters
    ----------
    ids
        Array of texts of 15 characters; shorter ones get a checksum too, which means nothing.
    """
    if not len(ids):
        return np.zeros(0, dtype="U3")
    wide = np.ascontiguousarray(ids.astype("U15"))
    codes = wide.view(np.uint32).reshape(len(ids), 3, 5)
    capital = (codes >= ord("A")) & (codes <= ord("Z"))
    letters = _SUFFIX[capital @ _WEIGHTS]
    return np.char.add(np.char.add(letters[:, 0], letters[:, 1]), letters[:, 2])


def found_in(values: pd.Series | pd.Index, known: pd.Series | pd.Index) -> pd.Series:
    """
    Tell which texts are among others, by a hash table.

    ``isin`` of Arrow texts walks over all the others one by one, which takes seconds for an export.

    Examples
    --------
    >>> found_in(pd.Series(["a", "b"]), pd.Index(["b", "b", "c"])).tolist()
    [False, True]
    """
    table = pd.Index(known).astype("object").drop_duplicates()
    at = table.get_indexer(pd.Index(values).astype("object"))
    index = values.index if isinstance(values, pd.Series) else None
    return pd.Series(at >= 0, index=index, dtype="bool")
