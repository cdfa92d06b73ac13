"""Level of a person from the job title: executive, manager, staff."""

from __future__ import annotations

import re

import pandas as pd

_EXECUTIVE = re.compile(
    r"\b(?:c[eftimosrd]o|ciso|chief|president|vp|svp|evp|vice president|managing director|founder|"
    r"owner|partner|general manager)\b|总裁|总经理|董事|首席|总工程师|总监理|副总|厂长",
    re.IGNORECASE,
)
_MANAGER = re.compile(
    r"\b(?:head|director|manager|lead|supervisor|superintendent)\b|经理|部长|主任|总监|主管|科长|处长",
    re.IGNORECASE,
)
_MANAGER_ONLY = re.compile(r"^\s*manager\s*$", re.IGNORECASE)


def title_levels(titles: pd.Series) -> pd.Series:
    """
    Give the level of a person from the job title.

    Parameters
    ----------
    titles
        Job titles, possibly missing.

    Returns
    -------
    Series
        ``executive`` (chief officers, presidents, managing directors), ``manager`` (heads,
        directors, managers), ``staff`` (any other title), ``unknown`` (no title, or "Manager"
        alone, which some firms give to everybody).

    Examples
    --------
    >>> title_levels(pd.Series(["CIO", "Head of Data", "Buyer", None], dtype="str")).tolist()
    ['executive', 'manager', 'staff', 'unknown']
    """
    text = titles.astype("str")
    level = pd.Series("staff", index=titles.index, dtype="str")
    level = level.mask(text.str.contains(_MANAGER).fillna(False), "manager")
    level = level.mask(text.str.contains(_EXECUTIVE).fillna(False), "executive")
    blank = text.isna() | (text.str.strip() == "") | text.str.match(_MANAGER_ONLY).fillna(False)
    return level.mask(blank, "unknown")
