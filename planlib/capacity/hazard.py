"""
Who leaves: the chance to leave in a month, by role and tenure, in discrete time.

A month of tenure counts as at risk when all of it was observed, whether the person left in it or
not, so people who are still here count for what they are. Months before the table of reps began to
record leavers would hold survivors alone; they are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaincinv

from planlib.tables import require_columns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Where a hazard comes from, best first.
BASES = ("own and pooled", "pooled", "stated")
_INTERVAL = 0.8


def months_between(first: pd.Series, last: pd.Series) -> pd.Series:
    """
    Count the whole months from one day to another, by anniversary of the day.

    Returns
    -------
    Series
        ``float64``, negative where ``last`` is before ``first``, missing where a day is missing.

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["2025-01-15", "2025-01-15"]))
    >>> months_between(days, pd.to_datetime(pd.Series(["2025-03-14", "2025-03-15"]))).tolist()
    [1.0, 2.0]
    """
    months = (last.dt.year - first.dt.year) * 12 + last.dt.month - first.dt.month
    # the 31st has its anniversary on the last day of a shorter month
    until = np.minimum(first.dt.day, last.dt.days_in_month)
    short = (last.dt.day < until).astype("float64")
    found: pd.Series = months.astype("float64") - short
    return found


def person_months(
    reps: pd.DataFrame, as_of: pd.Timestamp, *, window_months: int,
    rep_history: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """
    Give each month of tenure at risk that was wholly observed, and whether the person left in it.

    Parameters
    ----------
    reps
        ``rep_id``, ``hire_date``, ``leave_date``; ``role``, ``manager_id``, ``unit``, ``region``,
        ``leave_reason`` and ``is_open_seat`` where known. Seats, people without a first day and
        people who left before they came are left out.
    as_of
        Day until which the data count.
    window_months
        Months before ``as_of`` that count; earlier ones hold survivors alone.
    rep_history
        Role, manager, unit and region at the time; without it those of today stand for all months.

    Returns
    -------
    DataFrame
        ``rep_id``, ``month_start`` (first day of the month of tenure), ``tenure_month`` (whole
        months of tenure before it), ``is_leaver``, ``leave_reason`` and the columns of the
        organisation, sorted by rep and month.
    """
    require_columns("reps", reps, ["rep_id", "hire_date", "leave_date"])
    people = reps[_known_people(reps)].sort_values("rep_id").reset_index(drop=True)
    day = pd.Series(pd.Timestamp(as_of) + pd.Timedelta(days=1), index=people.index)
    begin = day - pd.DateOffset(months=window_months)
    left = people["leave_date"].notna() & (people["leave_date"] < day)
    exit_month = months_between(people["hire_date"], people["leave_date"]).where(left)
    whole = months_between(people["hire_date"], day)  # months that were wholly observed
    entered = months_between(people["hire_date"], begin)
    started = people["hire_date"] >= begin
    exact = ~started & (_later(people["hire_date"], entered) == begin)
    first = entered.where(exact, entered + 1).where(~started, 0.0)
    end = np.minimum(whole - 1, exit_month.fillna(np.inf))
    count = (end - first + 1).clip(lower=0).astype("int64").to_numpy()
    at = np.repeat(np.arange(len(people)), count)
    steps = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    tenure = first.to_numpy()[at].astype("int64") + steps
    kept = ["rep_id", *(name for name in _PLACE if name in people.columns)]
    rows = people.loc[at, kept].reset_index(drop=True)
    rows["tenure_month"] = tenure
    rows["month_start"] = _later(people["hire_date"].iloc[at].reset_index(drop=True),
                                 pd.Series(tenure, dtype="float64"))  # fmt: skip
    rows["is_leaver"] = tenure == exit_month.to_numpy()[at]
    return rows if rep_history is None else _as_it_was(rows, rep_history)


_PLACE = ("role", "manager_id", "unit", "region", "level", "leave_reason")


def exit_hazard(
    months: pd.DataFrame, bands: Sequence[int], *, prior: float, by: Sequence[str] = ("role",),
    yearly_turnover: float = 0.2,
) -> pd.DataFrame:  # fmt: skip
    """
    Estimate the monthly exit hazard by group and tenure band, shrunk to that of all people.

    A band of all people is shrunk to the hazard over all bands, the band of a group to the band of
    all: ``hazard = w x leavers / months at risk + (1 - w) x pooled``, ``w = months / (months +
    prior)``. The interval is that of the beta distribution with the same mean.

    Parameters
    ----------
    months
        From ``person_months``.
    bands
        Upper limits of the tenure bands in months; the last band is open.
    prior
        Months at risk at which a group's own hazard counts as much as the pooled one.
    by
        Columns that make a group.
    yearly_turnover
        Stands in, spread evenly over the months, where nobody left in the months at hand.

    Returns
    -------
    DataFrame
        One row per group and band: the columns of ``by``, ``tenure_from``, ``tenure_to`` (months,
        missing for the open band), ``exposure_months``, ``leaver_count``, ``hazard_raw``,
        ``pooled_hazard``, ``own_weight``, ``hazard``, ``low`` and ``high`` (80 % interval) and
        ``basis``.
    """
    names = list(by)
    known = months.dropna(subset=names)
    band = np.searchsorted(np.asarray(bands), known["tenure_month"], side="right")
    counted = known.assign(band=band).groupby([*names, "band"])["is_leaver"].agg(["size", "sum"])
    groups = known[names].drop_duplicates().sort_values(names, ignore_index=True)
    rows = groups.merge(pd.DataFrame({"band": range(len(bands) + 1)}), how="cross")
    rows = rows.merge(counted.reset_index(), on=[*names, "band"], how="left")
    exposure = rows["size"].fillna(0).astype("float64")
    leavers = rows["sum"].fillna(0).astype("float64")
    pooled, stated = _pooled(months, bands, prior, yearly_turnover)
    base = pd.Series(pooled[rows["band"].to_numpy()], index=rows.index)
    weight = exposure / (exposure + prior) if not stated else exposure * 0.0
    hazard = (leavers + prior * base) / (exposure + prior) if not stated else base
    upper = [*map(float, bands), np.nan]
    lower = [0.0, *map(float, bands)]
    low, high = _interval(hazard, exposure + prior)
    basis = np.where(exposure > 0, BASES[0], BASES[1])
    return rows[names].assign(
        tenure_from=[int(lower[one]) for one in rows["band"]],
        tenure_to=pd.array([upper[one] for one in rows["band"]], dtype="Float64").astype("Int64"),
        exposure_months=exposure.astype("int64"),
        leaver_count=leavers.astype("int64"),
        hazard_raw=leavers / exposure.where(exposure > 0),
        pooled_hazard=base,
        own_weight=weight,
        hazard=hazard,
        low=np.nan if stated else low,
        high=np.nan if stated else high,
        basis=BASES[2] if stated else basis,
    )


def hazard_of_months(hazards: pd.DataFrame, role: str | None, count: int) -> Floats:
    """
    Give a role's hazard for each month of tenure from the first on.

    Parameters
    ----------
    hazards
        From ``exit_hazard`` by role.
    role
        A role without rows, and None, takes the pooled hazard.
    count
        Months of tenure wanted.

    Returns
    -------
    ndarray
        Chance to leave in month 0, 1 ... of tenure.
    """
    mine = hazards[hazards["role"] == role] if role is not None else hazards.iloc[:0]
    column = "hazard" if len(mine) else "pooled_hazard"
    rows = mine if len(mine) else hazards.drop_duplicates("tenure_from")
    found = np.zeros(count)
    for start, value in sorted(zip(rows["tenure_from"], rows[column], strict=True)):
        found[int(start) :] = float(value)
    return found


def yearly_turnover(hazard: Floats, start: int = 0) -> float:
    """
    Give the chance to leave within twelve months from a month of tenure on.

    Parameters
    ----------
    hazard
        Chance to leave in each month of tenure, 0 to 1.
    start
        Month of tenure to start from; there should be twelve months from it on.

    Returns
    -------
    float
        The chance, 0 to 1.

    Examples
    --------
    >>> round(yearly_turnover(np.full(12, 0.02)), 4)
    0.2153
    """
    return float(1.0 - np.prod(1.0 - hazard[start : start + 12]))


def _known_people(reps: pd.DataFrame) -> pd.Series:
    seat = (
        reps["is_open_seat"].fillna(False).astype(bool)
        if "is_open_seat" in reps
        else pd.Series(False, index=reps.index)
    )
    wrong = reps["leave_date"] < reps["hire_date"]
    return ~seat & reps["hire_date"].notna() & ~wrong.fillna(False).astype(bool)


def _later(days: pd.Series, months: pd.Series) -> pd.Series:
    """Give the day a number of months later; the end of the month where it has no such day."""
    index = days.dt.year * 12 + days.dt.month - 1 + months.astype("int64")
    first = pd.to_datetime(
        pd.DataFrame({"year": index // 12, "month": index % 12 + 1, "day": 1})
    ).astype("datetime64[us]")
    day = np.minimum(days.dt.day, first.dt.days_in_month)
    found: pd.Series = first + pd.to_timedelta(day - 1, unit="D")
    return found


def _as_it_was(rows: pd.DataFrame, rep_history: pd.DataFrame) -> pd.DataFrame:
    """Put role, manager, unit and region at the time in place of those of today."""
    names = [one for one in _PLACE if one in rep_history.columns and one in rows.columns]
    past = rep_history[["rep_id", "effective_from", *names]].dropna(subset=["effective_from"])
    past = past.sort_values(["effective_from", "rep_id"])
    order = rows.sort_values(["month_start", "rep_id"])
    then = pd.merge_asof(
        order, past, left_on="month_start", right_on="effective_from", by="rep_id",
        suffixes=("", "_then"),
    )  # fmt: skip
    for name in names:
        then[name] = then[f"{name}_then"].where(then[f"{name}_then"].notna(), then[name])
    return then[rows.columns].sort_values(["rep_id", "tenure_month"], ignore_index=True)


def _pooled(
    months: pd.DataFrame, bands: Sequence[int], prior: float, yearly_turnover: float
) -> tuple[Floats, bool]:
    """Give the hazard of all people by band, and whether it is the stated one."""
    left = months["is_leaver"].to_numpy(dtype="float64")
    if not left.sum():
        return np.full(len(bands) + 1, 1.0 - (1.0 - yearly_turnover) ** (1 / 12)), True
    band = np.searchsorted(np.asarray(bands), months["tenure_month"], side="right")
    exposure = np.bincount(band, minlength=len(bands) + 1).astype("float64")
    leavers = np.bincount(band, weights=left, minlength=len(bands) + 1)
    return (leavers + prior * left.mean()) / (exposure + prior), False


def _interval(hazard: pd.Series, size: pd.Series) -> tuple[Floats, Floats]:
    first, second = hazard * size, (1.0 - hazard) * size
    edge = (1.0 - _INTERVAL) / 2
    found = [betaincinv(first.clip(lower=1e-9), second.clip(lower=1e-9), one)
             for one in (edge, 1.0 - edge)]  # fmt: skip
    return np.asarray(found[0]), np.asarray(found[1])
