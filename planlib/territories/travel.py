"""Travel times that are given, as a long table or as a matrix, brought to accounts and reps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.tables import require_columns
from planlib.territories.findings import Problems
from planlib.territories.frames import numbers

_KMH = 75.0  # to make hours of kilometres in a given table


def travel_hours(travel: pd.DataFrame | None, problems: Problems) -> pd.DataFrame | None:
    """
    Give travel times as a frame, one row per account and one column per rep, in hours.

    Parameters
    ----------
    travel
        Long: ``account_id``, ``rep_id`` and ``travel_hours`` or ``travel_km``; or wide: accounts in
        the index, reps in the columns, hours.
    problems
        Where negative or infinite times are named; they count as unknown.

    Raises
    ------
    TableError
        If the long table has neither ``travel_hours`` nor ``travel_km``.
    """
    if travel is None or travel.empty:
        return None
    if "account_id" in travel:
        value = "travel_km" if "travel_km" in travel else "travel_hours"
        require_columns("travel", travel, ["account_id", "rep_id", value])
        hours = numbers(travel, value) / (_KMH if value == "travel_km" else 1.0)
        long = travel[["account_id", "rep_id"]].assign(hours=hours)
        wide = long.pivot_table(index="account_id", columns="rep_id", values="hours")
    else:
        wide = travel.apply(pd.to_numeric, errors="coerce")
    values = wide.to_numpy(dtype=float)
    bad = np.isinf(values) | (values < 0)
    if bad.any():
        count = int(bad.sum())
        problems.add("travel", f"{count} travel times are negative or infinite; counted as unknown")
    return wide.mask(bad)


def block_hours(
    wide: pd.DataFrame | None,
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    km: np.ndarray | None,
    problems: Problems,
) -> np.ndarray | None:
    """
    Give the times of a block, (n, m) hours; None where none is given.

    Times that are missing come from great circles at the speed of the others, where places are
    known; how many is said.
    """
    if wide is None:
        return None
    part = wide.reindex(index=accounts["account_id"], columns=people["rep_id"])
    hours = part.to_numpy(dtype=float)
    known = np.isfinite(hours)
    if not known.any():
        return None
    if not known.all() and km is not None:
        both = known & np.isfinite(km) & (km > 1)
        speed = float(np.median(hours[both] / km[both])) if both.any() else 1.0 / _KMH
        hours = np.where(known, hours, km * speed)
    if not known.all():
        detail = f"{int((~known).sum())} of {known.size} travel times are not given; great circles "
        problems.add("travel", detail + "at the same speed stand in, else the account's mean")
    return hours
