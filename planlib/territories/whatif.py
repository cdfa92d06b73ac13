"""Solve again at other limits, quickly, to see what they would cost."""

from __future__ import annotations

import datetime

import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.alignment import align


def what_if(
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoriesSettings,
    *,
    as_of: datetime.date,
    tolerance: float | None = None,
    disruption_share: float | None = None,
    **tables: pd.DataFrame | None,
) -> pd.DataFrame:
    """
    Give the main results at another tolerance or disruption budget.

    Parameters
    ----------
    accounts, reps, settings, as_of, tables
        As for ``align``; the search is the quick one.
    tolerance, disruption_share
        New values; None keeps those of the settings.

    Returns
    -------
    DataFrame
        ``result`` and ``value`` as ``Alignment.summary``.
    """
    changes: dict[str, object] = {"effort": "quick"}
    if tolerance is not None:
        changes["tolerance"] = float(tolerance)
    if disruption_share is not None:
        changes["disruption_share"] = float(disruption_share)
    changed = TerritoriesSettings.model_validate({**settings.model_dump(), **changes})
    return align(accounts, reps, changed, as_of=as_of, **tables).summary()  # type: ignore[arg-type]
