"""What reps attained in the past: amounts by day, and rep-years against ramped quotas."""

from __future__ import annotations

import pandas as pd

from planlib.capacity.ramp import Productivity

_KNOWN = 0.5  # bookings count when at least this share of them names a rep
#: The best basis of won amounts; every other one is weaker.
BOOKED = "bookings in finance, by the rep credited"
_YEARS = 5  # past years at most


def won_amounts(
    opportunities: pd.DataFrame | None,
    bookings: pd.DataFrame | None,
    as_of: pd.Timestamp,
    *,
    unnamed: bool = False,
) -> tuple[pd.DataFrame | None, str]:
    """
    Give what every rep won, by day, and what that rests on.

    Parameters
    ----------
    opportunities
        ``owner_id``, ``is_won``, ``close_date``, ``amount``.
    bookings
        ``rep_id``, ``booking_date``, ``booked_amount``; they win where at least half name a rep.
    as_of
        Last day that counts.
    unnamed
        Whether amounts that name no rep count too.

    Returns
    -------
    tuple
        ``rep_id``, ``day``, ``amount``, or None; and the basis in words.
    """
    credited = bookings is not None and len(bookings) and "rep_id" in bookings
    if credited and bookings["rep_id"].notna().mean() >= _KNOWN:  # type: ignore[index]
        found = bookings[["rep_id", "booking_date", "booked_amount"]]  # type: ignore[index]
        found = found.set_axis(["rep_id", "day", "amount"], axis=1)
        return _until(found, as_of, unnamed), BOOKED
    needed = {"owner_id", "is_won", "close_date", "amount"}
    if opportunities is None or not needed <= set(opportunities.columns):
        return None, "nothing won is known: neither bookings nor opportunities are there"
    won = opportunities[opportunities["is_won"].fillna(False).astype(bool)]
    found = pd.DataFrame({"rep_id": won["owner_id"], "day": won["close_date"],
                          "amount": won["amount"]})  # fmt: skip
    return _until(found, as_of, unnamed), "deals won in the CRM, by owner (no bookings by rep)"


def won_between(won: pd.DataFrame | None, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
    """Add up what each rep won after one day and until another; by ``rep_id``."""
    if won is None:
        return pd.Series(dtype="float64")
    inside = won[(won["day"] > first) & (won["day"] <= last)]
    return inside.groupby("rep_id")["amount"].sum()


def rep_years(
    months: pd.DataFrame, productivity: Productivity, as_of: pd.Timestamp
) -> pd.DataFrame:
    """
    Give past rep-years: attained amount against the ramped quota of the months observed.

    Parameters
    ----------
    months
        From ``rep_months``.
    productivity
        For the ramp of each role.
    as_of
        Years are the twelve months before this day, the twelve before them and so on; only years
        for which the months reach back to the first day count.

    Returns
    -------
    DataFrame
        ``rep_id``, ``role``, ``year`` (its last month), ``attained_amount``, ``ramped_quota``,
        ``present_share`` (ramped quota / full yearly quota).
    """
    columns = ["rep_id", "role", "year", "attained_amount", "ramped_quota", "present_share"]
    if months.empty:
        return pd.DataFrame(columns=columns)
    begin = months["month_start"].min()
    day = as_of + pd.Timedelta(days=1)
    back = (day.year - months["month_start"].dt.year) * 12 + (
        day.month - months["month_start"].dt.month
    ) - (months["month_start"].dt.day > day.day).astype("int64")  # fmt: skip
    number = (back.clip(lower=1) - 1) // 12
    reach = begin - pd.DateOffset(days=31)
    known = [one for one in range(_YEARS) if day - pd.DateOffset(years=one + 1) >= reach]
    rows = months.assign(number=number)[number.isin(known)]
    if rows.empty:
        return pd.DataFrame(columns=columns)
    curves = {role: productivity.curve(str(role)) for role in set(rows["role"])}
    rows = rows.assign(ramped_quota=[
        quota * (curves[role][month] if month < len(curves[role]) else 1.0)
        for quota, role, month in zip(rows["quota_month"], rows["role"], rows["tenure_month"],
                                      strict=True)
    ])  # fmt: skip
    found: pd.DataFrame = rows.groupby(["rep_id", "role", "number"], as_index=False).agg(
        attained_amount=("attained_amount", "sum"), ramped_quota=("ramped_quota", "sum"),
        quota_month=("quota_month", "mean"),
    )  # fmt: skip
    ends = [f"{as_of - pd.DateOffset(years=int(one)):%Y-%m}" for one in found["number"]]
    found["year"] = ends
    found["present_share"] = (found["ramped_quota"] / (12 * found["quota_month"])).clip(upper=1.0)
    return found[columns]


def _until(won: pd.DataFrame, as_of: pd.Timestamp, unnamed: bool) -> pd.DataFrame | None:
    rows = won[(won["rep_id"].notna() | unnamed) & won["day"].notna() & won["amount"].notna()]
    rows = rows[rows["day"] <= as_of].reset_index(drop=True)
    return rows if len(rows) else None
