"""What other settings would do, beside what those of the plan do."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pandas as pd

from planlib.plan import Plan
from planlib.segmentation.compute import segment_accounts
from planlib.segmentation.result import Segmentation

_SHOWN = ["account_count", "potential", "workload_hours", "people_share"]


def compare_settings(
    base: Segmentation,
    accounts: pd.DataFrame,
    plan: Plan,
    as_of: datetime.date,
    inputs: Mapping[str, Any],
    **changes: object,
) -> pd.DataFrame:
    """
    Segment again with some settings changed, and put the segments beside those of before.

    Parameters
    ----------
    base
        The segmentation to compare with.
    accounts, as_of, inputs
        As handed to ``segment_accounts``; ``inputs`` holds its other tables by name.
    plan
        The plan whose section ``segmentation`` is changed.
    changes
        Settings by key.

    Returns
    -------
    DataFrame
        One row per ``segment`` of either: accounts, potential, hours and share of people with
        the changed settings, and the change in accounts and potential against ``base``.

    Raises
    ------
    SettingsError
        If a key is unknown or a value is not allowed.
    """
    settings = plan.override("segmentation", **changes)
    changed = segment_accounts(accounts, settings, as_of=as_of, **inputs)
    old = base.profile().set_index("segment")
    new = changed.profile().set_index("segment")
    names = [*new.index, *(name for name in old.index if name not in new.index)]
    frame = new[_SHOWN].reindex(names)
    frame["account_count"] = frame["account_count"].fillna(0)
    frame["account_change"] = frame["account_count"] - old["account_count"].reindex(names).fillna(0)
    before = old["potential"].reindex(names).fillna(0.0)
    frame["potential_change"] = frame["potential"].fillna(0.0) - before
    return frame.reset_index(names="segment")
