"""Salesforce ids: the 15-character form is case-sensitive, the 18-character one carries a check."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.intake.strings import fits

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def unify_ids(ids: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """
    Give every Salesforce id its 18-character form.

    Each of the three added characters says which of five characters are capital letters.

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
    codes, uniques = pd.factorize(ids)
    unique = pd.Series(uniques, dtype="str")
    short = np.flatnonzero(fits(unique, "[A-Za-z0-9]{15}"))
    full = np.flatnonzero(fits(unique, "[A-Za-z0-9]{15}[A-Z0-5]{3}"))
    wrong = np.zeros(len(unique), dtype=bool)
    if len(full):
        wrong[full] = _suffixes(unique.iloc[full]) != unique.iloc[full].str.slice(15).to_numpy(
            dtype="U3"
        )
    if len(short):
        made = unique.iloc[short] + pd.Series(
            _suffixes(unique.iloc[short]), index=unique.index[short], dtype="str"
        )
        unique = unique.mask(unique.index.isin(short), made.reindex(unique.index))
    return unique.take(codes).set_axis(ids.index), wrong[codes]


def _suffixes(ids: pd.Series) -> np.ndarray:
    """Give the three check characters of ids, for all of them at once."""
    letters = ids.str.slice(0, 15).to_numpy(dtype="U15").view("U1").reshape(len(ids), 15)
    capital = ((letters >= "A") & (letters <= "Z")).reshape(len(ids), 3, 5)
    numbers = (capital * (1 << np.arange(5))).sum(axis=2)
    return np.ascontiguousarray(np.array(list(_LETTERS))[numbers]).view("U3").ravel()
