"""From contract to cash by milestone: what is due, received, overdue, and how old that is."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.pipeline.money import from_cents, known, to_cents
from planlib.pipeline.movement.projects import ProjectLine, overdue_cents
from planlib.settings.projects import ProjectsSettings
from planlib.tables import table
from planlib.tables.projects import MILESTONES

_SUMS = ("due", "due_now", "received", "overdue")
_NOT = "not scheduled"
#: Milestone of a contract without any row in ``payments``: nobody knows what is due and received.
UNTRACKED = "no payments"
_WORDS = {"retention": "retention money"}  # of the contract, until the warranty ends
_NOTES = {_NOT: "contract amount less milestones",
          UNTRACKED: "contracts without any row in payments: what is due and received is not "
          "known"}  # fmt: skip


def cash_by_milestone(
    line: ProjectLine, payments: pd.DataFrame, settings: ProjectsSettings, as_of: date
) -> pd.DataFrame:
    """
    Give the milestones of each contract that is signed.

    Due, received and overdue are those of the project line of step 06, split by milestone; what
    the milestones leave of the contract amount is one more row, so that ``due_amount`` of a
    project adds up to its contract amount to the cent. A contract without any payment has one row,
    whose amounts due and received are blank.

    Parameters
    ----------
    line
        From ``planlib.pipeline.movement.read_projects``.
    payments
        Table ``payments``.
    settings
        Limits of the classes of age.
    as_of
        Day until which money counts.

    Returns
    -------
    DataFrame
        Table ``project_cash``; a project whose milestones ask for more than the contract has a
        negative amount that is not scheduled.
    """
    day = pd.Timestamp(as_of)
    paid = table("payments").conform(payments)
    signed = line.projects[line.projects["contract_cents"].notna()].set_index("project_id")
    paid = paid[paid["project_id"].isin(signed.index)]
    received = known(to_cents(paid["received_amount"])).where(
        (paid["received_date"] <= day).fillna(False).astype(bool), 0
    )
    due = known(to_cents(paid["due_amount"]))
    over = overdue_cents(paid, received, day)
    facts = pd.DataFrame(
        {
            "project_id": paid["project_id"],
            "milestone": paid["milestone"].fillna("other"),
            "due": due,
            "due_now": due.where((paid["due_date"] <= day).fillna(False).astype(bool), 0),
            "received": received,
            "overdue": over,
            "due_date": paid["due_date"],
            "received_date": paid["received_date"].where(received > 0),
            "late_date": paid["due_date"].where(over > 0),
        }
    )
    rows = facts.groupby(["project_id", "milestone"], as_index=False).agg(
        **{name: (name, "sum") for name in _SUMS},
        due_date=("due_date", "min"),
        received_date=("received_date", "max"),
        late_date=("late_date", "min"),
    )
    rows = pd.concat([rows, _left(rows, signed)], ignore_index=True)
    days = (day - rows["late_date"]).dt.days.astype("float64")
    order = rows["milestone"].map({one: place for place, one in enumerate(MILESTONES)})
    rows = rows.assign(
        name=rows["project_id"].map(signed["name"]),
        account_id=rows["project_id"].map(signed["account_id"]),
        milestone_order=order,
        overdue_days=days,
        age_class=_classes(days, settings),
        **{f"{name}_amount": from_cents(rows[name]) for name in _SUMS},
    )
    return rows.sort_values(["project_id", "milestone_order"], ignore_index=True).drop(
        columns=[*_SUMS, "late_date"]
    )


def _left(rows: pd.DataFrame, signed: pd.DataFrame) -> pd.DataFrame:
    """Give what no milestone asks for, where that is not zero."""
    asked = rows.groupby("project_id")["due"].sum().reindex(signed.index, fill_value=0)
    left = signed["contract_cents"].astype("int64") - asked
    known = signed.index.isin(rows["project_id"])
    kept = (left != 0) | ~known
    left, known = left[kept], known[kept]
    none = pd.Series(0, index=range(len(left)), dtype="Int64").where(known)
    return pd.DataFrame(
        {
            "project_id": left.index,
            "milestone": pd.Series(_NOT, index=range(len(left))).where(known, UNTRACKED),
            "due": left.to_numpy(),
            "due_now": none,
            "received": none,
            "overdue": none,
            "due_date": pd.Series(pd.NaT, index=range(len(left)), dtype="datetime64[us]"),
            "received_date": pd.Series(pd.NaT, index=range(len(left)), dtype="datetime64[us]"),
            "late_date": pd.Series(pd.NaT, index=range(len(left)), dtype="datetime64[us]"),
        }
    )


def age_classes(settings: ProjectsSettings) -> list[str]:
    """
    Name the classes of age.

    Examples
    --------
    >>> age_classes(ProjectsSettings(ageing_days=(30, 90)))
    ['1 to 30 days', '31 to 90 days', 'over 90 days']
    """
    limits = settings.ageing_days
    starts = [1, *(one + 1 for one in limits[:-1])]
    inner = [f"{low} to {high} days" for low, high in zip(starts, limits, strict=True)]
    return [*inner, f"over {limits[-1]} days"]


def _classes(days: pd.Series, settings: ProjectsSettings) -> pd.Series:
    edges = [0, *settings.ageing_days, float("inf")]
    return pd.cut(days, edges, labels=age_classes(settings)).astype("str").where(days.notna())


def cash_totals(cash: pd.DataFrame, settings: ProjectsSettings) -> pd.DataFrame:
    """
    Add the money of all contracts up: in total, by milestone, and what is overdue by age.

    Parameters
    ----------
    cash
        From ``cash_by_milestone``.
    settings
        Classes of age.

    Returns
    -------
    DataFrame
        Table ``project_cash_totals``. The milestones add up to the total, and so do the ages.
    """
    amounts = [f"{name}_amount" for name in _SUMS]
    whole = "contract amounts of signed projects"
    if (cash["milestone"] == UNTRACKED).any():
        whole += "; due, received and overdue of those with payments alone"
    lines = [_total("total", "all contracts", 0, cash, whole)]
    for order, milestone in enumerate(MILESTONES):
        mine = cash[cash["milestone"] == milestone]
        if len(mine):
            note = _NOTES.get(milestone, "milestone")
            lines.append(_total("milestone", _WORDS.get(milestone, milestone), order, mine, note))
    for order, name in enumerate(age_classes(settings)):
        mine = cash[cash["age_class"] == name]
        line = _total("age", name, order, mine, "overdue, by days since the due date")
        lines.append({**line, **dict.fromkeys(amounts[:3])})
    return pd.DataFrame(lines)


def _total(topic: str, item: str, order: int, rows: pd.DataFrame, note: str) -> dict[str, object]:
    sums = {f"{name}_amount": _sum(rows[f"{name}_amount"]) for name in _SUMS}
    return {"topic": topic, "item": item, "item_order": order,
            "project_count": rows["project_id"].nunique(), **sums, "note": note}  # fmt: skip


def _sum(amounts: pd.Series) -> float | None:
    """Add amounts up to the cent; where none is known, neither is the sum, but no rows are zero."""
    if len(amounts) and amounts.isna().all():
        return None
    return int(known(to_cents(amounts)).sum()) / 100


def tracked_total(totals: pd.DataFrame) -> tuple[float, pd.Series | None]:
    """
    Give the contract amounts whose payments are on record, and the row of those that have none.

    Parameters
    ----------
    totals
        Table ``project_cash_totals``, not empty.
    """
    whole = totals.loc[totals["topic"] == "total", "due_amount"].iloc[0]
    bare = totals[totals["item"] == UNTRACKED]
    if bare.empty:
        return float(whole), None
    return round(float(whole) - float(bare["due_amount"].iloc[0]), 2), bare.iloc[0]


def check_payments(line: ProjectLine, payments: pd.DataFrame) -> list[dict[str, object]]:
    """Name payments that cannot be placed: no contract, amount or day, more than the contract."""
    rows = line.projects.set_index("project_id")
    signed = rows["contract_cents"].dropna()
    asked = known(to_cents(payments["due_amount"])).groupby(payments["project_id"]).sum()
    over = asked[asked > signed.reindex(asked.index)].index
    blank = payments["due_amount"].isna()
    keys = [payments["project_id"], payments["milestone"].fillna("other")]
    further = blank & (payments["received_amount"] > 0)
    further &= (~blank).groupby(keys).transform("any")
    checks = [
        (~payments["project_id"].isin(rows.index), "project_id", "no such project: left out"),
        (payments["project_id"].isin(rows.index) & ~payments["project_id"].isin(signed.index),
         "project_id", "the project has no signed contract: left out"),
        (further, "due_amount",
         "not given: what was received goes to the other payments of the milestone"),
        (blank & ~further, "due_amount", "not given: nothing is due for it"),
        (payments["due_date"].isna() & ~further, "due_date",
         "not given: never due, never overdue"),
        (payments["received_amount"].notna() & payments["received_date"].isna(), "received_date",
         "money without a day: not counted as received"),
        ((payments["received_amount"] > payments["due_amount"]).fillna(False), "received_amount",
         "more than is due: nothing is overdue for it, the rest is not set against other ones"),
        (payments["project_id"].isin(over), "due_amount",
         "milestones of the project ask for more than its contract: the rest is negative"),
    ]  # fmt: skip
    found: list[dict[str, object]] = []
    for holds, column, text in checks:
        for row in payments[holds].to_dict("records"):
            value = row[column]
            found.append({
                "table": "payments", "row_id": str(row["payment_id"]), "column": column,
                "value": None if pd.isna(value) else str(value), "finding": text,
                "amount": row["due_amount"],
            })  # fmt: skip
    return found
