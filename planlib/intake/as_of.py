"""The as-of date: the day on which the data stand, found from the data, never from a clock."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from planlib.errors import InputError
from planlib.tables import is_filled

#: Dates that say how young the data are; the first group of which the data have any counts.
_GROUPS = (
    {"opportunities": ("updated_date", "created_date"), "accounts": ("updated_date",)},
    {
        "opportunities": ("created_date", "last_activity_date", "stage_entered_date"),
        "accounts": ("created_date", "last_activity_date"),
    },
    {
        "activities": ("activity_date",),
        "leads": ("created_at", "converted_date"),
        "contacts": ("created_date", "last_activity_date"),
        "bookings": ("booking_date",),
        "forecast_calls": ("call_date",),
        "marketing_touches": ("touch_date",),
        "ratings": ("rating_date",),
        "needs": ("recorded_date",),
        "payments": ("received_date",),
        "rep_history": ("effective_from",),
        "reps": ("hire_date",),
    },
)
_GAP = pd.Timedelta(days=366)  # a date this long after all others is a typing error
_LONE, _LAST = pd.Timedelta(days=21), 20  # the last row so long after the others is named
_CLOSE_GAP = pd.Timedelta(days=92)  # a closing day this long after all other dates is planned


@dataclass(frozen=True, kw_only=True)
class AsOf:
    """The as-of date and the sentence that says where it comes from."""

    date: datetime.date
    rule: str


def find_as_of(tables: Mapping[str, pd.DataFrame], given: datetime.date | None) -> AsOf:
    """
    Find the day on which the data stand.

    A given date wins. Else the latest snapshot date counts; without snapshots the latest day on
    which a record was changed, or else created, or a closed deal was closed. A date more than a
    year after all others is taken for a typing error.

    Parameters
    ----------
    tables
        Input tables by name.
    given
        Date from plan.yaml or the command.

    Raises
    ------
    InputError
        If nothing in the data has a date.
    """
    if given is not None:
        return AsOf(date=given, rule="given in plan.yaml or with the command")
    history = tables.get("opportunity_history")
    if history is not None and len(history):
        return AsOf(
            date=history["snapshot_date"].max().date(),
            rule="latest snapshot_date of opportunity_history",
        )
    kept = is_filled(tables.get("opportunities"), "updated_date")
    for number, group in enumerate(_GROUPS):
        found = _latest(tables, group)
        if number == 1 or (number == 0 and not kept):
            found += _closed(tables, found)
        if found and (number > 0 or any("updated" in rule for _, rule in found)):
            day, rule = max(found)
            return AsOf(date=day.date(), rule=rule)
    raise InputError(
        "plan.yaml",
        [
            "as_of is not set and no input has a date from which it could "
            "be found; set as_of, such as 2026-03-31"
        ],
    )


def _latest(
    tables: Mapping[str, pd.DataFrame], group: Mapping[str, tuple[str, ...]]
) -> list[tuple[pd.Timestamp, str]]:
    found = []
    for table, columns in group.items():
        for column in columns:
            if is_filled(tables.get(table), column):
                day = _robust_max(tables[table][column])
                late = _lone_days(tables[table][column], day)
                found.append((day, f"latest {column} of {table}" if late is None else
                              f"latest {column} of {table}, one row, {late:,} days after all "
                              "others (if that is an error, set as_of)"))  # fmt: skip
    return found


def _lone_days(dates: pd.Series, latest: pd.Timestamp) -> int | None:
    """Give the days between the latest row and all others, where they are unusually many."""
    days = dates[dates <= latest].sort_values(ascending=False).head(_LAST).reset_index(drop=True)
    gaps = -days.diff().iloc[1:]
    if len(gaps) < 3 or gaps.iloc[0] < _LONE or gaps.iloc[0] <= 3 * gaps.iloc[1:].max():
        return None
    return int(gaps.iloc[0].days)


def _robust_max(dates: pd.Series) -> pd.Timestamp:
    days = dates.dropna().drop_duplicates().sort_values(ascending=False).reset_index(drop=True)
    at = 0
    while at + 1 < len(days) and days[at] - days[at + 1] > _GAP:
        at += 1
    latest: pd.Timestamp = days[at if at + 1 < len(days) else 0]
    return latest


def _closed(
    tables: Mapping[str, pd.DataFrame], found: list[tuple[pd.Timestamp, str]]
) -> list[tuple[pd.Timestamp, str]]:
    """Give the last closing day that can lie before the day on which the data were drawn."""
    if (
        not is_filled(tables.get("opportunities"), "close_date")
        or "is_closed" not in tables["opportunities"]
    ):
        return []
    deals = tables["opportunities"]
    days = deals.loc[deals["is_closed"].fillna(False).astype(bool), "close_date"].dropna()
    if found:
        days = days[days <= max(found)[0] + _CLOSE_GAP]
    return [(days.max(), "latest close_date of closed opportunities")] if len(days) else []
