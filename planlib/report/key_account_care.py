"""What the report says on the care of key accounts: closeness, strategy, evaluation, partners."""

from __future__ import annotations

import pandas as pd

from planlib.charts import key_account_closeness as closeness_charts
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView
from planlib.key_accounts.closeness import name_people
from planlib.language import say
from planlib.notes import count_of, percent
from planlib.report.common import account_names, contact_names, named, rep_names
from planlib.report.folds import fold
from planlib.report.key_account_evaluations import (
    evaluation_blocks,
    partner_blocks,
    strategy_blocks,
)
from planlib.report.parts import Block, Gap, Line, Listing, Notes, picture
from planlib.settings.evaluation import ASPECTS

STEP = "05_key_accounts"
_GRAVE = ("silence", "falling", "no_thread")  # of the warnings: the account may be lost
_ALERT_NAMES = {
    "silence": "champion silent",
    "single_thread": "one contact only",
    "no_thread": "no regular contact",
    "dependence": "hangs on one of us",
    "falling": "falling",
}


def decided(view: AudienceView) -> list[Line]:
    """Say how close we are, what is known of who decides, and what was evaluated in time."""
    lines = []
    close = view.rows("account_closeness")
    if len(close):
        carried = close["carried_by"].value_counts()
        lines.append(
            Line(
                f"Closeness of {count_of(len(close), 'key account')}: "
                f"{carried.get('automatic', 0):,} counted from records, "
                f"{carried.get('rated', 0):,} by rating alone, "
                f"{carried.get('none', 0):,} not known.",
                step=STEP,
            )
        )
    seats = view.rows("seat_insight")
    row = seats[(seats["account_id"] == "all") & seats["seats_count"].notna()].to_dict("records")
    if row:
        lines.append(
            Line(
                f"Of {count_of(int(row[0]['seats_count']), 'decision seat')} of key accounts, "
                f"visible factors are on record for {percent(row[0]['visible_share'])}, hidden "
                f"factors for {percent(row[0]['hidden_share'])}, both for "
                f"{percent(row[0]['both_share'])}.",
                step=STEP,
            )
        )
    on_time = view.rows("evaluation_on_time")
    total = on_time[on_time["cut"] == "total"].set_index("aspect")["share"]
    known = [f"{name} {percent(total[name])}" for name in ASPECTS if name in total.index
             and total[name] == total[name]]  # fmt: skip
    if known:
        told = ", ".join(known)
        text = f"Evaluations done in their period, of the periods that are over: {told}."
        lines.append(Line(text, step=STEP))
    return lines


def asks(view: AudienceView) -> list[Line]:
    """Name the strategies to look at again and the gaps among partners."""
    lines = []
    calls = view.rows("strategy_calls")
    if len(calls):
        count = calls["account_id"].nunique()
        without = int((calls["reason"] == "no strategy").sum())
        text = (
            f"Key accounts with a strategy to look at again: {count:,} (without one: {without:,})"
        )
        lines.append(Line(text, step=STEP))
    coverage = view.rows("partner_coverage")
    gaps = coverage[coverage["is_gap"].fillna(False).astype(bool)]
    if len(gaps):
        nowhere = gaps.loc[gaps["detail"].str.contains("in any region"), "kind"].nunique()
        text = (
            f"Kinds of partner expected in a region, and missing or idle there: {len(gaps):,}, of "
            f"which in no region at all: {nowhere:,}"
        )
        lines.append(Line(text, step=STEP))
    return lines


def problems(view: AudienceView) -> list[Line]:
    """Name low logging first, then warnings about closeness and overdue tasks."""
    lines = []
    logging = view.rows("logging_coverage")
    low = logging[logging["is_low"].fillna(False).astype(bool)]
    if len(low):
        accounts = int(low["accounts_count"].fillna(0).sum())
        lines.append(
            Line(
                f"Too little is logged by {count_of(len(low), 'owner')} of key accounts, or they "
                f"are not at work: closeness of {count_of(accounts, 'account')} is not counted, "
                "silence there is not said",
                step=STEP,
            )
        )
    alerts = view.rows("closeness_alerts")
    if len(alerts):
        counts = alerts["alert"].value_counts()
        told = ", ".join(f"{_ALERT_NAMES[name]} {counts[name]}" for name in _ALERT_NAMES
                         if name in counts.index)  # fmt: skip
        lines.append(Line(f"{count_of(len(alerts), 'warning')} about closeness: {told}", step=STEP))
    log = view.rows("director_log")
    late = log[log["is_overdue"].fillna(False).astype(bool)]
    if len(late):
        lines.append(Line(f"{count_of(len(late), 'task')} of directors overdue", step=STEP))
    return lines


def gaps(view: AudienceView) -> list[Gap]:
    """Name what is missing for closeness, strategy, partners and cost."""
    wanted = (
        ("activities", "Counted closeness and effort", "there are no activities",
         "table activities (day, account, contact, rep, kind, direction)"),
        ("stakeholders", "Seats of the buying centre", "there are no stakeholders: contacts are "
         "weighted by level", "table stakeholders (account, seat, contact, decision power)"),
        ("partner_deals", "Deals that partners influenced", "it is not known which partner took "
         "part in which deal", "table partner_deals (partner, deal, role)"),
        ("account_spend", "Money spent on key accounts apart from projects", "it is not recorded: "
         "cost is that of hours and projects", "table account_spend (item, account, day, amount)"),
    )  # fmt: skip
    found = [Gap(what, because, unlock, STEP, frozenset({name}))
             for name, what, because, unlock in wanted if not view.has(name)]  # fmt: skip
    if view.rows("strategy_versions").empty:
        found.append(Gap("Strategies of key accounts", "none is recorded",
                         "overrides/account_strategies.csv", STEP))  # fmt: skip
    return found


def facts(view: AudienceView) -> list[Fact]:
    """Give the median closeness and the warnings."""
    close = view.rows("account_closeness")["closeness"].dropna()
    if close.empty:
        return []
    alerts = len(view.rows("closeness_alerts"))
    note = f"of {len(close):,} key accounts; {alerts:,} warnings"
    return [Fact("Median closeness", float(close.median()), note, "accent", "score")]


def blocks(view: AudienceView) -> list[Block]:
    """Give folds: closeness with its logging first, strategy and evaluation, partners."""
    inside = [*strategy_blocks(view), *evaluation_blocks(view)]
    return [
        *fold("Closeness, and whom a warning concerns", _closeness(view)),
        *fold("Strategy, evaluations in time, three checks, cost and return", inside),
        *fold("Partners, and the tasks of the directors", partner_blocks(view)),
    ]


def threats(view: AudienceView) -> pd.DataFrame:
    """
    Give the key accounts that closeness warns about.

    Returns
    -------
    DataFrame
        ``account_id``, ``warning``: its warnings in words, the gravest first.
    """
    alerts = view.rows("closeness_alerts")
    grave = alerts[alerts["alert"].isin(_GRAVE)]
    order = grave["alert"].map(_GRAVE.index)
    said = warnings_in_words(view, grave).mask(
        grave["alert"] == "falling", "closeness " + grave["detail"]
    )
    grave = grave.assign(order=order, detail=said).sort_values(
        ["account_id", "order", "silent_days", "seat"], ascending=[True, True, False, True]
    )
    lines = grave.groupby("account_id")["detail"].agg(lambda some: "; ".join(dict.fromkeys(some)))
    return lines.rename("warning").reset_index()


def warnings_in_words(view: AudienceView, alerts: pd.DataFrame) -> pd.Series:
    """Give the words of rows of ``closeness_alerts``, with the people whom the audience may see."""
    close = view.rows("account_closeness")
    return name_people(alerts, close, rep_names(view), contact_names(view))


def _closeness(view: AudienceView) -> list[Block]:
    logging, close = view.rows("logging_coverage"), view.rows("account_closeness")
    names, reps = account_names(view), rep_names(view)
    found: list[Block] = []
    if len(logging):
        limit = view.plan.closeness.minimum_logging
        found.append(picture(closeness_charts.plot_logging(logging, reps, limit, as_of=view.as_of)))
    if close["closeness"].notna().any():
        found.append(picture(closeness_charts.plot_closeness(close, names, view.as_of)))
        found.append(picture(closeness_charts.plot_closeness_trend(view.rows("closeness_trend"))))
    alerts = view.rows("closeness_alerts")
    if len(alerts):
        rows = alerts.assign(
            alert=alerts["alert"].map(_ALERT_NAMES),
            account=named(alerts["account_id"], names),
            owner=named(alerts["rep_id"], reps),
            detail=warnings_in_words(view, alerts),
        )
        found.append(
            Listing(
                name="Closeness warnings",
                frame=rows[["alert", "account", "seat", "detail", "owner"]],
                title="Warnings about closeness",
                subtitle="none for accounts whose owner logs too little",
                limit=view.plan.report.rows,
            )
        )
    found += _insight(view, names)
    found += _changes(view)
    out = view.rows("closeness_left_out")
    counted = out[out["rows_count"] > 0].sort_values("reason_order").to_dict("records")
    lines = [
        f"{row['reason']}: {row['rows_count']:,} activities ({row['meaning']})" for row in counted
    ]
    if lines:
        found.append(Notes(lines, "Closeness: what was counted, and what was not"))
    return found


def _insight(view: AudienceView, names: pd.Series) -> list[Block]:
    """Give what is on record of the seats that decide, the least known first, the sum on top."""
    rows = view.rows("seat_insight")
    known = rows[rows["seats_count"].notna()]
    if known.empty:
        return []
    total = (known["account_id"] == "all").astype(int)
    order = ["total", "both_share", "visible_share", "account_id"]
    known = known.assign(total=total).sort_values(order, ascending=[False, True, True, True])
    bare = len(rows) - len(known)
    return [
        Listing(
            name="Seats and their factors",
            frame=known.assign(
                account=named(known["account_id"], names).replace("all", say("all key accounts"))
            )[
                ["account", "seats_count", "visible_count", "hidden_count", "both_count",
                 "both_share", "low", "high", "both_power_share", "fresh_count", "confidence",
                 "last_date"]
            ].reset_index(drop=True),
            title="Who decides, and what is on record of what moves them",
            subtitle=f"decision seats of key accounts, as of {view.as_of}; both / seats with its "
            f"95 % interval; fresh: recorded within {view.plan.closeness.factor_days} days; "
            f"confidence weighted by decision power; {bare:,} key accounts have no recorded seat",
            labels={"seats_count": "Seats", "visible_count": "Visible factor",
                    "hidden_count": "Hidden factor", "both_count": "Both", "both_share": "Share",
                    "both_power_share": "Of the power", "fresh_count": "Fresh",
                    "last_date": "Last record"},
            formats=dict.fromkeys(("both_share", "low", "high", "both_power_share", "confidence"),
                                  "share"),
            missing={"confidence": "not stated", "last_date": "no day"},
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


def _changes(view: AudienceView) -> list[Block]:
    """Give closeness before and after projects, by outcome."""
    rows = view.rows("closeness_projects")
    known = rows[rows["change_score"].notna()]
    if known.empty:
        return []
    grouped = known.groupby("outcome")
    frame = grouped["change_score"].describe()[["count", "25%", "50%", "75%"]]
    frame = frame.assign(before=grouped["before_score"].median(),
                         after=grouped["after_score"].median())  # fmt: skip
    return [
        Listing(
            name="Closeness by project",
            frame=frame.reset_index(),
            title="Does a project deepen closeness? Before the opening against after the decision",
            subtitle=f"points of the counted part; {len(rows) - len(known):,} further projects "
            "without a change, each with its reason in the Excel file",
            labels={"count": "Projects", "25%": "Lower quarter", "50%": "Median change",
                    "75%": "Upper quarter", "before": "Median before", "after": "Median after"},
            formats={"count": "count"},
        )
    ]  # fmt: skip
