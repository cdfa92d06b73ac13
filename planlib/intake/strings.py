"""Patterns on whole columns of text, by a matcher that takes a column at a time."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def plain_name(text: str) -> str:
    """
    Give a name without case, width, spaces and signs, for comparing.

    Examples
    --------
    >>> plain_name("Account Name") == plain_name("account_name")
    True
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def has(text: pd.Series, pattern: str) -> np.ndarray:
    """Tell for each text whether a pattern (RE2) is found in it."""
    return _bools(pc.match_substring_regex(_array(text), pattern))


def fits(text: pd.Series, pattern: str) -> np.ndarray:
    """Tell for each text whether a pattern (RE2) fits it from end to end."""
    return _bools(pc.match_substring_regex(_array(text), f"^(?:{pattern})$"))


def is_ascii(text: pd.Series) -> np.ndarray:
    """Tell for each text whether it is plain ASCII."""
    return _bools(pc.string_is_ascii(_array(text)))


def _array(text: pd.Series) -> pa.Array:
    return pa.array(text, type=pa.string())


def _bools(values: pa.Array) -> np.ndarray:
    return np.asarray(pc.fill_null(values, False)).astype(bool)
