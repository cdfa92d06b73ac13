"""The requests behind each conflict: weeks in which an expert has fewer hours than are wanted."""

from __future__ import annotations

import pandas as pd

_SHOWN = ["request_id", "name", "account_id", "skill", "needed_from", "needed_to", "hours",
          "gain_amount"]  # fmt: skip


def contested_requests(
    conflicts: pd.DataFrame, plan: pd.DataFrame, accounts: pd.DataFrame | None
) -> pd.DataFrame:
    """
    Give what a person reads of the requests that want the hours of the same expert.

    Parameters
    ----------
    conflicts
        Table ``support_conflicts``.
    plan
        Table ``support_plan``.
    accounts
        Table ``accounts``, for the names of accounts whose project has none; None: their ids.

    Returns
    -------
    DataFrame
        One row for each conflict and request: ``expert`` by name, ``scarce_weeks`` with
        ``wanted_hours`` and ``available_hours`` of the expert in them, ``name`` of the project or
        account, ``skill``, ``weeks`` of its window, ``hours``, ``outcome`` (served by this expert,
        running with it, or refused), ``gain_amount``, ``request_id``. Conflicts in the order of
        ``conflicts``, what is served before what is refused.
    """
    pairs = [
        (place, outcome, request)
        for place, row in enumerate(conflicts.to_dict("records"))
        for outcome in ("served", "refused")
        for request in _ids(row[outcome])
    ]
    rows = pd.DataFrame(pairs, columns=["place", "outcome", "request_id"])
    people = conflicts.assign(expert=conflicts["name"].fillna(conflicts["expert_id"]))
    people = people.assign(scarce_weeks=_weeks(people["first_date"], people["last_date"]))
    shown = ["expert", "scarce_weeks", "wanted_hours", "available_hours"]
    people = people[shown].reset_index(drop=True)
    found = rows.join(people, on="place").merge(plan[_SHOWN], on="request_id", how="left")
    runs = found["request_id"].isin(plan.loc[plan["outcome"] == "running", "request_id"])
    found["outcome"] = found["outcome"].mask(runs, "running")
    found["name"] = found["name"].fillna(_names(found["account_id"], accounts))
    found["weeks"] = _weeks(found["needed_from"], found["needed_to"])
    return found[[*shown, "name", "skill", "weeks", "hours", "outcome", "gain_amount",
                  "request_id"]]  # fmt: skip


def _ids(text: object) -> list[str]:
    return [one for one in text.split(", ") if one] if isinstance(text, str) else []


def _names(ids: pd.Series, accounts: pd.DataFrame | None) -> pd.Series:
    if accounts is None:
        return ids
    known = accounts.dropna(subset=["name"]).drop_duplicates("account_id")
    return ids.map(known.set_index("account_id")["name"]).fillna(ids)


def _weeks(first: pd.Series, last: pd.Series) -> pd.Series:
    """Write the weeks of a window, such as 2026W17–W22; an end that is not known is left out."""
    (low, low_year), (high, high_year) = _week(first), _week(last)
    until = high.where(high_year.ne(low_year), high.str[4:])
    span = (low + "–" + until).where(low.ne(high), low)
    return span.fillna(low).fillna(high)


def _week(days: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Give the week of each day, such as 2026W17, and its year."""
    parts = pd.to_datetime(days).dt.isocalendar().astype("str")
    week = parts["year"] + "W" + parts["week"].str.zfill(2)
    return week.where(days.notna()), parts["year"].where(days.notna())
