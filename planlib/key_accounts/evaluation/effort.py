"""Hours, money, cost and return of the work on key accounts, and effort against score."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.hygiene.activities import by_persons
from planlib.key_accounts.evaluation.spend import project_spend, spend_on_accounts
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, to_cents
from planlib.settings.evaluation import EvaluationSettings
from planlib.tables import table

ALL = "all"
_NORMAL = 1.96  # two-sided 95 %
#: What is said of the cost, by whether projects and whether account_spend are missing.
_LACKING = {
    (False, False): "",
    (True, False): "no projects: the money put into them is not known and not in the cost",
    (False, True): "no account_spend: money spent on the account apart from projects is not known "
    "and not in the cost",
    (True, True): "no projects and no account_spend: money put in is not known, cost is that of "
    "the hours alone",
}


def work_hours(
    activities: pd.DataFrame | None,
    settings: EvaluationSettings,
    last: pd.Timestamp,
    *,
    reps: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give hours and cost of each activity by hand in the twelve months until a day.

    Hours are the logged minutes, at least the stated hours of that kind of activity, since travel
    and preparation are not logged; cost is hours x the stated cost per hour of the person's role.

    Returns
    -------
    DataFrame
        ``account_id``, ``rep_id``, ``hours``, ``cost``.
    """
    rows = table("activities").or_empty(activities)
    first = last - pd.DateOffset(years=1)
    rows = by_persons(rows[(rows["activity_date"] > first) & (rows["activity_date"] <= last)])
    stated = rows["activity_type"].map(settings.hours_per_contact).astype("float64").fillna(0.0)
    hours = np.maximum(rows["minutes"].fillna(0.0) / 60, stated)
    people = table("reps").or_empty(reps)
    role = rows["rep_id"].map(people.drop_duplicates("rep_id").set_index("rep_id")["role"])
    rate = role.map(settings.cost_per_hour).astype("float64")
    rate = rate.fillna(settings.cost_per_hour["default"])
    return pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "rep_id": rows["rep_id"],
            "hours": hours,
            "cost": hours * rate.astype("float64"),
        }
    )


def key_account_returns(
    keys: pd.DataFrame,
    settings: EvaluationSettings,
    as_of: date,
    *,
    account_spend: pd.DataFrame | None = None,
    activities: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
    projects: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Set the cost of a year's work against the margin won in the year that follows by a lag.

    Cost has three parts: hours of the twelve months until ``lag_months`` before the as-of date, at
    stated costs; money spent on the account in the same months (``account_spend``), without what
    the input cost of a project holds; and the money put into the projects that were decided, won
    or lost, in the twelve months until the as-of date (``projects.input_cost_amount``). Margin is
    of the latter twelve months: amount x margin share of the deal's product. Margin comes in few
    deals, so chance alone moves it: with deals arriving at random (compound Poisson) the variance
    of the sum is the sum of the squared margins, which gives the interval.

    Parameters
    ----------
    keys
        ``account_id`` of the key accounts.
    settings
        Hours, cost per hour, lag, ``minimum_wins``.
    as_of
        As-of date.
    account_spend, activities, opportunities, products, projects, reps
        Input tables; without activities there is no cost, without opportunities and products no
        margin, without projects or account_spend that part of the money is not known and cost is
        that of the rest; the reason says so.

    Returns
    -------
    DataFrame
        Table ``key_account_returns``; the row of account ``all`` is the sum.
    """
    last = pd.Timestamp(as_of)
    until = last - pd.DateOffset(months=settings.lag_months)
    work = work_hours(activities, settings, until, reps=reps)
    work = work[work["account_id"].isin(keys["account_id"])]
    spent = spend_on_accounts(account_spend, projects, until - pd.DateOffset(years=1), until)
    spent = spent[spent["account_id"].isin(keys["account_id"]) & ~spent["is_held"]]
    margin = _margins(keys, opportunities, products, last)
    spend = project_spend(projects, opportunities, last - pd.DateOffset(years=1), last)
    spend = spend[spend["account_id"].isin(keys["account_id"])]
    ids = [*sorted(keys["account_id"]), ALL]
    found = _year_sums(_and_all(work), _and_all(spend), _and_all(spent), _and_all(margin), ids)
    return table("key_account_returns").check(
        _with_ratios(
            found.assign(is_grey=found["wins_count"] < settings.minimum_wins),
            no_work=activities is None, no_projects=projects is None,
            no_spend=account_spend is None, no_margin=opportunities is None or products is None,
        )
    )  # fmt: skip


def _and_all(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of accounts, and once more for all accounts together."""
    return pd.concat([rows, rows.assign(account_id=ALL)])


def _year_sums(
    work: pd.DataFrame, spend: pd.DataFrame, spent: pd.DataFrame, margin: pd.DataFrame,
    ids: list[str],
) -> pd.DataFrame:  # fmt: skip
    """Add up hours, money put into projects, money spent and margin won by account."""
    by_spend, on_accounts = (rows.groupby("account_id")["cents"] for rows in (spend, spent))
    known = margin[margin["cents"].notna()].assign(
        square=lambda frame: (frame["cents"].astype("float64") / 100) ** 2
    )
    total = known.groupby("account_id")["cents"].sum().reindex(ids, fill_value=0)
    spread = _NORMAL * np.sqrt(known.groupby("account_id")["square"].sum().reindex(ids).fillna(0))
    hours = work.groupby("account_id")["hours"].sum().reindex(ids).fillna(0.0)
    cost = work.groupby("account_id")["cost"].sum().reindex(ids).fillna(0.0).round(2)
    put_in = from_cents(by_spend.sum().reindex(ids, fill_value=0).astype("Int64"))
    costed = by_spend.count().reindex(ids, fill_value=0)
    wins = margin["account_id"].value_counts().reindex(ids).fillna(0)
    priced = known["account_id"].value_counts().reindex(ids).fillna(0)
    return pd.DataFrame(
        {
            "account_id": ids,
            "hours": hours.to_numpy(),
            "hours_cost_amount": cost.to_numpy(),
            "spend_amount": put_in.to_numpy(dtype="float64"),
            "projects_count": costed.to_numpy(),
            "uncosted_count": (by_spend.size().reindex(ids, fill_value=0) - costed).to_numpy(),
            "account_spend_amount": from_cents(
                on_accounts.sum().reindex(ids, fill_value=0).astype("Int64")
            ).to_numpy(dtype="float64"),
            "margin_amount": from_cents(total.astype("Int64")).to_numpy(dtype="float64"),
            "wins_count": wins.to_numpy(),
            "unpriced_count": (wins - priced).to_numpy(),
            "spread": spread.to_numpy(),
        }
    )


def effort_against_score(
    keys: pd.DataFrame,
    settings: EvaluationSettings,
    as_of: date,
    *,
    account_spend: pd.DataFrame | None = None,
    activities: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Compare the hours and the money that each key account got with its share of all scores.

    Parameters
    ----------
    keys
        ``account_id``, ``rep_id``, ``score``.
    settings
        ``effort_low``, ``effort_high``, hours.
    as_of
        Last day of the twelve months.
    account_spend, activities, reps
        Input tables, or None.

    Returns
    -------
    DataFrame
        Table ``effort_against_score``. Fair hours share all hours of scored key accounts by score,
        fair spend all money; the balance is that of the hours.
    """
    last = pd.Timestamp(as_of)
    work = work_hours(activities, settings, last, reps=reps)
    work = work[work["account_id"].isin(keys["account_id"])]
    spent = spend_on_accounts(account_spend, None, last - pd.DateOffset(years=1), last)
    rows = keys[["account_id", "rep_id", "score"]].sort_values("account_id", ignore_index=True)
    by_account = work.groupby("account_id")
    hours = rows["account_id"].map(by_account["hours"].sum()).astype("float64").fillna(0.0)
    people = rows["account_id"].map(by_account["rep_id"].nunique()).astype("float64").fillna(0)
    scored = rows["score"].where(rows["score"] > 0)
    fair = hours[scored.notna()].sum() * scored / scored.sum()
    ratio = hours / fair.where(fair > 0)
    balance = pd.Series("in line", index=rows.index)
    balance = balance.mask(ratio < settings.effort_low, "too little")
    balance = balance.mask(ratio > settings.effort_high, "too much")
    blind = activities is None or not hours.sum()
    reason = pd.Series("", index=rows.index).mask(scored.isna(), "the account has no score")
    if blind:
        reason[:] = "no activities of key accounts in the twelve months"
    unknown = ratio.isna() | blind
    cents = spent.groupby("account_id")["cents"].sum().astype("Int64")
    money = from_cents(look_up(rows["account_id"], cents).fillna(0)).astype("float64")
    money = money.mask(pd.Series(account_spend is None, index=rows.index))
    fair_money = (money[scored.notna()].sum() * scored / scored.sum()).where(money.notna())
    return table("effort_against_score").check(
        rows.assign(
            hours=hours.mask(pd.Series(blind, index=rows.index)),
            people_count=people,
            fair_hours=fair,
            effort_ratio=ratio.mask(unknown),
            spend_amount=money,
            fair_spend_amount=fair_money,
            spend_ratio=money / fair_money.where(fair_money > 0),
            balance=balance.mask(unknown, "not known"),
            reason=reason,
        )
    )


def _margins(
    keys: pd.DataFrame,
    opportunities: pd.DataFrame | None,
    products: pd.DataFrame | None,
    last: pd.Timestamp,
) -> pd.DataFrame:
    """Give the margin of each deal won in the twelve months, in cents; NA: not known."""
    deals = table("opportunities").or_empty(opportunities)
    won = deals[deals["is_won"].fillna(False).astype(bool)]
    first = last - pd.DateOffset(years=1)
    won = won[(won["close_date"] > first) & (won["close_date"] <= last)]
    won = won[won["account_id"].isin(keys["account_id"])]
    goods = table("products").or_empty(products)
    share = goods.drop_duplicates("product_id").set_index("product_id")["margin_share"]
    amount = won["amount"] * look_up(won["product_id"], share)
    return pd.DataFrame({"account_id": won["account_id"], "cents": to_cents(amount)})


def _with_ratios(
    found: pd.DataFrame, *, no_work: bool, no_projects: bool, no_spend: bool, no_margin: bool
) -> pd.DataFrame:
    """Add the costs up and set them against the margin; what is not known is blank."""
    if no_work:
        found = found.assign(hours=np.nan, hours_cost_amount=np.nan)
    if no_projects:
        found = found.assign(spend_amount=np.nan, projects_count=None, uncosted_count=None)
    if no_spend:
        found = found.assign(account_spend_amount=np.nan)
    if no_margin:
        found = found.assign(margin_amount=np.nan, spread=np.nan)
    hours = found["hours_cost_amount"].where(found["hours_cost_amount"] > 0)
    money = found[["spend_amount", "account_spend_amount"]].fillna(0.0).sum(axis=1)
    found = found.assign(cost_amount=found["hours_cost_amount"] + money)
    cost = found["cost_amount"].where(hours.notna())
    paid_back = (cost <= 0).fillna(False)
    cost = cost.mask(paid_back)
    least = found["margin_amount"].clip(upper=0.0)  # margin is not below 0 unless deals lose money
    low = (found["margin_amount"] - found["spread"]).clip(lower=least)
    high = found["margin_amount"] + found["spread"]
    reason = pd.Series(_LACKING[no_projects, no_spend], index=found.index)
    reason = reason.mask(found["wins_count"] == 0, "no deal was won in the twelve months")
    reason = reason.mask(hours.isna(), "no hours are logged in the twelve months of the work")
    reason = reason.mask(paid_back, "as much was paid back as the work cost, or more")
    if no_margin:
        reason[:] = "no opportunities with products and margin shares"
    if no_work:
        reason[:] = "no activities: hours are not known"
    return found.drop(columns="spread").assign(
        low_amount=low,
        high_amount=high,
        return_ratio=found["margin_amount"] / cost,
        low=low / cost,
        high=high / cost,
        reason=reason,
    )
