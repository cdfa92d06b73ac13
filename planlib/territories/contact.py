"""Contact with accounts: how much, with whom, and who of ours, in a window and the one before."""

from __future__ import annotations

import pandas as pd

from planlib.territories.columns import day, flag, text

_FACE_TO_FACE = ("meeting", "visit", "demo")


def contacts_of(
    activities: pd.DataFrame | None, as_of: pd.Timestamp, days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Give the contacts by persons in the window that ends on a day, and in the window before.

    Parameters
    ----------
    activities
        ``activity_date``, ``account_id``; used where there: ``contact_id``, ``rep_id``,
        ``activity_type``, ``direction``, ``is_automatic``. None: no contacts.
    as_of, days
        Last day of the window, and its length.

    Returns
    -------
    tuple of DataFrame
        ``account_id``, ``contact_id``, ``rep_id``, ``when``, ``is_meeting``, ``is_in``.
    """
    names = ["account_id", "contact_id", "rep_id", "when", "is_meeting", "is_in"]
    if activities is None or not {"account_id", "activity_date"} <= set(activities):
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in names})
        return empty, empty
    rows = pd.DataFrame({
        "account_id": text(activities, "account_id"), "contact_id": text(activities, "contact_id"),
        "rep_id": text(activities, "rep_id"), "when": day(activities, "activity_date"),
        "is_meeting": text(activities, "activity_type").isin(_FACE_TO_FACE),
        "is_in": text(activities, "direction").eq("in").fillna(value=False).astype(bool),
    })[~flag(activities, "is_automatic")]  # fmt: skip
    span = pd.Timedelta(days=days)
    now = rows["when"].gt(as_of - span) & rows["when"].le(as_of)
    before = rows["when"].gt(as_of - 2 * span) & rows["when"].le(as_of - span)
    return rows[now], rows[before]


def contact_by_account(
    now: pd.DataFrame, before: pd.DataFrame, contacts: pd.DataFrame | None
) -> pd.DataFrame:
    """
    Give amount and quality of contact per account.

    Parameters
    ----------
    now, before
        As ``contacts_of`` gives them.
    contacts
        ``contact_id`` and ``level``; None: executives are not known (NA).

    Returns
    -------
    DataFrame
        By ``account_id``, for accounts with a contact in either window: ``contact_count``,
        ``contact_count_before``, ``meeting_count``, ``answer_share``, ``person_count``,
        ``executive_count``, ``colleague_count``, ``last_contact_date``.
    """
    grouped = now.groupby("account_id")
    table = pd.DataFrame({
        "contact_count": grouped.size(),
        "contact_count_before": before.groupby("account_id").size(),
        "meeting_count": now["is_meeting"].astype(bool).groupby(now["account_id"]).sum(),
        "answer_share": now["is_in"].astype(bool).groupby(now["account_id"]).mean(),
        "person_count": grouped["contact_id"].nunique(),
        "colleague_count": grouped["rep_id"].nunique(),
        "last_contact_date": pd.concat([now, before]).groupby("account_id")["when"].max(),
    })  # fmt: skip
    executives = pd.Series(pd.NA, index=table.index, dtype="Int64")
    if contacts is not None and {"contact_id", "level"} <= set(contacts):
        top = set(contacts.loc[text(contacts, "level").eq("executive"), "contact_id"].astype("str"))
        met = now[now["contact_id"].isin(top)].groupby("account_id")["contact_id"].nunique()
        executives = met.reindex(grouped.size().index).fillna(0).astype("Int64")
    table["executive_count"] = executives
    return table


def contact_by_colleague(now: pd.DataFrame) -> pd.DataFrame:
    """Give ``contact_count`` and ``last_contact_date`` by ``account_id`` and ``rep_id``."""
    grouped = now.dropna(subset=["account_id", "rep_id"]).groupby(["account_id", "rep_id"])
    return pd.DataFrame(
        {"contact_count": grouped.size(), "last_contact_date": grouped["when"].max()}
    )
