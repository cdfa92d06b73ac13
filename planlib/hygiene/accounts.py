"""Checks of the account base: what is missing, what is stale, what contradicts itself."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.hygiene.account_checks import CHECKS, Check, Found
from planlib.hygiene.context import limits_in_words
from planlib.settings.hygiene import HygieneSettings
from planlib.tables import is_filled, require_columns

_FLAG_COLUMNS = ["account_id", "check", "kind", "detail"]
_QUALITY_COLUMNS = [
    "check",
    "kind",
    "meaning",
    "checked_count",
    "flagged_count",
    "flagged_share",
    "note",
]


@dataclass(frozen=True, kw_only=True)
class AccountChecks:
    """
    Findings in the account base.

    Parameters
    ----------
    flags
        Table ``account_flags``: one row per account and finding.
    quality
        Table ``account_quality``: one row per check with its denominator.
    """

    flags: pd.DataFrame
    quality: pd.DataFrame


def check_accounts(
    accounts: pd.DataFrame, settings: HygieneSettings, *, as_of: datetime.date
) -> AccountChecks:
    """
    Check completeness, age and contradictions of the account base.

    Parameters
    ----------
    accounts
        Table ``accounts``: ``account_id`` and whatever else there is of ``name``, ``employees``,
        ``revenue``, ``sic``, ``naics``, ``gbt4754``, ``industry``, ``country``, ``postcode``,
        ``latitude``, ``longitude``, ``city``, ``province``, ``parent_id``, ``owner_id``,
        ``created_date``, ``updated_date``.
    settings
        Thresholds.
    as_of
        Day on which the data stand.

    Returns
    -------
    AccountChecks
        A check whose columns are missing or blank throughout is named as not checked and flags
        nobody.

    Raises
    ------
    TableError
        If ``account_id`` is missing.
    """
    require_columns("accounts", accounts, ["account_id"])
    frame = accounts.reset_index(drop=True)
    day = pd.Timestamp(as_of)
    flags, quality, limits = [], [], limits_in_words(settings)
    for check in CHECKS:
        absent = [
            group for group in check.needs if not any(is_filled(frame, column) for column in group)
        ]
        row: dict[str, object] = {
            "check": check.name,
            "kind": check.kind,
            "meaning": check.meaning.format(**limits),
        }
        if absent:
            lacking = " and ".join(" or ".join(group) for group in absent)
            quality.append({**row, "note": f"not checked: no {lacking}"})
            continue
        found = check.find(frame, settings, day)
        flagged = found.flagged & found.checked
        quality.append({**row, **_counts(found, flagged)})
        flags.append(_flags(frame, check, found, flagged))
    empty = pd.DataFrame(columns=_FLAG_COLUMNS, dtype="str")
    return AccountChecks(
        flags=pd.concat([empty, *flags], ignore_index=True).sort_values(
            ["account_id", "check"], kind="stable", ignore_index=True
        ),
        quality=pd.DataFrame(quality)
        .reindex(columns=_QUALITY_COLUMNS)
        .astype({"checked_count": "Int64", "flagged_count": "Int64"}),
    )


def _counts(found: Found, flagged: pd.Series) -> dict[str, object]:
    checked, count = int(found.checked.sum()), int(flagged.sum())
    return {
        "checked_count": checked,
        "flagged_count": count,
        "flagged_share": count / checked if checked else np.nan,
        "note": "" if checked else "not checked: no account has the values",
    }


def _flags(frame: pd.DataFrame, check: Check, found: Found, flagged: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": frame.loc[flagged, "account_id"],
            "check": check.name,
            "kind": check.kind,
            "detail": found.detail[flagged].astype("str"),
        }
    )
