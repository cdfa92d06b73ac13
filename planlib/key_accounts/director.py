"""The director's log of tasks and trainings: due, done, and what closeness did meanwhile."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.tables import table

_MONTHS = 3  # months after the start at which closeness is compared


def director_log(
    decisions: pd.DataFrame | None,
    keys: pd.DataFrame,
    trend: pd.DataFrame,
    as_of: date,
) -> pd.DataFrame:
    """
    Give every task and training with its state and the course of the accounts concerned.

    The effect is set against all other key accounts, whose closeness moves with the season and
    with logging too. It is a sign, no proof: nobody drew lots for who was trained.

    Parameters
    ----------
    decisions
        Decisions of kind ``director_tasks`` in force: a row that supersedes another one stands
        for it, so that "done" is a new row.
    keys
        ``account_id``, ``region``.
    trend
        Table ``closeness_trend``.
    as_of
        Later rows are left out.

    Returns
    -------
    DataFrame
        Table ``director_log``, oldest first.
    """
    log = table("override_director_tasks").coerce(decisions)
    now = pd.Timestamp(as_of)
    start = log["start_date"].fillna(log["effective_from"]).fillna(log["when"])
    log = log.assign(start_date=start, status=log["status"].fillna("open"))
    log = log[log["start_date"] <= now].sort_values(["start_date", "decision_id"])
    log = log.reset_index(drop=True)
    late = (log["status"] == "open") & (log["due_date"] < now)
    wide = trend.pivot(index="account_id", columns="month_date", values="automatic_score")
    courses = [_course(row, keys, wide) for row in log.to_dict("records")]
    columns = ["closeness_change", "others_change", "accounts_count", "reason"]
    found = pd.concat([log, pd.DataFrame(courses, index=log.index, columns=columns)], axis=1)
    found = found.assign(
        is_overdue=late.fillna(False).astype(bool),
        done_date=log["when"].where(log["status"] == "done"),
    )
    output = table("director_log")
    return output.check(found[[column.name for column in output.columns]])


def _course(row: dict[object, object], keys: pd.DataFrame, wide: pd.DataFrame) -> dict[str, object]:
    """Compare closeness of the accounts concerned with that of the others over three months."""
    mine = _concerned(row, keys)
    blank: dict[str, object] = {"closeness_change": None, "others_change": None,
                                "accounts_count": len(mine), "reason": ""}  # fmt: skip
    if mine.empty:
        return {**blank, "reason": "no account or region with key accounts is named"}
    begin = pd.Timestamp(str(row["start_date"]))
    days = pd.DatetimeIndex(wide.columns)
    before = days[days <= begin]
    after = days[days >= begin + pd.DateOffset(months=_MONTHS)]
    if before.empty or after.empty:
        return {**blank, "reason": f"less than {_MONTHS} months of closeness around it"}
    change = (wide[after[0]] - wide[before[-1]]).dropna()
    inside = change.index.isin(mine)
    if not inside.any():
        return {**blank, "reason": "closeness of these accounts is blank"}
    others = change[~inside]
    return {
        "closeness_change": float(change[inside].to_numpy().mean()),
        "others_change": float(others.to_numpy().mean()) if len(others) else None,
        "accounts_count": int(inside.sum()),
        "reason": "",
    }


def _concerned(row: dict[object, object], keys: pd.DataFrame) -> pd.Series:
    if not pd.isna(row["account_id"]):  # type: ignore[call-overload]
        return keys.loc[keys["account_id"] == row["account_id"], "account_id"]
    return keys.loc[keys["region"] == row["region"], "account_id"]
