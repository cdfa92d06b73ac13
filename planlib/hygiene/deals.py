"""Rules of data rigour for open deals: each is evaluated only where its columns exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.hygiene.context import FEWEST, Context, Found
from planlib.hygiene.moves import Moves
from planlib.notes import percent

_SHIFT = 0.5  # half a day, so that whole days compare safely


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: name, meaning with thresholds, and the function; None says what is missing."""

    name: str
    meaning: str
    find: Callable[[Context], Found | str]


def _text(context: Context, text: str) -> pd.Series:
    return pd.Series(text, index=context.open.index, dtype="str")


def _all(context: Context) -> pd.Series:
    return pd.Series(True, index=context.open.index)


def _missing(column: str, text: str) -> Callable[[Context], Found | str]:
    """Make a rule that flags deals in which a column is blank."""

    def find(context: Context) -> Found | str:
        if not context.has(column):
            return column
        return Found(
            checked=_all(context), flagged=context.open[column].isna(), detail=_text(context, text)
        )

    return find


def _days_since(context: Context, column: str) -> pd.Series:
    days: pd.Series = (context.day - context.open[column]).dt.days
    return days


def _close_date_past(context: Context) -> Found | str:
    if not context.has("close_date"):
        return "close_date"
    late = _days_since(context, "close_date")
    return Found(
        checked=late.notna(),
        flagged=late > 0,
        detail=late.astype("Int64").astype("str") + " days past its close date",
    )


def _close_date_unchanged(context: Context) -> Found | str:
    if context.moves is None:
        return "opportunity_history"
    if context.moves.close_date_set.empty:
        return "close_date in opportunity_history"
    last = context.open["opportunity_id"].map(context.moves.close_date_set)
    age = (context.day - last).dt.days
    limit = context.settings.close_date_unchanged_days
    return Found(
        checked=age.notna(),
        flagged=age > limit,
        detail="close date unchanged for " + age.astype("Int64").astype("str") + " days",
    )


def _next_step_old(context: Context) -> Found | str:
    if not context.has("next_step_date"):
        return "next_step_date"
    age = _days_since(context, "next_step_date")
    return Found(
        checked=age.notna(),
        flagged=age > context.settings.next_step_days,
        detail="next step unchanged for " + age.astype("Int64").astype("str") + " days",
    )


def _amount_missing(context: Context) -> Found | str:
    if not context.has("amount"):
        return "amount"
    amount = context.open["amount"]
    return Found(
        checked=_all(context),
        flagged=amount.isna() | (amount <= 0),
        detail=_text(context, "no amount"),
    )


def _amount_default(context: Context) -> Found | str:
    if not context.has("amount"):
        return "amount"
    amount = context.open["amount"]
    known = amount.notna() & (amount > 0)
    estimated = pd.Series(False, index=amount.index)
    if context.has("is_amount_estimated"):
        estimated = context.open["is_amount_estimated"].fillna(False).astype(bool)
    if len(amount) >= FEWEST and estimated.all():
        return "amount of its own, every open deal's is estimated"
    counts = amount[known & ~estimated].value_counts()
    least = max(FEWEST, context.settings.default_amount_share * known.sum())
    defaults = counts[counts >= least].index
    common = amount.isin(defaults)
    if context.has("product_id"):  # a list price that many deals share is no default
        same = context.deals.groupby(["product_id"])["amount"].transform("nunique") == 1
        common &= ~same.reindex(amount.index).fillna(False)
    detail = amount.map("{:,.0f} is the amount of many deals".format)
    detail = detail.mask(estimated, "amount estimated, such as list price").astype("str")
    return Found(checked=known, flagged=known & (common | estimated), detail=detail)


def _single_contact(context: Context) -> Found | str:
    if not context.has("contact_count"):
        return "contact_count"
    large = (
        context.open.get("amount", pd.Series(np.nan, index=context.open.index))
        >= context.settings.single_contact_amount
    )
    count = context.open["contact_count"]
    known = count.notna() & large
    return Found(
        checked=known,
        flagged=known & count.le(1).fillna(False).astype(bool),
        detail=count.astype("str") + " contacts",
    )


def _no_contact(context: Context) -> Found | str:
    if not context.has("contact_count"):
        return "contact_count"
    count = context.open["contact_count"]
    return Found(
        checked=count.notna(),
        flagged=count.eq(0).fillna(False).astype(bool),
        detail=_text(context, "no contact"),
    )


def _stage_skipped(context: Context) -> Found | str:
    if context.moves is None:
        return "opportunity_history"
    if not context.moves.has_stages:
        return "stage in opportunity_history"
    skipped = context.open["opportunity_id"].map(context.moves.stages_skipped)
    gap = context.moves.gap_days
    said = f"records stand {gap} days apart, and a stage passed between two of them counts as well"
    return Found(
        checked=skipped.notna(),
        flagged=skipped > 0,
        note=said if gap > 1 else "",
        detail=skipped.astype("Int64").astype("str") + " stages skipped",
    )


def _silent(context: Context) -> Found | str:
    if not context.has("last_activity_date"):
        return "last_activity_date"
    age = _days_since(context, "last_activity_date")
    if context.has("created_date"):  # without any activity the deal's own age counts
        age = age.fillna(_days_since(context, "created_date"))
    return Found(
        checked=age.notna(),
        flagged=age > context.settings.activity_days,
        detail="no activity for " + age.astype("Int64").astype("str") + " days",
    )


def _pushed(context: Context) -> Found | str:
    note = ""
    if context.has("push_count"):
        count = context.open["push_count"].astype("float64")
    elif context.moves is not None and len(context.moves.pushes):
        count = context.open["opportunity_id"].map(context.moves.pushes).astype("float64")
        note = "counted in opportunity_history"
    else:
        return "push_count, or opportunity_history"
    return Found(
        checked=count.notna(),
        flagged=count >= context.settings.push_limit,
        note=note,
        detail="pushed " + count.astype("Int64").astype("str") + " times",
    )


def _old(context: Context) -> Found | str:
    if context.moves is not None and len(context.moves.won_days_in_stage) >= FEWEST:
        return _old_in_stage(context, context.moves)
    if not {"created_date", "close_date", "is_won"} <= {*context.deals.columns}:
        return "created_date, close_date and is_won"
    won = context.deals["is_won"].fillna(False).astype(bool)
    days = (context.deals["close_date"] - context.deals["created_date"]).dt.days[won].dropna()
    if len(days) < FEWEST:
        return f"{FEWEST} won deals with created and close date"
    limit = context.settings.age_factor * days.median()
    age = _days_since(context, "created_date")
    return Found(
        checked=age.notna(),
        flagged=age > limit + _SHIFT,
        detail="open for " + age.astype("Int64").astype("str") + " days",
        note=f"by total age: won deals took {days.median():.0f} days in the median; "
        "age in the stage needs opportunity_history",
    )


def _old_in_stage(context: Context, moves: Moves) -> Found:
    entered = context.open["opportunity_id"].map(moves.stage_entered)
    age = (context.day - entered).dt.days
    usual = moves.won_days_in_stage.groupby("stage")["days"].agg(["median", "size"])
    median = (
        context.open["stage"].map(usual["median"].where(usual["size"] >= FEWEST)).astype("float64")
    )
    known = age.notna() & median.notna()
    return Found(
        checked=known,
        flagged=known & (age > context.settings.age_factor * median),
        detail=age.astype("Int64").astype("str")
        + " days in the stage, won deals took "
        + median.map("{:.0f}".format, na_action="ignore").astype("str"),
        note="by days in the stage, from opportunity_history, against won deals of all segments; "
        "section Pipeline compares within the segment",
    )


def _last_day(context: Context) -> Found | str:
    if not (context.has("close_date") and context.has("owner_id")):
        return "close_date and owner_id"
    rows = context.open
    ends = (rows["close_date"].dt.month - context.fiscal_start + 1) % 3 == 0
    last = (rows["close_date"].dt.is_month_end & ends).where(rows["close_date"].notna(), False)
    known = rows["close_date"].notna() & rows["owner_id"].notna()
    if context.has("deal_type"):
        known &= ~rows["deal_type"].eq("renewal").fillna(False).astype(bool)
    counts = pd.DataFrame({"owner": rows["owner_id"], "last": last, "known": known})
    grouped = counts[known].groupby("owner")["last"].agg(["mean", "size"])
    bulk = grouped.index[
        (grouped["mean"] >= context.settings.period_end_share) & (grouped["size"] >= FEWEST)
    ]
    share = rows["owner_id"].map(grouped["mean"])
    return Found(
        checked=known,
        flagged=known & last & rows["owner_id"].isin(bulk),
        detail=share.map(
            lambda figure: f"{percent(figure)} of the owner's deals close on a last day",
            na_action="ignore",
        ).astype("str"),
    )


def _omitted(context: Context) -> Found | str:
    if not (context.has("forecast_category") and context.has("probability")):
        return "forecast_category and probability"
    rows = context.open
    known = rows["forecast_category"].notna() & rows["probability"].notna()
    late = rows["probability"] >= context.settings.late_probability
    return Found(
        checked=known,
        flagged=known & late & rows["forecast_category"].eq("omitted"),
        detail=_text(context, "late stage, omitted from the forecast"),
    )


def rules() -> Iterator[Rule]:
    """Give the rules in the order in which they are shown."""
    yield Rule(name="no account", meaning="No account", find=_missing("account_id", "no account"))
    yield Rule(name="no owner", meaning="No owner", find=_missing("owner_id", "no owner"))
    yield Rule(name="no product", meaning="No product", find=_missing("product_id", "no product"))
    yield Rule(name="no contact", meaning="No contact linked", find=_no_contact)
    yield Rule(name="no amount", meaning="Amount missing or not above 0", find=_amount_missing)
    yield Rule(
        name="default amount",
        find=_amount_default,
        meaning="Amount estimated by a rule, or shared by at least "
        "{default_amount_share} of open deals",
    )
    yield Rule(
        name="no close date", meaning="No close date", find=_missing("close_date", "no close date")
    )
    yield Rule(
        name="close date past", meaning="Close date before the as-of date", find=_close_date_past
    )
    yield Rule(
        name="close date unchanged",
        find=_close_date_unchanged,
        meaning="Close date unchanged for more than {close_date_unchanged_days} days",
    )
    yield Rule(
        name="pushed",
        meaning="Close date moved into a later month {push_limit} times or more",
        find=_pushed,
    )
    yield Rule(
        name="last day of quarter",
        find=_last_day,
        meaning="Closes on a fiscal quarter's last day, as {period_end_share} or more "
        "of the owner's deals do; renewals are left out",
    )
    yield Rule(
        name="no next step", meaning="No next step", find=_missing("next_step", "no next step")
    )
    yield Rule(
        name="next step old",
        find=_next_step_old,
        meaning="Next step unchanged for more than {next_step_days} days",
    )
    yield Rule(
        name="no activity", find=_silent, meaning="No activity for more than {activity_days} days"
    )
    yield Rule(
        name="single contact",
        find=_single_contact,
        meaning="At least {single_contact_amount}, and at most one contact",
    )
    yield Rule(
        name="stage skipped",
        find=_stage_skipped,
        meaning="Moved forward over a stage, stages being in the order of the whole history",
    )
    yield Rule(
        name="too old", find=_old, meaning="Older than {age_factor} x the median of won deals"
    )
    yield Rule(
        name="late and omitted",
        find=_omitted,
        meaning="Probability of at least {late_probability}, and omitted from the forecast",
    )
