"""Names that look alike: offered to a person, never merged."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

#: Columns in which names are compared, with the column of the key.
_NAMES = {
    "accounts": ("name", "account_id"),
    "products": ("name", "product_id"),
    "reps": ("name", "rep_id"),
    "partners": ("name", "partner_id"),
}
#: Columns of few words, in which a rare word is compared with the others.
_WORDS = {
    "accounts": ("industry", "country", "region", "province", "segment", "unit"),
    "opportunities": ("stage", "product_id", "source"),
    "products": ("family", "business_line"),
    "reps": ("region", "role", "unit"),
}
_LEGAL = re.compile(
    r"\b(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|plc|gmbh|ag|sa|sarl|"
    r"srl|spa|bv|nv|ab|oy|as|kg|pty|pte|kk|group|holding|holdings)\b"
    r"|股份有限公司|有限责任公司|有限公司|公司|集团|集團"
)
_FULL = 1500  # names up to which every pair is compared
_BLOCK = 400  # largest block of names with one beginning that is compared
_MOST = 2000  # pairs offered per column
NEAR_COLUMNS = (
    "table",
    "column",
    "value",
    "near_value",
    "key",
    "near_key",
    "similarity",
    "row_count",
    "near_row_count",
)


def find_near(tables: Mapping[str, pd.DataFrame], cutoff: int = 92) -> pd.DataFrame:
    """
    Offer pairs of names that may be the same.

    Parameters
    ----------
    tables
        Input tables by name.
    cutoff
        Similarity from which a pair is offered, 0 to 100.

    Returns
    -------
    DataFrame
        Columns ``NEAR_COLUMNS``, the most similar first. Names that differ in a number are never
        offered; case, width, signs and legal forms of companies do not count.
    """
    parts = [
        _names(name, tables[name], *columns, cutoff)
        for name, columns in _NAMES.items()
        if name in tables
    ]
    parts += [
        _words(name, tables[name], column, cutoff)
        for name, columns in _WORDS.items()
        if name in tables
        for column in columns
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in NEAR_COLUMNS})
    found = pd.concat(filled, ignore_index=True)
    order = ["similarity", "table", "column", "value", "near_value", "key", "near_key"]
    return found.sort_values(order, ascending=[False, *[True] * 6], ignore_index=True)[
        list(NEAR_COLUMNS)
    ]


def plain(name: str) -> str:
    """
    Give a name without case, width, signs and legal form.

    Examples
    --------
    >>> plain("GTX Pro") == plain("GTXPro"), plain("Acme, Inc.") == plain("ACME")
    (True, True)
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    short = _LEGAL.sub(" ", text)
    text = short if re.search(r"\w", short) else text
    return re.sub(r"[\W_]+", "", text)


def _names(table: str, frame: pd.DataFrame, column: str, key: str, cutoff: int) -> pd.DataFrame:
    if column not in frame.columns or key not in frame.columns:
        return pd.DataFrame()
    rows = frame[[key, column]].dropna().sort_values([column, key], ignore_index=True)
    return _pairs(
        table,
        column,
        rows[column],
        keys=rows[key],
        counts=pd.Series(1, index=rows.index),
        cutoff=cutoff,
    )


def _words(table: str, frame: pd.DataFrame, column: str, cutoff: int) -> pd.DataFrame:
    if column not in frame.columns:
        return pd.DataFrame()
    counts = frame[column].dropna().value_counts().sort_index()
    words = pd.Series(counts.index.astype("str"), dtype="str")
    if len(words) < 2 or len(words) > _FULL:
        return pd.DataFrame()
    none = pd.Series([""] * len(words), dtype="str")
    return _pairs(
        table, column, words, keys=none, counts=counts.reset_index(drop=True), cutoff=cutoff
    )


def _pairs(
    table: str, column: str, values: pd.Series, *, keys: pd.Series, counts: pd.Series, cutoff: int
) -> pd.DataFrame:
    plain_values = values.map(plain).to_numpy(dtype=object)
    found: dict[tuple[int, int], float] = {}
    for block in _blocks(plain_values):
        scores = process.cdist(
            plain_values[block],
            plain_values[block],
            scorer=fuzz.ratio,
            score_cutoff=cutoff,
            dtype=np.uint8,
        )
        for left, right in zip(*np.nonzero(np.triu(scores, 1)), strict=True):
            pair = (int(block[left]), int(block[right]))
            if _same_numbers(values.iloc[pair[0]], values.iloc[pair[1]]):
                found[pair] = float(scores[left, right])
        if len(found) > 10 * _MOST:
            break
    best = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_MOST]
    if not best:
        return pd.DataFrame()
    left = np.array([pair[0] for pair, _ in best])
    right = np.array([pair[1] for pair, _ in best])
    return pd.DataFrame(
        {
            "table": table,
            "column": column,
            "value": values.iloc[left].to_numpy(),
            "near_value": values.iloc[right].to_numpy(),
            "key": keys.iloc[left].to_numpy(),
            "near_key": keys.iloc[right].to_numpy(),
            "similarity": [score for _, score in best],
            "row_count": counts.iloc[left].to_numpy(),
            "near_row_count": counts.iloc[right].to_numpy(),
        }
    )


def _blocks(plain_values: np.ndarray) -> Iterator[np.ndarray]:
    """Positions compared with each other: all of them when few, else names that begin alike."""
    if len(plain_values) <= _FULL:
        yield np.arange(len(plain_values))
        return
    starts = pd.Series(plain_values).str.slice(0, 4)
    for _, places in starts.groupby(starts).indices.items():
        places = np.asarray(places)
        order = places[np.argsort(plain_values[places], kind="stable")]
        for start in range(0, len(order), _BLOCK):
            if len(order[start : start + _BLOCK]) > 1:
                yield order[start : start + _BLOCK]


def _same_numbers(left: str, right: str) -> bool:
    return re.findall(r"\d+", left) == re.findall(r"\d+", right)
