"""How well a rep suits an account: industry, segment and unit against skills; complexity; level."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from planlib.territories.findings import Problems
from planlib.territories.frames import dates
from planlib.territories.gazetteer import fold

_NOT_KNOWN = frozenset({"", "unmapped", "unknown", "unassigned"})
_UNKNOWN_FIT = 0.5  # misfit of a rep whose skills are not known
_FULL_YEARS = 5.0  # years in the job that count as fully experienced
_LEVELS = (
    (0.0, r"junior|associate|trainee|graduate|assistant|intern|见习|初级|助理"),
    (4.0, r"principal|chief|distinguished|strategic|首席|专家"),
    (3.0, r"senior|lead|staff|\biii\b|资深|高级"),
    (2.0, r"\bii\b|中级"),
)


def misfit_classes(
    accounts: pd.DataFrame, people: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray] | None:
    """
    Give how badly a rep suits an account, 0 to 1: the mean over skills, segment and unit.

    Skills suit when they name the industry or its group, or the segment. A rep without skills or
    unit counts 0.5 there, an account without group or unit 0 for everyone.

    Returns
    -------
    tuple
        (n,) class of each account and (C, m) misfit per class; None where nothing is known.
    """
    wanted = accounts[["group", "industry", "segment", "unit"]].astype("object")
    wanted = wanted.where(wanted.notna(), "")
    keys = pd.MultiIndex.from_frame(wanted)
    codes, kinds = pd.factorize(keys, sort=True)
    rows = [tuple(map(str, kind)) for kind in kinds]
    skills = [re.split("[;；]", text) if isinstance(text, str) else [] for text in people["skills"]]
    units = [
        [text] if isinstance(text, str) and fold(text) != "all" else [] for text in people["unit"]
    ]
    parts = [
        _mismatch([[fold(group), fold(industry)] for group, industry, _, _ in rows], skills),
        _mismatch([[fold(segment)] for _, _, segment, _ in rows], skills),
        _mismatch([[fold(unit)] for _, _, _, unit in rows], units),
    ]
    known = [part for part in parts if part is not None]
    return (np.asarray(codes, dtype=np.int64), np.mean(known, axis=0)) if known else None


def _mismatch(wanted: list[list[str]], offered: list[list[str]]) -> np.ndarray | None:
    """Give 1 where a rep offers nothing that is wanted; None where nothing is in common at all."""
    sets = [{fold(one) for one in some if fold(one)} for some in offered]
    asked = [set(some) - _NOT_KNOWN for some in wanted]
    if not set().union(*sets) & set().union(*asked):
        return None
    mismatch = np.array([[not (some & one) for one in sets] for some in asked], dtype=float)
    mismatch[:, [not one for one in sets]] = _UNKNOWN_FIT
    mismatch[[not some for some in asked], :] = 0.0
    return mismatch


def add_skill(sellers: pd.DataFrame, as_of: pd.Timestamp, problems: Problems) -> pd.DataFrame:
    """
    Add ``skill``, 0 to 1: the share of reps at the same level or below; 1 can serve any account.

    The level comes from its name, else from years in the job; where all are alike, or neither is
    known, ``skill`` is missing and a finding says so.
    """
    level = sellers["level"].map(_level_of).astype("float64")
    if level.nunique() < 2:
        years = (as_of - dates(sellers, "hire_date")).dt.days / 365.25
        level = years.clip(0.0, _FULL_YEARS)
    level = level.fillna(level.median())
    if level.nunique() < 2:
        if len(sellers) > 1:
            problems.add("skill", "levels and hire dates of reps do not tell them apart; the "
                         "complexity of accounts is left out of the cost")  # fmt: skip
        return sellers.assign(skill=np.nan)
    return sellers.assign(skill=level.rank(pct=True, method="max"))


def _level_of(text: object) -> float:
    if not isinstance(text, str) or not text.strip():
        return float("nan")
    word = text.casefold()
    return next((score for score, names in _LEVELS if re.search(names, word)), 1.0)
