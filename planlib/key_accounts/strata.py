"""Strata: the accounts that are compared with each other, and how small ones are pooled."""

from __future__ import annotations

import pandas as pd

from planlib.key_accounts.findings import finding
from planlib.settings.key_accounts import KeyAccountsSettings

POOLED = "other (small strata)"
ALL = "all accounts"
UNKNOWN = "unknown"
_OTHER = "other"


def build_strata(
    accounts: pd.DataFrame, settings: KeyAccountsSettings
) -> tuple[pd.Series, list[str], list[pd.DataFrame]]:
    """
    Give the stratum of each account.

    A stratum with fewer accounts than ``minimum_stratum`` is pooled with the other small ones of
    the same first columns ("Retail / other"); those that are still small are pooled together.

    Parameters
    ----------
    accounts
        The columns of ``settings.strata``.
    settings
        ``strata``, ``minimum_stratum``.

    Returns
    -------
    tuple
        Stratum in the order of ``accounts``; notes on what was pooled; findings on strata that
        stay too small for a fair comparison.
    """
    usable = [name for name in settings.strata if accounts[name].notna().any()]
    notes = [
        f"{name} is not known for any account: accounts are not compared within it"
        for name in settings.strata
        if name not in usable
    ]
    if not usable:
        strata = pd.Series(ALL, index=accounts.index, dtype="str")
        return strata, notes, _too_small(strata, settings)
    parts = accounts[usable].astype("str").fillna(UNKNOWN)
    strata = _joined(parts)
    pooled = pd.Series(data=False, index=accounts.index)
    for depth in range(len(usable) - 1, 0, -1):
        small = _small(strata, settings)
        strata = strata.mask(small, _joined(parts.iloc[:, :depth]) + f" / {_OTHER}")
        pooled |= small
    small = _small(strata, settings)
    pooled |= small
    if pooled.any():
        original = _joined(parts)[pooled]
        notes.append(
            f"{original.nunique()} strata with fewer than {settings.minimum_stratum} accounts "
            f"are pooled ({int(pooled.sum())} accounts)"
        )
    strata = strata.mask(small, POOLED).astype("str")
    return strata, notes, _too_small(strata, settings)


def _joined(parts: pd.DataFrame) -> pd.Series:
    joined = parts.iloc[:, 0]
    for name in parts.columns[1:]:
        joined = joined + " / " + parts[name]
    return joined


def _small(strata: pd.Series, settings: KeyAccountsSettings) -> pd.Series:
    return strata.map(strata.value_counts()) < settings.minimum_stratum


def _too_small(strata: pd.Series, settings: KeyAccountsSettings) -> list[pd.DataFrame]:
    counts = strata.value_counts()
    return [
        finding(
            "small stratum",
            "accounts",
            stratum,
            "stratum",
            f"{count} accounts",
            allowed=f"at least {settings.minimum_stratum} accounts to compare with",
            effect="scored; its first place is a key account, so look at it before you confirm",
        )
        for stratum, count in sorted(counts[counts < settings.minimum_stratum].items())
    ]
