"""The project line: from opportunity to contract to cash, project by project."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from planlib.pipeline.money import from_cents, known, to_cents
from planlib.pipeline.movement.cells import value_of
from planlib.tables import table

#: States of a project that was won.
WON = ("won", "delivered", "closed")
_MONEY = ("collected", "due", "overdue", "retention_due", "retention_received")


@dataclass(frozen=True, kw_only=True)
class ProjectLine:
    """
    Projects with their money and their days.

    Parameters
    ----------
    projects
        One row per project, see ``read_projects``.
    notes
        What is missing and what that leaves blank, by topic.
    """

    projects: pd.DataFrame
    notes: dict[str, str] = field(default_factory=dict)


def read_projects(
    projects: pd.DataFrame,
    payments: pd.DataFrame | None,
    deals: pd.DataFrame,
    as_of: date,
) -> ProjectLine:
    """
    Put every project beside its opportunity and its payments.

    Parameters
    ----------
    projects
        Table ``projects``.
    payments
        Table ``payments``, or None.
    deals
        Prepared deals, for the day the opportunity was created and its amount.
    as_of
        Day until which money and deliveries count.

    Returns
    -------
    ProjectLine
        Per project: ``outcome`` (won, lost, open); ``contract_cents`` (signed until the as-of
        date), ``collected_cents`` (received until then), ``due_cents`` (due until then),
        ``overdue_cents`` (due before the as-of date and not received), ``outstanding_cents``
        (contract less collected), ``margin_cents``, ``input_cents``, ``lost_cents`` (amount of
        the lost opportunity); ``to_contract_days``, ``to_delivery_days``, ``to_cash_days``,
        ``whole_days`` (opportunity to cash) with ``is_delivered`` and ``is_paid``;
        ``delay_days`` (delivered after the promised day), ``late_days`` (promised day passed, not
        delivered). Money that is not known is missing, not zero: of a contract without any row in
        ``payments`` nobody knows what is due and received.
    """
    rows = table("projects").conform(projects)
    rows = rows.sort_values("project_id", ignore_index=True)
    day = pd.Timestamp(as_of)
    of_deal = deals.drop_duplicates("opportunity_id").set_index("opportunity_id")
    deal = rows["opportunity_id"]
    rows = rows.assign(
        outcome=_outcome(rows),
        owner_id=value_of(deal, of_deal["owner_id"]),
        account_id=rows["account_id"].fillna(value_of(deal, of_deal["account_id"])),
        created_date=value_of(deal, of_deal["created_date"]),
        stated_cents=to_cents(rows["contract_amount"]),
        input_cents=to_cents(rows["input_cost_amount"]),
        deal_cents=to_cents(value_of(deal, of_deal["amount"])),
    )
    signed = (rows["outcome"] == "won") & ~(rows["contract_date"] > day)
    rows = rows.assign(contract_cents=rows["stated_cents"].where(signed))
    rows = rows.assign(
        margin_cents=(rows["contract_cents"] * rows["margin_share"].astype("Float64"))
        .round()
        .astype("Int64"),
        lost_cents=rows["stated_cents"].fillna(rows["deal_cents"]).where(rows["outcome"] == "lost"),
    )
    notes = {}
    if payments is None or payments.empty:
        notes["collected, outstanding, overdue, days to cash"] = (
            "table payments is missing: one row per milestone with due and received amount and day"
        )
    rows = rows.merge(_money(payments, day), "left", "project_id")
    for name in _MONEY:
        cents = rows[f"{name}_cents"].astype("Int64")
        rows[f"{name}_cents"] = cents.where(rows["contract_cents"].notna())
    notes = notes or _without_payments(rows)
    rows = rows.assign(outstanding_cents=rows["contract_cents"] - rows["collected_cents"])
    if rows["delivered_date"].isna().all():
        notes["delivery"] = "projects.delivered_date is blank in every row"
    return ProjectLine(projects=_days(rows, day), notes=notes | _linked(rows, of_deal))


def _without_payments(rows: pd.DataFrame) -> dict[str, str]:
    """Say how many signed contracts have no row in the table of payments."""
    signed = rows["contract_cents"].notna()
    alone = int((signed & rows["collected_cents"].isna()).sum())
    if not alone:
        return {}
    return {
        "contracts without payments": f"{alone} of {int(signed.sum())} signed contracts have no "
        "row in payments: what is due and received of them is not known, and shares and days to "
        "the cash leave them out"
    }


def _outcome(rows: pd.DataFrame) -> pd.Series:
    status = rows["status"].astype("str")
    outcome = pd.Series("open", index=rows.index, dtype="str")
    outcome = outcome.mask(status.isna() & rows["contract_date"].notna(), "won")
    return outcome.mask(status.isin(WON), "won").mask(status == "lost", "lost")


def overdue_cents(paid: pd.DataFrame, received: pd.Series, day: pd.Timestamp) -> pd.Series:
    """
    Give what is overdue of each payment, in cents.

    A further payment of a milestone stands in a row that asks for nothing: what came with it goes
    to the other rows of the milestone, the earliest due first. What a row received beyond its own
    amount is not set against others.

    Parameters
    ----------
    paid
        Table ``payments``.
    received
        Cents received until the day, by row.
    day
        Overdue is what was due before it.
    """
    asked = known(to_cents(paid["due_amount"]))
    keys = [paid["project_id"], paid["milestone"].fillna("other")]
    further = received.where(asked == 0, 0).groupby(keys).transform("sum")
    order = paid.sort_values(["due_date", "payment_id"]).index
    lack = (asked - received).clip(lower=0).loc[order]
    before = lack.groupby([key.loc[order] for key in keys]).cumsum() - lack
    settled = (further.loc[order] - before).clip(lower=0)
    left = (lack - settled).clip(lower=0).reindex(paid.index)
    return left.where((paid["due_date"] < day).fillna(False).astype(bool), 0)


def _money(payments: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame:
    """Add up the payments of each project until a day."""
    paid = table("payments").conform(payments)
    is_in = (paid["received_date"] <= day).fillna(False).astype(bool)
    received = known(to_cents(paid["received_amount"])).where(is_in, 0)
    asked = known(to_cents(paid["due_amount"]))
    is_due = (paid["due_date"] <= day).fillna(False).astype(bool)
    kept = paid["milestone"] == "retention"
    facts = pd.DataFrame(
        {
            "project_id": paid["project_id"],
            "collected_cents": received,
            "due_cents": asked.where(is_due, 0),
            "overdue_cents": overdue_cents(paid, received, day),
            "retention_due_cents": asked.where(is_due & kept, 0),
            "retention_received_cents": received.where(is_due & kept, 0),
        }
    )
    sums = facts.groupby("project_id").sum()
    last = paid["received_date"].where(is_in).groupby(paid["project_id"]).max()
    return sums.assign(last_cash_date=last).reset_index()


def _days(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Give the days between opportunity, contract, delivery and the last of the cash."""
    delivered = rows["delivered_date"].where(rows["delivered_date"] <= day)
    signed = rows["contract_date"].where(rows["contract_date"] <= day)
    is_paid = (rows["collected_cents"] >= rows["contract_cents"]).fillna(False).astype(bool)
    is_paid &= rows["contract_cents"].fillna(0) > 0
    cash = rows["last_cash_date"].where(is_paid, day)
    return rows.assign(
        is_delivered=delivered.notna(),
        is_paid=is_paid,
        to_contract_days=_between(rows["created_date"], signed),
        to_delivery_days=_between(signed, delivered.fillna(day)),
        to_cash_days=_between(signed, cash),
        whole_days=_between(rows["created_date"].where(signed.notna()), cash),
        delay_days=(delivered - rows["due_date"]).dt.days.astype("float64"),
        late_days=(day - rows["due_date"])
        .dt.days.where((rows["due_date"] < day) & delivered.isna() & signed.notna())
        .astype("float64"),
    )


def _between(first: pd.Series, last: pd.Series) -> pd.Series:
    """Give the days between two dates; a second one before the first is a wrong date."""
    days = (last - first).dt.days.astype("float64")
    return days.where(days >= 0, np.nan)


def _linked(rows: pd.DataFrame, of_deal: pd.DataFrame) -> dict[str, str]:
    alone = int((~rows["opportunity_id"].isin(of_deal.index)).sum())
    if not alone:
        return {}
    return {
        "projects without opportunity": f"{alone} of {len(rows)} projects name no opportunity of "
        "the deals table; their days to contract and lost amounts are not known"
    }


def project_table(line: ProjectLine) -> pd.DataFrame:
    """Give the projects as rows of table ``project_line``, largest outstanding amount first."""
    rows = line.projects
    money = {
        f"{name}_amount": from_cents(rows[f"{name}_cents"])
        for name in ("contract", "collected", "due", "overdue", "outstanding", "margin")
    }
    names = ["project_id", "opportunity_id", "account_id", "name", "stage", "outcome", "status",
             "contract_date", "delivered_date", "margin_share", "loss_cause", "is_delivered",
             "delay_days", "late_days", "to_contract_days"]  # fmt: skip
    unknown = rows["contract_cents"].notna() & rows["collected_cents"].isna()
    cost = from_cents(rows["input_cents"])
    open_days = ["to_delivery_days", "to_cash_days", "whole_days"]
    done = [rows["is_delivered"], rows["is_paid"], rows["is_paid"]]
    days = {name: rows[name].where(over) for name, over in zip(open_days, done, strict=True)}
    found = rows[names].assign(
        promised_date=rows["due_date"],
        input_cost_amount=cost,
        **money,
        **days,
        is_paid=rows["is_paid"].astype("boolean").mask(unknown),
    )
    first = found["outstanding_amount"].fillna(-1.0)
    return found.assign(first=first).sort_values(
        ["first", "project_id"], ascending=[False, True], ignore_index=True
    ).drop(columns="first")  # fmt: skip
