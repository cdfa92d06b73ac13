"""Closeness of projects: counted by step 05 and rated, side by side; before and after."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.pipeline.lookup import look_up
from planlib.tables import table
from planlib.tables.projects import ORIGINS

_NO_KEY = "not a key account, or step 05 has not run: closeness is not counted"
_NOT_BACK = "counted closeness does not reach back before the project"
_NOW_BLANK = "counted closeness is blank today: see account_closeness"


def counted_chain(
    chain: pd.DataFrame, account: pd.Series, seats: pd.DataFrame | None
) -> pd.DataFrame:
    """
    Put the counted closeness of each seat beside its rating.

    Parameters
    ----------
    chain
        Seats of open projects with ``project_id`` and ``seat``.
    account
        ``account_id`` by ``project_id``.
    seats
        Table ``closeness_seats``, or None.

    Returns
    -------
    DataFrame
        ``chain`` with ``counted_score`` (0 to 100; 0: nobody known in the seat) and
        ``counted_reason`` of a blank or zero.
    """
    if seats is None or seats.empty or chain.empty:
        return chain.assign(counted_score=float("nan"), counted_reason=_NO_KEY)
    known = seats.drop_duplicates(["account_id", "seat"])[["account_id", "seat", "score", "reason"]]
    known = known.rename(columns={"score": "counted_score", "reason": "counted_reason"})
    keyed = chain.assign(account_id=chain["project_id"].map(account))
    found = keyed.merge(known, "left", on=["account_id", "seat"]).drop(columns="account_id")
    counted = keyed["account_id"].isin(seats["account_id"]).to_numpy()
    reason = found["counted_reason"].where(found["counted_score"].notna() | counted, _NO_KEY)
    strange = counted & found["counted_score"].isna() & reason.isna()
    return found.assign(
        counted_reason=reason.mask(strange, "no such seat is recorded with the account")
    )


def carried_closeness(
    projects: pd.DataFrame, rated: pd.Series, accounts: pd.DataFrame | None
) -> pd.DataFrame:
    """
    Give the closeness that holds for each project, and where it comes from; parts never mix.

    Parameters
    ----------
    projects
        ``project_id``, ``account_id``.
    rated
        Closeness rated by seat for the project, weighted by decision power (0 to 10), by
        ``project_id``.
    accounts
        Table ``account_closeness`` of step 05, or None.

    Returns
    -------
    DataFrame
        ``closeness_score`` (0 to 100) and ``closeness_origin``, in the order of ``projects``:
        counted by step 05 for the account, else rated for the project, else rated for the account,
        else not known.
    """
    known = table("account_closeness").or_empty(accounts)
    known = known.drop_duplicates("account_id").set_index("account_id")
    key = projects["account_id"]
    counted, asked = look_up(key, known["automatic_score"]), look_up(key, known["rated_score"])
    own = 10 * look_up(projects["project_id"], rated.astype("float64"))
    score = counted.fillna(own).fillna(asked)
    origin = pd.Series(ORIGINS[3], index=projects.index, dtype="str")
    parts = zip((asked, own, counted), (ORIGINS[2], ORIGINS[1], ORIGINS[0]), strict=True)
    for part, name in parts:
        origin = origin.mask(part.notna(), name)
    return pd.DataFrame({"closeness_score": score, "closeness_origin": origin})


def closeness_of_projects(
    projects: pd.DataFrame,
    rated: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame | None],
) -> pd.DataFrame:
    """
    Give closeness before and after each project, counted part and rated part apart.

    Of an open project *after* is today. Of a decided one it is some months after the decision.

    Parameters
    ----------
    projects
        ``project_id``, ``account_id``, ``name``, ``state`` (open, won, lost), ``opened_date``.
    rated
        ``first_closeness`` and ``closeness`` (0 to 10) by ``project_id``: first and last rating.
    tables
        ``closeness_projects`` and ``closeness_trend`` of step 05, where it has run.

    Returns
    -------
    DataFrame
        Table ``project_closeness``. A blank change has its reason; it is never zero.
    """
    decided, trend = tables.get("closeness_projects"), tables.get("closeness_trend")
    rows = projects.reset_index(drop=True)
    found = pd.concat(
        [
            _decided(rows[rows["state"] != "open"], decided),
            _open(rows[rows["state"] == "open"], trend),
        ]
    )
    key = found["project_id"]
    before, after = key.map(rated["first_closeness"]), key.map(rated["closeness"])
    found = found.assign(
        counted_change=found["counted_after"] - found["counted_before"],
        rated_before=before,
        rated_after=after,
        rated_change=after - before,
    )
    return found.sort_values("project_id", ignore_index=True)


def _decided(rows: pd.DataFrame, decided: pd.DataFrame | None) -> pd.DataFrame:
    if decided is None or decided.empty:
        return rows.assign(counted_before=float("nan"), counted_after=float("nan"), reason=_NO_KEY)
    known = decided.drop_duplicates("project_id").set_index("project_id")
    key = rows["project_id"]
    reason = key.map(known["reason"]).where(key.isin(known.index), _NO_KEY)
    return rows.assign(
        counted_before=key.map(known["before_score"]),
        counted_after=key.map(known["after_score"]),
        reason=reason,
    )


def _open(rows: pd.DataFrame, trend: pd.DataFrame | None) -> pd.DataFrame:
    """Take the last month end before a project was opened, and the last of all."""
    if trend is None or trend.empty:
        return rows.assign(counted_before=float("nan"), counted_after=float("nan"), reason=_NO_KEY)
    ordered = trend.sort_values(["account_id", "month_date"])
    now = ordered.drop_duplicates("account_id", keep="last").set_index("account_id")
    pairs = rows[["project_id", "account_id", "opened_date"]].merge(ordered, on="account_id")
    earlier = pairs[pairs["month_date"] < pairs["opened_date"]].sort_values("month_date")
    first = earlier.drop_duplicates("project_id", keep="last").set_index("project_id")
    before = rows["project_id"].map(first["automatic_score"])
    after = rows["account_id"].map(now["automatic_score"])
    reason = pd.Series(None, index=rows.index, dtype="str")
    reason = reason.mask(
        before.isna(), look_up(rows["project_id"], first["reason"].astype("str")).fillna(_NOT_BACK)
    )
    reason = reason.mask(after.isna(), _NOW_BLANK)
    reason = reason.mask(~rows["account_id"].isin(ordered["account_id"]), _NO_KEY)
    return rows.assign(counted_before=before, counted_after=after, reason=reason)
