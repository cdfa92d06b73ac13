"""What the directors of key accounts supply: their log, support asked for and given, budget."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from planlib.key_accounts.evaluation.spend import spend_on_accounts
from planlib.pipeline.money import from_cents
from planlib.tables import table

#: Figures of table ``director_supply`` in the order in which people read them, and their heads.
SUPPLY_LABELS: dict[str, str] = {
    "owned_count": "Owned in person",
    "accounts_count": "Led",
    "judged_count": "Judged",
    "asked_count": "Support asked",
    "served_count": "Served",
    "solution_asked_count": "Solution asked",
    "solution_served_count": "Solution served",
    "spend_amount": "Spent on them",
    "budget_amount": "From own budget",
    "tasks_count": "Tasks",
    "guidance_count": "Guidance",
    "trainings_count": "Trainings",
    "support_count": "Support brought in",
}
SUPPLIED = tuple(SUPPLY_LABELS)
_SERVED = ("served", "running")
_LOG = {"task": "tasks_count", "guidance": "guidance_count", "training": "trainings_count",
        "support": "support_count"}  # fmt: skip
_LACKING = {"support_requests": "support asked for", "account_spend": "money",
            "ratings": "who judged the accounts"}  # fmt: skip


def logged_evidence(
    tasks: pd.DataFrame | None, director: str, kinds: Collection[str], days: int, as_of: date
) -> tuple[bool | None, str]:
    """
    Say what the director's log shows of a duty.

    Parameters
    ----------
    tasks
        Decisions of kind ``director_tasks`` in force, or None.
    director
        The director.
    kinds
        Kinds of entries that show the duty.
    days
        Older entries do not count.
    as_of
        Later entries do not count.

    Returns
    -------
    tuple of bool or None and str
        Done where an entry was done in time; open where entries are open only; None and no text
        where the log is silent, which does not say that nothing was done.
    """
    if tasks is None or tasks.empty or not kinds:
        return None, ""
    until = pd.Timestamp(as_of)
    mine = tasks[(tasks["director_id"] == director) & tasks["kind"].isin(list(kinds))]
    mine = mine[mine["when"].between(until - pd.Timedelta(days=days), until)]
    status = mine["status"].fillna("open")
    ended, pending = mine[status == "done"], int((status == "open").sum())
    if len(ended):
        last = ended.sort_values(["when", "decision_id"]).iloc[-1]
        text = f"log: {len(ended)} done in {days} days, last {last['when']:%Y-%m-%d}"
        return True, f"{text} ({last['title']})"
    return (False, f"log: {pending} begun in {days} days, none done") if pending else (None, "")


def recent_requests(
    support_requests: pd.DataFrame | None, accounts: pd.Series, days: int, as_of: date
) -> pd.DataFrame | None:
    """Give the requests for support of some accounts in time, None where there is no table."""
    if support_requests is None:
        return None
    rows = table("support_requests").coerce(support_requests)
    until = pd.Timestamp(as_of)
    inside = rows["requested_date"].between(until - pd.Timedelta(days=days), until)
    kept = inside & rows["account_id"].isin(accounts) & (rows["status"] != "withdrawn")
    return rows[kept.fillna(False).astype(bool)]


def director_supply(
    coverage: pd.DataFrame,
    accounts: pd.DataFrame,
    directors: Collection[str],
    as_of: date,
    *,
    account_spend: pd.DataFrame | None = None,
    ratings: pd.DataFrame | None = None,
    support_requests: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Count what each director did for the key accounts led, and the accounts run in person.

    A director leads, evaluates and supplies experts, solutions and budget; local reps sell.

    Parameters
    ----------
    coverage
        Table ``key_account_coverage``.
    accounts
        ``account_id``, ``owner_id``.
    directors
        Directors at work.
    as_of
        Last of the twelve months.
    account_spend, ratings, support_requests, tasks
        Tables, and decisions of kind ``director_tasks``; each may be None, and its figures are
        then blank.

    Returns
    -------
    DataFrame
        Table ``director_supply``.
    """
    contract = table("director_supply")
    last = pd.Timestamp(as_of)
    first = last - pd.DateOffset(years=1)
    spent = spend_on_accounts(account_spend, None, first, last)
    judged = _within(ratings, "rating_date", first, last)
    log = _within(tasks, "when", first, last)
    given = {"support_requests": support_requests, "account_spend": account_spend,
             "ratings": ratings}  # fmt: skip
    missing = ", ".join(_LACKING[name] for name, frame in given.items() if frame is None)
    rows = []
    for director in sorted(directors):
        mine = coverage.loc[coverage["director_id"] == director, "account_id"]
        row: dict[str, object] = {
            "director_id": director,
            "accounts_count": len(mine),
            "owned_count": int((accounts["owner_id"] == director).sum()),
            "reason": f"not known: {missing}" if missing else "",
        }
        row |= _asked(recent_requests(support_requests, mine, (last - first).days - 1, as_of))
        if judged is not None:
            own = judged[(judged["rater_id"] == director) & judged["account_id"].isin(mine)]
            row["judged_count"] = own["account_id"].nunique()
        if account_spend is not None:
            row["spend_amount"] = _sum(spent[spent["account_id"].isin(mine)])
            row["budget_amount"] = _sum(spent[spent["approver_id"] == director])
        if log is not None:
            kinds = log.loc[log["director_id"] == director, "kind"].value_counts()
            row |= {name: int(kinds.get(kind, 0)) for kind, name in _LOG.items()}
        rows.append(row)
    if not rows:
        return contract.empty()
    found = pd.DataFrame(rows).reindex(columns=[column.name for column in contract.columns])
    return contract.check(contract.coerce(found))


def _asked(requests: pd.DataFrame | None) -> dict[str, int]:
    if requests is None:
        return {}
    served, solution = requests["status"].isin(_SERVED), requests["support_line"] == "solution"
    return {
        "asked_count": len(requests),
        "served_count": int(served.sum()),
        "solution_asked_count": int(solution.sum()),
        "solution_served_count": int((served & solution).sum()),
    }


def _within(
    rows: pd.DataFrame | None, column: str, first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame | None:
    if rows is None:
        return None
    return rows[((rows[column] > first) & (rows[column] <= last)).fillna(False).astype(bool)]


def _sum(spent: pd.DataFrame) -> float:
    return float(from_cents(pd.Series([spent["cents"].sum()], dtype="Int64")).iloc[0])
