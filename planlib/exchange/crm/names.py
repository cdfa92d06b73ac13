"""Names that a CRM takes: developer names, labels without formulas or line breaks."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

import pandas as pd

LONGEST_NAME = 80
#: Letters, digits, single underscores; starts with a letter, ends with none.
DEVELOPER_NAME = r"[A-Za-z](?:_?[A-Za-z0-9])*"
#: What a spreadsheet would run as a formula where a cell starts with it.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_EXACT = r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"  # such an id can be read back from its name
_HASH = 8


def developer_names(ids: Iterable[str], prefix: str) -> pd.Series:
    """
    Make a developer name for every id: the prefix, then the id in letters, digits, underscores.

    A name depends on its own id, so it stays when others come and go. An id that loses something
    on the way (Chinese, accents, signs, length) ends with a number made from the whole id; so do
    ids that differ in capital letters alone.

    Parameters
    ----------
    ids
        Ids of planlib, each once.
    prefix
        Starts every name; a developer name itself.

    Returns
    -------
    Series
        Names by id.

    Examples
    --------
    >>> developer_names(["R-058", "张三"], "FY26").tolist()
    ['FY26_R_058', 'FY26_1d841bc0']
    """
    known = pd.Index(list(ids), dtype="str")
    names = pd.Series([_name(text, prefix, exact=True) for text in known], index=known, dtype="str")
    clash = names.str.lower().duplicated(keep=False)
    other = pd.Series([_name(text, prefix, exact=False) for text in known], index=known)
    return names.mask(clash, other)


def is_developer_name(names: pd.Series) -> pd.Series:
    """Tell which texts Salesforce takes as developer names."""
    text = names.astype("str").fillna("")
    found: pd.Series = text.str.fullmatch(DEVELOPER_NAME) & (text.str.len() <= LONGEST_NAME)
    return found


def fold_name(text: str, default: str) -> str:
    """
    Make a developer name of a free text, such as the name of a model.

    Examples
    --------
    >>> fold_name("2026Q1 plan", "planlib")
    'planlib_2026Q1_plan'
    """
    plain = _ascii(text)
    name = plain if plain[:1].isalpha() else f"{default}_{plain}".strip("_")
    return name[:LONGEST_NAME].rstrip("_")


def labels(names: pd.Series, ids: pd.Series) -> pd.Series:
    """
    Give labels that people read: name and id in one line of at most 80 characters.

    Nothing that a spreadsheet would take for a formula stays at the start.
    """
    key = one_line(ids)
    name = one_line(names)
    tail = (" (" + key + ")").where(name != "", "")
    room = (LONGEST_NAME - tail.str.len()).clip(lower=0)
    short = pd.Series(
        [text[:size] for text, size in zip(name, room, strict=True)], index=names.index, dtype="str"
    )
    whole: pd.Series = (short.str.rstrip() + tail).where(name != "", key).str[:LONGEST_NAME]
    return whole


def one_line(values: pd.Series) -> pd.Series:
    """Give texts in one line that do not start like a formula; NA as blank."""
    text = values.astype("str").fillna("").str.replace(r"[\x00-\x1f\x7f\s]+", " ", regex=True)
    found: pd.Series = text.str.replace(rf"^[{re.escape(''.join(RISKY))}'\s]+", "", regex=True)
    return found.str.strip()


def _name(text: str, prefix: str, *, exact: bool) -> str:
    if exact and re.fullmatch(_EXACT, text) and len(prefix) + 1 + len(text) <= LONGEST_NAME:
        return f"{prefix}_{text.replace('-', '_')}"
    number = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
    room = LONGEST_NAME - len(prefix) - _HASH - 2
    plain = _ascii(text)[: max(room, 0)].rstrip("_")
    return "_".join(part for part in (prefix, plain, number) if part)


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")
