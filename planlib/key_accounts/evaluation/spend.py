"""Money put into key accounts: projects by the year of the decision, accounts by the day."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.key_accounts.findings import all_findings, finding, rows_found, written
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import to_cents
from planlib.tables import table


def project_spend(
    projects: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    first: pd.Timestamp,
    last: pd.Timestamp,
) -> pd.DataFrame:
    """
    Give what was put in to win each project that was decided in a span.

    The input cost of a project has no day of its own, so it counts on the day of the decision: the
    contract, else the close of its opportunity. Lost projects count as won ones do; open ones do
    not count yet.

    Parameters
    ----------
    projects
        ``account_id``, ``opportunity_id``, ``contract_date``, ``status``, ``input_cost_amount``,
        or None.
    opportunities
        ``close_date`` and ``is_closed`` by ``opportunity_id``, or None.
    first, last
        Decided after the first day, until the last one.

    Returns
    -------
    DataFrame
        ``account_id``, ``cents`` (NA: no input cost is recorded) of each project.
    """
    rows = table("projects").coerce(projects)
    deals = table("opportunities").or_empty(opportunities)
    over = deals[deals["is_closed"].fillna(False).astype(bool)]
    closed = over.drop_duplicates("opportunity_id").set_index("opportunity_id")["close_date"]
    is_open = rows["status"].fillna("").str.casefold().eq("open")
    decided = rows["contract_date"].fillna(look_up(rows["opportunity_id"], closed).mask(is_open))
    inside = (decided > first) & (decided <= last)
    rows = rows[inside.fillna(False) & rows["account_id"].notna()]
    return pd.DataFrame(
        {"account_id": rows["account_id"], "cents": to_cents(rows["input_cost_amount"])}
    ).reset_index(drop=True)


def spend_on_accounts(
    account_spend: pd.DataFrame | None,
    projects: pd.DataFrame | None,
    first: pd.Timestamp,
    last: pd.Timestamp,
) -> pd.DataFrame:
    """
    Give what was spent on accounts in a span.

    Parameters
    ----------
    account_spend
        Table ``account_spend``, or None.
    projects
        ``project_id``, ``input_cost_amount``, or None.
    first, last
        Spent after the first day, until the last one.

    Returns
    -------
    DataFrame
        ``account_id``, ``cents``, ``approver_id``, ``is_held``: the row names a project whose
        input cost is recorded, so that adding both would count the money twice.
    """
    rows = table("account_spend").coerce(account_spend)
    rows = rows[((rows["spend_date"] > first) & (rows["spend_date"] <= last)).fillna(False)]
    held = rows["project_id"].isin(_costed(projects)["project_id"])
    return pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "cents": to_cents(rows["amount"]),
            "approver_id": rows["approver_id"],
            "is_held": held,
        }
    ).reset_index(drop=True)


def check_spend(
    account_spend: pd.DataFrame | None, projects: pd.DataFrame | None, as_of: date
) -> pd.DataFrame:
    """
    Name spend that does not fit a project, that a project holds already, or that is no cost.

    Parameters
    ----------
    account_spend, projects
        Input tables, or None.
    as_of
        Later rows do not count.

    Returns
    -------
    DataFrame
        Table ``key_account_findings``: money for another account's project, of a later day, paid
        back (below 0) or of nothing. Spend that projects hold is one row with its sum and the
        first project: it is no mistake, but not a part of the cost.
    """
    rows = table("account_spend").coerce(account_spend)
    rows = rows.assign(row_id=rows["spend_id"])
    known = table("projects").coerce(projects).drop_duplicates("project_id").set_index("project_id")
    of = look_up(rows["project_id"], known["account_id"])
    other = rows[(of.notna() & (of != rows["account_id"])).fillna(False)]
    late = rows[(rows["spend_date"] > pd.Timestamp(as_of)).fillna(False)]
    amounts = rows.assign(value=written(rows["amount"], "{:,.2f}"))
    costed = _costed(projects)
    held = rows[rows["project_id"].isin(costed["project_id"])]
    ids = sorted(held["project_id"].unique())
    cents = int(to_cents(held["amount"]).sum())
    found = all_findings([])
    if ids:
        found = finding(
            "spend that a project holds", "account_spend", ids[0], "project_id",
            f"{cents / 100:,.2f} in {len(held)} rows of {len(ids)} projects",
            allowed="no input_cost_amount with the project, or no project in the row",
            effect="not added to the cost: the input cost of the project holds it",
        )  # fmt: skip
    return all_findings(
        [
            rows_found("spend on another account's project", "account_spend",
                       other.assign(value=other["project_id"]), "project_id",
                       allowed="a project of the account of the row",
                       effect="counts with the account of the row"),
            rows_found("spend of a later day", "account_spend",
                       late.assign(value=late["spend_date"].dt.strftime("%Y-%m-%d")), "spend_date",
                       allowed=f"a day until {as_of}", effect="does not count"),
            rows_found("spend below 0", "account_spend", amounts[rows["amount"] < 0], "amount",
                       allowed="above 0, or below 0 for money paid back",
                       effect="counts as paid back: lowers the cost of the account"),
            rows_found("spend of 0", "account_spend", amounts[rows["amount"] == 0], "amount",
                       allowed="above 0, or below 0 for money paid back",
                       effect="no effect: nothing was spent"),
            found,
        ]
    )  # fmt: skip


def _costed(projects: pd.DataFrame | None) -> pd.DataFrame:
    rows = table("projects").coerce(projects)
    return rows[rows["input_cost_amount"].notna()]
