"""Person-months of the window with every cut that is published, and the groups to be shown."""

from __future__ import annotations

import pandas as pd

from planlib.disclosure import publishable
from planlib.settings.team_people import TeamPeopleSettings
from planlib.team.causes import DRIVERS, driver_columns
from planlib.team.staff import Staff, tenure_band

ALL = "all"


def window_start(as_of: pd.Timestamp, months: int) -> pd.Timestamp:
    """
    Give the first day of a window that ends on a day: the first of a month.

    Examples
    --------
    >>> window_start(pd.Timestamp("2026-03-31"), 24).date().isoformat()
    '2024-04-01'
    """
    day = as_of + pd.Timedelta(days=1) - pd.DateOffset(months=months)
    return day if day.day == 1 else (day + pd.offsets.MonthBegin(1)).normalize()


def group_months(
    staff: Staff,
    opportunities: pd.DataFrame | None,
    settings: TeamPeopleSettings,
    *,
    window_months: int,
    bands: tuple[int, ...],
    jumps: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """
    Give the person-months of the window with their cuts, and which groups may be shown.

    All cuts on leavers are decided together, so that no group with fewer people than
    ``minimum_group`` follows from any two of them by subtraction.

    Parameters
    ----------
    staff
        People by month.
    opportunities
        Table ``opportunities``, for performance.
    settings
        Smallest group, months that the exit of a peer counts for.
    window_months
        Months before the as-of date that count.
    bands
        Upper ends of the tenure bands.
    jumps
        Years whose target one good year made, from ``planlib.key_accounts.good_years``, or None.

    Returns
    -------
    tuple
        Person-months with ``total``, ``role``, ``tenure_band``, ``manager`` and the drivers, and
        by cut the shown name of each group.
    """
    every = staff.months
    if every.empty:
        return every, {}
    every = every.join(driver_columns(every, opportunities, settings.peer_months, jumps))
    every = every.assign(total=ALL, tenure_band=tenure_band(every["tenure_months"], bands))
    inside = every["month_date"] >= window_start(staff.as_of, window_months)
    months = every[inside].reset_index(drop=True)
    known = [name for name in DRIVERS if name in months.columns]
    late = [name for name in known if name == "target_jump"]  # gives way to all others
    drivers = [name for name in known if name not in late]
    cuts = ["total", "role", "tenure_band", *drivers, "manager", *late]
    return months, publishable(months, cuts, settings.minimum_group)
