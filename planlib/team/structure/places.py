"""How far accounts are from the nearest place of work of a seller."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.team.structure.inputs import Roster

_EARTH_KM = 6371.0


def nearest_km(accounts: pd.DataFrame, roster: Roster) -> pd.Series | None:
    """
    Give the great-circle distance of each account to the nearest seller of its region.

    Parameters
    ----------
    accounts
        ``region``, ``latitude``, ``longitude``.
    roster
        Inside and field sellers in post, with places of work.

    Returns
    -------
    Series or None
        Kilometres, NA where a place is not known; None where no account or no seller has one.
    """
    people = roster.people
    sellers = people[
        people["is_here"] & people["kind"].isin(["field", "inside"]) & people["latitude"].notna()
        & people["longitude"].notna()
    ]  # fmt: skip
    placed = accounts["latitude"].notna() & accounts["longitude"].notna()
    if sellers.empty or not placed.any():
        return None
    km = pd.Series(np.nan, index=accounts.index)
    for region, mine in accounts[placed].groupby("region", sort=True):
        near = sellers[sellers["region"] == region]
        if len(near):
            km.loc[mine.index] = _distances(mine, near).min(axis=1)
    return km


def _distances(first: pd.DataFrame, second: pd.DataFrame) -> np.ndarray:
    """Haversine distances of all pairs, in km."""
    lat1, lon1 = (np.radians(first[name].to_numpy())[:, None] for name in ("latitude", "longitude"))
    lat2, lon2 = (np.radians(second[name].to_numpy())[None] for name in ("latitude", "longitude"))
    a = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(a, 0.0, 1.0))), dtype=float)
